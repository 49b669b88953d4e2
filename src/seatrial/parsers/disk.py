"""Disks, partitions and volumes as the readers of disk images see them: bytes at offsets, folders and files.

Everything is read on demand, from a disk image that may be packed and may lie in a store far away.
"""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, Protocol


class DiskUnreadable(Exception):
    """A disk image or a volume that is damaged, or of a kind that is not read; the message says which."""


class DiskEncrypted(DiskUnreadable):
    """A disk image or a volume that cannot be read without its password."""


class Disk(Protocol):
    """Bytes at offsets."""

    @property
    def size(self) -> int:
        """Length in bytes."""
        ...

    def read_at(self, offset: int, size: int) -> bytes:
        """Give exactly `size` bytes; raise `DiskUnreadable` where there are fewer."""
        ...


class Part:
    """A stretch of a disk, a disk itself."""

    def __init__(self, disk: Disk, start: int, size: int) -> None:
        self._disk = disk
        self._start = max(0, start)
        self._size = max(0, min(size, disk.size - self._start))

    @property
    def size(self) -> int:
        """Length in bytes, at most what there is of the disk."""
        return self._size

    def read_at(self, offset: int, size: int) -> bytes:
        """Give bytes of the stretch; none outside of it."""
        if offset < 0 or size < 0 or offset + size > self._size:
            raise DiskUnreadable("it is damaged and refers to a place outside of itself")
        return self._disk.read_at(self._start + offset, size)


class PlainDisk:
    """A disk whose bytes are the file's."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, 2)

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self._size

    def read_at(self, offset: int, size: int) -> bytes:
        """Give bytes of the file."""
        if offset < 0 or size < 0 or offset + size > self._size:
            raise DiskUnreadable("it is cut off, or refers to a place outside of itself")
        self._file.seek(offset)
        data = self._file.read(size)
        if len(data) < size:
            raise DiskUnreadable("it is cut off")
        return data


class Node(NamedTuple):
    """A file or folder of a volume."""

    name: str
    key: int
    """The volume's own number of it."""
    folder: bool
    size: int = 0
    packed_size: int = 0
    """Bytes that it takes on the volume, where the volume packs files; else its size."""


class Volume(Protocol):
    """A file system, read-only."""

    @property
    def root(self) -> Node:
        """The folder at the top."""
        ...

    def children(self, folder: Node) -> Iterator[Node]:
        """Give what is in a folder; links and devices are left out. Raise `DiskUnreadable`."""
        ...

    def stream(self, node: Node) -> Iterator[bytes]:
        """Give a file's content in pieces; raise `DiskUnreadable`. The node is one that `children` gave."""
        ...
