"""The identity providers that an organization lets its people sign in with."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from seatrial.db import audit_log, identity_providers, organizations
from seatrial.db.engine import Database
from seatrial.domain.access import MemberRole, OrganizationScope, Permission
from seatrial.domain.app import Organization
from seatrial.domain.build import Page, Unset, said_or
from seatrial.domain.errors import EntityNotFound, InvalidRequest
from seatrial.domain.identity_provider import (
    DEFAULT_SCOPES,
    SIGN_UP_ROLES,
    IdentityProvider,
    IdentityProviderSettings,
)
from seatrial.domain.ids import IdentityProviderId, new_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.membership import MemberKind
from seatrial.storage.sealing import Sealer
from seatrial.tools.oidc import Issuers, IssuerUnavailable


@dataclass(frozen=True, slots=True)
class IdentityProviders:
    """What callers may do with an organization's identity providers."""

    db: Database
    sealer: Sealer
    issuers: Issuers
    now: Callable[[], datetime]

    def create(self, scope: OrganizationScope, settings: IdentityProviderSettings) -> IdentityProvider:
        """Make a provider; its issuer is not asked yet.

        Raises Forbidden, InvalidRequest.
        """
        scope.require(Permission.IDENTITY_PROVIDER_CREATE)
        needed = {"name": settings.name, "issuer": settings.issuer, "clientId": settings.client_id}
        missing = {name: "is required" for name, value in needed.items() if not value or isinstance(value, Unset)}
        if missing:
            raise InvalidRequest(missing)
        now = self.now()
        blank = IdentityProvider(
            id=IdentityProviderId(new_entity_id()),
            organization_id=scope.organization_id,
            name="",
            issuer="",
            client_id="",
            sealed_secret="",
            scopes=DEFAULT_SCOPES,
            groups_claim="",
            group_mapping=None,
            default_role=MemberRole.UNASSIGNED,
            kind=MemberKind.EMPLOYEE,
            allowed_domains=(),
            allow_sign_up=False,
            enabled=True,
            only=False,
            vouched=False,
            created_at=now,
            updated_at=now,
        )
        made = self._applied(scope, blank, settings)
        with self.db.transaction() as tx:
            identity_providers.save(tx, made)
            audit_log.record(tx, scope, "identityProvider.create", made.id, now, _told(made))
        return made

    def search(self, scope: OrganizationScope, query: ListQuery) -> Page[IdentityProvider]:
        """Give one page of an organization's providers.

        Raises Forbidden.
        """
        scope.require(Permission.IDENTITY_PROVIDER_LIST)
        with self.db.read() as tx:
            return identity_providers.search(tx, scope, query)

    def get(self, scope: OrganizationScope, provider_id: str) -> IdentityProvider:
        """Give one provider.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.IDENTITY_PROVIDER_LIST)
        with self.db.read() as tx:
            return identity_providers.get(tx, scope, provider_id)

    def update(
        self, scope: OrganizationScope, provider_id: str, settings: IdentityProviderSettings
    ) -> IdentityProvider:
        """Edit a provider.

        Raises Forbidden, EntityNotFound, InvalidRequest.
        """
        scope.require(Permission.IDENTITY_PROVIDER_UPDATE)
        with self.db.transaction() as tx:
            before = identity_providers.get(tx, scope, provider_id)
            after = self._applied(scope, before, settings)
            identity_providers.save(tx, after)
            audit_log.record(tx, scope, "identityProvider.update", after.id, after.updated_at, _told(after))
        return after

    def remove(self, scope: OrganizationScope, provider_id: str) -> None:
        """Forget a provider; who signed in with it needs another way in.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.IDENTITY_PROVIDER_DELETE)
        with self.db.transaction() as tx:
            gone = identity_providers.get(tx, scope, provider_id)
            identity_providers.remove(tx, gone)
            audit_log.record(tx, scope, "identityProvider.delete", gone.id, self.now(), {"name": gone.name})

    def choices(self, organization: str) -> tuple[Organization, list[IdentityProvider]]:
        """Give the providers that a login page of an organization offers, to whoever asks.

        Raises EntityNotFound.
        """
        with self.db.read() as tx:
            found = organizations.find(tx, organization)
            if found is None:
                raise EntityNotFound
            return found, identity_providers.enabled(tx, found.id)

    def offered(self, organization: str) -> list[IdentityProvider]:
        """Give the providers that the sign-in of the dashboard offers, to whoever asks.

        They are those of the organization that somebody is on the way to, or of the only one that there is.
        """
        with self.db.read() as tx:
            found = organizations.find(tx, organization) if organization else None
            if found is None:
                everybody = organizations.list_all(tx)
                found = everybody[0] if len(everybody) == 1 else None
            return identity_providers.enabled(tx, found.id) if found else []

    def _applied(
        self, scope: OrganizationScope, before: IdentityProvider, said: IdentityProviderSettings
    ) -> IdentityProvider:
        after = replace(
            before,
            name=said_or(said.name, before.name),
            issuer=said_or(said.issuer, before.issuer),
            client_id=said_or(said.client_id, before.client_id),
            sealed_secret=before.sealed_secret
            if isinstance(said.client_secret, Unset)
            else self._seal(said.client_secret),
            scopes=_with_openid(said_or(said.scopes, before.scopes)),
            groups_claim=said_or(said.groups_claim, before.groups_claim),
            group_mapping=before.group_mapping if isinstance(said.group_mapping, Unset) else said.group_mapping,
            default_role=said_or(said.default_role, before.default_role),
            kind=said_or(said.kind, before.kind),
            allowed_domains=said_or(said.allowed_domains, before.allowed_domains),
            allow_sign_up=said_or(said.allow_sign_up, before.allow_sign_up),
            enabled=said_or(said.enabled, before.enabled),
            only=said_or(said.only, before.only),
            updated_at=self.now(),
        )
        if (after.issuer, after.client_id) != (before.issuer, before.client_id):
            try:
                self.issuers.check_url(after.issuer)
            except IssuerUnavailable as error:
                raise InvalidRequest({"issuer": f"cannot be used: {error}"}) from error
            # Who is no owner must not say, by an issuer of their own, who an owner is.
            after = replace(after, vouched=Permission.OWNER_UPDATE in scope.principal.permissions)
        elif Permission.OWNER_UPDATE in scope.principal.permissions:
            after = replace(after, vouched=True)
        if after.default_role not in SIGN_UP_ROLES:
            raise InvalidRequest({"defaultRole": f"must be one of {', '.join(role.value for role in SIGN_UP_ROLES)}"})
        empty = {
            name: "must not be empty"
            for name, value in (("name", after.name), ("clientId", after.client_id))
            if not value
        }
        if empty:
            raise InvalidRequest(empty)
        return after

    def _seal(self, secret: str) -> str:
        return self.sealer.seal(secret.encode()) if secret else ""


def _with_openid(scopes: tuple[str, ...]) -> tuple[str, ...]:
    """Ask for `openid` in any case: without it there is no ID token."""
    return scopes if "openid" in scopes else ("openid", *scopes)


def _told(provider: IdentityProvider) -> dict[str, object]:
    return {
        "name": provider.name,
        "issuer": provider.issuer,
        "clientId": provider.client_id,
        "enabled": provider.enabled,
        "only": provider.only,
    }
