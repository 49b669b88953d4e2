"""What people say about an app, from inside it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from seatrial.domain.access import Person
from seatrial.domain.build import Paging
from seatrial.domain.device import Device
from seatrial.domain.download import NOBODY, DownloaderType
from seatrial.domain.ids import AppId, FeedbackId, OrganizationId
from seatrial.domain.kept_file import KeptFile


class FeedbackType(StrEnum):
    """What it is about."""

    FEEDBACK = "feedback"
    BUG = "bug"


class FeedbackStatus(StrEnum):
    """What has become of it."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"


class FeedbackFileKind(StrEnum):
    """What was sent along."""

    SCREENSHOT = "screenshot"
    VIDEO = "video"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackFile(KeptFile):
    """A picture or a film that came with feedback."""

    feedback_id: FeedbackId
    kind: FeedbackFileKind


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackAuthor:
    """Who said it; nobody, where the app did not know and did not ask."""

    type: DownloaderType = DownloaderType.ANONYMOUS
    person: Person = NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackSaid:
    """What a device sent."""

    type: FeedbackType
    message: str
    email: str = ""
    package: dict[str, str] = field(default_factory=dict)
    """`packageInfo`, as it was said."""
    device: dict[str, dict[str, object]] = field(default_factory=dict)
    """`deviceInfo`, as it was said."""
    screenshot: bytes | None = field(default=None, repr=False)
    has_video: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One piece of feedback."""

    id: FeedbackId
    organization_id: OrganizationId
    app_id: AppId
    type: FeedbackType
    status: FeedbackStatus
    message: str
    author: FeedbackAuthor
    package: dict[str, str]
    device: dict[str, dict[str, object]]
    sender: Device
    """What the headers said."""
    build_id: str
    """The build it was said about, or empty."""
    has_video: bool
    created_at: datetime
    updated_at: datetime
    files: tuple[FeedbackFile, ...] = ()

    def file(self, kind: FeedbackFileKind) -> FeedbackFile | None:
        """Give what was sent along of one kind."""
        return next((file for file in self.files if file.kind is kind), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackQuery(Paging):
    """Which feedback of an app, in which order, which page; `None` filters nothing."""

    type: FeedbackType | None = None
    status: FeedbackStatus | None = None
    email: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    sort: str = "createdAt"
    descending: bool = True
