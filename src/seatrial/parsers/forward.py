"""Places in a stream of bytes, taken in the order in which they come, with nothing kept in between.

Members of archives are packed: their end can be reached only through all that is before it, and is far more than
should be in memory.
"""

from collections.abc import Iterator


class Forward:
    """Reads pieces of a stream at rising offsets."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._start = 0
        self._kept = bytearray()

    def at(self, start: int, length: int) -> bytes:
        """Give up to `length` bytes at an offset, fewer at the end, none before what was asked for last."""
        if start < self._start:
            return b""
        self._skip_to(start)
        while len(self._kept) < length:
            part = next(self._parts, None)
            if part is None:
                break
            self._kept += part
        return bytes(self._kept[:length])

    def _skip_to(self, start: int) -> None:
        away = start - self._start
        if away <= len(self._kept):
            del self._kept[:away]
        else:
            away -= len(self._kept)
            self._kept.clear()
            for part in self._parts:
                if len(part) > away:
                    self._kept += part[away:]
                    break
                away -= len(part)
        self._start = start
