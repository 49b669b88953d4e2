"""Tar archives as a stream, from strangers: names and contents in memory, never on disk.

Format: POSIX.1-2017 pax (ustar header, `x` and `g` records) and GNU's long names. The standard library's module is
not used: it reads extended headers of any length at once.
"""

from collections.abc import Iterator
from typing import NamedTuple

from seatrial.parsers.unpacking import PackedDataInvalid, Puller

MAX_HEADER = 64 << 10
"""Bytes of an extended header or long name."""

_BLOCK = 512
_FILE_KINDS = b"0\x007"
_LONG_NAMES = {b"L": "path", b"K": "linkpath"}


class Entry(NamedTuple):
    """A file (`is_file`), or something that is not one: a folder, a link, a device."""

    name: str
    size: int
    is_file: bool


def entries(stream: Puller) -> Iterator[Entry]:
    """Go through an archive; the data of the entry just given may be read from the stream, the rest is passed over.

    Raises `PackedDataInvalid` for what is no tar archive, and what reading the stream raises.
    """
    told: dict[str, str] = {}
    while True:
        header = stream.read(_BLOCK)
        if len(header) < _BLOCK or not any(header):
            return
        # The checksum is counted as if its own eight bytes were spaces.
        if _octal(header[148:156]) != sum(header[:148]) + 8 * 0x20 + sum(header[156:]):
            raise PackedDataInvalid("a header of the tar archive has a wrong checksum")
        kind, size = header[156:157], _octal(header[124:136])
        following = stream.position + -(-size // _BLOCK) * _BLOCK
        if kind in _LONG_NAMES:
            told[_LONG_NAMES[kind]] = _text(_bounded(stream, size).partition(b"\0")[0])
        elif kind == b"x":
            told |= _records(_bounded(stream, size))
        elif kind != b"g":  # global records could name files, but nobody writes that
            yield Entry(told.get("path") or _name(header), size, kind in _FILE_KINDS)
            told = {}
        stream.skip(following - stream.position)


def _octal(field: bytes) -> int:
    """Read a number: octal digits, or base 256 with the first bit set (GNU)."""
    if field[0] & 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0").partition(b"\0")[0]
    if digits.strip(b"01234567"):
        raise PackedDataInvalid("a header of the tar archive has a wrong number")
    return int(digits or b"0", 8)


def _bounded(stream: Puller, size: int) -> bytes:
    if size > MAX_HEADER:
        raise PackedDataInvalid(f"a header of the tar archive has {size:,} bytes")
    return stream.read(size)


def _name(header: bytes) -> str:
    name = _text(header[:100].partition(b"\0")[0])
    prefix = _text(header[345:500].partition(b"\0")[0]) if header[257:263] == b"ustar\0" else ""
    return f"{prefix}/{name}" if prefix else name


def _records(data: bytes) -> dict[str, str]:
    """Read pax records: length, blank, `key=value`, line feed; the length is that of the whole record."""
    found: dict[str, str] = {}
    while data:
        length, _, _ = data.partition(b" ")
        if not length.isdigit() or not len(length) < int(length[:6]) <= len(data):
            break
        key, _, value = data[len(length) + 1 : int(length) - 1].partition(b"=")
        if key == b"path":
            found["path"] = _text(value)
        data = data[int(length) :]
    return found


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
