"""The bytes that a recogniser looks at: a file, a member of an archive, or what a gzip file holds, read in bounds."""

import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import limits
from seatrial.parsers.archive import corrupt
from seatrial.parsers.bundle_tree import Tree

HEAD = 64 << 10
"""Bytes at the start that are enough to tell a kind, and for most of what it says."""
MAX_UNPACKED = 2 << 30
"""Bytes unpacked for one attachment or one build, all its members together."""

_CHUNK = 256 << 10


class Budget:
    """How many bytes may still be unpacked."""

    def __init__(self, size: int = MAX_UNPACKED) -> None:
        self._left = size

    def spend(self, count: int) -> None:
        """Take from what is left.

        Raises BuildFileInvalid when it is not enough.
        """
        self._left -= count
        if self._left < 0:
            raise BuildFileInvalid(ProcessingCode.ARCHIVE_BOMB, "The file unpacks to more than is looked through.")


class Content(Protocol):
    """Bytes with a start; nobody asks for their end. Reading raises BuildFileInvalid for damage."""

    @property
    def head(self) -> bytes:
        """Give the first `HEAD` bytes."""

    def read_at(self, offset: int, size: int) -> bytes:
        """Read from the middle; fewer bytes where there are not so many."""

    def chunks(self) -> Iterator[bytes]:
        """Read everything from the start."""


class FileContent:
    """A seekable file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = file.seek(0, 2)
        self.head = self.read_at(0, HEAD)

    def read_at(self, offset: int, size: int) -> bytes:
        """Read from the middle."""
        if offset >= self.size:
            return b""
        self._file.seek(offset)
        return self._file.read(size)

    def chunks(self) -> Iterator[bytes]:
        """Read everything; the file may be read elsewhere between two pieces."""
        offset = 0
        while data := self.read_at(offset, _CHUNK):
            offset += len(data)
            yield data


class StreamContent:
    """Bytes that can only be read forwards: going back starts again, and is paid for again."""

    def __init__(self, start: Callable[[], Iterator[bytes]], budget: Budget) -> None:
        self._start = start
        self._budget = budget
        self._stream = iter(self.chunks())
        self._at = 0
        self._buffer = b""
        self.head = self.read_at(0, HEAD)

    def read_at(self, offset: int, size: int) -> bytes:
        """Read from the middle, as a rule further on than what was read last."""
        if offset < self._at:
            if offset + size <= len(self.head):
                return self.head[offset : offset + size]
            self._stream, self._at, self._buffer = iter(self.chunks()), 0, b""
        while self._at + len(self._buffer) < offset + size:
            if offset >= self._at + len(self._buffer):
                self._at += len(self._buffer)
                self._buffer = b""
            piece = next(self._stream, b"")
            if not piece:
                break
            self._buffer += piece
        found = self._buffer[max(0, offset - self._at) :][:size]
        if offset > self._at:
            self._buffer = self._buffer[offset - self._at :]
            self._at = offset
        return found

    def chunks(self) -> Iterator[bytes]:
        """Read everything from the start."""
        for piece in self._start():
            self._budget.spend(len(piece))
            yield piece


def member_content(tree: Tree, name: str, budget: Budget) -> Content:
    """Look at a file in an archive or on a disk image; raise `BuildFileInvalid` where it cannot be read."""
    member = tree.find(name)
    if member is None:
        raise corrupt("A member that the archive lists is not there.")
    return StreamContent(lambda: tree.stream(member), budget)


def gzip_content(content: "FileContent") -> Content:
    """Look at what a gzip file holds (RFC 1952), of its first member only; it may unpack to what a ZIP archive may."""
    bounds = limits.current()
    most = max(bounds.ratio_free_bytes, bounds.ratio * content.size)
    return StreamContent(lambda: _gunzipped(content), Budget(min(most, MAX_UNPACKED)))


def _gunzipped(content: Content) -> Iterator[bytes]:
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        for data in content.chunks():
            pending = data
            while pending and not inflater.eof:
                if part := inflater.decompress(pending, _CHUNK):
                    yield part
                pending = inflater.unconsumed_tail
            if inflater.eof:
                return
        while part := inflater.decompress(b"", _CHUNK):
            yield part
    except zlib.error as error:
        raise corrupt(f"The packed data are damaged ({error}).") from None
