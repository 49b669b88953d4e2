"""People as they were at a moment: kept beside what they did, so that it stays true when they change or leave."""

from seatrial.domain.access import Person


def to_json(person: Person) -> dict[str, str]:
    """Make a person storable."""
    return {
        "id": person.id,
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "picture": person.picture,
    }


def from_json(stored: dict[str, str]) -> Person:
    """Make a person of what was stored."""
    return Person(**stored)
