"""The two headers of an rpm: tags with typed values, the first with signatures, the second about the package.

Format: rpm's "Package format V3/V4" (docs/manual/format.md): lead of 96 bytes, then header structures, each of 16
bytes of introduction, an index of 16 bytes per tag and a store; the signature header is padded to 8 bytes.
"""

import struct
from typing import BinaryIO, NamedTuple

from seatrial.parsers import limits
from seatrial.parsers.archive import corrupt

LEAD = 96
_MAGIC = b"\x8e\xad\xe8\x01"
_INTRODUCTION = struct.Struct(">4s4x2L")
_ENTRY = struct.Struct(">4L")
_INT16, _INT32, _STRING, _BINARY, _STRINGS, _TRANSLATED = 3, 4, 6, 7, 8, 9
MAX_TAGS = 10_000
"""rpm itself takes 65,535; packages have some hundred."""
MAX_VALUES = 200_000
"""Values of one tag, such as the names of all files."""


class _Tag(NamedTuple):
    kind: int
    offset: int
    values: int


class Header:
    """The tags of one header; what is not there, or of another type than it should have, is `None` or empty."""

    def __init__(self, tags: dict[int, _Tag], store: bytes) -> None:
        self._tags = tags
        self._store = store

    def __contains__(self, tag: int) -> bool:
        return tag in self._tags

    def text(self, tag: int) -> bytes | None:
        """Give a string; of a translated one the first, which is the untranslated."""
        found = self._tags.get(tag)
        if found is None or found.kind not in {_STRING, _STRINGS, _TRANSLATED}:
            return None
        end = self._store.find(b"\0", found.offset)
        return self._store[found.offset : end] if end >= 0 else None

    def texts(self, tag: int) -> list[bytes]:
        """Give a list of strings."""
        found = self._tags.get(tag)
        if found is None or found.kind not in {_STRING, _STRINGS, _TRANSLATED}:
            return []
        return self._store[found.offset :].split(b"\0", min(found.values, MAX_VALUES))[: min(found.values, MAX_VALUES)]

    def binary(self, tag: int) -> bytes | None:
        """Give bytes."""
        found = self._tags.get(tag)
        return self._store[found.offset : found.offset + found.values] if found and found.kind == _BINARY else None

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Give a list of 16- or 32-bit numbers."""
        found = self._tags.get(tag)
        if found is None or found.kind not in {_INT16, _INT32}:
            return ()
        size, letter = (2, "H") if found.kind == _INT16 else (4, "L")
        count = min(found.values, MAX_VALUES, (len(self._store) - found.offset) // size)
        return struct.unpack_from(f">{count}{letter}", self._store, found.offset)


def read_header(file: BinaryIO, offset: int) -> tuple[Header, int]:
    """Read the header at an offset; give it with the offset behind it. Raise `BuildFileInvalid` for damage."""
    file.seek(offset)
    start = file.read(_INTRODUCTION.size)
    if len(start) < _INTRODUCTION.size or not start.startswith(_MAGIC):
        raise corrupt("The package has no header where one should be: it is damaged or incomplete. Upload it again.")
    _, count, size = _INTRODUCTION.unpack(start)
    most = limits.current().manifest_bytes
    if count > MAX_TAGS or size > most:
        raise corrupt(f"The package's header says that it has {count:,} tags in {size:,} bytes; it is refused.")
    data = file.read(count * _ENTRY.size + size)
    if len(data) < count * _ENTRY.size + size:
        raise corrupt("The file ends inside the package's header; upload it again.")
    store = data[count * _ENTRY.size :]
    tags: dict[int, _Tag] = {}
    for at in range(0, count * _ENTRY.size, _ENTRY.size):
        tag, kind, place, number = _ENTRY.unpack_from(data, at)
        if place <= size:
            tags.setdefault(tag, _Tag(kind, place, number))
    return Header(tags, store), offset + _INTRODUCTION.size + len(data)
