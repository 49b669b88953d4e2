"""Blobs in memory: the twin of the real stores for unit tests."""

import io
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from seatrial.domain.build import StorageProvider
from seatrial.domain.errors import InsufficientStorage
from seatrial.storage import FoundBlob, StoredBlob, keys
from seatrial.storage.fingerprint import Fingerprint


class MemoryBlobStore:
    """A dictionary of blobs, optionally with an end."""

    provider = StorageProvider(id="6d656d6f7279000000000000", name="memory", region="local", bucket="memory")

    def __init__(self, capacity: int | None = None) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._blobs: dict[str, bytes] = {}
        self._unfinished: dict[str, MemoryBlobWriter] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget every blob."""
        with self._lock:
            self._blobs.clear()
            self._unfinished.clear()

    def writer(self, key: str) -> "MemoryBlobWriter":
        """Begin to write a key that does not exist yet.

        Raises FileExistsError.
        """
        keys.check(key)
        with self._lock:
            if key in self._blobs or key in self._unfinished:
                raise FileExistsError(key)
            writer = MemoryBlobWriter(key, self.free_bytes, self._finish, self._abandon)
            self._unfinished[key] = writer
        return writer

    def open(self, key: str) -> BinaryIO:
        """Open a blob for seekable reading.

        Raises FileNotFoundError.
        """
        return io.BytesIO(self._bytes(key))

    @contextmanager
    def _copied(self, data: bytes) -> Iterator[Path]:
        with tempfile.NamedTemporaryFile(prefix="seatrial-memory-") as file:
            file.write(data)
            file.flush()
            yield Path(file.name)

    def local_path(self, key: str) -> AbstractContextManager[Path]:
        """Copy the blob into a file for as long as the block runs.

        Raises FileNotFoundError.
        """
        return self._copied(self._bytes(key))

    def path(self, key: str) -> None:
        """Give none: there is no file.

        Raises FileNotFoundError.
        """
        self._bytes(key)

    def signed_link(self, key: str, seconds: int, disposition: str, mimetype: str) -> None:  # noqa: ARG002  # it has none
        """Give none."""
        keys.check(key)

    def delete(self, key: str) -> None:
        """Remove a blob and whatever an unfinished writer left under its key; a missing key is fine."""
        keys.check(key)
        with self._lock:
            self._blobs.pop(key, None)
            self._unfinished.pop(key, None)

    def walk(self) -> Iterator[FoundBlob]:
        """Give every blob; all of them were written just now."""
        with self._lock:
            found = {key: len(data) for key, data in self._blobs.items()}
        yield from (FoundBlob(key, size, time.time()) for key, size in found.items())

    def free_bytes(self) -> int | None:
        """Tell how much still fits; `None` for a store without end."""
        if self._capacity is None:
            return None
        with self._lock:
            used = sum(map(len, self._blobs.values())) + sum(writer.size for writer in self._unfinished.values())
        return self._capacity - used

    def ping(self) -> None:
        """Be there."""

    def holds_nothing(self) -> bool:
        """Whether there is neither a blob nor an unfinished writer: what a test asks after a failure."""
        with self._lock:
            return not self._blobs and not self._unfinished

    def _bytes(self, key: str) -> bytes:
        with self._lock:
            data = self._blobs.get(keys.check(key))
        if data is None:
            raise FileNotFoundError(key)
        return data

    def _finish(self, writer: "MemoryBlobWriter", data: bytes) -> None:
        with self._lock:
            if self._unfinished.pop(writer.key, None) is not writer:
                raise FileNotFoundError(writer.key)
            self._blobs[writer.key] = data

    def _abandon(self, writer: "MemoryBlobWriter") -> None:
        with self._lock:
            if self._unfinished.get(writer.key) is writer:
                del self._unfinished[writer.key]


class MemoryBlobWriter:
    """Bytes on their way into a dictionary."""

    def __init__(
        self,
        key: str,
        free_bytes: Callable[[], int | None],
        finish: Callable[["MemoryBlobWriter", bytes], None],
        abandon: Callable[["MemoryBlobWriter"], None],
    ) -> None:
        self.key = key
        self.size = 0
        self._free_bytes = free_bytes
        self._finish = finish
        self._abandon = abandon
        self._buffer = bytearray()
        self._closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Add bytes.

        Raises InsufficientStorage when the store is full, ValueError after the end.
        """
        if self._closed:
            raise ValueError("write after commit or cancel")
        free = self._free_bytes()
        if free is not None and len(data) > free:
            raise InsufficientStorage
        self._buffer += data
        self.size = len(self._buffer)

    def commit(self) -> StoredBlob:
        """Make the bytes visible under the key.

        Raises ValueError after a commit or cancel, FileNotFoundError where the key was deleted meanwhile.
        """
        if self._closed:
            raise ValueError("commit after commit or cancel")
        self._closed = True
        data = bytes(self._buffer)
        self._buffer = bytearray()
        self._finish(self, data)
        fingerprint = Fingerprint()
        fingerprint.update(data)
        return fingerprint.blob(self.key)

    def cancel(self) -> None:
        """Leave nothing behind. Does nothing after a commit or a second time."""
        if not self._closed:
            self._closed = True
            self._buffer = bytearray()
            self._abandon(self)
