"""How often a build was downloaded, by day."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Connection, func, select, type_coerce

from seatrial.db.tables import EPOCH, downloads
from seatrial.domain.access import AppScope
from seatrial.domain.ids import BuildId

_DAY_MS = 24 * 3600 * 1000


def per_day(tx: Connection, scope: AppScope, build_id: BuildId, since: datetime) -> dict[str, int]:
    """Count a build's downloads by day in UTC, as `2026-11-28`; days without any are left out."""
    day = type_coerce(downloads.c.created_at, BigInteger) // _DAY_MS
    rows = tx.execute(
        select(day.label("day"), func.count().label("downloads"))
        .where(
            downloads.c.build_id == build_id,
            downloads.c.app_id == scope.app_id,
            downloads.c.organization_id == scope.organization_id,
            downloads.c.created_at >= since,
        )
        .group_by(day)
    )
    return {(EPOCH + timedelta(days=int(row.day))).date().isoformat(): row.downloads for row in rows}
