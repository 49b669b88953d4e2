"""Making organizations, apps, people and their credentials; the command line and the API call the same."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import argon2
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from seatrial.db import app_tokens, apps, audit_log, organizations, service_accounts, users
from seatrial.db.engine import Database
from seatrial.domain.access import (
    AppScope,
    OrganizationScope,
    Permission,
    Person,
    Principal,
    PrincipalKind,
    Role,
    TokenScope,
)
from seatrial.domain.app import App, AppToken, Organization, ServiceAccount, User
from seatrial.domain.errors import Conflict, EntityNotFound, InvalidRequest, SlugTaken
from seatrial.domain.ids import (
    AppId,
    AppTokenId,
    OrganizationId,
    ServiceAccountId,
    UserId,
    new_entity_id,
)
from seatrial.domain.slugs import slug_from
from seatrial.domain.tokens import TokenKind, mint

OPERATOR = Principal(
    kind=PrincipalKind.OPERATOR,
    id="operator",
    person=Person(id="", email=""),
    permissions=frozenset(Permission),
)
OWNER_ROLE = "owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWorkspace:
    """A workspace just made, with the secrets that are shown once."""

    organization: Organization
    app: App
    app_token: str
    service_account_token: str
    user: User


@dataclass(frozen=True, slots=True)
class Workspaces:
    """Makes and lists what belongs to an organization."""

    db: Database
    now: Callable[[], datetime]

    def create(self, *, organization: str, app: str, email: str, password: str) -> NewWorkspace:
        """Make a ready workspace: organization, owner, one app, an app token and an admin service account.

        Raises Conflict when the database has one already.
        """
        password_hash = argon2.PasswordHasher().hash(password)
        with self.db.transaction() as tx:
            if organizations.list_all(tx):
                raise Conflict("This data directory has a workspace already.")
            now = self.now()
            made = Organization(
                id=OrganizationId(new_entity_id()),
                name=organization,
                slug=slug_from(organization),
                integrations_enabled=True,
                workspace_enabled=True,
                created_at=now,
                updated_at=now,
            )
            organizations.insert_organization(tx, made)
            scope = OrganizationScope(organization_id=made.id, principal=OPERATOR)
            owner = self._add_user(tx, scope, email, password_hash, OWNER_ROLE)
            first = self._add_app(tx, scope, app)
            app_scope = AppScope(organization_id=made.id, app_id=first.id, principal=OPERATOR)
            token, secret = self._add_token(
                tx, app_scope, "Made with the workspace", (TokenScope.UPLOAD,), None, owner.id
            )
            _, account_secret = self._add_account(tx, scope, "Made with the workspace", Role.ADMIN, None)
            audit_log.record(tx, scope, "workspace.create", made.id, now, {"appTokenId": token.id})
        return NewWorkspace(
            organization=made, app=first, app_token=secret, service_account_token=account_secret, user=owner
        )

    def exists(self) -> bool:
        """Whether there is any organization yet."""
        with self.db.read() as tx:
            return bool(organizations.list_all(tx))

    def operator(self, organization: str | None = None) -> OrganizationScope:
        """Give the person at the server's own command line their scope; the only organization need not be named.

        Raises EntityNotFound, and InvalidRequest where several could be meant.
        """
        with self.db.read() as tx:
            if organization is not None:
                found = organizations.find(tx, organization)
                if found is None:
                    raise EntityNotFound(f"There is no organization {organization!r}.")
                return OrganizationScope(organization_id=found.id, principal=OPERATOR)
            everything = organizations.list_all(tx)
        if not everything:
            raise EntityNotFound("There is no workspace yet; `seatrial init` makes one.")
        if len(everything) > 1:
            raise InvalidRequest({"organization": f"name one of {', '.join(one.slug for one in everything)}"})
        return OrganizationScope(organization_id=everything[0].id, principal=OPERATOR)

    def app_scope(self, scope: OrganizationScope, id_or_slug: str) -> AppScope:
        """Narrow a scope to one app.

        Raises EntityNotFound.
        """
        with self.db.read() as tx:
            app = apps.find(tx, scope.organization_id, id_or_slug)
        if app is None:
            raise EntityNotFound(f"There is no app {id_or_slug!r}.")
        return AppScope(organization_id=scope.organization_id, app_id=app.id, principal=scope.principal)

    def create_app(self, scope: OrganizationScope, name: str) -> App:
        """Make an app with a slug drawn from its name.

        Raises Forbidden, InvalidRequest, SlugTaken.
        """
        scope.require(Permission.APP_CREATE)
        try:
            with self.db.transaction() as tx:
                app = self._add_app(tx, scope, name)
                audit_log.record(tx, scope, "app.create", app.id, app.created_at)
        except IntegrityError as error:
            raise SlugTaken from error
        return app

    def list_apps(self, scope: OrganizationScope) -> list[App]:
        """Read an organization's apps.

        Raises Forbidden.
        """
        scope.require(Permission.APP_LIST)
        with self.db.read() as tx:
            return apps.list_all(tx, scope)

    def create_token(
        self, scope: AppScope, description: str, scopes: tuple[TokenScope, ...], expires_at: datetime | None
    ) -> tuple[AppToken, str]:
        """Make an app token; gives it and its secret, which is shown once.

        Raises Forbidden.
        """
        scope.require(Permission.APP_TOKEN_CREATE)
        with self.db.transaction() as tx:
            maker = users.find(tx, scope.principal.person.id) or next(
                (user for user, role in users.list_members(tx, scope.organization_id) if role == OWNER_ROLE), None
            )
            made = self._add_token(tx, scope, description, scopes, expires_at, maker.id if maker else None)
            audit_log.record(tx, scope, "appToken.create", made[0].id, made[0].created_at)
        return made

    def list_tokens(self, scope: AppScope) -> list[AppToken]:
        """Read an app's tokens, without their secrets.

        Raises Forbidden.
        """
        scope.require(Permission.APP_TOKEN_LIST)
        with self.db.read() as tx:
            return app_tokens.list_all(tx, scope)

    def revoke_token(self, scope: AppScope, token_id: str) -> None:
        """End an app token at once and for good.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.APP_TOKEN_DELETE)
        with self.db.transaction() as tx:
            if not app_tokens.revoke(tx, scope, token_id, self.now()):
                raise EntityNotFound(f"There is no app token {token_id!r} to revoke.")
            audit_log.record(tx, scope, "appToken.revoke", token_id, self.now())

    def create_service_account(
        self, scope: OrganizationScope, name: str, role: Role, expires_at: datetime | None
    ) -> tuple[ServiceAccount, str]:
        """Make a service account; gives it and its secret, which is shown once.

        Raises Forbidden.
        """
        scope.require(Permission.SERVICE_ACCOUNT_CREATE)
        with self.db.transaction() as tx:
            made = self._add_account(tx, scope, name, role, expires_at)
            audit_log.record(tx, scope, "serviceAccount.create", made[0].id, made[0].created_at)
        return made

    def list_service_accounts(self, scope: OrganizationScope) -> list[ServiceAccount]:
        """Read an organization's service accounts, without their secrets.

        Raises Forbidden.
        """
        scope.require(Permission.SERVICE_ACCOUNT_LIST)
        with self.db.read() as tx:
            return service_accounts.list_all(tx, scope)

    def revoke_service_account(self, scope: OrganizationScope, account_id: str) -> None:
        """End a service account at once and for good.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.SERVICE_ACCOUNT_DELETE)
        with self.db.transaction() as tx:
            if not service_accounts.revoke(tx, scope, account_id, self.now()):
                raise EntityNotFound(f"There is no service account {account_id!r} to revoke.")
            audit_log.record(tx, scope, "serviceAccount.revoke", account_id, self.now())

    def create_user(self, scope: OrganizationScope, email: str, password: str) -> User:
        """Make a person and a member of the organization.

        Raises Conflict when the address is taken.
        """
        password_hash = argon2.PasswordHasher().hash(password)
        with self.db.transaction() as tx:
            if users.find_by_email(tx, email):
                raise Conflict(f"There is a user {email} already.")
            user = self._add_user(tx, scope, email, password_hash, "viewer")
            audit_log.record(tx, scope, "user.create", user.id, user.created_at)
        return user

    def list_users(self, scope: OrganizationScope) -> list[tuple[User, str]]:
        """Read an organization's members with their roles."""
        with self.db.read() as tx:
            return users.list_members(tx, scope.organization_id)

    def _add_user(self, tx: Connection, scope: OrganizationScope, email: str, password_hash: str, role: str) -> User:
        if "@" not in email or len(email) > 256 or any(character.isspace() for character in email):
            raise InvalidRequest({"email": "must be an e-mail address of at most 256 characters"})
        now = self.now()
        user = User(
            id=UserId(new_entity_id()),
            email=email.lower(),
            first_name="",
            last_name="",
            picture="",
            created_at=now,
            updated_at=now,
        )
        users.insert_user(tx, user, password_hash)
        users.join(tx, user.id, scope.organization_id, role, now)
        return user

    def _add_app(self, tx: Connection, scope: OrganizationScope, name: str) -> App:
        name = name.strip()
        if not name or len(name) > 255:
            raise InvalidRequest({"name": "must be 1 to 255 characters"})
        now = self.now()
        app = App(
            id=AppId(new_entity_id()),
            organization_id=scope.organization_id,
            name=name,
            slug=slug_from(name),
            description="",
            picture="",
            notify_collaborators=False,
            notify_employees=False,
            created_at=now,
            updated_at=now,
        )
        apps.insert_app(tx, app)
        return app

    def _add_token(
        self,
        tx: Connection,
        scope: AppScope,
        description: str,
        scopes: tuple[TokenScope, ...],
        expires_at: datetime | None,
        created_by: UserId | None,
    ) -> tuple[AppToken, str]:
        if len(description) > 1000:
            raise InvalidRequest({"description": "must be at most 1000 characters"})
        minted = mint(TokenKind.APP)
        token = AppToken(
            id=AppTokenId(new_entity_id()),
            organization_id=scope.organization_id,
            app_id=scope.app_id,
            description=description,
            scopes=scopes,
            created_by=created_by,
            expires_at=expires_at,
            revoked_at=None,
            last_used_at=None,
            created_at=self.now(),
        )
        app_tokens.insert_token(tx, token, minted.digest)
        return token, minted.secret

    def _add_account(
        self, tx: Connection, scope: OrganizationScope, name: str, role: Role, expires_at: datetime | None
    ) -> tuple[ServiceAccount, str]:
        name = name.strip()
        if not name or len(name) > 255:
            raise InvalidRequest({"name": "must be 1 to 255 characters"})
        minted = mint(TokenKind.SERVICE_ACCOUNT)
        account = ServiceAccount(
            id=ServiceAccountId(new_entity_id()),
            organization_id=scope.organization_id,
            name=name,
            role=role,
            expires_at=expires_at,
            revoked_at=None,
            last_used_at=None,
            created_at=self.now(),
        )
        service_accounts.insert_account(tx, account, minted.digest)
        return account, minted.secret
