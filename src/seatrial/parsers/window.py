"""A part of a file as a file of its own: a package that lies unpacked inside another, the image behind a runtime."""

import io
from typing import BinaryIO

from seatrial.parsers.seekable import Seekable

_AT_HAND = 128 << 10


def at_hand(file: BinaryIO) -> BinaryIO:
    """Give a file of up to 128 KiB as one in memory, read at once, for several small reads; a larger one as it is."""
    if file.seek(0, io.SEEK_END) > _AT_HAND:
        return file
    file.seek(0)
    return io.BytesIO(file.read(_AT_HAND))


class Window(Seekable):
    """`size` bytes of `file` from `start`, read-only and seekable; the file's own place moves with every read."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        super().__init__(size)
        self._file = file
        self._start = start

    @property
    def is_remote(self) -> bool:
        """Whether bytes cost requests, as they do in the file behind."""
        return bool(getattr(self._file, "is_remote", False))

    def _bytes(self, start: int, length: int) -> bytes:
        self._file.seek(self._start + start)
        return self._file.read(length)
