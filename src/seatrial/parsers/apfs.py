"""APFS volumes, read-only and not encrypted.

Source: Apple, "Apple File System Reference" (2020). Disk images hold one container with one volume; the first volume
that can be read is taken. Snapshots are left alone.
"""

import struct
import unicodedata
from collections.abc import Iterator
from itertools import accumulate

from seatrial.parsers import decmpfs
from seatrial.parsers.apfs_tree import DAMAGED, Blocks, Tree, object_rank, record_rank
from seatrial.parsers.disk import Disk, DiskEncrypted, DiskUnreadable, Node

MAX_CHECKPOINT_BLOCKS = 1_024
"""Blocks searched for the newest superblock."""
MAX_ATTRIBUTE = 64 << 10
PIECE = 256 << 10

_ROOT = 2
_INODE, _ATTRIBUTE, _EXTENT, _ENTRY = 3, 4, 8, 9
_FOLDER, _FILE = 4, 8
_HASHED = 0x9
"""Volumes whose names are compared without case or normalisation keep a hash beside each name."""
_NOT_ENCRYPTED = 0x1
_PHYSICAL = 0x4000_0000
_STREAM_FIELD = 8
_PACKED = 0x20
_STREAM, _EMBEDDED = 0x1, 0x2
_RESOURCES = "com.apple.ResourceFork"
_MODULUS = 0xFFFFFFFF


class ApfsVolume:
    """The folders of a volume, and the content of its files on demand."""

    def __init__(self, disk: Disk) -> None:
        head = disk.read_at(0, 4096)
        if not is_apfs(head):
            raise DiskUnreadable("it holds no APFS container")
        (size,) = struct.unpack_from("<L", head, 36)
        if size < 4096 or size > 65536 or size & (size - 1):
            raise DiskUnreadable(DAMAGED)
        self._blocks = Blocks(disk, size)
        container = self._newest(self._blocks.read(0))
        self._transaction = int.from_bytes(container[16:24], "little")
        objects = self._object_map(int.from_bytes(container[160:168], "little"))
        volume = self._volume(container, objects)
        (self._features,) = struct.unpack_from("<Q", volume, 56)
        own_objects = self._object_map(int.from_bytes(volume[128:136], "little"))
        (kind,) = struct.unpack_from("<L", volume, 116)
        root = int.from_bytes(volume[136:144], "little")

        def place(number: int) -> int:
            return number if kind & _PHYSICAL else self._resolve(own_objects, number)

        self._tree = Tree(self._blocks, place(root), 0, record_rank, place)

    @property
    def root(self) -> Node:
        """The folder at the top."""
        return Node("", _ROOT, folder=True)

    def children(self, folder: Node) -> Iterator[Node]:
        """Give the folders and plain files of a folder."""
        start = 12 if self._features & _HASHED else 10
        for key, value in self._tree.records((folder.key, _ENTRY), (folder.key, _ENTRY)):
            if len(value) < 18:
                raise DiskUnreadable(DAMAGED)
            number, _, flags = struct.unpack_from("<2QH", value)
            name = unicodedata.normalize("NFC", key[start:].split(b"\0", 1)[0].decode("utf-8", "replace"))
            if flags & 0xF == _FOLDER:
                yield Node(name, number, folder=True)
            elif flags & 0xF == _FILE:
                size, packed = self._sizes(number)
                yield Node(name, number, folder=False, size=size, packed_size=packed)

    def stream(self, node: Node) -> Iterator[bytes]:
        """Give a file's content in pieces, unpacked where the volume packs it."""
        private, size, flags = self._inode(node.key)
        if flags & _PACKED:
            attribute = self._attribute(node.key, decmpfs.ATTRIBUTE)
            if attribute is not None:
                packed = b"".join(attribute)
                return decmpfs.unpack(packed, lambda: self._attribute(node.key, _RESOURCES) or iter(()))
        return self._content(private, size)

    def _newest(self, first: bytes) -> bytes:
        """Find the superblock of the last checkpoint; the one in the first block may be older."""
        (count,) = struct.unpack_from("<L", first, 104)
        (base,) = struct.unpack_from("<Q", first, 112)
        found = [first]
        if not count >> 31:  # else the blocks are scattered, as disk images do not have them
            for number in range(base, base + min(count, MAX_CHECKPOINT_BLOCKS)):
                try:
                    block = self._blocks.read_at(number * self._blocks.size, self._blocks.size)
                except DiskUnreadable:
                    break
                if is_apfs(block):
                    found.append(block)
        found.sort(key=lambda block: int.from_bytes(block[16:24], "little"), reverse=True)
        newest = next((block for block in found if _checksum_fits(block)), None)
        if newest is None:
            raise DiskUnreadable(DAMAGED)
        return newest

    def _object_map(self, number: int) -> Tree:
        block = self._blocks.read(number)
        root = int.from_bytes(block[48:56], "little")
        return Tree(self._blocks, root, 16, object_rank, lambda place: place)

    def _resolve(self, objects: Tree, number: int) -> int:
        """Look up the block of a virtual object."""
        found = objects.last_at_most((number, self._transaction))
        if found is None or object_rank(found[0])[0] != number or len(found[1]) < 16:
            raise DiskUnreadable(DAMAGED)
        return int.from_bytes(found[1][8:16], "little")

    def _volume(self, container: bytes, objects: Tree) -> bytes:
        (most,) = struct.unpack_from("<L", container, 180)
        encrypted = False
        for (number,) in struct.iter_unpack("<Q", container[184 : 184 + 8 * min(most, 100)]):
            if not number:
                continue
            volume = self._blocks.read(self._resolve(objects, number))
            if volume[32:36] != b"APSB":
                raise DiskUnreadable(DAMAGED)
            (flags,) = struct.unpack_from("<Q", volume, 264)
            if flags & _NOT_ENCRYPTED:
                return volume
            encrypted = True
        if encrypted:
            raise DiskEncrypted("its APFS volume is encrypted")
        raise DiskUnreadable("its APFS container has no volume")

    def _inode(self, number: int) -> tuple[int, int, int]:
        """Give the number of a file's stream, its size, and the file's flags."""
        _, value = next(self._tree.records((number, _INODE), (number, _INODE)), (b"", b""))
        if len(value) < 92:
            raise DiskUnreadable(DAMAGED)
        (private,) = struct.unpack_from("<Q", value, 8)
        (flags,) = struct.unpack_from("<L", value, 68)
        return private, _stream_size(value), flags

    def _sizes(self, number: int) -> tuple[int, int]:
        _, size, flags = self._inode(number)
        if not flags & _PACKED:
            return size, size
        attribute = b"".join(self._attribute(number, decmpfs.ATTRIBUTE) or ())
        return decmpfs.size_of(attribute), len(attribute)

    def _attribute(self, number: int, name: str) -> Iterator[bytes] | None:
        for key, value in self._tree.records((number, _ATTRIBUTE), (number, _ATTRIBUTE)):
            if key[10:].rstrip(b"\0") != name.encode() or len(value) < 4:
                continue
            flags, length = struct.unpack_from("<2H", value)
            if flags & _EMBEDDED:
                return iter((value[4 : 4 + length],))
            if flags & _STREAM and len(value) >= 20:
                stream, size = struct.unpack_from("<2Q", value, 4)
                return self._content(stream, size)
        return None

    def _content(self, number: int, size: int) -> Iterator[bytes]:
        """Give the bytes of a stream; holes in it are zeros."""
        position = 0
        for key, value in self._tree.records((number, _EXTENT), (number, _EXTENT)):
            if len(key) < 16 or len(value) < 16:
                raise DiskUnreadable(DAMAGED)
            (start,) = struct.unpack_from("<Q", key, 8)
            length, block = struct.unpack_from("<2Q", value)
            length &= (1 << 56) - 1
            if start < position:
                raise DiskUnreadable(DAMAGED)
            yield from _zeros(min(start, size) - position)
            position = start
            end = min(start + length, size)
            while position < end:
                count = min(PIECE, end - position)
                place = block * self._blocks.size + position - start
                yield self._blocks.read_at(place, count) if block else bytes(count)
                position += count
            if position >= size:
                return
        yield from _zeros(size - position)


def is_apfs(head: bytes) -> bool:
    """Whether this is the first block of an APFS container."""
    return head[32:36] == b"NXSB"


def _zeros(size: int) -> Iterator[bytes]:
    while size > 0:
        count = min(PIECE, size)
        yield bytes(count)
        size -= count


def _stream_size(inode: bytes) -> int:
    """Read the size out of the inode's extended fields; files without content have none."""
    if len(inode) < 96:
        return 0
    (count,) = struct.unpack_from("<H", inode, 92)
    at = 96 + 4 * count
    for index in range(count):
        if 100 + 4 * index > len(inode):
            break
        kind, _, size = struct.unpack_from("<2BH", inode, 96 + 4 * index)
        if kind == _STREAM_FIELD and at + 8 <= len(inode):
            return int.from_bytes(inode[at : at + 8], "little")
        at += size + -size % 8
    return 0


def _checksum_fits(block: bytes) -> bool:
    """Hold a block against its checksum (Fletcher 64, as the reference has it)."""
    words = struct.unpack_from(f"<{len(block) // 4 - 2}L", block, 8)
    low = sum(words) % _MODULUS
    high = sum(accumulate(words)) % _MODULUS
    first = _MODULUS - (low + high) % _MODULUS
    second = _MODULUS - (low + first) % _MODULUS
    return block[:8] == struct.pack("<2L", first, second)
