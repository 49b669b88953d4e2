"""Who is let in, and how: the services behind signing in."""

from dataclasses import dataclass
from datetime import timedelta

import httpx

from seatrial.bootstrap.login_limits import open_login_limits
from seatrial.config import Settings
from seatrial.db.engine import Database
from seatrial.domain.clock import utc_now
from seatrial.services.accounts import Accounts
from seatrial.services.identity_exchange import IdentityExchange
from seatrial.services.identity_providers import IdentityProviders
from seatrial.services.invitations import Invitations
from seatrial.services.member_logins import MemberLogins
from seatrial.services.member_sessions import MemberSessions
from seatrial.services.oidc import Oidc
from seatrial.services.oidc_members import OidcMembers
from seatrial.services.password_resets import PasswordResets
from seatrial.services.post import Post
from seatrial.services.second_factors import SecondFactors
from seatrial.services.sessions import SessionRules, Sessions
from seatrial.services.sign_in_steps import SignInSteps
from seatrial.services.trusted_publishers import TrustedPublishers
from seatrial.storage.sealing import Sealer
from seatrial.tools.oidc import Issuers


@dataclass(frozen=True, slots=True)
class SignIn:
    """Everything that has to do with getting in."""

    sessions: Sessions
    member_sessions: MemberSessions
    member_logins: MemberLogins
    second_factors: SecondFactors
    accounts: Accounts
    password_resets: PasswordResets
    identity_providers: IdentityProviders
    oidc: Oidc
    trusted_publishers: TrustedPublishers
    identity_exchange: IdentityExchange
    http: httpx.Client
    invitations: Invitations
    steps: SignInSteps

    def forget_old(self) -> None:
        """Remove what ended long ago."""
        self.sessions.forget_old()
        self.member_sessions.forget_old()
        self.password_resets.forget_old()
        self.oidc.forget_old()
        self.identity_exchange.forget_old()

    def close(self) -> None:
        """Give the connections to identity providers back."""
        self.http.close()


def open_sign_in(settings: Settings, database: Database, post: Post, sealer: Sealer) -> SignIn:
    """Make the services behind signing in."""
    rules = _rules(settings)
    limits = open_login_limits(settings, database)
    factors = SecondFactors(database, sealer, post, utc_now)
    member_sessions = MemberSessions(database, timedelta(seconds=settings.tokens.member), utc_now)
    sessions = Sessions(database, rules, factors, utc_now)
    http = httpx.Client(timeout=settings.oidc.seconds, headers={"User-Agent": "seatrial"})
    issuers = Issuers(http, settings.oidc.allow_loopback)
    return SignIn(
        sessions=sessions,
        member_sessions=member_sessions,
        member_logins=MemberLogins(database, member_sessions, factors, limits, utc_now),
        second_factors=factors,
        accounts=Accounts(database, post, limits, utc_now),
        password_resets=PasswordResets(
            database, post, limits, timedelta(seconds=settings.tokens.password_reset), utc_now
        ),
        steps=SignInSteps(sessions, sealer, utc_now),
        identity_providers=IdentityProviders(database, sealer, issuers, utc_now),
        oidc=Oidc(database, sealer, issuers, OidcMembers(utc_now), sessions, member_sessions, utc_now),
        trusted_publishers=TrustedPublishers(database, settings.oidc.allow_loopback, utc_now),
        identity_exchange=IdentityExchange(
            database, issuers, limits, timedelta(seconds=settings.tokens.published), utc_now
        ),
        http=http,
        invitations=Invitations(database, post, limits, timedelta(seconds=settings.tokens.invitation), utc_now),
    )


def _rules(settings: Settings) -> SessionRules:
    return SessionRules(
        access_life=timedelta(seconds=settings.tokens.session),
        refresh_life=timedelta(seconds=settings.tokens.refresh),
        failures_per_account=settings.login.failures_per_account,
        failures_per_address=settings.login.failures_per_address,
        failure_window=timedelta(seconds=settings.login.window),
    )
