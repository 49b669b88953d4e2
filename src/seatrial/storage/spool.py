"""Bytes that come bit by bit, in a folder that all nodes share: a file for each upload, held by one request at a time.

What counts of a file is told by whoever keeps the books, as a number of bytes; what is in the file beyond that was
never acknowledged, and is cut off before it is written on. A file is held by a lock of the system (`flock`), which the
kernel lets go of with the process. Somebody who waits for a file leaves a mark beside it, and whoever holds it looks
for the mark now and then: so a client that comes back need not wait until the server has noticed that its old
connection is dead.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from seatrial.domain.errors import InsufficientStorage, UploadInUse
from seatrial.storage.disk import TURNS, begin_write_back, free_above, make_durably, whole_disk
from seatrial.storage.local import FILE_MODE, FOLDER_MODE

WRITE_BACK_BYTES = 16 << 20
MARK_BYTES = 64 << 20
"""How much is written between two looks at the reserve."""
_WANTED = ".wanted"


class Spool:
    """A folder of files that are not whole yet; `reserve` is the bytes of its disk that are not ours to fill."""

    def __init__(self, root: Path, reserve: int | None = None) -> None:
        self._root = root.resolve()
        self._reserve = reserve

    def free_bytes(self) -> int:
        """Tell how much fits above the reserve."""
        self._make()
        return free_above(self._root, self._reserve)

    def hold(self, name: str, offset: int, *, make: bool = False) -> "SpoolFile":
        """Take a file to write behind an offset; with `make` one that is not there begins.

        Raises UploadInUse while somebody else has it, who is asked to let it go; FileNotFoundError where it is not
        there, or is shorter than it should be.
        """
        self._make()
        path, wanted = self._root / name, self._root / (name + _WANTED)
        flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | (os.O_CREAT if make else 0)
        descriptor = os.open(path, flags, FILE_MODE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            wanted.unlink(missing_ok=True)
            _check(descriptor, name, offset)
            return SpoolFile(descriptor, path, wanted, offset, self)
        except BlockingIOError as error:
            os.close(descriptor)
            wanted.touch()
            raise UploadInUse from error
        except BaseException:
            os.close(descriptor)
            raise

    def path(self, name: str) -> Path:
        """Give the path of a file."""
        return self._root / name

    def remove(self, name: str) -> None:
        """Remove a file; a missing one is fine."""
        for path in (self._root / name, self._root / (name + _WANTED)):
            path.unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """Name every file that is there."""
        with contextlib.suppress(FileNotFoundError), os.scandir(self._root) as entries:
            for entry in entries:
                if not entry.name.endswith(_WANTED):
                    yield entry.name

    def sync(self) -> None:
        """Make it durable that files are there."""
        folder = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _make(self) -> None:
        if not self._root.is_dir():
            make_durably(self._root, FOLDER_MODE)


class SpoolFile:
    """A file that this request alone writes to, until it is closed."""

    def __init__(self, descriptor: int, path: Path, wanted: Path, offset: int, spool: Spool) -> None:
        self._file = descriptor
        self._wanted = wanted
        self._spool = spool
        self.path = path
        self.size = offset
        """Where the next byte goes; `rewind` goes there."""
        self._flushed = self._marked = offset
        self._is_named = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_wanted(self) -> bool:
        """Whether somebody else waits for it."""
        return self._wanted.exists()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Add bytes.

        Raises InsufficientStorage.
        """
        rest = memoryview(data)
        with TURNS, whole_disk():
            while rest:
                written = os.write(self._file, rest)
                self.size += written
                rest = rest[written:]
        if self.size - self._flushed >= WRITE_BACK_BYTES:
            begin_write_back(self._file, self._flushed, self.size - self._flushed)
            self._flushed = self.size
        if self.size - self._marked >= MARK_BYTES:
            self._marked = self.size
            if self._spool.free_bytes() <= 0:
                raise InsufficientStorage

    def sync(self) -> None:
        """Make everything so far durable, and that the file is there."""
        with whole_disk():
            os.fsync(self._file)
            if not self._is_named:
                self._spool.sync()
                self._is_named = True

    def rewind(self, offset: int) -> None:
        """Cut off what is behind an offset, and go on there."""
        os.ftruncate(self._file, offset)
        os.lseek(self._file, offset, os.SEEK_SET)
        self.size = offset

    def close(self) -> None:
        """Let it go; a second time does nothing."""
        descriptor, self._file = self._file, -1
        if descriptor >= 0:
            os.close(descriptor)


def _check(descriptor: int, name: str, offset: int) -> None:
    there = os.fstat(descriptor)
    if there.st_nlink == 0 or there.st_size < offset:
        raise FileNotFoundError(name)
