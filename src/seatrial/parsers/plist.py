"""Property lists from strangers: XML, binary and the old text form, copied within limits.

XML (Apple's PropertyList-1.0 DTD) is read as a stream, and nothing is built that is not kept; documents that declare
entities are refused. So is the binary form (CFBinaryPList.c of Apple's CF), value by value and only as far as the
limits go: its objects refer to each other by number, so that a small file can describe cycles and arrays of arrays far
larger than itself.
"""

import binascii
import math
import re
import struct
from collections import deque
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from xml.parsers import expat

from seatrial.parsers.limits import current

PlistValue: TypeAlias = str | int | float | bool | datetime | bytes | list["PlistValue"] | dict[str, "PlistValue"]

MAX_STRINGS = 1 << 20
"""Bytes read of a `.strings` file in the old form."""
MAX_DEPTH = 8
MAX_NODES = 2_000
MAX_KEYS = 10_000
"""Keys looked at in one dictionary of the binary form, wanted or not."""
MAX_TEXT = 1_000
"""Characters kept of one string or key."""
MAX_ELEMENTS = 500_000
"""Elements of an XML document, kept or not, that are looked at before it counts as unreadable."""
MAX_NESTING = 1_000
MAX_DATA = 64 << 10
"""Bytes of the largest data value that is kept; a longer one is left out, for half of it means nothing."""
_MAX_INT = 1 << 63

_EPOCH = datetime(2001, 1, 1, tzinfo=UTC)


class PlistUnreadable(Exception):
    """Bytes that are no property list, or whose top is no dictionary."""


def read_plist(data: bytes, wanted: Collection[str] | None = None) -> dict[str, PlistValue]:
    """Read a property list whose top is a dictionary; keep the keys in `wanted` (all, when `None`).

    What lies beyond the limits is left out or cut, so that a cyclic list ends too. Dates are UTC.
    """
    if len(data) > current().plist_bytes:
        raise PlistUnreadable(f"the property list has more than {current().plist_bytes >> 20} MiB")
    if data.startswith(b"bplist"):
        return _Binary(data).top(wanted)
    return _Xml(wanted).read(data)


def text(value: PlistValue | None) -> str | None:
    """Give a string or number as text, and nothing for everything else or for blanks."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None


def texts(value: PlistValue | None) -> tuple[str, ...]:
    """Give the strings and numbers of an array, or a single one, as text."""
    values = value if isinstance(value, list) else [value] if value is not None else []
    return tuple(found for v in values if (found := text(v)) is not None)


def table(value: PlistValue | None) -> dict[str, PlistValue]:
    """Give a dictionary, or an empty one for everything else."""
    return value if isinstance(value, dict) else {}


def plain(values: dict[str, PlistValue]) -> dict[str, object]:
    """Keep what JSON can say: dates become text (ISO 8601), bytes are left out."""
    return {key: kept for key, value in values.items() if (kept := _plain(value)) is not None}


def _plain(value: PlistValue) -> object:
    if isinstance(value, dict):
        return plain(value)
    if isinstance(value, list):
        return [kept for each in value if (kept := _plain(each)) is not None]
    if isinstance(value, datetime):
        return value.isoformat()
    return None if isinstance(value, bytes) else value


def read_strings(data: bytes) -> dict[str, PlistValue]:
    """Read a `.strings` file: a property list, or the old form `"key" = "value";` with comments."""
    if data.startswith(b"bplist") or b"<plist" in data[:2_000]:
        return read_plist(data)
    pairs: dict[str, PlistValue] = {}
    last: deque[tuple[bool, str]] = deque(maxlen=3)
    for found in _TOKEN.finditer(_decoded(data[:MAX_STRINGS])):
        if found[0] == ";" and len(pairs) < MAX_NODES:
            match [*last]:
                case [(True, key), (_, "="), (True, value)]:
                    pairs[_without_nul(_unescaped(key)[:MAX_TEXT])] = _without_nul(_unescaped(value)[:MAX_TEXT])
            last.clear()
        elif found.lastgroup != "comment":
            last.append((found.lastgroup == "word", found[0]))
    return pairs


# What is not closed goes on to the end, so that each character is looked at once.
_TOKEN = re.compile(
    r'(?P<word>"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\w.\-]++)|(?P<comment>/\*.*?(?:\*/|\Z)|//[^\n]*)|[^\s\w]', re.DOTALL
)
_ESCAPE = re.compile(r"\\(?:[Uu]([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def _decoded(data: bytes) -> str:
    for encoding in ("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig", "utf-16-be"):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    return data.decode("latin-1")


def _unescaped(source: str) -> str:
    if not source.startswith('"'):
        return source
    plain = _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else _ESCAPES.get(m[2], m[2]), source[1:-1])
    # Escaped surrogate pairs become the character that they stand for; lone halves cannot be shown.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


_DATE = re.compile(r"\s*(\d{4})-(\d\d)-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d))?)?)?Z?\s*")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")


def _of_text(kind: str, source: str) -> PlistValue | None:
    """Read what stands in an element; what cannot be read is left out."""
    kept: PlistValue | None = None
    try:
        if kind == "string":
            kept = source[:MAX_TEXT]
        elif kind == "integer":
            kept = _scalar(int(source, 16 if source.strip().lower().startswith("0x") else 10))
        elif kind == "real":
            kept = _scalar(float(source))
        elif kind == "date":
            found = _DATE.fullmatch(source)
            kept = datetime(*(int(part or 0) for part in found.groups()), tzinfo=UTC) if found else None  # type: ignore[arg-type, misc]  # six numbers
        elif kind == "data":
            kept = _data(source)
        else:
            kept = kind == "true"
    except ValueError:
        pass
    return kept


def _data(source: str) -> bytes | None:
    """Decode base64 as Apple's tools take it: with anything in between, and without its padding."""
    packed = _NOT_BASE64.sub("", source)
    if len(packed) % 4 == 1:
        packed = packed[:-1]
    found = binascii.a2b_base64(packed + "=" * (-len(packed) % 4))
    return found if len(found) <= MAX_DATA else None


class _Xml:
    """An XML property list, read from its start to its end; what lies beyond the limits is passed over."""

    def __init__(self, wanted: Collection[str] | None) -> None:
        self._wanted = wanted
        self._top: dict[str, PlistValue] | None = None
        self._open: list[dict[str, PlistValue] | list[PlistValue]] = []
        self._keys: list[str | None] = []
        self._scalar: str | None = None
        self._text: list[str] = []
        self._length = self._passed_over = self._nodes = self._elements = 0

    def read(self, data: bytes) -> dict[str, PlistValue]:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.EntityDeclHandler = self._entity
        try:
            parser.Parse(data, True)
        except (expat.ExpatError, ValueError, LookupError):
            raise PlistUnreadable("it is not a well-formed property list, or declares entities") from None
        if self._top is None:
            raise PlistUnreadable("the property list is not a dictionary")
        return self._top

    @staticmethod
    def _entity(*_: object) -> None:
        raise PlistUnreadable("it declares entities, which property lists do not have")

    def _start(self, name: str, _: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise PlistUnreadable(f"it has more than {MAX_ELEMENTS:,} elements")
        if self._passed_over:
            self._passed_over += 1
            if self._passed_over > MAX_NESTING:
                raise PlistUnreadable("its values are nested too deep")
        elif name in _SCALARS and self._scalar is None:
            self._scalar, self._length = name, 0
            self._text.clear()
            if name != "key" and not self._is_kept():
                self._scalar, self._passed_over = None, 1
        elif name in {"dict", "array"} and self._scalar is None:
            if not self._is_kept():
                self._passed_over = 1
                return
            self._open.append({} if name == "dict" else [])
            self._keys.append(None)
        elif name != "plist" or self._open:
            raise PlistUnreadable("it has elements that property lists do not have")

    def _is_kept(self) -> bool:
        """Whether the value that starts here is wanted and within the limits."""
        if not self._open:
            if self._top is not None:
                raise PlistUnreadable("it holds more than one value")
            return True
        if isinstance(self._open[-1], dict):
            key = self._keys[-1]
            if key is None:
                raise PlistUnreadable("a value in it has no key")
            if len(self._open) == 1 and self._wanted is not None and key not in self._wanted:
                return False
        self._nodes += 1
        return len(self._open) < MAX_DEPTH and self._nodes < MAX_NODES

    def _characters(self, part: str) -> None:
        if self._scalar is not None and self._length <= 2 * MAX_DATA:
            self._text.append(part)
            self._length += len(part)

    def _end(self, name: str) -> None:
        if self._passed_over:
            self._passed_over -= 1
            if not self._passed_over and self._keys:
                self._keys[-1] = None
        elif name == "key":
            if not self._open or not isinstance(self._open[-1], dict):
                raise PlistUnreadable("a key in it is outside of a dictionary")
            self._keys[-1] = "".join(self._text)[:MAX_TEXT]
            self._scalar = None
        elif name in _SCALARS:
            self._scalar = None
            self._add(_of_text(name, "".join(self._text)))
        elif name != "plist":
            self._keys.pop()
            self._add(self._open.pop())

    def _add(self, value: PlistValue | None) -> None:
        if not self._open:
            if not isinstance(value, dict):
                raise PlistUnreadable("the property list is not a dictionary")
            self._top = value
            return
        holder, key = self._open[-1], self._keys[-1]
        if value is not None and isinstance(holder, list):
            holder.append(value)
        elif value is not None and isinstance(holder, dict) and key is not None:
            holder[key] = value
        self._keys[-1] = None


_SCALARS = {"key", "string", "integer", "real", "date", "data", "true", "false"}


def _scalar(value: object) -> PlistValue | None:
    kept: PlistValue | None = None
    match value:
        case str():
            kept = value[:MAX_TEXT]
        case bool():
            kept = value
        case int() if -_MAX_INT <= value < 2 * _MAX_INT:
            kept = value
        case float() if math.isfinite(value):
            kept = value
        case _:
            pass
    return kept


def _without_nul(source: str) -> str:
    """Replace the one character that databases do not store."""
    return source.replace("\0", "�")


class _Binary:
    """A binary property list, read from its top down; nothing is built that is not kept.

    Layout: `bplist00`, objects, a table of their offsets, and a trailer of 32 bytes that tells the widths of
    offsets and object numbers, the number of objects, the top object, and where the table is.
    """

    def __init__(self, data: bytes) -> None:
        if len(data) < 40:
            raise PlistUnreadable("the property list is cut short")
        self._data = data
        self._offset_size, self._ref_size, self._count, self._top, self._table = struct.unpack(">6xBBQQQ", data[-32:])
        if not (1 <= self._offset_size <= 8 and 1 <= self._ref_size <= 8):
            raise PlistUnreadable("the property list has a damaged trailer")
        self._nodes = 0

    def top(self, wanted: Collection[str] | None) -> dict[str, PlistValue]:
        """Read the top dictionary, or those of its keys that are wanted."""
        kind, count, at = self._head(self._top)
        if kind != 0xD:
            raise PlistUnreadable("the property list is not a dictionary")
        return self._dictionary(count, at, 1, wanted)

    def _value(self, number: int, depth: int) -> PlistValue | None:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            return None
        kind, count, at = self._head(number)
        if kind == 0xD:
            return self._dictionary(count, at, depth, None)
        if kind in {0xA, 0xB, 0xC}:  # array, ordered set, set
            values: list[PlistValue] = []
            for index in range(count):
                if self._nodes > MAX_NODES:
                    break
                value = self._value(self._ref(at, index), depth + 1)
                if value is not None:
                    values.append(value)
            return values
        return self._plain(kind, count, at)

    def _dictionary(self, count: int, at: int, depth: int, wanted: Collection[str] | None) -> dict[str, PlistValue]:
        pairs: dict[str, PlistValue] = {}
        for index in range(min(count, MAX_KEYS)):
            if self._nodes > MAX_NODES:
                break
            key_kind, key_count, key_at = self._head(self._ref(at, index))
            key = self._plain(key_kind, key_count, key_at)
            if not isinstance(key, str) or (wanted is not None and key not in wanted):
                continue
            value = self._value(self._ref(at, count + index), depth + 1)
            if value is not None:
                pairs[key] = value
        return pairs

    def _plain(self, kind: int, count: int, at: int) -> PlistValue | None:
        kept: PlistValue | None = None
        match kind:
            case 0x0:
                kept = {8: False, 9: True}.get(count)
            case 0x1:  # 1, 2 and 4 bytes are unsigned, 8 and 16 signed
                kept = _scalar(int.from_bytes(self._bytes(at, 1 << count), "big", signed=count >= 3))
            case 0x2 | 0x3:
                kept = self._real(kind, count, at)
            case 0x4 if count <= MAX_DATA:
                kept = self._bytes(at, count)
            case 0x5 | 0x7:  # ASCII; UTF-8 in newer writers
                kept = _without_nul(self._bytes(at, min(count, 4 * MAX_TEXT)).decode("utf-8", "replace")[:MAX_TEXT])
            case 0x6:
                kept = _without_nul(self._bytes(at, 2 * min(count, MAX_TEXT)).decode("utf-16-be", "replace"))
            case _:
                pass
        return kept

    def _real(self, kind: int, count: int, at: int) -> PlistValue | None:
        if count not in {2, 3}:
            raise PlistUnreadable("the property list holds a number of an unknown width")
        (real,) = struct.unpack(">f" if count == 2 else ">d", self._bytes(at, 1 << count))
        if kind == 0x2 or not math.isfinite(real):
            return _scalar(real)
        try:
            return _EPOCH + timedelta(seconds=real)
        except OverflowError:
            return None

    def _head(self, number: int) -> tuple[int, int, int]:
        """Give an object's kind, its count (of bytes, characters or members), and where its content starts."""
        if number >= self._count:
            raise PlistUnreadable("the property list refers to an object that it does not have")
        at = int.from_bytes(self._bytes(self._table + number * self._offset_size, self._offset_size), "big")
        marker = self._bytes(at, 1)[0]
        kind, count = marker >> 4, marker & 0xF
        at += 1
        if count == 0xF and kind >= 0x4:
            width = 1 << (self._bytes(at, 1)[0] & 0x3)
            count = int.from_bytes(self._bytes(at + 1, width), "big")
            at += 1 + width
        return kind, count, at

    def _ref(self, at: int, index: int) -> int:
        return int.from_bytes(self._bytes(at + index * self._ref_size, self._ref_size), "big")

    def _bytes(self, at: int, length: int) -> bytes:
        found = self._data[at : at + length]
        if len(found) < length:
            raise PlistUnreadable("the property list is damaged: a value lies outside of it")
        return found
