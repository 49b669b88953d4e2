"""Files that an app keeps of its own: its picture."""

from collections.abc import Iterable

from sqlalchemy import Connection, Row, delete, insert, select

from seatrial.db.tables import app_files
from seatrial.domain.access import AppScope, OrganizationScope
from seatrial.domain.app import PictureFile
from seatrial.domain.ids import OrganizationId


def replace_picture(tx: Connection, scope: AppScope, picture: PictureFile) -> list[str]:
    """Give an app a picture; gives the object keys that nobody owns any more."""
    mine = (app_files.c.app_id == scope.app_id, app_files.c.organization_id == scope.organization_id)
    before = list(tx.execute(select(app_files.c.key).where(*mine)).scalars())
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
            checksum=picture.checksum,
            created_at=picture.created_at,
        )
    )
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


def keys_in_use(tx: Connection, keys: Iterable[str]) -> set[str]:
    """Tell which of these object keys belong to a file of an app."""
    return set(tx.execute(select(app_files.c.key).where(app_files.c.key.in_(list(keys)))).scalars())


def _picture(row: Row[tuple[object, ...]]) -> PictureFile:
    return PictureFile(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
