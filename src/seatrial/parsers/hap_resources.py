"""HarmonyOS resource tables (`resources.index`): names and texts by number and language.

Format: OpenHarmony's resource manager and its packing tool (restool), the table of versions before "RestoolV2": a
header of 136 bytes (128 of them a version text), qualifiers (`KEYS`), lists of numbers with places (`IDSS`), and
records of type, number, value and name. Numbers are little-endian, texts UTF-8 with a length of 16 bits.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from seatrial.parsers.texts import told

MAX_KEYS = 2_000
"""Combinations of qualifiers that are looked at."""
MAX_LANGUAGES = 200

_HEADER = 136
_LANGUAGE, _REGION, _SCRIPT = 0, 1, 6
# Other qualifiers (resolution, orientation, colour mode ...) do not make another language of a text.
_STRING, _MEDIA = 9, 19


class TableUnreadable(Exception):
    """A table that is damaged, or of a version that is not known."""


class _Qualified(NamedTuple):
    language: str | None
    """BCP 47 tag; empty for the default, `None` for what is not told apart by language alone."""
    place: int


class ResourceTable:
    """A table in memory; only what is asked for is decoded."""

    def __init__(self, data: bytes) -> None:
        if len(data) < _HEADER:
            raise TableUnreadable("it is too short")
        self._data = data
        count = self._number(132)
        if count > MAX_KEYS:
            raise TableUnreadable("it has too many qualifiers")
        self._keys = list(self._read_keys(count))

    def string(self, number: int) -> tuple[str | None, dict[str, str]]:
        """Give a text by its number: the default one, and all others by language."""
        texts: dict[str, str] = {}
        for language, record in self._records(number):
            if record[0] == _STRING and len(texts) <= MAX_LANGUAGES:
                texts.setdefault(language or "", record[1])
        default = texts.pop("", None)
        return default or next(iter(texts.values()), None), {k: v for k, v in texts.items() if v != default}

    def media(self, number: int) -> list[str]:
        """Give the paths of a picture by its number, as the table writes them: `entry/resources/base/media/x.png`."""
        return [record[1] for _, record in self._records(number) if record[0] == _MEDIA]

    def _records(self, number: int) -> Iterator[tuple[str | None, tuple[int, str]]]:
        wanted = struct.pack("<I", number)
        for language, place in self._keys:
            if language is None or self._data[place : place + 4] != b"IDSS":
                continue
            count = min(self._number(place + 4), (len(self._data) - place - 8) // 8)
            listed = self._data[place + 8 : place + 8 + 8 * count]
            at = listed.find(wanted)
            while at >= 0 and at % 8:
                at = listed.find(wanted, at + 1)
            if at >= 0:
                yield language, self._record(int.from_bytes(listed[at + 4 : at + 8], "little"))

    def _read_keys(self, count: int) -> Iterator[_Qualified]:
        at = _HEADER
        for _ in range(count):
            if self._data[at : at + 4] != b"KEYS":
                raise TableUnreadable("it is of an unknown version, or damaged")
            place, parameters = self._number(at + 4), self._number(at + 8)
            if parameters > 16:
                raise TableUnreadable("it is damaged")
            pairs = [(self._number(at + 12 + 8 * i), self._number(at + 16 + 8 * i)) for i in range(parameters)]
            yield _Qualified(_language(dict(pairs)), place)
            at += 12 + 8 * parameters

    def _record(self, place: int) -> tuple[int, str]:
        kind, length = self._number(place + 4), int.from_bytes(self._data[place + 12 : place + 14], "little")
        return kind, told(self._data[place + 14 : place + 14 + length].rstrip(b"\0")) or ""

    def _number(self, at: int) -> int:
        if at + 4 > len(self._data):
            raise TableUnreadable("it is damaged")
        return int.from_bytes(self._data[at : at + 4], "little")


def _language(qualifiers: dict[int, int]) -> str | None:
    """Write a tag from qualifiers, each of which is its letters as one number."""
    if qualifiers.keys() - {_LANGUAGE, _REGION, _SCRIPT}:
        return None
    letters = [qualifiers.get(kind, 0).to_bytes(4, "big").strip(b"\0") for kind in (_LANGUAGE, _SCRIPT, _REGION)]
    return "-".join(part.decode("ascii", "replace") for part in letters if part)
