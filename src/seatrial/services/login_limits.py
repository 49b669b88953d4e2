"""Bounds on guessing: attempts are counted before they are looked at, and taken back when they turn out well."""

import hashlib
import ipaddress
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from seatrial.db import login_attempts
from seatrial.db.engine import Database
from seatrial.domain.errors import TooManyRequests


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try that was counted: under an account, and under the network that it came from."""

    account: str
    address: str


@dataclass(frozen=True, slots=True)
class LoginLimits:
    """Counts tries of one kind in windows of time, for all processes together."""

    db: Database
    per_account: int
    per_address: int
    window: timedelta
    now: Callable[[], datetime]

    def count(self, account: str, address: str, kind: str = "") -> Attempt:
        """Count a try before it is looked at, so that many at once gain nothing; each kind has its own count.

        Raises TooManyRequests.
        """
        attempt = Attempt(_key(f"{kind}account", account.lower()), _key(f"{kind}address", network_of(address)))
        self._add({attempt.account: self.per_account, attempt.address: self.per_address})
        return attempt

    def count_address(self, address: str, kind: str) -> None:
        """Count what a network does, whoever it is for.

        Raises TooManyRequests.
        """
        self._add({_key(f"{kind}address", network_of(address)): self.per_address})

    def forgive(self, tx: Connection, attempt: Attempt) -> None:
        """Take back a try that went well; the account's earlier failures are forgiven with it."""
        login_attempts.take_back(tx, {attempt.account: None, attempt.address: 1})

    def take_back(self, tx: Connection, attempt: Attempt) -> None:
        """Take back a try that was no guess, and that one alone."""
        login_attempts.take_back(tx, {attempt.account: 1, attempt.address: 1})

    def take_back_address(self, tx: Connection, address: str, kind: str) -> None:
        """Take back what a network did, once, as it went well."""
        login_attempts.take_back(tx, {_key(f"{kind}address", network_of(address)): 1})

    def forget_old(self) -> None:
        """Remove counts that are over."""
        with self.db.transaction() as tx:
            login_attempts.delete_before(tx, self.now() - self.window)

    def _add(self, limits: Mapping[str, int]) -> None:
        now = self.now()
        since = now - self.window
        with self.db.read() as tx:  # a look first: who is shut out must not cost a write
            for key, (attempts, began_at) in login_attempts.read(tx, limits, since, now).items():
                if attempts >= limits[key]:
                    raise TooManyRequests(self._wait(began_at, now))
        with self.db.transaction() as tx:
            for key in sorted(limits):  # in one order everywhere, so that two logins never wait for each other
                attempts, began_at = login_attempts.add(tx, key, since, now)
                if attempts > limits[key]:
                    raise TooManyRequests(self._wait(began_at, now))

    def _wait(self, began_at: datetime, now: datetime) -> int:
        return max(1, math.ceil((began_at + self.window - now).total_seconds()))


def _key(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode("utf-8", "surrogatepass")).hexdigest()


def network_of(address: str) -> str:
    """Take an IPv6 address for its /64: that is what one customer has."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
