"""Blobs in an object store of somebody else: S3 and what speaks like it, Azure Blob.

obstore moves the bytes, by its synchronous calls only: its asynchronous ones can abort the interpreter at its end. What
it cannot do, links with a name and a list of unfinished uploads, its `Account` does. A blob is visible when its upload
is completed, and not before; parts of an upload that was not are removed by `cancel`, and by `delete` where the process
died. Every request is bounded in time, so that a store that does not answer is an error and not a wait.
"""

import contextlib
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Protocol, Self

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

from seatrial.domain.build import StorageProvider
from seatrial.domain.errors import StorageUnavailable
from seatrial.storage import FoundBlob, StoredBlob, keys
from seatrial.storage.fingerprint import Fingerprint
from seatrial.storage.parts import ObjectParts, TakesParts
from seatrial.storage.refusals import explained, names_lost_upload
from seatrial.storage.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined]  # from 3.12 on

    from obstore import WritableFile
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

PART_BYTES = 8 << 20
"""Of one part of an upload; stores allow 10,000 of them."""
PARTS_AT_ONCE = 3
"""Memory of one upload: so many parts on their way, and the one being filled."""
READ_BYTES = 1 << 20
COPY_BYTES = 8 << 20
_MOST_PARTS = 9_500

CONNECT_SECONDS = 5
REQUEST_SECONDS = 25
"""For one part of `PART_BYTES`, too."""
RETRIES = 3
RETRY_SECONDS = 10
"""After so long nothing is tried again, so that no call takes longer than this and one request more."""

ATTRIBUTES = {"Content-Type": "application/octet-stream", "Content-Disposition": "attachment"}
"""Of every object: should somebody publish the bucket, no browser shows what is in it. Links say better."""


def client_options(*, allow_http: bool) -> "ClientConfig":
    """Say how long requests may take."""
    return {
        "allow_http": allow_http,
        "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
        "timeout": timedelta(seconds=REQUEST_SECONDS),
    }


def retry_config() -> "RetryConfig":
    """Say how often requests are tried again."""
    backoff = {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=2), "base": 2}
    return {"max_retries": RETRIES, "retry_timeout": timedelta(seconds=RETRY_SECONDS), "backoff": backoff}  # type: ignore[typeddict-item]


def part_bytes(largest_blob: int) -> int:
    """Give the size of parts that a blob of this size fits into."""
    return max(PART_BYTES, -(-largest_blob // _MOST_PARTS))


class Account(Protocol):
    """What a store is asked for beside obstore."""

    def link(self, key: str, seconds: int, now: datetime, disposition: str, mimetype: str) -> str:
        """Sign a URL that reads an object, and answers with this name and type."""

    def remove_unfinished(self, key: str) -> None:
        """Remove what uploads of an object that nobody completed have left.

        Raises httpx.HTTPError.
        """

    def ping(self, key: str) -> None:
        """Ask for an object that need not be there.

        Raises httpx.HTTPError where that is not answered, or the store or its bucket cannot be used.
        """

    def close(self) -> None:
        """End connections."""


class ObjectBlobStore:
    """A bucket, or the part of it below a prefix."""

    def __init__(
        self,
        provider: StorageProvider,
        objects: "ObjectStore",
        account: Account,
        scratch: Scratch,
        now: Callable[[], datetime],
        *,
        prefix: str = "",
        part: int = PART_BYTES,
        gives_links: bool = True,
    ) -> None:
        self.provider = provider
        self._objects = objects
        self._account = account
        self._scratch = scratch
        self._now = now
        self._prefix = f"{prefix}/" if prefix else ""
        self._part = part
        self._gives_links = gives_links
        self._lock = threading.Lock()
        self._writing: dict[str, ObjectBlobWriter] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End connections."""
        self._account.close()

    def writer(self, key: str) -> "ObjectBlobWriter":
        """Begin to write a key that does not exist yet.

        Raises FileExistsError, StorageUnavailable.
        """
        keys.check(key)
        with self._lock:
            if key in self._writing:
                raise FileExistsError(key)
            writer = ObjectBlobWriter(key, self._begin, self._translated, self._left)
            self._writing[key] = writer
        try:
            self._size(key)
        except FileNotFoundError:
            return writer
        except BaseException:
            self._left(writer)
            raise
        self._left(writer)
        raise FileExistsError(key)

    def open(self, key: str) -> BinaryIO:
        """Open a blob for seekable reading, a range at a time.

        Raises FileNotFoundError, StorageUnavailable.
        """
        size = self._size(keys.check(key))
        return io.BufferedReader(_Ranges(lambda start, length: self._range(key, start, length), size), READ_BYTES)

    def local_path(self, key: str) -> AbstractContextManager[Path]:
        """Copy the blob to this machine for as long as the block runs.

        Raises FileNotFoundError, StorageUnavailable, InsufficientStorage.
        """
        size = self._size(keys.check(key))

        def pieces() -> Iterator[memoryview]:
            for start in range(0, size, COPY_BYTES):
                yield self._range(key, start, min(COPY_BYTES, size - start))

        return self._scratch.copy(pieces(), size)

    def path(self, key: str) -> Path | None:
        """Give nothing: the bytes are elsewhere."""
        keys.check(key)
        return None

    def signed_link(self, key: str, seconds: int, disposition: str, mimetype: str) -> str | None:
        """Give a URL of the store's own, where downloads are to go there."""
        if not self._gives_links:
            return None
        return self._account.link(self._place(key), seconds, self._now(), disposition, mimetype)

    def delete(self, key: str) -> None:
        """Remove a blob and whatever an unfinished writer left under its key; a missing key is fine.

        Raises StorageUnavailable.
        """
        keys.check(key)
        with self._lock:
            writer = self._writing.get(key)
            if writer is not None:
                writer.is_doomed = True
        with self._translated():
            with contextlib.suppress(FileNotFoundError):
                obstore.delete(self._objects, self._place(key))
            self._account.remove_unfinished(self._place(key))

    def walk(self) -> Iterator[FoundBlob]:
        """Give every object below the prefix, and uploads that nobody completed where the store names them.

        Azure does not, and forgets them after a week.

        Raises StorageUnavailable.
        """
        for family in keys.FAMILIES:
            with self._translated():
                for batch in obstore.list(self._objects, self._place(family)):
                    for one in batch:
                        key = one["path"].removeprefix(self._prefix)
                        if keys.SAFE_KEY.fullmatch(key):
                            yield FoundBlob(key, one["size"], one["last_modified"].timestamp())
                if isinstance(self._account, TakesParts):
                    for begun in self._account.begun(self._place(f"{family}/")):
                        key = begun.key.removeprefix(self._prefix)
                        if keys.SAFE_KEY.fullmatch(key):
                            yield FoundBlob(key, 0, begun.begun_at, is_whole=False)

    def free_bytes(self) -> None:
        """Tell of no end: it is the provider's business."""

    def ping(self) -> None:
        """Ask for an object that nobody made, with our credentials.

        Raises StorageUnavailable.
        """
        with self._translated():
            self._account.ping(self._place("sign-of-life"))

    def parts(self) -> "ObjectParts | None":
        """Give what takes parts that others send; `None` where the store has no such thing."""
        account = self._account
        return ObjectParts(account, self._place, self._translated) if isinstance(account, TakesParts) else None

    def _place(self, key: str) -> str:
        return f"{self._prefix}{key}"

    def _size(self, key: str) -> int:
        with self._translated():
            try:
                return int(obstore.head(self._objects, self._place(key))["size"])
            except (PermissionDeniedError, UnauthenticatedError):
                # The answer to a HEAD has no body that says why; that to a GET has.
                obstore.get_range(self._objects, self._place(key), start=0, length=1)
                raise

    def _range(self, key: str, start: int, length: int) -> memoryview:
        with self._translated():
            return memoryview(obstore.get_range(self._objects, self._place(key), start=start, length=length))

    def _begin(self, key: str) -> "WritableFile":
        return obstore.open_writer(
            self._objects,
            self._place(key),
            attributes=ATTRIBUTES,
            buffer_size=self._part,
            max_concurrency=PARTS_AT_ONCE,
        )

    def _left(self, writer: "ObjectBlobWriter") -> None:
        with self._lock:
            if self._writing.get(writer.key) is writer:
                del self._writing[writer.key]

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """Say in our own words what a store refuses; a missing object stays FileNotFoundError."""
        from httpx import HTTPError

        try:
            yield
        except (BaseError, OSError, HTTPError) as error:
            reason = explained(error)
            if isinstance(error, FileNotFoundError) and reason is None:
                raise FileNotFoundError(str(error).partition("\n")[0]) from error
            if names_lost_upload(error):
                raise FileNotFoundError("the upload was removed meanwhile") from error
            raise StorageUnavailable(self.provider.name, reason or "does not do what it was asked") from error


class ObjectBlobWriter:
    """An upload that is not completed yet."""

    def __init__(
        self,
        key: str,
        begin: Callable[[str], "WritableFile"],
        translated: Callable[[], AbstractContextManager[None]],
        left: Callable[["ObjectBlobWriter"], None],
    ) -> None:
        self.key = key
        self.size = 0
        self.is_doomed = False
        """Whether the key was deleted meanwhile."""
        self._upload = begin(key)
        self._translated = translated
        self._left = left
        self._fingerprint = Fingerprint()
        self._closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Add bytes; waits where the store is slower than they come.

        Raises StorageUnavailable, ValueError after the end.
        """
        if self._closed:
            raise ValueError("write after commit or cancel")
        self.size += len(data)
        self._fingerprint.update(data)
        if data:
            with self._translated():
                self._upload.write(data if isinstance(data, bytes) else bytes(data))  # it keeps what it is given

    def commit(self) -> StoredBlob:
        """Complete the upload. Whatever fails, nothing is visible.

        Raises StorageUnavailable, ValueError after a commit or cancel, FileNotFoundError where the key was deleted
        meanwhile.
        """
        if self._closed:
            raise ValueError("commit after commit or cancel")
        if self.is_doomed:
            self.cancel()
            raise FileNotFoundError(self.key)
        try:
            with self._translated():
                self._upload.close()
        except BaseException:
            self.cancel()
            raise
        self._end()
        return self._fingerprint.blob(self.key)

    def cancel(self) -> None:
        """Leave nothing behind. Does nothing after a commit or a second time.

        Where the store does not answer any more, parts may be left; whoever holds the key's reservation deletes it.
        """
        if self._closed:
            return
        self._end()
        cancelled = KeyboardInterrupt()  # any error makes the context give its upload up; this one nobody logs
        with contextlib.suppress(BaseError, OSError, ValueError, KeyboardInterrupt):
            self._upload.__exit__(type(cancelled), cancelled, None)

    def _end(self) -> None:
        self._closed = True
        self._left(self)


class _Ranges(io.RawIOBase):
    """An object as a file that can be read from anywhere."""

    def __init__(self, read: Callable[[int, int], memoryview], size: int) -> None:
        self._read = read
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, target: "Buffer") -> int:
        view = memoryview(target).cast("B")
        length = min(len(view), self._size - self._at)
        if length <= 0:
            return 0
        view[:length] = self._read(self._at, length)
        self._at += length
        return length
