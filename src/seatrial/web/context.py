"""What every request handler works with, made once in `bootstrap`."""

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import structlog
from starlette.requests import Request

from seatrial.domain.build import Progress
from seatrial.meter import Meter
from seatrial.services.accounts import Accounts
from seatrial.services.app_collaborators import AppCollaborators
from seatrial.services.app_pictures import AppPictures
from seatrial.services.app_tokens import AppTokens
from seatrial.services.apps import Apps
from seatrial.services.audiences import Audiences
from seatrial.services.audit import AuditLog
from seatrial.services.build_lists import BuildLists
from seatrial.services.builds import Builds
from seatrial.services.countries import Countries
from seatrial.services.direct_uploads import DirectUploads
from seatrial.services.doctor import Doctor
from seatrial.services.download_log import DownloadLog
from seatrial.services.downloads import Downloads
from seatrial.services.employee_import import EmployeeImport
from seatrial.services.employees import Employees
from seatrial.services.enrolments import Enrolments
from seatrial.services.expirations import Expirations
from seatrial.services.feedback_videos import FeedbackVideos
from seatrial.services.feedbacks import Feedbacks
from seatrial.services.groups import Groups
from seatrial.services.health import Healths
from seatrial.services.identity import Identity
from seatrial.services.identity_exchange import IdentityExchange
from seatrial.services.identity_providers import IdentityProviders
from seatrial.services.invitations import Invitations
from seatrial.services.known_devices import KnownDevices
from seatrial.services.mail_preferences import MailPreferences
from seatrial.services.mails import Mails
from seatrial.services.member_logins import MemberLogins
from seatrial.services.member_sessions import MemberSessions
from seatrial.services.notification_previews import NotificationPreviews
from seatrial.services.notifications import Notifications
from seatrial.services.numbers import Numbers
from seatrial.services.oidc import Oidc
from seatrial.services.organizations import Organizations
from seatrial.services.password_resets import PasswordResets
from seatrial.services.pins import Pins
from seatrial.services.probes import Probes
from seatrial.services.publication_previews import PublicationPreviews
from seatrial.services.publications import Publications
from seatrial.services.quotas import Quotas
from seatrial.services.readiness import Readiness
from seatrial.services.reprocessing import Reprocessing
from seatrial.services.resumable_uploads import ResumableUploads
from seatrial.services.retention import Retention
from seatrial.services.sdk import Sdk
from seatrial.services.second_factors import SecondFactors
from seatrial.services.service_accounts import ServiceAccounts
from seatrial.services.sessions import Sessions
from seatrial.services.setup import Setup
from seatrial.services.sign_in_steps import SignInSteps
from seatrial.services.signing_keys import SigningKeys
from seatrial.services.space import check_space
from seatrial.services.storage_providers import StorageProviders
from seatrial.services.store import Store
from seatrial.services.trash import Trash
from seatrial.services.trusted_publishers import TrustedPublishers
from seatrial.services.uploads import Uploads
from seatrial.services.users import Users
from seatrial.services.webhook_deliveries import WebhookDeliveries
from seatrial.services.webhooks import Webhooks
from seatrial.web.handover import Handover
from seatrial.web.lane import in_thread
from seatrial.web.live import Live
from seatrial.web.multipart import FormLimits
from seatrial.web.places import Places
from seatrial.web.rendered import RenderedBuilds
from seatrial.web.watch import Watch

if TYPE_CHECKING:
    from seatrial.web.rates import Rates

log = structlog.get_logger()

T = TypeVar("T")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """What a request body may cost; sizes in bytes, times in seconds."""

    json: int
    idle_read: float
    refused: int
    refused_seconds: float
    feedback: int = 16 << 20
    slow_rate: int = 1024
    """Bytes a second that a body must bring, averaged over `slow_seconds`."""
    slow_seconds: float = 60.0
    requests: int = 2000
    """At once, in this process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicUrls:
    """The bases of URLs handed out, as the operator set them."""

    api: str | None = None
    upload: str | None = None
    download: str | None = None
    sdk: str | None = None
    allowed_hosts: frozenset[str] = LOOPBACK
    hsts_seconds: int = 0
    """How long browsers that came by https come by nothing else; 0 for not saying so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Threads:
    """Threads by what they wait for, so that a list never queues behind a disk."""

    read: ThreadPoolExecutor
    write: ThreadPoolExecutor
    upload: ThreadPoolExecutor
    password: ThreadPoolExecutor
    """Comparing passwords costs much on purpose: two at a time, so that a flood of logins stops nothing else."""

    def close(self) -> None:
        """Wait for what runs and end."""
        for pool in (self.password, self.upload, self.write, self.read):
            pool.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The services and limits behind the routes."""

    identity: Identity
    uploads: Uploads
    resumable_uploads: ResumableUploads
    direct_uploads: DirectUploads
    builds: Builds
    build_lists: BuildLists
    reprocessing: Reprocessing
    downloads: Downloads
    download_log: DownloadLog
    sdk: Sdk
    feedbacks: Feedbacks
    feedback_videos: FeedbackVideos
    organizations: Organizations
    apps: Apps
    app_pictures: AppPictures
    app_tokens: AppTokens
    signing_keys: SigningKeys
    service_accounts: ServiceAccounts
    users: Users
    employees: Employees
    employee_import: EmployeeImport
    groups: Groups
    audiences: Audiences
    app_collaborators: AppCollaborators
    invitations: Invitations
    sessions: Sessions
    sign_in_steps: SignInSteps
    member_sessions: MemberSessions
    publications: Publications
    storefront: Store
    enrolments: Enrolments
    known_devices: KnownDevices
    countries: Countries
    countries_header: str
    """The header in which a proxy says where a request comes from; empty for none."""
    member_logins: MemberLogins
    accounts: Accounts
    second_factors: SecondFactors
    password_resets: PasswordResets
    webhooks: Webhooks
    webhook_deliveries: WebhookDeliveries
    expirations: Expirations
    notifications: Notifications
    notification_previews: NotificationPreviews
    mails: Mails
    mail_preferences: MailPreferences
    identity_providers: IdentityProviders
    storage_providers: StorageProviders
    oidc: Oidc
    trusted_publishers: TrustedPublishers
    identity_exchange: IdentityExchange
    setup: Setup
    publication_previews: PublicationPreviews
    numbers: Numbers
    health: Healths
    audit: AuditLog
    retention: Retention
    quotas: Quotas
    rates: "Rates"
    pins: Pins
    trash: Trash
    urls: PublicUrls
    form_limits: FormLimits
    body_limits: BodyLimits
    threads: Threads
    rendered: RenderedBuilds = field(default_factory=RenderedBuilds)
    live: Live = field(default_factory=Live)
    watch: Watch = field(init=False)
    handover: Handover | None = None
    """How files are left to the proxy in front."""
    upload_places: Places = field(default_factory=Places)
    is_healthy: Callable[[], None] = field(default=lambda: None)
    """Raises ServiceUnavailable."""
    readiness: Readiness
    doctor: Doctor
    probes: Probes
    meter: Meter
    metrics_token: str
    """What reads `/metrics` from afar; empty: only this machine does."""

    def __post_init__(self) -> None:
        async def look(build_ids: Collection[str]) -> Mapping[str, Progress]:
            return await self.read(lambda: self.builds.progress(build_ids))

        object.__setattr__(self, "watch", Watch(look))

    def begin_to_stop(self) -> None:
        """End what would go on for ever."""
        self.live.stop()
        self.watch.stop()

    async def read(self, call: Callable[[], T]) -> T:
        """Run a call that looks at the database."""
        return await in_thread(self.threads.read, call)

    async def write(self, call: Callable[[], T]) -> T:
        """Run a call that changes the database, to its end even when the client goes away."""
        return await in_thread(self.threads.write, call)

    def later(self, call: Callable[[], None]) -> None:
        """Have a call change the database soon, without waiting for it; that it failed is in the log."""

        def run() -> None:
            try:
                call()
            except Exception:
                log.exception("what was left for later failed")

        self.threads.write.submit(run)

    async def store(self, call: Callable[[], T]) -> T:
        """Run a call that waits for storage, to its end even when the client goes away."""
        return await in_thread(self.threads.upload, call)

    async def require_space(self, announced_bytes: int | None) -> None:
        """Look, before a body is read, whether it fits below the water mark.

        Raises InsufficientStorage.
        """
        await self.read(lambda: check_space(self.uploads.blobs.home, announced_bytes))

    async def compare(self, call: Callable[[], T]) -> T:
        """Run a call that compares passwords, or makes keys."""
        return await in_thread(self.threads.password, call)


def context_of(request: Request) -> Context:
    """Give a request its context."""
    context: Context = request.app.state.context
    return context
