"""The services over a real database and blobs in memory, with a clock and a job queue that the tests hold."""

from collections.abc import Iterator

import argon2
import pytest

from seatrial.db.engine import Database
from seatrial.services import passwords
from tests.databases import KINDS, lent_database
from tests.services.rooms import OnlyStore, Rooms


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    with lent_database(request) as url:
        database = Database(url, busy_seconds=5)
        yield database
        database.close()


@pytest.fixture
def rooms(database: Database) -> Iterator[Rooms]:
    with OnlyStore() as blobs:
        yield Rooms(database, blobs)


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hash in a millisecond: how much it costs is not what these tests are about."""
    monkeypatch.setattr(passwords, "_hasher", argon2.PasswordHasher(time_cost=1, memory_cost=64))
    passwords._of_nobody.cache_clear()
    yield
    passwords._of_nobody.cache_clear()
