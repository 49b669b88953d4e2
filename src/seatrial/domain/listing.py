"""Lists of what belongs to an organization: which, in which order, which page."""

from dataclasses import dataclass

from seatrial.domain.build import Paging


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery(Paging):
    """One page of a list; `None` filters nothing."""

    name: str | None = None
    """A part of the name, in any case."""
    slug: str | None = None
    """Exactly this."""
    email: str | None = None
    """Exactly this, in any case."""
    group: str | None = None
    """In the group of this name, in any case."""
    text: str | None = None
    """A part of a person's names or e-mail address, in any case."""
    sort: str = "createdAt"
    descending: bool = True
