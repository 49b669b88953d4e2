"""How much of everything there is over all organizations, for those who run the server: counts by state, no content."""

from collections.abc import Mapping

from sqlalchemy import Column, Connection, func, select

from seatrial.db.tables import build_counts, executors, loose_blobs, mails, webhook_deliveries


def builds(tx: Connection) -> Mapping[str, int]:
    """Count builds by status, from counters."""
    rows = tx.execute(
        select(build_counts.c.status, func.sum(build_counts.c.builds).label("many")).group_by(build_counts.c.status)
    )
    return {row.status: int(row.many) for row in rows}


def mail_states(tx: Connection) -> Mapping[str, int]:
    """Count mails by state."""
    return _counted(tx, mails.c.state)


def delivery_states(tx: Connection) -> Mapping[str, int]:
    """Count deliveries of webhooks by status."""
    return _counted(tx, webhook_deliveries.c.status)


def processes(tx: Connection) -> Mapping[str, int]:
    """Count processes by role."""
    return _counted(tx, executors.c.role)


def reservations(tx: Connection) -> int:
    """Count reservations of bytes that nobody owns yet: uploads on their way, and what is being removed."""
    return int(tx.execute(select(func.count()).select_from(loose_blobs)).scalar_one())


def _counted(tx: Connection, column: Column[str]) -> Mapping[str, int]:
    rows = tx.execute(select(column.label("state"), func.count().label("many")).group_by(column))
    return {str(row.state): int(row.many) for row in rows}
