"""Lists of employees to be taken in, and what became of them."""

from dataclasses import dataclass

MOST_ROWS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedEmployee:
    """One right line of a list."""

    email: str
    first_name: str = ""
    last_name: str = ""
    language: str = ""
    tags: tuple[str, ...] | None = None
    """`None` where the list does not say."""


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
