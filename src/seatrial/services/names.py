"""The rule for names that people give to things."""

from seatrial.domain.errors import InvalidRequest

LONGEST_NAME = 255


def checked_name(name: str, field: str = "name") -> str:
    """Give a name without the blanks around it.

    Raises InvalidRequest for one that is empty or too long.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise InvalidRequest({field: f"must be 1 to {LONGEST_NAME} characters"})
    return name
