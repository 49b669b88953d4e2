"""Object keys whose bytes may exist without an owner: being written, or to be removed.

A row is written before the first byte and removed with the owner's transaction, so that what a dead process left behind
is found by a query and not by walking the store.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, delete, exists, insert, select, update

from seatrial.db.tables import executors, loose_blobs
from seatrial.domain.place import Place, place_from


@dataclass(frozen=True, slots=True)
class LooseBlobs:
    """One reservation of places by one process."""

    id: str
    executor_id: str
    places: tuple[Place, ...]


def insert_loose(tx: Connection, loose: LooseBlobs, now: datetime) -> None:
    """Reserve keys."""
    tx.execute(
        insert(loose_blobs).values(
            id=loose.id, executor_id=loose.executor_id, keys=[str(place) for place in loose.places], created_at=now
        )
    )


def release(tx: Connection, loose_id: str, executor_id: str) -> bool:
    """Give up a process's reservation, because its bytes have an owner now or are gone; tells whether it had it."""
    mine = (loose_blobs.c.id == loose_id, loose_blobs.c.executor_id == executor_id)
    return tx.execute(delete(loose_blobs).where(*mine)).rowcount == 1


def take(tx: Connection, loose: LooseBlobs, executor_id: str) -> bool:
    """Make a reservation another process's, the only one to release it from then on; tells whether it was there."""
    theirs = (loose_blobs.c.id == loose.id, loose_blobs.c.executor_id == loose.executor_id)
    return tx.execute(update(loose_blobs).where(*theirs).values(executor_id=executor_id)).rowcount == 1


def find(tx: Connection, loose_id: str, *, hold: bool = False) -> LooseBlobs | None:
    """Find a reservation; `hold` waits for a transaction that is about to release it."""
    statement = select(loose_blobs).where(loose_blobs.c.id == loose_id)
    row = tx.execute(statement.with_for_update() if hold else statement).one_or_none()
    return _loose(row) if row else None


def everything(tx: Connection) -> Sequence[LooseBlobs]:
    """Read all reservations."""
    return [_loose(row) for row in tx.execute(select(loose_blobs))]


def abandoned(
    tx: Connection, executor_ids: Collection[str], active: Collection[str], limit: int = 500
) -> Sequence[LooseBlobs]:
    """Read reservations that nobody works on: of executors that are no more, and all but the active ones of these."""
    rows = tx.execute(
        select(loose_blobs)
        .where(
            ~exists().where(executors.c.id == loose_blobs.c.executor_id) | loose_blobs.c.executor_id.in_(executor_ids),
            loose_blobs.c.id.not_in(active),
        )
        .order_by(loose_blobs.c.created_at)
        .limit(limit)
    )
    return [_loose(row) for row in rows]


def _loose(row: Row[tuple[object, ...]]) -> LooseBlobs:
    return LooseBlobs(row.id, row.executor_id, tuple(place_from(text) for text in row.keys))
