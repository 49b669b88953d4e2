"""The central directory of a ZIP archive, read in one pass.

Format: APPNOTE.TXT 6.3.10 (PKWARE), section 4.3.12, and 4.5.3 for sizes of more than 32 bits.
"""

import struct
from typing import NamedTuple

from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import limits
from seatrial.parsers.archive_refusals import corrupt, overlapping, shown

FOLDER_TWICE = "The archive lists a folder twice; Android refuses such files."

LOCAL = struct.Struct("<4s5H3L2H")  # 4.3.7
U16, U32 = 0xFFFF, 0xFFFFFFFF

_MAGIC = b"PK\1\2"
_ENTRY = struct.Struct("<8x2H4x3L3H8xL")  # only what is used
_WHOLE_ENTRY = struct.Struct("<4s16x2L3H8xL")  # only what is used of all entries


class Directory(NamedTuple):
    """Where the central directory is, as the end record says, moved by `shift` bytes of leading junk."""

    offset: int
    size: int
    total: int
    shift: int
    wide: bool
    """Whether `total` is the 64-bit one, which does not wrap at 65,536."""


class Index(NamedTuple):
    """The members of an archive, in the directory's order where nothing else is said."""

    entries: dict[str, int]
    """By name, where each entry starts in the directory; of a folder that is listed twice, the last one."""
    packed: list[int]
    """The packed size of each entry, those that are listed twice too."""
    starts: list[int]
    """Where the members start in the file, sorted."""
    declared: int
    """The sum of the unpacked sizes."""


def read_index(data: bytes, directory: Directory, warnings: list[str]) -> Index:
    """Index the directory `data`; raise `BuildFileInvalid` for damage, overlapping members and bombs."""
    return _plain_index(data, directory) or _careful_index(data, directory, warnings)


def _plain_index(data: bytes, directory: Directory) -> Index | None:
    """Index a directory in which nothing is odd, as in nearly all: in half the time, for builds have 20,000 members.

    `None` at the first thing that may deserve a warning, a refusal, or a second look.
    """
    if directory.shift:
        return None
    unpack, fixed, head = _WHOLE_ENTRY.unpack_from, _ENTRY.size, LOCAL.size
    entries: dict[str, int] = {}
    starts: list[int] = []
    packed: list[int] = []
    at = declared = previous = 0
    length, in_order = len(data), True
    furthest = min(directory.offset, U32)  # no place behind it, and no value that stands for a wider one
    try:
        for _ in range(min(directory.total, limits.current().entries)):
            magic, packed_size, size, name_length, extra_length, comment_length, start = unpack(data, at)
            end = start + head + packed_size
            if end > furthest or size == U32 or magic != _MAGIC:
                return None
            if start < previous:
                in_order = False
            previous = end
            name_end = at + fixed + name_length
            entries[data[at + fixed : name_end].decode()] = at
            starts.append(start)
            packed.append(packed_size)
            declared += size
            at = name_end + extra_length + comment_length
    except (struct.error, UnicodeDecodeError):
        return None
    if at != length or len(entries) != directory.total:
        return None
    return Index(entries, packed, starts if in_order else _checked_starts(starts, packed, directory.offset), declared)


def _careful_index(data: bytes, directory: Directory, warnings: list[str]) -> Index:
    """Index any directory, as far as Android's installer would read it."""
    entries: dict[str, int] = {}
    starts: list[int] = []
    every_packed: list[int] = []
    at = declared = 0
    length, shift, total = len(data), directory.shift, directory.total
    damaged = False
    most = limits.current().entries
    while data.startswith(_MAGIC, at) and at + _ENTRY.size <= length:
        _, _, _, packed, size, name_length, extra_length, comment_length, offset = _ENTRY.unpack_from(data, at)
        name_end = at + _ENTRY.size + name_length
        if name_end > length:
            damaged = True
            break
        if U32 in (size, packed, offset):
            size, packed, offset = widened(data[name_end : name_end + extra_length], size, packed, offset)
        name = _name(data[at + _ENTRY.size : name_end])
        if name in entries:
            _check_twice(name, warnings)
        entries[name] = at
        starts.append(offset + shift)
        every_packed.append(packed)
        declared += size
        at = name_end + extra_length + comment_length
        if at != length and len(starts) != total and not data.startswith(_MAGIC, at):
            # A lying length hides the next entry from tools that trust it; it follows the name anyway.
            damaged, at = True, _next_entry(data, name_end)
        if len(starts) > most:
            raise BuildFileInvalid(ProcessingCode.ARCHIVE_BOMB, f"The archive has more than {most:,} entries.")
    _check_count(len(starts), directory, warnings, damaged=damaged)
    return Index(entries, every_packed, _checked_starts(starts, every_packed, directory.offset), declared)


def _next_entry(data: bytes, at: int) -> int:
    found = data.find(_MAGIC, at)
    return found if found >= 0 else len(data)


def _check_count(count: int, directory: Directory, warnings: list[str], *, damaged: bool) -> None:
    if damaged:
        warnings.append("The archive's directory is damaged, so that Android refuses the file.")
    # Writers without ZIP64 let the 16-bit count wrap around.
    elif count != directory.total and (directory.wide or count & U16 != directory.total):
        raise corrupt(f"The archive says that it has {directory.total:,} entries, but {count:,} were found.")


def _check_twice(name: str, warnings: list[str]) -> None:
    if not name.endswith("/"):
        raise corrupt(f"The archive has two entries named “{shown(name)}”; it is refused.")
    if FOLDER_TWICE not in warnings:
        warnings.append(FOLDER_TWICE)


def _name(raw: bytes) -> str:
    try:
        return raw.decode()  # Android and macOS write UTF-8 whether they set the flag or not
    except UnicodeDecodeError:
        return raw.decode("cp437")  # APPNOTE appendix D.1


def widened(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Replace saturated fields by those of the ZIP64 extra field (4.5.3), where it holds them."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            values = [int.from_bytes(extra[i : i + 8], "little") for i in range(at + 4, at + 4 + length - 7, 8)]
            wide = iter(values)
            size, packed, offset = (next(wide, v) if v == U32 else v for v in (size, packed, offset))
            break
        at += 4 + length
    return size, packed, offset


def _checked_starts(starts: list[int], packed: list[int], directory_offset: int) -> list[int]:
    """Return where the members start, sorted; refuse members outside the file or on top of each other.

    The length of a local header is not known before it is read, so that only its fixed part counts.
    """
    previous_end = 0
    for start, packed_size in sorted(zip(starts, packed, strict=True)):
        end = start + LOCAL.size + packed_size
        if start < 0 or end > directory_offset:
            raise corrupt("A member lies outside the archive's data; the file is damaged or incomplete.")
        if start < previous_end:
            raise overlapping()
        previous_end = end
    return sorted(starts)
