"""The schema's versions: one chain of migrations for both databases."""

from contextlib import ExitStack
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from seatrial.db.engine import Database
from seatrial.db.pulse import as_long_as_it_takes
from seatrial.domain.errors import Conflict

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x5EA7_71A1
"""The number of PostgreSQL's advisory lock that who migrates holds."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def upgrade(database: Database) -> None:
    """Bring the schema to this program's version; does nothing where it is there already.

    Runs in one transaction, so that a second process that starts at the same moment waits and finds it done. Raises
    Conflict for a schema that this program does not know: an older program must not write into a newer one's tables.
    """
    now = current(database)
    if now == head():
        return
    if now is not None and now not in {script.revision for script in _scripts().walk_revisions()}:
        raise Conflict(f"The database is at schema {now}, newer than this program (at {head()}); install that one.")
    with database.transaction() as connection, ExitStack() as stack:
        if not database.is_sqlite:
            # Neither the other process's migration nor our own is cut off half-way.
            stack.enter_context(as_long_as_it_takes(connection))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _run(connection, "head")


def upgrade_to(database: Database, revision: str) -> None:
    """Bring an empty database to a version that this program knows.

    Raises Conflict for one that it does not know.
    """
    if revision not in {script.revision for script in _scripts().walk_revisions()}:
        raise Conflict(
            f"This is of schema {revision}, which this program (at {head()}) does not know; install its own."
        )
    with database.transaction() as connection:
        _run(connection, revision)


def _run(connection: Connection, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@cache
def head() -> str:
    """Name the newest migration that this program knows."""
    return _scripts().get_current_head() or ""


def current(database: Database) -> str | None:
    """Name the migration that the database is at; `None` for an empty one."""
    with database.read() as connection:
        if not inspect(connection).has_table("schema_version"):
            return None
        return MigrationContext.configure(connection, opts={"version_table": "schema_version"}).get_current_revision()
