"""A server: the house with a door to the street."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from socket import gethostname
from typing import Self
from urllib.parse import urlsplit

from fastapi import FastAPI
from pydantic import SecretStr

from seatrial.bootstrap.doctor import doctor_within
from seatrial.bootstrap.house import House, open_house
from seatrial.bootstrap.rates import open_rates
from seatrial.bootstrap.storage import home_bucket
from seatrial.bootstrap.store import open_countries, open_enrolments, open_store
from seatrial.bootstrap.worker import start_worker
from seatrial.config import Settings
from seatrial.db import addresses
from seatrial.db.engine import Database
from seatrial.db.executors import ExecutorRole
from seatrial.domain.clock import utc_now
from seatrial.services.app_collaborators import AppCollaborators
from seatrial.services.app_pictures import AppPictures
from seatrial.services.app_tokens import AppTokens
from seatrial.services.apps import Apps
from seatrial.services.audiences import Audiences
from seatrial.services.audit import AuditLog
from seatrial.services.build_lists import BuildLists
from seatrial.services.builds import Builds
from seatrial.services.employee_import import EmployeeImport
from seatrial.services.employees import Employees
from seatrial.services.feedback_limits import FeedbackLimits
from seatrial.services.feedback_videos import FeedbackVideos
from seatrial.services.feedbacks import Feedbacks
from seatrial.services.groups import Groups
from seatrial.services.health import Facts, Healths
from seatrial.services.identity import Identity
from seatrial.services.known_devices import KnownDevices
from seatrial.services.numbers import Numbers
from seatrial.services.organizations import Organizations
from seatrial.services.pins import Pins
from seatrial.services.probes import Probes
from seatrial.services.publication_previews import PublicationPreviews
from seatrial.services.publications import Publications
from seatrial.services.reprocessing import Reprocessing
from seatrial.services.sdk import Sdk
from seatrial.services.service_accounts import ServiceAccounts
from seatrial.services.setup import Setup
from seatrial.services.users import Users
from seatrial.services.workspaces import Workspaces
from seatrial.web.app import create_app
from seatrial.web.context import LOOPBACK, BodyLimits, Context, PublicUrls, Threads
from seatrial.web.handover import Handover, HandoverHeader
from seatrial.web.multipart import FormLimits
from seatrial.web.places import Places

_EVERYWHERE = {"0.0.0.0", "[::]"}  # noqa: S104  # not listened on, but told from a name
READ_THREADS_SQLITE, READ_THREADS, WRITE_THREADS, UPLOAD_THREADS, PASSWORD_THREADS = 2, 4, 4, 32, 2


@dataclass(slots=True)
class Server:
    """A house with a door to the street."""

    house: House
    setup: Setup
    app: FastAPI

    def begin_to_stop(self) -> None:
        """Tell load balancers to look elsewhere, and end what would go on for ever."""
        self.house.readiness.draining.set()
        self.app.state.context.begin_to_stop()

    def note_address(self, address: str) -> None:
        """Say where this server listens: mails that a worker sends lead there, where no `public_url` says better."""
        place, _, port = address.rpartition(":")
        name = gethostname() if place in _EVERYWHERE else place
        with self.house.database.transaction() as tx:
            addresses.note(tx, f"http://{name}:{port}", utc_now())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.house.stack.close()


def open_server(settings: Settings, host: str, *, with_worker: bool) -> Server:
    """Open everything that `seatrial serve` needs, and begin to process what waits.

    Raises ServiceUnavailable, SettingsInvalid.
    """
    house = open_house(settings, ExecutorRole.API)
    with ExitStack() as stack:
        stack.callback(house.stack.close)
        if with_worker:
            start_worker(house, has_bells=True)
        threads = _threads(house.database)
        house.stack.callback(threads.close)
        workspaces = Workspaces(house.database, utc_now)
        setup = Setup(workspaces, house.signer.sign("setup", expires=0))
        app = create_app(_context(house, host, threads, setup, works_itself=with_worker))
        stack.pop_all()
    return Server(house, setup, app)


def _context(house: House, host: str, threads: Threads, setup: Setup, *, works_itself: bool) -> Context:
    settings, database, loose, idempotency = house.settings, house.database, house.loose, house.incoming.idempotency
    facts = Facts(public_url=settings.public_url, has_mail=settings.mail.goes_out, works_itself=works_itself)
    return Context(
        identity=Identity(database, _identity_host(settings, host), utc_now),
        uploads=house.incoming.uploads,
        resumable_uploads=house.incoming.resumable,
        direct_uploads=house.incoming.direct,
        builds=Builds(database, loose, utc_now),
        build_lists=BuildLists(database, utc_now),
        reprocessing=Reprocessing(database, house.jobs, utc_now, idempotency),
        downloads=house.downloads,
        download_log=house.download_log,
        sdk=Sdk(database, house.downloads, utc_now),
        feedbacks=_feedbacks(house),
        feedback_videos=FeedbackVideos(
            database, house.blobs, loose, house.signer, int(settings.sdk.video_body), house.quotas, idempotency, utc_now
        ),
        organizations=Organizations(database, utc_now),
        apps=Apps(database, house.blobs.home.provider, utc_now, home_bucket(settings)),
        app_pictures=AppPictures(database, house.blobs, loose, house.quotas, idempotency, utc_now),
        app_tokens=AppTokens(database, utc_now),
        signing_keys=house.signing_keys,
        service_accounts=ServiceAccounts(database, utc_now),
        users=Users(database, utc_now),
        employees=Employees(database, utc_now),
        employee_import=EmployeeImport(database, idempotency, utc_now),
        groups=Groups(database, utc_now),
        audiences=Audiences(database, utc_now),
        app_collaborators=AppCollaborators(database, utc_now),
        invitations=house.sign_in.invitations,
        publications=Publications(database, utc_now),
        storefront=open_store(settings, database),
        enrolments=open_enrolments(settings, database, house.team_letters),
        known_devices=KnownDevices(database, utc_now),
        countries=open_countries(settings),
        countries_header=settings.countries.header or "",
        sessions=house.sign_in.sessions,
        sign_in_steps=house.sign_in.steps,
        member_sessions=house.sign_in.member_sessions,
        member_logins=house.sign_in.member_logins,
        accounts=house.sign_in.accounts,
        second_factors=house.sign_in.second_factors,
        password_resets=house.sign_in.password_resets,
        webhooks=house.webhooks.webhooks,
        webhook_deliveries=house.webhooks.deliveries,
        expirations=house.expirations,
        notifications=house.mailing.notifications,
        notification_previews=house.mailing.previews,
        mails=house.mailing.mails,
        mail_preferences=house.mailing.preferences,
        storage_providers=house.storage_providers,
        identity_providers=house.sign_in.identity_providers,
        oidc=house.sign_in.oidc,
        trusted_publishers=house.sign_in.trusted_publishers,
        identity_exchange=house.sign_in.identity_exchange,
        setup=setup,
        health=Healths(database, house.readiness.storage, facts, utc_now),
        publication_previews=PublicationPreviews(database, utc_now),
        audit=AuditLog(database, utc_now),
        numbers=Numbers(database, utc_now),
        retention=house.retention,
        rates=open_rates(settings, database),
        quotas=house.quotas,
        pins=Pins(database, utc_now),
        trash=house.trash,
        urls=_public_urls(settings, host),
        form_limits=_form_limits(settings),
        body_limits=BodyLimits(
            json=int(settings.limits.json_body),
            idle_read=settings.limits.idle_read,
            refused=int(settings.limits.refused_body),
            refused_seconds=settings.limits.refused_seconds,
            feedback=int(settings.sdk.feedback_body),
            slow_rate=int(settings.limits.slow_rate),
            slow_seconds=settings.limits.slow_window,
            requests=settings.limits.requests,
        ),
        upload_places=Places(settings.limits.uploads),
        threads=threads,
        handover=_handover(settings),
        is_healthy=database.ping,
        readiness=house.readiness,
        doctor=doctor_within(settings, database, house.blobs.home, house.jobs, works_itself=works_itself),
        probes=Probes(house.signer, utc_now),
        meter=house.meter,
        metrics_token=_revealed(settings.metrics.token),
    )


def _handover(settings: Settings) -> Handover | None:
    said = settings.downloads
    if said.sendfile == "none":
        return None
    header = HandoverHeader.ACCEL if said.sendfile == "x-accel-redirect" else HandoverHeader.SENDFILE
    return Handover(header, settings.blobs.resolve(), said.prefix)


def _feedbacks(house: House) -> Feedbacks:
    said = house.settings.sdk
    limits = FeedbackLimits(house.database, said.feedback_per_address, said.feedback_per_token, utc_now)
    return Feedbacks(
        house.database,
        house.blobs,
        house.loose,
        house.signer,
        limits,
        link_life=timedelta(seconds=house.settings.tokens.signed_url),
        video_life=timedelta(seconds=said.video_link),
        quotas=house.quotas,
        idempotency=house.incoming.idempotency,
        now=utc_now,
        events=house.events,
    )


def _threads(database: Database) -> Threads:
    readers = READ_THREADS_SQLITE if database.is_sqlite else READ_THREADS
    return Threads(
        read=ThreadPoolExecutor(readers, "read"),
        write=ThreadPoolExecutor(WRITE_THREADS, "write"),
        upload=ThreadPoolExecutor(UPLOAD_THREADS, "upload"),
        password=ThreadPoolExecutor(PASSWORD_THREADS, "password"),
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
        hsts_seconds=settings.hsts_seconds,
        allowed_hosts=LOOPBACK | {bound} | {name.lower() for name in settings.allowed_hosts},
    )


def _revealed(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def _identity_host(settings: Settings, host: str) -> str:
    return (urlsplit(settings.public_url).hostname if settings.public_url else None) or host
