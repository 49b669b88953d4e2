"""Numbers that people look at: today's totals, and a curve over days."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from seatrial.db import numbers
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, OrganizationScope, Permission
from seatrial.domain.app import AppOverview
from seatrial.domain.event import Event, EventKind
from seatrial.domain.ids import AppId
from seatrial.domain.numbers import Day, Failing, Newest, Totals

MOST_DAYS = 366
COUNT_STORAGE_EVERY = timedelta(hours=1)
_APPS_AT_ONCE = 50
_MOST_SYSTEMS = 20
_COUNTERS = {
    EventKind.BUILD_UPLOADED: "builds",
    EventKind.BUILD_FAILED: "failures",
    EventKind.BUILD_DOWNLOADED: "downloads",
}


def note(tx: Connection, event: Event) -> None:
    """Count what happened, in its own transaction."""
    column = _COUNTERS.get(event.kind)
    if column is not None:
        numbers.count(tx, event.organization_id, event.app_id, event.at, column)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Adds up."""

    db: Database
    now: Callable[[], datetime]

    def totals(self, scope: OrganizationScope) -> Totals:
        """Give what an organization has.

        Raises Forbidden.
        """
        scope.require(Permission.APP_LIST)
        with self.db.read() as tx:
            return numbers.totals(tx, scope)

    def days(self, scope: OrganizationScope, count: int) -> list[Day]:
        """Give the last so many days of an organization, or of one app, today included, the oldest first.

        Raises Forbidden.
        """
        scope.require(Permission.DOWNLOAD_LIST if isinstance(scope, AppScope) else Permission.APP_LIST)
        now = self.now()
        with self.db.read() as tx:
            return numbers.days(tx, scope, now - timedelta(days=min(count, MOST_DAYS) - 1), now)

    def newest(self, scope: OrganizationScope, apps: Sequence[AppOverview]) -> dict[AppId, list[Newest]]:
        """Give the newest build of each system of these apps.

        Raises Forbidden.
        """
        scope.require(Permission.APP_LIST)
        systems = sorted({system for one in apps for system in one.platforms})[:_MOST_SYSTEMS]
        with self.db.read() as tx:
            return numbers.newest(tx, scope, [one.app.id for one in apps], systems)

    def failed(self, scope: OrganizationScope) -> dict[AppId, Failing]:
        """Count the builds of each app that could not be understood, the app with most of them first.

        Raises Forbidden.
        """
        scope.require(Permission.APP_LIST)
        with self.db.read() as tx:
            return numbers.failed(tx, scope)

    def count_storage(self) -> int:
        """Add up the files of apps that have waited longest for it; gives how many apps that were."""
        before = self.now() - COUNT_STORAGE_EVERY
        with self.db.read() as tx:
            waiting = numbers.stale_storage(tx, before, _APPS_AT_ONCE)
        for app_id, organization_id in waiting:
            with self.db.read() as tx:
                octets = numbers.stored(tx, app_id)
            with self.db.transaction() as tx:
                numbers.keep_stored(tx, app_id, organization_id, octets, self.now())
        return len(waiting)
