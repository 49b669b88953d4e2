"""Keys by which clients know their uploads again, in an app or in an organization."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from seatrial.db.tables import idempotency_keys, kept_answers
from seatrial.domain.ids import AppId, OrganizationId


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was done under a key."""

    app_id: AppId
    digest: str
    meaning: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What was answered under a key."""

    organization_id: OrganizationId
    digest: str
    meaning: str
    answer: object


def find(tx: Connection, app_id: AppId, digest: str, since: datetime) -> Kept | None:
    """Find a key that was first used after a moment."""
    row = _find(tx, idempotency_keys, (idempotency_keys.c.app_id == app_id, idempotency_keys.c.digest == digest), since)
    if row is None:
        return None
    return Kept(app_id=row.app_id, digest=row.digest, meaning=row.meaning, subject=row.subject)


def keep(tx: Connection, kept: Kept, since: datetime, now: datetime) -> bool:
    """Write a key down; False where somebody has it since then, also in a transaction that has just committed."""
    same = (idempotency_keys.c.app_id == kept.app_id, idempotency_keys.c.digest == kept.digest)
    values = {"app_id": kept.app_id, "digest": kept.digest, "meaning": kept.meaning, "subject": kept.subject}
    return _add(tx, idempotency_keys, same, since, values | {"created_at": now})


def find_answer(tx: Connection, organization_id: OrganizationId, digest: str, since: datetime) -> KeptAnswer | None:
    """Find the answer to a request whose key was first used after a moment."""
    same = (kept_answers.c.organization_id == organization_id, kept_answers.c.digest == digest)
    row = _find(tx, kept_answers, same, since)
    if row is None:
        return None
    return KeptAnswer(organization_id=row.organization_id, digest=row.digest, meaning=row.meaning, answer=row.answer)


def keep_answer(tx: Connection, kept: KeptAnswer, since: datetime, now: datetime) -> bool:
    """Write an answer down, as `keep` does."""
    same = (kept_answers.c.organization_id == kept.organization_id, kept_answers.c.digest == kept.digest)
    values = {"organization_id": kept.organization_id, "digest": kept.digest, "meaning": kept.meaning}
    return _add(tx, kept_answers, same, since, values | {"answer": kept.answer, "created_at": now})


def write_answer(tx: Connection, kept: KeptAnswer) -> None:
    """Write another answer down in the place of one that is kept."""
    same = (kept_answers.c.organization_id == kept.organization_id, kept_answers.c.digest == kept.digest)
    tx.execute(kept_answers.update().where(*same).values(answer=kept.answer))


def forget_subjects(tx: Connection, subjects: Collection[str]) -> None:
    """Let the keys of things that never came to be go."""
    tx.execute(delete(idempotency_keys).where(idempotency_keys.c.subject.in_(subjects)))


def forget_before(tx: Connection, moment: datetime) -> int:
    """Let the keys that were first used before a moment go."""
    return sum(
        tx.execute(delete(table).where(table.c.created_at <= moment)).rowcount
        for table in (idempotency_keys, kept_answers)
    )


def _find(tx: Connection, table: Table, same: Sequence[ColumnElement[bool]], since: datetime) -> Row[Any] | None:
    return tx.execute(select(table).where(*same, table.c.created_at > since)).one_or_none()


def _add(
    tx: Connection, table: Table, same: Sequence[ColumnElement[bool]], since: datetime, values: dict[str, object]
) -> bool:
    tx.execute(delete(table).where(*same, table.c.created_at <= since))
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    added = insert(table).values(values).on_conflict_do_nothing().returning(table.c.digest)
    return tx.execute(added).one_or_none() is not None
