"""Who signed an APK, by all four schemes, from the few bytes that say so.

What can be told without reading the whole file is: who, with which keys before, and whether the signature that was made
has been removed or moved. Whether it fits the file's bytes is told by `apk_verification`.
"""

from typing import BinaryIO, NamedTuple

from seatrial.domain.buildinfo import Certificate, Signing, SigningKind
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers.apk_signing_block import BROKEN, SigningBlock, block_signers, lineage_certificates, signing_block
from seatrial.parsers.archive import Archive
from seatrial.parsers.certificates import certificate_from_der
from seatrial.parsers.jar_signature import jar_signers

SCHEMES = ("v1", "v2", "v3", "v3.1")
"""Oldest first; Android takes the newest one that it knows."""


class Signatures(NamedTuple):
    """What was found, and sentences about what was odd."""

    signing: Signing
    warnings: tuple[str, ...]


class _Found:
    """What the schemes say, collected one by one."""

    def __init__(self) -> None:
        self.certificates: dict[str, list[bytes]] = {}
        self.promised: dict[str, frozenset[str]] = {}
        self.lineages: dict[str, tuple[Certificate, ...]] = {}
        self.warnings: list[str] = []
        self.refused = False
        """Whether something was found that makes every Android refuse the file."""
        self.damaged: set[str] = set()
        self.unreadable = False


def read_signatures(file: BinaryIO, archive: Archive) -> Signatures:
    """Find the signers' certificates, those of the newest scheme first, and the keys before them.

    The kind is `INVALID` where a signature is there that cannot be read, was taken out of its place, or where one
    that was made has been removed.
    """
    found = _in_block(file, archive)
    _read_jar(archive, found)
    _find_stripped(found)
    return Signatures(_signing(found), tuple(found.warnings))


def read_counting_signatures(file: BinaryIO, archive: Archive) -> Signatures:
    """Find what `read_signatures` does, but look for a v1 signature only where there is no newer one.

    That one changes neither whether the file is valid nor what there is to verify, and takes most of the time.
    """
    found = _in_block(file, archive)
    if not found.certificates:
        _read_jar(archive, found)
    _find_stripped(found)
    return Signatures(_signing(found), tuple(found.warnings))


def _in_block(file: BinaryIO, archive: Archive) -> _Found:
    found = _Found()
    try:
        block = signing_block(file, archive.central_directory_offset)
    except BROKEN as problem:
        found.warnings.append(f"The APK signing block cannot be read ({problem}).")
        found.unreadable = True
        block = None
    if block is not None:
        _read_block(block, found)
        if found.certificates and end_record(file, archive.file_size) is None:
            found.refused = True
            found.warnings.append(
                "The archive's directory and end do not follow the signature at once, as signed bytes must;"
                " Android refuses to install it. Sign it again."
            )
    return found


def end_record(file: BinaryIO, file_size: int) -> tuple[int, bytes] | None:
    """Find the ZIP end record (APPNOTE.TXT, 4.3.16) as Android does for signed files: its place and its bytes.

    `None` where it does not end with the file, or does not follow the central directory at once: the signature then
    covers less than the file, and Android does not take it. ZIP64 archives are not signed by these schemes either.
    """
    for length in (22, 22 + 0xFFFF):  # nearly all files have no comment
        start = max(0, file_size - length)
        file.seek(start)
        tail = file.read(file_size - start)
        at = len(tail)
        while (at := tail.rfind(b"PK\5\6", 0, at + 3 if at < len(tail) else at)) >= 0:
            record = tail[at:]
            if len(record) >= 22 and int.from_bytes(record[20:22], "little") == len(record) - 22:
                size, offset = (int.from_bytes(record[place : place + 4], "little") for place in (12, 16))
                return (start + at, record) if offset + size == start + at else None
    return None


def _read_block(block: SigningBlock, found: _Found) -> None:
    for scheme, part in block.parts.items():
        try:
            signers = block_signers(scheme, part)
        except BROKEN as problem:
            found.warnings.append(f"The {scheme} signature cannot be read ({problem}); sign the APK again.")
            found.damaged.add(scheme)
            continue
        found.certificates[scheme] = [signer.certificates[0] for signer in signers]
        found.promised[scheme] = frozenset[str]().union(*(signer.promised for signer in signers))
        found.lineages[scheme] = lineage_certificates(signers)
    if found.damaged and max(found.damaged) >= ("v3" if "v3" in found.certificates else "v2"):
        found.refused = True


def _read_jar(archive: Archive, found: _Found) -> None:
    try:
        signers = jar_signers(archive)
    except (*BROKEN, BuildFileInvalid) as problem:
        found.warnings.append(f"The v1 (JAR) signature cannot be read ({problem}).")
        found.unreadable = True
        return
    if signers:
        found.certificates["v1"] = [signer.certificate for signer in signers]
        found.promised["v1"] = frozenset[str]().union(*(signer.promised_schemes for signer in signers))


def _find_stripped(found: _Found) -> None:
    """Compare what signers promised with what is there.

    Android looks at the newest scheme alone, and refuses the file where that one names a removed, newer one.
    """
    present = [scheme for scheme in SCHEMES if scheme in found.certificates]
    everything = frozenset[str]().union(*found.promised.values())
    for scheme in sorted(everything - found.damaged - set(present)):
        by_newest = scheme in found.promised[present[-1]] and scheme > present[-1]
        found.refused |= by_newest
        found.warnings.append(
            f"The {scheme} signature that was made for this APK has been removed; Android refuses to install it. "
            "Sign it again."
            if by_newest
            else f"The {scheme} signature that was made for this APK has been removed."
        )


def _signing(found: _Found) -> Signing:
    schemes = tuple(scheme for scheme in SCHEMES if found.certificates.get(scheme))
    if not schemes:
        return Signing(kind=SigningKind.INVALID if found.refused or found.unreadable else SigningKind.UNSIGNED)
    # A dictionary keeps the order and each certificate once: most schemes repeat the same one.
    every = dict.fromkeys(each for scheme in reversed(schemes) for each in found.certificates[scheme])
    certificates = tuple(certificate_from_der(certificate) for certificate in every)
    kind = SigningKind.DEBUG if any(_is_debug(each) for each in certificates) else SigningKind.RELEASE
    lineage = next((found.lineages[scheme] for scheme in reversed(schemes) if found.lineages.get(scheme)), ())
    return Signing(
        kind=SigningKind.INVALID if found.refused else kind,
        schemes=schemes,
        certificates=certificates,
        lineage=lineage,
    )


def _is_debug(certificate: Certificate) -> bool:
    """Whether this is a key that development tools make by themselves."""
    return "CN=Android Debug" in certificate.subject.split(",")
