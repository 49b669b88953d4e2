"""Files on their way from one storage provider to another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

import msgspec
from sqlalchemy import Connection, Select, Table, func, select, update

from seatrial.db import loose_blobs, trash
from seatrial.db.tables import app_files, build_files, builds, feedback_files, trash_keys
from seatrial.domain.build import StorageProvider
from seatrial.domain.ids import OrganizationId

_TABLES: tuple[Table, ...] = (build_files, app_files, feedback_files)
_AT_ONCE = 500
"""Keys in one question; databases bound how many there may be."""


@dataclass(frozen=True, slots=True)
class Movable:
    """An object that files are in, and what it must be."""

    file_id: str
    key: str
    size: int
    checksum: str


def totals(tx: Connection, provider_id: str, organization_id: OrganizationId | None) -> tuple[int, int]:
    """Count the objects of a provider, those of the trash among them, and add up their bytes."""
    trashed = [one.size for one in trash.files_at(tx, provider_id, organization_id)]
    objects, octets = len(trashed), sum(trashed)
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
    if len(found) < limit:
        found += [
            Movable(one.id, one.key, one.size, one.checksum)
            for one in islice(trash.files_at(tx, provider_id, organization_id, passed), limit)
        ]
    return list({one.key: one for one in found}.values())[:limit]


def switch(tx: Connection, key: str, source_id: str, target: StorageProvider) -> int:
    """Say that an object is elsewhere now; gives how many files were in it.

    A build that is about to go to the trash, or to come back from there, is waited for.
    """
    owner = select(build_files.c.build_id).where(build_files.c.key == key)
    tx.execute(select(builds.c.id).where(builds.c.id.in_(owner)).order_by(builds.c.id).with_for_update()).all()
    moved = 0
    place = {"storage_provider_id": target.id}
    for table in _TABLES:
        named = place | {"bucket": target.bucket, "region": target.region} if table is build_files else place
        here = (table.c.key == key, table.c.storage_provider_id == source_id)
        moved += tx.execute(update(table).where(*here).values(named)).rowcount
    original = (build_files.c.storage_provider_id == target.id, build_files.c.type == "original")
    owned = tx.execute(owner.where(*original)).scalars().all()
    if owned:
        shown = {"storage_provider": msgspec.to_builtins(target), "revision": builds.c.revision + 1}
        tx.execute(update(builds).where(builds.c.id.in_(owned)).values(shown))
    return moved + trash.move(tx, key, source_id, target)


def forget_loose(tx: Connection, is_unknown: Callable[[str], bool]) -> None:
    """Let reservations in stores that are none any more go: nobody can remove anything there."""
    for loose in loose_blobs.everything(tx):
        if any(is_unknown(provider_id) for provider_id in {place.provider_id for place in loose.places}):
            loose_blobs.release(tx, loose.id, loose.executor_id)


def writers(tx: Connection, source_id: str, target_id: str) -> set[str]:
    """Tell who writes objects of one provider into another just now: other runs, also those that were killed."""
    claimed = {
        place.key: loose.executor_id
        for loose in loose_blobs.everything(tx)
        for place in loose.places
        if place.provider_id == target_id
    }
    found: set[str] = set()
    keys = list(claimed)
    for start in range(0, len(keys), _AT_ONCE):
        for table in (*_TABLES, trash_keys):
            here = (table.c.storage_provider_id == source_id, table.c.key.in_(keys[start : start + _AT_ONCE]))
            found |= {claimed[key] for key in tx.execute(select(table.c.key).where(*here)).scalars()}
    return found


def _mine(table: Table, provider_id: str, organization_id: OrganizationId | None) -> Select[tuple[object, ...]]:
    statement: Select[tuple[object, ...]] = select(table).where(table.c.storage_provider_id == provider_id)
    if organization_id is None:
        return statement
    if table is not build_files:
        return statement.where(table.c.organization_id == organization_id)
    return statement.join(builds, builds.c.id == build_files.c.build_id).where(
        builds.c.organization_id == organization_id
    )
