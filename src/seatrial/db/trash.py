"""Builds that were removed and can be brought back.

A build in the trash is in no table that anybody else reads: its rows were taken out, and lie here as text. So no query
has to think of it, and none can forget to. Its bytes stay where they are, and belong to it by `trash_keys`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from seatrial.db import build_counts, persons, snapshots, usage
from seatrial.db.build_counts import Counted
from seatrial.db.paging import page_of
from seatrial.db.tables import build_files, builds, organizations, trash, trash_keys, trash_rows
from seatrial.domain.access import AppScope, Person
from seatrial.domain.build import Page, StorageProvider
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import BuildId, OrganizationId, is_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.place import Place
from seatrial.domain.quota import Item
from seatrial.domain.retention import TrashedBuild, TrashReason

_SORTED_BY = {"trashedAt": trash.c.trashed_at, "createdAt": trash.c.created_at, "bytes": trash.c.bytes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Why and by whom a build is put into the trash, and until when it can be brought back."""

    reason: TrashReason
    sentence: str
    by: Person
    at: datetime
    expires_at: datetime


def days(tx: Connection, organization_id: OrganizationId) -> int:
    """Tell for how many days an organization keeps what was removed."""
    return int(tx.execute(select(organizations.c.trash_days).where(organizations.c.id == organization_id)).scalar_one())


def put(tx: Connection, scope: AppScope, build_id: BuildId, removal: Removal) -> TrashedBuild:
    """Take a build that the caller holds out of all tables, and its counters with it."""
    row = tx.execute(select(builds).where(builds.c.id == build_id)).one()
    sizes = _sizes(tx, build_id)
    trashed = TrashedBuild(
        build_id=build_id,
        organization_id=scope.organization_id,
        app_id=scope.app_id,
        version_name=row.version_name,
        version_code=row.version_code,
        os=row.os,
        status=row.status,
        bytes=sum(sizes.values()),
        created_at=row.created_at,
        reason=removal.reason,
        sentence=removal.sentence,
        trashed_by=removal.by,
        trashed_at=removal.at,
        expires_at=removal.expires_at,
    )
    _insert(tx, trashed)
    if sizes:
        own = [{"build_id": build_id, "storage_provider_id": one.provider_id, "key": one.key} for one in sizes]
        tx.execute(insert(trash_keys), own)
    for position, (name, content) in enumerate(snapshots.take(tx, build_id)):
        values = {"build_id": build_id, "position": position, "table_name": name, "content": content}
        tx.execute(insert(trash_rows).values(values))
    tx.execute(delete(builds).where(builds.c.id == build_id))
    build_counts.remove(tx, Counted(scope.app_id, row.version_name, row.status, row.os))
    return trashed


def restore(tx: Connection, scope: AppScope, build_id: str) -> TrashedBuild:
    """Put a build back into all tables as it was, and count it in again.

    Raises EntityNotFound.
    """
    trashed = get(tx, scope, build_id, hold=True)
    own = trash_rows.c.build_id == trashed.build_id
    content = select(trash_rows.c.table_name, trash_rows.c.content).where(own).order_by(trash_rows.c.position)
    for row in tx.execute(content, execution_options={"stream_results": True, "yield_per": 1}):
        snapshots.put_back(tx, row.table_name, row.content)
    tx.execute(delete(trash).where(trash.c.build_id == trashed.build_id))
    build_counts.add(tx, Counted(scope.app_id, trashed.version_name, trashed.status, trashed.os))
    return trashed


def get(tx: Connection, scope: AppScope, build_id: str, *, hold: bool = False) -> TrashedBuild:
    """Read what is shown of one removed build of an app.

    Raises EntityNotFound.
    """
    if not is_entity_id(build_id):
        raise EntityNotFound
    statement = select(trash).where(*_of(scope), trash.c.build_id == build_id.lower())
    row = tx.execute(statement.with_for_update() if hold else statement).one_or_none()
    if row is None:
        raise EntityNotFound
    return _trashed(row)


def search(tx: Connection, scope: AppScope, query: ListQuery) -> Page[TrashedBuild]:
    """Read one page of an app's removed builds."""
    return page_of(tx, select(trash).where(*_of(scope)), (_SORTED_BY[query.sort], trash.c.build_id), query, _trashed)


def expired(tx: Connection, now: datetime, limit: int) -> Sequence[BuildId]:
    """Read which removed builds can no longer be brought back."""
    due = select(trash.c.build_id).where(trash.c.expires_at <= now).order_by(trash.c.expires_at).limit(limit)
    return list(tx.execute(due).scalars())


def purge(tx: Connection, build_id: BuildId) -> list[Place] | None:
    """Forget a removed build for good; gives the places that nobody owns any more, `None` if somebody else has."""
    held = select(trash.c.organization_id, trash.c.app_id, trash.c.bytes).where(trash.c.build_id == build_id)
    row = tx.execute(held.with_for_update()).one_or_none()
    if row is None:
        return None
    rows = tx.execute(select(trash_keys).where(trash_keys.c.build_id == build_id).order_by(trash_keys.c.key))
    places = [Place(one.storage_provider_id, one.key) for one in rows]
    tx.execute(delete(trash).where(trash.c.build_id == build_id))
    usage.shift(tx, row.organization_id, row.app_id, {Item.STORAGE.value: -row.bytes, Item.BUILDS.value: -1})
    return places


def places_in_use(tx: Connection, places: Iterable[Place]) -> set[Place]:
    """Tell which of these places belong to a build in the trash."""
    wanted = set(places)
    rows = tx.execute(
        select(trash_keys.c.storage_provider_id, trash_keys.c.key).where(
            trash_keys.c.key.in_([place.key for place in wanted])
        )
    )
    return wanted & {Place(row.storage_provider_id, row.key) for row in rows}


@dataclass(frozen=True, slots=True)
class TrashedFile:
    """An object that a removed build's file is in, and what it must be."""

    id: str
    key: str
    size: int
    checksum: str


def files_at(
    tx: Connection, provider_id: str, organization_id: OrganizationId | None, passed: Sequence[str] = ()
) -> Iterator[TrashedFile]:
    """Read the objects of removed builds that are with a storage provider; those that were passed over are left out."""
    here = (trash_keys.c.storage_provider_id == provider_id, trash_keys.c.key.not_in(passed))
    owners = select(trash_keys.c.build_id).where(*here)
    if organization_id is not None:
        mine = trash.c.organization_id == organization_id
        owners = owners.join(trash, trash.c.build_id == trash_keys.c.build_id).where(mine)
    lying = (trash_rows.c.build_id.in_(owners), trash_rows.c.table_name == build_files.name)
    chunks = select(trash_rows.c.content).where(*lying).order_by(trash_rows.c.build_id, trash_rows.c.position)
    for content in tx.execute(chunks, execution_options={"stream_results": True, "yield_per": 1}).scalars():
        rows = {str(row["key"]): row for row in snapshots.rows_of(content)}
        for key, row in rows.items():
            if row["storage_provider_id"] == provider_id and key not in passed:
                yield msgspec.convert(row, TrashedFile)


def move(tx: Connection, key: str, source_id: str, target: StorageProvider) -> int:
    """Say that an object of removed builds is elsewhere now; gives how many builds it belongs to."""
    here = (trash_keys.c.key == key, trash_keys.c.storage_provider_id == source_id)
    # Whoever brings one back, or lets it go, holds its row: it is waited for, and then it is not here any more.
    held = select(trash.c.build_id).where(trash.c.build_id.in_(select(trash_keys.c.build_id).where(*here)))
    tx.execute(held.order_by(trash.c.build_id).with_for_update()).all()
    owners = tx.execute(select(trash_keys.c.build_id).where(*here)).scalars().all()
    tx.execute(update(trash_keys).where(*here).values(storage_provider_id=target.id))
    place = {"storage_provider_id": target.id, "bucket": target.bucket, "region": target.region}
    shown = {"storage_provider": msgspec.json.encode(target).decode()}
    for build_id in owners:
        moved = _change(tx, build_id, build_files.name, key, place)
        if any(row["type"] == "original" for row in moved):
            _change(tx, build_id, builds.name, None, shown)
    return len(owners)


def _change(tx: Connection, build_id: str, table: str, key: str | None, values: Mapping[str, object]) -> snapshots.Rows:
    """Change a removed build's rows of a table, or those under an object key alone; gives them."""
    changed: snapshots.Rows = []
    own = (trash_rows.c.build_id == build_id, trash_rows.c.table_name == table)
    for chunk in tx.execute(select(trash_rows.c.position, trash_rows.c.content).where(*own)).all():
        rows = snapshots.rows_of(chunk.content)
        mine = [row for row in rows if key is None or row["key"] == key]
        for row in mine:
            row |= {name: value for name, value in values.items() if name in row}
        changed += mine
        here = (*own, trash_rows.c.position == chunk.position)
        tx.execute(update(trash_rows).where(*here).values(content=snapshots.text_of(rows)))
    return changed


def _sizes(tx: Connection, build_id: BuildId) -> dict[Place, int]:
    """Read the sizes of a build's objects: several of its files may be the same one."""
    rows = tx.execute(select(build_files).where(build_files.c.build_id == build_id))
    return {Place(row.storage_provider_id, row.key): row.size for row in rows}


def _of(scope: AppScope) -> tuple[ColumnElement[bool], ...]:
    return (trash.c.app_id == scope.app_id, trash.c.organization_id == scope.organization_id)


def _insert(tx: Connection, trashed: TrashedBuild) -> None:
    tx.execute(
        insert(trash).values(
            build_id=trashed.build_id,
            organization_id=trashed.organization_id,
            app_id=trashed.app_id,
            version_name=trashed.version_name,
            version_code=trashed.version_code,
            os=trashed.os,
            status=trashed.status,
            bytes=trashed.bytes,
            created_at=trashed.created_at,
            reason=trashed.reason.value,
            sentence=trashed.sentence,
            trashed_by=persons.to_json(trashed.trashed_by),
            trashed_at=trashed.trashed_at,
            expires_at=trashed.expires_at,
        )
    )


def _trashed(row: Row[tuple[object, ...]]) -> TrashedBuild:
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
    values |= {"reason": TrashReason(row.reason), "trashed_by": persons.from_json(row.trashed_by)}
    return TrashedBuild(**values)
