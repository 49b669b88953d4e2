"""What Android's compiled files have in common: chunks, string pools and typed values.

Format: `ResourceTypes.h` of the Android Open Source Project, `ResChunk_header`, `ResStringPool_header`,
`Res_value`. All numbers are little-endian.
"""

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

STRING_POOL = 0x0001

_HEADER = struct.Struct("<HHI")
_POOL = struct.Struct("<5I")
_VALUE = struct.Struct("<HBBI")

_UTF8 = 0x100
_NO_STRING = 0xFFFFFFFF

MAX_DECODED = 32 * 1024 * 1024
"""Bytes of strings decoded from one pool; entries of a hostile pool may all overlap."""


class BadChunk(ValueError):
    """A compiled file that contradicts itself or asks for more than it may."""


class Kind(IntEnum):
    """The types of `Res_value` that are told apart here."""

    NULL = 0x00
    REFERENCE = 0x01
    ATTRIBUTE = 0x02
    STRING = 0x03
    FLOAT = 0x04
    DIMENSION = 0x05
    FRACTION = 0x06
    DYNAMIC_REFERENCE = 0x07
    DYNAMIC_ATTRIBUTE = 0x08
    INT_DEC = 0x10
    INT_HEX = 0x11
    INT_BOOLEAN = 0x12
    INT_COLOR_ARGB8 = 0x1C
    INT_COLOR_RGB8 = 0x1D
    INT_COLOR_ARGB4 = 0x1E
    INT_COLOR_RGB4 = 0x1F


class Value(NamedTuple):
    """A typed value; `data` is a number, an id or a string's place in the pool that goes with it."""

    kind: int
    data: int

    @property
    def reference(self) -> int | None:
        """The resource id this value points to; `None` for a plain value and for `@null`."""
        return self.data or None if self.kind in {Kind.REFERENCE, Kind.DYNAMIC_REFERENCE} else None

    @property
    def number(self) -> int | None:
        """The unsigned 32-bit number or truth value that this is."""
        return self.data if self.kind in {Kind.INT_DEC, Kind.INT_HEX, Kind.INT_BOOLEAN} else None


def read_value(data: bytes, at: int) -> Value:
    """Read a `Res_value`."""
    _, _, kind, number = _VALUE.unpack_from(data, at)
    return Value(kind, number)


class Chunk(NamedTuple):
    """A chunk's type and its places in the file: where it starts, where its content does, where it ends."""

    kind: int
    start: int
    body: int
    end: int


def chunk_at(data: bytes, at: int, end: int) -> Chunk | None:
    """Read a chunk's header; `None` where there is no room for one or its sizes make no sense.

    A chunk that claims to reach beyond `end` is cut there, as files with wrong sizes do install.
    """
    if at + _HEADER.size > end:
        return None
    kind, header, size = _HEADER.unpack_from(data, at)
    if size < _HEADER.size or header < _HEADER.size or header > size:
        return None
    return Chunk(kind, at, at + header, min(at + size, end))


def chunks(data: bytes, start: int, end: int) -> Iterator[Chunk]:
    """Walk over neighbouring chunks and stop at the first bytes that are none."""
    at = start
    while chunk := chunk_at(data, at, end):
        yield chunk
        at = chunk.end


class StringPool:
    """Strings by number, decoded when asked for: counts and offsets of strangers are never trusted."""

    def __init__(self, data: bytes, chunk: Chunk) -> None:
        self._data = data
        self._offsets = chunk.body
        self._end = chunk.end
        _, _, flags, strings_start, _ = _POOL.unpack_from(data, chunk.start + _HEADER.size)
        self._strings = chunk.start + strings_start
        self._utf8 = bool(flags & _UTF8)
        self._known: dict[int, str | None] = {_NO_STRING: None}
        self._decoded = 0

    def get(self, index: int) -> str | None:
        """Return a string; `None` where the pool has none of this number."""
        if index not in self._known:
            place = self._offsets + 4 * index
            if place + 4 > min(self._strings, self._end):
                return None
            (offset,) = struct.unpack_from("<I", self._data, place)
            start = self._strings + offset
            self._known[index] = self._decode(start) if start + 2 <= self._end else None
        return self._known[index]

    def find(self, text: str, limit: int) -> int | None:
        """Return the number of a string among the first `limit` ones."""
        return next((index for index in range(limit) if self.get(index) == text), None)

    def _decode(self, at: int) -> str:
        if self._utf8:
            _, at = self._length8(at)  # the length in UTF-16 units
            length, at = self._length8(at)
        else:
            length, at = self._length16(at)
        raw = self._data[at : min(at + length, self._end)]
        self._decoded += len(raw)
        if self._decoded > MAX_DECODED:
            raise BadChunk("the file's strings are too long")
        if self._utf8:
            return _text8(raw)
        return raw.decode("utf-16-le", "replace")

    def _length8(self, at: int) -> tuple[int, int]:
        first = self._data[at]
        if first & 0x80:
            return (first & 0x7F) << 8 | self._data[at + 1], at + 2
        return first, at + 1

    def _length16(self, at: int) -> tuple[int, int]:
        """Read a length in units of two bytes and give it in bytes."""
        (first,) = struct.unpack_from("<H", self._data, at)
        if first & 0x8000:
            (second,) = struct.unpack_from("<H", self._data, at + 2)
            return 2 * ((first & 0x7FFF) << 16 | second), at + 4
        return 2 * first, at + 2


def _text8(raw: bytes) -> str:
    """Decode UTF-8, also as Java modifies it: characters beyond U+FFFF as two surrogates of three bytes each."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace")
