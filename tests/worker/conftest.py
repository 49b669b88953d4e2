"""A database with the house's schema and the engine's tables, and workers that end with their test."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import pytest

from seatrial.db.engine import Database
from seatrial.domain.clock import utc_now
from seatrial.domain.ids import new_entity_id
from seatrial.services.jobs import Task
from seatrial.worker.jobs import EngineJobs
from seatrial.worker.worker import Worker
from seatrial.worker.workflows import AttachmentCalls, TaskCalls
from tests.databases import KINDS, migrated_database

StartWorker = Callable[..., Worker]


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    database = Database(migrated_database(request))
    yield database
    database.close()


@pytest.fixture
def jobs(database: Database) -> Iterator[EngineJobs]:
    jobs = EngineJobs(database)
    jobs.ready()
    yield jobs
    jobs.close()


@pytest.fixture
def start_worker(jobs: EngineJobs) -> Iterator[StartWorker]:
    with ExitStack() as stack:

        def start(
            process: Callable[[str, int], None],
            on_exhausted: Callable[[str, int, Exception], None] = lambda *_: None,
            attachments: AttachmentCalls | None = None,
            tasks: Mapping[Task, TaskCalls] | None = None,
            *,
            executor_id: str | None = None,
            concurrency: int = 2,
            back_off_seconds: tuple[float, ...] = (),
            has_bells: bool = False,
        ) -> Worker:
            worker = Worker(
                jobs,
                executor_id or new_entity_id(),
                process,
                on_exhausted,
                attachments,
                tasks,
                now=utc_now,
                concurrency=concurrency,
                polling_seconds=0.02,
                has_bells=has_bells,
                audit_seconds=0.1,
                back_off_seconds=back_off_seconds,
            )
            worker.start()
            stack.callback(worker.stop, 10)
            return worker

        yield start
