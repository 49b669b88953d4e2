"""How the database keeps its promises, and what time it has."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from seatrial.db.engine import Database


@dataclass(frozen=True, slots=True)
class Condition:
    """What decides whether a commit survives, by the database's own names, and its version."""

    version: str
    settings: dict[str, str]
    now: datetime | None
    """By the clock of its machine; `None` where that is this one."""


def look(database: Database) -> Condition:
    """Ask the database.

    Raises ServiceUnavailable.
    """
    if database.is_sqlite:
        # The writer's connection: how readers are set does not matter for what is written.
        with database.transaction() as tx:
            pragmas = {name: _said(tx, f"PRAGMA {name}") for name in ("journal_mode", "synchronous")}
        return Condition(f"SQLite {sqlite3.sqlite_version}", pragmas, None)
    with database.read() as tx:
        names = ("fsync", "full_page_writes", "synchronous_commit", "max_connections", "server_version")
        settings = {name: _said(tx, f"SHOW {name}") for name in names}
        now: datetime = tx.execute(text("SELECT clock_timestamp()")).scalar_one()
    return Condition(f"PostgreSQL {settings.pop('server_version')}", settings, now.astimezone(UTC))


def _said(tx: Connection, statement: str) -> str:
    return str(tx.execute(text(statement)).scalar_one())
