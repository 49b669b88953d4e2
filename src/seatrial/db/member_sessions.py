"""Sessions of members by the digest of their secret."""

from datetime import datetime

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from seatrial.db.tables import member_sessions
from seatrial.domain.ids import MemberSessionId
from seatrial.domain.membership import MemberKind, MemberOrigin, MemberRef, MemberSession


def insert_session(tx: Connection, session: MemberSession, digest: str) -> None:
    """Add a session."""
    tx.execute(
        insert(member_sessions).values(
            id=session.id,
            organization_id=session.organization_id,
            member_kind=session.kind.value,
            member_id=session.member_id,
            app_id=session.app_id,
            origin=session.origin.value,
            digest=digest,
            user_agent=session.user_agent,
            expires_at=session.expires_at,
            created_at=session.created_at,
        )
    )


def find(tx: Connection, digest: str) -> MemberSession | None:
    """Find a session, revoked and expired ones too, by the digest of its secret."""
    row = tx.execute(select(member_sessions).where(member_sessions.c.digest == digest)).one_or_none()
    return _session(row) if row else None


def revoke(tx: Connection, session_id: MemberSessionId, now: datetime) -> None:
    """End a session for good."""
    tx.execute(
        update(member_sessions)
        .where(member_sessions.c.id == session_id, member_sessions.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def revoke_all(tx: Connection, kind: MemberKind, member_id: str, now: datetime) -> None:
    """End every session of a member, in every organization."""
    tx.execute(
        update(member_sessions)
        .where(
            member_sessions.c.member_kind == kind.value,
            member_sessions.c.member_id == member_id,
            member_sessions.c.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )


def touch(tx: Connection, session_id: MemberSessionId, now: datetime) -> None:
    """Remember when a session was last used."""
    tx.execute(update(member_sessions).where(member_sessions.c.id == session_id).values(last_used_at=now))


def delete_ended(tx: Connection, before: datetime) -> int:
    """Forget sessions that were revoked or ran out long ago; gives how many."""
    return tx.execute(
        delete(member_sessions).where(or_(member_sessions.c.expires_at < before, member_sessions.c.revoked_at < before))
    ).rowcount


def member_of(session: MemberSession) -> MemberRef:
    """Tell whose a session is."""
    return MemberRef(organization_id=session.organization_id, kind=session.kind, id=session.member_id)


def _session(row: Row[tuple[object, ...]]) -> MemberSession:
    return MemberSession(
        id=row.id,
        organization_id=row.organization_id,
        kind=MemberKind(row.member_kind),
        member_id=row.member_id,
        app_id=row.app_id,
        origin=MemberOrigin(row.origin),
        user_agent=row.user_agent,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
        created_at=row.created_at,
    )
