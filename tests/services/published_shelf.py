"""Publications as retention sees them, held in the test's own hands."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from seatrial.db.retention import Mark, Offered
from seatrial.db.tables import builds
from seatrial.domain.ids import AppId, BuildId
from seatrial.domain.retention import Place


@dataclass
class Shelf:
    """Publications by slug, with the builds that each chooses among; those in `naming` name theirs."""

    choosing: dict[str, set[str]] = field(default_factory=dict)
    naming: dict[str, set[str]] = field(default_factory=dict)

    def offered(self, tx: Connection, app_id: AppId, now: datetime, most: int | None) -> Iterator[Offered]:
        found = []
        rows = tx.execute(select(builds).where(builds.c.app_id == app_id, builds.c.status == "processed")).all()
        newest_first = sorted(rows, key=lambda row: (row.created_at, row.id), reverse=True)
        for slug, ids in self.choosing.items():
            seen: dict[str, int] = {}
            for row in newest_first:
                if row.id in ids:
                    seen[row.os] = seen.get(row.os, 0) + 1
                    if most is None or seen[row.os] <= most:
                        found.append(Offered(Mark(row.created_at, row.id), Place(slug, seen[row.os])))
        for slug, ids in self.naming.items():
            named = [row for row in newest_first if row.id in ids]
            found += [Offered(Mark(row.created_at, row.id), Place(slug, None)) for row in named]
        return iter(sorted(found, key=lambda one: one.mark, reverse=True))

    def places(self, tx: Connection, app_id: AppId, build_id: BuildId, now: datetime, most: int) -> tuple[Place, ...]:
        return tuple(one.place for one in self.offered(tx, app_id, now, None) if one.mark.id == build_id)
