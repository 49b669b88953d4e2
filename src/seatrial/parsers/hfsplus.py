"""HFS+ and HFSX volumes (Mac OS Extended), read-only.

Source: Apple, Technical Note TN1150 "HFS Plus Volume Format"; the wrapper around old volumes: Inside Macintosh: Files.
Journals are not replayed: disk images are written once.
"""

import struct
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

from seatrial.parsers import decmpfs
from seatrial.parsers.disk import Disk, DiskUnreadable, Node, Part

MAX_VISITS = 100_000
MAX_NODES = 20_000
MAX_RECORDS = 400_000
"""Nodes visited, and nodes and records taken apart in one tree, all questions together."""
KEPT_RECORDS = 20_000
"""Records kept of nodes that may be asked for again."""
MAX_NODE_SIZE = 64 << 10
MAX_ATTRIBUTE = 64 << 10
PIECE = 256 << 10

_ROOT = 2
_EXTENTS_FILE, _CATALOG_FILE, _ATTRIBUTES_FILE = 3, 4, 8
_FOLDER_RECORD, _FILE_RECORD = 1, 2
_LEAF, _INDEX = -1, 0
_DATA_FORK, _RESOURCE_FORK = 0, 0xFF
_LINKS = {b"slnkrhap", b"hlnkhfs+", b"fdrpMACS"}
_COMPRESSED = 0x20
_INLINE = 0x10
_DAMAGED = "its HFS+ volume is damaged"


class _Fork(NamedTuple):
    """A stream of bytes on the volume: length, and runs of blocks (first, number)."""

    size: int
    extents: tuple[tuple[int, int], ...]


class _File(NamedTuple):
    data: _Fork
    resources: _Fork
    compressed: bool


class HfsVolume:
    """The catalog of a volume, and the content of its files on demand."""

    def __init__(self, disk: Disk) -> None:
        self._disk = _unwrapped(disk)
        header = self._disk.read_at(1024, 512)
        if header[:2] not in {b"H+", b"HX"}:
            raise DiskUnreadable("it holds no HFS+ volume")
        (self._block,) = struct.unpack_from(">L", header, 40)
        if self._block < 512 or self._block & (self._block - 1) or self._block > 1 << 24:
            raise DiskUnreadable(_DAMAGED)
        self._extents: _Tree | None = None
        if any(header[192:200]):
            # Their keys are in the order of file, fork, first block, but have the fork in front.
            self._extents = _Tree(self, _EXTENTS_FILE, _fork(header, 192), lambda k: k[2:6] + k[:1] + k[6:10])
        self._catalog = _Tree(self, _CATALOG_FILE, _fork(header, 272), lambda k: k[:4])
        self._attributes: _Tree | None = None
        if any(header[352:360]):
            self._attributes = _Tree(self, _ATTRIBUTES_FILE, _fork(header, 352), lambda k: k[2:6])
        self._files: dict[int, bytes] = {}

    @property
    def root(self) -> Node:
        """The folder at the top."""
        return Node("", _ROOT, folder=True)

    def children(self, folder: Node) -> Iterator[Node]:
        """Give the folders and plain files of a folder."""
        wanted = struct.pack(">L", folder.key)
        for key, record in self._catalog.records(wanted):
            if len(key) < 8 or len(record) < 12:
                continue
            (kind,) = struct.unpack_from(">h", record)
            (length,) = struct.unpack_from(">H", key, 4)
            name = unicodedata.normalize("NFC", key[6 : 6 + 2 * length].decode("utf-16-be", "replace"))
            name = name.replace("/", ":")  # what Finder shows as / is : to programs
            (number,) = struct.unpack_from(">L", record, 8)
            if kind == _FOLDER_RECORD:
                yield Node(name, number, folder=True)
            elif kind == _FILE_RECORD and len(record) >= 248 and record[48:56] not in _LINKS:
                self._files[number] = record
                file = _file(record)
                size = file.data.size or (self._attribute_size(number) if file.compressed else 0)
                yield Node(name, number, folder=False, size=size, packed_size=file.data.size or file.resources.size)

    def stream(self, node: Node) -> Iterator[bytes]:
        """Give a file's content in pieces, unpacked where the volume packs it."""
        record = self._files.get(node.key)
        if record is None:
            raise DiskUnreadable(_DAMAGED)
        file = _file(record)
        packed = self._attribute(node.key, decmpfs.ATTRIBUTE) if file.compressed and not file.data.size else None
        if packed is not None:
            return decmpfs.unpack(packed, lambda: self._pieces(node.key, file.resources, _RESOURCE_FORK))
        return self._pieces(node.key, file.data, _DATA_FORK)

    def read_fork(self, number: int, fork: _Fork, offset: int, size: int) -> bytes:
        """Give bytes of a fork; used for the volume's own trees."""
        if offset + size > fork.size:
            raise DiskUnreadable(_DAMAGED)
        parts: list[bytes] = []
        start = 0
        for first, count in self._runs(number, fork, _DATA_FORK):
            length = count * self._block
            if offset < start + length and size > 0:
                within = offset - start
                part = self._disk.read_at(first * self._block + within, min(size, length - within))
                parts.append(part)
                offset += len(part)
                size -= len(part)
            start += length
            if not size:
                break
        if size:
            raise DiskUnreadable(_DAMAGED)
        return b"".join(parts)

    def _pieces(self, number: int, fork: _Fork, kind: int) -> Iterator[bytes]:
        left = fork.size
        for first, count in self._runs(number, fork, kind):
            position, end = first * self._block, (first + count) * self._block
            while position < end and left > 0:
                part = self._disk.read_at(position, min(PIECE, end - position, left))
                position += len(part)
                left -= len(part)
                yield part
            if not left:
                return
        if left:
            raise DiskUnreadable(_DAMAGED)

    def _runs(self, number: int, fork: _Fork, kind: int) -> Iterator[tuple[int, int]]:
        """Give the runs of a fork, those in the extents overflow file too."""
        covered = 0
        for extent in fork.extents:
            covered += extent[1]
            yield extent
        blocks = -(-fork.size // self._block)
        while covered < blocks and self._extents is not None:
            key = struct.pack(">LBL", number, kind, covered)
            more = next((record for _, record in self._extents.records(key)), b"")
            found = _extents(more, 0) if len(more) >= 64 else ()
            if not found:
                return
            for extent in found:
                covered += extent[1]
                yield extent

    def _attribute(self, number: int, name: str) -> bytes | None:
        """Read an extended attribute that lies in the attributes file itself; larger ones are left alone."""
        if self._attributes is None:
            return None
        encoded = name.encode("utf-16-be")
        for key, record in self._attributes.records(struct.pack(">L", number)):
            if key[12:] != encoded or len(record) < 16:
                continue
            (kind,) = struct.unpack_from(">L", record)
            (size,) = struct.unpack_from(">L", record, 12)
            if kind == _INLINE and size <= MAX_ATTRIBUTE:
                return record[16 : 16 + size]
        return None

    def _attribute_size(self, number: int) -> int:
        found = self._attribute(number, decmpfs.ATTRIBUTE)
        return decmpfs.size_of(found) if found else 0


class _TreeNode(NamedTuple):
    kind: int
    following: int
    ranks: list[bytes]
    records: list[tuple[bytes, bytes]]


class _Tree:
    """A B-tree of the volume: records in the order of their keys."""

    def __init__(self, volume: HfsVolume, number: int, fork: _Fork, rank: Callable[[bytes], bytes]) -> None:
        self._volume, self._number, self._fork = volume, number, fork
        self._rank = rank
        """Gives the part of a key that questions are about, as bytes that sort as the tree does."""
        head = volume.read_fork(number, fork, 0, 512)
        self._root = int.from_bytes(head[16:20])
        self._size = int.from_bytes(head[32:34])
        if self._size < 512 or self._size > MAX_NODE_SIZE:
            raise DiskUnreadable(_DAMAGED)
        self._kept: dict[int, _TreeNode] = {}
        self._kept_records = 0
        self._visits_left, self._nodes_left, self._records_left = MAX_VISITS, MAX_NODES, MAX_RECORDS

    def records(self, wanted: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Give the records (key, content) of one rank."""
        number = self._leaf(wanted) if self._root else 0
        seen: set[int] = set()
        while number:
            node = self._node(number)
            if node.kind != _LEAF or number in seen:
                raise DiskUnreadable(_DAMAGED)
            seen.add(number)
            end = bisect_right(node.ranks, wanted)
            yield from node.records[bisect_left(node.ranks, wanted) : end]
            number = node.following if end == len(node.ranks) else 0

    def _leaf(self, wanted: bytes) -> int:
        """Go down to the leaf where records of a rank begin."""
        number = self._root
        for _ in range(16):
            node = self._node(number)
            if node.kind == _LEAF:
                return number
            if node.kind != _INDEX or not node.records:
                break
            child = node.records[max(0, bisect_left(node.ranks, wanted) - 1)][1]
            if len(child) < 4:
                break
            number = int.from_bytes(child[:4])
        raise DiskUnreadable(_DAMAGED)

    def _node(self, number: int) -> _TreeNode:
        self._visits_left -= 1
        found = self._kept.get(number)
        if found is None:
            found = self._read(number)
            self._kept[number] = found
            self._kept_records += len(found.records)
            while self._kept_records > KEPT_RECORDS:
                self._kept_records -= len(self._kept.pop(next(iter(self._kept))).records)
        if self._visits_left < 0:
            raise DiskUnreadable(_DAMAGED)
        return found

    def _read(self, number: int) -> _TreeNode:
        data = self._volume.read_fork(self._number, self._fork, number * self._size, self._size)
        following, _, kind, _, count = struct.unpack_from(">LLbBH", data)
        self._nodes_left -= 1
        self._records_left -= count
        if 14 + 2 * count + 2 > self._size or self._nodes_left < 0 or self._records_left < 0:
            raise DiskUnreadable(_DAMAGED)
        offsets = struct.unpack_from(f">{count + 1}H", data, self._size - 2 * (count + 1))[::-1]
        records = []
        for start, end in pairwise(offsets):
            length = int.from_bytes(data[start : start + 2])
            content = start + 2 + length + (length & 1)
            if not 14 <= start < end <= self._size or content > end:
                raise DiskUnreadable(_DAMAGED)
            records.append((data[start + 2 : start + 2 + length], data[content:end]))
        return _TreeNode(kind, following, [self._rank(key) for key, _ in records], records)


def is_hfs(head: bytes) -> bool:
    """Whether these are the first 1,536 bytes of an HFS+ volume, or of the wrapper of an old one."""
    return head[1024:1026] in {b"H+", b"HX"} or (head[1024:1026] == b"BD" and head[1148:1150] == b"H+")


def _unwrapped(disk: Disk) -> Disk:
    header = disk.read_at(1024, 512)
    if header[:2] != b"BD" or header[124:126] != b"H+":
        return disk
    (block,) = struct.unpack_from(">L", header, 20)
    (first,) = struct.unpack_from(">H", header, 28)
    start, count = struct.unpack_from(">2H", header, 126)
    return Part(disk, first * 512 + start * block, count * block)


def _file(record: bytes) -> _File:
    return _File(_fork(record, 88), _fork(record, 168), bool(record[41] & _COMPRESSED))


def _fork(data: bytes, at: int) -> _Fork:
    (size,) = struct.unpack_from(">Q", data, at)
    return _Fork(size, _extents(data, at + 16))


def _extents(data: bytes, at: int) -> tuple[tuple[int, int], ...]:
    numbers = struct.unpack_from(">16L", data, at)
    return tuple((first, count) for first, count in zip(numbers[::2], numbers[1::2], strict=True) if count)
