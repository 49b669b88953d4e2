"""Databases as released versions of Seatrial left them: `released/REVISION.KIND.sql`, schema and rows.

A revision that was released never changes again, and neither does its file. 0011 stands for what people run between two
releases: with rows in every table that there was when most of the chain was still to come. For a new one, before its
release:

    python -m tests.db.released_schema REVISION
"""

import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command

from seatrial.db import schema
from seatrial.db.engine import Database
from tests.postgres import Postgres, running

FOLDER = Path(__file__).parent / "released"
REVISIONS = sorted({path.name.partition(".")[0] for path in FOLDER.glob("*.sql")})
Rows = dict[str, list[dict[str, Any]]]


def restore(revision: str, url: str) -> None:
    """Fill an empty database."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.executescript((FOLDER / f"{revision}.sqlite.sql").read_text())
        return
    script = (FOLDER / f"{revision}.postgresql.sql").read_text()
    engine = sa.create_engine(url, poolclass=sa.NullPool)  # the script leaves its connection with settings of its own
    with closing(engine.raw_connection()) as connection:
        connection.cursor().execute(script)
        connection.commit()


def rows(database: Database) -> Rows:
    """Read every row of every table, as the database has it."""
    with database.read() as tx:
        found = sa.MetaData()
        found.reflect(tx, resolve_fks=False)
        return {
            table.name: [dict(row) for row in tx.execute(_plain(table).order_by(*table.primary_key)).mappings()]
            for table in found.sorted_tables
        }


def _plain(table: sa.Table) -> sa.Select[Any]:
    return sa.select(*(sa.cast(c, sa.Text).label(c.name) if isinstance(c.type, sa.JSON) else c for c in table.c))


def _fill(database: Database) -> None:
    """Put two rows of awkward values into every table."""
    with database.transaction() as tx:
        found = sa.MetaData()
        found.reflect(tx)
        for table in found.sorted_tables:
            if table.name != "schema_version":
                tx.execute(sa.insert(table), [dict(_row(table, number)) for number in (1, 2)])


def _row(table: sa.Table, number: int) -> Iterator[tuple[str, object]]:
    for column in table.c:
        parent = next((key.column for key in column.foreign_keys), None)
        yield column.name, _value(column if parent is None else parent, number)


def _value(column: sa.Column[Any], number: int) -> object:
    match column.type:
        case sa.JSON():
            return {"é": [number, 1.50, None], "a": {"z": "\N{ROCKET}", "b": "'"}}
        case sa.Boolean():
            return number == 1
        case sa.BigInteger():
            return (1 << 40) + number
        case sa.Integer():
            return number
        case sa.String() as text:
            return f"{number} {column.table.name}.{column.name} é'\"\\%"[: text.length or 200]
        case other:
            raise TypeError(f"what does a {other!r} hold?")


def _made(url: str, revision: str) -> Database:
    database = Database(url)
    with database.transaction() as tx:
        config = schema._config()
        config.attributes["connection"] = tx
        command.upgrade(config, revision)
    _fill(database)
    database.close()
    return database


def _write(revision: str, postgres: Postgres, folder: Path) -> None:
    _made(f"sqlite:///{folder}/released.db", revision)
    with closing(sqlite3.connect(folder / "released.db")) as connection:
        (FOLDER / f"{revision}.sqlite.sql").write_text("\n".join(connection.iterdump()) + "\n")
    url = postgres.fresh_database()
    _made(url, revision)
    (FOLDER / f"{revision}.postgresql.sql").write_text(postgres.dump(url))


if __name__ == "__main__":
    with running() as server, tempfile.TemporaryDirectory() as scratch:
        _write(sys.argv[1], server, Path(scratch))
