"""One migrated database of each kind for a module; every test leaves it as it found it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import Connection

from seatrial.db.engine import Database
from tests.databases import KINDS, migrated_database

Rehearsal = Callable[[], AbstractContextManager[Connection]]


@pytest.fixture(scope="module", params=KINDS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    database = Database(migrated_database(request))
    yield database
    database.close()


@pytest.fixture(scope="module")
def rehearsal(database: Database) -> Rehearsal:
    """Give transactions that are taken back at their end."""

    @contextmanager
    def rehearse() -> Iterator[Connection]:
        with database.transaction() as tx:
            yield tx
            tx.rollback()

    return rehearse
