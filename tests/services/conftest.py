"""The services over a real database and blobs in memory, with a clock and a job queue that the tests hold."""

from collections.abc import Iterator

import pytest

from seatrial.db.engine import Database
from seatrial.storage.memory import MemoryBlobStore
from tests.databases import KINDS, migrated_database
from tests.services.rooms import Rooms


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    database = Database(migrated_database(request), busy_seconds=0.2)
    yield database
    database.close()


@pytest.fixture
def rooms(database: Database) -> Iterator[Rooms]:
    with MemoryBlobStore() as blobs:
        yield Rooms(database, blobs)
