"""Values in bundles: what an attribute or a resource says, and the configuration that it is said for.

Formats: `Item`, `Reference` and `Primitive` of `Resources.proto`, and `Configuration.proto`, both in the Android Open
Source Project (frameworks/base, tools/aapt2).
"""

from seatrial.parsers.chunks import Kind
from seatrial.parsers.drawables import Item
from seatrial.parsers.protobuf import FIXED32, VARINT, Field, Message, key
from seatrial.parsers.resource_config import Config

_REFERENCE, _PRIMITIVE = key(1), key(7)
_TEXTS = {key(2), key(3), key(4), key(5)}
"""Strings: plain, raw, styled, and the path of a file; the text is the first field of each."""

# `Primitive.oneof_value`; the numbers are already encoded as `Res_value` does it. Two have changed their field.
_NUMBERS = {
    key(3, FIXED32): Kind.FLOAT,
    key(13, VARINT): Kind.DIMENSION,
    key(14, VARINT): Kind.FRACTION,
    key(6, VARINT): Kind.INT_DEC,
    key(7, VARINT): Kind.INT_HEX,
    key(8, VARINT): Kind.INT_BOOLEAN,
    key(9, VARINT): Kind.INT_COLOR_ARGB8,
    key(10, VARINT): Kind.INT_COLOR_RGB8,
    key(11, VARINT): Kind.INT_COLOR_ARGB4,
    key(12, VARINT): Kind.INT_COLOR_RGB4,
}
_NOTHING = {key(1), key(2)}
"""`@null` and `@empty`, messages without content."""
_OLD_NUMBERS = {key(4, FIXED32): Kind.DIMENSION, key(5, FIXED32): Kind.FRACTION}

_LOCALE = key(3)
_UI_MODE_NIGHT, _DENSITY, _SDK = key(17, VARINT), key(18, VARINT), key(24, VARINT)
_NIGHT = 1

# Codes that ISO 639 gave up in 1989 and Android wrote long after; RFC 5646 (BCP 47) wants the new ones.
_RENAMED = {"iw": "he", "in": "id", "ji": "yi"}
_MAX_LOCALE = 100


def read_item(message: Message, limit: int) -> Item | None:
    """Read an `Item`, its text cut after `limit` bytes; `None` for an id and other kinds that say nothing here."""
    for part in message.fields():
        if part.key == _REFERENCE:
            return _reference(message.inner(part))
        if part.key in _TEXTS:
            return Item(Kind.STRING, 0, message.inner(part).text(1, limit) or "")
        if part.key == _PRIMITIVE:
            return _primitive(message.inner(part))
    return None


def reference_name(message: Message, limit: int) -> str | None:
    """Read the name in an `Item` that is a reference (`string/app_name`), for one that has no id."""
    reference = message.message(1)
    return None if reference is None else reference.text(3, limit)


def _reference(message: Message) -> Item:
    is_attribute = message.number(1) == 1
    return Item(Kind.ATTRIBUTE if is_attribute else Kind.REFERENCE, (message.number(2) or 0) & 0xFFFFFFFF)


def _primitive(message: Message) -> Item | None:
    for part in message.fields():
        if part.key in _NOTHING:
            return Item(Kind.NULL)
        kind = _NUMBERS.get(part.key)
        if kind is not None:
            return Item(kind, _bits(message, part) if part.key & 7 == FIXED32 else part.start & 0xFFFFFFFF)
        old = _OLD_NUMBERS.get(part.key)
        if old is not None:
            return Item(old, _bits(message, part))
    return None


def _bits(message: Message, part: Field) -> int:
    return int.from_bytes(message.data[part.start : part.end], "little")


def read_config(message: Message | None) -> Config:
    """Read a `Configuration`; one that is not there is the default."""
    locale, density, sdk, night, other = "", 0, 0, False, False
    for part in message.fields() if message is not None else ():
        if part.key == _LOCALE and message is not None:
            locale = _tag(message.content(part, _MAX_LOCALE))
        elif part.key == _DENSITY:
            density = part.start & 0xFFFF
        elif part.key == _SDK:
            sdk = part.start & 0xFFFF
        elif part.key == _UI_MODE_NIGHT:
            night = part.start == _NIGHT
        elif part.start:
            # Network codes, orientation, screen, keys, product ...; a field that is 0 says nothing.
            other = True
    return Config(locale, density, sdk, night, other)


def _tag(written: str) -> str:
    """Write a language tag as BCP 47 recommends; "" for what is none."""
    parts = written.replace("_", "-").split("-")
    if not all(part.isascii() and part.isalnum() for part in parts):
        return ""
    language = parts[0].lower()
    rest = [_subtag(part) for part in parts[1:]]
    return "-".join([_RENAMED.get(language, language), *rest])


def _subtag(part: str) -> str:
    """Scripts have four letters and are written like names, regions have two and are capitals."""
    if len(part) == 4 and part.isalpha():
        return part.title()
    return part.upper() if len(part) in {2, 3} else part.lower()
