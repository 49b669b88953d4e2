"""Who has taken which turn of what happens once in a while: one row for each kind, whatever the number of servers."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from seatrial.db.tables import executors, schedules


def claim(tx: Connection, name: str, period_start: datetime, executor_id: str, now: datetime) -> bool:
    """Take the turn that begins at a moment; exactly one of any number of callers gets True.

    A turn that was taken and not finished is taken over from an executor that is no more, and its own executor may go
    on with it.
    """
    values = {"period_start": period_start, "executor_id": executor_id, "claimed_at": now, "finished_at": None}
    taken = tx.execute(
        update(schedules).where(schedules.c.name == name, _open(period_start, executor_id)).values(values)
    )
    if taken.rowcount:
        return True
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    added = insert(schedules).values(name=name, **values).on_conflict_do_nothing().returning(schedules.c.name)
    return tx.execute(added).one_or_none() is not None


def last(tx: Connection, name: str) -> datetime | None:
    """Give the beginning of the last turn that somebody took; it stays the last one until the caller is done."""
    statement = select(schedules.c.period_start).where(schedules.c.name == name).with_for_update()
    found: datetime | None = tx.execute(statement).scalar_one_or_none()
    return found


def is_open(tx: Connection, name: str, period_start: datetime, executor_id: str) -> bool:
    """Whether `claim` would get the turn: to look without writing."""
    taken = tx.execute(select(_open(period_start, executor_id)).where(schedules.c.name == name)).scalar_one_or_none()
    return taken is None or bool(taken)


def finish(tx: Connection, name: str, period_start: datetime, executor_id: str, now: datetime) -> None:
    """Note that a turn is done, unless somebody else has taken it since."""
    mine = (
        schedules.c.name == name,
        schedules.c.period_start == period_start,
        schedules.c.executor_id == executor_id,
    )
    tx.execute(update(schedules).where(*mine).values(finished_at=now))


def _open(period_start: datetime, executor_id: str) -> ColumnElement[bool]:
    gone = ~exists().where(executors.c.id == schedules.c.executor_id)
    unfinished = and_(
        schedules.c.period_start == period_start,
        schedules.c.finished_at.is_(None),
        or_(schedules.c.executor_id == executor_id, gone),
    )
    return or_(schedules.c.period_start < period_start, unfinished)
