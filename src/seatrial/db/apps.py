"""Apps by id or slug inside one organization."""

from sqlalchemy import Connection, Row, insert, or_, select

from seatrial.db.tables import apps
from seatrial.domain.access import AppScope, OrganizationScope
from seatrial.domain.app import App
from seatrial.domain.build import ApplicationInfo
from seatrial.domain.ids import OrganizationId


def insert_app(tx: Connection, app: App) -> None:
    """Add an app."""
    tx.execute(
        insert(apps).values(
            id=app.id,
            organization_id=app.organization_id,
            name=app.name,
            slug=app.slug,
            description=app.description,
            picture=app.picture,
            notify_collaborators=app.notify_collaborators,
            notify_employees=app.notify_employees,
            created_at=app.created_at,
            updated_at=app.updated_at,
        )
    )


def find(tx: Connection, organization_id: OrganizationId, id_or_slug: str) -> App | None:
    """Find an app of an organization by its id, in either case, or its slug."""
    name = id_or_slug.lower()
    row = tx.execute(
        select(apps).where(apps.c.organization_id == organization_id, or_(apps.c.id == name, apps.c.slug == name))
    ).one_or_none()
    return _app(row) if row else None


def list_all(tx: Connection, scope: OrganizationScope) -> list[App]:
    """Read an organization's apps, oldest first."""
    rows = tx.execute(
        select(apps).where(apps.c.organization_id == scope.organization_id).order_by(apps.c.created_at, apps.c.id)
    )
    return [_app(row) for row in rows]


def application_info(tx: Connection, scope: AppScope) -> ApplicationInfo | None:
    """Read what a build shows of its app."""
    row = tx.execute(
        select(apps.c.id, apps.c.name, apps.c.slug, apps.c.picture).where(
            apps.c.id == scope.app_id, apps.c.organization_id == scope.organization_id
        )
    ).one_or_none()
    return ApplicationInfo(id=row.id, name=row.name, slug=row.slug, picture=row.picture) if row else None


def _app(row: Row[tuple[object, ...]]) -> App:
    return App(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
