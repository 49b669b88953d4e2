"""Read-only files that are made of something else: their place, and how going to another one works."""

import io
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:

    class _File(io.RawIOBase, BinaryIO):
        """What the parsers take, said to the type checker."""
else:
    _File = io.RawIOBase


class Seekable(_File):
    """A file of `size` bytes at a place; what is read there is the subclass's to say, in `_bytes`."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._at = 0

    def _bytes(self, start: int, length: int) -> bytes:
        """Give bytes that lie within the file; fewer only where what is behind it ends too early."""
        raise NotImplementedError

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that any place can be gone to."""
        return True

    def tell(self) -> int:
        """Give the place of the next byte to read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place, which may be behind the end; nothing is read yet."""
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
        data = self._bytes(self._at, length)
        self._at += len(data)
        return data
