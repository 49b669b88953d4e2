"""Who signed a Windows file: Authenticode blocks in programs, installers and packages.

Sources: Microsoft, "Windows Authenticode Portable Executable Signature Format" and "PE Format", "The Attribute
Certificate Table". Nothing is verified here; see `pe_digest` for programs.
"""

import struct
from collections.abc import Callable, Iterable
from typing import NamedTuple

from seatrial.domain.buildinfo import Certificate, Signing, SigningKind
from seatrial.parsers import limits
from seatrial.parsers.certificates import certificate_from_der
from seatrial.parsers.cms import cms_signers
from seatrial.parsers.der import DerError

MSI_STREAM = "\x05DigitalSignature"
MSIX_MEMBER = "AppxSignature.p7x"

_PKCS_SIGNED_DATA = 2
_MOST_BLOCKS = 16
_MSIX_MAGIC = b"PKCX"


class Signature(NamedTuple):
    """What stands in the place of the signature, and what was odd about it."""

    signing: Signing
    warnings: list[str]
    blocks: tuple[bytes, ...] = ()
    """The CMS blocks, as far as they were read."""


def unsigned(*warnings: str) -> Signature:
    """Say that there is no signature."""
    return Signature(Signing(kind=SigningKind.UNSIGNED), list(warnings))


def signature_of(blocks: Iterable[bytes], scheme: str) -> Signature:
    """Describe the signers of CMS blocks; a block that cannot be read is still a signature, with a warning."""
    certificates: dict[str, Certificate] = {}
    warnings: list[str] = []
    for block in blocks:
        try:
            signers = cms_signers(block)
        except DerError as problem:
            warnings.append(f"The file is signed, but its signature cannot be read ({problem}); sign the build again.")
            continue
        for der in signers:
            certificate = certificate_from_der(der)
            certificates.setdefault(certificate.sha256, certificate)
    signing = Signing(kind=SigningKind.SIGNED, schemes=(scheme,), certificates=tuple(certificates.values()))
    return Signature(signing, warnings)


def program_signature(read: Callable[[int, int], bytes], place: tuple[int, int], file_size: int) -> Signature:
    """Read the certificate table of a program: `place` is its offset in the file and its size.

    A table behind the end of the file, as broken rebuilds leave it, is no signature, and a warning.
    """
    offset, size = place
    if not offset or not size:
        return unsigned()
    if offset + 8 > file_size:
        return unsigned("The program points to a signature that is not in the file; sign the build again.")
    warnings: list[str] = []
    blocks: list[bytes] = []
    some, room = False, limits.current().signature_bytes
    end, at = min(offset + size, file_size), offset
    while at + 8 <= end and len(blocks) < _MOST_BLOCKS:
        length, _, kind = struct.unpack("<L2H", read(at, 8))
        if length < 8 or at + length > file_size:
            warnings.append("The program's table of signatures is damaged; sign the build again.")
            break
        if length > room:
            warnings.append(f"A signature of {length:,} bytes is not read.")
        elif kind == _PKCS_SIGNED_DATA:
            room -= length
            blocks.append(read(at + 8, length - 8))
        some = True
        at += (length + 7) & ~7
    found = signature_of(blocks, "authenticode") if some else unsigned()
    return Signature(found.signing, warnings + found.warnings, tuple(blocks))


def package_signature(data: bytes | None) -> Signature:
    """Read the signature member of an msix package or bundle; `None` where there is no such member."""
    if data is None:
        return unsigned()
    return signature_of([data.removeprefix(_MSIX_MAGIC)], "msix")
