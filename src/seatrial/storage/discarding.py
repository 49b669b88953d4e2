"""A writer that keeps nothing: for bytes that are here already, to see whether they are the same."""

from seatrial.storage import StoredBlob
from seatrial.storage.fingerprint import Fingerprint


class DiscardingWriter:
    """Tells what the bytes are and forgets them."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.size = 0
        self._fingerprint = Fingerprint()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Look at bytes."""
        self.size += len(data)
        self._fingerprint.update(data)

    def commit(self) -> StoredBlob:
        """Describe what a store would hold now."""
        return self._fingerprint.blob(self.key)

    def cancel(self) -> None:
        """Do nothing: there is nothing."""
