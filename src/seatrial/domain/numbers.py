"""What an organization's apps add up to, and how that went over time."""

from dataclasses import dataclass
from datetime import date, datetime

from seatrial.domain.build import BuildStatus
from seatrial.domain.ids import BuildId


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """An app with builds that could not be understood."""

    name: str
    slug: str
    builds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The newest build of one system, whatever became of it."""

    id: BuildId
    os: str
    version_name: str
    version_code: str
    status: BuildStatus
    created_at: datetime
