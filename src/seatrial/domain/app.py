"""Organizations, their apps, and the credentials made for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from seatrial.domain.access import Role, TokenScope
from seatrial.domain.build import UNSET, StorageProvider, Unset
from seatrial.domain.buildinfo import Os
from seatrial.domain.ids import AppId, AppTokenId, OrganizationId, ServiceAccountId, TrustedPublisherId, UserId
from seatrial.domain.kept_file import KeptFile
from seatrial.domain.retention import TRASH_DAYS, EffectiveRule, Rule, Run
from seatrial.domain.sdk import SdkChanges, SdkRules, SdkStates
from seatrial.domain.storage_provider import Bucket


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """A workspace: people, apps and credentials that belong together."""

    id: OrganizationId
    name: str
    slug: str
    integrations_enabled: bool
    workspace_enabled: bool
    created_at: datetime
    updated_at: datetime
    require_two_factor: bool = False
    """Whether sessions that were opened by a password alone are told to set a second factor up first."""
    password_sign_in: bool = True
    """False where an identity provider is the only way in; owners may use their password all the same."""
    custom_login_enabled: bool = True
    """Whether apps may name their users without any proof."""
    build_retention_days: int | None = None
    """For apps that choose no age themselves; `None` for none."""
    builds_retained_per_publication: int | None = None
    trash_days: int = TRASH_DAYS
    """For how long what was removed can be brought back."""
    download_log_days: int | None = None
    """Days after which the log of downloads names nobody any more; 0 for never, `None` for the server's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationChanges:
    """Edits to an organization; `UNSET` leaves a value as it is."""

    name: str | Unset = UNSET
    integrations_enabled: bool | Unset = UNSET
    workspace_enabled: bool | Unset = UNSET
    require_two_factor: bool | Unset = UNSET
    custom_login_enabled: bool | Unset = UNSET
    build_retention_days: int | Unset | None = UNSET
    builds_retained_per_publication: int | Unset | None = UNSET
    trash_days: int | Unset = UNSET
    download_log_days: int | Unset | None = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An app whose builds are distributed."""

    id: AppId
    organization_id: OrganizationId
    name: str
    slug: str
    description: str
    picture: str
    """The id of the file with the app's picture, or empty."""
    notify_collaborators: bool
    notify_employees: bool
    created_at: datetime
    updated_at: datetime
    notify_otp_users: bool = False
    notify_feedback: bool = False
    new_build_message: str = ""
    notification_language: str = ""
    """One of es en fr de it zh pt ru, or empty."""
    build_retention_days: int | None = None
    builds_retained_per_publication: int | None = None
    metadata: dict[str, object] = field(default_factory=dict)
    default_scripts: dict[str, str] = field(default_factory=dict)
    picture_source: str = ""
    """The build whose icon the picture was taken from, or empty."""
    downloads: int = 0
    """Ever, those of deleted builds too."""
    last_build_processed_at: datetime | None = None
    sdk: Mapping[Os, SdkRules] = field(default_factory=dict)
    """Rules of the systems that somebody chose some for."""
    feedbacks: int = 0
    storage_provider_id: str = ""
    """Where its new files go; empty: where the organization's go."""


@dataclass(frozen=True, slots=True)
class AppStorage:
    """Where an app's new files go."""

    provider: StorageProvider
    bucket: Bucket | None
    """`None` for the server's own disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppOverview:
    """An app with what its builds add up to."""

    app: App
    builds: int
    platforms: tuple[str, ...]
    """The systems and custom platforms of its builds, each once, in alphabetical order."""
    storage: AppStorage
    sdk: SdkStates
    retention: EffectiveRule = field(default_factory=lambda: EffectiveRule(Rule()))
    last_run: Run | None = None
    """Of the rule of retention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSettings:
    """What people choose about an app; `UNSET` leaves a value as it is, or as it is by default."""

    name: str | Unset = UNSET
    slug: str | Unset = UNSET
    description: str | Unset = UNSET
    notify_collaborators: bool | Unset = UNSET
    notify_employees: bool | Unset = UNSET
    notify_otp_users: bool | Unset = UNSET
    notify_feedback: bool | Unset = UNSET
    new_build_message: str | Unset = UNSET
    notification_language: str | Unset = UNSET
    storage_provider: str | Unset = UNSET
    """The id of a storage provider for new files; empty: where the organization's go."""
    build_retention_days: int | Unset | None = UNSET
    builds_retained_per_publication: int | Unset | None = UNSET
    metadata: dict[str, object] | Unset = UNSET
    """Replaced as a whole."""
    default_scripts: dict[str, str] | Unset = UNSET
    """Merged key by key; the empty string clears one."""
    sdk: Mapping[Os, SdkChanges] = field(default_factory=dict)
    """By system, each merged key by key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFile(KeptFile):
    """An app's picture: a PNG that the app keeps, whatever becomes of the build it came from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with an account."""

    id: UserId
    email: str
    first_name: str
    last_name: str
    picture: str
    created_at: datetime
    updated_at: datetime
    language: str = ""
    """One of es en fr de it zh pt ru, or empty for none chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppToken:
    """A credential of one app; its secret is shown once and kept as a digest only."""

    id: AppTokenId
    organization_id: OrganizationId
    app_id: AppId
    description: str
    scopes: tuple[TokenScope, ...]
    created_by: UserId | None
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime
    publisher_id: TrustedPublisherId | None = None
    """The rule by which an identity token was traded in for it."""
    vouched: Mapping[str, str] = field(default_factory=dict)
    """What that identity token proves of a build's deployer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccount:
    """A credential of a whole organization for programs."""

    id: ServiceAccountId
    organization_id: OrganizationId
    name: str
    role: Role
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccountChanges:
    """Edits to a service account; `UNSET` leaves a value as it is."""

    name: str | Unset = UNSET
    role: Role | Unset = UNSET
    expires_at: datetime | Unset | None = UNSET
