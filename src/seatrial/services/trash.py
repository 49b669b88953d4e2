"""The trash: builds removed with a way back, for a while."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from seatrial.db import audit_log, builds, pins, trash
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, Permission
from seatrial.domain.build import Build, BuildStatus, Page
from seatrial.domain.errors import BuildNotProcessed, EntityNotFound
from seatrial.domain.ids import BuildId
from seatrial.domain.listing import ListQuery
from seatrial.domain.retention import Pin, TrashedBuild, TrashReason
from seatrial.services.loose_blobs import LooseBlobs
from seatrial.services.pins import check_free

PURGED_AT_ONCE = 100
BROUGHT_BACK = "Brought back from the trash"


def throw_away(
    tx: Connection, scope: AppScope, build_id: BuildId, now: datetime, reason: TrashReason, sentence: str
) -> TrashedBuild:
    """Put a build that the caller holds into the trash, in the caller's transaction."""
    removal = trash.Removal(
        reason=reason,
        sentence=sentence,
        by=scope.principal.person,
        at=now,
        expires_at=now + timedelta(days=trash.days(tx, scope.organization_id)),
    )
    trashed = trash.put(tx, scope, build_id, removal)
    detail: dict[str, object] = {"versionName": trashed.version_name, "reason": reason.value, "sentence": sentence}
    audit_log.record(tx, scope, "build.trash", build_id, now, detail)
    return trashed


@dataclass(frozen=True, slots=True)
class Trash:
    """What callers may do with the trash, and the emptying of it."""

    db: Database
    loose: LooseBlobs
    now: Callable[[], datetime]

    def put(self, scope: AppScope, build_id: str) -> TrashedBuild:
        """Remove a build so that it can be brought back.

        Raises Forbidden, EntityNotFound, Conflict for a pinned build, BuildNotProcessed for one that still waits.
        """
        scope.require(Permission.BUILD_DELETE)
        with self.db.transaction() as tx:
            build = builds.get(tx, scope, build_id, hold=True)
            if build.status in {BuildStatus.PENDING, BuildStatus.IN_PROGRESS}:
                raise BuildNotProcessed  # nobody would take up its processing again when it comes back
            check_free(tx, build.id)
            return throw_away(tx, scope, build.id, self.now(), TrashReason.PERSON, "")

    def search(self, scope: AppScope, query: ListQuery) -> Page[TrashedBuild]:
        """Give one page of an app's removed builds.

        Raises Forbidden.
        """
        scope.require(Permission.RETENTION_LIST)
        with self.db.read() as tx:
            return trash.search(tx, scope, query)

    def restore(self, scope: AppScope, build_id: str) -> Build:
        """Bring a build back as it was. One that a rule removed comes back pinned, or the next night would take it.

        Raises Forbidden, EntityNotFound, also for what was brought back or purged by now.
        """
        scope.require(Permission.RETENTION_UPDATE)
        now = self.now()
        with self.db.transaction() as tx:
            trashed = trash.restore(tx, scope, build_id)
            if trashed.reason is TrashReason.RETENTION:
                pin = Pin(
                    build_id=trashed.build_id,
                    reason=BROUGHT_BACK,
                    pinned_by=scope.principal.person,
                    pinned_at=now,
                )
                pins.put(tx, pin)
            audit_log.record(tx, scope, "build.restore", trashed.build_id, now)
            return builds.get(tx, scope, trashed.build_id)

    def purge(self, scope: AppScope, build_id: str) -> None:
        """Remove a build from the trash, and its files, for good.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.BUILD_DELETE)
        with self.db.transaction() as tx:
            trashed = trash.get(tx, scope, build_id, hold=True)
            loose_id = self._forget(tx, trashed.build_id)
            if loose_id is None:
                raise EntityNotFound
            audit_log.record(
                tx, scope, "build.purge", trashed.build_id, self.now(), {"versionName": trashed.version_name}
            )
        self.loose.discard(loose_id)

    def empty(self, stopping: threading.Event) -> int:
        """Remove for good what can no longer be brought back, until there is no more of it or somebody says stop.

        A build at a time: its rows and the reservation of its bytes in one transaction, the bytes after it. What a
        death in between leaves is swept as any loose bytes are.
        """
        emptied = 0
        while not stopping.is_set():
            with self.db.read() as tx:
                due = trash.expired(tx, self.now(), PURGED_AT_ONCE)
            if not due:
                break
            for build_id in due:
                if stopping.is_set():
                    break
                with self.db.transaction() as tx:
                    loose_id = self._forget(tx, build_id)
                if loose_id is not None:
                    self.loose.discard(loose_id)
                    emptied += 1
        return emptied

    def _forget(self, tx: Connection, build_id: BuildId) -> str | None:
        places = trash.purge(tx, build_id)
        return None if places is None else self.loose.give_up(tx, places)
