"""Whole tables out of one database and into another, of either kind: rows as lines of JSON, as they are stored.

A dump is read in one transaction and sees one moment, while others write. Moments are numbers and JSON is text in it,
so nothing is lost between SQLite and PostgreSQL, not even the spelling of somebody's numbers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from seatrial.db import tables
from seatrial.domain.place import place_from

BATCH = 500
LEFT_OUT = frozenset({"executors", "unfinished_uploads"})
"""Processes that run, and uploads that were not answered: there are none after a restore."""
BLOB_TABLES = (tables.build_files, tables.app_files, tables.feedback_files)
ENGINE_TABLES = ("workflow_status", "workflow_input")
"""Of the job engine; only jobs that have not ended are taken along."""
_UNFINISHED = "('ENQUEUED', 'PENDING', 'DELAYED')"
_ENGINE_SCHEMA = "dbos"


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table's name and its columns, each with what its values are: `int`, `bool`, `json` or `text`."""

    name: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Blob:
    """An object that the database names; the digest and size are empty and `None` where it does not say them."""

    provider_id: str
    key: str
    sha256: str = ""
    size: int | None = None


def ours() -> list[TableShape]:
    """Name all tables, those first that others refer to."""
    return [
        TableShape(str(table.name), {str(column.name): _kind(column.type) for column in table.c})
        for table in tables.metadata.sorted_tables
        if table.name not in LEFT_OUT
    ]


def engines(tx: Connection) -> list[TableShape]:
    """Name the job engine's tables as they are in this database."""
    look = sa.inspect(tx)
    schema = _engine_schema(tx)
    return [
        TableShape(
            name, {str(column["name"]): _kind(column["type"]) for column in look.get_columns(name, schema=schema)}
        )
        for name in ENGINE_TABLES
        if look.has_table(name, schema=schema)
    ]


def lines(tx: Connection, shape: TableShape) -> Iterator[bytes]:
    """Give a table's rows, each as a line with a list of values."""
    is_engines = shape.name in ENGINE_TABLES
    columns = ", ".join(_selected(name, kind) for name, kind in shape.columns.items())
    where = ""
    if is_engines:
        own = _quoted(tx, "workflow_status", engine=True)
        where = f" WHERE workflow_uuid IN (SELECT workflow_uuid FROM {own} WHERE status IN {_UNFINISHED})"  # noqa: S608
    statement = f"SELECT {columns} FROM {_quoted(tx, shape.name, engine=is_engines)}{where}"  # noqa: S608
    encode = msgspec.json.Encoder().encode
    for row in tx.execute(sa.text(statement.replace(":", r"\:")).execution_options(yield_per=BATCH)):
        yield encode(list(row)) + b"\n"


def load(tx: Connection, shape: TableShape, rows: Iterable[bytes]) -> int:
    """Put lines into a table; columns that it does not have are left out. Gives how many rows there were."""
    is_engines = shape.name in ENGINE_TABLES
    schema = _engine_schema(tx) if is_engines else None
    there = {column["name"] for column in sa.inspect(tx).get_columns(shape.name, schema=schema)}
    names = list(shape.columns)
    kept = [name for name in names if name in there]
    values = ", ".join(_bound(tx, number, shape.columns[name]) for number, name in enumerate(names) if name in there)
    into = _quoted(tx, shape.name, engine=is_engines)
    statement = sa.text(f"INSERT INTO {into} ({', '.join(map(_name, kept))}) VALUES ({values})")  # noqa: S608
    places = [(f"v{number}", number, shape.columns[name]) for number, name in enumerate(names) if name in there]
    many, source = 0, iter(rows)
    while batch := list(islice(source, BATCH)):
        decoded: list[Sequence[object]] = [msgspec.json.decode(line) for line in batch]
        tx.execute(statement, [{place: _value(row[n], kind) for place, n, kind in places} for row in decoded])
        many += len(batch)
    return many


def clear(tx: Connection, shapes: Sequence[TableShape]) -> None:
    """Empty tables, those first that refer to others."""
    for shape in reversed(shapes):
        tx.execute(sa.text(f"DELETE FROM {_quoted(tx, shape.name)}"))  # noqa: S608  # our own names


def go_on_counting(tx: Connection) -> None:
    """Let numbers that the database gives out go on behind those that were loaded."""
    if tx.dialect.name == "postgresql":
        statement = "SELECT setval(pg_get_serial_sequence('build_search', 'seq'), max(seq)) FROM build_search"
        tx.execute(sa.text(f"{statement} HAVING max(seq) IS NOT NULL"))


def blobs(tx: Connection) -> Iterator[Blob]:
    """Name every object that the database knows, some of them twice."""
    for table in BLOB_TABLES:
        found = sa.select(table.c.storage_provider_id, table.c.key, table.c.checksum, table.c.size)
        for row in tx.execute(found.execution_options(yield_per=BATCH)):
            yield Blob(row.storage_provider_id, row.key, row.checksum, row.size)
    trashed = sa.select(tables.trash_keys.c.storage_provider_id, tables.trash_keys.c.key)
    for one in tx.execute(trashed.execution_options(yield_per=BATCH)):
        yield Blob(one.storage_provider_id, one.key)


def named(tx: Connection, keys: Iterable[str]) -> set[str]:
    """Tell which of these objects the database names, or has reserved for something that is on its way."""
    wanted, found = list(keys), set[str]()
    for table in (*BLOB_TABLES, tables.trash_keys):
        found |= set(tx.execute(sa.select(table.c.key).where(table.c.key.in_(wanted))).scalars())
    return found


def reserved(tx: Connection) -> set[str]:
    """Name the objects that are being written, or removed."""
    rows = tx.execute(sa.select(tables.loose_blobs.c["keys"])).scalars()
    return {place_from(place).key for places in rows for place in places}


def _kind(type_: sa.types.TypeEngine[object]) -> str:
    inner = getattr(type_, "impl", type_)
    if isinstance(type_, sa.JSON):
        return "json"
    if isinstance(inner, sa.Boolean):
        return "bool"
    return "int" if isinstance(inner, sa.Integer | sa.Numeric) else "text"


def _value(value: object, kind: str) -> object:
    return bool(value) if kind == "bool" and value is not None else value


def _selected(name: str, kind: str) -> str:
    return f"CAST({_name(name)} AS TEXT)" if kind == "json" else _name(name)


def _bound(tx: Connection, number: int, kind: str) -> str:
    if kind == "json" and tx.dialect.name == "postgresql":
        return f"CAST(:v{number} AS JSON)"
    return f":v{number}"


def _name(name: str) -> str:
    return f'"{name}"'


def _quoted(tx: Connection, name: str, *, engine: bool = False) -> str:
    schema = _engine_schema(tx) if engine else None
    return f"{_name(schema)}.{_name(name)}" if schema else _name(name)


def _engine_schema(tx: Connection) -> str | None:
    return _ENGINE_SCHEMA if tx.dialect.name == "postgresql" else None
