"""BOM stores, the container of installers' file lists and of compiled asset catalogues: numbered blocks and trees.

Layout (all numbers big-endian), after what Apple's `lsbom` and `assetutil` read: a header of 32 bytes with the places
of an index of blocks (address and length each) and of a list of variables, which name blocks. A block that starts
with `tree` leads to pages of pairs of block numbers, value and key, or of child pages.
"""

import struct
from collections.abc import Iterator

MAX_PAIRS = 50_000
MAX_VARIABLES = 1_000
MAX_DEPTH = 8

_HEADER = struct.Struct(">8s6L")
_TREE = struct.Struct(">4s3L")
_PAGE = struct.Struct(">2H2L")
_PAIR = struct.Struct(">2L")


class BomUnreadable(Exception):
    """Bytes that are no BOM store, or a damaged one."""


class Bom:
    """A store in memory; blocks are cut out of it when they are asked for."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        if len(data) < _HEADER.size:
            raise BomUnreadable("it is cut short")
        magic, _, _, self._index, _, variables, _ = _HEADER.unpack_from(data)
        if magic != b"BOMStore":
            raise BomUnreadable("it does not start as a BOM store")
        try:
            (self._count,) = struct.unpack_from(">L", data, self._index)
            self._variables = dict(self._named(variables))
        except struct.error:
            raise BomUnreadable("a part of it lies outside of it") from None

    def _named(self, at: int) -> Iterator[tuple[str, int]]:
        (count,) = struct.unpack_from(">L", self._data, at)
        at += 4
        for _ in range(min(count, MAX_VARIABLES)):
            number, length = struct.unpack_from(">LB", self._data, at)
            yield bytes(self._data[at + 5 : at + 5 + length]).decode("latin-1"), number
            at += 5 + length

    def variable(self, name: str) -> bytes:
        """Give the block that a variable names; raise `BomUnreadable` where there is none."""
        number = self._variables.get(name)
        if number is None:
            raise BomUnreadable(f"it has no {name}")
        return bytes(self.block(number))

    def block(self, number: int) -> memoryview:
        """Give a block's bytes; raise `BomUnreadable`."""
        if not 0 < number < self._count:
            raise BomUnreadable("it refers to a block that it does not have")
        try:
            address, length = struct.unpack_from(">2L", self._data, self._index + 4 + 8 * number)
        except struct.error:
            raise BomUnreadable("its index is cut off") from None
        if address + length > len(self._data):
            raise BomUnreadable("a block lies outside of it")
        return self._data[address : address + length]

    def tree(self, name: str) -> Iterator[tuple[memoryview, memoryview]]:
        """Give keys and values of the tree that a variable names, at most `MAX_PAIRS`; raise `BomUnreadable`."""
        try:
            magic, _, page, _ = _TREE.unpack_from(self.variable(name))
            if magic != b"tree":
                raise BomUnreadable(f"its {name} is no tree")
            for value, key in self._pairs(self._first_leaf(page)):
                yield self.block(key), self.block(value)
        except struct.error:
            raise BomUnreadable(f"its {name} is cut off") from None

    def _first_leaf(self, page: int) -> int:
        for _ in range(MAX_DEPTH):
            block = self.block(page)
            leaf, count, _, _ = _PAGE.unpack_from(block)
            if leaf or not count:
                return page
            page, _ = _PAIR.unpack_from(block, _PAGE.size)
        raise BomUnreadable("a tree is nested too deep")

    def _pairs(self, page: int) -> Iterator[tuple[int, int]]:
        """Follow the leaves from the first one; a ring of pages ends at the limit of pairs and pages."""
        given = 0
        for _ in range(MAX_PAIRS):
            block = self.block(page)
            _, count, page, _ = _PAGE.unpack_from(block)
            for index in range(count):
                if given == MAX_PAIRS:
                    return
                yield _PAIR.unpack_from(block, _PAGE.size + index * _PAIR.size)
                given += 1
            if not page:
                return
