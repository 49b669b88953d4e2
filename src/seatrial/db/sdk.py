"""What SDKs ask about: the last builds of apps, and that they were there."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, Row, select, text
from sqlalchemy.dialects import postgresql, sqlite

from seatrial.db.tables import apps, builds, sdk_sightings
from seatrial.db.tables.sdk import UPDATES
from seatrial.domain.access import AppScope
from seatrial.domain.buildinfo import Os
from seatrial.domain.ids import AppId, BuildId
from seatrial.domain.sdk import SDK_SYSTEMS, LastBuild, Sighting

_COLUMNS = [builds.c.id, builds.c.app_id, builds.c.os, builds.c.update_identifier, builds.c.info]


class _Versions(msgspec.Struct):
    version_name: str | None = None
    version_code: str | None = None


_versions = msgspec.json.Decoder(_Versions)


def last_build(tx: Connection, scope: AppScope, system: Os, identifier: str) -> LastBuild | None:
    """Find the newest build that an app of this identifier can update to; of any identifier for the empty one."""
    where = [builds.c.app_id == scope.app_id, builds.c.os == system.value]
    if identifier:
        where.append(builds.c.update_identifier == identifier)
    row = tx.execute(
        select(*_COLUMNS).where(*where, text(UPDATES)).order_by(builds.c.created_at.desc(), builds.c.id.desc()).limit(1)
    ).one_or_none()
    return _last(row) if row else None


def last_builds(tx: Connection, app_ids: Sequence[AppId]) -> dict[tuple[AppId, Os], LastBuild]:
    """Find the newest build of each system for several apps: one step into an index for each."""
    newest = [
        select(builds.c.id)
        .where(builds.c.app_id == apps.c.id, builds.c.os == system.value, text(UPDATES))
        .order_by(builds.c.created_at.desc(), builds.c.id.desc())
        .limit(1)
        .correlate(apps)
        .scalar_subquery()
        for system in SDK_SYSTEMS
    ]
    rows = tx.execute(select(*newest).where(apps.c.id.in_(app_ids)))
    ids = [build_id for row in rows for build_id in row if build_id is not None]
    found = (_last(row) for row in tx.execute(select(*_COLUMNS).where(builds.c.id.in_(ids))))
    return {(last.app_id, last.os): last for last in found}


def find_build(tx: Connection, scope: AppScope, system: Os, identifier: str, version_code: str) -> BuildId | None:
    """Find the newest build that is this version of this app."""
    if not identifier or not version_code:
        return None
    return tx.execute(
        select(builds.c.id)
        .where(
            builds.c.app_id == scope.app_id,
            builds.c.version_code == version_code,
            builds.c.os == system.value,
            builds.c.update_identifier == identifier,
        )
        .order_by(builds.c.created_at.desc(), builds.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()


def sightings(tx: Connection, app_ids: Sequence[AppId]) -> dict[tuple[AppId, Os], Sighting]:
    """Read which SDKs were seen in several apps."""
    rows = tx.execute(select(sdk_sightings).where(sdk_sightings.c.app_id.in_(app_ids)))
    return {(row.app_id, Os(row.os)): _sighting(row) for row in rows}


def write_sighting(tx: Connection, seen: Sighting) -> None:
    """Remember an SDK in the place of what was seen before."""
    make = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    values = {
        "sdk_version": seen.sdk_version,
        "capabilities": list(seen.capabilities),
        "package_known": seen.package_known,
        "seen_at": seen.seen_at,
    }
    tx.execute(
        make(sdk_sightings)
        .values(app_id=seen.app_id, os=seen.os.value, **values)
        .on_conflict_do_update(index_elements=[sdk_sightings.c.app_id, sdk_sightings.c.os], set_=values)
    )


def _last(row: Row[tuple[object, ...]]) -> LastBuild:
    said = _versions.decode(row.info or "{}")
    return LastBuild(
        id=row.id,
        app_id=row.app_id,
        os=Os(row.os),
        identifier=row.update_identifier,
        version_name=said.version_name or "",
        version_code=said.version_code or "",
    )


def _sighting(row: Row[tuple[object, ...]]) -> Sighting:
    return Sighting(
        app_id=row.app_id,
        os=Os(row.os),
        sdk_version=row.sdk_version,
        capabilities=tuple(row.capabilities),
        package_known=row.package_known,
        seen_at=row.seen_at,
    )
