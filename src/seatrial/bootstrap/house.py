"""What every long-running process has."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from seatrial.bootstrap.administration import open_database
from seatrial.bootstrap.figures import open_meter
from seatrial.bootstrap.mailing import Mailing, open_mailer, open_mailing
from seatrial.bootstrap.quotas import open_quotas
from seatrial.bootstrap.sign_in import SignIn, open_sign_in
from seatrial.bootstrap.storage import home_bucket, open_providers, open_stores
from seatrial.bootstrap.uploads import Incoming, open_uploads
from seatrial.bootstrap.webhooks import WebhookParts
from seatrial.config import Settings
from seatrial.db.engine import Database
from seatrial.db.executors import ExecutorRole
from seatrial.db.published import PublishedBuilds
from seatrial.domain.clock import utc_now
from seatrial.domain.ids import new_entity_id
from seatrial.keyring import encryption_keys, signing_keys
from seatrial.meter import Meter
from seatrial.services import numbers
from seatrial.services.audit import AuditLog, AuditWatch
from seatrial.services.blob_stores import OpenStores
from seatrial.services.download_log import DownloadLog
from seatrial.services.downloads import Downloads
from seatrial.services.events import Events, Listener
from seatrial.services.expirations import Expirations
from seatrial.services.feedback_letters import FeedbackLetters
from seatrial.services.gauges import Gauges
from seatrial.services.loose_blobs import LooseBlobs
from seatrial.services.quotas import Quotas
from seatrial.services.readiness import Readiness
from seatrial.services.request_rates import RequestRates
from seatrial.services.retention import NightlyRetention, Retention
from seatrial.services.schedules import Schedules
from seatrial.services.signing_keys import SigningKeys
from seatrial.services.storage_providers import StorageProviders
from seatrial.services.storage_watch import KEPT_SECONDS, StorageWatch
from seatrial.services.team_letters import CredentialReminders, TeamLetters
from seatrial.services.trash import Trash
from seatrial.storage.sealing import Sealer
from seatrial.storage.signing import UrlSigner
from seatrial.worker.executors import Executors
from seatrial.worker.jobs import EngineJobs
from seatrial.worker.maintenance import Maintenance


@dataclass(slots=True)
class House:
    """What every long-running process has: opened in order, closed in reverse."""

    settings: Settings
    database: Database
    blobs: OpenStores
    loose: LooseBlobs
    incoming: Incoming
    jobs: EngineJobs
    events: Events
    signer: UrlSigner
    downloads: Downloads
    quotas: Quotas
    sign_in: SignIn
    download_log: DownloadLog
    signing_keys: SigningKeys
    storage_providers: StorageProviders
    mailing: Mailing
    team_letters: TeamLetters
    webhooks: WebhookParts
    retention: Retention
    trash: Trash
    expirations: Expirations
    meter: Meter
    readiness: Readiness
    executor_id: str
    stack: ExitStack
    is_drained: bool = True
    """False, once closed, where jobs still ran when their time was over; the process must then end by `os._exit`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()


def open_house(settings: Settings, role: ExecutorRole) -> House:
    """Open what a server and a worker have in common.

    Raises ServiceUnavailable, SettingsInvalid.
    """
    with ExitStack() as stack:
        database = open_database(settings)
        stack.callback(database.close)
        signer = UrlSigner(signing_keys(settings))
        executor_id = new_entity_id()
        sealer = Sealer(encryption_keys(settings))
        blobs = open_stores(settings, database, sealer, stack)
        jobs = EngineJobs(database)
        stack.callback(jobs.close)
        jobs.ready()
        meter = open_meter(settings, stack)
        storage = StorageWatch(blobs.home, 0.0 if home_bucket(settings) is None else KEPT_SECONDS)
        meter.add(Gauges(database, storage, jobs.waiting))
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
        webhooks = WebhookParts(settings, database, jobs, sealer)
        mailer = open_mailer(settings)
        if mailer is not None:
            stack.callback(mailer.close)
        mailing = open_mailing(settings, database, blobs, jobs, mailer)
        events = Events(_listeners(webhooks, mailing, settings.public_url or ""))
        quotas = open_quotas(settings, database)
        downloads = Downloads(
            database,
            blobs,
            signer,
            timedelta(seconds=settings.tokens.download),
            timedelta(seconds=settings.tokens.signed_url),
            quotas,
            utc_now,
            events,
            settings.privacy.addresses,
        )
        download_log = DownloadLog(database, settings.privacy.download_log_days, utc_now)
        sign_in = open_sign_in(settings, database, mailing.room, sealer)
        stack.callback(sign_in.close)
        expirations = Expirations(database, mailing.room, events, utc_now, settings.public_url or "")
        incoming = open_uploads(settings, database, blobs, loose, jobs, quotas, events)
        loose.sweep()
        chores = [
            loose.sweep,
            incoming.idempotency.forget_old,
            incoming.resumable.sweep,
            incoming.direct.sweep,
            downloads.forget_old_tokens,
            sign_in.forget_old,
            download_log.forget_people,
            quotas.check,
            RequestRates(database, {}, utc_now).forget_old,
            mailing.sending.resume,
            mailing.sending.forget_old,
            mailing.digests.write,
            webhooks.deliveries.forget_old,
            webhooks.deliveries.revive,
            expirations.remind_hourly,
        ]
        maintenance = Maintenance(chores)
        maintenance.start()
        stack.callback(maintenance.stop)
        retention, trash = Retention(database, PublishedBuilds(), utc_now), Trash(database, loose, utc_now)
        letters = TeamLetters(mailing.room, settings.public_url or "")
        _start_nights(stack, settings, retention, trash, letters, executor_id)
        return House(
            settings=settings,
            database=database,
            blobs=blobs,
            loose=loose,
            incoming=incoming,
            jobs=jobs,
            events=events,
            signer=signer,
            downloads=downloads,
            quotas=quotas,
            sign_in=sign_in,
            download_log=download_log,
            signing_keys=SigningKeys(database, sealer, incoming.idempotency, utc_now),
            storage_providers=open_providers(settings, database, sealer),
            mailing=mailing,
            team_letters=letters,
            webhooks=webhooks,
            retention=retention,
            trash=trash,
            expirations=expirations,
            meter=meter,
            readiness=Readiness(database, storage),
            executor_id=executor_id,
            stack=stack.pop_all(),
        )


def _start_nights(
    stack: ExitStack, settings: Settings, retention: Retention, trash: Trash, letters: TeamLetters, executor_id: str
) -> None:
    """Begin to look every minute whether rules are to be applied, and what is to be removed for good.

    In a thread of its own: a night may take long, and no other chore is to wait for it.
    """
    schedules = Schedules(executor_id, utc_now)
    nightly = NightlyRetention(retention.db, retention, schedules, settings.retention.hour, utc_now)
    watch = AuditWatch(AuditLog(retention.db, utc_now), schedules, settings.retention.hour)
    reminders = CredentialReminders(retention.db, letters, schedules, settings.retention.hour, utc_now)
    nights = Maintenance([nightly.run, watch.run, reminders.run, lambda: trash.empty(nightly.stopping)])
    nights.start()
    stack.callback(nights.stop)
    stack.callback(nightly.stop)


def _listeners(webhooks: WebhookParts, mailing: Mailing, public_url: str) -> list[Listener]:
    """Name who takes note of what happens, in the transaction in which it happens."""
    return [numbers.note, webhooks.events, mailing.telling.note, FeedbackLetters(mailing.room, public_url).note]


def _sweeping(loose: LooseBlobs) -> Callable[[str], None]:
    def sweep(dead_executor: str) -> None:
        loose.sweep(dead_executor)

    return sweep
