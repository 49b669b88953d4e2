"""Service accounts by the digest of their secret."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from seatrial.db import credentials
from seatrial.db.paging import page_of
from seatrial.db.tables import service_accounts
from seatrial.domain.access import OrganizationScope, Role
from seatrial.domain.app import ServiceAccount, ServiceAccountChanges
from seatrial.domain.build import Page, Unset
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import is_entity_id
from seatrial.domain.listing import ListQuery

_PUBLIC = [
    column for column in service_accounts.c if column.name not in {"digest", "previous_digest", "previous_expires_at"}
]
_SORTED_BY = {"createdAt": service_accounts.c.created_at, "name": service_accounts.c.name}


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
    """Find a service account, revoked and expired ones too, by the digest of its secret.

    Found by the secret before a rotation, it expires with that secret.
    """
    row = tx.execute(select(*_PUBLIC).where(service_accounts.c.digest == digest)).one_or_none()
    if row is not None:
        return _account(row)
    row = tx.execute(
        select(*_PUBLIC, service_accounts.c.previous_expires_at).where(service_accounts.c.previous_digest == digest)
    ).one_or_none()
    if row is None:
        return None
    account = _account(row)
    ends = [end for end in (account.expires_at, row.previous_expires_at) if end is not None]
    return replace(account, expires_at=min(ends, default=None))


def get(tx: Connection, scope: OrganizationScope, account_id: str) -> ServiceAccount:
    """Read a service account of an organization that is not revoked.

    Raises EntityNotFound.
    """
    if not is_entity_id(account_id):
        raise EntityNotFound
    row = tx.execute(select(*_PUBLIC).where(*_of(scope), service_accounts.c.id == account_id.lower())).one_or_none()
    if row is None:
        raise EntityNotFound
    return _account(row)


def search(tx: Connection, scope: OrganizationScope, query: ListQuery) -> Page[ServiceAccount]:
    """Read one page of an organization's service accounts that are not revoked."""
    where = list(_of(scope))
    if query.name is not None:
        where.append(service_accounts.c.name.icontains(query.name, autoescape=True))
    return page_of(tx, select(*_PUBLIC).where(*where), (_SORTED_BY[query.sort], service_accounts.c.id), query, _account)


def update_account(tx: Connection, account: ServiceAccount, changes: ServiceAccountChanges) -> None:
    """Edit a service account."""
    said = {"name": changes.name, "role": changes.role, "expires_at": changes.expires_at}
    values = {column: value for column, value in said.items() if not isinstance(value, Unset)}
    if values:
        tx.execute(update(service_accounts).where(service_accounts.c.id == account.id).values(values))


def rotate(tx: Connection, account: ServiceAccount, digest: str, old_until: datetime | None) -> None:
    """Give a service account another secret; the old one is good until then, or no more."""
    credentials.rotate(tx, service_accounts, account.id, digest, old_until)


def revoke(tx: Connection, scope: OrganizationScope, account_id: str, now: datetime) -> bool:
    """End a service account for good; tells whether there was one to end."""
    return credentials.revoke(tx, service_accounts, _of(scope), account_id, now)


def touch(tx: Connection, account_id: str, now: datetime) -> None:
    """Remember when a service account was last used."""
    credentials.touch(tx, service_accounts, account_id, now)


def _of(scope: OrganizationScope) -> tuple[ColumnElement[bool], ...]:
    return (service_accounts.c.organization_id == scope.organization_id, service_accounts.c.revoked_at.is_(None))


def _account(row: Row[tuple[object, ...]]) -> ServiceAccount:
    return ServiceAccount(
        id=row.id,
        organization_id=row.organization_id,
        name=row.name,
        role=Role(row.role),
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        created_at=row.created_at,
    )
