"""Whether a program is still the one that was signed.

Source: Microsoft, "Windows Authenticode Portable Executable Signature Format": the digest that the signature states is
that of the file without its checksum, without the entry for the table of certificates, and without that table.
Whether the signature itself is right and its signer to be trusted is not looked at.
"""

import hashlib

from seatrial.parsers import der
from seatrial.parsers.cms import cms_content
from seatrial.parsers.pe import SECURITY, PeFile

MAX_FILE = 16 << 20
"""Bytes of the largest program that is read as a whole for this; hashing more takes longer than all other reading."""

_PIECE = 1 << 20
_OCTETS = 0x04
_HASHES = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}


def digest_fits(pe: PeFile, block: bytes) -> bool | None:
    """Compare the digest that a signature states with the file's own; `None` where that was not done.

    That is so for programs that are larger than `MAX_FILE`, far away, or signed in a way that states no known digest.
    """
    if pe.size > MAX_FILE or pe.is_remote:
        return None
    try:
        name, stated = _stated(block)
    except der.DerError:
        return None
    if name is None:
        return None
    digest = hashlib.new(name, usedforsecurity=False)
    offset, size = pe.directory(SECURITY)
    checksum, entry = pe.optional_header + 64, pe.table_of_directories + 8 * SECURITY
    kept = ((0, checksum), (checksum + 4, entry), (entry + 8, offset), (offset + size, pe.size))
    for start, end in kept:
        for at in range(start, end, _PIECE):
            digest.update(pe.read(at, min(_PIECE, end - at)))
    return digest.digest() == stated


def _stated(block: bytes) -> tuple[str | None, bytes]:
    """Read hash and digest out of SpcIndirectDataContent; raise `DerError` where there is none."""
    parts = der.children(der.read(cms_content(block), der.SEQUENCE))
    der.expect(parts, der.SEQUENCE)
    info = der.children(der.expect(parts, der.SEQUENCE))
    algorithm, _ = der.algorithm(der.expect(info, der.SEQUENCE))
    return _HASHES.get(algorithm), der.expect(info, _OCTETS).content
