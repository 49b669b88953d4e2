"""Lists of employees to be taken in, and what became of them."""

from dataclasses import dataclass, field
from enum import StrEnum

MOST_ROWS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedEmployee:
    """One right line of a list."""

    line: int = field(default=0, compare=False)
    """Where it is in the list, counted from 1 as editors count."""
    email: str
    first_name: str = ""
    last_name: str = ""
    language: str = ""
    tags: tuple[str, ...] | None = None
    """`None` where the list does not say."""


class LineOutcome(StrEnum):
    """What a right line of a list does."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedOutcome:
    """What one line does, and to which fields of somebody who is there already."""

    line: int
    email: str
    outcome: LineOutcome
    changed: tuple[str, ...] = ()
    """Of firstName, lastName, language, tags."""


@dataclass(frozen=True, slots=True)
class ListError:
    """A line of a list that is wrong, counted from 1 as editors count them, and what is wrong."""

    line: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of a list."""

    created: int
    updated: int
    unchanged: int
    errors: tuple[ListError, ...]
    dry_run: bool
    lines: tuple[ListedOutcome, ...] = ()
    """Every right line, in the order of the list."""
