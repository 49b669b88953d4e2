"""A database with the house's schema and the engine's tables, and workers that end with their test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from seatrial.db import schema
from seatrial.db.engine import Database
from seatrial.domain.clock import utc_now
from seatrial.domain.ids import new_entity_id
from seatrial.worker.jobs import EngineJobs
from seatrial.worker.worker import Worker

StartWorker = Callable[..., Worker]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/seatrial.db")
    schema.upgrade(database)
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
            *,
            executor_id: str | None = None,
            concurrency: int = 2,
            back_off_seconds: tuple[float, ...] = (),
        ) -> Worker:
            worker = Worker(
                jobs,
                executor_id or new_entity_id(),
                process,
                on_exhausted,
                now=utc_now,
                concurrency=concurrency,
                polling_seconds=0.02,
                audit_seconds=0.1,
                back_off_seconds=back_off_seconds,
            )
            worker.start()
            stack.callback(worker.stop, 10)
            return worker

        yield start
