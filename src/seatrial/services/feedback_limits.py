"""How much feedback is taken in: an app's token is in everybody's hands who has the app."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from seatrial.db import login_attempts
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope
from seatrial.domain.device import Visitor
from seatrial.domain.errors import TooManyRequests
from seatrial.domain.tokens import digest

WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class FeedbackLimits:
    """Counts feedback in windows of time, where every process sees them, by network address and by app token."""

    db: Database
    per_address: int
    per_token: int
    now: Callable[[], datetime]

    def count(self, scope: AppScope, visitor: Visitor) -> None:
        """Count one more piece of feedback.

        Raises TooManyRequests.
        """
        limits = {digest(f"feedback token {scope.principal.id}"): self.per_token}
        if visitor.address:
            limits[digest(f"feedback address {scope.app_id} {visitor.address}")] = self.per_address
        now = self.now()
        since = now - WINDOW
        with self.db.read() as tx:  # a look first: who is shut out must not cost a write
            for key, (taken, began_at) in login_attempts.read(tx, limits, since, now).items():
                self._hold(taken + 1, limits[key], began_at, now)
        with self.db.transaction() as tx:
            for key in sorted(limits):  # in one order everywhere, so that two never wait for each other
                taken, began_at = login_attempts.add(tx, key, since, now)
                self._hold(taken, limits[key], began_at, now)

    def _hold(self, taken: int, limit: int, began_at: datetime, now: datetime) -> None:
        if taken > limit:
            raise TooManyRequests(max(1, math.ceil((began_at + WINDOW - now).total_seconds())))
