"""cpio archives in the forms that installers use, read as a stream: `odc` (POSIX.1, octal) and `newc` (hexadecimal).

Source: the `cpio(5)` formats of POSIX.1-1997 (`pax`, "cpio Interchange Format") and of SVR4.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from seatrial.parsers.unpacking import Puller

MAX_NAME = 4096
_ODC, _NEWC = b"070707", {b"070701", b"070702"}
_TRAILER = "TRAILER!!!"
_FILE = 0o100000
_KIND = 0o170000


class CpioInvalid(Exception):
    """Bytes that are no cpio archive, or one that is damaged."""


class Entry(NamedTuple):
    """One file or folder, in the order of the archive."""

    name: str
    size: int
    regular: bool
    """Whether it is a plain file: no folder, no link."""


class CpioStream:
    """Walks over an archive once; the content of the present entry may be read until the next one is asked for."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._source = Puller(pieces)
        self._left = 0
        self._padding = 0

    @property
    def position(self) -> int:
        """Bytes of the unpacked archive that have been passed."""
        return self._source.position

    def entries(self) -> Iterator[Entry]:
        """Give the entries one by one; raise `CpioInvalid` for damage."""
        while True:
            self._source.skip(self._left + self._padding)
            self._left = self._padding = 0
            magic = self._source.read(6)
            if magic == _ODC:
                entry = self._odc()
            elif magic in _NEWC:
                entry = self._newc()
            else:
                raise CpioInvalid("the payload holds no cpio archive, or is damaged")
            if entry.name == _TRAILER:
                return
            yield entry

    def content(self) -> Iterator[bytes]:
        """Give the content of the present entry in pieces."""
        while self._left:
            part = self._source.read(min(self._left, 64 << 10))
            if not part:
                raise CpioInvalid("the payload ends inside of a file")
            self._left -= len(part)
            yield part

    def _odc(self) -> Entry:
        header = self._source.read(70)
        mode, name_size = _number(header[12:18], 8), _number(header[53:59], 8)
        self._left = _number(header[59:70], 8)
        return Entry(self._name(name_size), self._left, mode & _KIND == _FILE)

    def _newc(self) -> Entry:
        header = self._source.read(104)
        mode, self._left = _number(header[8:16], 16), _number(header[48:56], 16)
        name_size = _number(header[88:96], 16)
        name = self._name(name_size)
        self._source.skip(-(110 + name_size) % 4)
        self._padding = -self._left % 4
        return Entry(name, self._left, mode & _KIND == _FILE)

    def _name(self, size: int) -> str:
        if not 0 < size <= MAX_NAME:
            raise CpioInvalid("the payload names a file at impossible length")
        return self._source.read(size).split(b"\0", 1)[0].decode("utf-8", "replace")


def _number(digits: bytes, base: int) -> int:
    try:
        value = int(digits, base)
    except ValueError:
        raise CpioInvalid("the payload's cpio archive is damaged") from None
    if value < 0:
        raise CpioInvalid("the payload's cpio archive is damaged")
    return value
