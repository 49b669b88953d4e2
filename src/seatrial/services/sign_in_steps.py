"""Signing in on a page by two steps, the password and then the code: the browser keeps what is between them, sealed."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from seatrial.db import users
from seatrial.db.users import Login
from seatrial.domain.errors import SecondFactorNeeded, WrongCredentials
from seatrial.domain.member import OpenedSession
from seatrial.services.sessions import LoginRequest, Sessions
from seatrial.storage.sealing import Sealer, Unsealable

LIFE = timedelta(minutes=10)
"""How long somebody may look for their code."""
PURPOSE = "sign-in step"


@dataclass(frozen=True, slots=True)
class SignInSteps:
    """Opens sessions for people at pages."""

    sessions: Sessions
    sealer: Sealer
    now: Callable[[], datetime]

    def begin(self, request: LoginRequest) -> OpenedSession | str:
        """Open a session, or give what the browser keeps until the code comes: it says who had the right password.

        Raises WrongCredentials, TooManyRequests, SignInRefused.
        """
        attempt = self.sessions.limits.count(request.email, request.address)
        known = self.sessions.checked(request)
        try:
            return self.sessions.let_in(known, request, attempt)
        except SecondFactorNeeded:
            return self._sealed(known)

    def finish(self, kept: str, code: str, address: str, user_agent: str) -> OpenedSession:
        """Open a session for the code of who began.

        Raises SecondFactorNeeded for a wrong code or none, TooManyRequests, SignInRefused, and WrongCredentials where
        somebody must begin again: it is too late, or their password is another one by now.
        """
        email, fingerprint = self._opened(kept)
        request = LoginRequest(email=email, password="", address=address, user_agent=user_agent, code=code)
        attempt = self.sessions.limits.count(email, address)
        with self.sessions.db.read() as tx:
            known = users.find_login(tx, email)
        if known is None or _fingerprint(known) != fingerprint:
            raise WrongCredentials
        return self.sessions.let_in(known, request, attempt)

    def _sealed(self, known: Login) -> str:
        said = [PURPOSE, known.user.email, _fingerprint(known), (self.now() + LIFE).isoformat()]
        return self.sealer.seal(json.dumps(said).encode())

    def _opened(self, kept: str) -> tuple[str, str]:
        try:
            # What else this server has sealed, such as the secrets of others, must not pass for it.
            purpose, email, fingerprint, ends_at = json.loads(self.sealer.open(kept))
            is_good = purpose == PURPOSE and datetime.fromisoformat(ends_at) > self.now()
        except (Unsealable, ValueError, TypeError) as error:
            raise WrongCredentials from error
        if not is_good:
            raise WrongCredentials
        return email, fingerprint


def _fingerprint(known: Login) -> str:
    """Tell a password from the next one of the same person, without its hash."""
    return hashlib.sha256(known.password_hash.encode()).hexdigest()
