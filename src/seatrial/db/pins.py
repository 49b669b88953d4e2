"""Pins of builds."""

from collections.abc import Sequence

from sqlalchemy import Connection, Row, delete, insert, select

from seatrial.db import persons
from seatrial.db.tables import build_pins
from seatrial.domain.ids import BuildId
from seatrial.domain.retention import Pin


def put(tx: Connection, pin: Pin) -> None:
    """Pin a build that the caller holds, in the place of any pin before."""
    remove(tx, pin.build_id)
    tx.execute(
        insert(build_pins).values(
            build_id=pin.build_id,
            reason=pin.reason,
            pinned_by=persons.to_json(pin.pinned_by),
            pinned_at=pin.pinned_at,
        )
    )


def remove(tx: Connection, build_id: BuildId) -> bool:
    """Take a build's pin away; tells whether there was one."""
    return tx.execute(delete(build_pins).where(build_pins.c.build_id == build_id)).rowcount == 1


def find(tx: Connection, build_id: str) -> Pin | None:
    """Find a build's pin."""
    return of_builds(tx, [build_id]).get(BuildId(build_id))


def of_builds(tx: Connection, build_ids: Sequence[str]) -> dict[BuildId, Pin]:
    """Read the pins of several builds at once."""
    if not build_ids:
        return {}
    rows = tx.execute(select(build_pins).where(build_pins.c.build_id.in_(build_ids)))
    return {row.build_id: _pin(row) for row in rows}


def _pin(row: Row[tuple[object, ...]]) -> Pin:
    return Pin(
        build_id=row.build_id,
        reason=row.reason,
        pinned_by=persons.from_json(row.pinned_by),
        pinned_at=row.pinned_at,
    )
