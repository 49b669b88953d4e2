"""Telling people of builds: what is noted when a build is processed, and how it becomes one mail for each person.

Recipients are found when the mails are written, in pages, each page in a transaction with the mails it makes, the job
that sends them, and the place to go on from. A worker that dies begins again behind the last page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from seatrial.db import build_notifications, builds, candidates, mails
from seatrial.db.engine import Database
from seatrial.db.publication_access import audiences_to_notify
from seatrial.domain.access import AppScope, Person, Principal, PrincipalKind
from seatrial.domain.build import Build, BuildStatus
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.event import Event, EventKind
from seatrial.domain.ids import BuildId, MailId, NotificationId, new_entity_id
from seatrial.domain.mail import (
    NOTIFICATION,
    Candidate,
    Delivery,
    Mail,
    MailState,
    MailStep,
    NotificationState,
    Telling,
)
from seatrial.services.jobs import Jobs, Task

NOBODY = Principal(kind=PrincipalKind.OPERATOR, id="mail", person=Person(id="", email=""), permissions=frozenset())
"""Whose eyes the mail room sees an app with."""
UNSUBSCRIBED = "unsubscribed"


def standing_build(tx: Connection, telling: Telling) -> Build | str:
    """Give the build that a telling is about, or say in a word why nobody is to hear of it."""
    scope = AppScope(organization_id=telling.organization_id, app_id=telling.app_id, principal=NOBODY)
    try:
        build = builds.get(tx, scope, telling.build_id)
    except EntityNotFound:
        return "deleted"
    if build.status is not BuildStatus.PROCESSED:
        return "not processed"
    return "disabled" if build.disabled else build


@dataclass(frozen=True, slots=True)
class TellingOfBuilds:
    """Notes what is to be told, and writes the mails."""

    db: Database
    jobs: Jobs
    now: Callable[[], datetime]
    batch: int = 200

    def note(self, tx: Connection, event: Event) -> None:
        """Take note of a processed build, once in its life: a listener."""
        if event.kind is not EventKind.BUILD_PROCESSED:
            return
        found = build_notifications.wanted_of(tx, event.subject)
        if found is None:
            return
        wanted, uploader = found
        if not (wanted.collaborators or wanted.employees or self._audiences(tx, event, now=event.at)):
            return
        telling = Telling(
            id=NotificationId(new_entity_id()),
            organization_id=event.organization_id,
            app_id=event.app_id,
            build_id=BuildId(event.subject),
            turn=0,
            requested_by=uploader,
            wanted=wanted,
            state=NotificationState.PENDING,
            reason="",
            position="",
            created_at=event.at,
            updated_at=event.at,
        )
        if build_notifications.insert_telling(tx, telling):
            self.jobs.request(tx, Task.NOTIFY, telling.id)

    def notify(self, notification_id: str) -> None:
        """Write the mails of a telling that are not written yet."""
        while self._next_page(notification_id):
            pass

    def give_up(self, notification_id: str) -> None:
        """End a telling that failed again and again, for a reason of ours."""
        with self.db.transaction() as tx:
            build_notifications.finish(tx, notification_id, NotificationState.SKIPPED, "internal error", self.now())

    def _next_page(self, notification_id: str) -> bool:
        now = self.now()
        with self.db.transaction() as tx:
            telling = build_notifications.find(tx, notification_id, hold=True)
            if telling is None or telling.state is not NotificationState.PENDING:
                return False
            build = standing_build(tx, telling)
            if isinstance(build, str):
                build_notifications.finish(tx, telling.id, NotificationState.SKIPPED, build, now)
                return False
            audiences = audiences_to_notify(tx, build, now) if telling.turn == 0 else []
            news = candidates.News(
                audiences=tuple(each.audience_id for each in audiences),
                organization_id=telling.organization_id,
                app_id=telling.app_id,
                build_id=telling.build_id,
                wanted=telling.wanted,
            )
            found = candidates.page(tx, news, after=telling.position, limit=self.batch)
            if not found:
                state = NotificationState.TOLD if telling.position else NotificationState.SKIPPED
                build_notifications.finish(tx, telling.id, state, "" if telling.position else "nobody", now)
                return False
            self._write(tx, telling, [each for each in found if not each.already], now)
            return build_notifications.advance(tx, telling, found[-1].email, now)

    def _audiences(self, tx: Connection, event: Event, now: datetime) -> bool:
        """Whether a publication that gives the build wants an audience of its own told."""
        scope = AppScope(organization_id=event.organization_id, app_id=event.app_id, principal=NOBODY)
        return bool(audiences_to_notify(tx, builds.get(tx, scope, event.subject), now))

    def _write(self, tx: Connection, telling: Telling, told: list[Candidate], now: datetime) -> None:
        batch_id = new_entity_id()
        made = [_mail(telling, each, batch_id, now) for each in told]
        mails.insert_mails(tx, made)
        if any(mail.state is MailState.QUEUED for mail in made):
            mails.add_batch(tx, batch_id, now)
            self.jobs.request(tx, Task.SEND_MAILS, batch_id)


def _mail(telling: Telling, to: Candidate, batch_id: str, now: datetime) -> Mail:
    state = {
        Delivery.ALL: MailState.QUEUED,
        Delivery.NONE: MailState.SKIPPED,
        Delivery.DIGEST: MailState.DIGEST,
    }[to.delivery]
    note = UNSUBSCRIBED if state is MailState.SKIPPED else ""
    return Mail(
        id=MailId(new_entity_id()),
        organization_id=telling.organization_id,
        app_id=telling.app_id,
        build_id=telling.build_id,
        notification_id=telling.id,
        batch_id=batch_id if state is MailState.QUEUED else None,
        kind=NOTIFICATION,
        email=to.email,
        name=to.name,
        language=to.language,
        reason=to.reason.value,
        detail=note or to.detail[:1000],
        state=state,
        history=(MailStep(at=now, state=state, note=note),),
        created_at=now,
        updated_at=now,
    )
