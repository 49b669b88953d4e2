"""Keys by which clients know their uploads again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from seatrial.db.tables import idempotency_keys
from seatrial.domain.ids import AppId


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was done under a key."""

    app_id: AppId
    digest: str
    meaning: str
    subject: str


def find(tx: Connection, app_id: AppId, digest: str, since: datetime) -> Kept | None:
    """Find a key that was first used after a moment."""
    row = tx.execute(
        select(idempotency_keys).where(
            idempotency_keys.c.app_id == app_id,
            idempotency_keys.c.digest == digest,
            idempotency_keys.c.created_at > since,
        )
    ).one_or_none()
    if row is None:
        return None
    return Kept(app_id=row.app_id, digest=row.digest, meaning=row.meaning, subject=row.subject)


def keep(tx: Connection, kept: Kept, since: datetime, now: datetime) -> bool:
    """Write a key down; False where somebody has it since then, also in a transaction that has just committed."""
    same = (idempotency_keys.c.app_id == kept.app_id, idempotency_keys.c.digest == kept.digest)
    tx.execute(delete(idempotency_keys).where(*same, idempotency_keys.c.created_at <= since))
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    added = (
        insert(idempotency_keys)
        .values(app_id=kept.app_id, digest=kept.digest, meaning=kept.meaning, subject=kept.subject, created_at=now)
        .on_conflict_do_nothing()
        .returning(idempotency_keys.c.digest)
    )
    return tx.execute(added).one_or_none() is not None


def forget_subjects(tx: Connection, subjects: Collection[str]) -> None:
    """Let the keys of things that never came to be go."""
    tx.execute(delete(idempotency_keys).where(idempotency_keys.c.subject.in_(subjects)))


def forget_before(tx: Connection, moment: datetime) -> int:
    """Let the keys that were first used before a moment go."""
    return tx.execute(delete(idempotency_keys).where(idempotency_keys.c.created_at <= moment)).rowcount
