"""Daily summaries: one mail a day for people who want no more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from seatrial.db import digests, mails
from seatrial.db.engine import Database
from seatrial.domain.ids import MailId, OrganizationId, new_entity_id
from seatrial.domain.mail import DIGEST, Mail, MailState, MailStep
from seatrial.services.jobs import Jobs, Task

_AT_ONCE = 500
_DAYS_KEPT = 7


@dataclass(frozen=True, slots=True)
class Digests:
    """Writes summaries once the hour has come; which server does it is decided person by person."""

    db: Database
    jobs: Jobs
    now: Callable[[], datetime]
    hour: int = 7
    """UTC."""

    def write(self) -> None:
        """Write the summaries that are due; a chore, so bounded."""
        now = self.now()
        if now.hour < self.hour:
            return
        day = now.date().isoformat()
        with self.db.read() as tx:
            people = digests.waiting(tx, day, _AT_ONCE)
        for organization_id, email in people:
            with self.db.transaction() as tx:
                self._one(tx, organization_id, email, day)
        if people:
            with self.db.transaction() as tx:
                digests.forget_before(tx, (now - timedelta(days=_DAYS_KEPT)).date().isoformat())

    def _one(self, tx: Connection, organization_id: OrganizationId, email: str, day: str) -> None:
        now = self.now()
        if not digests.claim(tx, organization_id, email, day, now):
            return
        mail_id, batch_id = MailId(new_entity_id()), new_entity_id()
        if not digests.gather(tx, organization_id, email, mail_id):
            return
        name, language = digests.addressed(tx, mail_id)
        mail = Mail(
            id=mail_id,
            organization_id=organization_id,
            batch_id=batch_id,
            kind=DIGEST,
            email=email,
            name=name,
            language=language,
            state=MailState.QUEUED,
            history=(MailStep(at=now, state=MailState.QUEUED),),
            created_at=now,
            updated_at=now,
        )
        mails.insert_mails(tx, [mail])
        mails.add_batch(tx, batch_id, now)
        self.jobs.request(tx, Task.SEND_MAILS, batch_id)
