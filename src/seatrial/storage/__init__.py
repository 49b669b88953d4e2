"""Where the bytes are: one port, `BlobStore`, its adapters, and how one is found among several.

A writer is committed or cancelled, nothing in between: bytes are invisible under their key until `commit` returns, and
after it they survive a power cut. Calls of a distant store may raise StorageUnavailable.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from seatrial.domain.build import StorageProvider
from seatrial.domain.ids import AppId, OrganizationId


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """What a committed writer has stored: bytes, SHA-256 in lower-case hex, the first 64 KiB for recognition."""

    key: str
    size: int
    sha256: str
    head: bytes


@dataclass(frozen=True, slots=True)
class FoundBlob:
    """What a walk through a store meets: bytes under a key, and when they were written (seconds since 1970)."""

    key: str
    size: int
    written_at: float
    is_whole: bool = True
    """False for the beginning of what nobody completed; 0 bytes where the store does not tell its size."""


class BlobWriter(Protocol):
    """Bytes on their way to a key. Not thread-safe; may be used from one thread at a time."""

    key: str
    size: int

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Add bytes.

        Raises InsufficientStorage when the store is full.
        """

    def commit(self) -> StoredBlob:
        """Make the bytes durable, then visible under the key."""

    def cancel(self) -> None:
        """Leave nothing behind. Does nothing after a commit or a second time."""


class BlobStore(Protocol):
    """A place for blobs of any size, addressed by keys that `keys.py` draws."""

    @property
    def provider(self) -> StorageProvider:
        """Name the place as a build's `storageProvider` shows it."""

    def writer(self, key: str) -> BlobWriter:
        """Begin to write a key that does not exist yet."""

    def open(self, key: str) -> BinaryIO:
        """Open a blob for seekable reading.

        Raises FileNotFoundError.
        """

    def local_path(self, key: str) -> AbstractContextManager[Path]:
        """Give a path on this machine to read the blob from while the block runs; a distant store copies it there.

        Raises FileNotFoundError.
        """

    def path(self, key: str) -> Path | None:
        """Give the path of the blob itself, where it is on this machine; `None` where it is elsewhere.

        Raises FileNotFoundError.
        """

    def signed_link(self, key: str, seconds: int, disposition: str, mimetype: str) -> str | None:
        """Give a URL of the store's own that reads the blob for so long, and names it; `None` where it has none."""

    def delete(self, key: str) -> None:
        """Remove a blob and whatever an unfinished writer left under its key; a missing key is fine."""

    def walk(self) -> Iterator[FoundBlob]:
        """Give everything that is stored; what is under a name that is no key of ours is not given."""

    def free_bytes(self) -> int | None:
        """Tell how much fits above the reserve; `None` where the store has no end."""

    def ping(self) -> None:
        """Look for a sign of life, in a few seconds at most; says nothing of what fits.

        Raises StorageUnavailable, OSError.
        """

    def close(self) -> None:
        """Give back what is held open between calls."""


class BlobStores(Protocol):
    """The places that files are in: each file remembers its own, and each app has one for those to come."""

    @property
    def home(self) -> BlobStore:
        """The server's own, where nobody chose another."""

    def at(self, provider_id: str) -> BlobStore:
        """Give the store of a file.

        Raises StorageUnavailable where there is none any more, or it cannot be opened.
        """

    def of_app(self, organization_id: OrganizationId, app_id: AppId) -> BlobStore:
        """Give the store for an app's new files.

        Raises StorageUnavailable.
        """
