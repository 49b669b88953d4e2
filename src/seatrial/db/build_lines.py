"""Builds as lists show them: few columns, whatever is known about them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from seatrial.db import persons
from seatrial.db.tables import EPOCH, apps, build_files, build_tags, builds
from seatrial.domain.build import BuildStatus, FileType
from seatrial.domain.ids import AppId, BuildId, FileId
from seatrial.domain.search import BuildLine

_COLUMNS = [
    builds.c[name]
    for name in (
        *("id", "app_id", "status", "stage", "version_name", "version_code", "os", "size", "deployer", "uploaded_by"),
        *("error", "disabled", "revision", "claimed_at", "created_at", "updated_at"),
    )
]
_MILLISECOND = timedelta(milliseconds=1)


def load(tx: Connection, build_ids: Sequence[BuildId]) -> list[BuildLine]:
    """Read builds in the order in which they are named; those that are gone are left out."""
    if not build_ids:
        return []
    rows = {row.id: row for row in tx.execute(select(*_COLUMNS).where(builds.c.id.in_(build_ids)))}
    tags: dict[str, list[str]] = {build_id: [] for build_id in build_ids}
    for row in tx.execute(
        select(build_tags.c.build_id, build_tags.c.tag)
        .where(build_tags.c.build_id.in_(build_ids))
        .order_by(build_tags.c.build_id, build_tags.c.position)
    ):
        tags[row.build_id].append(row.tag)
    icons = tx.execute(
        select(build_files.c.build_id, build_files.c.id)
        .where(build_files.c.build_id.in_(build_ids), build_files.c.type == FileType.ICON.value)
        .order_by(build_files.c.build_id, build_files.c.position)
    )
    icon = {row.build_id: row.id for row in icons}
    return [_line(rows[one], tuple(tags[one]), icon.get(one, "")) for one in build_ids if one in rows]


def newest_icons(tx: Connection, app_ids: Collection[AppId], look_at: int) -> dict[AppId, FileId]:
    """Find an icon for each app that has one among so many of its newest processed builds: that of the newest."""
    last = (
        select(builds.c.id)
        .where(builds.c.app_id == apps.c.id, builds.c.status == BuildStatus.PROCESSED.value)
        .order_by(builds.c.created_at.desc(), builds.c.id.desc())
        .limit(1)
        .correlate(apps)
    )
    # One step into an index for each: joined, PostgreSQL would go through all builds.
    steps = [last.offset(number).scalar_subquery() for number in range(look_at)]
    rows = tx.execute(select(*steps).where(apps.c.id.in_(app_ids)))
    build_ids = [build_id for row in rows for build_id in row if build_id is not None]
    icons = tx.execute(
        select(builds.c.app_id, build_files.c.id)
        .join(builds, builds.c.id == build_files.c.build_id)
        .where(build_files.c.build_id.in_(build_ids), build_files.c.type == FileType.ICON.value)
        .order_by(builds.c.created_at, builds.c.id)
    )
    return {AppId(row.app_id): FileId(row.id) for row in icons}


def changed_since(tx: Connection, app_id: AppId, since: datetime, limit: int) -> dict[BuildId, int]:
    """Name an app's builds that changed at or after a moment, each with its revision; the last ones to change."""
    rows = tx.execute(
        select(builds.c.id, builds.c.revision)
        .where(builds.c.app_id == app_id, builds.c.updated_at >= since)
        .order_by(builds.c.updated_at.desc(), builds.c.id.desc())
        .limit(limit)
    )
    return {row.id: row.revision for row in rows}


def plain(value: object) -> str | int:
    """Write a value of a sorted column as something that an address can hold."""
    if isinstance(value, datetime):
        return (value - EPOCH) // _MILLISECOND
    return value if isinstance(value, int) else str(value)


def moment(milliseconds: int) -> datetime:
    """Read back a moment that `plain` wrote."""
    return EPOCH + milliseconds * _MILLISECOND


def _line(row: Row[Any], tags: tuple[str, ...], icon: str) -> BuildLine:
    return BuildLine(
        id=row.id,
        app_id=row.app_id,
        status=BuildStatus(row.status),
        stage=row.stage,
        version_name=row.version_name,
        version_code=row.version_code,
        os=row.os,
        size=row.size,
        tags=tags,
        deployer=row.deployer["name"],
        info=row.deployer["info"],
        uploaded_by=persons.from_json(row.uploaded_by),
        icon=icon,
        error=row.error,
        disabled=row.disabled,
        revision=row.revision,
        claimed_at=row.claimed_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
