"""Counters by day, and what files take."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

from seatrial.db.tables import EPOCH, apps, build_counts, builds, daily_numbers, usage_counts
from seatrial.domain.access import AppScope, OrganizationScope
from seatrial.domain.build import BuildStatus
from seatrial.domain.ids import AppId, OrganizationId
from seatrial.domain.numbers import Day, Failing, Newest, Totals
from seatrial.domain.quota import Item

_DAY = timedelta(days=1)


def day_of(at: datetime) -> int:
    """Give a moment's day: how many days in UTC since 1970."""
    return (at - EPOCH) // _DAY


def count(tx: Connection, organization_id: OrganizationId, app_id: AppId, at: datetime, column: str) -> None:
    """Add one to a counter of an app's day: `builds`, `failures` or `downloads`."""
    dialect = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = dialect(daily_numbers).values(
        app_id=app_id, organization_id=organization_id, day=day_of(at), **{column: 1}
    )
    tx.execute(
        statement.on_conflict_do_update(index_elements=["app_id", "day"], set_={column: daily_numbers.c[column] + 1})
    )


def days(tx: Connection, scope: OrganizationScope, since: datetime, until: datetime) -> list[Day]:
    """Read every day of a span, of an organization or of the app of an app's scope; also those without anything."""
    first, last = day_of(since), day_of(until)
    sums = [func.sum(daily_numbers.c[name]).label(name) for name in ("builds", "failures", "downloads")]
    rows = tx.execute(
        select(daily_numbers.c.day, *sums)
        .where(*_seen(scope, daily_numbers), daily_numbers.c.day.between(first, last))
        .group_by(daily_numbers.c.day)
    )
    found = {row.day: row for row in rows}
    return [
        Day(
            (EPOCH + day * _DAY).date(),
            int(found[day].builds) if day in found else 0,
            int(found[day].failures) if day in found else 0,
            int(found[day].downloads) if day in found else 0,
        )
        for day in range(first, last + 1)
    ]


def totals(tx: Connection, scope: OrganizationScope) -> Totals:
    """Add up what an organization has."""
    how_many, downloaded = tx.execute(
        select(func.count(), func.coalesce(func.sum(apps.c.downloads), 0)).where(*_seen(scope, apps, "id"))
    ).one()
    builds_by_status = by_status(tx, scope)
    stored = tx.execute(
        select(func.coalesce(func.sum(usage_counts.c.amount), 0))
        .join(apps, apps.c.id == usage_counts.c.owner)
        .where(*_seen(scope, apps, "id"), usage_counts.c.item == Item.STORAGE.value)
    ).scalar_one()
    return Totals(
        apps=how_many,
        builds=sum(builds_by_status.values()),
        failed=builds_by_status.get("error", 0),
        downloads=int(downloaded),
        stored=int(stored),
    )


def by_status(tx: Connection, scope: OrganizationScope) -> Mapping[str, int]:
    """Count an organization's builds by status."""
    rows = tx.execute(
        select(build_counts.c.status, func.sum(build_counts.c.builds).label("builds"))
        .join(apps, apps.c.id == build_counts.c.app_id)
        .where(*_seen(scope, apps, "id"))
        .group_by(build_counts.c.status)
    )
    return {row.status: int(row.builds) for row in rows}


def failed(tx: Connection, scope: OrganizationScope) -> dict[AppId, Failing]:
    """Count the builds of each app that could not be understood, where there are any."""
    counted = func.sum(build_counts.c.builds)
    rows = tx.execute(
        select(apps.c.id, apps.c.name, apps.c.slug, counted.label("builds"))
        .join(apps, apps.c.id == build_counts.c.app_id)
        .where(*_seen(scope, apps, "id"), build_counts.c.status == "error")
        .group_by(apps.c.id, apps.c.name, apps.c.slug)
        .having(counted > 0)
        .order_by(counted.desc(), apps.c.id)
    )
    return {AppId(row.id): Failing(name=row.name, slug=row.slug, builds=int(row.builds)) for row in rows}


def newest(
    tx: Connection, scope: OrganizationScope, app_ids: Sequence[AppId], systems: Sequence[str]
) -> dict[AppId, list[Newest]]:
    """Find the newest build of each of these systems in several apps: one step into an index for each."""
    if not app_ids or not systems:
        return {}
    last = [
        select(builds.c.id)
        .where(builds.c.app_id == apps.c.id, builds.c.os == system)
        .order_by(builds.c.created_at.desc(), builds.c.id.desc())
        .limit(1)
        .correlate(apps)
        .scalar_subquery()
        for system in systems
    ]
    rows = tx.execute(select(*last).where(*_seen(scope, apps, "id"), apps.c.id.in_(app_ids)))
    ids = [build_id for row in rows for build_id in row if build_id is not None]
    columns = ("id", "app_id", "os", "version_name", "version_code", "status", "created_at")
    found: dict[AppId, list[Newest]] = {}
    for row in tx.execute(select(*(builds.c[name] for name in columns)).where(builds.c.id.in_(ids)).order_by("os")):
        said = {name: getattr(row, name) for name in columns if name not in {"app_id", "status"}}
        found.setdefault(row.app_id, []).append(Newest(status=BuildStatus(row.status), **said))
    return found


def _seen(scope: OrganizationScope, table: Table, app: str = "app_id") -> list[ColumnElement[bool]]:
    """Narrow to the apps that the caller sees, or to the one that the scope is of."""
    where: list[ColumnElement[bool]] = [table.c.organization_id == scope.organization_id]
    if isinstance(scope, AppScope):
        where.append(table.c[app] == scope.app_id)
    if scope.visible_apps is not None:
        where.append(table.c[app].in_(scope.visible_apps))
    return where
