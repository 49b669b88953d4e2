"""The signing block of a HarmonyOS package, in front of the ZIP directory: who signed, not whether it holds.

Format: OpenHarmony's hapsigner (developtools_hapsigner): sub-blocks of type, length and offset (12 bytes each), their
data, then number of sub-blocks (32 bits), size of all (64 bits), magic (16 bytes) and version (32 bits).
"""

import struct
from typing import BinaryIO

from seatrial.domain.buildinfo import Certificate, Signing, SigningKind
from seatrial.parsers import limits
from seatrial.parsers.certificates import certificate_from_der
from seatrial.parsers.cms import cms_signers
from seatrial.parsers.der import DerError

_TRAILER = struct.Struct("<IQ16sI")
_SUB_BLOCK = struct.Struct("<3I")
_SIGNATURE = 0x20000000
_MAX_SUB_BLOCKS = 10
_SCHEMES = {b"HAP Sig Block 42": "hap-v2", b"<hap sign block>": "hap-v3"}


def read_signing(file: BinaryIO, directory_offset: int, warnings: list[str]) -> Signing:
    """Read the block that ends where the ZIP directory starts."""
    file.seek(max(0, directory_offset - _TRAILER.size))
    trailer = file.read(_TRAILER.size)
    if len(trailer) < _TRAILER.size or directory_offset < _TRAILER.size:
        return Signing(kind=SigningKind.UNSIGNED)
    count, size, magic, _ = _TRAILER.unpack(trailer)
    scheme = _SCHEMES.get(magic)
    if scheme is None:
        return Signing(kind=SigningKind.UNSIGNED)
    certificates = _signers(file, directory_offset - size, size, min(count, _MAX_SUB_BLOCKS))
    if not certificates:
        warnings.append("The package's signature cannot be read; devices refuse to install it.")
    kind = SigningKind.SIGNED if certificates else SigningKind.INVALID
    return Signing(kind=kind, schemes=(scheme,), certificates=certificates)


def _signers(file: BinaryIO, start: int, size: int, count: int) -> tuple[Certificate, ...]:
    if start < 0:
        return ()
    file.seek(start)
    heads = file.read(count * _SUB_BLOCK.size)
    for kind, length, offset in _SUB_BLOCK.iter_unpack(heads[: len(heads) // _SUB_BLOCK.size * _SUB_BLOCK.size]):
        if kind == _SIGNATURE and offset + length <= size and length <= limits.current().signature_bytes:
            file.seek(start + offset)
            try:
                return tuple(map(certificate_from_der, cms_signers(file.read(length))))
            except (DerError, ValueError):
                return ()
    return ()
