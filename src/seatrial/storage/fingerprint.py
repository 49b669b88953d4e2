"""What is learned about bytes while they pass by on their way into a store."""

import hashlib

from seatrial.storage import StoredBlob

HEAD_BYTES = 64 << 10
"""How much of a blob's beginning is kept for recognising its format."""


class Fingerprint:
    """Size, SHA-256 and beginning of everything shown to it."""

    def __init__(self) -> None:
        self.size = 0
        self._hash = hashlib.sha256()
        self._head = bytearray()

    def copy(self) -> "Fingerprint":
        """Make another one that has seen the same."""
        copied = Fingerprint()
        copied.size, copied._hash, copied._head = self.size, self._hash.copy(), bytearray(self._head)
        return copied

    def update(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes into account; the GIL is free while long ones are hashed."""
        self._hash.update(data)
        if self.size < HEAD_BYTES:
            self._head += data[: HEAD_BYTES - self.size]
        self.size += len(data)

    def blob(self, key: str) -> StoredBlob:
        """Describe everything seen so far as the blob of a key."""
        return StoredBlob(key, self.size, self._hash.hexdigest(), bytes(self._head))
