"""Looking at the record of who did what, and proving it; writing it is part of each action's own transaction."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog

from seatrial.db import audit_log, organizations
from seatrial.db.engine import Database
from seatrial.domain.access import OrganizationScope, Permission
from seatrial.domain.audit import MOST_PROBLEMS, AuditEntry, AuditQuery, Head, Link, Problem, Verification, verify
from seatrial.domain.build import Page
from seatrial.domain.ids import OrganizationId
from seatrial.services.schedules import Schedules, latest_night

log = structlog.get_logger()

AT_ONCE = 1000
NIGHTLY = "audit"


@dataclass(frozen=True, slots=True)
class ChainState:
    """Where a chain ends, and up to where and when it was last found good."""

    head: Head
    verified_sequence: int | None
    verified_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditLog:
    """Reads an organization's record."""

    db: Database
    now: Callable[[], datetime]

    def search(self, scope: OrganizationScope, query: AuditQuery) -> Page[AuditEntry]:
        """Give one page, the newest first.

        Raises Forbidden.
        """
        scope.require(Permission.AUDIT_LIST)
        with self.db.read() as tx:
            return audit_log.search(tx, scope, query)

    def state(self, scope: OrganizationScope) -> ChainState:
        """Tell where the chain ends.

        Raises Forbidden.
        """
        scope.require(Permission.AUDIT_LIST)
        with self.db.read() as tx:
            head, verified, at = audit_log.head(tx, scope.organization_id)
        return ChainState(head, verified.sequence if verified else None, at)

    def verify(self, scope: OrganizationScope, known: Head | None = None) -> Verification:
        """Look through the whole record; `known` is a head that was kept elsewhere.

        Raises Forbidden.
        """
        scope.require(Permission.AUDIT_LIST)
        return self.verify_of(scope.organization_id, known)

    def verify_of(self, organization_id: OrganizationId, known: Head | None = None) -> Verification:
        """Look through an organization's record, on the server's own behalf."""
        with self.db.read() as tx:
            head, _, _ = audit_log.head(tx, organization_id)
            strange = audit_log.outside(tx, organization_id, MOST_PROBLEMS)
        found = verify(self._links(organization_id, 0, head.sequence), head, known)
        outside = tuple(
            Problem(None, one, "the entry is in no chain: it was put in beside the program") for one in strange
        )
        result = Verification(
            head=found.head, entries=found.entries, problems=(*found.problems, *outside)[:MOST_PROBLEMS]
        )
        if result.is_good and head.sequence:
            with self.db.transaction() as tx:
                audit_log.note_verified(tx, organization_id, head.sequence, self.now())
        return result

    def export(self, scope: OrganizationScope, after: int = 0) -> Iterator[list[tuple[str, Link]]]:
        """Give the record in its order, batch by batch, each entry behind the hash before it; no transaction lasts.

        Raises Forbidden before the first batch is asked for.
        """
        scope.require(Permission.AUDIT_LIST)
        return self._export(scope.organization_id, after)

    def _export(self, organization_id: OrganizationId, after: int) -> Iterator[list[tuple[str, Link]]]:
        with self.db.read() as tx:
            head, _, _ = audit_log.head(tx, organization_id)
            before = audit_log.links(tx, organization_id, after - 1, after, 1)
        previous = before[0].hash if before else Head().hash
        batch: list[tuple[str, Link]] = []
        for link in self._links(organization_id, after, head.sequence):
            batch.append((previous, link))
            previous = link.hash
            if len(batch) == AT_ONCE:
                yield batch
                batch = []
        if batch:
            yield batch

    def _links(self, organization_id: OrganizationId, after: int, until: int) -> Iterator[Link]:
        while True:
            with self.db.read() as tx:
                batch = audit_log.links(tx, organization_id, after, until, AT_ONCE)
            yield from batch
            if len(batch) < AT_ONCE:
                return
            after = batch[-1].sequence


@dataclass(frozen=True, slots=True)
class AuditWatch:
    """Looks through every record once a night, on one of all servers, and says loudly where one is wrong."""

    audit: AuditLog
    schedules: Schedules
    hour: int
    """Of the day, in UTC."""

    def run(self) -> None:
        """Do what this night has to be done and has not."""
        db, night = self.audit.db, latest_night(self.audit.now(), self.hour)
        with db.read() as tx:
            if not self.schedules.is_open(tx, NIGHTLY, night):
                return
            everybody = organizations.list_all(tx)
        with db.transaction() as tx:
            if not self.schedules.claim(tx, NIGHTLY, night):
                return
        for organization in everybody:
            result = self.audit.verify_of(organization.id)
            for problem in result.problems:
                log.error(
                    "the audit log was tampered with",
                    organization=organization.id,
                    sequence=problem.sequence,
                    entry=problem.id,
                    problem=problem.text,
                )
        with db.transaction() as tx:
            self.schedules.finish(tx, NIGHTLY, night)
