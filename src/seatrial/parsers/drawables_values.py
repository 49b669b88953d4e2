"""Values of drawings: references followed, numbers and colours decoded, files opened; all of it counted.

Sources: `Res_value` in `ResourceTypes.h` (complex numbers, colours), and the inflaters of the platform's drawables
for what counts where a value is missing.
"""

import struct
from collections.abc import Callable, Iterator
from typing import TypeVar

from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers.chunks import Kind
from seatrial.parsers.drawables import Choice, Drawables, Item, Node
from seatrial.parsers.drawables_svg import Undrawable
from seatrial.parsers.resource_config import Config

MAX_STEPS = 20
"""Steps from one resource to the next, as many as the platform itself takes."""
MAX_LOOKS = 5_000
"""Resources looked up for one icon."""
MAX_FILES = 200
"""Files opened for one icon, again or for the first time."""
MAX_TREES = 1024 * 1024
"""Bytes of all compiled XML files of one icon, which stay in memory as elements; those of real icons have kilobytes."""

BROKEN = (struct.error, ValueError, IndexError, BuildFileInvalid)
"""What a source raises for broken data; `UnicodeError` is a `ValueError`."""

_COLORS = {Kind.INT_COLOR_ARGB8, Kind.INT_COLOR_RGB8, Kind.INT_COLOR_ARGB4, Kind.INT_COLOR_RGB4}
_INTEGERS = {Kind.INT_DEC, Kind.INT_HEX, Kind.INT_BOOLEAN}
_RADIX = (1.0, 1 / (1 << 7), 1 / (1 << 15), 1 / (1 << 23))
# Dots per unit at 160 dots per inch: px, dip, sp, pt, in, mm.
_UNITS = (1.0, 1.0, 1.0, 160 / 72, 160.0, 160 / 25.4)

# Colours of the platform that drawings use, which no build contains (framework-res, `color` type, public ids).
_PLATFORM = {
    0x01060000: 0xFFAAAAAA,
    0x0106000B: 0xFFFFFFFF,
    0x0106000C: 0xFF000000,
    0x0106000D: 0x00000000,
    0x0106000E: 0xFF000000,
    0x0106000F: 0xFFFFFFFF,
    0x01060012: 0xFF33B5E5,
    0x01060013: 0xFF0099CC,
    0x01060014: 0xFF99CC00,
    0x01060015: 0xFF669900,
    0x01060016: 0xFFFF4444,
    0x01060017: 0xFFCC0000,
    0x01060018: 0xFFFFBB33,
    0x01060019: 0xFFFF8800,
    0x0106001A: 0xFFAA66CC,
    0x0106001B: 0xFF00DDFF,
}

T = TypeVar("T")


class Values:
    """One icon's questions to its source; raises `Undrawable` where there are too many."""

    def __init__(self, source: Drawables) -> None:
        self._source = source
        self._looks = 0
        self._opened = 0
        self._last: tuple[str, bytes | None] = "", None
        self._trees: dict[str, Node] = {}
        self._tree_bytes = 0

    def ends(self, item: Item) -> list[tuple[Config, Item]]:
        """Follow references to plain values: the plainest configuration first, the most dots among those."""
        found: list[tuple[Config, Item]] = []
        seen: set[int] = set()
        waiting = [(_NO_CONFIG, item)]
        while waiting and len(seen) <= MAX_STEPS:
            config, current = waiting.pop(0)
            resource = current.reference
            if resource is None:
                found.append((config, current))
            elif resource in _PLATFORM:
                found.append((config, Item(Kind.INT_COLOR_ARGB8, _PLATFORM[resource])))
            elif resource not in seen:
                seen.add(resource)
                waiting += self._choices(resource)
        return sorted(found, key=_rank)

    def read(self, path: str, limit: int) -> bytes | None:
        """Read a file of the build; `None` for one that is missing; raise what the source raises."""
        if self._last[0] != path:
            self._opened += 1
            if self._opened > MAX_FILES:
                raise Undrawable("it needs too many files")
            # Only the last one is kept: whoever finds out that a file is XML asks for its tree next.
            self._last = path, None
            self._last = path, self._source.read(path, limit)
        return self._last[1]

    def known_tree(self, path: str) -> Node | None:
        """Return a compiled XML file that has been read before."""
        return self._trees.get(path)

    def tree(self, path: str) -> Node:
        """Read a compiled XML file."""
        if path not in self._trees:
            data = self.read(path, MAX_TREES)
            if data is None:
                raise Undrawable("one of its files is not in the build")
            self._tree_bytes += len(data)
            if self._tree_bytes > MAX_TREES:
                raise Undrawable("its files are too large")
            self._trees[path] = self._source.tree(data)
        return self._trees[path]

    def text(self, item: Item | None) -> str | None:
        """Return what a string says, through references."""
        return self._first(item, lambda end: end.text if end.kind == Kind.STRING else None)

    def number(self, item: Item | None, default: float = 0.0) -> float:
        """Return a plain number; of a fraction its value, 1.0 for 100%."""
        found = self._first(item, _number)
        return default if found is None else found

    def whole(self, item: Item | None, default: int = 0) -> int:
        """Return an integer, a truth value or flags."""
        found = self._first(item, lambda end: end.data if end.kind in _INTEGERS else None)
        return default if found is None else found

    def length(self, item: Item | None, whole: float, default: float = 0.0) -> float:
        """Return a length in dp; a fraction is that of `whole`."""

        def decoded(end: Item) -> float | None:
            if end.kind == Kind.DIMENSION:
                unit = end.data & 0xF
                return _complex(end.data) * _UNITS[unit] if unit < len(_UNITS) else None
            return _complex(end.data) * whole if end.kind == Kind.FRACTION else _number(end)

        found = self._first(item, decoded)
        return default if found is None else found

    def _first(self, item: Item | None, decode: Callable[[Item], T | None]) -> T | None:
        if item is None:
            return None
        decoded = (decode(end) for _, end in self.ends(item))
        return next((value for value in decoded if value is not None), None)

    def _choices(self, resource: int) -> Iterator[Choice]:
        self._looks += 1
        if self._looks > MAX_LOOKS:
            raise Undrawable("it refers to too many resources")
        yield from self._source.choices(resource)


_NO_CONFIG = Config("", 0, 0, night=False, other=False)


def rank(config: Config) -> tuple[bool, bool, bool, int, int]:
    """Sort the plainest configuration first, the one with most dots among those, then the newest."""
    return config.night, config.other, bool(config.locale), -config.dots, -config.sdk


def _rank(end: tuple[Config, Item]) -> tuple[bool, bool, bool, int, int]:
    return rank(end[0])


def plain_color(item: Item) -> int | None:
    """Return a colour that stands there itself, as ARGB."""
    if item.kind in _COLORS:
        return item.data
    text = item.text if item.kind == Kind.STRING else None
    if text and text[0] == "#" and len(text) in {7, 9} and text[1:].isascii() and text[1:].isalnum():
        try:
            return int(text[1:], 16) | (0xFF000000 if len(text) == 7 else 0)
        except ValueError:
            return None
    return None


def _number(item: Item) -> float | None:
    if item.kind == Kind.FLOAT:
        (value,) = struct.unpack("<f", struct.pack("<I", item.data & 0xFFFFFFFF))
        return float(value)
    if item.kind == Kind.FRACTION:
        return _complex(item.data)
    if item.kind in {Kind.INT_DEC, Kind.INT_HEX}:
        return float(item.data - (1 << 32) if item.data & 0x80000000 else item.data)
    return None


def _complex(data: int) -> float:
    """Decode `Res_value`'s complex number: 24 bits of mantissa, two of radix, four of unit."""
    mantissa = data >> 8 & 0xFFFFFF
    if mantissa & 0x800000:
        mantissa -= 1 << 24
    return mantissa * _RADIX[data >> 4 & 3]
