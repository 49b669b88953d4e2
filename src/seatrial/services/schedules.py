"""What happens once in a while on one of all servers: a turn is claimed in the database, done, and reported as done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from seatrial.db import schedules


def latest_night(now: datetime, hour: int) -> datetime:
    """Give the last moment at which this hour of the day, in UTC, began."""
    tonight = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return tonight if tonight <= now else tonight - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedules:
    """The turns of one process. A turn that was missed is open until it is done or the next one begins.

    Where its process dies, the next one that asks goes on; so what is done in a turn has to bear being begun twice.
    """

    executor_id: str
    now: Callable[[], datetime]

    def is_open(self, tx: Connection, name: str, period_start: datetime) -> bool:
        """Whether `claim` would get the turn; costs one look, so that asking every minute costs nothing."""
        return schedules.is_open(tx, name, period_start, self.executor_id)

    def last(self, tx: Connection, name: str) -> datetime | None:
        """Give the beginning of the last turn that was taken, for who then claims the next one in the transaction."""
        return schedules.last(tx, name)

    def claim(self, tx: Connection, name: str, period_start: datetime) -> bool:
        """Take the turn that begins at a moment in the caller's transaction, if nobody has."""
        return schedules.claim(tx, name, period_start, self.executor_id, self.now())

    def finish(self, tx: Connection, name: str, period_start: datetime) -> None:
        """Note that the turn is done."""
        schedules.finish(tx, name, period_start, self.executor_id, self.now())
