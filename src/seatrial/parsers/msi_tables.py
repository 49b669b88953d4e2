"""The database inside a Windows installer: encoded stream names, the pool of strings, tables of two texts.

Source: Microsoft, "Windows Installer Database Tables" for what the tables mean. How they are stored is not published;
it is as `msiinfo` of msitools and Windows itself read it, and this module reads no more than it needs: the tables
Property and LaunchCondition, which have nothing but two columns of texts.
"""

import codecs
import struct
from array import array
from itertools import accumulate

from seatrial.parsers.cfb import CfbError, CompoundFile, Stream
from seatrial.parsers.texts import MAX_TEXT, told

MAX_POOL = 4 << 20
MAX_TEXTS = 64 << 20
MAX_TABLE = 1 << 20
MAX_ROWS = 20_000

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._"
_TABLE = "\u4840"
_LONG_NUMBERS = 0x80000000
_CODE_PAGES = {0: "cp1252", 936: "gbk", 10000: "mac_roman", 20127: "ascii", 28591: "latin-1", 65001: "utf-8"}


def decoded_name(name: str) -> str:
    """Spell a stream's name out: two letters of a set of 64 are packed into one from U+3800 on, one from U+4800 on."""
    letters: list[str] = []
    for char in name:
        code = ord(char)
        if 0x3800 <= code < 0x4800:
            letters += [_DIGITS[code - 0x3800 & 0x3F], _DIGITS[code - 0x3800 >> 6]]
        elif 0x4800 <= code < 0x4840:
            letters.append(_DIGITS[code - 0x4800])
        else:
            letters.append(char)
    return "".join(letters)


def encoding_of(code_page: int) -> str:
    """Give Python's name of a Windows code page; for those that it lacks the one of Western Europe."""
    name = _CODE_PAGES.get(code_page, f"cp{code_page}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"


class Database:
    """The tables of an installer; texts are looked up when a row is read."""

    def __init__(self, file: CompoundFile) -> None:
        """Read the pool of strings; raise `CfbError` where it is missing or broken."""
        self._file = file
        self._names = {decoded_name(name): name for name in file.names()}
        pool = self.stream(_TABLE + "_StringPool", MAX_POOL)
        texts = self.stream(_TABLE + "_StringData", MAX_TEXTS)
        if pool is None or texts is None:
            raise CfbError("no pool of strings")
        self._texts: Stream = texts
        data = pool.read()
        head = int.from_bytes(data[:4], "little")
        self._encoding = encoding_of(head & 0xFFFF)
        self._width = 3 if head & _LONG_NUMBERS else 2
        self._lengths, self._offsets = _positions(data[4 : len(data) // 4 * 4])

    def stream(self, name: str, limit: int) -> Stream | None:
        """Open a stream by its decoded name; raise `CfbError` where it is broken or larger than `limit`."""
        spelled = self._names.get(name)
        return None if spelled is None else self._file.open(spelled, limit)

    def pairs(self, table: str) -> list[tuple[str, str]]:
        """Read the rows of a table of two texts; none where there is no such table. Raises `CfbError`."""
        stream = self.stream(_TABLE + table, MAX_TABLE)
        if stream is None:
            return []
        data = stream.read()
        rows = len(data) // (2 * self._width)
        if rows > MAX_ROWS:
            raise CfbError(f"a table of {rows:,} rows")
        # Tables are stored column by column.
        numbers = [
            int.from_bytes(data[at : at + self._width], "little")
            for at in range(0, 2 * rows * self._width, self._width)
        ]
        return [(self._text(key), self._text(value)) for key, value in zip(numbers, numbers[rows:], strict=False)]

    def _text(self, number: int) -> str:
        if not 0 < number <= len(self._lengths):
            return ""
        length = min(self._lengths[number - 1], 4 * MAX_TEXT)
        return told(self._texts.read(self._offsets[number - 1], length).decode(self._encoding, "replace")) or ""


def _positions(pool: bytes) -> "tuple[array[int], array[int]]":
    """Compute where each text is: entries are its length and how often it is used; numbers count from 1."""
    lengths: array[int] = array("I")
    high = 0
    for length, uses in struct.iter_unpack("<2H", pool):
        if length == 0 and uses and not high:
            high = uses << 16  # a text of 64 KiB and more has a second entry in front, with the upper half
            continue
        lengths.append(high | length)
        high = 0
    return lengths, array("Q", accumulate(lengths, initial=0))
