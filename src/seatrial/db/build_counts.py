"""How many builds an app has, by status, system and version: kept in step, so that a list's total costs no scan."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from seatrial.db.tables import build_counts, build_version_counts


@dataclass(frozen=True, slots=True)
class Counted:
    """The values of a build that it is counted by."""

    app_id: str
    version_name: str
    status: str
    os: str


def add(tx: Connection, counted: Counted) -> None:
    """Count a new build in."""
    _shift(tx, {counted: 1})


def remove(tx: Connection, counted: Counted) -> None:
    """Count a deleted build out."""
    _shift(tx, {counted: -1})


def move(tx: Connection, before: Counted, after: Counted) -> None:
    """Follow a build whose values changed."""
    if before != after:
        _shift(tx, {before: -1, after: 1})


@cache
def total(filters: tuple[str, ...]) -> Select[tuple[Any]]:
    """Count exactly how many builds of the app `app_id` match filters by these columns, bound by the columns' names."""
    table = build_version_counts if "version_name" in filters else build_counts
    return select(func.coalesce(func.sum(table.c.builds), 0)).where(
        table.c.app_id == bindparam("app_id"), *(table.c[name] == bindparam(name) for name in filters)
    )


def _shift(tx: Connection, shifts: Mapping[Counted, int]) -> None:
    """Change counters, always in the same order, so that no two transactions wait for each other's."""
    for table in (build_counts, build_version_counts):
        columns = [column.name for column in table.primary_key.columns]
        by_key: Counter[tuple[str, ...]] = Counter()
        for counted, by in shifts.items():
            by_key[tuple(getattr(counted, name) for name in columns)] += by
        for key, by in sorted(by_key.items()):
            if by:
                _shift_one(tx, table, dict(zip(columns, key, strict=True)), by)


def _shift_one(tx: Connection, table: Table, key: dict[str, str], by: int) -> None:
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(**key, builds=by)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=list(table.primary_key.columns), set_={"builds": table.c.builds + by}
        )
    )
    if by < 0:
        # Version names are as many as people like: an empty counter is not kept.
        tx.execute(delete(table).where(*(table.c[name] == value for name, value in key.items()), table.c.builds <= 0))
