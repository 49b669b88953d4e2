"""Where on a disk the volumes are, and which file system each of them has.

Sources: UEFI specification, 5.3 (GPT); Inside Macintosh: Devices, "Partition Map" (Apple's); the boot sector's table
of four entries.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from seatrial.parsers.apfs import ApfsVolume, is_apfs
from seatrial.parsers.disk import Disk, DiskUnreadable, Part, Volume
from seatrial.parsers.fat import FatVolume, is_fat
from seatrial.parsers.hfsplus import HfsVolume, is_hfs

MAX_PARTITIONS = 128
HEAD = 4096
_SECTOR = 512


def first_volume(disk: Disk, named: Iterable[tuple[int, int]] = ()) -> Volume | None:
    """Open the first volume on a disk; `None` where there is none of a known kind.

    `named` are places (start, size) that an image names itself; else the disk's own table counts. Raise
    `DiskUnreadable` for a volume that is damaged or encrypted.
    """
    for start, size in (*named, (0, disk.size), *islice(_table(disk), MAX_PARTITIONS)):
        part = Part(disk, start, size)
        if part.size >= HEAD:
            volume = _opened(part)
            if volume is not None:
                return volume
    return None


def is_disk(head: bytes) -> bool:
    """Whether these are the first bytes (4 kB) of a disk as macOS writes it: a known volume, or a table of some."""
    gpt, map_of_apple = head[_SECTOR:].startswith(b"EFI PART"), head[_SECTOR:].startswith(b"PM\0\0")
    return gpt or (map_of_apple and head.startswith(b"ER")) or is_apfs(head) or is_hfs(head)


def _opened(part: Part) -> Volume | None:
    head = part.read_at(0, HEAD)
    if is_apfs(head):
        return ApfsVolume(part)
    if is_hfs(head):
        return HfsVolume(part)
    return FatVolume(part) if is_fat(head) else None


def _table(disk: Disk) -> Iterator[tuple[int, int]]:
    if disk.size < HEAD:
        return iter(())
    head = disk.read_at(0, HEAD)
    if head[_SECTOR:].startswith(b"EFI PART"):
        return _gpt(disk, head)
    if head.startswith(b"ER") and head[_SECTOR:].startswith(b"PM"):
        return _apple(disk, head)
    return _boot_sector(head)


def _gpt(disk: Disk, head: bytes) -> Iterator[tuple[int, int]]:
    start = int.from_bytes(head[_SECTOR + 72 : _SECTOR + 80], "little") * _SECTOR
    count, size = (int.from_bytes(head[_SECTOR + at : _SECTOR + at + 4], "little") for at in (80, 84))
    if not 128 <= size <= HEAD:
        raise DiskUnreadable("its table of partitions is damaged")
    for index in range(min(count, MAX_PARTITIONS)):
        entry = disk.read_at(start + index * size, 48)
        if any(entry[:16]):
            first, last = int.from_bytes(entry[32:40], "little"), int.from_bytes(entry[40:48], "little")
            yield first * _SECTOR, (last - first + 1) * _SECTOR


def _apple(disk: Disk, head: bytes) -> Iterator[tuple[int, int]]:
    sector = int.from_bytes(head[2:4]) or _SECTOR
    sector = sector if head[sector : sector + 2] == b"PM" else _SECTOR
    count = int.from_bytes(head[sector + 4 : sector + 8])
    for index in range(1, min(count, MAX_PARTITIONS) + 1):
        entry = disk.read_at(index * sector, 80)
        if not entry.startswith(b"PM"):
            return
        if not entry[48:].startswith((b"Apple_partition_map", b"Apple_Free", b"Apple_Driver")):
            yield int.from_bytes(entry[8:12]) * sector, int.from_bytes(entry[12:16]) * sector


def _boot_sector(head: bytes) -> Iterator[tuple[int, int]]:
    for at in range(446, 510, 16) if head[510:512] == b"\x55\xaa" else ():
        first, count = (int.from_bytes(head[at + i : at + i + 4], "little") for i in (8, 12))
        if head[at + 4] and first:
            yield first * _SECTOR, count * _SECTOR
