"""Reading a build again: after a fault of ours, or when a newer version of the server understands more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from seatrial.db import audit_log, builds, processing
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, Permission
from seatrial.domain.build import Build, BuildStatus
from seatrial.domain.errors import BuildNotProcessed, EntityNotFound
from seatrial.domain.ids import BuildId
from seatrial.services.idempotency import Idempotency, meaning
from seatrial.services.jobs import Jobs

OPEN = frozenset({BuildStatus.PENDING, BuildStatus.IN_PROGRESS})


@dataclass(frozen=True, slots=True)
class Reprocessing:
    """Gives builds another attempt."""

    db: Database
    jobs: Jobs
    now: Callable[[], datetime]
    idempotency: Idempotency

    def again(self, scope: AppScope, build_id: str) -> Build:
        """Have a build that is processed, or ended in `error`, read once more.

        Raises Forbidden, EntityNotFound, BuildNotProcessed for one that is being read.
        """
        return self._again(scope, build_id, "", "")

    def once(self, scope: AppScope, build_id: str, key: str) -> tuple[Build, bool]:
        """Do that under an idempotency key; tells whether it was done before.

        Raises what `again` raises, and Conflict for a key that was used for something else.
        """
        scope.require(Permission.BUILD_UPDATE)
        means = meaning("reprocess", build_id.lower(), ())
        return self.idempotency.once(
            scope,
            key,
            means,
            lambda: self._again(scope, build_id, key, means),
            lambda subject: self._get(scope, subject),
        )

    def _get(self, scope: AppScope, build_id: str) -> Build:
        with self.db.read() as tx:
            return builds.get(tx, scope, build_id)

    def _again(self, scope: AppScope, build_id: str, key: str, means: str) -> Build:
        scope.require(Permission.BUILD_UPDATE)
        now = self.now()
        with self.db.transaction() as tx:
            build = builds.get(tx, scope, build_id, hold=True)
            self.idempotency.keep(tx, scope, key, means, build.id)
            attempt = processing.reopen(tx, build.id, now)
            if attempt is None:
                raise BuildNotProcessed
            self.jobs.process_build(tx, build.id, attempt)
            audit_log.record(tx, scope, "build.reprocess", build.id, now, {"attempt": attempt})
            return builds.get(tx, scope, build.id)

    def batch(
        self, scope: AppScope, status: BuildStatus | None, after: str, created_before: datetime, count: int
    ) -> list[BuildId]:
        """Name the next builds of an app that could be read again, by their ids, behind one of them.

        Raises Forbidden.
        """
        scope.require(Permission.BUILD_LIST)
        wanted = {status} if status is not None else {BuildStatus.PROCESSED, BuildStatus.ERROR}
        with self.db.read() as tx:
            return builds.following(tx, scope, [each.value for each in wanted], after, created_before, count)

    def unfinished(self, scope: AppScope, build_ids: Sequence[str]) -> int:
        """Tell how many of these are still to be read, or being read."""
        count = 0
        with self.db.read() as tx:
            for build_id in build_ids:
                try:
                    count += builds.get(tx, scope, build_id).status in OPEN
                except EntityNotFound:
                    continue
        return count
