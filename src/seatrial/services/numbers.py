"""Numbers that people look at: today's totals, and a curve over days."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from seatrial.db import numbers, usage
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, OrganizationScope, Permission
from seatrial.domain.app import AppOverview
from seatrial.domain.event import Event, EventKind
from seatrial.domain.ids import AppId
from seatrial.domain.numbers import Day, Failing, Newest, Totals
from seatrial.domain.quota import Item, counter

MOST_DAYS = 366
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
    if event.kind is EventKind.BUILD_DOWNLOADED:
        usage.shift(tx, event.organization_id, event.app_id, {counter(Item.DOWNLOADS, event.at): 1})


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
