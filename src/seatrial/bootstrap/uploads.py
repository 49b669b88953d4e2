"""How builds come in: in one piece, or bit by bit."""

from dataclasses import dataclass
from datetime import timedelta

from seatrial.config import Settings
from seatrial.db.engine import Database
from seatrial.domain.clock import utc_now
from seatrial.services.direct_uploads import DirectUploads
from seatrial.services.events import Events
from seatrial.services.idempotency import Idempotency
from seatrial.services.jobs import Jobs
from seatrial.services.loose_blobs import LooseBlobs
from seatrial.services.quotas import Quotas
from seatrial.services.resumable_uploads import ResumableUploads
from seatrial.services.uploads import Uploads
from seatrial.storage import BlobStores
from seatrial.storage.spool import Spool


@dataclass(frozen=True, slots=True)
class Incoming:
    """The services that take bytes in."""

    uploads: Uploads
    resumable: ResumableUploads
    direct: DirectUploads
    idempotency: Idempotency


def open_idempotency(settings: Settings, database: Database) -> Idempotency:
    """Give who knows requests that come again."""
    return Idempotency(database, timedelta(days=settings.uploads.idempotency_days), utc_now)


def open_uploads(
    settings: Settings,
    database: Database,
    blobs: BlobStores,
    loose: LooseBlobs,
    jobs: Jobs,
    quotas: Quotas,
    events: Events,
) -> Incoming:
    """Open the services that take bytes in."""
    said, limits, reserve = settings.uploads, settings.limits, settings.storage.reserve
    folder = said.directory or (settings.storage.directory or settings.data_dir / "blobs") / "unfinished"
    idempotency = open_idempotency(settings, database)
    uploads = Uploads(database, blobs, loose, jobs, limits.file_parts, utc_now, idempotency, quotas, events)
    resumable = ResumableUploads(
        database,
        uploads,
        Spool(folder, None if reserve is None else int(reserve)),
        idempotency,
        timedelta(seconds=said.unfinished),
        max_length=int(limits.body),
        max_open=said.unfinished_at_once,
        now=utc_now,
    )
    direct = DirectUploads(
        database,
        uploads,
        blobs,
        timedelta(seconds=said.unfinished),
        timedelta(seconds=said.part_links),
        max_length=int(limits.body),
        max_open=said.unfinished_at_once,
        now=utc_now,
    )
    return Incoming(uploads, resumable, direct, idempotency)
