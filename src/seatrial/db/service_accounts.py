"""Service accounts by the digest of their secret."""

from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from seatrial.db.tables import service_accounts
from seatrial.domain.access import OrganizationScope, Role
from seatrial.domain.app import ServiceAccount

_PUBLIC = [column for column in service_accounts.c if column.name != "digest"]


def insert_account(tx: Connection, account: ServiceAccount, digest: str) -> None:
    """Add a service account; only the digest of its secret is kept."""
    tx.execute(
        insert(service_accounts).values(
            id=account.id,
            organization_id=account.organization_id,
            name=account.name,
            role=account.role.value,
            digest=digest,
            expires_at=account.expires_at,
            created_at=account.created_at,
        )
    )


def find_by_digest(tx: Connection, digest: str) -> ServiceAccount | None:
    """Find a service account, revoked and expired ones too, by the digest of its secret."""
    row = tx.execute(select(*_PUBLIC).where(service_accounts.c.digest == digest)).one_or_none()
    return _account(row) if row else None


def list_all(tx: Connection, scope: OrganizationScope) -> list[ServiceAccount]:
    """Read an organization's service accounts, oldest first."""
    rows = tx.execute(
        select(*_PUBLIC)
        .where(service_accounts.c.organization_id == scope.organization_id)
        .order_by(service_accounts.c.created_at, service_accounts.c.id)
    )
    return [_account(row) for row in rows]


def revoke(tx: Connection, scope: OrganizationScope, account_id: str, now: datetime) -> bool:
    """End a service account for good; tells whether there was one to end."""
    ended = tx.execute(
        update(service_accounts)
        .where(
            service_accounts.c.id == account_id.lower(),
            service_accounts.c.organization_id == scope.organization_id,
            service_accounts.c.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
    return ended.rowcount == 1


def touch(tx: Connection, account_id: str, now: datetime) -> None:
    """Remember when a service account was last used."""
    tx.execute(update(service_accounts).where(service_accounts.c.id == account_id).values(last_used_at=now))


def _account(row: Row[tuple[object, ...]]) -> ServiceAccount:
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
    values["role"] = Role(values["role"])
    return ServiceAccount(**values)
