"""Download tokens and the record of downloads."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from seatrial.domain.access import Person
from seatrial.domain.build import DEFAULT_LIMIT
from seatrial.domain.ids import BuildId, FileId


class DownloadType(StrEnum):
    """Which file of a build a token leads to (contract 1.5)."""

    AUTO = "auto"
    """What a device installs: the package, or Apple's manifest."""
    FILE = "file"
    """The package itself, never a manifest."""
    AAB = "aab"
    """The Android App Bundle instead of the APK made of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadToken:
    """A fresh token; the secret is shown once."""

    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One redeemed token, and by whom it was issued."""

    id: str
    build_id: BuildId
    origin: str
    member_type: str
    member: Person
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadRequest:
    """Which file of a build a token is wanted for; `file_id` wins over `type` (decision 17)."""

    file_id: FileId | None = None
    type: DownloadType = DownloadType.AUTO


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadQuery:
    """Which downloads of a build, in which order of their time, which page."""

    email: str | None = None
    since: datetime | None = None
    """The earliest time, itself included."""
    until: datetime | None = None
    """The latest time, itself included."""
    descending: bool = True
    page: int = 1
    limit: int = DEFAULT_LIMIT
