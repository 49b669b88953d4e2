"""Who can be written to."""

from dataclasses import dataclass

from seatrial.domain.membership import MemberKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A person of an organization and how to address them."""

    kind: MemberKind
    id: str
    email: str
    first_name: str
    last_name: str
    language: str
    """One of es en fr de it zh pt ru, or empty where the person has none."""

    @property
    def full_name(self) -> str:
        """The names, as far as they are known."""
        return f"{self.first_name} {self.last_name}".strip()
