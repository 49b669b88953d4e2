"""The door to the index over the words of builds: FTS5 on SQLite, GIN on PostgreSQL, the same answers from both.

Answers come from the newest build backwards, and never is a million of them sorted. FTS5 walks its index in that order
by itself. PostgreSQL cannot, and its planner often guesses wrong which of two ways is short, so it is told: first look
at the newest builds themselves, which is enough for a common word; then, for a rare one, ask the index.
"""

from collections.abc import Callable, Sequence
from functools import cache

import msgspec
from sqlalchemy import Connection, String, TableValuedAlias, TextClause, cast, column, func, literal, text
from sqlalchemy.dialects.postgresql import JSONB

from seatrial.db.tables.search import WORDS
from seatrial.domain.ids import AppId
from seatrial.domain.search import COUNTED

WINDOW = 2000
"""The newest builds that PostgreSQL looks at one by one before it asks the index."""
ENOUGH = 50
"""Matches among them that make a word a common one."""
WALKED = 12_000
"""Builds that PostgreSQL rather looks at one by one than fetch all matches, each of which costs as much as three."""

Found = list[tuple[str, int]]
"""Ids of builds, each with its number."""


def question(tx: Connection, exact: Sequence[str], beginnings: Sequence[str]) -> str:
    """Write a question as the database's index wants it; words are letters, digits and underscores only."""
    if _is_sqlite(tx):
        return " AND ".join([*(f'"{word}"' for word in exact), *(f'"{word}" *' for word in beginnings)])
    return " & ".join([*(f"'{word}'" for word in exact), *(f"'{word}':*" for word in beginnings)])


def within(tx: Connection, asked: str, words: Sequence[str]) -> str:
    """Narrow a question to builds that have one of these words."""
    quote, or_, and_ = ('"', " OR ", "AND") if _is_sqlite(tx) else ("'", " | ", "&")
    either = or_.join(f"{quote}{word}{quote}" for word in words or ["_none"])
    return f"({asked}) {and_} ({either})"


def newest(
    tx: Connection, asked: str, app_id: AppId | None, start: int, limit: int, *, towards_old: bool = True
) -> Found:
    """Find the matches next to a place, nearest first."""
    window = max(WINDOW, limit)
    values: dict[str, str | int] = {"asked": asked, "start": start, "limit": limit, "window": window}
    if app_id is not None:
        values["app"] = app_id
    in_app = app_id is not None
    if _is_sqlite(tx):
        return _found(tx, _by_fts5(towards_old, in_app), values)
    near = _found(tx, _by_walk(towards_old, in_app, bounded=True), values)
    if len(near) >= limit:
        return near
    # Common enough that walking on ends soon; a rare word has few matches in the index.
    if len(near) >= ENOUGH or len(near) * WALKED >= limit * window:
        return _found(tx, _by_walk(towards_old, in_app, bounded=False), values)
    return _found(tx, _by_gin(towards_old, in_app), values)


def named(tx: Connection, build_ids: Sequence[str]) -> TableValuedAlias:
    """Give ids as a table with the column `value`."""
    ids = literal(msgspec.json.encode(build_ids).decode())
    if _is_sqlite(tx):
        return func.json_each(ids).table_valued(column("value", String), name="chosen")
    return func.jsonb_array_elements_text(cast(ids, JSONB)).table_valued(column("value", String), name="chosen")


def count(tx: Connection, asked: str, app_id: AppId, builds: Callable[[], int]) -> tuple[int, bool]:
    """Count an app's matches up to a bound; whether there are more, or may be.

    `builds` tells how many builds the app has; it is asked only where that decides.
    """
    values = {"asked": asked, "app": app_id, "window": WINDOW}
    if _is_sqlite(tx):
        inner = f"SELECT rowid FROM build_words WHERE build_words MATCH :asked LIMIT {COUNTED + 1}"  # noqa: S608
        counted = int(tx.execute(text(f"SELECT count(*) FROM ({inner})"), {"asked": asked}).scalar_one())  # noqa: S608
        return min(counted, COUNTED), counted > COUNTED
    seen, near = tx.execute(_counting_near(), values).one()
    if seen < WINDOW:
        return int(near), False
    if near >= ENOUGH or near * builds() > WINDOW * COUNTED:
        return int(near), True  # about so many as the bound, if they are as common everywhere
    counted = int(tx.execute(_counting_all(), values).scalar_one())
    return min(counted, COUNTED), counted > COUNTED


def _found(tx: Connection, statement: TextClause, values: dict[str, str | int]) -> Found:
    return [
        (build_id, seq) for build_id, seq in tx.execute(statement, values).all()
    ]  # thousands, where they are sorted


@cache
def _by_fts5(towards_old: bool, in_app: bool) -> TextClause:  # what differs, once each
    sign, order = _direction(towards_old)
    return text(
        "SELECT s.build_id, s.seq FROM (SELECT rowid FROM build_words WHERE build_words MATCH :asked"  # noqa: S608
        f" AND rowid {sign} :start ORDER BY rowid {order} LIMIT :limit) w"
        f" JOIN build_search s ON s.seq = w.rowid WHERE {_app(in_app)}true ORDER BY s.seq {order}"
    )


@cache
def _by_walk(towards_old: bool, in_app: bool, *, bounded: bool) -> TextClause:
    """Look at builds one by one, by the index of their numbers; the inner bound keeps the planner from another way."""
    sign, order = _direction(towards_old)
    bound = "LIMIT :window" if bounded else "OFFSET 0"
    return text(
        "SELECT build_id, seq FROM (SELECT build_id, seq, document FROM build_search"  # noqa: S608
        f" WHERE {_app(in_app)}seq {sign} :start ORDER BY seq {order} {bound}) near"
        f" WHERE {WORDS} @@ CAST(:asked AS tsquery) ORDER BY seq {order} LIMIT :limit"
    )


@cache
def _by_gin(towards_old: bool, in_app: bool) -> TextClause:
    """Ask the index for all matches; apart from the order, or the planner would walk after all."""
    sign, order = _direction(towards_old)
    return text(
        f"WITH found AS MATERIALIZED (SELECT build_id, seq, app_id FROM build_search WHERE {WORDS} @@"  # noqa: S608
        f" CAST(:asked AS tsquery)) SELECT build_id, seq FROM found WHERE {_app(in_app)}seq {sign} :start"
        f" ORDER BY seq {order} LIMIT :limit"
    )


@cache
def _counting_near() -> TextClause:
    return text(
        f"SELECT count(*), count(*) FILTER (WHERE {WORDS} @@ CAST(:asked AS tsquery)) FROM"  # noqa: S608
        " (SELECT document FROM build_search WHERE app_id = :app ORDER BY seq DESC LIMIT :window) near"
    )


@cache
def _counting_all() -> TextClause:
    return text(
        f"WITH found AS MATERIALIZED (SELECT app_id FROM build_search WHERE {WORDS} @@ CAST(:asked AS tsquery))"  # noqa: S608
        " SELECT count(*) FROM found WHERE app_id = :app"
    )


def _direction(towards_old: bool) -> tuple[str, str]:
    return ("<", "DESC") if towards_old else (">", "ASC")


def _app(in_app: bool) -> str:
    # Named even where the words say it already, so that the app's own index can be walked.
    return "app_id = :app AND " if in_app else ""


def _is_sqlite(tx: Connection) -> bool:
    return tx.dialect.name == "sqlite"
