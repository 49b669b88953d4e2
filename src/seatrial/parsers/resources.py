"""Android's resource table (`resources.arsc`), read lazily: only what is asked for is looked at.

Format: `ResourceTypes.h` of the Android Open Source Project, `ResTable_*`, with sparse types, 16-bit offsets
and compact entries.
"""

import struct
from typing import NamedTuple

from seatrial.parsers.chunks import STRING_POOL, BadChunk, Chunk, Kind, StringPool, Value, chunks, read_value
from seatrial.parsers.resource_config import Config, read_config

MAX_CHUNKS = 200_000
MAX_REFERENCES = 20
"""Steps from one resource to the next, as many as the platform itself takes."""
MAX_LOOKS = 200_000
"""Types looked into for one file, all questions together."""

_PACKAGE = 0x0200
_TYPE = 0x0201

_TYPE_FIELDS = struct.Struct("<BBHII")  # ResTable_type after its chunk header
_ENTRY = struct.Struct("<HHI")  # ResTable_entry

_SPARSE = 0x01
_OFFSET16 = 0x02
_NO_ENTRY = 0xFFFFFFFF
_NO_ENTRY16 = 0xFFFF

_COMPLEX = 0x0001
_COMPACT = 0x0008


class Candidate(NamedTuple):
    """A resource's value in one configuration."""

    config: Config
    value: Value


class Table:
    """The resources of one file.

    Making one and asking it raise `BadChunk`, `struct.error` or `IndexError` for a broken table.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._strings: StringPool | None = None
        self._types: dict[int, list[Chunk]] = {}
        self._found: dict[int, list[Candidate]] = {}
        self._chunks = self._looks = 0
        _, header, _ = struct.unpack_from("<HHI", data)
        for chunk in chunks(data, header, len(data)):
            self._count_chunk()
            if chunk.kind == STRING_POOL and self._strings is None:
                self._strings = StringPool(data, chunk)
            elif chunk.kind == _PACKAGE:
                self._add_package(chunk)

    def candidates(self, resource: int) -> list[Candidate]:
        """Return a resource's values in all configurations; none where the table does not have it."""
        if resource not in self._found:
            found = self._found[resource] = []
            index = resource & 0xFFFF
            types = self._types.get(resource >> 16, [])
            self._looks += len(types) + 1
            if self._looks > MAX_LOOKS:
                raise BadChunk("its resources point at each other too often")
            for chunk in types:
                value = self._value(chunk, index)
                if value is not None:
                    found.append(Candidate(read_config(self._data, chunk.start + 20), value))
        return self._found[resource]

    def texts(self, resource: int) -> dict[str, str]:
        """Return a text in all its languages, by BCP 47 tag; the default language has the empty tag."""
        return self._texts(resource, 0, {})

    def text(self, resource: int) -> str | None:
        """Return a text in the default language, or in any other when there is no default one."""
        texts = self.texts(resource)
        return texts.get("", next(iter(texts.values()), None))

    def number(self, resource: int) -> int | None:
        """Return a number or truth value (0 or not) in the default configuration."""
        for _ in range(MAX_REFERENCES):
            candidates = sorted(self.candidates(resource), key=_distance)
            if not candidates:
                return None
            value = candidates[0].value
            if value.reference is None:
                return value.number
            resource = value.reference
        return None

    def files(self, resource: int) -> list[tuple[Config, str]]:
        """Return the files that a resource stands for, in all configurations, through references."""
        found: dict[str, Config] = {}
        seen: set[int] = set()
        waiting = [resource]
        while waiting and len(seen) < MAX_REFERENCES:
            current = waiting.pop(0)
            if current in seen:
                continue
            seen.add(current)
            for config, value in self.candidates(current):
                path = self.string(value)
                if path is not None:
                    found.setdefault(path, config)
                elif value.reference is not None:
                    waiting.append(value.reference)
        return [(config, path) for path, config in found.items()]

    def string(self, value: Value) -> str | None:
        """Return the text of a string value of this table."""
        if value.kind != Kind.STRING or self._strings is None:
            return None
        return self._strings.get(value.data)

    def _texts(self, resource: int, steps: int, known: dict[int, dict[str, str]]) -> dict[str, str]:
        if resource in known or steps > MAX_REFERENCES:
            return known.get(resource, {})
        texts = known[resource] = {}
        inherited: dict[str, str] = {}
        for config, value in sorted(self.candidates(resource), key=_distance):
            if value.reference is not None:
                others = self._texts(value.reference, steps + 1, known)
                here = others.get(config.locale, others.get("")) if config.locale else others.get("")
                if not config.locale:
                    inherited = inherited or others
            else:
                here = self.string(value)
            if here is not None:
                texts.setdefault(config.locale, here)
        for locale, text in inherited.items():
            texts.setdefault(locale, text)
        return texts

    def _count_chunk(self) -> None:
        self._chunks += 1
        if self._chunks > MAX_CHUNKS:
            raise BadChunk("it has too many parts")

    def _add_package(self, package: Chunk) -> None:
        """Note where the package's types are; nothing of them is read yet."""
        (package_id,) = struct.unpack_from("<I", self._data, package.start + 8)
        for chunk in chunks(self._data, package.body, package.end):
            self._count_chunk()
            if chunk.kind == _TYPE and chunk.end > chunk.start + 8:
                type_id = self._data[chunk.start + 8]
                self._types.setdefault(package_id << 8 | type_id, []).append(chunk)

    def _value(self, chunk: Chunk, index: int) -> Value | None:
        _, flags, _, count, entries = _TYPE_FIELDS.unpack_from(self._data, chunk.start + 8)
        offset = self._offset(chunk, flags, count, index)
        if offset is None:
            return None
        at = chunk.start + entries + offset
        size, entry_flags, data = _ENTRY.unpack_from(self._data, at)
        if entry_flags & _COMPACT:
            return Value(entry_flags >> 8, data)
        return None if entry_flags & _COMPLEX else read_value(self._data, at + size)

    def _offset(self, chunk: Chunk, flags: int, count: int, index: int) -> int | None:
        """Find an entry's place behind the start of its type's entries."""
        if flags & _SPARSE:
            return self._sparse_offset(chunk, count, index)
        if index >= count:
            return None
        if flags & _OFFSET16:
            (short,) = struct.unpack_from("<H", self._data, chunk.body + 2 * index)
            return None if short == _NO_ENTRY16 else 4 * int(short)
        (offset,) = struct.unpack_from("<I", self._data, chunk.body + 4 * index)
        return None if offset == _NO_ENTRY else int(offset)

    def _sparse_offset(self, chunk: Chunk, count: int, index: int) -> int | None:
        low, high = 0, min(count, (chunk.end - chunk.body) // 4)
        while low < high:
            middle = (low + high) // 2
            key, offset = struct.unpack_from("<HH", self._data, chunk.body + 4 * middle)
            if key == index:
                return 4 * int(offset)
            low, high = (middle + 1, high) if key < index else (low, middle)
        return None


def _distance(candidate: Candidate) -> tuple[bool, bool, bool, int]:
    """Sort the most general configuration first; the order of the file decides between equals."""
    config = candidate.config
    return bool(config.locale), config.other, config.night, config.sdk
