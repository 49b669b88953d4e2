"""A build, its files, and what people may say about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from seatrial.domain.access import Person
from seatrial.domain.attachment import Attachment
from seatrial.domain.buildinfo import BuildInfo
from seatrial.domain.ids import AppId, BuildId, FileId, OrganizationId
from seatrial.domain.place import Place

T = TypeVar("T")


class BuildStatus(StrEnum):
    """Where a build is on its way; `processed` and `error` are final until it is processed again."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    PROCESSED = "processed"
    ERROR = "error"


class Stage(StrEnum):
    """What is being done to a build that is in progress."""

    READING = "reading"
    CONVERTING = "converting"
    """A bundle becomes an APK, which takes the longest."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is."""

    status: BuildStatus
    stage: str
    revision: int
    """Rises with every change, of what people say too."""
    error: str
    error_code: str

    @property
    def step(self) -> tuple[BuildStatus, str]:
        """What is told apart."""
        return self.status, self.stage

    @property
    def is_finished(self) -> bool:
        """Whether nothing is going to happen by itself."""
        return self.status in {BuildStatus.PROCESSED, BuildStatus.ERROR}


class FileType(StrEnum):
    """What a file is to its build."""

    PACKAGE = "package"
    """What a device installs."""
    ICON = "icon"
    ORIGINAL = "original"
    """The bytes as they were uploaded."""
    ATTACHMENT = "attachment"
    SUBMITTED_ICON = "submitted_icon"
    """The `packageIcon` of a custom platform, before it was checked; never shown."""


DEPLOYER_INFO_KEYS = (
    "commitMessage",
    "commit",
    "branch",
    "tag",
    "triggerTimestamp",
    "buildUrl",
    "ciUrl",
    "repositoryUrl",
    "buildNumber",
)
"""The keys of `deployer.info` that are kept; everything else (secrets among it) is dropped."""

DEFAULT_SCRIPT_KEYS = ("preInstall", "postInstall", "audit", "enforce", "runner")


@dataclass(frozen=True, slots=True)
class Deployer:
    """The CI system that delivered a build; absent values are absent keys."""

    name: str = ""
    info: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """Whom to tell about a build and how; `None` means the app's own default."""

    collaborators: bool | None = None
    employees: bool | None = None
    message: str = ""
    language: str = ""
    """One of es en fr de it zh pt ru, or empty."""
    groups: tuple[tuple[str, ...], ...] = ()
    """Employee groups: OR between the outer entries, AND inside one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What an uploader says about a build; the empty string and `()` mean that nothing was said."""

    version_name: str = ""
    tags: tuple[str, ...] = ()
    changelog: str = ""
    build_platform: str = ""
    """Lower case, one of `platforms.BUILD_PLATFORMS`."""
    package_name: str = ""
    package_version: str = ""
    deployer: Deployer = field(default_factory=Deployer)
    notification: Notification = field(default_factory=Notification)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildFile:
    """A file beside or of a build, and where its bytes are."""

    id: FileId
    build_id: BuildId
    type: FileType
    description: str = ""
    original_name: str
    mimetype: str
    size: int
    bucket: str
    key: str
    region: str
    storage_provider_id: str
    checksum: str
    """SHA-256, lower-case hex."""
    created_at: datetime
    updated_at: datetime
    details: Attachment | None = None
    """What an attachment turned out to be; `None` until somebody has looked, and for other files."""

    @property
    def place(self) -> Place:
        """Where its bytes are."""
        return Place(self.storage_provider_id, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationInfo:
    """The app that a build belongs to, as a build shows it."""

    id: AppId
    name: str
    slug: str
    picture: str = ""
    """The id of the file with the app's picture, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageProvider:
    """Where blobs are kept."""

    id: str
    name: str
    region: str
    bucket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One uploaded build with everything known about it."""

    id: BuildId
    organization_id: OrganizationId
    application: ApplicationInfo
    status: BuildStatus
    version_name: str
    version_code: str
    tags: tuple[str, ...]
    changelog: str
    info: BuildInfo | None
    """What processing found out, the icon's bytes left out; `None` before that."""
    size: int
    os: str
    build_platform: str
    queued_ms: int
    process_ms: int
    error: str
    error_code: str
    warnings: tuple[str, ...]
    deployer: Deployer
    uploaded_by: Person
    original_extension: str
    storage_provider: StorageProvider
    files: tuple[BuildFile, ...]
    metadata: dict[str, object]
    default_scripts: dict[str, str]
    disabled: bool
    created_at: datetime
    updated_at: datetime

    def file(self, file_type: FileType) -> BuildFile | None:
        """Find the newest file of a type."""
        return next((file for file in reversed(self.files) if file.type is file_type), None)


class Unset:
    """The type of `UNSET`: a value that a change does not touch."""


UNSET = Unset()


def said_or(said: T | Unset, otherwise: T) -> T:
    """Give what was said, or the other value where nothing was."""
    return otherwise if isinstance(said, Unset) else said


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildChanges:
    """Edits to a build; `UNSET` leaves a value as it is."""

    version_name: str | Unset = UNSET
    tags: tuple[str, ...] | Unset = UNSET
    changelog: str | Unset = UNSET
    metadata: dict[str, object] | Unset = UNSET
    """Replaced as a whole."""
    default_scripts: dict[str, str] | Unset = UNSET
    """Merged key by key; the empty string clears one."""
    disabled: bool | Unset = UNSET


class SortField(StrEnum):
    """What a list of builds can be ordered by."""

    CREATED_AT = "createdAt"
    UPDATED_AT = "updatedAt"
    VERSION_NAME = "versionName"
    VERSION_CODE = "versionCode"
    SIZE = "size"
    STATUS = "status"


DEFAULT_LIMIT = 100
MAX_LIMIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Which page of a list, counted from 1."""

    page: int = 1
    limit: int = DEFAULT_LIMIT

    @property
    def offset(self) -> int:
        """How many come before the page."""
        return (self.page - 1) * self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildQuery(Paging):
    """Which builds of an app, in which order, which page."""

    version_name: str | None = None
    status: BuildStatus | None = None
    os: str | None = None
    sort: SortField = SortField.CREATED_AT
    descending: bool = True


class BuildRef(NamedTuple):
    """A build as it was at one moment: the same revision is the same build to the letter."""

    id: BuildId
    revision: int


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, counted from 1, with the exact number of all matches."""

    items: Sequence[T]
    total: int
    page: int
    limit: int
