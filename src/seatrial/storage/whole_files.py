"""A file that is whole already, on its way into a store: linked where that is on the same disk, copied elsewhere."""

from pathlib import Path
from typing import Protocol, runtime_checkable

from seatrial.storage import BlobStore, StoredBlob
from seatrial.storage.disk import TURNS
from seatrial.storage.fingerprint import Fingerprint

COPY_BYTES = 1 << 20


@runtime_checkable
class TakesLinks(Protocol):
    """A store on this machine's own disk, that need not copy what is there already."""

    def link(self, key: str, path: Path) -> bool:
        """Give a durable file a key as well, durably; False where it has to be copied."""


class WholeFileWriter:
    """A BlobWriter whose bytes are in a durable file; the file stays, so that a commit can be done again.

    `known` is what was learned of the bytes while they came; where it is not about all of them, they are read again.
    """

    def __init__(self, blobs: BlobStore, key: str, path: Path, size: int, known: Fingerprint | None) -> None:
        self.key = key
        self.size = size
        self._blobs = blobs
        self._path = path
        self._known = known if known is not None and known.size == size else None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Refuse: there is nothing to add.

        Raises ValueError.
        """
        raise ValueError(f"the file is whole; {len(data)} bytes more have no place in it")

    def commit(self) -> StoredBlob:
        """Make the bytes visible under the key."""
        if isinstance(self._blobs, TakesLinks):
            fingerprint = self._known or fingerprint_of(self._path)
            if self._blobs.link(self.key, self._path):
                return fingerprint.blob(self.key)
        writer = self._blobs.writer(self.key)
        try:
            with self._path.open("rb", buffering=0) as file:
                while piece := file.read(COPY_BYTES):
                    writer.write(piece)
            return writer.commit()
        except BaseException:
            writer.cancel()
            raise

    def cancel(self) -> None:
        """Leave the file where it is; what the store has of it is the reservation's."""


def fingerprint_of(path: Path) -> Fingerprint:
    """Read a file for what is to be known of it, at the speed of the hash."""
    fingerprint, buffer = Fingerprint(), bytearray(COPY_BYTES)
    view = memoryview(buffer)
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            with TURNS:
                fingerprint.update(view[:count])
    return fingerprint
