"""Who is asking: from a credential to a scope."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy import Connection

from seatrial.db import app_tokens, apps, organizations, service_accounts, users
from seatrial.db.engine import Database
from seatrial.domain.access import (
    ROLE_PERMISSIONS,
    TOKEN_SCOPE_PERMISSIONS,
    Api,
    AppScope,
    OrganizationScope,
    Person,
    Principal,
    PrincipalKind,
)
from seatrial.domain.app import AppToken, Organization, ServiceAccount
from seatrial.domain.errors import (
    ApiDisabled,
    EntityNotFound,
    InsufficientStorage,
    InvalidToken,
    ServiceUnavailable,
    TokenExpired,
)
from seatrial.domain.tokens import digest

log = structlog.get_logger()

LAST_USE_GRAIN = timedelta(minutes=1)
"""How exact "last used" is: finer would make a write of every read."""


class _Dated(Protocol):
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def revoked_at(self) -> datetime | None: ...
    @property
    def last_used_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Identity:
    """Turns credentials into scopes; an organization or app that is not the caller's does not exist for them."""

    db: Database
    identity_host: str
    """The host in a service account's address `<id>@<organization>.iam.<host>`."""
    now: Callable[[], datetime]

    def app(self, secret: str) -> AppScope:
        """Find the app of an app token (the Integrations face).

        Raises InvalidToken, TokenExpired, ApiDisabled.
        """
        with self.db.read() as tx:
            token = app_tokens.find_by_digest(tx, digest(secret))
            if token is None:
                raise InvalidToken
            self._check(token)
            organization = organizations.get(tx, token.organization_id)
            person = _maker_of(tx, token)
        if not organization.integrations_enabled:
            raise ApiDisabled(Api.INTEGRATIONS)
        if self._is_stale(token):
            self._note_use(lambda tx: app_tokens.touch(tx, token.id, self.now()))
        principal = Principal(
            kind=PrincipalKind.APP_TOKEN,
            id=token.id,
            person=person,
            permissions=frozenset().union(*(TOKEN_SCOPE_PERMISSIONS[scope] for scope in token.scopes)),
        )
        return AppScope(organization_id=token.organization_id, app_id=token.app_id, principal=principal)

    def organization(self, secret: str, id_or_slug: str) -> OrganizationScope:
        """Find an organization for a service account (the Workspace face).

        Raises InvalidToken, TokenExpired, EntityNotFound, ApiDisabled.
        """
        with self.db.read() as tx:
            scope, account = self._workspace(tx, secret, id_or_slug)
        self._remember_use(account)
        return scope

    def app_of(self, secret: str, organization: str, app: str) -> AppScope:
        """Find an app of an organization for a service account (the Workspace face).

        Raises InvalidToken, TokenExpired, EntityNotFound, ApiDisabled.
        """
        with self.db.read() as tx:
            scope, account = self._workspace(tx, secret, organization)
            found = apps.find(tx, scope.organization_id, app)
        if found is None:
            raise EntityNotFound
        self._remember_use(account)
        return AppScope(organization_id=scope.organization_id, app_id=found.id, principal=scope.principal)

    def anyone(self, secret: str) -> OrganizationScope:
        """Find what any kind of credential is good for: an `AppScope` for an app token, else an organization.

        Raises InvalidToken, TokenExpired, ApiDisabled.
        """
        with self.db.read() as tx:
            account = service_accounts.find_by_digest(tx, digest(secret))
            if account is not None:
                return self._account_scope(account, organizations.get(tx, account.organization_id))
        return self.app(secret)

    def _workspace(self, tx: Connection, secret: str, id_or_slug: str) -> tuple[OrganizationScope, ServiceAccount]:
        account = service_accounts.find_by_digest(tx, digest(secret))
        if account is None:
            raise InvalidToken
        self._check(account)
        organization = organizations.find(tx, id_or_slug)
        if organization is None or organization.id != account.organization_id:
            raise EntityNotFound
        return self._account_scope(account, organization), account

    def _account_scope(self, account: ServiceAccount, organization: Organization) -> OrganizationScope:
        self._check(account)
        if not organization.workspace_enabled:
            raise ApiDisabled(Api.WORKSPACE)
        person = Person(
            id=account.id,
            email=f"{account.id}@{organization.id}.iam.{self.identity_host}",
            first_name=account.name,
        )
        principal = Principal(
            kind=PrincipalKind.SERVICE_ACCOUNT,
            id=account.id,
            person=person,
            permissions=ROLE_PERMISSIONS[account.role],
        )
        return OrganizationScope(organization_id=organization.id, principal=principal)

    def _check(self, credential: _Dated) -> None:
        if credential.revoked_at is not None:
            raise InvalidToken
        if credential.expires_at is not None and credential.expires_at <= self.now():
            raise TokenExpired

    def _is_stale(self, credential: _Dated) -> bool:
        used = credential.last_used_at
        return used is None or self.now() - used >= LAST_USE_GRAIN

    def _remember_use(self, account: ServiceAccount) -> None:
        if self._is_stale(account):
            self._note_use(lambda tx: service_accounts.touch(tx, account.id, self.now()))

    def _note_use(self, touch: Callable[[Connection], None]) -> None:
        try:
            with self.db.transaction() as tx:
                touch(tx)
        except (ServiceUnavailable, InsufficientStorage) as error:
            # Reading goes on while the database is full or locked: a note in the margin must not stop it.
            log.warning("the last use of a credential is not noted", reason=repr(error))


def _maker_of(tx: Connection, token: AppToken) -> Person:
    user = users.find(tx, token.created_by) if token.created_by else None
    if user is None:
        return Person(id=token.id, email="", first_name=token.description or "App token")
    return Person(
        id=user.id, email=user.email, first_name=user.first_name, last_name=user.last_name, picture=user.picture
    )
