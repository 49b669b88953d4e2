"""A look at the server itself, for those who run it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from seatrial import __version__
from seatrial.db import executors, mails, numbers, schema
from seatrial.db.engine import Database
from seatrial.db.executors import ExecutorRole
from seatrial.domain.access import OrganizationScope, Permission
from seatrial.domain.build import BuildStatus
from seatrial.domain.health import Concern, Health, Process
from seatrial.domain.mail import MailState
from seatrial.services.storage_watch import StorageWatch

LOW_BYTES = 10 << 30
"""Less free storage than this is worth a word; far below it uploads are refused."""
QUIET = timedelta(minutes=2)
"""A process that was not heard of for so long is not counted on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the settings say that somebody may have forgotten."""

    public_url: str | None
    has_mail: bool
    works_itself: bool
    """Whether a server is its own worker, as it is unless it was told otherwise."""


@dataclass(frozen=True, slots=True)
class Healths:
    """Looks at the server."""

    db: Database
    storage: StorageWatch
    facts: Facts
    now: Callable[[], datetime]

    def look(self, scope: OrganizationScope) -> Health:
        """Tell how the server is, and what somebody should look at.

        Raises Forbidden.
        """
        scope.require(Permission.ORGANIZATION_UPDATE)
        now = self.now()
        with self.db.read() as tx:
            processes = tuple(
                Process(id=one.id, host=one.host, role=one.role.value, started_at=one.started_at, beat_at=one.beat_at)
                for one in executors.everybody(tx)
            )
            by_status = numbers.by_status(tx, scope)
            states = mails.count_states(tx, scope)
        free = self.storage.free_bytes()
        waiting = by_status.get(BuildStatus.PENDING.value, 0)
        works = self.facts.works_itself or any(
            one.role == ExecutorRole.WORKER.value and now - one.beat_at < QUIET for one in processes
        )
        found = {
            Concern.PUBLIC_URL_MISSING: self.facts.public_url is None,
            Concern.PUBLIC_URL_NOT_HTTPS: (self.facts.public_url or "https://").startswith("http://"),
            Concern.MAIL_MISSING: not self.facts.has_mail,
            Concern.MAIL_DEAD: states.get(MailState.DEAD.value, 0) > 0,
            Concern.NO_WORKER: not works,
            Concern.STORAGE_AWAY: not self.storage.is_up(),
            Concern.STORAGE_LOW: free is not None and free < LOW_BYTES,
            Concern.BUILDS_WAIT: waiting > 0 and not works,
        }
        return Health(
            version=__version__,
            database="SQLite" if self.db.is_sqlite else "PostgreSQL",
            schema=schema.head(),
            processes=processes,
            waiting=waiting,
            reading=by_status.get(BuildStatus.IN_PROGRESS.value, 0),
            free_bytes=free,
            mails=states,
            concerns=tuple(concern for concern, holds in found.items() if holds),
        )
