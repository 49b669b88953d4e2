"""Sessions of people: login, refresh, logout."""

import hashlib
import ipaddress
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from seatrial.db import audit_log, login_attempts, sessions, users
from seatrial.db.engine import Database
from seatrial.domain.access import OrganizationScope, Person, Principal, PrincipalKind
from seatrial.domain.app import User
from seatrial.domain.errors import InvalidToken, TokenExpired, TooManyRequests, WrongCredentials
from seatrial.domain.ids import SessionId, new_entity_id
from seatrial.domain.member import OpenedSession, Session
from seatrial.domain.tokens import TokenKind, digest, mint
from seatrial.services.passwords import matches

log = structlog.get_logger()

LONGEST_USER_AGENT = 255
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


@dataclass(frozen=True, slots=True)
class Sessions:
    """Opens, renews and ends sessions."""

    db: Database
    rules: SessionRules
    now: Callable[[], datetime]

    def login(self, request: LoginRequest) -> OpenedSession:
        """Open a session; an unknown address and a wrong password look and take the same.

        Raises WrongCredentials, TooManyRequests.
        """
        account, address = _key("account", request.email.lower()), _key("address", _network(request.address))
        limits = {account: self.rules.failures_per_account, address: self.rules.failures_per_address}
        self._count_attempt(limits)
        with self.db.read() as tx:
            known = users.find_login(tx, request.email)
        if not matches(known.password_hash if known else None, request.password) or known is None:
            log.warning("login refused", client=request.address)
            raise WrongCredentials
        now = self.now()
        session_id = SessionId(new_entity_id())
        with self.db.transaction() as tx:
            # What went well is no failure; the account's earlier ones are forgiven with it.
            login_attempts.take_back(tx, {account: None, address: 1})
            current = users.find_login(tx, request.email, hold=True)
            if current is None or current.password_hash != known.password_hash:
                raise WrongCredentials  # the account went, or got another password, while we were computing
            opened, digests = self._mint(tx, known.user, now)
            agent = request.user_agent[:LONGEST_USER_AGENT]
            sessions.insert_session(tx, session_id, known.user.id, digests, agent, now)
            _record(tx, known.user, "session.create", session_id, now)
        return opened

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
            _record(tx, user, "session.revoke", session.id, now)

    def forget_old(self) -> None:
        """Remove sessions that ended long ago, and failures that no longer count."""
        now = self.now()
        with self.db.transaction() as tx:
            sessions.delete_ended(tx, now - FORGET_AFTER)
            login_attempts.delete_before(tx, now - self.rules.failure_window)

    def _count_attempt(self, limits: dict[str, int]) -> None:
        """Count before the password is looked at, so that many at once gain nothing."""
        now = self.now()
        since = now - self.rules.failure_window
        with self.db.read() as tx:  # a look first: who is shut out must not cost a write
            for key, (attempts, began_at) in login_attempts.read(tx, limits, since).items():
                if attempts >= limits[key]:
                    raise TooManyRequests(self._wait(began_at, now))
        with self.db.transaction() as tx:
            for key in sorted(limits):  # in one order everywhere, so that two logins never wait for each other
                attempts, began_at = login_attempts.add(tx, key, since, now)
                if attempts > limits[key]:
                    raise TooManyRequests(self._wait(began_at, now))

    def _wait(self, began_at: datetime, now: datetime) -> int:
        return max(1, math.ceil((began_at + self.rules.failure_window - now).total_seconds()))

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


def _record(tx: Connection, user: User, action: str, session_id: SessionId, now: datetime) -> None:
    """Write a session down in every organization that it opens."""
    principal = Principal(
        kind=PrincipalKind.SESSION, id=user.id, person=Person(id=user.id, email=user.email), permissions=frozenset()
    )
    for organization_id, _role in users.organizations_of(tx, user.id):
        scope = OrganizationScope(organization_id=organization_id, principal=principal)
        audit_log.record(tx, scope, action, session_id, now)


def _key(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode("utf-8", "surrogatepass")).hexdigest()


def _network(address: str) -> str:
    """Take an IPv6 address for its /64: that is what one customer has."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
