"""What leaves the house by mail: one port, `Mailer`, its adapters, and how mails are written.

The promise is about answers: whoever calls `send` knows afterwards that the server took the mail, that it did not, or
that nobody can know, and never takes the last for one of the others.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """What a mail server says to one mail."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """For good (5xx): asking again does not help."""
    DEFERRED = "deferred"
    """For now (4xx)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a mail server said to one mail, in its own words."""

    outcome: Outcome
    text: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One mail as bytes, with lines that end in CRLF, and whom it goes to."""

    recipient: str
    content: bytes


class ServerUnavailable(Exception):
    """The mail server takes nothing now; of the mail at hand it has nothing, or not all."""


class AnswerLost(Exception):
    """The mail was handed over to its last byte, and no answer came: it may have been taken or not."""


class Session(Protocol):
    """A connection for many mails, one after the other."""

    def send(self, mail: Outgoing) -> Answer:
        """Hand one mail over and wait for the answer; may be called again whatever came of the mail before.

        Raises ServerUnavailable, AnswerLost.
        """


class Mailer(Protocol):
    """Somebody who takes mails."""

    def connect(self) -> AbstractContextManager[Session]:
        """Open a connection, or go on with one that rests.

        Raises ServerUnavailable.
        """
