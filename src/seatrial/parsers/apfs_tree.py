"""B-trees of APFS containers and volumes.

Source: Apple, "Apple File System Reference" (2020), chapters "Objects", "B-Trees" and "Object Maps".
"""

import struct
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

from seatrial.parsers.disk import Disk, DiskUnreadable

DAMAGED = "its APFS volume is damaged"
MAX_VISITS = 400_000
MAX_NODES = 20_000
MAX_RECORDS = 800_000
"""Nodes visited, and nodes and records taken apart in one tree, all questions together."""
KEPT_RECORDS = 20_000
"""Records kept of nodes that may be asked for again."""
MAX_DEPTH = 12

_NODE_HEAD = 56
_INFO = 40
_IS_ROOT, _IS_LEAF, _FIXED = 0x1, 0x2, 0x4
_ID_BITS = (1 << 60) - 1


class Blocks:
    """The blocks of a container."""

    def __init__(self, disk: Disk, size: int) -> None:
        self._disk, self.size = disk, size

    def read(self, number: int) -> bytes:
        """Give a block."""
        return self._disk.read_at(number * self.size, self.size)

    def read_at(self, offset: int, size: int) -> bytes:
        """Give bytes of any length."""
        return self._disk.read_at(offset, size)


Rank = tuple[int, int]


def object_rank(key: bytes) -> Rank:
    """Sort keys of an object map: object, then transaction."""
    number, transaction = struct.unpack_from("<2Q", key)
    return number, transaction


def record_rank(key: bytes) -> Rank:
    """Sort keys of a volume's tree: the object, then the kind of record."""
    (word,) = struct.unpack_from("<Q", key)
    return word & _ID_BITS, word >> 60


class _Node(NamedTuple):
    leaf: bool
    ranks: list[Rank]
    records: list[tuple[bytes, bytes]]


class Tree:
    """Records in the order of their keys; `place` tells the block of a node from what its parent calls it."""

    def __init__(
        self, blocks: Blocks, root: int, value_size: int, rank: Callable[[bytes], Rank], place: Callable[[int], int]
    ) -> None:
        self._blocks, self._root, self._rank, self._place = blocks, root, rank, place
        self._fixed = (16, value_size)
        self._visits_left, self._nodes_left, self._records_left = MAX_VISITS, MAX_NODES, MAX_RECORDS
        self._kept: dict[int, _Node] = {}
        self._kept_records = 0

    def records(self, first: Rank, last: Rank) -> Iterator[tuple[bytes, bytes]]:
        """Give the records (key, value) between two ranks, both included."""
        return self._below(self._root, first, last, 0)

    def last_at_most(self, wanted: Rank) -> tuple[bytes, bytes] | None:
        """Give the last record whose rank is not above `wanted`."""
        number = self._root
        for _ in range(MAX_DEPTH):
            node = self._node(number)
            index = bisect_right(node.ranks, wanted) - 1
            if index < 0:
                return None
            if node.leaf:
                return node.records[index]
            number = self._child(node.records[index][1])
        raise DiskUnreadable(DAMAGED)

    def _below(self, number: int, first: Rank, last: Rank, depth: int) -> Iterator[tuple[bytes, bytes]]:
        if depth > MAX_DEPTH:
            raise DiskUnreadable(DAMAGED)
        node = self._node(number)
        start = bisect_left(node.ranks, first)
        if not node.leaf:
            start = max(0, start - 1)  # equal ranks may begin in the node before
        for index in range(start, bisect_right(node.ranks, last)):
            key, value = node.records[index]
            if node.leaf:
                yield key, value
            else:
                yield from self._below(self._child(value), first, last, depth + 1)

    def _child(self, value: bytes) -> int:
        if len(value) < 8:
            raise DiskUnreadable(DAMAGED)
        return self._place(int.from_bytes(value[:8], "little"))

    def _node(self, number: int) -> "_Node":
        self._visits_left -= 1
        found = self._kept.get(number)
        if found is None:
            found = self._read(number)
            self._kept[number] = found
            self._kept_records += len(found.records)
            while self._kept_records > KEPT_RECORDS:
                self._kept_records -= len(self._kept.pop(next(iter(self._kept))).records)
        if min(self._visits_left, self._nodes_left, self._records_left) < 0:
            raise DiskUnreadable(DAMAGED)
        return found

    def _read(self, number: int) -> "_Node":
        data = self._blocks.read(number)
        flags, _, count, table, table_size = struct.unpack_from("<2HL2H", data, 32)
        self._nodes_left -= 1
        self._records_left -= count
        if count > len(data) // 4:
            raise DiskUnreadable(DAMAGED)
        keys = _NODE_HEAD + table + table_size
        values = len(data) - (_INFO if flags & _IS_ROOT else 0)
        leaf = bool(flags & _IS_LEAF)
        found = []
        try:
            for key, key_size, value, value_size in self._places(data, flags, count, table, leaf=leaf):
                key_at, value_at = keys + key, values - value
                if key_at + key_size > len(data) or not keys <= value_at <= len(data):
                    raise DiskUnreadable(DAMAGED)
                found.append((data[key_at : key_at + key_size], data[value_at : value_at + value_size]))
            return _Node(leaf, [self._rank(key) for key, _ in found], found)
        except struct.error:
            raise DiskUnreadable(DAMAGED) from None

    def _places(
        self, data: bytes, flags: int, count: int, table: int, *, leaf: bool
    ) -> Iterator[tuple[int, int, int, int]]:
        """Give where keys and values are: offset and length of each."""
        at = _NODE_HEAD + table
        if flags & _FIXED:
            key_size, value_size = self._fixed
            for index in range(count):
                key, value = struct.unpack_from("<2H", data, at + 4 * index)
                yield key, key_size, value, value_size if leaf else 8
        else:
            for index in range(count):
                yield struct.unpack_from("<4H", data, at + 8 * index)
