"""The outer structure of Windows programs (portable executables), read by ranges.

Source: Microsoft, "PE Format": the headers, the section table and "The .rsrc Section". A program of 120 MB costs a
few reads of 64 KiB: its headers, its resource tree, and the resources that are asked for.
"""

import struct
from collections import OrderedDict
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from seatrial.domain.errors import BuildFileInvalid, ProcessingCode

BLOCK = 64 << 10

RESOURCES, SECURITY, CLR = 2, 4, 14
"""Places in the table of data directories."""

_BLOCKS_KEPT = 32
_MOST_SECTIONS = 96  # what the loader of Windows takes
_MOST_DIRECTORIES = 16
_MOST_NODES = 4096
"""Entries of one folder of the resource tree that are looked at."""
_MOST_LOOKED_AT = 40_000
"""Entries of all folders together, some of which a lying tree may lead to again and again."""

_COFF = struct.Struct("<2H3L2H")
_SECTION = struct.Struct("<8s4L12xL")

_MACHINES = {
    0x014C: "x86",
    0x0200: "ia64",
    0x01C0: "arm",
    0x01C2: "arm",
    0x01C4: "arm",
    0x8664: "x64",
    0xAA64: "arm64",
    0xA641: "arm64ec",
    0x5032: "riscv32",
    0x5064: "riscv64",
    0x6264: "loongarch64",
}
_OLDER = {b"NE": "16-bit Windows (NE)", b"LE": "the drivers of Windows 3 and 95 (LE)", b"LX": "OS/2 (LX)"}

PeDamaged = (struct.error, ValueError, IndexError)
"""What reading a file that lies about its own structure comes down to."""


class Section(NamedTuple):
    """A section: where it is in memory (`address`) and in the file (`offset`)."""

    name: bytes
    address: int
    memory: int
    offset: int
    size: int
    flags: int

    @property
    def holds_code(self) -> bool:
        """Whether it is marked as code."""
        return bool(self.flags & 0x20)


class Resource(NamedTuple):
    """A leaf of the resource tree; `language` is a Windows LCID."""

    language: int
    address: int
    size: int


class PeFile:
    """One program: its headers, and its bytes by file offset or by address in memory."""

    def __init__(self, file: BinaryIO) -> None:
        """Read the headers; raise `BuildFileInvalid` for what Windows could not start either."""
        self._file = file
        self.size = file.seek(0, 2)
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        try:
            self._read_headers()
        except PeDamaged:
            raise _cut_off("The program's header is cut off or damaged") from None

    def _read_headers(self) -> None:
        at = int.from_bytes(self.read(0x3C, 4), "little")
        signature = self.read(at, 4) if at + 4 <= self.size else b""
        if signature[:2] in _OLDER:
            raise BuildFileInvalid(
                ProcessingCode.UNRECOGNISED_FORMAT,
                f"The program is for {_OLDER[signature[:2]]}; upload one for 32- or 64-bit Windows (PE).",
            )
        if signature != b"PE\0\0":
            raise BuildFileInvalid(
                ProcessingCode.UNRECOGNISED_FORMAT,
                "The file is a DOS program without a Windows program (PE) in it; build it again and upload that.",
            )
        machine, sections, _, _, _, optional_size, self.characteristics = _COFF.unpack(self.read(at + 4, _COFF.size))
        self.architecture = _MACHINES.get(machine)
        self.optional_header = at + 4 + _COFF.size
        optional = self.read(self.optional_header, max(optional_size, 96))
        wide = {0x10B: 0, 0x20B: 16}.get(int.from_bytes(optional[:2], "little"))
        if wide is None:
            raise ValueError("neither PE32 nor PE32+")
        self.os_version = ".".join(map(str, struct.unpack_from("<2H", optional, 40)))
        self.subsystem = int.from_bytes(optional[68:70], "little")
        (count,) = struct.unpack_from("<L", optional, 92 + wide)
        self.table_of_directories = self.optional_header + 96 + wide
        table = optional[96 + wide : optional_size]
        usable = min(count, _MOST_DIRECTORIES, len(table) // 8)
        self.directories = [struct.unpack_from("<2L", table, 8 * i) for i in range(usable)]
        start = self.optional_header + optional_size
        count = min(sections, _MOST_SECTIONS)
        raw = self.read(start, count * _SECTION.size)
        self.sections = [_section(raw, i * _SECTION.size) for i in range(count)]
        if any(each.size and each.offset >= self.size for each in self.sections):
            raise _cut_off("The program is cut off: a section of it begins behind the end of the file")

    @property
    def is_remote(self) -> bool:
        """Whether bytes cost requests, so that the whole file is better not read."""
        return bool(getattr(self._file, "is_remote", False))

    def read(self, offset: int, length: int) -> bytes:
        """Read up to `length` bytes at a place in the file; small reads are served from 64 KiB blocks."""
        if length > BLOCK:
            self._file.seek(offset)
            return self._file.read(length)
        first, last = offset // BLOCK, (offset + max(length, 1) - 1) // BLOCK
        data = b"".join(self._block(number) for number in range(first, last + 1))
        return data[offset - first * BLOCK : offset - first * BLOCK + length]

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            if number * BLOCK >= self.size:
                return b""
            self._file.seek(number * BLOCK)
            self._blocks[number] = self._file.read(BLOCK)
            if len(self._blocks) > _BLOCKS_KEPT:
                self._blocks.popitem(last=False)
        return self._blocks[number]

    def directory(self, index: int) -> tuple[int, int]:
        """Give address and size of a data directory; `(0, 0)` where there is none."""
        return self.directories[index] if index < len(self.directories) else (0, 0)

    def read_memory(self, address: int, length: int) -> bytes:
        """Read bytes by their address in memory, as far as the file holds them; raise `ValueError` for no place."""
        for each in self.sections:
            if each.address <= address < each.address + max(each.size, each.memory):
                inside = address - each.address
                return self.read(each.offset + inside, max(0, min(length, each.size - inside)))
        raise ValueError("an address outside all sections")

    @property
    def overlay(self) -> int:
        """Where the sections end in the file; installers keep what they install behind them."""
        return max((each.offset + each.size for each in self.sections if each.size), default=0)


def _section(raw: bytes, at: int) -> Section:
    name, memory, address, size, offset, flags = _SECTION.unpack_from(raw, at)
    return Section(name.rstrip(b"\0"), address, memory, offset, size, flags)


def _cut_off(what: str) -> BuildFileInvalid:
    return BuildFileInvalid(ProcessingCode.CORRUPT_ARCHIVE, f"{what}; upload the file again.")


class ResourceTree:
    """The resources of a program: by type, then by name or number, then by language."""

    def __init__(self, pe: PeFile) -> None:
        """Look at the tree's root; raise one of `PeDamaged` where it is not in the file."""
        self._pe = pe
        self._base = pe.directory(RESOURCES)[0]
        self._left = _MOST_LOOKED_AT

    def leaves(self, kind: int) -> Iterator[tuple[int | str, list[Resource]]]:
        """Give the resources of one type: number or name and its languages, in the tree's order."""
        if not self._base:
            return
        for number, at, is_folder in self._folder(0):
            if number != kind or not is_folder:
                continue
            for name, inner, has_languages in self._folder(at):
                yield name, self._languages(inner) if has_languages else [self._leaf(0, inner)]

    def read(self, resource: Resource, limit: int) -> bytes:
        """Read a resource's bytes; raise `ValueError` for one that is larger than `limit`."""
        if resource.size > limit:
            raise ValueError("a resource beyond its limit")
        return self._pe.read_memory(resource.address, resource.size)

    def _languages(self, at: int) -> list[Resource]:
        return [
            self._leaf(number if isinstance(number, int) else 0, place)
            for number, place, is_folder in self._folder(at)
            if not is_folder
        ]

    def _leaf(self, language: int, at: int) -> Resource:
        address, size = struct.unpack("<2L", self._pe.read_memory(self._base + at, 8))
        return Resource(language, address, size)

    def _folder(self, at: int) -> Iterator[tuple[int | str, int, bool]]:
        """Give the entries of a folder: number or name, the place it points to, and whether that is a folder."""
        named, numbered = struct.unpack("<2H", self._pe.read_memory(self._base + at + 12, 4))
        count = min(named + numbered, _MOST_NODES)
        entries = self._pe.read_memory(self._base + at + 16, count * 8)
        for number, place in struct.iter_unpack("<2L", entries[: len(entries) // 8 * 8]):
            self._left -= 1
            if self._left < 0:
                raise ValueError("a tree of resources beyond reason")
            key = self._name(number & 0x7FFFFFFF) if number & 0x80000000 else number
            yield key, place & 0x7FFFFFFF, bool(place & 0x80000000)

    def _name(self, at: int) -> str:
        length = int.from_bytes(self._pe.read_memory(self._base + at, 2), "little")
        return self._pe.read_memory(self._base + at + 2, min(length, 80) * 2).decode("utf-16-le", "replace")
