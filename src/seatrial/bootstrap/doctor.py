"""From settings to the doctor: beside a running server, in it, or where nothing runs at all."""

import errno
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy.exc import SQLAlchemyError

from seatrial.bootstrap.mailing import open_mailer
from seatrial.bootstrap.storage import home_bucket, home_provider, store_opener
from seatrial.config import Settings
from seatrial.db.engine import Database, UnknownDatabase
from seatrial.domain.clock import utc_now
from seatrial.domain.errors import SeatrialError
from seatrial.domain.finding import Finding, wrong
from seatrial.keyring import SettingsInvalid, signing_keys
from seatrial.services import doctor_house
from seatrial.services.doctor import Doctor, Look
from seatrial.services.doctor_house import Folders
from seatrial.services.doctor_street import Street
from seatrial.services.probes import Probes
from seatrial.storage import BlobStore
from seatrial.storage.local import LocalBlobStore
from seatrial.storage.signing import UrlSigner
from seatrial.tools.caller import Caller
from seatrial.worker.jobs import EngineJobs

_BUSY_SECONDS = 5.0
_MAIL_SECONDS = 5.0


def doctor_within(
    settings: Settings, database: Database, blobs: BlobStore, jobs: EngineJobs, *, works_itself: bool
) -> Doctor:
    """Make the doctor of a running server."""
    signer = UrlSigner(signing_keys(settings))
    looks = {
        **_looks_at_home(settings),
        **_looks_at_bytes(settings, blobs),
        **_looks_at_database(database, jobs, works_itself=works_itself),
        **_looks_outside(settings, signer, None),
    }
    return Doctor(looks)


@contextmanager
def open_doctor(settings: Settings, url: str | None) -> Iterator[Doctor]:
    """Make a doctor for the command line: it makes nothing, upgrades nothing, and goes on without what is not there."""
    looks = _looks_at_home(settings)
    if not settings.data_dir.is_dir():
        yield Doctor(looks)
        return
    with ExitStack() as stack:
        blobs = _blobs(settings, looks)
        if blobs is not None:
            stack.callback(blobs.close)
            looks |= _looks_at_bytes(settings, blobs)
        looks |= _signed_looks(settings, url)
        looks |= _looks_at_its_database(settings, stack)
        yield Doctor(looks)


def _looks_at_its_database(settings: Settings, stack: ExitStack) -> dict[str, Look]:
    if settings.database_url is None and not (settings.data_dir / "seatrial.db").exists():
        none = "There is no database in the data directory."
        return {"database": lambda: [wrong("database", none, "seatrial serve or seatrial init makes one.")]}
    try:
        database = Database(settings.database, busy_seconds=_BUSY_SECONDS, pool_size=2)
    except UnknownDatabase as error:
        sentence = f"The setting database_url {error}."
        return {"database": lambda: [wrong("database", sentence, "Set SEATRIAL_DATABASE_URL right.")]}
    stack.callback(database.close)
    jobs = EngineJobs(database)
    stack.callback(jobs.close)
    return dict(_looks_at_database(database, jobs, works_itself=False))


def _folders(settings: Settings) -> Folders:
    keys = settings.data_dir / "keys"
    files = {"url-signing": settings.url_signing_keys, "encryption": settings.encryption_keys}
    return Folders(
        data=settings.data_dir,
        key_files=tuple(keys / name for name, said in files.items() if not said),
        settings_file=settings.data_dir / "seatrial.toml",
    )


def _looks_at_home(settings: Settings) -> dict[str, Look]:
    said = settings.bundletool
    jar = said.jar or settings.data_dir / "tools" / "bundletool.jar"
    return {
        "data_dir": _folders(settings).look,
        "mail": lambda: _mail(settings),
        "bundletool": lambda: doctor_house.bundletool(jar, said.java, is_wanted=said.jar is not None),
    }


def _blobs(settings: Settings, looks: dict[str, Look]) -> BlobStore | None:
    bucket, secret = home_bucket(settings), settings.storage.secret_key
    if bucket is not None and secret is not None:
        return store_opener(settings)(home_provider(settings), bucket, secret.get_secret_value(), False)
    reserve = settings.storage.reserve
    root = settings.storage.directory or settings.data_dir / "blobs"
    try:
        if not root.is_dir():
            # A store would make it, and hide that a disk is not mounted.
            raise FileNotFoundError(errno.ENOENT, "there is no such folder")
        return LocalBlobStore(root, None if reserve is None else int(reserve))
    except OSError as error:
        said = f"The storage cannot be opened: {error.strerror}."
        looks["storage"] = lambda: [wrong("storage", said, f"See that {root} is a folder that can be written into.")]
        return None


def _looks_at_bytes(settings: Settings, blobs: BlobStore) -> dict[str, Look]:
    return {
        "disk": lambda: doctor_house.disk(settings.data_dir, blobs),
        "storage": lambda: doctor_house.storage(blobs),
    }


def _looks_at_database(database: Database, jobs: EngineJobs, *, works_itself: bool) -> dict[str, Look]:
    def workers() -> Iterator[Finding]:
        try:
            yield from doctor_house.workers(database, jobs.waiting, utc_now, works_itself=works_itself)
        except (SeatrialError, SQLAlchemyError):
            # The look at the database says why.
            yield wrong("workers", "Who works cannot be read from the database.", "See what is said of the database.")

    return {"database": lambda: doctor_house.database(database, utc_now), "workers": workers}


def _signed_looks(settings: Settings, url: str | None) -> dict[str, Look]:
    """Look outside with the server's own keys, which must not be made here where they are missing."""
    if not all(file.exists() for file in _folders(settings).key_files if file.name == "url-signing"):
        return {}
    try:
        return _looks_outside(settings, UrlSigner(signing_keys(settings)), url)
    except SettingsInvalid as error:
        sentence = f"{error}."
        return {"keys": lambda: [wrong("keys", sentence, "Put the key back from a backup.")]}


def _looks_outside(settings: Settings, signer: UrlSigner, url: str | None) -> dict[str, Look]:
    context = ssl.create_default_context()

    def way(said: str | None) -> Caller | None:
        return Caller(said.rstrip("/"), context=context) if said else None

    street = Street(
        probes=Probes(signer, utc_now),
        api=way(url or settings.public_url),
        upload=way(None if url else settings.upload_url),
        download=way(None if url else settings.download_url),
        body_limit=int(settings.limits.body),
        now=utc_now,
    )
    return {"public_url": street.look}


def _mail(settings: Settings) -> Iterator[Finding]:
    said = settings.mail
    quick = {"connect_seconds": min(said.connect_seconds, _MAIL_SECONDS), "answer_seconds": _MAIL_SECONDS}
    mailer = open_mailer(settings.model_copy(update={"mail": said.model_copy(update=quick)}))
    try:
        yield from doctor_house.mail(mailer)
    finally:
        if mailer is not None:
            mailer.close()
