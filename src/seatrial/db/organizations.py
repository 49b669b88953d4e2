"""Organizations by id or slug."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, insert, or_, select, text, update

from seatrial.db.paging import page_of
from seatrial.db.tables import organizations
from seatrial.domain.access import OrganizationScope
from seatrial.domain.app import Organization, OrganizationChanges
from seatrial.domain.build import Page, Unset
from seatrial.domain.ids import OrganizationId, may_name
from seatrial.domain.listing import ListQuery

_SORTED_BY = {"createdAt": organizations.c.created_at, "name": organizations.c.name, "slug": organizations.c.slug}


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
    if not may_name(id_or_slug):
        return None
    name = id_or_slug.lower()
    row = tx.execute(
        select(organizations).where(or_(organizations.c.id == name, organizations.c.slug == name))
    ).one_or_none()
    return _organization(row) if row else None


def get(tx: Connection, organization_id: OrganizationId) -> Organization:
    """Read an organization that is known to exist."""
    return _organization(tx.execute(select(organizations).where(organizations.c.id == organization_id)).one())


def hold_all(tx: Connection) -> None:
    """Let nobody add an organization before the transaction ends; SQLite has one writer anyway."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("LOCK TABLE organizations IN SHARE ROW EXCLUSIVE MODE"))


def list_all(tx: Connection) -> list[Organization]:
    """Read every organization, oldest first; for the operator, who has a handful."""
    rows = tx.execute(select(organizations).order_by(organizations.c.created_at, organizations.c.id))
    return [_organization(row) for row in rows]


def search(tx: Connection, scopes: Sequence[OrganizationScope], query: ListQuery) -> Page[Organization]:
    """Read one page of the organizations of several scopes."""
    where: list[ColumnElement[bool]] = [organizations.c.id.in_([scope.organization_id for scope in scopes])]
    if query.name is not None:
        where.append(organizations.c.name.icontains(query.name, autoescape=True))
    if query.slug is not None:
        where.append(organizations.c.slug == query.slug)
    return page_of(
        tx, select(organizations).where(*where), (_SORTED_BY[query.sort], organizations.c.id), query, _organization
    )


def update_organization(
    tx: Connection, scope: OrganizationScope, changes: OrganizationChanges, now: datetime
) -> Organization:
    """Edit an organization."""
    said = {
        "name": changes.name,
        "integrations_enabled": changes.integrations_enabled,
        "workspace_enabled": changes.workspace_enabled,
        "require_two_factor": changes.require_two_factor,
        "custom_login_enabled": changes.custom_login_enabled,
        "build_retention_days": changes.build_retention_days,
        "builds_retained_per_publication": changes.builds_retained_per_publication,
        "trash_days": changes.trash_days,
        "download_log_days": changes.download_log_days,
    }
    values = {column: value for column, value in said.items() if not isinstance(value, Unset)}
    tx.execute(
        update(organizations).where(organizations.c.id == scope.organization_id).values(values | {"updated_at": now})
    )
    return get(tx, scope.organization_id)


def _organization(row: Row[tuple[object, ...]]) -> Organization:
    return Organization(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
