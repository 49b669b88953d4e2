"""Mails in words and bytes: each kind of mail in the language of whoever gets it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from seatrial.domain.mail import Mail
from seatrial.mail import Outgoing
from seatrial.mail.catalog import words
from seatrial.mail.form import Form, Sender, UnwritableAddress, address
from seatrial.mail.letters import letter
from seatrial.services import mail_facts
from seatrial.services.mail_sending import CannotBeWritten
from seatrial.storage.sealing import Sealer, Unsealable


@dataclass(frozen=True, slots=True)
class MailWriting:
    """Writes mails as they are sent, so that one that waited says what is true now."""

    sender: Sender
    language: str
    """For people of whom no language is known."""
    sealer: Sealer
    now: Callable[[], datetime]

    def batch(self, waiting: Sequence[Mail]) -> Callable[[Mail], Outgoing]:
        """Give what writes the mails of one batch."""
        del waiting
        return self._write

    def _write(self, mail: Mail) -> Outgoing:
        try:
            to = address(mail.email, mail.name)
            facts = mail_facts.unseal(self.sealer, mail.facts)
        except UnwritableAddress:
            raise CannotBeWritten("the address cannot be written to") from None
        except Unsealable:
            raise CannotBeWritten("this server lacks the key that the letter was sealed with") from None
        form = Form(self.sender, letter(mail.kind, words(mail.language or self.language), facts))
        return Outgoing(mail.email, form.copy(to, headers=own_headers(mail, self.sender), written=self.now()))


def own_headers(mail: Mail, sender: Sender) -> dict[str, str]:
    """Give the headers that every mail of this house has: the same for a mail that has to be sent twice."""
    return {
        "Message-ID": f"<{mail.id}@{sender.domain}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
