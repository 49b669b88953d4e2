"""Files that an app keeps of its own: its picture."""

from collections.abc import Iterable

from sqlalchemy import Connection, Row, delete, insert, select

from seatrial.db import usage
from seatrial.db.tables import app_files
from seatrial.domain.access import AppScope, OrganizationScope
from seatrial.domain.app import PictureFile
from seatrial.domain.ids import OrganizationId
from seatrial.domain.place import Place
from seatrial.domain.quota import Item


def replace_picture(tx: Connection, scope: AppScope, picture: PictureFile) -> list[Place]:
    """Give an app a picture; gives the places that nobody owns any more."""
    mine = (app_files.c.app_id == scope.app_id, app_files.c.organization_id == scope.organization_id)
    rows = tx.execute(select(app_files.c.storage_provider_id, app_files.c.key, app_files.c.size).where(*mine)).all()
    before = [Place(row.storage_provider_id, row.key) for row in rows]
    tx.execute(delete(app_files).where(*mine))
    tx.execute(
        insert(app_files).values(
            id=picture.id,
            app_id=scope.app_id,
            organization_id=scope.organization_id,
            original_name=picture.original_name,
            mimetype=picture.mimetype,
            size=picture.size,
            key=picture.key,
            storage_provider_id=picture.storage_provider_id,
            checksum=picture.checksum,
            created_at=picture.created_at,
        )
    )
    change = picture.size - sum(row.size for row in rows)
    usage.shift(tx, scope.organization_id, scope.app_id, {Item.STORAGE.value: change})
    return before


def organization_of(tx: Connection, file_id: str) -> OrganizationId | None:
    """Tell whose a file is."""
    found: OrganizationId | None = tx.execute(
        select(app_files.c.organization_id).where(app_files.c.id == file_id)
    ).scalar_one_or_none()
    return found


def find_in_organization(tx: Connection, scope: OrganizationScope, file_id: str) -> PictureFile | None:
    """Find a file by id among those of an organization's apps."""
    row = tx.execute(
        select(app_files).where(app_files.c.id == file_id, app_files.c.organization_id == scope.organization_id)
    ).one_or_none()
    return _picture(row) if row else None


def places_in_use(tx: Connection, places: Iterable[Place]) -> set[Place]:
    """Tell which of these places belong to a file of an app."""
    wanted = set(places)
    rows = tx.execute(
        select(app_files.c.storage_provider_id, app_files.c.key).where(
            app_files.c.key.in_([place.key for place in wanted])
        )
    )
    return wanted & {Place(row.storage_provider_id, row.key) for row in rows}


def _picture(row: Row[tuple[object, ...]]) -> PictureFile:
    return PictureFile(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
