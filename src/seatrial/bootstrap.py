"""From settings to services: the only file that knows every adapter."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from urllib.parse import urlsplit

from fastapi import FastAPI

from seatrial.config import Settings
from seatrial.db import schema
from seatrial.db.engine import Database, UnknownDatabase
from seatrial.db.executors import ExecutorRole
from seatrial.domain.clock import utc_now
from seatrial.domain.errors import InsufficientStorage, ProcessingCode
from seatrial.domain.ids import BuildId, new_entity_id
from seatrial.keyring import SettingsInvalid, encryption_keys, signing_keys
from seatrial.parsers.isolation import ParsePool
from seatrial.reading import parse_limits
from seatrial.services.app_pictures import AppPictures
from seatrial.services.app_tokens import AppTokens
from seatrial.services.apps import Apps
from seatrial.services.attachments import Attachments
from seatrial.services.builds import Builds
from seatrial.services.conversion import Conversion
from seatrial.services.derived_files import DerivedFiles
from seatrial.services.downloads import Downloads
from seatrial.services.identity import Identity
from seatrial.services.loose_blobs import LooseBlobs
from seatrial.services.organizations import Organizations
from seatrial.services.processing import Processing
from seatrial.services.service_accounts import ServiceAccounts
from seatrial.services.sessions import SessionRules, Sessions
from seatrial.services.setup import Setup
from seatrial.services.signing_keys import SigningKeys
from seatrial.services.uploads import Uploads
from seatrial.services.users import Users
from seatrial.services.workspaces import Workspaces
from seatrial.storage.local import LocalBlobStore
from seatrial.storage.sealing import Sealer
from seatrial.storage.signing import UrlSigner
from seatrial.tools.bundletool import Bundletool
from seatrial.web.app import create_app
from seatrial.web.context import LOOPBACK, BodyLimits, Context, PublicUrls, Threads
from seatrial.web.multipart import FormLimits
from seatrial.worker.executors import Executors
from seatrial.worker.jobs import EngineJobs
from seatrial.worker.maintenance import Maintenance
from seatrial.worker.worker import Worker
from seatrial.worker.workflows import AttachmentCalls

READ_THREADS_SQLITE, READ_THREADS, WRITE_THREADS, UPLOAD_THREADS, PASSWORD_THREADS = 2, 4, 4, 32, 2


def open_database(settings: Settings) -> Database:
    """Open the database and bring its schema to this program's version.

    Raises ServiceUnavailable, SettingsInvalid.
    """
    # What is in it concerns nobody else on the machine.
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        database = Database(
            settings.database, busy_seconds=settings.database_busy_seconds, pool_size=settings.database_pool
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
    workspaces: Workspaces
    organizations: Organizations
    apps: Apps
    app_tokens: AppTokens
    signing_keys: SigningKeys
    service_accounts: ServiceAccounts
    users: Users

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()


def open_administration(settings: Settings) -> Administration:
    """Give the command line what it needs to administer.

    Raises ServiceUnavailable.
    """
    database = open_database(settings)
    return Administration(
        database=database,
        workspaces=Workspaces(database, utc_now),
        organizations=Organizations(database, utc_now),
        apps=Apps(database, LocalBlobStore.provider, utc_now),
        app_tokens=AppTokens(database, utc_now),
        signing_keys=SigningKeys(database, Sealer(encryption_keys(settings)), utc_now),
        service_accounts=ServiceAccounts(database, utc_now),
        users=Users(database, utc_now),
    )


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


@dataclass(slots=True)
class House:
    """What every long-running process has: opened in order, closed in reverse."""

    settings: Settings
    database: Database
    blobs: LocalBlobStore
    loose: LooseBlobs
    jobs: EngineJobs
    downloads: Downloads
    sessions: Sessions
    signing_keys: SigningKeys
    executor_id: str
    stack: ExitStack
    is_drained: bool = True
    """False, once closed, where jobs still ran when their time was over; the process must then end by `os._exit`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()


@dataclass(slots=True)
class Server:
    """A house with a door to the street."""

    house: House
    setup: Setup
    app: FastAPI

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.house.stack.close()


def open_server(settings: Settings, host: str, *, with_worker: bool) -> Server:
    """Open everything that `seatrial serve` needs, and begin to process what waits.

    Raises ServiceUnavailable, SettingsInvalid.
    """
    house = _open_house(settings, ExecutorRole.API)
    with ExitStack() as stack:
        stack.callback(house.stack.close)
        if with_worker:
            _start_worker(house)
        threads = _threads(house.database)
        house.stack.callback(threads.close)
        workspaces = Workspaces(house.database, utc_now)
        setup = Setup(workspaces)
        app = create_app(_context(house, host, threads, setup))
        stack.pop_all()
    return Server(house, setup, app)


def open_worker(settings: Settings) -> House:
    """Open everything that `seatrial worker` needs, and begin to process what waits.

    Raises ServiceUnavailable, SettingsInvalid.
    """
    house = _open_house(settings, ExecutorRole.WORKER)
    with ExitStack() as stack:
        stack.callback(house.stack.close)
        _start_worker(house)
        stack.pop_all()
    return house


def _open_house(settings: Settings, role: ExecutorRole) -> House:
    with ExitStack() as stack:
        database = open_database(settings)
        stack.callback(database.close)
        signer = UrlSigner(signing_keys(settings))
        executor_id = new_entity_id()
        reserve = settings.storage.reserve
        blobs = LocalBlobStore(
            settings.storage.directory or settings.data_dir / "blobs", None if reserve is None else int(reserve)
        )
        jobs = EngineJobs(database)
        stack.callback(jobs.close)
        jobs.ready()
        loose = LooseBlobs(database, blobs, executor_id, utc_now)
        executors = Executors(
            database,
            settings.data_dir,
            executor_id,
            role,
            now=utc_now,
            on_death=[jobs.take_over, _sweeping(loose)],
            owners=jobs.owners,
            ttl_seconds=settings.worker.dead_after,
        )
        executors.start()
        stack.callback(executors.stop)
        downloads = Downloads(
            database,
            blobs,
            signer,
            timedelta(seconds=settings.tokens.download),
            timedelta(seconds=settings.tokens.signed_url),
            utc_now,
        )
        sessions = Sessions(database, _session_rules(settings), utc_now)
        loose.sweep()
        maintenance = Maintenance([loose.sweep, downloads.forget_old_tokens, sessions.forget_old])
        maintenance.start()
        stack.callback(maintenance.stop)
        keys = SigningKeys(database, Sealer(encryption_keys(settings)), utc_now)
        return House(settings, database, blobs, loose, jobs, downloads, sessions, keys, executor_id, stack.pop_all())


def _context(house: House, host: str, threads: Threads, setup: Setup) -> Context:
    settings, database, loose = house.settings, house.database, house.loose
    return Context(
        identity=Identity(database, _identity_host(settings, host), utc_now),
        uploads=Uploads(database, house.blobs, loose, house.jobs, settings.limits.file_parts, utc_now),
        builds=Builds(database, loose, utc_now),
        downloads=house.downloads,
        organizations=Organizations(database, utc_now),
        apps=Apps(database, house.blobs.provider, utc_now),
        app_pictures=AppPictures(database, house.blobs, loose, utc_now),
        app_tokens=AppTokens(database, utc_now),
        signing_keys=house.signing_keys,
        service_accounts=ServiceAccounts(database, utc_now),
        users=Users(database, utc_now),
        sessions=house.sessions,
        setup=setup,
        urls=_public_urls(settings, host),
        form_limits=_form_limits(settings),
        body_limits=BodyLimits(
            json=int(settings.limits.json_body),
            idle_read=settings.limits.idle_read,
            refused=int(settings.limits.refused_body),
            refused_seconds=settings.limits.refused_seconds,
        ),
        threads=threads,
        is_healthy=database.ping,
    )


def _start_worker(house: House) -> None:
    settings = house.settings
    pool = ParsePool(settings.worker.concurrency, parse_limits(settings.parsing))
    house.stack.callback(pool.close)
    derived = DerivedFiles(house.blobs, house.loose, utc_now)
    conversion = Conversion(house.blobs, derived, house.signing_keys, _bundletool(settings))
    processing = Processing(house.database, house.blobs, house.loose, derived, conversion, pool, utc_now)
    attachments = Attachments(house.database, house.blobs, pool)

    def exhausted(build_id: str, attempt: int, error: Exception) -> None:
        unreadable = isinstance(error, OSError | InsufficientStorage)
        code = ProcessingCode.STORAGE_UNAVAILABLE if unreadable else ProcessingCode.INTERNAL
        processing.fail(BuildId(build_id), attempt, code)

    worker = Worker(
        house.jobs,
        house.executor_id,
        lambda build_id, attempt: processing.run(BuildId(build_id), attempt),
        exhausted,
        AttachmentCalls(attachments.understand, attachments.give_up),
        now=utc_now,
        concurrency=settings.worker.concurrency,
    )
    worker.start()

    def stop() -> None:
        house.is_drained = worker.stop(settings.worker.drain_seconds)

    house.stack.callback(stop)


def _bundletool(settings: Settings) -> Bundletool:
    said = settings.bundletool
    return Bundletool(
        jar=said.jar or settings.data_dir / "tools" / "bundletool.jar",
        java=said.java,
        scratch=settings.data_dir / "run" / "conversions",
        memory=int(said.memory),
        seconds=said.seconds,
        output=int(said.output),
    )


def _sweeping(loose: LooseBlobs) -> Callable[[str], None]:
    def sweep(dead_executor: str) -> None:
        loose.sweep(dead_executor)

    return sweep


def _threads(database: Database) -> Threads:
    readers = READ_THREADS_SQLITE if database.is_sqlite else READ_THREADS
    return Threads(
        read=ThreadPoolExecutor(readers, "read"),
        write=ThreadPoolExecutor(WRITE_THREADS, "write"),
        upload=ThreadPoolExecutor(UPLOAD_THREADS, "upload"),
        password=ThreadPoolExecutor(PASSWORD_THREADS, "password"),
    )


def _session_rules(settings: Settings) -> SessionRules:
    return SessionRules(
        access_life=timedelta(seconds=settings.tokens.session),
        refresh_life=timedelta(seconds=settings.tokens.refresh),
        failures_per_account=settings.login.failures_per_account,
        failures_per_address=settings.login.failures_per_address,
        failure_window=timedelta(seconds=settings.login.window),
    )


def _form_limits(settings: Settings) -> FormLimits:
    limits = settings.limits
    return FormLimits(
        body=int(limits.body),
        files=limits.file_parts,
        fields=limits.field_parts,
        field=int(limits.field),
        long_field=int(limits.text_field),
    )


def _public_urls(settings: Settings, host: str) -> PublicUrls:
    bound = f"[{host}]" if ":" in host else host
    return PublicUrls(
        api=settings.public_url,
        upload=settings.upload_url,
        download=settings.download_url,
        sdk=settings.sdk_url,
        allowed_hosts=LOOPBACK | {bound} | {name.lower() for name in settings.allowed_hosts},
    )


def _identity_host(settings: Settings, host: str) -> str:
    return (urlsplit(settings.public_url).hostname if settings.public_url else None) or host
