"""Who is asking: from a credential to a scope."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy import Connection

from seatrial.db import (
    app_collaborators,
    app_tokens,
    apps,
    organizations,
    second_factors,
    service_accounts,
    sessions,
    users,
)
from seatrial.db.engine import Database
from seatrial.domain.access import (
    COLLABORATOR_PERMISSIONS,
    MEMBER_PERMISSIONS,
    ROLE_PERMISSIONS,
    TOKEN_SCOPE_PERMISSIONS,
    Api,
    AppScope,
    MemberRole,
    OrganizationScope,
    Person,
    Principal,
    PrincipalKind,
)
from seatrial.domain.app import Organization, ServiceAccount, User
from seatrial.domain.errors import (
    ApiDisabled,
    EntityNotFound,
    InsufficientStorage,
    InvalidToken,
    ServiceUnavailable,
    SignInRule,
    TokenExpired,
)
from seatrial.domain.ids import OrganizationId
from seatrial.domain.member import Session, SignInMethod
from seatrial.domain.tokens import TokenKind, digest, kind_of

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


_Use = ServiceAccount | Session

BY_PROVIDER = "This organization lets people in by its identity provider only; sign in there."
BY_TWO_FACTORS = "This organization asks for a second factor: POST /v1/auth/twoFactor sets one up."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person at a device of theirs."""

    session: Session
    user: User


def service_account_address(account: ServiceAccount, host: str) -> str:
    """Give the name of a service account in the form of an address, as builds and audits show it (decision 41)."""
    return f"{account.id}@{account.organization_id}.iam.{host}"


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
        with self.db.look_up() as tx:
            found = app_tokens.find_by_digest(tx, digest(secret))
        if found is None:
            raise InvalidToken
        token = found.token
        self._check(token)
        if not found.integrations_enabled:
            raise ApiDisabled(Api.INTEGRATIONS)
        person = found.maker or Person(id=token.id, email="", first_name=token.description or "App token")
        if self._is_stale(token):
            self._note_use(lambda tx: app_tokens.touch(tx, token.id, self.now()))
        principal = Principal(
            kind=PrincipalKind.APP_TOKEN,
            id=token.id,
            person=person,
            permissions=frozenset().union(*(TOKEN_SCOPE_PERMISSIONS[scope] for scope in token.scopes)),
            vouched=tuple(token.vouched.items()),
        )
        return AppScope(organization_id=token.organization_id, app_id=token.app_id, principal=principal)

    def organization(self, secret: str, id_or_slug: str, *, even_switched_off: bool = False) -> OrganizationScope:
        """Find an organization for a service account or a session (the Workspace face).

        A session may be let in even where the organization has switched this face off: somebody must be able to
        switch it on again.

        Raises InvalidToken, TokenExpired, EntityNotFound, ApiDisabled.
        """
        with self.db.read() as tx:
            scope, use = self._workspace(tx, secret, id_or_slug, even_switched_off)
        self._remember(use)
        return scope

    def app_of(self, secret: str, organization: str, app: str) -> AppScope:
        """Find an app of an organization for a service account or a session (the Workspace face).

        Raises InvalidToken, TokenExpired, EntityNotFound, ApiDisabled.
        """
        with self.db.read() as tx:
            scope, use = self._workspace(tx, secret, organization, even_switched_off=False)
            found = apps.find(tx, scope.organization_id, app)
        if found is None:
            raise EntityNotFound
        self._remember(use)
        return scope.in_app(found.id)

    def organizations(self, secret: str) -> list[OrganizationScope]:
        """Find every organization that a service account or a session belongs to.

        A session sees those that have switched the Workspace API off, too.

        Raises InvalidToken, TokenExpired, ApiDisabled.
        """
        with self.db.read() as tx:
            scopes, use = self._everywhere(tx, secret)
        self._remember(use)
        return scopes

    def person(self, secret: str) -> SignedIn:
        """Find whose session this is, whatever their organizations ask for: it is about their own account.

        Raises InvalidToken, TokenExpired.
        """
        with self.db.read() as tx:
            session, user = self._session(tx, secret)
        self._remember(session)
        return SignedIn(session, user)

    def anyone(self, secret: str, organization_id: OrganizationId | None = None) -> OrganizationScope:
        """Find what any kind of credential is good for: an `AppScope` for an app token, else an organization.

        A session may be good for several organizations: for it, the one that is asked about.

        Raises InvalidToken, TokenExpired, ApiDisabled, and EntityNotFound for a session of other organizations.
        """
        match kind_of(secret):
            case TokenKind.APP:
                return self.app(secret)
            case TokenKind.SESSION:
                return self.organization(secret, organization_id or "")
            case _:
                with self.db.read() as tx:
                    account = self._account(tx, secret)
                    return self._account_scope(account, organizations.get(tx, account.organization_id))

    def _workspace(
        self, tx: Connection, secret: str, id_or_slug: str, even_switched_off: bool
    ) -> tuple[OrganizationScope, _Use]:
        if kind_of(secret) is TokenKind.SESSION:
            session, user = self._session(tx, secret)
            roles = dict(users.organizations_of(tx, user.id))
            organization = organizations.find(tx, id_or_slug)
            if organization is None or organization.id not in roles:
                raise EntityNotFound
            if not organization.workspace_enabled and not even_switched_off:
                raise ApiDisabled(Api.WORKSPACE)
            _check_rules(tx, organization, session, roles[organization.id])
            return _member_scope(tx, organization, user, roles[organization.id]), session
        account = self._account(tx, secret)
        organization = organizations.find(tx, id_or_slug)
        if organization is None or organization.id != account.organization_id:
            raise EntityNotFound
        return self._account_scope(account, organization), account

    def _everywhere(self, tx: Connection, secret: str) -> tuple[list[OrganizationScope], _Use]:
        if kind_of(secret) is TokenKind.SESSION:
            session, user = self._session(tx, secret)
            return _open_scopes(tx, session, user), session
        account = self._account(tx, secret)
        return [self._account_scope(account, organizations.get(tx, account.organization_id))], account

    def _session(self, tx: Connection, secret: str) -> tuple[Session, User]:
        session = sessions.find_by_access(tx, digest(secret))
        if session is None:
            raise InvalidToken
        self._check(session)
        user = users.find(tx, session.user_id)
        if user is None:
            raise InvalidToken
        return session, user

    def _account(self, tx: Connection, secret: str) -> ServiceAccount:
        account = service_accounts.find_by_digest(tx, digest(secret))
        if account is None:
            raise InvalidToken
        self._check(account)
        return account

    def _account_scope(self, account: ServiceAccount, organization: Organization) -> OrganizationScope:
        if not organization.workspace_enabled:
            raise ApiDisabled(Api.WORKSPACE)
        person = Person(
            id=account.id, email=service_account_address(account, self.identity_host), first_name=account.name
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

    def _remember(self, used: _Use) -> None:
        if not self._is_stale(used):
            return
        if isinstance(used, Session):
            self._note_use(lambda tx: sessions.touch(tx, used.id, self.now()))
        else:
            self._note_use(lambda tx: service_accounts.touch(tx, used.id, self.now()))

    def _note_use(self, touch: Callable[[Connection], None]) -> None:
        try:
            with self.db.transaction() as tx:
                touch(tx)
        except (ServiceUnavailable, InsufficientStorage) as error:
            # Reading goes on while the database is full or locked: a note in the margin must not stop it.
            log.warning("the last use of a credential is not noted", reason=repr(error))


def _open_scopes(tx: Connection, session: Session, user: User) -> list[OrganizationScope]:
    """Give the organizations whose rules a session keeps.

    Raises SignInRule where it keeps those of none.
    """
    scopes, broken = list[OrganizationScope](), list[SignInRule]()
    for organization_id, role in users.organizations_of(tx, user.id):
        organization = organizations.get(tx, organization_id)
        try:
            _check_rules(tx, organization, session, role)
        except SignInRule as rule:
            broken.append(rule)
        else:
            scopes.append(_member_scope(tx, organization, user, role))
    if broken and not scopes:
        raise broken[0]
    return scopes


def _check_rules(tx: Connection, organization: Organization, session: Session, role: MemberRole) -> None:
    """Hold a session that a password opened against what the organization asks of people.

    Raises SignInRule.
    """
    if session.method is not SignInMethod.PASSWORD:
        return
    if not organization.password_sign_in and role is not MemberRole.OWNER:
        raise SignInRule("identityProvider", BY_PROVIDER)
    if organization.require_two_factor and not second_factors.is_confirmed(tx, session.user_id):
        raise SignInRule("twoFactor", BY_TWO_FACTORS)


def _member_scope(tx: Connection, organization: Organization, user: User, role: MemberRole) -> OrganizationScope:
    in_apps = app_collaborators.roles_of(tx, organization.id, user.id)
    only_these = role is MemberRole.UNASSIGNED and bool(in_apps)
    permissions = MEMBER_PERMISSIONS[role] | (COLLABORATOR_PERMISSIONS if only_these else frozenset())
    principal = Principal(kind=PrincipalKind.SESSION, id=user.id, person=_person(user), permissions=permissions)
    return OrganizationScope(
        organization_id=organization.id, principal=principal, app_roles=in_apps, only_these_apps=only_these
    )


def _person(user: User) -> Person:
    return Person(
        id=user.id, email=user.email, first_name=user.first_name, last_name=user.last_name, picture=user.picture
    )
