"""Who keeps an app's builds as rules say, for the tests of retention."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection, func, select, update

from seatrial.db import apps, tables
from seatrial.db import builds as build_rows
from seatrial.domain.access import AppScope
from seatrial.domain.app import AppSettings
from seatrial.domain.retention import Judged, Reason, RetentionQuery
from seatrial.services.pins import Pins
from seatrial.services.retention import Retention
from tests.db.sample_rows import new_build
from tests.services.published_shelf import Shelf
from tests.services.rooms import Rooms

DAY = 24 * 3600
EVERYTHING = RetentionQuery(limit=1000)


@dataclass
class Keeper:
    """An app with builds of any age, and publications to choose among them."""

    rooms: Rooms
    scope: AppScope
    shelf: Shelf = field(default_factory=Shelf)

    @property
    def retention(self) -> Retention:
        return Retention(self.rooms.db, self.shelf, self.rooms.now)

    @property
    def pins(self) -> Pins:
        return Pins(self.rooms.db, self.rooms.now)

    def build(self, days: float, status: str = "processed", os: str = "android", size: int = 3) -> str:
        """Add a build that is so many days old."""
        new = new_build(os=os, size=size, now=self.rooms.time - timedelta(days=days))
        with self.rooms.db.transaction() as tx:
            build_rows.insert_build(tx, self.scope, new)
            tx.execute(update(tables.builds).where(tables.builds.c.id == new.id).values(status=status))
            _recount(tx, self.scope.app_id)
        return new.id

    def rule(self, days: int | None = None, per_publication: int | None = None) -> None:
        said = AppSettings(build_retention_days=days, builds_retained_per_publication=per_publication)
        with self.rooms.db.transaction() as tx:
            apps.update_app(tx, self.scope, said, self.rooms.time)

    def why(self, query: RetentionQuery = EVERYTHING) -> dict[str, Reason]:
        return {one.verdict.facts.id: one.verdict.reason for one in self.lines(query)}

    def lines(self, query: RetentionQuery = EVERYTHING) -> Sequence[Judged]:
        return self.retention.preview(self.scope, query).page.items

    def there(self) -> set[str]:
        with self.rooms.db.read() as tx:
            own = tables.builds.c.app_id == self.scope.app_id
            return set(tx.execute(select(tables.builds.c.id).where(own)).scalars())


def _recount(tx: Connection, app_id: str) -> None:
    """Set an app's counters to what there is."""
    for table, columns in (
        (tables.build_counts, ("app_id", "status", "os")),
        (tables.build_version_counts, ("app_id", "version_name", "status", "os")),
    ):
        tx.execute(table.delete().where(table.c.app_id == app_id))
        kinds = [tables.builds.c[name] for name in columns]
        counted = select(*kinds, func.count()).where(tables.builds.c.app_id == app_id).group_by(*kinds)
        tx.execute(table.insert().from_select([*columns, "builds"], counted))
