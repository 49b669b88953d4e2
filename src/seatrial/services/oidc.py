"""Signing in by an identity provider of an organization (OpenID Connect)."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import IntegrityError

from seatrial.db import identity_providers
from seatrial.db.engine import Database
from seatrial.domain.errors import EntityNotFound, ServiceUnavailable, SignInRefused
from seatrial.domain.identity_provider import IdentityProvider
from seatrial.domain.membership import MemberKind, MemberOrigin
from seatrial.domain.sign_in import Arrival, SignInTarget, Voyage
from seatrial.services.member_sessions import MemberSessions
from seatrial.services.oidc_members import OidcMembers
from seatrial.services.sessions import Sessions
from seatrial.storage.sealing import Sealer, Unsealable
from seatrial.tools.oidc import Claims, Client, Issuers, IssuerUnavailable, Ticket, TokenRefused, new_ticket

log = structlog.get_logger()

LIFE = timedelta(minutes=10)
"""How long somebody may take at the identity provider."""
OTHER_BROWSER = "this sign-in was begun in another browser, or too long ago; begin again"
NO_DASHBOARD = "you are known here as somebody who installs builds; the dashboard is not for employees"


@dataclass(frozen=True, slots=True)
class Oidc:
    """Sends people to an identity provider, and opens a session for who comes back."""

    db: Database
    sealer: Sealer
    issuers: Issuers
    members: OidcMembers
    sessions: Sessions
    member_sessions: MemberSessions
    now: Callable[[], datetime]

    def begin(
        self, provider_id: str, redirect_uri: str, target: SignInTarget, *, scheme: str = "", path: str = ""
    ) -> tuple[str, str]:
        """Give the URL at the identity provider, and what the browser has to keep until it comes back.

        Raises EntityNotFound for a provider that is none or switched off, ServiceUnavailable.
        """
        provider, client = self._provider(provider_id)
        ticket = new_ticket()
        voyage = Voyage(
            provider_id=provider.id,
            state=ticket.state,
            nonce=ticket.nonce,
            verifier=ticket.verifier,
            redirect_uri=redirect_uri,
            target=target,
            scheme=scheme,
            path=path,
            ends_at=self.now() + LIFE,
        )
        try:
            url = self.issuers.authorization_url(client, ticket, redirect_uri, provider.scopes)
        except IssuerUnavailable as error:
            raise _unavailable(provider, error) from error
        return url, self._sealed(voyage)

    def opened(self, kept: str, state: str) -> Voyage:
        """Read what the browser kept, for the state that came back.

        Raises SignInRefused where they do not belong together, or it is too late.
        """
        try:
            said = json.loads(self.sealer.open(kept))
            voyage = Voyage(
                **said
                | {
                    "target": SignInTarget(said["target"]),
                    "ends_at": datetime.fromisoformat(said["ends_at"]),
                }
            )
        except (Unsealable, ValueError, TypeError, KeyError):
            raise SignInRefused(OTHER_BROWSER) from None
        if voyage.state != state or voyage.ends_at <= self.now():
            raise SignInRefused(OTHER_BROWSER)
        return voyage

    def finish(self, voyage: Voyage, provider_id: str, code: str, user_agent: str) -> Arrival:
        """Open a session for who comes back with a code; each way back works once.

        Raises SignInRefused, EntityNotFound, ServiceUnavailable.
        """
        if voyage.provider_id != provider_id.lower():
            raise SignInRefused(OTHER_BROWSER)
        provider, client = self._provider(provider_id)
        with self.db.transaction() as tx:
            if not identity_providers.finish(tx, _digest(voyage.state), self.now()):
                raise SignInRefused("this sign-in is over already; begin again")
        claims = self._claims(provider, client, voyage, code)
        try:
            return self._arrive(provider, voyage, claims, user_agent)
        except IntegrityError as error:
            # Twice at once, in two browsers: the other one made the member.
            raise SignInRefused("another sign-in of yours has just ended; begin again") from error

    def forget_old(self) -> None:
        """Remove sign-ins that could not come back any more."""
        with self.db.transaction() as tx:
            identity_providers.delete_finished_before(tx, self.now() - 2 * LIFE)

    def _arrive(self, provider: IdentityProvider, voyage: Voyage, claims: Claims, user_agent: str) -> Arrival:
        wants_dashboard = voyage.target in {SignInTarget.DASHBOARD, SignInTarget.API}
        with self.db.transaction() as tx:
            member, user = self.members.resolve(tx, provider, claims)
            if not wants_dashboard:
                origin = MemberOrigin.SDK if voyage.target is SignInTarget.SDK else MemberOrigin.STORE
                opened = self.member_sessions.open_in(tx, member, origin, user_agent)
                return Arrival(voyage=voyage, member_session=opened)
            if member.kind is not MemberKind.USER or user is None:
                raise SignInRefused(NO_DASHBOARD)
            return Arrival(voyage=voyage, session=self.sessions.open_by_provider(tx, user, user_agent))

    def _claims(self, provider: IdentityProvider, client: Client, voyage: Voyage, code: str) -> Claims:
        ticket = Ticket(state=voyage.state, nonce=voyage.nonce, verifier=voyage.verifier)
        wanted = ("email", *([provider.groups_claim.split(".")[0]] if provider.groups_claim else []))
        now = self.now().timestamp()
        try:
            return self.issuers.redeem(client, ticket, code, voyage.redirect_uri, now, wanted)
        except IssuerUnavailable as error:
            raise _unavailable(provider, error) from error
        except TokenRefused as error:
            log.warning("a sign-in is refused", provider=provider.id, reason=str(error))
            raise SignInRefused(str(error)) from error

    def _provider(self, provider_id: str) -> tuple[IdentityProvider, Client]:
        with self.db.read() as tx:
            provider = identity_providers.find(tx, provider_id)
        if provider is None or not provider.enabled:
            raise EntityNotFound
        try:
            secret = self.sealer.open(provider.sealed_secret).decode() if provider.sealed_secret else ""
        except Unsealable as error:
            raise ServiceUnavailable(
                f"The client secret of {provider.name} was sealed with a key that is gone; enter it again."
            ) from error
        return provider, Client(issuer=provider.issuer, client_id=provider.client_id, client_secret=secret)

    def _sealed(self, voyage: Voyage) -> str:
        said = asdict(voyage) | {"ends_at": voyage.ends_at.isoformat()}
        return self.sealer.seal(json.dumps(said).encode())


def _unavailable(provider: IdentityProvider, error: IssuerUnavailable) -> ServiceUnavailable:
    log.warning("an identity provider cannot be used", provider=provider.id, issuer=provider.issuer, reason=str(error))
    return ServiceUnavailable(f"The identity provider {provider.name} cannot be used now: {error}.", retry_after=30)


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
