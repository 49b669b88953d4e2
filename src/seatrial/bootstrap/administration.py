"""What the command line administers with: services without doors."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from seatrial.bootstrap.login_limits import open_login_limits
from seatrial.bootstrap.mailing import open_previews
from seatrial.bootstrap.quotas import open_quotas
from seatrial.bootstrap.storage import home_bucket, home_provider, open_providers
from seatrial.bootstrap.uploads import open_idempotency
from seatrial.config import Settings
from seatrial.db import schema
from seatrial.db.engine import Database, UnknownDatabase
from seatrial.db.published import PublishedBuilds
from seatrial.domain.clock import utc_now
from seatrial.keyring import SettingsInvalid, encryption_keys, signing_keys
from seatrial.services.app_tokens import AppTokens
from seatrial.services.apps import Apps
from seatrial.services.audiences import Audiences
from seatrial.services.audit import AuditLog
from seatrial.services.employee_import import EmployeeImport
from seatrial.services.employees import Employees
from seatrial.services.groups import Groups
from seatrial.services.invitations import Invitations
from seatrial.services.mail_room import MailRoom
from seatrial.services.notification_previews import NotificationPreviews
from seatrial.services.organizations import Organizations
from seatrial.services.post import ClosedPost
from seatrial.services.quotas import Quotas
from seatrial.services.reprocessing import Reprocessing
from seatrial.services.retention import Retention
from seatrial.services.second_factors import SecondFactors
from seatrial.services.service_accounts import ServiceAccounts
from seatrial.services.signing_keys import SigningKeys
from seatrial.services.storage_providers import StorageProviders
from seatrial.services.trusted_publishers import TrustedPublishers
from seatrial.services.users import Users
from seatrial.services.workspaces import Workspaces
from seatrial.storage.sealing import Sealer
from seatrial.worker.jobs import EngineJobs

UNFINISHED_RESTORE = "restore.unfinished"
"""A file in a data directory that is being filled from a backup."""


def open_database(settings: Settings) -> Database:
    """Open the database and bring its schema to this program's version.

    Raises ServiceUnavailable, SettingsInvalid.
    """
    # What is in it concerns nobody else on the machine.
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (settings.data_dir / UNFINISHED_RESTORE).exists():
        raise SettingsInvalid(f"{settings.data_dir} holds a restore that did not end: remove it and restore again")
    try:
        database = Database(
            settings.database,
            busy_seconds=settings.database_busy_seconds,
            pool_size=settings.database_pool,
            silent_seconds=settings.database_silent_seconds,
        )
    except UnknownDatabase as error:
        raise SettingsInvalid(f"database_url: {error}") from error
    schema.upgrade(database)
    return database


def open_workspaces(settings: Settings) -> tuple[Database, Workspaces]:
    """Give the command line what it needs to make a workspace, and the database to close."""
    database = open_database(settings)
    signing_keys(settings)
    return database, Workspaces(database, utc_now)


@dataclass(frozen=True, slots=True)
class Administration:
    """What an operator administers with at the command line: the services behind the API, without its doors."""

    database: Database
    jobs: EngineJobs
    workspaces: Workspaces
    organizations: Organizations
    apps: Apps
    app_tokens: AppTokens
    trusted_publishers: TrustedPublishers
    signing_keys: SigningKeys
    service_accounts: ServiceAccounts
    storage_providers: StorageProviders
    users: Users
    employees: Employees
    employee_import: EmployeeImport
    groups: Groups
    audiences: Audiences
    invitations: Invitations
    second_factors: SecondFactors
    retention: Retention
    audit: AuditLog
    quotas: Quotas
    notification_previews: NotificationPreviews
    reprocessing: Reprocessing

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.jobs.close()
        self.database.close()


def open_administration(settings: Settings) -> Administration:
    """Give the command line what it needs to administer.

    Raises ServiceUnavailable.
    """
    database = open_database(settings)
    sealer = Sealer(encryption_keys(settings))
    jobs = EngineJobs(database)
    jobs.ready()
    idempotency = open_idempotency(settings, database)
    post = MailRoom(jobs, sealer, utc_now)
    return Administration(
        database=database,
        jobs=jobs,
        workspaces=Workspaces(database, utc_now),
        organizations=Organizations(database, utc_now),
        apps=Apps(database, home_provider(settings), utc_now, home_bucket(settings)),
        app_tokens=AppTokens(database, utc_now),
        trusted_publishers=TrustedPublishers(database, settings.oidc.allow_loopback, utc_now),
        signing_keys=SigningKeys(database, sealer, idempotency, utc_now),
        service_accounts=ServiceAccounts(database, utc_now),
        storage_providers=open_providers(settings, database, sealer),
        users=Users(database, utc_now),
        employees=Employees(database, utc_now),
        employee_import=EmployeeImport(database, idempotency, utc_now),
        groups=Groups(database, utc_now),
        audiences=Audiences(database, utc_now),
        invitations=_invitations(settings, database),
        notification_previews=open_previews(settings, database),
        second_factors=SecondFactors(database, sealer, post, utc_now),
        audit=AuditLog(database, utc_now),
        retention=Retention(database, PublishedBuilds(), utc_now),
        reprocessing=Reprocessing(database, jobs, utc_now, idempotency),
        quotas=open_quotas(settings, database),
    )


def _invitations(settings: Settings, database: Database) -> Invitations:
    life = timedelta(seconds=settings.tokens.invitation)
    return Invitations(database, ClosedPost(), open_login_limits(settings, database), life, utc_now)


def migrate(settings: Settings) -> str:
    """Bring the schema, the job engine's too, to this program's version; gives that version."""
    database = open_database(settings)
    try:
        jobs = EngineJobs(database)
        jobs.ready()
        jobs.close()
    finally:
        database.close()
    return schema.head()
