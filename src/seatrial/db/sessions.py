"""Sessions by the digests of their two tokens."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from seatrial.db.tables import sessions, spent_refresh_tokens
from seatrial.domain.ids import SessionId, UserId
from seatrial.domain.member import Session, SignInMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """The two tokens of a session as they are kept, and when they end."""

    access: str
    access_expires_at: datetime
    refresh: str
    refresh_expires_at: datetime


def insert_session(
    tx: Connection,
    session_id: SessionId,
    user_id: UserId,
    digests: Digests,
    user_agent: str,
    now: datetime,
    method: SignInMethod = SignInMethod.PASSWORD,
) -> None:
    """Add a session."""
    tx.execute(
        insert(sessions).values(
            id=session_id,
            user_id=user_id,
            user_agent=user_agent,
            created_at=now,
            method=method.value,
            **_columns(digests),
        )
    )


def find_by_access(tx: Connection, digest: str) -> Session | None:
    """Find a session, revoked and expired ones too, by the digest of its access token."""
    row = tx.execute(select(sessions).where(sessions.c.access_digest == digest)).one_or_none()
    return _session(row) if row else None


def find_by_refresh(tx: Connection, digest: str) -> Session | None:
    """Find a session, revoked and expired ones too, by the digest of its refresh token."""
    row = tx.execute(select(sessions).where(sessions.c.refresh_digest == digest)).one_or_none()
    return _session(row) if row else None


def renew(tx: Connection, session_id: SessionId, spent: str, digests: Digests, now: datetime) -> bool:
    """Trade a refresh token in; of any number of callers with the same one exactly one gets True."""
    traded = tx.execute(
        update(sessions)
        .where(sessions.c.id == session_id, sessions.c.refresh_digest == spent, sessions.c.revoked_at.is_(None))
        .values(last_used_at=now, **_columns(digests))
    )
    if traded.rowcount != 1:
        return False
    tx.execute(insert(spent_refresh_tokens).values(digest=spent, session_id=session_id, spent_at=now))
    return True


def session_of_spent(tx: Connection, digest: str) -> SessionId | None:
    """Tell which session a refresh token belonged to that was traded in already."""
    found: SessionId | None = tx.execute(
        select(spent_refresh_tokens.c.session_id).where(spent_refresh_tokens.c.digest == digest)
    ).scalar_one_or_none()
    return found


def revoke(tx: Connection, session_id: SessionId, now: datetime) -> None:
    """End a session for good."""
    tx.execute(
        update(sessions).where(sessions.c.id == session_id, sessions.c.revoked_at.is_(None)).values(revoked_at=now)
    )


def revoke_all(tx: Connection, user_id: UserId, now: datetime) -> None:
    """End every session of a person."""
    tx.execute(
        update(sessions).where(sessions.c.user_id == user_id, sessions.c.revoked_at.is_(None)).values(revoked_at=now)
    )


def list_open(tx: Connection, user_id: UserId, now: datetime) -> list[Session]:
    """Read a person's sessions that go on, newest first."""
    rows = tx.execute(
        select(sessions)
        .where(sessions.c.user_id == user_id, sessions.c.revoked_at.is_(None), sessions.c.refresh_expires_at > now)
        .order_by(sessions.c.created_at.desc(), sessions.c.id.desc())
    )
    return [_session(row) for row in rows]


def revoke_others(tx: Connection, user_id: UserId, kept: SessionId, now: datetime) -> int:
    """End every session of a person but one; gives how many."""
    return tx.execute(
        update(sessions)
        .where(sessions.c.user_id == user_id, sessions.c.id != kept, sessions.c.revoked_at.is_(None))
        .values(revoked_at=now)
    ).rowcount


def touch(tx: Connection, session_id: SessionId, now: datetime) -> None:
    """Remember when a session was last used."""
    tx.execute(update(sessions).where(sessions.c.id == session_id).values(last_used_at=now))


def delete_ended(tx: Connection, before: datetime) -> int:
    """Forget sessions that were revoked or ran out long ago, and spent tokens of that time; gives how many sessions."""
    tx.execute(delete(spent_refresh_tokens).where(spent_refresh_tokens.c.spent_at < before))
    return tx.execute(
        delete(sessions).where(or_(sessions.c.refresh_expires_at < before, sessions.c.revoked_at < before))
    ).rowcount


def _columns(digests: Digests) -> dict[str, object]:
    return {
        "access_digest": digests.access,
        "access_expires_at": digests.access_expires_at,
        "refresh_digest": digests.refresh,
        "refresh_expires_at": digests.refresh_expires_at,
    }


def _session(row: Row[tuple[object, ...]]) -> Session:
    return Session(
        id=row.id,
        user_id=row.user_id,
        expires_at=row.access_expires_at,
        refresh_expires_at=row.refresh_expires_at,
        user_agent=row.user_agent,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
        created_at=row.created_at,
        method=SignInMethod(row.method),
    )
