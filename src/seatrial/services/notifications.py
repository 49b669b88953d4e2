"""What people ask of notifications: who was told of a build, who would be, and to tell those who were not yet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from seatrial.db import apps, audit_log, build_notifications, builds, mails
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, Permission
from seatrial.domain.build import BuildStatus, Notification, Page
from seatrial.domain.errors import BuildDisabled, BuildNotProcessed, InvalidRequest
from seatrial.domain.ids import NotificationId, new_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.mail import (
    Mail,
    MailQuery,
    MailState,
    NotificationState,
    Telling,
)
from seatrial.services.jobs import Jobs, Task
from seatrial.services.notification_previews import resolved


@dataclass(frozen=True, slots=True)
class Told:
    """A telling, and how many of its mails are in which state."""

    telling: Telling
    counts: Mapping[MailState, int]


@dataclass(frozen=True, slots=True)
class Notifications:
    """What callers may do with the notifications of an app."""

    db: Database
    jobs: Jobs
    now: Callable[[], datetime]

    def search(self, scope: AppScope, query: ListQuery, build_id: str | None = None) -> Page[Told]:
        """Give one page of who was told of an app's builds, or of one build.

        Raises Forbidden, EntityNotFound for a build that the app does not have.
        """
        scope.require(Permission.NOTIFICATION_LIST)
        with self.db.read() as tx:
            if build_id is not None:
                builds.get(tx, scope, build_id)
            page = build_notifications.search(tx, scope, query, build_id)
            return Page(_counted(tx, page.items), page.total, page.page, page.limit)

    def recipients(self, scope: AppScope, notification_id: str, query: MailQuery) -> Page[Mail]:
        """Give one page of the mails of one telling.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.NOTIFICATION_LIST)
        with self.db.read() as tx:
            build_notifications.get(tx, scope, notification_id)
            return mails.search(tx, scope, query)

    def tell(self, scope: AppScope, build_id: str, said: Notification) -> Told:
        """Tell people of a build who have not been told of it yet.

        Raises Forbidden, EntityNotFound, BuildNotProcessed, BuildDisabled, InvalidRequest where nobody is meant.
        """
        scope.require(Permission.NOTIFICATION_CREATE)
        now = self.now()
        with self.db.transaction() as tx:
            build = builds.get(tx, scope, build_id, hold=True)
            if build.status is not BuildStatus.PROCESSED:
                raise BuildNotProcessed
            if build.disabled:
                raise BuildDisabled
            wanted = resolved(apps.get(tx, scope), said)
            if not (wanted.collaborators or wanted.employees):
                rule = "nobody is meant: this, or notifyEmployees, must be true here or in the app's settings"
                raise InvalidRequest({"notifyCollaborators": rule})
            person = scope.principal.person
            telling = Telling(
                id=NotificationId(new_entity_id()),
                organization_id=scope.organization_id,
                app_id=scope.app_id,
                build_id=build.id,
                turn=build_notifications.next_turn(tx, build.id),
                requested_by={"id": person.id, "email": person.email},
                wanted=wanted,
                state=NotificationState.PENDING,
                reason="",
                position="",
                created_at=now,
                updated_at=now,
            )
            build_notifications.insert_telling(tx, telling)
            self.jobs.request(tx, Task.NOTIFY, telling.id)
            detail: dict[str, object] = {"build": build.id, "turn": telling.turn}
            audit_log.record(tx, scope, "notification.create", telling.id, now, detail)
        return Told(telling, {})


def _counted(tx: Connection, tellings: Sequence[Telling]) -> list[Told]:
    counts = mails.counts(tx, "notification_id", [telling.id for telling in tellings])
    return [Told(telling, counts.get(telling.id, {})) for telling in tellings]
