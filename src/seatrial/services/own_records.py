"""The audit log's rows about what people do to their own accounts."""

from datetime import datetime

from sqlalchemy import Connection

from seatrial.db import audit_log, users
from seatrial.domain.access import OrganizationScope, Person, Principal, PrincipalKind
from seatrial.domain.app import User
from seatrial.domain.ids import OrganizationId


def record_own(
    tx: Connection, user: User, action: str, now: datetime, subject: str = "", detail: dict[str, object] | None = None
) -> None:
    """Write down what somebody did to their own account, in every organization that it opens."""
    for organization_id, _role in users.organizations_of(tx, user.id):
        scope = own_scope(organization_id, user.id, user.email)
        audit_log.record(tx, scope, action, subject or user.id, now, detail)


def own_scope(organization_id: OrganizationId, member_id: str, email: str) -> OrganizationScope:
    """Make the scope of somebody who acts for nobody but themselves."""
    principal = Principal(
        kind=PrincipalKind.SESSION, id=member_id, person=Person(id=member_id, email=email), permissions=frozenset()
    )
    return OrganizationScope(organization_id=organization_id, principal=principal)
