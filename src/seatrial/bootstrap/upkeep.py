"""From settings to what looks after a server's data: backups, restores, and what nobody owns."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from seatrial.bootstrap.administration import UNFINISHED_RESTORE, open_database
from seatrial.bootstrap.storage import open_stores
from seatrial.config import Settings, load
from seatrial.db.engine import Database
from seatrial.domain.clock import utc_now
from seatrial.domain.errors import Conflict
from seatrial.domain.ids import new_entity_id
from seatrial.keyring import encryption_keys
from seatrial.services.backup import Backup
from seatrial.services.blob_stores import OpenStores
from seatrial.services.garbage import Collector
from seatrial.services.loose_blobs import LooseBlobs
from seatrial.services.restoring import Restoring, bring_back_secrets
from seatrial.storage.parcel import Manifest
from seatrial.storage.sealing import Sealer
from seatrial.worker.jobs import EngineJobs


@contextmanager
def open_backup(settings: Settings) -> Iterator[Backup]:
    """Give who makes backups, beside a running server or without one.

    Raises ServiceUnavailable, SettingsInvalid.
    """
    with ExitStack() as stack:
        database = open_database(settings)
        stack.callback(database.close)
        secrets = (settings.data_dir / "keys", settings.data_dir / "seatrial.toml")
        yield Backup(database, _stores(settings, database, stack), secrets, utc_now)


@contextmanager
def open_collector(settings: Settings) -> Iterator[Collector]:
    """Give who finds what nobody owns.

    Raises ServiceUnavailable, SettingsInvalid.
    """
    with ExitStack() as stack:
        database = open_database(settings)
        stack.callback(database.close)
        stores = _stores(settings, database, stack)
        loose = LooseBlobs(database, stores, new_entity_id(), utc_now)
        yield Collector(database, stores, loose, settings.data_dir)


def restore(settings: Settings, snapshot: Path) -> Manifest:
    """Bring a snapshot back into a directory that is not there or has keys and settings alone, and an empty database.

    Raises Conflict where something is there, ParcelDamaged, ServiceUnavailable.
    """
    data_dir = settings.data_dir
    if data_dir.exists() and {path.name for path in data_dir.iterdir()} - {"keys", "seatrial.toml"}:
        raise Conflict(f"{data_dir} is not empty; a backup is restored into an empty directory only.")
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    marker = data_dir / UNFINISHED_RESTORE
    marker.touch()
    bring_back_secrets(snapshot, data_dir)
    settings = load(data_dir)  # which may have just come back
    has_keys = (data_dir / "keys").exists()
    with ExitStack() as stack:
        database = Database(settings.database, busy_seconds=settings.database_busy_seconds, pool_size=2)
        stack.callback(database.close)
        restoring = Restoring(database, _stores(settings, database, stack))
        manifest = restoring.bring_back(snapshot)
        jobs = EngineJobs(database)
        stack.callback(jobs.close)
        jobs.ready()
        restoring.bring_back_jobs(snapshot, manifest)
    if not has_keys:
        # Those that were just made open nothing of what was brought back: the operator's copy comes here.
        shutil.rmtree(data_dir / "keys", ignore_errors=True)
    marker.unlink()
    return manifest


def _stores(settings: Settings, database: Database, stack: ExitStack) -> OpenStores:
    return open_stores(settings, database, Sealer(encryption_keys(settings)), stack)
