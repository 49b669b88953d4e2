"""Identities of Mach-O files: the UUID of each architecture; a binary and its debug symbols carry the same one."""

import struct
from collections.abc import Iterator

from seatrial.domain.attachment import SymbolFile
from seatrial.parsers.attachment_content import Content
from seatrial.parsers.macho import read_executable

MAGICS = (
    b"\xca\xfe\xba\xbe",
    b"\xca\xfe\xba\xbf",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
)
_UNIVERSAL = MAGICS[:2]
_DSYM_TYPE = 10  # MH_DSYM in mach-o/loader.h


def may_be_debug_file(head: bytes) -> bool:
    """Tell a companion with debug symbols only; the head of a universal file does not say what its parts are."""
    if head[:4] in _UNIVERSAL or len(head) < 16:
        return True
    order = ">" if head[:1] == b"\xfe" else "<"
    return bool(struct.unpack_from(order + "L", head, 12)[0] == _DSYM_TYPE)


def macho_ids(content: Content, name: str) -> list[SymbolFile]:
    """Give the UUID of every architecture that states one; nothing for what is not Mach-O.

    Raises BuildFileInvalid where the bytes cannot be read.
    """
    return macho_ids_of(content.chunks(), name)


def macho_ids_of(parts: Iterator[bytes], name: str) -> list[SymbolFile]:
    """Do the same for bytes that come in order; errors of their stream come through."""
    executable = read_executable(parts)
    slices = executable.slices if executable else ()
    return [SymbolFile(name=name, architecture=each.architecture, id=each.uuid) for each in slices if each.uuid]
