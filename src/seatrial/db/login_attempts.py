"""Logins under way or failed, counted in windows of time where every process sees them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, case, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from seatrial.db.tables import login_attempts

_SKEW = timedelta(minutes=1)
"""So much may the clocks of processes differ; a window that begins later was opened by one that was wrong."""


def read(tx: Connection, keys: Iterable[str], since: datetime, now: datetime) -> dict[str, tuple[int, datetime]]:
    """Read how many attempts there were under these keys, and when their windows began; older ones do not count."""
    rows = tx.execute(select(login_attempts).where(login_attempts.c.key.in_(list(keys)), ~_is_over(since, now)))
    return {row.key: (row.attempts, row.began_at) for row in rows}


def add(tx: Connection, key: str, since: datetime, now: datetime) -> tuple[int, datetime]:
    """Count an attempt; gives how many there are in the window, this one included, and when that began.

    A window that began at or before `since`, or that has not begun, is over and begins anew.
    """
    make = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = make(login_attempts).values(key=key, attempts=1, began_at=now)
    is_over = _is_over(since, now)
    row = tx.execute(
        statement.on_conflict_do_update(
            index_elements=[login_attempts.c.key],
            set_={
                "attempts": case((is_over, 1), else_=login_attempts.c.attempts + 1),
                "began_at": case((is_over, statement.excluded.began_at), else_=login_attempts.c.began_at),
            },
        ).returning(login_attempts.c.attempts, login_attempts.c.began_at)
    ).one()
    return row.attempts, row.began_at


def take_back(tx: Connection, amounts: Mapping[str, int | None]) -> None:
    """Take attempts back that turned out well: so many of a key, or all (`None`)."""
    for key, amount in sorted(amounts.items()):
        if amount is None:
            tx.execute(delete(login_attempts).where(login_attempts.c.key == key))
        else:
            tx.execute(
                update(login_attempts)
                .where(login_attempts.c.key == key, login_attempts.c.attempts >= amount)
                .values(attempts=login_attempts.c.attempts - amount)
            )


def delete_before(tx: Connection, moment: datetime) -> int:
    """Forget windows that began earlier; gives how many."""
    return tx.execute(delete(login_attempts).where(login_attempts.c.began_at < moment)).rowcount


def _is_over(since: datetime, now: datetime) -> ColumnElement[bool]:
    return or_(login_attempts.c.began_at <= since, login_attempts.c.began_at > now + _SKEW)
