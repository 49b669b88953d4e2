"""A mailer for tests: it takes what it is given, and does what it is told to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from seatrial.mail import Answer, AnswerLost, Outcome, Outgoing, ServerUnavailable, Session


@dataclass
class MemoryMailer:
    """Keeps mails in a list; what it says to an address is looked up in `answers`, and used up where it is a list."""

    taken: list[Outgoing] = field(default_factory=list)
    answers: dict[str, list[Answer | Exception]] = field(default_factory=dict)
    """Of one address, in turn; afterwards its mails are taken. A lost answer is one to a mail that was taken."""
    down: str = ""
    """Why nobody answers, where nobody does."""
    connections: int = 0

    @contextmanager
    def connect(self) -> Iterator[Session]:
        """Open a connection.

        Raises ServerUnavailable.
        """
        if self.down:
            raise ServerUnavailable(self.down)
        self.connections += 1
        yield self

    def send(self, mail: Outgoing) -> Answer:
        """Take one mail, or do what was said about its address.

        Raises ServerUnavailable, AnswerLost.
        """
        if self.down:
            raise ServerUnavailable(self.down)
        script = self.answers.get(mail.recipient, [])
        said = script.pop(0) if script else Answer(Outcome.ACCEPTED, "250 OK")
        if isinstance(said, AnswerLost) or (isinstance(said, Answer) and said.outcome is Outcome.ACCEPTED):
            self.taken.append(mail)
        if isinstance(said, Exception):
            raise said
        return said
