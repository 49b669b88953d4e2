"""ASN.1 in its distinguished and basic encodings (ITU-T X.690), as far as certificates and CMS need it."""

from collections.abc import Iterator
from typing import NamedTuple

INTEGER = 0x02
OBJECT_IDENTIFIER = 0x06
SEQUENCE = 0x30
SET = 0x31

_MAX_DEPTH = 32
_MAX_IDENTIFIER = 64
_MAX_PARTS = 10_000


class DerError(ValueError):
    """Bytes that are not ASN.1, or another structure than the one expected."""


class Element(NamedTuple):
    """One element: its tag byte, what is inside, and all of its bytes."""

    tag: int
    content: bytes
    raw: bytes


def read(data: bytes, tag: int | None = None) -> Element:
    """Read the first element of `data` and ignore what follows; raise `DerError` where `tag` is another."""
    element = _read_at(data, 0, 0)
    if tag is not None and element.tag != tag:
        raise DerError(f"element 0x{element.tag:02x} where 0x{tag:02x} is expected")
    return element


def children(element: Element) -> Iterator[Element]:
    """Read the elements inside a constructed one, lazily."""
    position = 0
    while position < len(element.content):
        child = _read_at(element.content, position, 0)
        yield child
        position += len(child.raw)


def expect(elements: Iterator[Element], tag: int) -> Element:
    """Take the next element, which must have this tag."""
    element = next(elements, None)
    if element is None or element.tag != tag:
        raise DerError(f"no element 0x{tag:02x} where one is expected")
    return element


def _read_at(data: bytes, start: int, depth: int) -> Element:
    header = data[start : start + 2]
    if len(header) < 2:
        raise DerError("an element is cut off")
    tag, length = header
    if tag & 0x1F == 0x1F:
        raise DerError("a tag of several bytes")
    body = start + 2
    if length == 0x80:
        return _indefinite(data, start, depth)
    if length > 0x80:
        size = length & 0x7F
        if size > 8:
            raise DerError("a length beyond reason")
        length = int.from_bytes(data[body : body + size])
        body += size
    end = body + length
    if end > len(data):
        raise DerError("an element is longer than the bytes around it")
    return Element(tag, data[body:end], data[start:end])


def _indefinite(data: bytes, start: int, depth: int) -> Element:
    """Read a BER element that ends with two zero bytes instead of saying its length (X.690, 8.1.3.6)."""
    if depth >= _MAX_DEPTH:
        raise DerError("elements are nested too deep")
    position = start + 2
    parts = 0
    while data[position : position + 2] != b"\0\0":
        position += len(_read_at(data, position, depth + 1).raw)
        parts += 1
        if parts > _MAX_PARTS:
            raise DerError("an element with too many parts")
    return Element(data[start], data[start + 2 : position], data[start : position + 2])


def algorithm(element: Element) -> tuple[str, bytes]:
    """Read an AlgorithmIdentifier (RFC 5280, 4.1.1.2): its object identifier, and the DER of its parameters, if any."""
    parts = children(element)
    identifier = object_identifier(expect(parts, OBJECT_IDENTIFIER))
    parameters = next(parts, None)
    return identifier, parameters.raw if parameters else b""


def object_identifier(element: Element) -> str:
    """Write an object identifier with dots."""
    if element.tag != OBJECT_IDENTIFIER or not element.content:
        raise DerError("no object identifier where one is expected")
    if len(element.content) > _MAX_IDENTIFIER:
        raise DerError("an object identifier beyond reason")
    arcs: list[int] = []
    value = 0
    for byte in element.content:
        value = value << 7 | byte & 0x7F
        if value >> 128:
            raise DerError("an object identifier beyond reason")
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    if not arcs:
        raise DerError("an object identifier is cut off")
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))
