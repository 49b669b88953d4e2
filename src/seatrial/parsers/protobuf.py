"""The wire form of protocol buffers: fields found where they lie, nothing decoded before it is asked for.

Format: protobuf.dev, "Encoding". A message is walked over inside the bytes of its file, so that nested messages cost
no copies. A field is known by its whole key, number and wire type together: one that comes with the wrong wire type is
an unknown field and is skipped, as the format wants it.
"""

from collections.abc import Iterator
from typing import NamedTuple

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
"""Wire types; groups (3, 4) have been given up and are refused."""

_VARINT_BITS = 64


class BadMessage(ValueError):
    """Bytes that are no protocol buffer, or more of them than may be looked at."""


class Field(NamedTuple):
    """A field: its key, and where its content lies in the file.

    Of a varint `start` is the number itself.
    """

    key: int
    start: int
    end: int


def key(number: int, wire_type: int = LENGTH) -> int:
    """Make the key of a field, as it stands in front of its content."""
    return number << 3 | wire_type


class Message:
    """A message inside the bytes of a file, walked over anew at each question.

    All methods raise `BadMessage` where the bytes are broken. `budget` is shared by all messages of one file and bounds
    the fields that are looked at, all questions together.
    """

    __slots__ = ("_budget", "data", "end", "start")

    def __init__(self, data: bytes, budget: "Budget", start: int = 0, end: int | None = None) -> None:
        self.data = data
        self.start = start
        self.end = len(data) if end is None else end
        self._budget = budget

    def fields(self) -> Iterator[Field]:
        """Walk over the fields in the order of the file."""
        data, at, end, budget = self.data, self.start, self.end, self._budget
        while at < end:
            budget.left -= 1
            if budget.left < 0:
                raise BadMessage("it has too many parts")
            found = data[at]
            at += 1
            if found > 0x7F:
                found, at = _varint(data, at - 1, end)
            wire = found & 7
            if wire == VARINT:
                number, at = _varint(data, at, end)
                yield Field(found, number, at)
                continue
            if wire == LENGTH:
                length, at = _varint(data, at, end)
            elif wire == FIXED32:
                length = 4
            elif wire == FIXED64:
                length = 8
            else:
                raise BadMessage(f"a field has the unknown wire type {wire}")
            if length > end - at:
                raise BadMessage("a part reaches beyond what holds it")
            yield Field(found, at, at + length)
            at += length

    def inner(self, field: Field) -> "Message":
        """Take the content of a field as a message of its own."""
        return Message(self.data, self._budget, field.start, field.end)

    def messages(self, number: int) -> Iterator["Message"]:
        """Find all messages of a repeated field."""
        wanted = key(number)
        return (self.inner(field) for field in self.fields() if field.key == wanted)

    def message(self, number: int) -> "Message | None":
        """Find a message; the last one counts. (Writers never split one, so that parts are not merged.)"""
        found = self._last(key(number))
        return None if found is None else self.inner(found)

    def text(self, number: int, limit: int) -> str | None:
        """Read a string of at most `limit` bytes; the rest is cut off, and so are bytes that are no UTF-8."""
        found = self._last(key(number))
        return (
            None
            if found is None
            else self.data[found.start : min(found.end, found.start + limit)].decode("utf-8", "replace")
        )

    def number(self, number: int) -> int | None:
        """Read a varint: an unsigned number of up to 64 bits, as which a negative one stands."""
        found = self._last(key(number, VARINT))
        return None if found is None else found.start

    def content(self, field: Field, limit: int) -> str:
        """Decode a field as a string, cut after `limit` bytes."""
        return self.data[field.start : min(field.end, field.start + limit)].decode("utf-8", "replace")

    def _last(self, wanted: int) -> Field | None:
        found = None
        for field in self.fields():
            if field.key == wanted:
                found = field
        return found


class Budget:
    """How many fields may still be looked at in a file."""

    __slots__ = ("left",)

    def __init__(self, fields: int) -> None:
        self.left = fields


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Read a number of seven bits a byte, and tell where it ends."""
    number = shift = 0
    while at < end:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number & 0xFFFFFFFFFFFFFFFF, at
        shift += 7
        if shift >= _VARINT_BITS + 6:
            break
    raise BadMessage("a number in it is too long or cut off")
