"""The version resource of Windows programs: names and versions, in several languages.

Source: Microsoft, "VS_VERSIONINFO structure" and those that it points to. Every structure in it is a length, the
length of its value, a type, a UTF-16 key, padding to 4 bytes, the value, padding, and then its children.
"""

import locale
import struct
from collections.abc import Iterator
from typing import NamedTuple

from seatrial.parsers.pe import PeDamaged
from seatrial.parsers.texts import MAX_TEXT, told

MAX_BYTES = 256 << 10
MAX_LANGUAGES = 200
_MOST_ENTRIES = 1000
_FIXED_MAGIC = 0xFEEF04BD


class VersionInfo(NamedTuple):
    """What a version resource says; languages are Windows LCIDs, the first one is the program's default."""

    fixed_file_version: str | None
    fixed_product_version: str | None
    tables: dict[int, dict[str, str]]


class _Node(NamedTuple):
    key: str
    value: bytes
    inner: bytes


def read_version(data: bytes) -> VersionInfo:
    """Read one version resource; what is damaged in it is left out, and a wholly damaged one says nothing."""
    tables: dict[int, dict[str, str]] = {}
    fixed: tuple[str | None, str | None] = (None, None)
    for root in _nodes(data):
        fixed = _fixed(root.value)
        for part in _nodes(root.inner):
            if part.key == "StringFileInfo":
                for table in _nodes(part.inner):
                    if len(tables) < MAX_LANGUAGES:
                        texts = {each.key: _text(each.value) for each in _nodes(table.inner)}
                        tables.setdefault(_language(table.key), {key: text for key, text in texts.items() if text})
        break
    return VersionInfo(*fixed, tables)


def language_tag(language: int) -> str | None:
    """Write a Windows LCID as BCP 47 tag; `None` for the neutral one and for those that nobody knows."""
    name = locale.windows_locale.get(language)
    return name.replace("_", "-") if name else None


def _nodes(data: bytes) -> Iterator[_Node]:
    """Read the structures that follow each other in `data`, until one of them is none."""
    at = 0
    for _ in range(_MOST_ENTRIES):
        try:
            length, value_length, kind = struct.unpack_from("<3H", data, at)
            end_of_key = _end_of_text(data, at + 6)
        except PeDamaged:
            return
        if length < 6 or end_of_key > at + length:
            return
        key = data[at + 6 : end_of_key].decode("utf-16-le", "replace")
        start = _aligned(end_of_key + 2)
        size = value_length * 2 if kind == 1 else value_length
        # Some writers count the value of a text in bytes, not in characters; its zero ends it in both cases.
        end = min(start + size, at + length)
        yield _Node(key, data[start:end], data[_aligned(end) : at + length])
        at = _aligned(at + length)


def _end_of_text(data: bytes, start: int) -> int:
    at = start
    while True:
        at = data.index(b"\0\0", at)
        if (at - start) % 2 == 0:
            return at
        at += 1


def _aligned(at: int) -> int:
    return (at + 3) & ~3


def _text(value: bytes) -> str:
    text = value[: 2 * MAX_TEXT].decode("utf-16-le", "replace")
    return told(text.split("\0", 1)[0]) or ""


def _language(key: str) -> int:
    try:
        return int(key[:4], 16)
    except ValueError:
        return 0


def _fixed(value: bytes) -> tuple[str | None, str | None]:
    """Read file and product version of a VS_FIXEDFILEINFO."""
    if len(value) < 24 or int.from_bytes(value[:4], "little") != _FIXED_MAGIC:
        return None, None
    low_high = struct.unpack_from("<8H", value, 8)
    file, product = low_high[:4], low_high[4:]
    return _dotted(file), _dotted(product) if any(product) else None


def _dotted(words: tuple[int, ...]) -> str:
    return f"{words[1]}.{words[0]}.{words[3]}.{words[2]}"
