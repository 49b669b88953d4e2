"""SquashFS 4.0 images, read on demand: a folder or file costs the few blocks that it lies in.

Format: the Linux kernel's Documentation/filesystems/squashfs.rst and fs/squashfs/squashfs_fs.h: superblock, metadata
blocks of 8 KiB, inodes, directories, fragments. Nothing is read ahead of what is asked for, and no block unpacks to
more than the format allows.
"""

import lzma
import struct
import zlib
from collections import OrderedDict
from collections.abc import Callable
from typing import BinaryIO, NamedTuple

from seatrial.parsers.file_tree import MAX_LINK, MAX_NAMES, ImageUnreadable

MAGIC = b"hsqs"
MAX_FOLDER = 4 << 20
"""Bytes of one folder's listing."""

_SUPERBLOCK = struct.Struct("<4s4I6H8Q")
_METADATA = 8192
_MAX_BLOCK = 1 << 20
_KEPT = 256
"""Unpacked metadata blocks that are kept: 2 MiB."""
_NO_FRAGMENT = 0xFFFFFFFF
_STORED_METADATA, _STORED_BLOCK = 0x8000, 1 << 24
_FOLDER, _FILE, _LINK = 1, 2, 3
_KINDS = 7
"""Inode types; each has an extended form with a number higher by this."""
_MEMORY = 80 << 20

# Inodes behind their common 16 bytes, basic and extended.
_INODES = {
    _FOLDER: struct.Struct("<2I2HI"),  # block, links, size, offset, parent
    _FOLDER + _KINDS: struct.Struct("<4I2HI"),  # links, size, block, parent, indexes, offset, attributes
    _FILE: struct.Struct("<4I"),  # start, fragment, offset, size
    _FILE + _KINDS: struct.Struct("<3Q4I"),  # start, size, sparse, links, fragment, offset, attributes
    _LINK: struct.Struct("<2I"),  # links, size
    _LINK + _KINDS: struct.Struct("<2I"),
}


class Place(NamedTuple):
    """A place in a table of metadata blocks: where its block starts, and the byte in it. Of inodes, their name."""

    block: int
    offset: int


class _Inode(NamedTuple):
    """A file, folder or link: its type, the fields of that type's structure, and where these end."""

    kind: int
    fields: tuple[int, ...]
    rest: Place


class Squashfs:
    """An image in a file, from `start` on; raises `ImageUnreadable` for whatever is wrong with it."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        self._file = file
        self._start = start
        self._blocks: OrderedDict[int, tuple[bytes, int]] = OrderedDict()
        self._names = 0
        self._fragment: tuple[int, bytes] | None = None
        data = self._at(0, _SUPERBLOCK.size)
        if len(data) < _SUPERBLOCK.size or not data.startswith(MAGIC):
            raise ImageUnreadable("it is no SquashFS image")
        fields = _SUPERBLOCK.unpack(data)
        self._block_size, self._fragments, method = fields[3], fields[4], fields[5]
        if fields[9:11] != (4, 0) or not 4096 <= self._block_size <= _MAX_BLOCK:
            raise ImageUnreadable("it is of a version of SquashFS that is not read")
        self._root, self._size = fields[11], fields[12]
        self._inodes, self._folders, self._fragment_table = fields[15], fields[16], fields[17]
        if method not in _UNPACK:
            raise ImageUnreadable(f"it is packed by {_UNREAD.get(method, 'a method')} that is not read")
        self._unpack = _UNPACK[method]

    @property
    def root(self) -> Place:
        """The folder at the top."""
        return Place(self._root >> 16, self._root & 0xFFFF)

    def children(self, node: Place) -> dict[str, Place]:
        """List a folder; nothing for what is no folder. What is in it is not looked at yet."""
        kind, fields, _ = self._inode(node)
        if kind not in {_FOLDER, _FOLDER + _KINDS}:
            return {}
        block, size, offset = (fields[i] for i in ((0, 2, 3) if kind == _FOLDER else (2, 1, 5)))
        if size > MAX_FOLDER:
            raise ImageUnreadable("a folder has too many entries")
        data, _ = self._metadata(Place(self._folders + block, offset), max(0, size - 3))
        found: dict[str, Place] = {}
        at = 0
        while at + 12 <= len(data):
            count, start, _ = struct.unpack_from("<3I", data, at)
            at += 12
            for _ in range(count + 1):
                self._names += 1
                if at + 8 > len(data) or self._names > MAX_NAMES:
                    raise ImageUnreadable("a folder is damaged or has too many entries")
                inode_offset, _, _, length = struct.unpack_from("<HhHH", data, at)
                name = data[at + 8 : at + 9 + length].decode("utf-8", "replace")
                found[name] = Place(start, inode_offset)
                at += 9 + length
        return found

    def target(self, node: Place) -> str | None:
        """Give where a symbolic link leads; `None` for what is none."""
        kind, fields, rest = self._inode(node)
        if kind not in {_LINK, _LINK + _KINDS}:
            return None
        if fields[1] > MAX_LINK:
            raise ImageUnreadable("a link is too long")
        return self._metadata(rest, fields[1])[0].decode("utf-8", "replace")

    def content(self, node: Place, limit: int) -> bytes:
        """Read a file of at most `limit` bytes."""
        kind, fields, rest = self._inode(node)
        if kind not in {_FILE, _FILE + _KINDS}:
            raise ImageUnreadable("what should be a file is none")
        start, size, fragment, offset = (fields[i] for i in ((0, 3, 1, 2) if kind == _FILE else (0, 1, 4, 5)))
        if size > limit:
            raise ImageUnreadable(f"a file has {size:,} bytes; {limit:,} are allowed")
        blocks = size // self._block_size if fragment != _NO_FRAGMENT else -(-size // self._block_size)
        sizes, _ = self._metadata(rest, 4 * blocks)
        parts: list[bytes] = []
        left = size
        for (packed,) in struct.iter_unpack("<I", sizes):
            length = min(left, self._block_size)
            part = self._data(start, packed) if packed else bytes(length)  # a hole
            if len(part) < length:
                raise ImageUnreadable("a file is damaged")
            parts.append(part[:length])
            start += packed & ~_STORED_BLOCK
            left -= length
        if left:
            parts.append(self._tail(fragment)[offset : offset + left])
        return b"".join(parts)

    def _tail(self, fragment: int) -> bytes:
        """Read the block that holds the ends of several files."""
        if fragment >= self._fragments:
            raise ImageUnreadable("a file is damaged")
        if self._fragment is None or self._fragment[0] != fragment:
            pointer = self._at(self._fragment_table + fragment // 512 * 8, 8)
            entry, _ = self._metadata(Place(int.from_bytes(pointer, "little"), fragment % 512 * 16), 16)
            start, size, _ = struct.unpack("<Q2I", entry)
            self._fragment = fragment, self._data(start, size)
        return self._fragment[1]

    def _inode(self, node: Place) -> _Inode:
        head, place = self._metadata(Place(self._inodes + node.block, node.offset), 16)
        kind = head[0] | head[1] << 8
        layout = _INODES.get(kind)
        if layout is None:  # devices, pipes and sockets have nothing to read
            return _Inode(kind, (), place)
        data, place = self._metadata(place, layout.size)
        return _Inode(kind, layout.unpack(data), place)

    def _metadata(self, place: Place, size: int) -> tuple[bytes, Place]:
        """Read `size` bytes of unpacked metadata, which may go on in the following blocks."""
        parts: list[bytes] = []
        block, offset = place
        missing = size
        while True:
            data, following = self._metadata_block(block)
            part = data[offset : offset + missing]
            parts.append(part)
            missing -= len(part)
            offset += len(part)
            if not missing:
                return b"".join(parts), Place(block, offset)
            if offset < len(data) or len(data) != _METADATA:  # only the last block of a table is shorter
                raise ImageUnreadable("its tables are damaged")
            block, offset = following, 0

    def _metadata_block(self, block: int) -> tuple[bytes, int]:
        kept = self._blocks.get(block)
        if kept is None:
            data = self._at(block, 2 + _METADATA)
            head = int.from_bytes(data[:2], "little")
            size = head & ~_STORED_METADATA or _STORED_METADATA
            if len(data) < 2 + min(size, 1) or size > _METADATA:
                raise ImageUnreadable("its tables are damaged")
            packed = data[2 : 2 + size]
            unpacked = packed if head & _STORED_METADATA else self._unpack(packed, _METADATA)
            kept = self._blocks[block] = unpacked, block + 2 + size
            if len(self._blocks) > _KEPT:
                self._blocks.popitem(last=False)
        return kept

    def _data(self, start: int, size: int) -> bytes:
        length = size & ~_STORED_BLOCK
        if length > self._block_size:
            raise ImageUnreadable("a file is damaged")
        packed = self._at(start, length)
        return packed if size & _STORED_BLOCK else self._unpack(packed, self._block_size)

    def _at(self, offset: int, size: int) -> bytes:
        if offset >= 1 << 62:  # what no file is large enough for, and no system call takes
            raise ImageUnreadable("its tables are damaged")
        self._file.seek(self._start + offset)
        return self._file.read(size)


def _inflated(data: bytes, most: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, most)
    except zlib.error as problem:
        raise ImageUnreadable(f"its packed data are damaged ({problem})") from None


def _unxz(data: bytes, most: int) -> bytes:
    try:
        return lzma.LZMADecompressor(memlimit=_MEMORY).decompress(data, most)
    except lzma.LZMAError as problem:
        raise ImageUnreadable(f"its packed data are damaged ({problem})") from None


def _unzstd(data: bytes, most: int) -> bytes:
    import zstandard

    try:
        with zstandard.ZstdDecompressor(max_window_size=8 << 20).stream_reader(data) as reader:
            return reader.read(most)
    except zstandard.ZstdError as problem:
        raise ImageUnreadable(f"its packed data are damaged ({problem})") from None


_UNPACK: dict[int, Callable[[bytes, int], bytes]] = {1: _inflated, 2: _unxz, 4: _unxz, 6: _unzstd}
_UNREAD = {3: "LZO", 5: "LZ4"}
