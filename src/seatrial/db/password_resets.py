"""Rights to choose another password, by the digest of their secret."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from seatrial.db.tables import password_resets
from seatrial.domain.ids import OrganizationId
from seatrial.domain.membership import MemberKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordReset:
    """Whose password may be chosen anew."""

    kind: MemberKind
    member_id: str
    organization_id: OrganizationId | None
    """An employee's."""


def insert_reset(tx: Connection, reset: PasswordReset, digest: str, expires_at: datetime, now: datetime) -> None:
    """Add a right; earlier ones of the same person end."""
    tx.execute(
        delete(password_resets).where(
            password_resets.c.member_kind == reset.kind.value, password_resets.c.member_id == reset.member_id
        )
    )
    tx.execute(
        insert(password_resets).values(
            digest=digest,
            member_kind=reset.kind.value,
            member_id=reset.member_id,
            organization_id=reset.organization_id,
            expires_at=expires_at,
            created_at=now,
        )
    )


def find(tx: Connection, digest: str, now: datetime) -> PasswordReset | None:
    """Find a right that is still good."""
    row = tx.execute(select(password_resets).where(*_good(digest, now))).one_or_none()
    if row is None:
        return None
    return PasswordReset(kind=MemberKind(row.member_kind), member_id=row.member_id, organization_id=row.organization_id)


def spend(tx: Connection, digest: str, now: datetime) -> bool:
    """Use a right; of any number of callers with the same one exactly one gets True."""
    return tx.execute(update(password_resets).where(*_good(digest, now)).values(used_at=now)).rowcount == 1


def delete_before(tx: Connection, moment: datetime) -> int:
    """Forget rights that ended earlier; gives how many."""
    return tx.execute(delete(password_resets).where(password_resets.c.expires_at < moment)).rowcount


def _good(digest: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        password_resets.c.digest == digest,
        password_resets.c.used_at.is_(None),
        password_resets.c.expires_at > now,
    )
