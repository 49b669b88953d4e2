"""Who did what to which thing."""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from seatrial.db.tables import app_tokens, audit_log, service_accounts, trusted_publishers, users
from seatrial.domain.access import AppScope, OrganizationScope
from seatrial.domain.audit import AuditEntry, AuditQuery
from seatrial.domain.build import Page
from seatrial.domain.ids import new_entity_id


def record(
    tx: Connection,
    scope: OrganizationScope,
    action: str,
    target_id: str,
    now: datetime,
    detail: dict[str, object] | None = None,
) -> None:
    """Write down an action in the transaction that carries it out."""
    tx.execute(
        insert(audit_log).values(
            id=new_entity_id(),
            organization_id=scope.organization_id,
            app_id=scope.app_id if isinstance(scope, AppScope) else None,
            principal_kind=scope.principal.kind.value,
            principal_id=scope.principal.id,
            action=action,
            target_id=target_id,
            detail=detail or {},
            created_at=now,
        )
    )


def search(tx: Connection, scope: OrganizationScope, query: AuditQuery) -> Page[AuditEntry]:
    """Read one page of an organization's record, the newest first."""
    where = [audit_log.c.organization_id == scope.organization_id]
    if query.action is not None:
        where.append(audit_log.c.action.startswith(query.action, autoescape=True))
    if query.principal is not None:
        where.append(audit_log.c.principal_id == query.principal)
    if query.target is not None:
        where.append(audit_log.c.target_id == query.target)
    if query.since is not None:
        where.append(audit_log.c.created_at >= query.since)
    if query.until is not None:
        where.append(audit_log.c.created_at <= query.until)
    rows = tx.execute(
        select(
            audit_log,
            users.c.email,
            func.coalesce(service_accounts.c.name, trusted_publishers.c.name).label("name"),
            app_tokens.c.description,
        )
        .outerjoin(users, users.c.id == audit_log.c.principal_id)
        .outerjoin(service_accounts, service_accounts.c.id == audit_log.c.principal_id)
        .outerjoin(app_tokens, app_tokens.c.id == audit_log.c.principal_id)
        .outerjoin(trusted_publishers, trusted_publishers.c.id == audit_log.c.principal_id)
        .where(*where)
        .order_by(audit_log.c.created_at.desc(), audit_log.c.id.desc())
        .limit(query.limit)
        .offset((query.page - 1) * query.limit)
    )
    items = [
        AuditEntry(
            id=row.id,
            app_id=row.app_id,
            principal_kind=row.principal_kind,
            principal_id=row.principal_id,
            principal_name=row.email or row.name or row.description or "",
            action=row.action,
            target_id=row.target_id,
            detail=row.detail,
            created_at=row.created_at,
        )
        for row in rows
    ]
    total = tx.execute(select(func.count()).select_from(audit_log).where(*where)).scalar_one()
    return Page(items, total, query.page, query.limit)
