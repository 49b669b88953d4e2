"""The mails of an organization: what became of each, and another try for those that did not arrive."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from seatrial.db import audit_log, mails
from seatrial.db.engine import Database
from seatrial.domain.access import OrganizationScope, Permission
from seatrial.domain.build import Page
from seatrial.domain.errors import Conflict
from seatrial.domain.ids import new_entity_id
from seatrial.domain.mail import RETRYABLE, Mail, MailQuery, MailState, MailStep
from seatrial.services.jobs import Jobs, Task


@dataclass(frozen=True, slots=True)
class Mails:
    """What callers may do with an organization's mails."""

    db: Database
    jobs: Jobs
    now: Callable[[], datetime]

    def search(self, scope: OrganizationScope, query: MailQuery) -> Page[Mail]:
        """Give one page of an organization's mails, without what they say.

        Raises Forbidden.
        """
        scope.require(Permission.MAIL_LIST)
        with self.db.read() as tx:
            return mails.search(tx, scope, query)

    def get(self, scope: OrganizationScope, mail_id: str) -> Mail:
        """Give one mail with every state that it was in.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.MAIL_LIST)
        with self.db.read() as tx:
            return mails.get(tx, scope, mail_id)

    def retry(self, scope: OrganizationScope, mail_id: str) -> Mail:
        """Let a mail be sent once more that did not arrive, as if it had never been tried.

        Raises Forbidden, EntityNotFound, Conflict for a mail that was sent, or is on its way.
        """
        scope.require(Permission.MAIL_UPDATE)
        now, batch_id = self.now(), new_entity_id()
        with self.db.transaction() as tx:
            mail = mails.get(tx, scope, mail_id, hold=True)
            if mail.state not in RETRYABLE:
                raise Conflict(f"a mail that is {mail.state.value} cannot be sent once more")
            note = f"asked for by {scope.principal.person.email}"
            again = replace(
                mail,
                state=MailState.QUEUED,
                batch_id=batch_id,
                lost=0,
                first_tried_at=None,
                history=(*mail.history, MailStep(at=now, state=MailState.QUEUED, note=note)),
                updated_at=now,
            )
            mails.move(tx, mail, again)
            mails.add_batch(tx, batch_id, now)
            self.jobs.request(tx, Task.SEND_MAILS, batch_id)
            audit_log.record(tx, scope, "mail.retry", mail.id, now, {"email": mail.email})
        return again
