"""One migrated database for a module; every test leaves it as it found it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import Connection

from seatrial.db import schema
from seatrial.db.engine import Database

Rehearsal = Callable[[], AbstractContextManager[Connection]]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('db')}/seatrial.db")
    schema.upgrade(database)
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
