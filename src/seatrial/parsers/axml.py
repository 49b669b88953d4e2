"""Android's binary XML: manifests and drawables as `aapt2` compiles them.

Format: `ResourceTypes.h` of the Android Open Source Project, `ResXMLTree_*`. Read as the platform reads it,
not as the tools write it: the magic number and unknown chunks do not matter, sizes that reach too far are
cut, and an attribute is known by its resource id, whatever its name says.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from seatrial.parsers.android_xml import Tree
from seatrial.parsers.chunks import (
    STRING_POOL,
    BadChunk,
    Chunk,
    Kind,
    StringPool,
    Value,
    chunk_at,
    chunks,
    read_value,
)

MAX_ELEMENTS = 100_000
MAX_DEPTH = 256
MAX_ATTRIBUTES = 200_000

_RESOURCE_MAP = 0x0180
_START_ELEMENT = 0x0102
_END_ELEMENT = 0x0103
_NODES = range(0x0100, 0x0180)

_EXTENDED = struct.Struct("<II3H")  # ResXMLTree_attrExt up to attributeCount
_ATTRIBUTE = struct.Struct("<III")  # ResXMLTree_attribute up to typedValue
_ATTRIBUTE_SIZE = 20


class Attribute(NamedTuple):
    """An attribute: resource id (0 for one without), the number of its name, value, number of its raw text."""

    resource: int
    name: int
    value: Value
    raw: int


@dataclass(slots=True, eq=False)
class Element(Tree):
    """An element of the document with its attributes and children."""

    tag: str
    attributes: list[Attribute]
    pool: StringPool
    children: list["Element"] = field(default_factory=list)

    def value(self, resource: int) -> "Typed | None":
        """Return an attribute of the `android` namespace by its resource id."""
        for attribute in self.attributes:
            if attribute.resource == resource:
                return Typed(attribute.value, self._text(attribute))
        return None

    def plain(self, name: str) -> "Typed | None":
        """Return an attribute without a resource id by its name."""
        for attribute in self.attributes:
            if not attribute.resource and self.pool.get(attribute.name) == name:
                return Typed(attribute.value, self._text(attribute))
        return None

    def typed(self) -> Iterator[tuple[Attribute, "Typed"]]:
        """Give all attributes with their values."""
        return ((attribute, Typed(attribute.value, self._text(attribute))) for attribute in self.attributes)

    def _text(self, attribute: Attribute) -> str | None:
        if attribute.value.kind == Kind.STRING:
            return self.pool.get(attribute.value.data)
        return self.pool.get(attribute.raw)


class Typed(NamedTuple):
    """A value with its text, where it has one."""

    value: Value
    text: str | None


def parse(data: bytes) -> Element:
    """Read a document and return its root; raise `BadChunk`, `struct.error` or `IndexError` where there is none."""
    _, header, size = struct.unpack_from("<HHI", data)
    end = size if header <= size <= len(data) else len(data)
    return _Reader(data).read(header, end)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.pool: StringPool | None = None
        self.resources: tuple[int, ...] = ()
        self.elements = 0
        self.attributes = 0

    def read(self, start: int, end: int) -> Element:
        root: Element | None = None
        open_elements: list[Element] = []
        for chunk in chunks(self.data, self._first(start, end), end):
            if chunk.kind == _START_ELEMENT:
                element = self._element(chunk)
                if open_elements:
                    open_elements[-1].children.append(element)
                elif root is None:
                    root = element
                open_elements.append(element)
                if len(open_elements) > MAX_DEPTH:
                    raise BadChunk("elements are nested too deep")
            elif chunk.kind == _END_ELEMENT and open_elements:
                open_elements.pop()
            elif root is None:
                self._preamble(chunk)
        if root is None:
            raise BadChunk("there is no XML element in it")
        return root

    def _first(self, start: int, end: int) -> int:
        """Find the first chunk; a header that lies about its own size hides where that is."""
        for at in (start, 8):
            chunk = chunk_at(self.data, at, end)
            if chunk and (chunk.kind in {STRING_POOL, _RESOURCE_MAP} or chunk.kind in _NODES):
                return at
        return start

    def _preamble(self, chunk: Chunk) -> None:
        """Keep what the elements will need; the last one of each kind counts."""
        if chunk.kind == STRING_POOL:
            self.pool = StringPool(self.data, chunk)
        elif chunk.kind == _RESOURCE_MAP:
            count = (chunk.end - chunk.body) // 4
            self.resources = struct.unpack_from(f"<{count}I", self.data, chunk.body)

    def _element(self, chunk: Chunk) -> Element:
        if self.pool is None:
            raise BadChunk("there are no strings in it")
        _, name, start, size, count = _EXTENDED.unpack_from(self.data, chunk.body)
        self.elements += 1
        self.attributes += count
        if self.elements > MAX_ELEMENTS or self.attributes > MAX_ATTRIBUTES:
            raise BadChunk("there are too many elements in it")
        step = max(size, _ATTRIBUTE_SIZE)
        first = chunk.body + start
        fitting = min(count, max(0, chunk.end - first) // step)
        attributes = [self._attribute(first + index * step) for index in range(fitting)]
        return Element(self.pool.get(name) or "", attributes, self.pool)

    def _attribute(self, at: int) -> Attribute:
        _, name, raw = _ATTRIBUTE.unpack_from(self.data, at)
        resource = self.resources[name] if name < len(self.resources) else 0
        return Attribute(resource, name, read_value(self.data, at + _ATTRIBUTE.size), raw)
