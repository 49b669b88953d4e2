"""Invitations by the digest of their link's secret."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from seatrial.db.paging import page_of
from seatrial.db.tables import invitations
from seatrial.domain.access import AppRole, MemberRole, OrganizationScope
from seatrial.domain.build import Page
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import InvitationId, is_entity_id
from seatrial.domain.invitation import Invitation
from seatrial.domain.listing import ListQuery
from seatrial.domain.membership import MemberKind

_PUBLIC = [column for column in invitations.c if column.name != "digest"]
_SORTED_BY = {"createdAt": invitations.c.created_at, "email": invitations.c.email}


def insert_invitation(tx: Connection, made: Invitation, digest: str) -> None:
    """Add an invitation; only the digest of its secret is kept."""
    tx.execute(
        insert(invitations).values(
            id=made.id,
            organization_id=made.organization_id,
            kind=made.kind.value,
            email=made.email,
            first_name=made.first_name,
            last_name=made.last_name,
            role=made.role.value if made.role else "",
            app_id=made.app_id,
            app_role=made.app_role.value if made.app_role else "",
            tags=list(made.tags),
            language=made.language,
            digest=digest,
            invited_by=made.invited_by,
            expires_at=made.expires_at,
            created_at=made.created_at,
        )
    )


def find_by_digest(tx: Connection, digest: str, *, hold: bool = False) -> Invitation | None:
    """Find an invitation, whatever became of it, by the digest of its secret; `hold` locks it."""
    statement = select(*_PUBLIC).where(invitations.c.digest == digest)
    row = tx.execute(statement.with_for_update() if hold else statement).one_or_none()
    return _invitation(row) if row else None


def get(tx: Connection, scope: OrganizationScope, invitation_id: str, *, hold: bool = False) -> Invitation:
    """Read an invitation of an organization.

    Raises EntityNotFound.
    """
    if not is_entity_id(invitation_id):
        raise EntityNotFound
    statement = select(*_PUBLIC).where(_of(scope), invitations.c.id == invitation_id.lower())
    row = tx.execute(statement.with_for_update() if hold else statement).one_or_none()
    if row is None:
        raise EntityNotFound
    return _invitation(row)


def search(tx: Connection, scope: OrganizationScope, query: ListQuery) -> Page[Invitation]:
    """Read one page of an organization's invitations, those that are over, too."""
    where = [_of(scope)]
    if query.email is not None:
        where.append(invitations.c.email == query.email.lower())
    return page_of(tx, select(*_PUBLIC).where(*where), (_SORTED_BY[query.sort], invitations.c.id), query, _invitation)


def renew(tx: Connection, invitation_id: InvitationId, digest: str, expires_at: datetime) -> None:
    """Give an invitation another secret and another end; the old secret is good for nothing."""
    tx.execute(
        update(invitations)
        .where(invitations.c.id == invitation_id)
        .values(digest=digest, expires_at=expires_at, revoked_at=None)
    )


def accept(tx: Connection, invitation_id: InvitationId, now: datetime) -> bool:
    """Use an invitation up; tells whether it was there to be used."""
    used = tx.execute(
        update(invitations)
        .where(
            invitations.c.id == invitation_id,
            invitations.c.accepted_at.is_(None),
            invitations.c.revoked_at.is_(None),
            invitations.c.expires_at > now,
        )
        .values(accepted_at=now)
    )
    return used.rowcount == 1


def revoke(tx: Connection, invitation_id: InvitationId, now: datetime) -> None:
    """Take an invitation back."""
    tx.execute(update(invitations).where(invitations.c.id == invitation_id).values(revoked_at=now))


def revoke_pending(tx: Connection, scope: OrganizationScope, kind: MemberKind, email: str, now: datetime) -> None:
    """Take back what was sent to an address before: the newest link counts."""
    tx.execute(
        update(invitations)
        .where(
            _of(scope),
            invitations.c.kind == kind.value,
            invitations.c.email == email,
            invitations.c.accepted_at.is_(None),
            invitations.c.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )


def _of(scope: OrganizationScope) -> ColumnElement[bool]:
    return invitations.c.organization_id == scope.organization_id


def _invitation(row: Row[tuple[object, ...]]) -> Invitation:
    return Invitation(
        id=row.id,
        organization_id=row.organization_id,
        kind=MemberKind(row.kind),
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        role=MemberRole(row.role) if row.role else None,
        app_id=row.app_id,
        app_role=AppRole(row.app_role) if row.app_role else None,
        tags=tuple(row.tags),
        language=row.language,
        invited_by=row.invited_by,
        expires_at=row.expires_at,
        accepted_at=row.accepted_at,
        revoked_at=row.revoked_at,
        created_at=row.created_at,
    )
