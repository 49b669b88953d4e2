"""Compound files: the little file system that Windows installers are kept in.

Source: [MS-CFB]. Read by ranges: of the allocation table only the sectors that a chain passes are fetched, so that an
installer of a gigabyte costs no more than a small one. Chains cannot go in circles for long: each is followed for as
many sectors as its stream has bytes for.
"""

import io
import struct
from bisect import bisect_right
from itertools import accumulate
from typing import BinaryIO, NamedTuple

MAX_STREAMS = 20_000
"""Entries of the directory that are looked at."""

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER = struct.Struct("<8s16x5H6x9L")
_ENTRY = struct.Struct("<64sHBx3L36xLQ")
_IN_HEADER = 109  # sectors of the allocation table that the header itself lists
_LAST = 0xFFFFFFFA  # larger numbers are marks, not sectors
_SMALL = 4096
_SMALL_SECTOR = 64
_STREAM, _ROOT = 2, 5
_MOST_DIRECTORY = 128 * 4 * MAX_STREAMS
_CACHED_SECTORS = 4096
_MOST_SMALL = 64 << 20


class CfbError(ValueError):
    """Bytes that are no compound file, or one that contradicts itself."""


class _Entry(NamedTuple):
    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int


class Stream:
    """One stream: where its bytes are in the file, piece by piece."""

    def __init__(self, file: BinaryIO, runs: list[tuple[int, int]], size: int) -> None:
        self._file = file
        self._places = [place for place, _ in runs]
        self._ends = list(accumulate(length for _, length in runs))
        self.size = size

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Read bytes from a place of the stream on, all the rest by default; less where the file ends too early."""
        wanted = max(0, min(self.size - offset, self.size if length is None else length))
        parts: list[bytes] = []
        run = bisect_right(self._ends, offset)
        while wanted > 0 and run < len(self._ends):
            left = self._ends[run] - offset
            before = self._ends[run - 1] if run else 0
            self._file.seek(self._places[run] + offset - before)
            part = self._file.read(min(left, wanted))
            parts.append(part)
            if len(part) < min(left, wanted):
                break  # the file ends inside the stream
            wanted -= len(part)
            offset += len(part)
            run += 1
        return b"".join(parts)


class CompoundFile:
    """A compound file: the streams of its root storage."""

    def __init__(self, file: BinaryIO) -> None:
        """Read header and directory; raise `CfbError` where they make no sense."""
        self._file = file
        self._size = file.seek(0, 2)
        file.seek(0)
        head = file.read(512)
        if len(head) < 512 or not head.startswith(_MAGIC):
            raise CfbError("no header of a compound file")
        fields = _HEADER.unpack_from(head)
        shift = fields[4]
        if fields[3] != 0xFFFE or shift not in {9, 12} or fields[5] != 6:
            raise CfbError("sectors of a size that there is not")
        self._sector = 1 << shift
        _, _, directory, _, _, self._small_table, _, extra, extra_count = fields[6:]
        self._table_sectors = self._list_table(head, extra, extra_count)
        self._table: dict[int, tuple[int, ...]] = {}
        entries = self._entries(self._chain(directory, _MOST_DIRECTORY, known=False))
        if not entries or entries[0].kind != _ROOT:
            raise CfbError("no root in its directory")
        self._small: Stream | None = None
        self._small_chain = b""
        self._root = entries[0]
        self._streams = _children(entries)

    def names(self) -> list[str]:
        """Give the names of the root's streams, as the file spells them."""
        return list(self._streams)

    def open(self, name: str, limit: int) -> Stream | None:
        """Find a stream of the root; raise `CfbError` where it is larger than `limit` or its chain is broken."""
        entry = self._streams.get(name)
        if entry is None:
            return None
        if entry.size > limit:
            raise CfbError(f"a stream of {entry.size:,} bytes, where {limit:,} are allowed")
        if entry.size >= _SMALL:
            return self._chain(entry.start, entry.size)
        return self._small_stream(entry.start, entry.size)

    def _list_table(self, head: bytes, at: int, count: int) -> list[int]:
        """List the sectors of the allocation table; those beyond the header's own are listed in a chain of sectors."""
        most = self._size // self._sector // (self._sector // 4) + 1
        found = [each for each in struct.unpack_from(f"<{_IN_HEADER}L", head, 76) if each < _LAST]
        for _ in range(min(count, most)):
            if at >= _LAST or len(found) >= most:
                break
            *sectors, at = struct.unpack(f"<{self._sector // 4}L", self._read_sector(at))
            found += [each for each in sectors if each < _LAST]
        return found[:most]

    def _read_sector(self, number: int) -> bytes:
        self._file.seek((number + 1) * self._sector)
        data = self._file.read(self._sector)
        if len(data) < self._sector:
            raise CfbError("it is cut off")
        return data

    def _next(self, sector: int) -> int:
        per_sector = self._sector // 4
        index = sector // per_sector
        if index >= len(self._table_sectors):
            raise CfbError("a chain leads out of the file")
        if index not in self._table:
            if len(self._table) >= _CACHED_SECTORS:
                self._table.clear()
            self._table[index] = struct.unpack(f"<{per_sector}L", self._read_sector(self._table_sectors[index]))
        return int(self._table[index][sector % per_sector])

    def _chain(self, start: int, size: int, *, known: bool = True) -> Stream:
        """Follow a chain of sectors; neighbours become one run. Of the directory the size is not known before."""
        runs: list[tuple[int, int]] = []
        sector, found = start, 0
        while found < min(size, self._size) and sector < _LAST:
            place = (sector + 1) * self._sector
            if place >= self._size:
                raise CfbError("a chain leads out of the file")
            if runs and sum(runs[-1]) == place:
                runs[-1] = (runs[-1][0], runs[-1][1] + self._sector)
            else:
                runs.append((place, self._sector))
            found += self._sector
            sector = self._next(sector)
        if known and found < size:
            raise CfbError("a stream is cut off")
        if found >= _MOST_DIRECTORY and not known:
            raise CfbError("a directory beyond reason")
        return Stream(self._file, runs, min(size, found))

    def _small_stream(self, start: int, size: int) -> Stream:
        """Find a stream of less than 4,096 bytes; those share one stream, in pieces of 64 bytes."""
        if self._small is None:
            if self._root.size > _MOST_SMALL:
                raise CfbError("small streams beyond reason")
            self._small = self._chain(self._root.start, self._root.size)
            chain = self._chain(self._small_table, self._small.size // _SMALL_SECTOR * 4 + 4, known=False)
            self._small_chain = chain.read()
        parts: list[bytes] = []
        piece, found = start, 0
        while found < size:
            if piece * 4 + 4 > len(self._small_chain):
                raise CfbError("a small stream is cut off")
            parts.append(self._small.read(piece * _SMALL_SECTOR, _SMALL_SECTOR))
            found += _SMALL_SECTOR
            piece = int.from_bytes(self._small_chain[piece * 4 : piece * 4 + 4], "little")
        return _in_memory(b"".join(parts)[:size])

    def _entries(self, directory: Stream) -> list[_Entry]:
        found: list[_Entry] = []
        data = directory.read()
        for at in range(0, len(data) - _ENTRY.size + 1, _ENTRY.size):
            raw, name_size, kind, left, right, child, start, size = _ENTRY.unpack_from(data, at)
            name = raw[: max(0, min(name_size, 64) - 2)].decode("utf-16-le", "replace")
            if self._sector == 512:
                size &= 0xFFFFFFFF  # [MS-CFB] 2.6.1: the upper half is not to be trusted there
            found.append(_Entry(name, kind, left, right, child, start, size))
        return found


def _in_memory(data: bytes) -> Stream:
    return Stream(io.BytesIO(data), [(0, len(data))], len(data))


def _children(entries: list[_Entry]) -> dict[str, _Entry]:
    """Collect the streams of the root; its entries form a binary tree, which may lie and go in circles."""
    found: dict[str, _Entry] = {}
    seen: set[int] = set()
    waiting = [entries[0].child]
    while waiting:
        number = waiting.pop()
        if number in seen or number >= len(entries):
            continue
        if len(seen) >= MAX_STREAMS:
            raise CfbError(f"more than {MAX_STREAMS:,} streams")
        seen.add(number)
        entry = entries[number]
        if entry.kind == _STREAM:
            found.setdefault(entry.name, entry)
        waiting += [entry.right, entry.left]
    return found
