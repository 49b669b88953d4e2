"""A writer with an end: what goes beyond it is refused while it arrives, not when all of it is there."""

from collections.abc import Callable

from seatrial.storage import BlobWriter, StoredBlob


class BoundedWriter:
    """Another writer, asked `check` with the size before each write; whatever that raises comes out."""

    def __init__(self, writer: BlobWriter, check: Callable[[int], None]) -> None:
        self._writer = writer
        self._check = check
        self.key = writer.key
        self.size = writer.size

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Add bytes.

        Raises InsufficientStorage when the store is full, and what `check` raises.
        """
        self._check(self.size + len(data))
        self._writer.write(data)
        self.size = self._writer.size

    def commit(self) -> StoredBlob:
        """Make the bytes durable, then visible under the key."""
        return self._writer.commit()

    def cancel(self) -> None:
        """Leave nothing behind. Does nothing after a commit or a second time."""
        self._writer.cancel()
