"""The one narrow door to the job engine: what the rules ask of it, and nothing else."""

from enum import StrEnum
from typing import Protocol

from sqlalchemy import Connection

from seatrial.domain.ids import BuildId, FileId


class Task(StrEnum):
    """Kinds of work about one subject, each with a limit of its own on how many run at a time."""

    NOTIFY = "notify"
    """Find out whom to tell of a build, and write the mails; the subject is a notification."""
    SEND_MAILS = "send_mails"
    """Hand a batch of mails to the mail server; the subject is a batch."""
    DELIVER_WEBHOOK = "deliver_webhook"
    """Send one delivery to its receiver; the subject is a delivery."""


class Jobs(Protocol):
    """Work to be done after a transaction, at least once, whatever dies in between."""

    def process_build(self, tx: Connection, build_id: BuildId, attempt: int) -> None:
        """Add the processing of a build to the caller's transaction: it exists if and only if the caller commits.

        A build is processed once per attempt; a second request for the same attempt changes nothing.
        """

    def understand_attachment(self, tx: Connection, file_id: FileId) -> None:
        """Add the recognition of an attached file to the caller's transaction, as `process_build` does."""

    def request(self, tx: Connection, task: Task, subject: str, turn: int = 0, delay_seconds: float = 0) -> None:
        """Add a task to the caller's transaction, to be begun after a delay.

        It is done once per turn: a second request for the same turn changes nothing, so whoever wants it done again,
        after a failure that it knows how to wait out, asks for the next turn.
        """
