"""Service accounts: the credentials of programs that work on a whole organization."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from seatrial.db import audit_log, ending_credentials, service_accounts
from seatrial.db.engine import Database
from seatrial.domain.access import OrganizationScope, Permission, Role
from seatrial.domain.app import ServiceAccount, ServiceAccountChanges
from seatrial.domain.build import Page, Unset
from seatrial.domain.errors import EntityNotFound, InvalidRequest
from seatrial.domain.expiration import EndingCredential
from seatrial.domain.ids import ServiceAccountId, new_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.tokens import TokenKind, mint
from seatrial.services.app_tokens import check_overlap
from seatrial.services.names import checked_name


@dataclass(frozen=True, slots=True, kw_only=True)
class NewServiceAccount:
    """A service account to be made."""

    name: str
    role: Role
    expires_at: datetime | None = None


def add_account(
    tx: Connection, scope: OrganizationScope, new: NewServiceAccount, now: datetime
) -> tuple[ServiceAccount, str]:
    """Make a service account in the caller's transaction; gives it and its secret, which is shown once.

    Raises InvalidRequest.
    """
    _check_expiry(new.expires_at, now)
    minted = mint(TokenKind.SERVICE_ACCOUNT)
    account = ServiceAccount(
        id=ServiceAccountId(new_entity_id()),
        organization_id=scope.organization_id,
        name=checked_name(new.name),
        role=new.role,
        expires_at=new.expires_at,
        revoked_at=None,
        last_used_at=None,
        created_at=now,
    )
    service_accounts.insert_account(tx, account, minted.digest)
    return account, minted.secret


@dataclass(frozen=True, slots=True)
class ServiceAccounts:
    """What callers may do with an organization's service accounts."""

    db: Database
    now: Callable[[], datetime]

    def create(self, scope: OrganizationScope, new: NewServiceAccount) -> tuple[ServiceAccount, str]:
        """Make a service account; gives it and its secret, which is shown once.

        Raises Forbidden, InvalidRequest.
        """
        scope.require(Permission.SERVICE_ACCOUNT_CREATE)
        with self.db.transaction() as tx:
            made = add_account(tx, scope, new, self.now())
            audit_log.record(
                tx, scope, "serviceAccount.create", made[0].id, made[0].created_at, {"role": new.role.value}
            )
        return made

    def ending(self, scope: OrganizationScope, within: timedelta) -> list[EndingCredential]:
        """Give the service accounts, and the app tokens of all apps, that end soon, the next ones first.

        Raises Forbidden.
        """
        scope.require(Permission.SERVICE_ACCOUNT_LIST)
        now = self.now()
        with self.db.read() as tx:
            return ending_credentials.between(tx, now, now + within, scope.organization_id)

    def search(self, scope: OrganizationScope, query: ListQuery) -> Page[ServiceAccount]:
        """Give one page of an organization's service accounts, expired ones too, without their secrets.

        Raises Forbidden.
        """
        scope.require(Permission.SERVICE_ACCOUNT_LIST)
        with self.db.read() as tx:
            return service_accounts.search(tx, scope, query)

    def get(self, scope: OrganizationScope, account_id: str) -> ServiceAccount:
        """Give one service account without its secret.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.SERVICE_ACCOUNT_LIST)
        with self.db.read() as tx:
            return service_accounts.get(tx, scope, account_id)

    def update(self, scope: OrganizationScope, account_id: str, changes: ServiceAccountChanges) -> ServiceAccount:
        """Rename a service account, give it another role or another end; its secret stays.

        Raises Forbidden, EntityNotFound, InvalidRequest.
        """
        scope.require(Permission.SERVICE_ACCOUNT_UPDATE)
        now = self.now()
        if not isinstance(changes.name, Unset):
            checked_name(changes.name)
        if not isinstance(changes.expires_at, Unset):
            _check_expiry(changes.expires_at, now)
        with self.db.transaction() as tx:
            before = service_accounts.get(tx, scope, account_id)
            service_accounts.update_account(tx, before, changes)
            after = service_accounts.get(tx, scope, account_id)
            detail: dict[str, object] = {"role": after.role.value}
            audit_log.record(tx, scope, "serviceAccount.update", after.id, now, detail)
        return after

    def rotate(
        self, scope: OrganizationScope, account_id: str, overlap: timedelta = timedelta()
    ) -> tuple[ServiceAccount, str]:
        """Give a service account another secret, shown once; the old one ends at once, or after the overlap.

        A secret from the rotation before ends at once in any case: never more than two are good.

        Raises Forbidden, EntityNotFound, InvalidRequest.
        """
        scope.require(Permission.SERVICE_ACCOUNT_UPDATE)
        check_overlap(overlap)
        minted, now = mint(TokenKind.SERVICE_ACCOUNT), self.now()
        with self.db.transaction() as tx:
            account = service_accounts.get(tx, scope, account_id)
            service_accounts.rotate(tx, account, minted.digest, now + overlap if overlap else None)
            detail: dict[str, object] = {"overlapSeconds": overlap // timedelta(seconds=1)}
            audit_log.record(tx, scope, "serviceAccount.rotate", account.id, now, detail)
        return account, minted.secret

    def revoke(self, scope: OrganizationScope, account_id: str) -> None:
        """End a service account at once and for good.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.SERVICE_ACCOUNT_DELETE)
        now = self.now()
        with self.db.transaction() as tx:
            if not service_accounts.revoke(tx, scope, account_id, now):
                raise EntityNotFound
            audit_log.record(tx, scope, "serviceAccount.revoke", account_id.lower(), now)


def _check_expiry(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise InvalidRequest({"expiresAt": "must be in the future"})
