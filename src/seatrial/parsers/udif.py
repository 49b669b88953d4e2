"""Apple disk images (UDIF, `.dmg`): blocks packed in several ways, unpacked one by one as they are asked for.

The layout is not published by Apple. Facts used: a trailer of 512 bytes (`koly`) at the end tells where a property
list (or, in older images, a resource fork) is; its `blkx` entries hold one table (`mish`) for each partition, of runs
of 40 bytes: type, place on the disk in sectors, place in the file. Types: zeros, raw, ADC, zlib, bzip2, LZFSE, LZMA.
"""

import bz2
import lzma
import plistlib
import struct
import zlib
from array import array
from bisect import bisect_right
from collections import OrderedDict
from typing import BinaryIO, NamedTuple

from seatrial.parsers import apple_compression
from seatrial.parsers.apple_compression import CompressionUnreadable
from seatrial.parsers.disk import DiskUnreadable
from seatrial.parsers.unpacking import MAX_XZ_MEMORY

SECTOR = 512
MAX_TABLE = 3 << 20
"""Bytes of the property list or resource fork; 40 bytes (54 as text) for each run of at least 256 kB, mostly."""
MAX_RUNS = 100_000
MAX_CHUNK = 8 << 20
"""Bytes of one packed run when unpacked; real ones have at most 1 MiB, whatever wrote them."""
CACHE = 8 << 20
"""Bytes of unpacked runs that are kept."""
MAX_UNPACKED = 768 << 20
"""Bytes unpacked of one image, all reading together; those of slow methods count several times."""
MAX_PARTITIONS = 100

_TRAILER = 512
_MISH = struct.Struct(">4sL3Q")
_MISH_HEAD = 204
_RUN = struct.Struct(">2L4Q")
_ZERO, _RAW, _IGNORED = 0, 1, 2
_ADC, _ZLIB, _BZIP2, _LZFSE, _LZMA = 0x80000004, 0x80000005, 0x80000006, 0x80000007, 0x80000008
_SLOWNESS = {_BZIP2: 6, _LZMA: 3, _ADC: 60}
_COMMENT, _END = 0x7FFFFFFE, 0xFFFFFFFF
_DAMAGED = "it is damaged"
_OUTSIDE = "it is damaged and refers to a place outside of itself"


class Partition(NamedTuple):
    """A partition as the image names it, in bytes of the disk."""

    name: str
    start: int
    size: int


class _Run(NamedTuple):
    start: int
    """In sectors, as the next one."""
    sectors: int
    kind: int
    offset: int
    length: int


class UdifImage:
    """The disk inside of an image: bytes at offsets."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._file_size = file.seek(0, 2)
        trailer = self._trailer()
        data_start, _, fork, fork_size = struct.unpack_from(">4Q", trailer, 24)
        if int.from_bytes(trailer[60:64]) > 1:
            raise DiskUnreadable("it is split into several files; make it one file")
        table, table_size = struct.unpack_from(">2Q", trailer, 216)
        if table_size:
            entries = _of_property_list(self._bytes(table, table_size, MAX_TABLE))
        elif fork_size:
            entries = _of_resource_fork(self._bytes(fork, fork_size, MAX_TABLE))
        else:
            raise DiskUnreadable("it has no table of its blocks")
        if not entries:
            raise DiskUnreadable("the table of its blocks is empty")
        self.partitions: list[Partition] = []
        runs: list[_Run] = []
        for name, entry in entries[:MAX_PARTITIONS]:
            self._add(name, entry, data_start, runs)
        runs.sort()
        self._starts = array("Q", (run.start for run in runs))
        self._runs = runs
        last = max((run.start + run.sectors for run in runs), default=0)
        self._size = last * SECTOR
        self._cache: OrderedDict[int, bytes] = OrderedDict()
        self._cached = 0
        self._unpacked_left = MAX_UNPACKED

    @property
    def size(self) -> int:
        """Length of the disk in bytes."""
        return self._size

    def read_at(self, offset: int, size: int) -> bytes:
        """Give bytes of the disk; what no run covers is zero, as on a fresh disk."""
        if offset < 0 or size < 0 or offset + size > self._size:
            raise DiskUnreadable(_OUTSIDE)
        parts: list[bytes] = []
        position, end = offset, offset + size
        while position < end:
            index = bisect_right(self._starts, position // SECTOR) - 1
            part = self._part(index, position, end)
            parts.append(part)
            position += len(part)
        return b"".join(parts)

    def _part(self, index: int, position: int, end: int) -> bytes:
        """Give the bytes from `position` on that one run, or the gap behind it, covers."""
        following = self._starts[index + 1] * SECTOR if index + 1 < len(self._starts) else self._size
        run = self._runs[index] if index >= 0 else None
        covered = (run.start + run.sectors) * SECTOR if run else 0
        if run is None or position >= covered:
            return bytes(min(end, following) - position)
        wanted = min(end, covered, max(following, position + 1)) - position
        within = position - run.start * SECTOR
        if run.kind in {_ZERO, _IGNORED}:
            return bytes(wanted)
        if run.kind == _RAW:
            if within + wanted > run.length:
                raise DiskUnreadable(_DAMAGED)
            return self._bytes(run.offset + within, wanted, wanted)
        return self._unpacked(index, run)[within : within + wanted]

    def _unpacked(self, index: int, run: _Run) -> bytes:
        found = self._cache.get(index)
        if found is not None:
            self._cache.move_to_end(index)
            return found
        size = run.sectors * SECTOR
        if size > MAX_CHUNK:
            raise DiskUnreadable(f"it packs more than {MAX_CHUNK >> 20} MiB into one block")
        self._unpacked_left -= size * _SLOWNESS.get(run.kind, 1)
        if self._unpacked_left < 0:
            raise DiskUnreadable("more of it would have to be unpacked than is allowed")
        data = _unpack(run.kind, self._bytes(run.offset, run.length, 2 * MAX_CHUNK), size)
        if len(data) < size:
            raise DiskUnreadable(_DAMAGED)
        self._cache[index] = data
        self._cached += len(data)
        while self._cached > CACHE and len(self._cache) > 1:
            self._cached -= len(self._cache.popitem(last=False)[1])
        return data

    def _trailer(self) -> bytes:
        if self._file_size >= _TRAILER:
            self._file.seek(self._file_size - _TRAILER)
            trailer = self._file.read(_TRAILER)
            if trailer.startswith(b"koly"):
                return trailer
            self._file.seek(0)
            trailer = self._file.read(_TRAILER)  # some images have it at their start
            if trailer.startswith(b"koly"):
                return trailer
        raise DiskUnreadable("it has no trailer, so that its end is missing; upload it again")

    def _bytes(self, offset: int, size: int, limit: int) -> bytes:
        if size > limit:
            raise DiskUnreadable(f"a part of it is larger than {limit >> 20} MiB")
        if offset + size > self._file_size:
            raise DiskUnreadable("it is cut off; upload it again")
        self._file.seek(offset)
        data = self._file.read(size)
        if len(data) < size:
            raise DiskUnreadable("it is cut off; upload it again")
        return data

    def _add(self, name: str, entry: bytes, data_start: int, runs: list[_Run]) -> None:
        if len(entry) < _MISH_HEAD:
            raise DiskUnreadable(_DAMAGED)
        magic, _, first, count, shift = _MISH.unpack_from(entry)
        (number,) = struct.unpack_from(">L", entry, _MISH_HEAD - 4)
        if magic != b"mish" or _MISH_HEAD + number * _RUN.size > len(entry) or len(runs) + number > MAX_RUNS:
            raise DiskUnreadable(_DAMAGED)
        self.partitions.append(Partition(name, first * SECTOR, count * SECTOR))
        for kind, _, start, length, offset, packed in _RUN.iter_unpack(
            entry[_MISH_HEAD : _MISH_HEAD + number * _RUN.size]
        ):
            if kind == _END:
                return
            if kind != _COMMENT and length:
                if first + start + length > 1 << 54:
                    raise DiskUnreadable(_DAMAGED)
                runs.append(_Run(first + start, length, kind, data_start + shift + offset, packed))


def _of_property_list(data: bytes) -> list[tuple[str, bytes]]:
    try:
        top = plistlib.loads(data, fmt=plistlib.FMT_XML)
        tables = top["resource-fork"]["blkx"]
        named = [(str(each.get("CFName") or each.get("Name") or ""), each["Data"]) for each in tables]
    except MemoryError:
        raise
    except Exception as error:  # whatever a stranger's property list makes of these lookups
        raise DiskUnreadable("the table of its blocks is damaged") from error
    return [(name[:200], entry) for name, entry in named if isinstance(entry, bytes)]


def _of_resource_fork(data: bytes) -> list[tuple[str, bytes]]:
    """Find the `blkx` resources (Inside Macintosh: More Macintosh Toolbox, "Resource File Format")."""
    found: list[tuple[str, bytes]] = []
    try:
        content, index = struct.unpack_from(">2L", data)
        types = index + struct.unpack_from(">H", data, index + 24)[0]
        for kind in range(struct.unpack_from(">H", data, types)[0] + 1):
            code, count, first = struct.unpack_from(">4s2H", data, types + 2 + 8 * kind)
            for number in range(count + 1 if code == b"blkx" else 0):
                (place,) = struct.unpack_from(">L", data, types + first + 12 * number + 4)
                start = content + (place & 0xFFFFFF)
                (size,) = struct.unpack_from(">L", data, start)
                found.append(("", data[start + 4 : start + 4 + size]))
    except struct.error:
        raise DiskUnreadable("the table of its blocks is damaged") from None
    return found


def _unpack(kind: int, data: bytes, size: int) -> bytes:
    try:
        if kind == _ZLIB:
            return zlib.decompressobj().decompress(data, size)
        if kind == _BZIP2:
            return bz2.BZ2Decompressor().decompress(data, size)
        if kind == _LZMA:
            return lzma.LZMADecompressor(memlimit=MAX_XZ_MEMORY).decompress(data, size)
        if kind == _LZFSE:
            return apple_compression.unpacked(data, size)
    except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError, CompressionUnreadable):
        raise DiskUnreadable(_DAMAGED) from None
    if kind == _ADC:
        return _unpack_adc(data, size)
    raise DiskUnreadable(f"it is packed in a way that is not known here (0x{kind:08x})")


def _unpack_adc(data: bytes, size: int) -> bytes:
    """Unpack Apple Data Compression: plain bytes, or copies of earlier ones, each behind one to three control bytes."""
    out = bytearray()
    at = 0
    while at < len(data) and len(out) < size:
        control = data[at]
        if control & 0x80:
            length = (control & 0x7F) + 1
            out += data[at + 1 : at + 1 + length]
            at += 1 + length
            continue
        more = data[at + 1 : at + 3]
        if len(more) < (2 if control & 0x40 else 1):
            raise DiskUnreadable(_DAMAGED)
        if control & 0x40:
            length, back, at = (control & 0x3F) + 4, int.from_bytes(more) + 1, at + 3
        else:
            length, back, at = (control >> 2) + 3, ((control & 3) << 8 | more[0]) + 1, at + 2
        if back > len(out):
            raise DiskUnreadable(_DAMAGED)
        for _ in range(length):  # a copy may overlap what it makes
            out.append(out[-back])
    return bytes(out[:size])
