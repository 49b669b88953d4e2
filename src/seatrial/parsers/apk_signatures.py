"""Who signed an APK, by all four schemes; whether the bytes match the signature is not checked here.

Formats: source.android.com, "APK signature scheme v2", "v3", "v3.1" (the signing block in front of the
central directory); v1 is the JAR signature.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from seatrial.domain.buildinfo import Certificate, Signing, SigningKind
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers.archive import Archive
from seatrial.parsers.certificates import certificate_from_der
from seatrial.parsers.jar_signature import jar_signers

MAX_SCHEME = 4 * 1024 * 1024
"""Bytes of one scheme's part of the signing block."""
MAX_SIGNERS = 100
_MAX_PAIRS = 1000

_MAGIC = b"APK Sig Block 42"
_SCHEMES = {0x7109871A: "v2", 0xF05368C0: "v3", 0x1B93AD61: "v3.1"}

# Attributes by which a scheme says that a newer one was there when it was signed.
_STRIPPING_PROTECTION = 0xBEEFF00D
_ROTATION_MIN_SDK = 0x559F8B02

_BROKEN = (struct.error, ValueError, IndexError)


class Signatures(NamedTuple):
    """What was found, and sentences about what was odd."""

    signing: Signing | None
    warnings: tuple[str, ...]


class _Signer(NamedTuple):
    certificate: bytes
    promised: frozenset[str]
    """Newer schemes that the signer says are there as well."""


def read_signatures(file: BinaryIO, archive: Archive) -> Signatures:
    """Find the signers' certificates, those of the newest scheme first.

    `signing` is `None` when nothing but unreadable signatures is there.
    """
    warnings: list[str] = []
    signers: dict[str, list[_Signer]] = {}
    try:
        for scheme, part in _signing_block(file, archive.central_directory_offset):
            signers.setdefault(scheme, _block_signers(scheme, part))
    except _BROKEN as problem:
        warnings.append(f"The APK signing block cannot be read ({problem}).")
    try:
        signers["v1"] = [_Signer(each.certificate, each.promised_schemes) for each in jar_signers(archive)]
    except (*_BROKEN, BuildFileInvalid) as problem:
        warnings.append(f"The v1 (JAR) signature cannot be read ({problem}).")
    return Signatures(_signing(signers, unreadable=bool(warnings)), (*warnings, *_stripped(signers)))


def _signing(signers: dict[str, list[_Signer]], *, unreadable: bool) -> Signing | None:
    schemes = tuple(scheme for scheme in ("v1", "v2", "v3", "v3.1") if signers.get(scheme))
    if not schemes:
        return None if unreadable else Signing(kind=SigningKind.UNSIGNED)
    # A dictionary keeps the order and each certificate once: most schemes repeat the same one.
    found = dict.fromkeys(signer.certificate for scheme in reversed(schemes) for signer in signers[scheme])
    certificates = tuple(certificate_from_der(certificate) for certificate in found)
    debug = any(_is_debug(certificate) for certificate in certificates)
    kind = SigningKind.DEBUG if debug else SigningKind.RELEASE
    return Signing(kind=kind, schemes=schemes, certificates=certificates)


def _is_debug(certificate: Certificate) -> bool:
    """Whether this is a key that development tools make by themselves."""
    return "CN=Android Debug" in certificate.subject.split(",")


def _stripped(signers: dict[str, list[_Signer]]) -> list[str]:
    """Compare what signers promised with what is there: a removed scheme makes Android refuse the file."""
    promised = {scheme for found in signers.values() for signer in found for scheme in signer.promised}
    return [
        f"The {scheme} signature that was made for this APK has been removed; Android refuses to install it."
        for scheme in sorted(promised)
        if not signers.get(scheme)
    ]


# --- v2, v3, v3.1: the signing block ---


def _signing_block(file: BinaryIO, end: int) -> Iterator[tuple[str, bytes]]:
    """Yield the schemes of the block that ends at this place in the file; other parts are skipped unread."""
    if end < 32:
        return
    file.seek(end - 24)
    (size,) = struct.unpack("<Q", file.read(8))
    if file.read(16) != _MAGIC:
        return
    start = end - size - 8
    if size < 24 or start < 0:
        raise ValueError("its size is wrong")
    file.seek(start)
    if file.read(8) != struct.pack("<Q", size):
        raise ValueError("its two sizes differ")
    position, last = start + 8, end - 24
    for _ in range(_MAX_PAIRS):
        if position + 12 > last:
            return
        file.seek(position)
        length, kind = struct.unpack("<QI", file.read(12))
        if length < 4 or position + 8 + length > last:
            raise ValueError("one of its parts is cut off")
        if kind in _SCHEMES:
            if length > MAX_SCHEME:
                raise ValueError("one of its parts is too large")
            yield _SCHEMES[kind], file.read(length - 4)
        position += 8 + length
    raise ValueError("it has too many parts")


def _block_signers(scheme: str, part: bytes) -> list[_Signer]:
    """Take the first certificate of each signer, which is the one that signs; others are its chain."""
    signers = []
    for signer in _prefixed_all(_prefixed(part)):
        signed = _prefixed(signer)
        digests = 4 + len(_prefixed(signed))
        certificates = signed[digests:]
        first = next(_prefixed_all(_prefixed(certificates)), None)
        if first is None:
            raise ValueError("a signer has no certificate")
        # Version 3 writes the platform versions that the signer is for in front of the attributes.
        attributes = certificates[4 + len(_prefixed(certificates)) :][0 if scheme == "v2" else 8 :]
        signers.append(_Signer(first, _promises(_prefixed(attributes)) if attributes else frozenset()))
        if len(signers) > MAX_SIGNERS:
            raise ValueError("it has too many signers")
    return signers


def _promises(attributes: bytes) -> frozenset[str]:
    promised = set()
    for attribute in _prefixed_all(attributes):
        kind, number = struct.unpack_from("<II", attribute.ljust(8, b"\0"))
        if kind == _STRIPPING_PROTECTION and number == 3:
            promised.add("v3")
        elif kind == _ROTATION_MIN_SDK:
            promised.add("v3.1")
    return frozenset(promised)


def _prefixed(data: bytes, at: int = 0) -> bytes:
    """Take the bytes behind a 32-bit length."""
    (length,) = struct.unpack_from("<I", data, at)
    if at + 4 + length > len(data):
        raise ValueError("a length in it is wrong")
    return data[at + 4 : at + 4 + length]


def _prefixed_all(data: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(data):
        item = _prefixed(data, position)
        yield item
        position += 4 + len(item)
