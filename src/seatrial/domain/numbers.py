"""What an organization's apps add up to, and how that went over time."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day, in UTC."""

    date: date
    builds: int
    failures: int
    downloads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What there is now; `stored` is bytes, added up now and then."""

    apps: int
    builds: int
    failed: int
    downloads: int
    stored: int
