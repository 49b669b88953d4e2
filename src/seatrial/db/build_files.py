"""The files of builds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from seatrial.db import usage
from seatrial.db.tables import build_files, builds
from seatrial.domain.access import OrganizationScope
from seatrial.domain.attachment import Attachment
from seatrial.domain.build import BuildFile, FileType
from seatrial.domain.ids import AppId, FileId, OrganizationId
from seatrial.domain.place import Place
from seatrial.domain.quota import Item


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file with what decides who may read it."""

    file: BuildFile
    app_id: AppId
    build_disabled: bool


def insert_files(tx: Connection, files: Sequence[BuildFile], *, new_builds: int = 0) -> None:
    """Add files of one build, after those that it has, and count what they take; several of them may be one object.

    The caller made the build, and has it counted with its files, or holds it.
    """
    if not files:
        return
    build_id = files[0].build_id
    known = select(build_files.c.position, build_files.c.key).where(build_files.c.build_id == build_id)
    there = tx.execute(known).all()
    last = max((row.position for row in there), default=0)
    owned = {row.key for row in there}
    sizes = {file.key: file.size for file in files if file.key not in owned}
    owner = tx.execute(select(builds.c.organization_id, builds.c.app_id).where(builds.c.id == build_id)).one()
    by = {Item.STORAGE.value: sum(sizes.values()), Item.BUILDS.value: new_builds}
    tx.execute(
        insert(build_files),
        [
            {
                "id": file.id,
                "build_id": file.build_id,
                "position": last + number,
                "type": file.type.value,
                "description": file.description,
                "original_name": file.original_name,
                "mimetype": file.mimetype,
                "size": file.size,
                "bucket": file.bucket,
                "key": file.key,
                "region": file.region,
                "storage_provider_id": file.storage_provider_id,
                "checksum": file.checksum,
                "created_at": file.created_at,
                "updated_at": file.updated_at,
            }
            for number, file in enumerate(files, start=1)
        ],
    )
    usage.shift(tx, owner.organization_id, owner.app_id, by)


def of_builds(tx: Connection, build_ids: Sequence[str]) -> dict[str, tuple[BuildFile, ...]]:
    """Read the files of several builds at once, in the order in which they were added."""
    found: dict[str, list[BuildFile]] = {build_id: [] for build_id in build_ids}
    if build_ids:
        rows = tx.execute(
            select(build_files)
            .where(build_files.c.build_id.in_(build_ids))
            .order_by(build_files.c.build_id, build_files.c.position)
        )
        for row in rows:
            found[row.build_id].append(file_from(row))
    return {build_id: tuple(files) for build_id, files in found.items()}


def find(tx: Connection, file_id: str) -> FoundFile | None:
    """Find a file by id, for a caller whose right was proven by a signature."""
    return _found(tx, build_files.c.id == file_id)


def organization_of(tx: Connection, file_id: str) -> OrganizationId | None:
    """Tell whose a file is."""
    found: OrganizationId | None = tx.execute(
        select(builds.c.organization_id)
        .join(build_files, build_files.c.build_id == builds.c.id)
        .where(build_files.c.id == file_id)
    ).scalar_one_or_none()
    return found


def find_in_organization(tx: Connection, scope: OrganizationScope, file_id: str) -> FoundFile | None:
    """Find a file by id among an organization's builds."""
    return _found(tx, build_files.c.id == file_id, builds.c.organization_id == scope.organization_id)


def set_mimetype(tx: Connection, file_id: FileId, mimetype: str) -> None:
    """Say what a file is, now that somebody has looked into it."""
    tx.execute(update(build_files).where(build_files.c.id == file_id).values(mimetype=mimetype))


def delete_derived(tx: Connection, build_id: str) -> list[Place]:
    """Remove the files that processing made of a build, and count them out; gives the places that they had."""
    made = (build_files.c.build_id == build_id, build_files.c.type.in_([FileType.PACKAGE.value, FileType.ICON.value]))
    columns = (build_files.c.storage_provider_id, build_files.c.key, build_files.c.size)
    sizes = {Place(row.storage_provider_id, row.key): row.size for row in tx.execute(select(*columns).where(*made))}
    if sizes:
        tx.execute(delete(build_files).where(*made))
        owner = tx.execute(select(builds.c.organization_id, builds.c.app_id).where(builds.c.id == build_id)).one()
        kept = places_in_use(tx, sizes)  # a package may be the original itself
        gone = -sum(size for place, size in sizes.items() if place not in kept)
        usage.shift(tx, owner.organization_id, owner.app_id, {Item.STORAGE.value: gone})
    return list(sizes)


def places_in_use(tx: Connection, places: Iterable[Place]) -> set[Place]:
    """Tell which of these places belong to a file of a build."""
    wanted = set(places)
    rows = tx.execute(
        select(build_files.c.storage_provider_id, build_files.c.key).where(
            build_files.c.key.in_([place.key for place in wanted])
        )
    )
    return wanted & {Place(row.storage_provider_id, row.key) for row in rows}


def file_from(row: Row[tuple[object, ...]]) -> BuildFile:
    """Make a file of a row that holds at least every column of `build_files`."""
    return BuildFile(
        id=row.id,
        build_id=row.build_id,
        type=FileType(row.type),
        description=row.description,
        original_name=row.original_name,
        mimetype=row.mimetype,
        size=row.size,
        bucket=row.bucket,
        key=row.key,
        region=row.region,
        storage_provider_id=row.storage_provider_id,
        checksum=row.checksum,
        created_at=row.created_at,
        updated_at=row.updated_at,
        details=None if row.details is None else msgspec.convert(row.details, Attachment),
    )


def _found(tx: Connection, *where: ColumnElement[bool]) -> FoundFile | None:
    row = tx.execute(
        select(build_files, builds.c.app_id, builds.c.disabled)
        .join(builds, builds.c.id == build_files.c.build_id)
        .where(*where)
    ).one_or_none()
    return FoundFile(file_from(row), AppId(row.app_id), bool(row.disabled)) if row else None
