"""What a look at a server found: one sentence for each thing looked at, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    WARNING = "warning"
    """Works, and will bite one day, or for some people."""
    ERROR = "error"
    """Something does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `name` stays the same over versions."""

    name: str
    level: Level
    says: str
    fix: str = ""


def good(name: str, says: str) -> Finding:
    """Find something in order."""
    return Finding(name, Level.OK, says)


def warning(name: str, says: str, fix: str) -> Finding:
    """Find something that works, and could be better."""
    return Finding(name, Level.WARNING, says, fix)


def wrong(name: str, says: str, fix: str) -> Finding:
    """Find something that does not work."""
    return Finding(name, Level.ERROR, says, fix)
