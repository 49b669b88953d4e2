"""FAT12, FAT16 and FAT32 volumes with long names, read-only.

Source: Microsoft, "FAT: General Overview of On-Disk Format" (version 1.03).
"""

import struct
from collections.abc import Iterator

from seatrial.parsers.disk import Disk, DiskUnreadable, Node

MAX_FOLDER = 8 << 20
"""Bytes of one folder's entries."""
MAX_CHAIN = 4_000_000
"""Clusters of one file."""
PIECE = 256 << 10

_ENTRY = struct.Struct("<11s2B7xH4xHL")
_LONG_NAME, _FOLDER, _LABEL = 0x0F, 0x10, 0x08
_DELETED = 0xE5
_DAMAGED = "its FAT volume is damaged"
_WINDOW = 64 << 10


class FatVolume:
    """The folders of a volume, and the content of its files on demand."""

    def __init__(self, disk: Disk) -> None:
        head = disk.read_at(0, 512)
        if not is_fat(head):
            raise DiskUnreadable("it holds no FAT volume")
        self._disk = disk
        sector, per_cluster, reserved, copies, roots, total = struct.unpack_from("<HBHBHH", head, 11)
        (table,) = struct.unpack_from("<H", head, 22)
        if not table:
            (table,) = struct.unpack_from("<L", head, 36)
        if not total:
            (total,) = struct.unpack_from("<L", head, 32)
        self._cluster = sector * per_cluster
        self._table = reserved * sector
        self._table_size = table * sector
        self._root_start = (reserved + copies * table) * sector
        self._root_size = roots * 32
        self._data = self._root_start + -(-self._root_size // sector) * sector
        clusters = (total * sector - self._data) // self._cluster
        # The number of clusters, and nothing else, tells the three kinds apart.
        self._bits = 12 if clusters < 4085 else 16 if clusters < 65525 else 32
        self._last = clusters + 1
        self._root = int.from_bytes(head[44:48], "little") if self._bits == 32 else 0
        self._window = (-1, b"")

    @property
    def root(self) -> Node:
        """The folder at the top."""
        return Node("", self._root, folder=True)

    def children(self, folder: Node) -> Iterator[Node]:
        """Give the folders and files of a folder."""
        long_name: dict[int, str] = {}
        for raw in self._entries(folder.key):
            if raw[0] == 0:
                return
            name, attributes, flags, high, low, size = _ENTRY.unpack(raw)
            if raw[0] == _DELETED:
                long_name = {}
                continue
            if attributes & 0x3F == _LONG_NAME:
                long_name[raw[0] & 0x1F] = (raw[1:11] + raw[14:26] + raw[28:32]).decode("utf-16-le", "replace")
                continue
            shown = "".join(part for _, part in sorted(long_name.items())).split("\0", 1)[0]
            long_name = {}
            if attributes & _LABEL or name[:1] == b".":
                continue
            first = low | (high << 16 if self._bits == 32 else 0)
            if attributes & _FOLDER and first < 2:
                continue
            is_folder = bool(attributes & _FOLDER)
            yield Node(shown or _short_name(name, flags), first, is_folder, 0 if is_folder else size, size)

    def stream(self, node: Node) -> Iterator[bytes]:
        """Give a file's content in pieces."""
        left = node.size
        for start, size in self._runs(node.key) if left else ():
            position, end = start, start + size
            while position < end and left > 0:
                part = self._disk.read_at(position, min(PIECE, end - position, left))
                position += len(part)
                left -= len(part)
                yield part
            if not left:
                return
        if left:
            raise DiskUnreadable(_DAMAGED)

    def _entries(self, first: int) -> Iterator[bytes]:
        total = 0
        runs = self._runs(first) if first else iter([(self._root_start, self._root_size)])
        for start, size in runs:
            total += size
            if total > MAX_FOLDER:
                raise DiskUnreadable(_DAMAGED)
            data = self._disk.read_at(start, size)
            for at in range(0, len(data) - 31, 32):
                yield data[at : at + 32]

    def _runs(self, first: int) -> Iterator[tuple[int, int]]:
        """Follow a chain of clusters; neighbours are joined, up to one piece."""
        cluster, start, size = first, 0, 0
        for _ in range(MAX_CHAIN):
            if not 2 <= cluster <= self._last:
                break
            place = self._data + (cluster - 2) * self._cluster
            if size and (place != start + size or size >= PIECE):
                yield start, size
                size = 0
            if not size:
                start = place
            size += self._cluster
            cluster = self._next(cluster)
        else:
            raise DiskUnreadable(_DAMAGED)
        if size:
            yield start, size

    def _next(self, cluster: int) -> int:
        at = cluster * self._bits // 8
        window = at // _WINDOW * _WINDOW
        if self._window[0] != window:
            # A few bytes more, because entries of 12 bits may lie across.
            size = min(_WINDOW + 4, self._table_size - window)
            if size <= 0:
                raise DiskUnreadable(_DAMAGED)
            self._window = (window, self._disk.read_at(self._table + window, size))
        data = self._window[1][at - window : at - window + 4]
        if self._bits == 32:
            return int.from_bytes(data, "little") & 0x0FFFFFFF
        value = int.from_bytes(data[:2], "little")
        if self._bits == 16:
            return value
        return value >> 4 if cluster & 1 else value & 0xFFF


def is_fat(head: bytes) -> bool:
    """Whether this is the first sector of a FAT volume: a boot sector with a sensible parameter block."""
    if len(head) < 512 or head[510:512] != b"\x55\xaa" or head[0] not in {0xEB, 0xE9}:
        return False
    sector, per_cluster, reserved, copies = struct.unpack_from("<HBHB", head, 11)
    tables = int.from_bytes(head[22:24], "little") or int.from_bytes(head[36:40], "little")
    return (
        sector in {512, 1024, 2048, 4096}
        and per_cluster in {1, 2, 4, 8, 16, 32, 64, 128}
        and reserved > 0
        and copies in {1, 2}
        and tables > 0
    )


def _short_name(name: bytes, flags: int) -> str:
    """Write an 8.3 name; two bits say that a half of it is meant in lower case."""
    stem, extension = (part.decode("cp437").rstrip() for part in (name[:8], name[8:]))
    stem = stem.lower() if flags & 0x08 else stem
    extension = extension.lower() if flags & 0x10 else extension
    return f"{stem}.{extension}" if extension else stem
