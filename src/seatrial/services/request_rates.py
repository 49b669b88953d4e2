"""How many requests a credential and a network may make, for all nodes together, at the price of a rare write.

One moment in the database for each key says until when its requests are paid for (the generic cell rate algorithm):
each request moves it on by an interval, and what would move it further ahead than the burst is refused. Nodes take
requests in leases of a hundredth of the burst, so that ninety-nine of a hundred cost no look at the database.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from seatrial.db import request_rates
from seatrial.db.engine import Database
from seatrial.domain.tokens import digest

LEASES_OF_BURST = 100
_SANE_BURSTS = 2
"""A moment that lies further ahead was not written by the clock that we have now."""
_HOUR = 3_600_000_000
_SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class RateKind(StrEnum):
    """Whose requests are counted."""

    CREDENTIAL = "credential"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests in an hour, and how many of them may come at once."""

    per_hour: int
    burst: int

    @property
    def lease(self) -> int:
        """How many requests a node takes at a time."""
        return max(1, self.burst // LEASES_OF_BURST)


@dataclass(frozen=True, slots=True)
class Lease:
    """Requests that a node may let in; where it is none, after how many seconds one is let in again."""

    granted: int
    retry_after: float = 0


@dataclass(frozen=True, slots=True)
class RequestRates:
    """Gives leases."""

    db: Database
    rates: Mapping[RateKind, Rate]
    """A kind that is missing is not counted."""
    now: Callable[[], datetime]

    def take(self, kind: RateKind, name: str, owed: int) -> Lease:
        """Take a lease, and pay for requests that were let in before it was there.

        Raises ServiceUnavailable.
        """
        rate, key = self.rates[kind], digest(f"requests {kind.value} {name}")
        now = self._now()
        interval = _HOUR // rate.per_hour
        with self.db.transaction() as tx:
            taken = (rate.lease + owed) * interval
            moment = request_rates.advance(tx, key, now, taken, now + _SANE_BURSTS * rate.burst * interval + taken)
            ahead = moment - now - rate.burst * interval
            refused = min(rate.lease, max(0, math.ceil(ahead / interval)))
            if refused:
                request_rates.put_back(tx, key, refused * interval)
        if refused < rate.lease:
            return Lease(rate.lease - refused)
        return Lease(0, max(1, (ahead - (refused - 1) * interval) / _SECOND))

    def forget_old(self) -> int:
        """Remove what no longer keeps anybody from anything; gives how many keys."""
        with self.db.transaction() as tx:
            return request_rates.delete_before(tx, self._now())

    def _now(self) -> int:
        return (self.now() - _EPOCH) // _MICROSECOND
