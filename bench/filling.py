"""Many builds at once: copies of one real, processed build, made by the database itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from seatrial.db.engine import Database
from seatrial.db.tables import build_files, builds

MINUTE_MS = 60_000
AT_ONCE = 100_000
"""Copies of one statement; SQLite holds them all in memory before it writes the first."""
_STATUS = "CASE WHEN n.n % 25 = 0 THEN 'error' WHEN n.n % 97 = 0 THEN 'pending' ELSE 'processed' END"
_OS = "CASE WHEN n.n % 3 = 0 THEN 'ios' ELSE 'android' END"
_VERSION = "'v' || (n.n % 9) || '.' || (n.n % 41)"
_AT = f"b.created_at - (CAST(:count AS BIGINT) - n.n) * {MINUTE_MS}"


def fill(
    database: Database, template: str, count: int, *, whole: bool = True, tagged: bool = False, known: int | None = None
) -> None:
    """Multiply a build over versions, systems and states; counters follow.

    `whole`: with its files and two tags each; `tagged`: with the tags alone; `known`: how many of the newest have what
    was read of them, which is most of a row's bytes (all have where nothing is said).
    """
    known = count if known is None else known
    for first in range(1, count + 1, AT_ONCE):
        with _patient(database) as tx:
            these = range(first, min(first + AT_ONCE, count + 1))
            _copy(tx, {"template": template, "count": count, "known": known}, these, whole=whole, tagged=tagged)
    with _patient(database) as tx:
        _count(tx, template, count)
    # What a database's own keeper does after so many rows: until then PostgreSQL looks each one up behind its index.
    with database.writer.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA analysis_limit = 10000"))  # the whole of ten million takes an hour
            connection.execute(text("ANALYZE"))
        else:
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM ANALYZE"))


@contextmanager
def _patient(database: Database) -> Iterator[Connection]:
    with database.transaction() as tx:
        if tx.dialect.name != "sqlite":
            tx.execute(text("SET LOCAL statement_timeout = 0"))
        yield tx


def _copy(tx: Connection, said: dict[str, object], these: range, *, whole: bool, tagged: bool) -> None:
    numbers, build_id = _numbers(tx), _id_of(tx, "n.n")
    values = said | {"first": these[0], "last": these[-1]}
    _copy_builds(tx, numbers, build_id, values)
    if whole:
        _copy_files(tx, numbers, build_id, values)
    if whole or tagged:
        _add_tags(tx, numbers, build_id, values)


def _numbers(tx: Connection) -> str:
    if tx.dialect.name == "sqlite":
        return "WITH RECURSIVE n(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM n WHERE n < :last)"
    return "WITH n AS (SELECT generate_series(CAST(:first AS BIGINT), CAST(:last AS BIGINT)) AS n)"


def _id_of(tx: Connection, number: str) -> str:
    return f"printf('%024x', {number})" if tx.dialect.name == "sqlite" else f"lpad(to_hex({number}), 24, '0')"


def _count(tx: Connection, template: str, count: int) -> None:
    """Write the counters anew: of copies by their numbers, for reading ten million rows again takes long."""
    others = f"SELECT app_id, version_name, status, os FROM builds WHERE id > {_id_of(tx, 'CAST(:last AS BIGINT)')}"
    copies = f"SELECT b.app_id, {_VERSION} AS version_name, {_STATUS} AS status, {_OS} AS os FROM n, builds b"
    for table, extra in (("build_counts", ""), ("build_version_counts", "version_name, ")):
        tx.execute(text(f"DELETE FROM {table}"))
        tx.execute(
            text(
                f"INSERT INTO {table} (app_id, {extra}status, os, builds) {_numbers(tx)}"
                f" SELECT app_id, {extra}status, os, count(*) FROM"
                f" ({copies} WHERE b.id = :template UNION ALL {others}) both_of GROUP BY app_id, {extra}status, os"
            ),
            {"template": template, "first": 1, "last": count},
        )


def _copy_builds(tx: Connection, numbers: str, build_id: str, values: dict[str, object]) -> None:
    changed = {
        "id": build_id,
        "status": _STATUS,
        "os": _OS,
        "version_name": _VERSION,
        "version_code": "CAST(n.n AS TEXT)",
        "size": "b.size + n.n % 100000",
        "info": "CASE WHEN n.n > CAST(:count AS BIGINT) - CAST(:known AS BIGINT) THEN b.info END",
        "created_at": _AT,
        "updated_at": _AT,
    }
    columns = [column.name for column in builds.columns]
    tx.execute(
        text(_insert("builds", columns, [changed.get(name, f"b.{name}") for name in columns], "n, builds b", numbers)),
        values,
    )


def _copy_files(tx: Connection, numbers: str, build_id: str, values: dict[str, object]) -> None:
    changed = {"id": f"substr({build_id}, 3) || '0' || f.position", "build_id": build_id}
    columns = [column.name for column in build_files.columns]
    source = "n, builds b JOIN build_files f ON f.build_id = b.id"
    tx.execute(
        text(_insert("build_files", columns, [changed.get(name, f"f.{name}") for name in columns], source, numbers)),
        values,
    )


def _add_tags(tx: Connection, numbers: str, build_id: str, values: dict[str, object]) -> None:
    tag = "t.tag || CASE t.p WHEN 1 THEN '-' || (n.n % 50) ELSE '' END"
    source = "n, builds b, (SELECT 0 AS p, 'staging' AS tag UNION ALL SELECT 1, 'sprint') t"
    columns = ["build_id", "app_id", "tag", "position"]
    tx.execute(text(_insert("build_tags", columns, [build_id, "b.app_id", tag, "t.p"], source, numbers)), values)


def _insert(table: str, columns: list[str], expressions: list[str], source: str, numbers: str) -> str:
    quoted = ", ".join(f'"{name}"' for name in columns)
    return (
        f"INSERT INTO {table} ({quoted}) {numbers} SELECT {', '.join(expressions)} FROM {source} WHERE b.id = :template"
    )
