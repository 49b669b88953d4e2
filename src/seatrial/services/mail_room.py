"""The mail room: letters that are written in a transaction, and sent after it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from seatrial.db import mails
from seatrial.domain.ids import MailId, OrganizationId, new_entity_id
from seatrial.domain.mail import Mail, MailState, MailStep
from seatrial.services import mail_facts
from seatrial.services.jobs import Jobs, Task
from seatrial.services.post import Addressee, Letter
from seatrial.storage.sealing import Sealer

_LONGEST_NAME = 512


@dataclass(frozen=True, slots=True)
class MailRoom:
    """The door `Post`, with a mail server behind it, or none yet."""

    jobs: Jobs
    sealer: Sealer
    now: Callable[[], datetime]

    def write(
        self,
        tx: Connection,
        letter: Letter,
        to: Addressee,
        facts: Mapping[str, object],
        organization_id: OrganizationId | None = None,
    ) -> None:
        """Add a letter to the caller's transaction: it is sent if and only if the caller commits.

        A server without mail settings keeps it, visible, until it has some.
        """
        now, batch_id = self.now(), new_entity_id()
        mail = Mail(
            id=MailId(new_entity_id()),
            organization_id=organization_id,
            batch_id=batch_id,
            kind=letter.value,
            email=to.email.lower(),
            name=to.name[:_LONGEST_NAME],
            language=to.language,
            facts=mail_facts.seal(self.sealer, facts),
            state=MailState.QUEUED,
            history=(MailStep(at=now, state=MailState.QUEUED),),
            created_at=now,
            updated_at=now,
        )
        mails.insert_mails(tx, [mail])
        mails.add_batch(tx, batch_id, now)
        self.jobs.request(tx, Task.SEND_MAILS, batch_id)
