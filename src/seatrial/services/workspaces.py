"""Whole workspaces: the making of one, and the operator's way into it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from seatrial.db import audit_log, organizations
from seatrial.db.engine import Database
from seatrial.domain.access import (
    AppScope,
    MemberRole,
    OrganizationScope,
    Permission,
    Person,
    Principal,
    PrincipalKind,
    Role,
)
from seatrial.domain.app import App, AppSettings, Organization, User
from seatrial.domain.errors import Conflict, EntityNotFound, InvalidRequest
from seatrial.domain.member import NewMember
from seatrial.services.app_tokens import NewAppToken, add_token
from seatrial.services.apps import add_app
from seatrial.services.organizations import add_organization
from seatrial.services.passwords import hash_password
from seatrial.services.service_accounts import NewServiceAccount, add_account
from seatrial.services.users import add_user

OPERATOR = Principal(
    kind=PrincipalKind.OPERATOR,
    id="operator",
    person=Person(id="", email=""),
    permissions=frozenset(Permission),
)
MADE_WITH_IT = "Made with the workspace"


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
    """Makes a workspace, and finds it again."""

    db: Database
    now: Callable[[], datetime]

    def create(self, *, organization: str, app: str, email: str, password: str) -> NewWorkspace:
        """Make a ready workspace: organization, owner, one app, an app token and an admin service account.

        Raises Conflict when the database has one already, InvalidRequest.
        """
        password_hash = hash_password(password)
        with self.db.transaction() as tx:
            organizations.hold_all(tx)
            if organizations.list_all(tx):
                raise Conflict("This data directory has a workspace already.")
            now = self.now()
            made = add_organization(tx, organization, now)
            scope = OrganizationScope(organization_id=made.id, principal=OPERATOR)
            owner = add_user(tx, scope, NewMember(email=email, role=MemberRole.OWNER), password_hash, now)
            first = add_app(tx, scope, AppSettings(name=app), now)
            app_scope = AppScope(organization_id=made.id, app_id=first.id, principal=OPERATOR)
            token, secret = add_token(tx, app_scope, NewAppToken(description=MADE_WITH_IT), owner.id, now)
            account = NewServiceAccount(name=MADE_WITH_IT, role=Role.ADMIN)
            _, account_secret = add_account(tx, scope, account, now)
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
