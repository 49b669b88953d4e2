"""Members' roles in single apps."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from seatrial.db import apps as app_rows
from seatrial.db import users as user_rows
from seatrial.db.paging import rows_of
from seatrial.db.tables import app_collaborators
from seatrial.domain.access import AppRole, AppScope, OrganizationScope
from seatrial.domain.app_collaborator import AppCollaborator
from seatrial.domain.build import Page
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import AppId, OrganizationId, is_entity_id
from seatrial.domain.listing import ListQuery


def roles_of(tx: Connection, organization_id: OrganizationId, user_id: str) -> frozenset[tuple[AppId, AppRole]]:
    """Read what a member is in which apps of an organization."""
    rows = tx.execute(
        select(app_collaborators.c.app_id, app_collaborators.c.role).where(
            app_collaborators.c.user_id == user_id, app_collaborators.c.organization_id == organization_id
        )
    )
    return frozenset((row.app_id, AppRole(row.role)) for row in rows)


def insert_collaborator(
    tx: Connection, scope: AppScope, collaborator_id: str, user_id: str, role: AppRole, maker: str | None, now: datetime
) -> None:
    """Give a member a role in an app.

    Raises sqlalchemy.exc.IntegrityError where they have one.
    """
    tx.execute(
        insert(app_collaborators).values(
            id=collaborator_id,
            organization_id=scope.organization_id,
            app_id=scope.app_id,
            user_id=user_id,
            role=role.value,
            created_by=maker,
            created_at=now,
            updated_at=now,
        )
    )


def get(tx: Connection, scope: AppScope, user_id: str) -> AppCollaborator:
    """Read a member's role in an app.

    Raises EntityNotFound.
    """
    if not is_entity_id(user_id):
        raise EntityNotFound
    row = tx.execute(_of(scope).where(app_collaborators.c.user_id == user_id.lower())).one_or_none()
    if row is None:
        raise EntityNotFound
    return _collaborators(tx, scope, [row])[0]


def search(tx: Connection, scope: OrganizationScope, query: ListQuery) -> Page[AppCollaborator]:
    """Read one page of an app's collaborators, or of those of all apps of an organization that the caller sees."""
    order = (app_collaborators.c.created_at, app_collaborators.c.id)
    rows, total = rows_of(tx, _of(scope), order, query)
    return Page(_collaborators(tx, scope, rows), total, query.page, query.limit)


def set_role(tx: Connection, scope: AppScope, user_id: str, role: AppRole, now: datetime) -> None:
    """Give a collaborator another role."""
    tx.execute(
        update(app_collaborators)
        .where(app_collaborators.c.app_id == scope.app_id, app_collaborators.c.user_id == user_id)
        .values(role=role.value, updated_at=now)
    )


def delete_collaborator(tx: Connection, scope: AppScope, user_id: str) -> None:
    """Take a member's role in an app away."""
    tx.execute(
        delete(app_collaborators).where(
            app_collaborators.c.app_id == scope.app_id, app_collaborators.c.user_id == user_id
        )
    )


def _of(scope: OrganizationScope) -> Select[tuple[object, ...]]:
    found = select(*app_collaborators.c).where(app_collaborators.c.organization_id == scope.organization_id)
    if isinstance(scope, AppScope):
        return found.where(app_collaborators.c.app_id == scope.app_id)
    return found


def _collaborators(
    tx: Connection, scope: OrganizationScope, rows: Iterable[Row[tuple[object, ...]]]
) -> list[AppCollaborator]:
    found = list(rows)
    members = user_rows.members_by_id(tx, scope, [row.user_id for row in found])
    their_apps = app_rows.by_id(tx, [row.app_id for row in found])
    return [
        AppCollaborator(
            id=row.id,
            app=their_apps[row.app_id],
            member=members[row.user_id],
            role=AppRole(row.role),
            created_by=row.created_by or "",
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in found
    ]
