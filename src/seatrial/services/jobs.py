"""The one narrow door to the job engine: what the rules ask of it, and nothing else."""

from typing import Protocol

from sqlalchemy import Connection

from seatrial.domain.ids import BuildId, FileId


class Jobs(Protocol):
    """Work to be done after a transaction, at least once, whatever dies in between."""

    def process_build(self, tx: Connection, build_id: BuildId, attempt: int) -> None:
        """Add the processing of a build to the caller's transaction: it exists if and only if the caller commits.

        A build is processed once per attempt; a second request for the same attempt changes nothing.
        """

    def understand_attachment(self, tx: Connection, file_id: FileId) -> None:
        """Add the recognition of an attached file to the caller's transaction, as `process_build` does."""
