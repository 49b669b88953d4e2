"""Organizations by id or slug."""

from sqlalchemy import Connection, Row, insert, or_, select

from seatrial.db.tables import organizations
from seatrial.domain.app import Organization
from seatrial.domain.ids import OrganizationId


def insert_organization(tx: Connection, organization: Organization) -> None:
    """Add an organization."""
    tx.execute(
        insert(organizations).values(
            id=organization.id,
            name=organization.name,
            slug=organization.slug,
            integrations_enabled=organization.integrations_enabled,
            workspace_enabled=organization.workspace_enabled,
            created_at=organization.created_at,
            updated_at=organization.updated_at,
        )
    )


def find(tx: Connection, id_or_slug: str) -> Organization | None:
    """Find an organization by its id, in either case, or its slug."""
    name = id_or_slug.lower()
    row = tx.execute(
        select(organizations).where(or_(organizations.c.id == name, organizations.c.slug == name))
    ).one_or_none()
    return _organization(row) if row else None


def get(tx: Connection, organization_id: OrganizationId) -> Organization:
    """Read an organization that is known to exist."""
    return _organization(tx.execute(select(organizations).where(organizations.c.id == organization_id)).one())


def list_all(tx: Connection) -> list[Organization]:
    """Read every organization, oldest first; for the operator, who has a handful."""
    rows = tx.execute(select(organizations).order_by(organizations.c.created_at, organizations.c.id))
    return [_organization(row) for row in rows]


def _organization(row: Row[tuple[object, ...]]) -> Organization:
    return Organization(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
