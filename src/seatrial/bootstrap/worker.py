"""A worker: the house without a door, and who does the work in it."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from seatrial.bootstrap.house import House, open_house
from seatrial.config import Settings
from seatrial.db.executors import ExecutorRole
from seatrial.domain.clock import utc_now
from seatrial.domain.errors import InsufficientStorage, NotReady, ProcessingCode, StorageUnavailable
from seatrial.domain.ids import BuildId
from seatrial.meter import CONTENT_TYPE
from seatrial.parsers.isolation import ParsePool
from seatrial.reading import parse_limits
from seatrial.services.attachments import Attachments
from seatrial.services.conversion import Conversion
from seatrial.services.derived_files import DerivedFiles
from seatrial.services.jobs import Task
from seatrial.services.processing import Processing
from seatrial.tools.bundletool import Bundletool
from seatrial.worker.door import Answer, Door
from seatrial.worker.worker import Worker
from seatrial.worker.workflows import AttachmentCalls, TaskCalls


def open_worker(settings: Settings) -> House:
    """Open everything that `seatrial worker` needs, and begin to process what waits.

    Raises ServiceUnavailable, SettingsInvalid.
    """
    house = open_house(settings, ExecutorRole.WORKER)
    with ExitStack() as stack:
        stack.callback(house.stack.close)
        start_worker(house, has_bells=not house.database.is_sqlite)
        stack.pop_all()
    return house


@contextmanager
def open_door(house: House) -> Iterator[Door | None]:
    """Let others watch a worker, where the settings say so.

    Raises SettingsInvalid, OSError for a place that is taken.
    """
    said = house.settings.metrics.worker_listen
    if said is None:
        yield None
        return
    host, _, port = said.rpartition(":")

    def ready() -> Answer:
        try:
            house.readiness.check()
        except NotReady as error:
            return 503, "application/json", json.dumps(error.checks).encode()
        return 200, "application/json", b"{}"

    def figures() -> Answer:
        return 200, CONTENT_TYPE, house.meter.read()

    with Door(host.strip("[]"), int(port), {"/metrics": figures, "/healthz": ready, "/readyz": ready}) as door:
        yield door


def start_worker(house: House, *, has_bells: bool = False) -> None:
    """Begin to process what waits; ends with the house.

    With bells it is for a process that jobs come from, or that the database tells of those of others.
    """
    settings = house.settings
    pool = ParsePool(settings.worker.concurrency, parse_limits(settings.parsing))
    house.stack.callback(pool.close)
    derived = DerivedFiles(house.blobs, house.loose, utc_now)
    conversion = Conversion(house.blobs, derived, house.signing_keys, _bundletool(settings))
    processing = Processing(house.database, house.blobs, house.loose, derived, conversion, pool, utc_now, house.events)
    attachments = Attachments(house.database, house.blobs, pool)

    def exhausted(build_id: str, attempt: int, error: Exception) -> None:
        unreadable = isinstance(error, OSError | StorageUnavailable | InsufficientStorage)
        code = ProcessingCode.STORAGE_UNAVAILABLE if unreadable else ProcessingCode.INTERNAL
        processing.fail(BuildId(build_id), attempt, code)

    worker = Worker(
        house.jobs,
        house.executor_id,
        lambda build_id, attempt: processing.run(BuildId(build_id), attempt),
        exhausted,
        AttachmentCalls(attachments.understand, attachments.give_up),
        _tasks(house),
        now=utc_now,
        concurrency=settings.worker.concurrency,
        has_bells=has_bells,
        meter=house.meter,
    )
    worker.start()

    def stop() -> None:
        house.is_drained = worker.stop(settings.worker.drain_seconds)

    house.stack.callback(stop)


def _tasks(house: House) -> dict[Task, TaskCalls]:
    """Name who performs which task."""
    telling, sending = house.mailing.telling, house.mailing.sending
    mails = {
        Task.NOTIFY: TaskCalls(telling.notify, telling.give_up),
        Task.SEND_MAILS: TaskCalls(sending.send, sending.give_up),
    }
    return mails | house.webhooks.tasks


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
