"""Files on their way from one storage provider to another."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, Select, Table, func, select, update

from seatrial.db.tables import app_files, build_files, builds, feedback_files
from seatrial.domain.build import StorageProvider
from seatrial.domain.ids import OrganizationId

_TABLES: tuple[Table, ...] = (build_files, app_files, feedback_files)


@dataclass(frozen=True, slots=True)
class Movable:
    """An object that files are in, and what it must be."""

    file_id: str
    key: str
    size: int
    checksum: str


def totals(tx: Connection, provider_id: str, organization_id: OrganizationId | None) -> tuple[int, int]:
    """Count the objects of a provider, and add up their bytes; those of the trash are not among them."""
    objects = octets = 0
    for table in _TABLES:
        once = (
            _mine(table, provider_id, organization_id)
            .with_only_columns(table.c.key, func.max(table.c.size).label("size"))
            .group_by(table.c.key)
            .subquery()
        )
        row = tx.execute(select(func.count(), func.coalesce(func.sum(once.c.size), 0)).select_from(once)).one()
        objects, octets = objects + int(row[0]), octets + int(row[1])
    return objects, octets


def next_movable(
    tx: Connection, provider_id: str, organization_id: OrganizationId | None, passed: Sequence[str], limit: int = 100
) -> list[Movable]:
    """Read some objects of a provider, by the ids of their files; those that were passed over are left out."""
    found: list[Movable] = []
    for table in _TABLES:
        statement = _mine(table, provider_id, organization_id).where(table.c.key.not_in(passed)).order_by(table.c.id)
        rows = tx.execute(statement.limit(limit))
        found += [Movable(row.id, row.key, row.size, row.checksum) for row in rows]
    return list({one.key: one for one in found}.values())[:limit]


def switch(tx: Connection, key: str, source_id: str, target: StorageProvider) -> int:
    """Say that an object is elsewhere now; gives how many files were in it."""
    moved = 0
    place = {"storage_provider_id": target.id}
    for table in _TABLES:
        named = place | {"bucket": target.bucket, "region": target.region} if table is build_files else place
        here = (table.c.key == key, table.c.storage_provider_id == source_id)
        moved += tx.execute(update(table).where(*here).values(named)).rowcount
    owner = select(build_files.c.build_id).where(
        build_files.c.key == key, build_files.c.storage_provider_id == target.id, build_files.c.type == "original"
    )
    owned = tx.execute(owner).scalars().all()
    if owned:
        shown = {"storage_provider": msgspec.to_builtins(target), "revision": builds.c.revision + 1}
        tx.execute(update(builds).where(builds.c.id.in_(owned)).values(shown))
    return moved


def _mine(table: Table, provider_id: str, organization_id: OrganizationId | None) -> Select[tuple[object, ...]]:
    statement: Select[tuple[object, ...]] = select(table).where(table.c.storage_provider_id == provider_id)
    if organization_id is None:
        return statement
    if table is not build_files:
        return statement.where(table.c.organization_id == organization_id)
    return statement.join(builds, builds.c.id == build_files.c.build_id).where(
        builds.c.organization_id == organization_id
    )
