"""Who did what to which thing."""

from datetime import datetime

from sqlalchemy import Connection, insert

from seatrial.db.tables import audit_log
from seatrial.domain.access import AppScope, OrganizationScope
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
