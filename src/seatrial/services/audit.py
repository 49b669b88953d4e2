"""Looking at the record of who did what; writing it is part of each action's own transaction."""

from dataclasses import dataclass

from seatrial.db import audit_log
from seatrial.db.engine import Database
from seatrial.domain.access import OrganizationScope, Permission
from seatrial.domain.audit import AuditEntry, AuditQuery
from seatrial.domain.build import Page


@dataclass(frozen=True, slots=True)
class AuditLog:
    """Reads an organization's record."""

    db: Database

    def search(self, scope: OrganizationScope, query: AuditQuery) -> Page[AuditEntry]:
        """Give one page, the newest first.

        Raises Forbidden.
        """
        scope.require(Permission.AUDIT_LIST)
        with self.db.read() as tx:
            return audit_log.search(tx, scope, query)
