"""What the engine's table says, and waiting for what another thread does."""

import time
from collections.abc import Callable

from sqlalchemy import text

from seatrial.db.engine import Database
from seatrial.domain.ids import BuildId

BUILD = BuildId("65a000000000000000000001")
PATIENCE_SECONDS = 120.0


def engine_table(database: Database, name: str) -> str:
    """Name a table of the engine: on PostgreSQL it keeps them in a schema of their own."""
    return name if database.is_sqlite else f"dbos.{name}"


def job_states(database: Database) -> dict[str, str]:
    statement = f"SELECT workflow_uuid, status FROM {engine_table(database, 'workflow_status')}"
    with database.read() as tx:
        return {row[0]: row[1] for row in tx.execute(text(statement))}


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
