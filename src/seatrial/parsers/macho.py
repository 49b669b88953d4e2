"""Mach-O executables: which processors and systems they are for, their UUIDs, encryption and code signature.

Layouts: `mach-o/fat.h` and `mach-o/loader.h` of Apple's SDK. A file is read from its start to its end, a few pieces
of it only: the heads of its slices, and where each signature is.
"""

import struct
import uuid
from collections.abc import Iterator
from typing import NamedTuple

from seatrial.parsers.code_signature import CodeSignature, read_signature
from seatrial.parsers.forward import Forward

HEAD = 64 << 10
"""Bytes that hold the table of slices, or the load commands of all but the oddest executables."""
MAX_COMMANDS = 10_000
MAX_COMMANDS_SIZE = 1 << 20
MAX_SLICES = 32
MAX_REACH = 768 << 20
"""How far into a file its slices are read: further than the largest executables that Apple's stores take."""

_FAT, _FAT_64 = 0xCAFEBABE, 0xCAFEBABF
_THIN = {0xFEEDFACE: 28, 0xFEEDFACF: 32}  # magic to header size
_UUID, _BUILD_VERSION, _CODE_SIGNATURE = 0x1B, 0x32, 0x1D
_ENCRYPTION_INFO = {0x21, 0x2C}
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
# In the words of Info.plist's DTPlatformName.
_PLATFORMS = dict(
    zip(
        (1, 2, 3, 4, 6, 7, 8, 9, 11, 12),
        (
            *("macosx", "iphoneos", "appletvos", "watchos", "macosx", "iphonesimulator"),
            *("appletvsimulator", "watchsimulator", "xros", "xrsimulator"),
        ),
        strict=True,
    )
)
_OLD_VERSIONS = {0x24: "macosx", 0x25: "iphoneos", 0x2F: "appletvos", 0x30: "watchos"}
_SIMULATORS = {"iphoneos": "iphonesimulator", "appletvos": "appletvsimulator", "watchos": "watchsimulator"}


class Slice(NamedTuple):
    """The part of an executable that is for one processor."""

    architecture: str
    uuid: str | None = None
    """Upper-case hex with dashes, as crash reports and dSYM bundles spell it."""
    platform: str | None = None
    """`iphoneos`, `macosx`, `appletvsimulator` and so on, as Info.plist spells it in DTPlatformName."""
    min_os: str | None = None
    encrypted: bool = False
    """Whether the App Store has encrypted it (FairPlay), so that it runs for its buyer only."""
    signature: CodeSignature | None = None
    out_of_reach: bool = False
    """Whether a part of it lies beyond `MAX_REACH`, so that it was not looked at."""


class Executable(NamedTuple):
    """What an executable says; never without a slice."""

    slices: tuple[Slice, ...]

    @property
    def architectures(self) -> tuple[str, ...]:
        """The processors in the file's order, each once."""
        return tuple(dict.fromkeys(each.architecture for each in self.slices))

    @property
    def encrypted(self) -> bool:
        """Whether any slice is."""
        return any(each.encrypted for each in self.slices)

    @property
    def out_of_reach(self) -> bool:
        """Whether any slice is, in part."""
        return any(each.out_of_reach for each in self.slices)

    @property
    def signature(self) -> CodeSignature | None:
        """The first slice's, which the others repeat but for the hashes of their code."""
        return next((each.signature for each in self.slices if each.signature), None)


class _Place(NamedTuple):
    architecture: str
    offset: int


def read_executable(parts: Iterator[bytes]) -> Executable | None:
    """Read an executable from its bytes in order; `None` when they are not Mach-O.

    What is cut off, damaged or overlapping is left out; errors of the stream itself come through.
    """
    file = Forward(parts)
    head = file.at(0, HEAD)
    if len(head) < 12:
        return None
    (magic,) = struct.unpack_from(">L", head)
    if magic in {_FAT, _FAT_64}:
        places = list(_places(head, wide=magic == _FAT_64))
    else:
        order = _order(head)
        places = [_Place(_name(*struct.unpack_from(order + "LL", head, 4)), 0)] if order else []
    if not places:
        return None
    read = {place: _slice(file, place) for place in sorted(places, key=lambda place: place.offset)}
    return Executable(tuple(read[place] for place in places))


def _places(head: bytes, *, wide: bool) -> Iterator[_Place]:
    layout = struct.Struct(">LLQQLL" if wide else ">LLLLL")
    (count,) = struct.unpack_from(">L", head, 4)
    if count > MAX_SLICES:  # a Java class file has the same magic and a version number here
        return
    for at in range(8, 8 + count * layout.size, layout.size):
        if at + layout.size > len(head):
            return
        processor, variant, offset, *_ = layout.unpack_from(head, at)
        yield _Place(_name(processor, variant), offset)


def _order(head: bytes) -> str | None:
    magic = head[:4]
    if int.from_bytes(magic, "little") in _THIN:
        return "<"
    return ">" if int.from_bytes(magic, "big") in _THIN else None


def _name(processor: int, variant: int) -> str:
    variant &= _SUBTYPE
    return _NAMES.get((processor, variant)) or _FAMILIES.get(processor) or f"cpu-{processor:x}-{variant:x}"


def _slice(file: Forward, place: _Place) -> Slice:
    if place.offset > MAX_REACH:
        return Slice(place.architecture, out_of_reach=True)
    head = file.at(place.offset, HEAD)
    order = _order(head)
    if order is None or len(head) < 32:
        return Slice(place.architecture)
    magic, _, _, _, count, size = struct.unpack_from(order + "6L", head)
    start = _THIN[magic]
    if start + size > HEAD:
        head = file.at(place.offset, start + min(size, MAX_COMMANDS_SIZE))
    found = Slice(place.architecture)
    signature: tuple[int, int] | None = None
    for command, at, length in _commands(head, order, start, count):
        if command == _CODE_SIGNATURE and length >= 16:
            signature = struct.unpack_from(order + "2L", head, at + 8)
        else:
            found = _told(found, head, order, command, at, length)
    if signature is None:
        return found
    if place.offset + signature[0] > MAX_REACH:
        return found._replace(out_of_reach=True)
    return found._replace(signature=read_signature(file, place.offset + signature[0], signature[1]))


def _commands(head: bytes, order: str, start: int, count: int) -> Iterator[tuple[int, int, int]]:
    """Give each load command's number, place and length."""
    at = start
    for _ in range(min(count, MAX_COMMANDS)):
        if at + 8 > len(head):
            return
        command, length = struct.unpack_from(order + "2L", head, at)
        if length < 8 or at + length > len(head):
            return
        yield command, at, length
        at += length


def _told(found: Slice, head: bytes, order: str, command: int, at: int, length: int) -> Slice:
    """Add what one load command says."""
    if command == _UUID and length >= 24:
        return found._replace(uuid=str(uuid.UUID(bytes=head[at + 8 : at + 24])).upper())
    if command in _ENCRYPTION_INFO and length >= 20:
        (encryption,) = struct.unpack_from(order + "L", head, at + 16)
        return found._replace(encrypted=bool(encryption))
    if command == _BUILD_VERSION and length >= 16:
        platform, version = struct.unpack_from(order + "2L", head, at + 8)
        return found._replace(platform=_PLATFORMS.get(platform), min_os=_version(version))
    if command in _OLD_VERSIONS and length >= 12:
        (version,) = struct.unpack_from(order + "L", head, at + 8)
        name = _OLD_VERSIONS[command]
        if found.architecture in {"i386", "x86_64"}:
            name = _SIMULATORS.get(name, name)
        return found._replace(platform=name, min_os=_version(version))
    return found


def _version(packed: int) -> str:
    """Write a version of 16, 8 and 8 bits; the last part only when it says something."""
    patch = packed & 0xFF
    return f"{packed >> 16}.{packed >> 8 & 0xFF}" + (f".{patch}" if patch else "")
