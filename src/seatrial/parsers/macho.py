"""The head of a Mach-O executable: which processors it is for, and whether Apple has encrypted it.

Layouts: `mach-o/fat.h` and `mach-o/loader.h` of Apple's SDK. Only the first bytes of the file are looked at.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

HEAD = 128 << 10
"""Bytes of the executable that are enough: the universal header, and the first slice's load commands."""

_MAX_SLICES = 32
_MAX_COMMANDS = 10_000
_FAT, _FAT_64 = 0xCAFEBABE, 0xCAFEBABF
_THIN = {0xFEEDFACE: 28, 0xFEEDFACF: 32}  # magic to header size
_ENCRYPTION_INFO, _ENCRYPTION_INFO_64 = 0x21, 0x2C
_ABI_64, _ABI_64_32 = 0x01000000, 0x02000000
_ARM, _X86 = 12, 7
_SUBTYPE = 0x00FFFFFF  # the upper byte holds capability bits

_NAMES = {
    (_ARM, 6): "armv6",
    (_ARM, 9): "armv7",
    (_ARM, 11): "armv7s",
    (_ARM, 12): "armv7k",
    (_ARM | _ABI_64, 2): "arm64e",
}
_FAMILIES = {
    _ARM: "arm",
    _ARM | _ABI_64: "arm64",
    _ARM | _ABI_64_32: "arm64_32",
    _X86: "i386",
    _X86 | _ABI_64: "x86_64",
}


class Executable(NamedTuple):
    """What the head of an executable says."""

    architectures: tuple[str, ...]
    encrypted: bool
    """Whether a slice is encrypted by the App Store (FairPlay), so that it runs for its buyer only."""


def read_head(head: bytes) -> Executable | None:
    """Read the first `HEAD` bytes of an executable; `None` when they are not Mach-O."""
    if len(head) < 8:
        return None
    (magic,) = struct.unpack_from(">L", head)
    if magic in {_FAT, _FAT_64}:
        slices = list(_slices(head, wide=magic == _FAT_64))
        names = tuple(dict.fromkeys(name for name, _ in slices))
        return Executable(names, any(_encrypted(head, at) for _, at in slices)) if names else None
    order = _order(head, 0)
    if order is None or len(head) < 12:
        return None
    processor, variant = struct.unpack_from(order + "LL", head, 4)
    return Executable((_name(processor, variant),), _encrypted(head, 0))


def _slices(head: bytes, *, wide: bool) -> Iterator[tuple[str, int]]:
    layout = struct.Struct(">LLQQLL" if wide else ">LLLLL")
    (count,) = struct.unpack_from(">L", head, 4)
    if count > _MAX_SLICES:  # a Java class file has the same magic and a version number here
        return
    for at in range(8, 8 + count * layout.size, layout.size):
        if at + layout.size > len(head):
            return
        processor, variant, offset, *_ = layout.unpack_from(head, at)
        yield _name(processor, variant), offset


def _order(head: bytes, at: int) -> str | None:
    magic = head[at : at + 4]
    if int.from_bytes(magic, "little") in _THIN:
        return "<"
    return ">" if int.from_bytes(magic, "big") in _THIN else None


def _name(processor: int, variant: int) -> str:
    variant &= _SUBTYPE
    return _NAMES.get((processor, variant)) or _FAMILIES.get(processor) or f"cpu-{processor:x}-{variant:x}"


def _encrypted(head: bytes, at: int) -> bool:
    """Look for an encryption command with a non-zero cryptid among a slice's load commands."""
    order = _order(head, at)
    if order is None or at + 28 > len(head):
        return False
    (magic, _, _, _, count) = struct.unpack_from(order + "5L", head, at)
    position = at + _THIN[magic]
    for _ in range(min(count, _MAX_COMMANDS)):
        if position + 20 > len(head):
            return False
        command, size, _, _, encryption = struct.unpack_from(order + "5L", head, position)
        if command in {_ENCRYPTION_INFO, _ENCRYPTION_INFO_64}:
            return bool(encryption)
        if size < 8:
            return False
        position += size
    return False
