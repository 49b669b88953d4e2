"""Download tokens and the record of downloads."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from seatrial.domain.access import Person
from seatrial.domain.build import Paging
from seatrial.domain.device import Device
from seatrial.domain.ids import BuildId, FileId
from seatrial.domain.membership import MemberIdentity


class DownloadType(StrEnum):
    """Which file of a build a token leads to (contract 1.5)."""

    AUTO = "auto"
    """What a device installs: the package, or Apple's manifest."""
    FILE = "file"
    """The package itself, never a manifest."""
    AAB = "aab"
    """The Android App Bundle instead of the APK made of it."""


class DownloadOrigin(StrEnum):
    """Where a token was made (contract 2.1); the vendor knows more places, which this server does not have."""

    STORE = "store"
    SDK = "sdk"
    DASHBOARD = "dashboard"
    INTEGRATION_API = "integrationApi"


class DownloaderType(StrEnum):
    """What the log calls whoever a token was made for (contract 2.1)."""

    USER = "user"
    EMPLOYEE = "employee"
    UNKNOWN = "unknown"
    """A program."""
    ANONYMOUS = "anonymous"
    """Nobody who said a name, or one whose name was removed from the log."""


NOBODY = Person(id="", email="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whom a download token is made for, and where."""

    origin: DownloadOrigin
    type: DownloaderType = DownloaderType.ANONYMOUS
    person: Person = NOBODY
    device: Device = field(default_factory=Device)


def holder_of(
    member: MemberIdentity | None, origin: DownloadOrigin, device: Device | None = None, person: Person = NOBODY
) -> Holder:
    """Give the holder that a member is; without one, whoever the person says they are, or nobody."""
    if member is None:
        return Holder(origin=origin, person=person, device=device or Device())
    known = Person(
        id=member.id,
        email=member.email,
        first_name=member.first_name,
        last_name=member.last_name,
        picture=member.picture,
    )
    return Holder(origin=origin, type=DownloaderType(member.kind.value), person=known, device=device or Device())


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadToken:
    """A fresh token; the secret is shown once."""

    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One download: whom its token was made for, and from where it was used."""

    id: str
    build_id: BuildId
    origin: str
    member_type: str
    member: Person
    created_at: datetime
    address: str = ""
    """What the server's privacy settings leave of it."""
    user_agent: str = ""
    device: Device = field(default_factory=Device)


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadRequest:
    """Which file of a build a token is wanted for; `file_id` wins over `type` (decision 17)."""

    file_id: FileId | None = None
    type: DownloadType = DownloadType.AUTO


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadQuery(Paging):
    """Which downloads, in which order of their time, which page."""

    email: str | None = None
    since: datetime | None = None
    """The earliest time, itself included."""
    until: datetime | None = None
    """The latest time, itself included."""
    descending: bool = True
