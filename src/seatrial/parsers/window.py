"""A part of a file as a file of its own: a package that lies unpacked inside another, the image behind a runtime."""

import io
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:

    class _Seekable(io.RawIOBase, BinaryIO):
        """What the parsers take, said to the type checker."""
else:
    _Seekable = io.RawIOBase


_AT_HAND = 128 << 10


def at_hand(file: BinaryIO) -> BinaryIO:
    """Give a file of up to 128 KiB as one in memory, read at once, for several small reads; a larger one as it is."""
    if file.seek(0, io.SEEK_END) > _AT_HAND:
        return file
    file.seek(0)
    return io.BytesIO(file.read(_AT_HAND))


class Window(_Seekable):
    """`size` bytes of `file` from `start`, read-only and seekable; the file's own place moves with every read."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file = file
        self._start = start
        self._size = size
        self._at = 0

    @property
    def is_remote(self) -> bool:
        """Whether bytes cost requests, as they do in the file behind."""
        return bool(getattr(self._file, "is_remote", False))

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that any place can be gone to."""
        return True

    def tell(self) -> int:
        """Give the place of the next byte, from the window's start."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place, which may be behind the end."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise OSError("a place before the start of the file was asked for")
        self._at = start + offset
        return self._at

    def read(self, size: int | None = -1, /) -> bytes:
        """Read `size` bytes, fewer only at the end; all the rest for -1."""
        left = max(0, self._size - self._at)
        length = left if size is None or size < 0 else min(size, left)
        if length == 0:
            return b""
        self._file.seek(self._start + self._at)
        data = self._file.read(length)
        self._at += len(data)
        return data
