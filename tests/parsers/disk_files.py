"""Disk images and volumes written in memory for tests, in forms that the tools of this machine do not write."""

import bz2
import io
import lzma
import plistlib
import struct
import zlib
from collections.abc import Callable
from itertools import accumulate

import lzfse  # type: ignore[import-untyped]  # it has no type information

SECTOR = 512
ZERO, RAW, ADC, ZLIB, BZIP2, LZFSE, LZMA = 0, 1, 0x80000004, 0x80000005, 0x80000006, 0x80000007, 0x80000008
BLOCK = 4096


def adc(data: bytes) -> bytes:
    """Pack with Apple Data Compression: runs of one byte as copies of the byte before, all else plain."""
    out = bytearray()
    at = 0
    while at < len(data):
        run = 0
        while at > 0 and run < 67 and at + run < len(data) and data[at + run] == data[at - 1]:
            run += 1
        if run >= 4:
            out += bytes((0x40 | run - 4, 0, 0))
            at += run
        elif run == 3:
            out += bytes((0, 0))
            at += run
        else:
            out += bytes((0x80, data[at]))
            at += 1
    return bytes(out)


PACK: dict[int, Callable[[bytes], bytes]] = {
    RAW: bytes,
    ADC: adc,
    ZLIB: zlib.compress,
    BZIP2: bz2.compress,
    LZFSE: lambda data: bytes(lzfse.compress(data)),
    LZMA: lzma.compress,
}


def mish(runs: list[tuple[int, int, int, int, int]], first: int, count: int) -> bytes:
    """Write the table of one partition; runs are type, start, length (sectors), offset, length (bytes)."""
    head = struct.pack(">4sL3Q", b"mish", 1, first, count, 0).ljust(200, b"\0") + struct.pack(">L", len(runs) + 1)
    body = b"".join(struct.pack(">2L4Q", kind, 0, *rest) for kind, *rest in runs)
    return head + body + struct.pack(">2L4Q", 0xFFFFFFFF, 0, count, 0, 0, 0)


def trailer(table: int, size: int, *, fork: tuple[int, int] = (0, 0), segments: int = 1) -> bytes:
    """Write the 512 bytes at the end."""
    data = bytearray(512)
    data[:4] = b"koly"
    struct.pack_into(">2L", data, 4, 4, 512)
    struct.pack_into(">2Q", data, 40, *fork)
    struct.pack_into(">2L", data, 56, 1, segments)
    struct.pack_into(">2Q", data, 216, table, size)
    return bytes(data)


def udif(disk: bytes, method: int = ZLIB, chunk: int = 64, first: int = 0) -> bytes:
    """Pack a disk as an image with one partition."""
    data = bytearray()
    runs = []
    for start in range(0, len(disk), chunk * SECTOR):
        piece = disk[start : start + chunk * SECTOR]
        packed = PACK[method](piece) if any(piece) else b""
        runs.append((method if packed else ZERO, start // SECTOR, len(piece) // SECTOR, len(data), len(packed)))
        data += packed
    return image(bytes(data), [mish(runs, first, len(disk) // SECTOR)])


def image(data: bytes, tables: list[bytes]) -> bytes:
    """Put packed data and the tables of partitions together."""
    entries = [{"ID": str(i), "Name": f"part {i}", "Data": table} for i, table in enumerate(tables)]
    text = plistlib.dumps({"resource-fork": {"blkx": entries}})
    return data + text + trailer(len(data), len(text))


def with_resource_fork(data: bytes, table: bytes) -> bytes:
    """Write an image of the old kind, whose table is in a resource fork."""
    content = struct.pack(">L", len(table)) + table
    kinds = struct.pack(">H4s2H", 0, b"blkx", 0, 10)
    index = bytes(24) + struct.pack(">2H", 28, 0) + kinds + struct.pack(">H2BHL", 0, 0xFF, 0xFF, 0, 0)
    fork = struct.pack(">4L", 256, 256 + len(content), len(content), len(index)).ljust(256, b"\0") + content + index
    return data + fork + trailer(0, 0, fork=(len(data), len(fork)))


def gpt(volume: bytes, start: int = 40) -> bytes:
    """Put a volume on a disk with a GPT."""
    head = bytearray(start * SECTOR)
    head[510:512] = b"\x55\xaa"
    head[512:520] = b"EFI PART"
    struct.pack_into("<Q2L", head, 512 + 72, 2, 4, 128)
    struct.pack_into("<16s16s2Q", head, 1024 + 128, b"kind", b"itself", start, start + len(volume) // SECTOR - 1)
    return bytes(head) + volume


def apple_map(volume: bytes, start: int = 64) -> bytes:
    """Put a volume on a disk with Apple's partition map."""
    head = bytearray(start * SECTOR)
    head[:4] = b"ER" + struct.pack(">H", SECTOR)
    for index, (kind, first, count) in enumerate(
        [(b"Apple_partition_map", 1, 63), (b"Apple_HFS", start, len(volume) // SECTOR)], 1
    ):
        struct.pack_into(">2s2xLLL32s32s", head, index * SECTOR, b"PM", 2, first, count, b"name", kind)
    return bytes(head) + volume


def boot_sector(volume: bytes, start: int = 8) -> bytes:
    """Put a volume on a disk with a boot sector's table."""
    head = bytearray(start * SECTOR)
    struct.pack_into("<B3xB3xLL", head, 446, 0, 0x0B, start, len(volume) // SECTOR)
    head[510:512] = b"\x55\xaa"
    return bytes(head) + volume


def file_like(data: bytes) -> io.BytesIO:
    """Make a file of bytes."""
    return io.BytesIO(data)


def fletcher(block: bytes) -> bytes:
    """Give a block of APFS its checksum."""
    words = struct.unpack(f"<{len(block) // 4 - 2}L", block[8:])
    low, high = sum(words) % 0xFFFFFFFF, sum(accumulate(words)) % 0xFFFFFFFF
    first = 0xFFFFFFFF - (low + high) % 0xFFFFFFFF
    return struct.pack("<2L", first, 0xFFFFFFFF - (low + first) % 0xFFFFFFFF) + block[8:]


class Apfs:
    """A container with one volume: every tree is one node, or two levels where asked for."""

    def __init__(self, *, encrypted: bool = False, hashed: bool = True, split: bool = False) -> None:
        self.blocks = [bytes(BLOCK)] * 12
        self.records: list[tuple[tuple[int, int, bytes], bytes, bytes]] = []
        self.next = 16
        self.encrypted, self.hashed, self.split = encrypted, hashed, split

    def folder(self, parent: int, name: str) -> int:
        """Add a folder; the root is number 2."""
        return self._entry(parent, name, 4, b"", None, {})

    def file(
        self,
        parent: int,
        name: str,
        content: bytes,
        *,
        packed: bytes | None = None,
        resources: bytes | None = None,
        hole: int = 0,
    ) -> int:
        """Add a file; `packed` is its attribute com.apple.decmpfs, `hole` zeros in front of its content."""
        attributes = {} if packed is None else {"com.apple.decmpfs": packed}
        number = self._entry(parent, name, 8, content, packed, attributes, hole)
        if resources is not None:
            stream = self.next
            self.next += 1
            self._extent(stream, 0, resources)
            value = struct.pack("<2H2Q", 1, 48, stream, len(resources)) + bytes(32)
            self._attribute(number, "com.apple.ResourceFork", value)
        return number

    def link(self, parent: int, name: str) -> None:
        """Add a symbolic link."""
        self._entry(parent, name, 10, b"", None, {})

    def _entry(
        self,
        parent: int,
        name: str,
        kind: int,
        content: bytes,
        packed: bytes | None,
        attributes: dict[str, bytes],
        hole: int = 0,
    ) -> int:
        number = self.next
        self.next += 1
        raw = name.encode() + b"\0"
        length = struct.pack("<L", len(raw) | 0x12345 << 10) if self.hashed else struct.pack("<H", len(raw))
        key = struct.pack("<Q", parent | 9 << 60) + length + raw
        self.records.append(((parent, 9, raw), key, struct.pack("<2QH", number, 0, kind)))
        inode = struct.pack("<2Q32xQ", parent, number, 0) + bytes(12) + struct.pack("<L", 0 if packed is None else 0x20)
        inode = inode.ljust(92, b"\0")
        if kind == 8 and packed is None:  # a name first, so that the size is not the first field
            fields = struct.pack("<2H2BH2BH", 2, 48, 4, 2, len(raw), 8, 32, 40)
            size = struct.pack("<5Q", hole + len(content), 0, 0, 0, 0)
            inode += fields + raw.ljust(-(-len(raw) // 8) * 8, b"\0") + size
            if content:
                self._extent(number, hole, content)
        self.records.append(((number, 3, b""), struct.pack("<Q", number | 3 << 60), inode))
        for attribute, value in attributes.items():
            self._attribute(number, attribute, struct.pack("<2H", 2, len(value)) + value)
        return number

    def _attribute(self, number: int, name: str, value: bytes) -> None:
        raw = name.encode() + b"\0"
        key = struct.pack("<QH", number | 4 << 60, len(raw)) + raw
        self.records.append(((number, 4, raw), key, value))

    def _extent(self, number: int, start: int, content: bytes) -> None:
        first = len(self.blocks)
        padded = content.ljust(-(-len(content) // BLOCK) * BLOCK, b"\0")
        self.blocks += [padded[i : i + BLOCK] for i in range(0, len(padded), BLOCK)]
        value = struct.pack("<3Q", len(padded), first, 0)
        rank = struct.pack(">Q", start)
        self.records.append(((number, 8, rank), struct.pack("<2Q", number | 8 << 60, start), value))

    def disk(self) -> bytes:
        """Write the container: two superblocks, of which the one with the higher transaction counts."""
        self.records.sort(key=lambda record: record[0])
        pairs = [(key, value) for _, key, value in self.records]
        objects = {1024: 6, 1025: 8}
        if self.split:
            half = len(pairs) // 2
            for number, part in ((1026, pairs[:half]), (1027, pairs[half:])):
                objects[number] = len(self.blocks)
                self.blocks.append(node(part, root=False))
            index = [(pairs[0][0], struct.pack("<Q", 1026)), (pairs[half][0], struct.pack("<Q", 1027))]
            self.blocks[8] = node(index, leaf=False)
        else:
            self.blocks[8] = node(pairs)
        self.blocks[3] = self._object_map(4)
        self.blocks[4] = node([_mapped(1024, objects[1024])], fixed=True)
        volume = bytearray(self._head(1024, 5))
        volume[32:36] = b"APSB"
        struct.pack_into("<Q", volume, 56, 1 if self.hashed else 0)
        struct.pack_into("<L", volume, 116, 2)
        struct.pack_into("<2Q", volume, 128, 9, 1025)
        struct.pack_into("<Q", volume, 264, 0 if self.encrypted else 1)
        self.blocks[6] = fletcher(bytes(volume))
        self.blocks[9] = self._object_map(10)
        own = [_mapped(number, place) for number, place in sorted(objects.items()) if number != 1024]
        self.blocks[10] = node(own, fixed=True)
        self.blocks[0] = self._superblock(3, good=False)
        self.blocks[2] = self._superblock(5, good=True)
        return b"".join(self.blocks)

    def _head(self, number: int, transaction: int) -> bytes:
        return struct.pack("<3Q", 0, number, transaction).ljust(BLOCK, b"\0")

    def _object_map(self, root: int) -> bytes:
        block = bytearray(self._head(3, 5))
        struct.pack_into("<Q", block, 48, root)
        return fletcher(bytes(block))

    def _superblock(self, transaction: int, *, good: bool) -> bytes:
        block = bytearray(self._head(1, transaction))
        block[32:36] = b"NXSB"
        struct.pack_into("<LQ", block, 36, BLOCK, len(self.blocks))
        struct.pack_into("<2L2Q", block, 104, 2, 0, 1, 0)
        struct.pack_into("<Q", block, 160, 3 if good else 11)  # the old checkpoint's map is gone
        struct.pack_into("<LQ", block, 180, 100, 1024)
        return fletcher(bytes(block))


def _mapped(number: int, place: int) -> tuple[bytes, bytes]:
    return struct.pack("<2Q", number, 5), struct.pack("<2LQ", 0, BLOCK, place)


def node(records: list[tuple[bytes, bytes]], *, root: bool = True, leaf: bool = True, fixed: bool = False) -> bytes:
    """Write one node of a B-tree."""
    block = bytearray(BLOCK)
    width = 4 if fixed else 8
    keys = 56 + width * len(records)
    end = BLOCK - (40 if root else 0)
    key_at = value_at = 0
    struct.pack_into("<2HL2H", block, 32, root | leaf << 1 | fixed << 2, 0, len(records), 0, width * len(records))
    for index, (key, value) in enumerate(records):
        value_at += len(value)
        block[keys + key_at : keys + key_at + len(key)] = key
        block[end - value_at : end - value_at + len(value)] = value
        place = struct.pack("<2H", key_at, value_at)
        if not fixed:
            place = struct.pack("<4H", key_at, len(key), value_at, len(value))
        block[56 + width * index : 56 + width * index + width] = place
        key_at += len(key)
    assert keys + key_at <= end - value_at
    return fletcher(bytes(block))
