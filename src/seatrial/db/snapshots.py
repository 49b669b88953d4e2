"""Everything that the database holds of a build, out of its tables and back again, to the letter.

Which tables those are is not listed anywhere: they are the ones whose rows the database would delete with the build. So
a table that comes to hang on builds tomorrow is kept and brought back, too.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    insert,
    or_,
    select,
    type_coerce,
)

from seatrial.db.tables import Instant, builds, metadata

ROWS_IN_CHUNK = 200

Rows = list[dict[str, object]]


def take(tx: Connection, build_id: str) -> Iterator[tuple[str, str]]:
    """Read all rows of a build, those that others hang on first: the name of a table, and some of its rows as JSON."""
    options = {"stream_results": True, "yield_per": ROWS_IN_CHUNK}
    for table, statement in _statements():
        found = tx.execute(statement, {"build_id": build_id}, execution_options=options)
        for rows in found.partitions():
            yield table.name, text_of([dict(row._mapping) for row in rows])  # noqa: SLF001


def put_back(tx: Connection, table_name: str, content: str) -> None:
    """Insert rows that `take` gave; what the schema has gained since has its default, what it has lost is dropped."""
    table = metadata.tables.get(table_name)
    rows = rows_of(content)
    if table is None or not rows:
        return
    names = [column.name for column in table.c if column.name in rows[0]]
    values: Mapping[str, ColumnElement[Any]] = {name: _stored_again(tx, table, name) for name in names}
    tx.execute(insert(table).values(values), [{f"v_{name}": row[name] for name in names} for row in rows])


def rows_of(content: str) -> Rows:
    """Read rows that `take` gave."""
    return msgspec.json.decode(content, type=Rows)


def text_of(rows: Rows) -> str:
    """Write rows as `take` gives them."""
    return msgspec.json.encode(rows).decode()


def tables() -> Sequence[Table]:
    """Name the tables whose rows go and come with a build."""
    return [table for table, _ in _hanging()]


@cache
def _statements() -> list[tuple[Table, Select[Any]]]:
    """Draw the statements up once: writing them takes longer than running them."""
    return [
        (table, select(*map(_as_stored, table.c)).where(own).order_by(*table.primary_key.columns))
        for table, own in _hanging()
    ]


@cache
def _hanging() -> list[tuple[Table, ColumnElement[bool]]]:
    """Find the tables, and for each the condition for the rows of the build `build_id`."""
    found: dict[Table, ColumnElement[bool]] = {builds: builds.c.id == bindparam("build_id")}
    for table in metadata.sorted_tables:
        owned = [
            foreign.parent.in_(select(foreign.column).where(found[foreign.column.table]))
            for foreign in table.foreign_keys
            if foreign.ondelete == "CASCADE" and foreign.column.table in found
        ]
        if owned and table not in found:
            found[table] = or_(*owned)
    return list(found.items())


def _as_stored(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Read a value as it lies in the table: JSON as its text, which tells null in it from none."""
    if isinstance(column.type, JSON):
        return cast(column, Text).label(column.key)
    if isinstance(column.type, Instant):
        return type_coerce(column, BigInteger).label(column.key)
    return column


def _stored_again(tx: Connection, table: Table, name: str) -> ColumnElement[Any]:
    kind = table.c[name].type
    plain: Callable[[Any], ColumnElement[Any]] = lambda of: bindparam(f"v_{name}", type_=of)  # noqa: E731
    if isinstance(kind, JSON):
        # SQLite keeps JSON as text, and would take a cast to it for one to a number.
        return cast(plain(Text()), JSON) if tx.dialect.name == "postgresql" else type_coerce(plain(Text()), Text)
    return plain(BigInteger()) if isinstance(kind, Instant) else plain(kind)
