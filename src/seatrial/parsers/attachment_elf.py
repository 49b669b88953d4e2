"""ELF files: the GNU build id, and whether there is debug information.

Layouts: System V ABI, generic edition, chapters 4 and 5 (headers, sections, notes); the build id is a note of type 3
with the name `GNU`.
"""

import struct
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from seatrial.parsers.attachment_content import Content

MAGIC = b"\x7fELF"
_MAX_SEGMENTS = 128
_MAX_SECTIONS = 10_000
_MAX_ENTRY = 1 << 10
_MAX_NOTES = 64 << 10
_MAX_NOTE_PLACES = 64
_MAX_NAMES = 1 << 20
_NOTE_SEGMENT, _NOTE_SECTION = 4, 7
_BUILD_ID = 3
_MAX_ID = 64
_MACHINES = {3: "x86", 8: "mips", 40: "arm", 62: "x86_64", 183: "arm64", 243: "riscv64"}


class ElfFile(NamedTuple):
    """What an ELF file says about itself."""

    architecture: str
    build_id: str | None
    """Lower-case hex."""
    debug_info: bool
    symbol_table: bool


class _Layout(NamedTuple):
    order: str
    wide: bool
    machine: int
    segments: tuple[int, int, int]
    """Offset, size of one, count; so are the sections."""
    sections: tuple[int, int, int]
    names: int


def build_id_of(content: Content) -> str | None:
    """Give the build id that a program's loader sees; cheap, because segments stand at the start."""
    layout = _layout(content.head)
    return _noted(content, layout, _segments(content, layout)) if layout else None


def read_elf(content: Content) -> ElfFile | None:
    """Look at an ELF file up to its section headers, which stand at its end; `None` for what is none.

    Raises BuildFileInvalid where the bytes cannot be read.
    """
    layout = _layout(content.head)
    if layout is None:
        return None
    build_id = _noted(content, layout, _segments(content, layout))
    sections = list(_sections(content, layout))
    if build_id is None:
        # The segments of a file that was stripped of all but its debug information point at nothing.
        notes = [(offset, size) for _, kind, offset, size in sections if kind == _NOTE_SECTION]
        build_id = _noted(content, layout, iter(notes))
    names = {name for name, *_ in sections}
    return ElfFile(
        _MACHINES.get(layout.machine, f"machine-{layout.machine}"),
        build_id,
        bool(names & {b".debug_info", b".zdebug_info", b".gnu_debugdata"}),
        b".symtab" in names,
    )


def _layout(head: bytes) -> _Layout | None:
    if not head.startswith(MAGIC) or len(head) < 64 or head[4] not in {1, 2} or head[5] not in {1, 2}:
        return None
    wide, order = head[4] == 2, "<" if head[5] == 1 else ">"
    (machine,) = struct.unpack_from(order + "H", head, 18)
    segments, sections = struct.unpack_from(order + ("2Q" if wide else "2L"), head, 32 if wide else 28)
    sizes = struct.unpack_from(order + "5H", head, 54 if wide else 42)
    return _Layout(order, wide, machine, (segments, sizes[0], sizes[1]), (sections, sizes[2], sizes[3]), sizes[4])


def _segments(content: Content, layout: _Layout) -> Iterator[tuple[int, int]]:
    fields = struct.Struct(layout.order + ("L4xQ16xQ" if layout.wide else "2L8xL"))
    for data in _table(content, layout.segments, fields.size, _MAX_SEGMENTS):
        kind, offset, size = fields.unpack_from(data)
        if kind == _NOTE_SEGMENT:
            yield offset, size


def _sections(content: Content, layout: _Layout) -> Iterator[tuple[bytes, int, int, int]]:
    """Give name, type, offset and size of each section."""
    fields = struct.Struct(layout.order + ("2L16x2Q" if layout.wide else "2L8x2L"))
    rows = [fields.unpack_from(data) for data in _table(content, layout.sections, fields.size, _MAX_SECTIONS)]
    if layout.names >= len(rows):
        return
    _, _, place, length = rows[layout.names]
    names = content.read_at(place, min(length, _MAX_NAMES))
    for name, kind, offset, size in rows:
        yield names[name : name + 100].partition(b"\0")[0], kind, offset, size


def _table(content: Content, table: tuple[int, int, int], needed: int, most: int) -> Iterator[bytes]:
    offset, step, count = table
    if not needed <= step <= _MAX_ENTRY or not count:
        return
    data = content.read_at(offset, step * min(count, most))
    for at in range(0, len(data) - needed + 1, step):
        yield data[at : at + step]


def _noted(content: Content, layout: _Layout, places: Iterator[tuple[int, int]]) -> str | None:
    for offset, size in islice(places, _MAX_NOTE_PLACES):
        found = _build_id(content.read_at(offset, min(size, _MAX_NOTES)), layout.order)
        if found is not None:
            return found
    return None


def _build_id(notes: bytes, order: str) -> str | None:
    at = 0
    while at + 12 <= len(notes):
        name_size, size, kind = struct.unpack_from(order + "3L", notes, at)
        name = at + 12
        start = name + (name_size + 3 & ~3)
        if kind == _BUILD_ID and notes[name : name + 4] == b"GNU\0" and 0 < size <= _MAX_ID:
            found = notes[start : start + size]
            return found.hex() if len(found) == size else None
        at = start + (size + 3 & ~3)
    return None
