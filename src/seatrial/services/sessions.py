"""Sessions of people: login, refresh, logout."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from seatrial.db import organizations, sessions, users
from seatrial.db.engine import Database
from seatrial.db.users import Login
from seatrial.domain.access import MemberRole
from seatrial.domain.app import User
from seatrial.domain.errors import InvalidToken, SecondFactorNeeded, SignInRefused, TokenExpired, WrongCredentials
from seatrial.domain.ids import SessionId, new_entity_id
from seatrial.domain.member import OpenedSession, Session, SignInMethod
from seatrial.domain.tokens import TokenKind, digest, mint
from seatrial.services.login_limits import Attempt, LoginLimits
from seatrial.services.own_records import record_own
from seatrial.services.passwords import matches, rehashed
from seatrial.services.second_factors import SecondFactors

log = structlog.get_logger()

LONGEST_USER_AGENT = 255
PROVIDER_ONLY = "passwords are switched off here; sign in with the identity provider of your organization"
FORGET_AFTER = timedelta(days=30)
"""Until then a session that ended is told apart from one that never was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRules:
    """How long the two tokens of a session live, and how many logins may fail within a window of time."""

    access_life: timedelta
    refresh_life: timedelta
    failures_per_account: int
    failures_per_address: int
    failure_window: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRequest:
    """Who wants in, and from where."""

    email: str
    password: str
    address: str
    """The network address of the client, as far as it is known."""
    user_agent: str
    code: str = field(default="", repr=False)
    """Of an authenticator app, or a recovery code; where the account has a second factor."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """Opens, renews and ends sessions."""

    db: Database
    rules: SessionRules
    factors: SecondFactors
    now: Callable[[], datetime]

    @property
    def limits(self) -> LoginLimits:
        """What bounds guessing."""
        rules = self.rules
        return LoginLimits(
            self.db, rules.failures_per_account, rules.failures_per_address, rules.failure_window, self.now
        )

    def login(self, request: LoginRequest) -> OpenedSession:
        """Open a session; an unknown address and a wrong password look and take the same.

        Raises WrongCredentials, TooManyRequests, SecondFactorNeeded, SignInRefused where only an identity provider
        lets this person in.
        """
        attempt = self.limits.count(request.email, request.address)
        return self.let_in(self.checked(request), request, attempt)

    def checked(self, request: LoginRequest) -> Login:
        """Compare a password; its try is counted by then.

        Raises WrongCredentials.
        """
        with self.db.read() as tx:
            known = users.find_login(tx, request.email)
        if not matches(known.password_hash if known else None, request.password) or known is None:
            log.warning("login refused", client=request.address)
            raise WrongCredentials
        return known

    def let_in(self, known: Login, request: LoginRequest, attempt: Attempt) -> OpenedSession:
        """Open a session for who has proven to have the password, and has the code where one is asked for.

        Raises WrongCredentials, SecondFactorNeeded, SignInRefused.
        """
        limits = self.limits
        better = rehashed(known.password_hash, request.password) if request.password else None
        try:
            with self.db.transaction() as tx:
                # What went well is no failure; the account's earlier ones are forgiven with it.
                limits.forgive(tx, attempt)
                current = users.find_login(tx, request.email, hold=True)
                if current is None or current.password_hash != known.password_hash:
                    raise WrongCredentials  # the account went, or got another password, while we were computing
                self._check_ways_in(tx, known.user)
                self.factors.verify(tx, known.user, request.code)
                if better is not None:
                    users.rehash_password(tx, known.user.id, known.password_hash, better)
                return self.open_in(tx, known.user, request.user_agent)
        except SecondFactorNeeded:
            if not request.code.strip():
                # Whoever has the password is told to come back with a code; that was no guess.
                with self.db.transaction() as tx:
                    limits.take_back(tx, attempt)
            raise

    def open_in(
        self, tx: Connection, user: User, user_agent: str, method: SignInMethod = SignInMethod.PASSWORD
    ) -> OpenedSession:
        """Open a session in the caller's transaction, for somebody who has proven who they are."""
        now, session_id = self.now(), SessionId(new_entity_id())
        opened, digests = self._mint(tx, user, now)
        sessions.insert_session(tx, session_id, user.id, digests, user_agent[:LONGEST_USER_AGENT], now, method)
        record_own(tx, user, "session.create", now, session_id, {"method": method.value})
        return opened

    def open_by_provider(self, tx: Connection, user: User, user_agent: str) -> OpenedSession:
        """Open a session in the caller's transaction, for somebody whom an identity provider vouches for."""
        return self.open_in(tx, user, user_agent, SignInMethod.OIDC)

    def refresh(self, secret: str) -> OpenedSession:
        """Trade a refresh token in for the next pair; the session's old tokens end at once.

        A token that was traded in before ends the session: either it or the newer one is in the wrong hands.

        Raises InvalidToken, TokenExpired.
        """
        spent, now = digest(secret), self.now()
        with self.db.transaction() as tx:
            session = sessions.find_by_refresh(tx, spent)
            if session is not None:
                self._check(session, session.refresh_expires_at)
                user = users.find(tx, session.user_id)
                assert user is not None, "a session goes with its user"
                opened, digests = self._mint(tx, user, now)
                if sessions.renew(tx, session.id, spent, digests, now):
                    return opened
            stolen = sessions.session_of_spent(tx, spent)
            if stolen is not None:
                sessions.revoke(tx, stolen, now)
                log.warning("a refresh token came back; its session is ended", session_id=stolen)
        raise InvalidToken

    def logout(self, secret: str) -> None:
        """End a session by its access token.

        Raises InvalidToken, TokenExpired.
        """
        now = self.now()
        with self.db.transaction() as tx:
            session = sessions.find_by_access(tx, digest(secret))
            if session is None:
                raise InvalidToken
            self._check(session, session.expires_at)
            sessions.revoke(tx, session.id, now)
            user = users.find(tx, session.user_id)
            assert user is not None, "a session goes with its user"
            record_own(tx, user, "session.revoke", now, session.id)

    def forget_old(self) -> None:
        """Remove sessions that ended long ago, and failures that no longer count."""
        now = self.now()
        with self.db.transaction() as tx:
            sessions.delete_ended(tx, now - FORGET_AFTER)
        self.limits.forget_old()

    def _check_ways_in(self, tx: Connection, user: User) -> None:
        """Refuse a password where every organization of a person goes by an identity provider."""
        places = users.organizations_of(tx, user.id)
        if places and all(
            role is not MemberRole.OWNER and not organizations.get(tx, organization_id).password_sign_in
            for organization_id, role in places
        ):
            raise SignInRefused(PROVIDER_ONLY)

    def _check(self, session: Session, end: datetime) -> None:
        if session.revoked_at is not None:
            raise InvalidToken
        if end <= self.now():
            raise TokenExpired

    def _mint(self, tx: Connection, user: User, now: datetime) -> tuple[OpenedSession, sessions.Digests]:
        access, refresh = mint(TokenKind.SESSION), mint(TokenKind.REFRESH)
        digests = sessions.Digests(
            access=access.digest,
            access_expires_at=now + self.rules.access_life,
            refresh=refresh.digest,
            refresh_expires_at=now + self.rules.refresh_life,
        )
        memberships = users.organizations_of(tx, user.id)
        opened = OpenedSession(
            access_token=access.secret,
            access_expires_at=digests.access_expires_at,
            refresh_token=refresh.secret,
            refresh_expires_at=digests.refresh_expires_at,
            user=user,
            role=memberships[0][1] if memberships else None,
        )
        return opened, digests
