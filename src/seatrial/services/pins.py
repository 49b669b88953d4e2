"""Pins: what keeps a build whatever the rules of retention say, and from being removed by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from seatrial.db import audit_log, builds, pins
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, Permission
from seatrial.domain.build import Build
from seatrial.domain.errors import Conflict, EntityNotFound, InvalidRequest
from seatrial.domain.ids import BuildId
from seatrial.domain.retention import Pin


def check_free(tx: Connection, build_id: BuildId) -> None:
    """Let a build that the caller holds be removed only if nobody has pinned it.

    Raises Conflict.
    """
    pin = pins.find(tx, build_id)
    if pin is not None:
        raise Conflict(f"The build is pinned ({pin.reason}). Take the pin away first.")


@dataclass(frozen=True, slots=True)
class Pins:
    """What callers may do with pins."""

    db: Database
    now: Callable[[], datetime]

    def put(self, scope: AppScope, build_id: str, reason: str) -> Pin:
        """Pin a build, in any state; a pin that is there already is replaced.

        Raises Forbidden, EntityNotFound, InvalidRequest for a pin without a reason.
        """
        scope.require(Permission.RETENTION_UPDATE)
        if not reason.strip():
            raise InvalidRequest({"reason": "is required: say why the build is to be kept"})
        with self.db.transaction() as tx:
            build = builds.get(tx, scope, build_id, hold=True)
            pin = Pin(build_id=build.id, reason=reason.strip(), pinned_by=scope.principal.person, pinned_at=self.now())
            pins.put(tx, pin)
            audit_log.record(tx, scope, "build.pin", build.id, pin.pinned_at, {"reason": pin.reason})
        return pin

    def get(self, scope: AppScope, build_id: str) -> Pin:
        """Give a build's pin.

        Raises Forbidden, EntityNotFound, also for a build without one.
        """
        scope.require(Permission.RETENTION_LIST)
        with self.db.read() as tx:
            pin = pins.find(tx, builds.get(tx, scope, build_id).id)
        if pin is None:
            raise EntityNotFound("The build is not pinned.")
        return pin

    def remove(self, scope: AppScope, build_id: str) -> None:
        """Take a build's pin away.

        Raises Forbidden, EntityNotFound, also for a build without one.
        """
        scope.require(Permission.RETENTION_UPDATE)
        with self.db.transaction() as tx:
            build: Build = builds.get(tx, scope, build_id, hold=True)
            if not pins.remove(tx, build.id):
                raise EntityNotFound("The build is not pinned.")
            audit_log.record(tx, scope, "build.unpin", build.id, self.now())
