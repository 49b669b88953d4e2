"""Who signed an APK, by all four schemes; whether the bytes match the signature is not checked here.

Formats: source.android.com, "APK signature scheme v2", "v3", "v3.1" (the signing block in front of the
central directory) and the JAR File Specification, "Signed JAR file" (v1; its blocks are CMS, RFC 5652).
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from seatrial.domain.buildinfo import Certificate, Signing, SigningKind
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import der
from seatrial.parsers.archive import Archive
from seatrial.parsers.certificates import certificate_from_der, distinguished_name

MAX_SCHEME = 4 * 1024 * 1024
"""Bytes of one scheme's part of the signing block."""
MAX_SIGNATURE_FILE = 4 * 1024 * 1024
MAX_SIGNERS = 100
_MAX_PAIRS = 1000

_MAGIC = b"APK Sig Block 42"
_SCHEMES = {0x7109871A: "v2", 0xF05368C0: "v3", 0x1B93AD61: "v3.1"}
_BLOCK_SUFFIXES = (".RSA", ".DSA", ".EC")

# Attributes by which a scheme says that a newer one was there when it was signed.
_STRIPPING_PROTECTION = 0xBEEFF00D
_ROTATION_MIN_SDK = 0x559F8B02

_SIGNED_DATA = "1.2.840.113549.1.7.2"

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
        signers["v1"] = _jar_signers(archive)
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


# --- v1: the JAR signature ---


def _jar_signers(archive: Archive) -> list[_Signer]:
    signers: list[_Signer] = []
    names = [name for name in archive.names() if name[:9].upper() == "META-INF/" and name.count("/") == 1]
    upper = {name.upper(): name for name in names}
    for name in names:
        stem, dot, suffix = name.upper().rpartition(".")
        signature_file = upper.get(f"{stem}.SF")
        if dot + suffix not in _BLOCK_SUFFIXES or signature_file is None:
            continue
        promised = _signature_file_promises(archive, signature_file)
        block = archive.read(name, MAX_SIGNATURE_FILE)
        signers += [_Signer(certificate, promised) for certificate in _cms_signers(block)]
        if len(signers) > MAX_SIGNERS:
            raise ValueError("it has too many signers")
    return signers


def _signature_file_promises(archive: Archive, name: str) -> frozenset[str]:
    """Read `X-Android-APK-Signed: 2, 3`, by which a v1 signature says what else was signed."""
    member = archive.find(name)
    head = next(archive.stream(member), b"") if member else b""
    for line in head.split(b"\r\n\r\n", 1)[0].splitlines():
        header, _, value = line.partition(b":")
        if header.strip().lower() == b"x-android-apk-signed":
            numbers = {number.strip() for number in value.decode("ascii", "replace").split(",")}
            return frozenset(f"v{number}" for number in numbers if f"v{number}" in _SCHEMES.values())
    return frozenset()


def _cms_signers(block: bytes) -> list[bytes]:
    """Find the certificates that a CMS block's signers name by issuer and serial number (RFC 5652, 5.1)."""
    outer = der.children(der.read(block, der.SEQUENCE))
    if der.object_identifier(der.expect(outer, der.OBJECT_IDENTIFIER)) != _SIGNED_DATA:
        raise der.DerError("not a CMS signature")
    signed = der.children(der.read(der.expect(outer, 0xA0).content, der.SEQUENCE))
    der.expect(signed, der.INTEGER)
    der.expect(signed, der.SET)  # digest algorithms
    der.expect(signed, der.SEQUENCE)  # the content, which stands in the signature file instead
    certificates: dict[tuple[str, bytes], bytes] = {}
    for part in signed:
        if part.tag == 0xA0:
            certificates = {_issuer_and_serial(each.raw): each.raw for each in der.children(part)}
        elif part.tag == der.SET:
            found = [certificates[signer] for signer in _signer_ids(part) if signer in certificates]
            if found:
                return found
    raise der.DerError("a CMS signature without a signer's certificate")


def _issuer_and_serial(certificate: bytes) -> tuple[str, bytes]:
    fields = der.children(der.read(der.read(certificate, der.SEQUENCE).content, der.SEQUENCE))
    version_or_serial = next(fields, None)
    serial = version_or_serial
    if version_or_serial is not None and version_or_serial.tag == 0xA0:
        serial = der.expect(fields, der.INTEGER)
    der.expect(fields, der.SEQUENCE)  # the signature algorithm
    issuer = der.expect(fields, der.SEQUENCE)
    return distinguished_name(issuer), serial.content if serial else b""


def _signer_ids(signers: der.Element) -> Iterator[tuple[str, bytes]]:
    for signer in der.children(signers):
        parts = der.children(signer)
        der.expect(parts, der.INTEGER)
        identity = der.children(der.expect(parts, der.SEQUENCE))
        issuer = der.expect(identity, der.SEQUENCE)
        yield distinguished_name(issuer), der.expect(identity, der.INTEGER).content
