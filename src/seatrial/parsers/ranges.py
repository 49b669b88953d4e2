"""A stored object as a seekable file, read by ranges: few and large ones, each byte at most once if memory allows.

A round trip to an object store costs more than a megabyte does. So the first read also fetches the end of the
object, where ZIP directories and trailers are; whatever else is asked for comes in whole blocks, and reading on and
on makes them larger.
"""

from collections import OrderedDict
from collections.abc import Callable

from seatrial.parsers.seekable import Seekable

BLOCK = 256 << 10
TAIL = 1 << 20
"""Bytes at the end that are fetched at once, with the first read that touches them."""
CACHED = 16 << 20
"""Bytes of blocks that are kept."""
READ_AHEAD = 4 << 20
"""The largest request that is made when less was asked for."""

_MOST_BLOCKS = CACHED // BLOCK


class RangeReader(Seekable):
    """A read-only file over `read_range(start, length)`, which must give exactly the bytes of the object there.

    `requests` and `fetched` (bytes) count what was asked of the store. Raises `OSError` when a range comes short, and
    whatever `read_range` raises.
    """

    is_remote = True
    """Says to parsers that bytes cost requests here, so that they do without reading the whole file."""

    def __init__(self, read_range: Callable[[int, int], bytes], size: int) -> None:
        super().__init__(size)
        self._read_range = read_range
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        # Aligned, so that the tail is blocks like all others.
        self._tail_start = max(0, (size - TAIL) // BLOCK * BLOCK)
        self._tail: bytes | None = None
        self._next_block = -1
        self._ahead = 1
        self.requests = 0
        self.fetched = 0

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # any buffer, in C
        """Read into a buffer, as `io.BufferedReader` does."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _bytes(self, start: int, length: int) -> bytes:
        end = start + length
        parts: list[bytes] = []
        if start < self._tail_start:
            parts.append(self._from_blocks(start, min(end, self._tail_start)))
        if end > self._tail_start:
            if self._tail is None:
                self._tail = self._fetch(self._tail_start, self._size - self._tail_start)
            parts.append(self._tail[max(0, start - self._tail_start) : end - self._tail_start])
        return b"".join(parts)

    def _from_blocks(self, start: int, end: int) -> bytes:
        first, last = start // BLOCK, (end - 1) // BLOCK
        parts: list[bytes] = []
        number = first
        while number <= last:
            block = self._blocks.get(number)
            if block is not None:
                self._blocks.move_to_end(number)
                parts.append(block)
                number += 1
                continue
            missing = number
            while missing <= last and missing not in self._blocks:
                missing += 1
            fetched = self._fetch_blocks(number, missing - number)
            parts.append(fetched[: (missing - number) * BLOCK])
            number = missing
        data = b"".join(parts) if len(parts) > 1 else parts[0]
        return data[start - first * BLOCK : end - first * BLOCK]

    def _fetch_blocks(self, number: int, count: int) -> bytes:
        """Fetch `count` blocks or more, and keep as many as may be kept."""
        # Reading on from where the last request ended: what follows will be wanted, too.
        self._ahead = min(self._ahead * 2, READ_AHEAD // BLOCK) if number == self._next_block else 1
        wanted = max(count, self._ahead)
        start = number * BLOCK
        data = self._fetch(start, min(start + wanted * BLOCK, self._tail_start) - start)
        self._next_block = number + wanted
        for at in range(0, min(len(data), CACHED), BLOCK):
            self._blocks[number + at // BLOCK] = data[at : at + BLOCK]
        while len(self._blocks) > _MOST_BLOCKS:
            self._blocks.popitem(last=False)
        return data

    def _fetch(self, start: int, length: int) -> bytes:
        data = self._read_range(start, length)
        self.requests += 1
        self.fetched += len(data)
        if len(data) != length:
            raise OSError(f"the store gave {len(data)} bytes of the {length} at {start}")
        return data
