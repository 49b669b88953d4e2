"""The services over a real database and blobs in memory, with a clock and a job queue that the tests hold."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.db import schema
from seatrial.db.engine import Database
from seatrial.storage.memory import MemoryBlobStore
from tests.services.rooms import Rooms


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/seatrial.db", busy_seconds=0.2)
    schema.upgrade(database)
    yield database
    database.close()


@pytest.fixture
def rooms(database: Database) -> Iterator[Rooms]:
    with MemoryBlobStore() as blobs:
        yield Rooms(database, blobs)
