"""How far builds are: a narrow look at many, for those who wait."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from seatrial.db.tables import builds
from seatrial.domain.build import BuildStatus, Progress


def of(tx: Connection, build_ids: Collection[str]) -> dict[str, Progress]:
    """Give how far builds are, by id; those that are gone are missing."""
    columns = (builds.c.id, builds.c.status, builds.c.stage, builds.c.revision, builds.c.error, builds.c.error_code)
    found = tx.execute(select(*columns).where(builds.c.id.in_(build_ids)))
    return {
        row.id: Progress(BuildStatus(row.status), row.stage, row.revision, row.error, row.error_code) for row in found
    }
