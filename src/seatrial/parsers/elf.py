"""The outline of an ELF file: machine, sections, and where its own bytes end.

Format: System V ABI, chapter 4 (ELF header, sections, program headers), 32 and 64 bits in both byte orders.
"""

import struct
from typing import BinaryIO, NamedTuple

MAGIC = b"\x7fELF"
MAX_SECTIONS = 1_000
MAX_NAMES = 1 << 20
_NO_BITS = 8

_MACHINES = {3: "i686", 8: "mips", 20: "ppc", 21: "ppc64", 22: "s390x", 40: "armhf", 62: "x86_64", 183: "aarch64"}
_MACHINES |= {243: "riscv64", 258: "loongarch64"}


class ElfUnreadable(Exception):
    """A file whose ELF header is cut off or absurd."""


class Section(NamedTuple):
    """A named part of the file."""

    offset: int
    size: int


class Elf(NamedTuple):
    """What the headers say."""

    architecture: str | None
    """In the words that AppImage's tools use, which are those of `uname -m` for most."""
    sections: dict[str, Section]
    ends: tuple[int, ...]
    """Where the file may end by its own account, the likeliest first: behind the section headers, or the data."""


class _Layout(NamedTuple):
    """How a class of files writes its headers, without the byte order."""

    header: str
    section: str
    segment: str


_NARROW = _Layout("16x2HI3II6H", "10I", "8I")
_WIDE = _Layout("16x2HI3QI6H", "2I4Q2I2Q", "2I6Q")


def read_elf(file: BinaryIO) -> Elf:
    """Read the headers; raise `ElfUnreadable`. Section headers that make no sense are left out."""
    file.seek(0)
    start = file.read(64)
    layout = {1: _NARROW, 2: _WIDE}.get(start[4] if len(start) > 5 else 0)
    order = {1: "<", 2: ">"}.get(start[5] if len(start) > 5 else 0)
    if not start.startswith(MAGIC) or layout is None or order is None:
        raise ElfUnreadable
    header = struct.Struct(order + layout.header)
    if len(start) < header.size:
        raise ElfUnreadable
    _, machine, _, _, segments_at, sections_at, _, _, _, segment_count, section_size, count, names = header.unpack(
        start[: header.size]
    )
    tables = _table(file, sections_at, count, struct.Struct(order + layout.section))
    segments = _table(file, segments_at, segment_count, struct.Struct(order + layout.segment))
    # In a segment's header the flags moved when it grew: offset and size in the file are 1 and 4, or 2 and 5.
    at, size = (1, 4) if layout is _NARROW else (2, 5)
    data_ends = [one[4] + one[5] for one in tables if one[1] != _NO_BITS] + [one[at] + one[size] for one in segments]
    ends = ([sections_at + section_size * count] if sections_at else []) + ([max(data_ends)] if data_ends else [])
    return Elf(_MACHINES.get(machine), _named(file, tables, names), tuple(ends))


def _table(file: BinaryIO, offset: int, count: int, layout: struct.Struct) -> list[tuple[int, ...]]:
    if not offset or offset >= 1 << 62 or count > MAX_SECTIONS:
        return []
    file.seek(offset)
    data = file.read(layout.size * count)
    return list(layout.iter_unpack(data)) if len(data) == layout.size * count else []


def _named(file: BinaryIO, tables: list[tuple[int, ...]], names: int) -> dict[str, Section]:
    if names >= len(tables):
        return {}
    offset, size = tables[names][4:6]
    if offset >= 1 << 62 or size > MAX_NAMES:
        return {}
    file.seek(offset)
    texts = file.read(size)
    found: dict[str, Section] = {}
    for one in tables:
        end = texts.find(b"\0", one[0])
        if end > one[0] and end - one[0] < 100:
            found.setdefault(texts[one[0] : end].decode("utf-8", "replace"), Section(one[4], one[5]))
    return found
