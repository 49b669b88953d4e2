"""Who signed a JAR: also an AAB, and an APK by scheme v1.

Formats: JAR File Specification, "Signed JAR file"; each signer has a signature file (`META-INF/X.SF`) and beside it a
block (`X.RSA`, `X.DSA`, `X.EC`), which is CMS (RFC 5652).
"""

import re
from typing import NamedTuple

from seatrial.parsers import cms
from seatrial.parsers.archive import Archive
from seatrial.parsers.der import DerError
from seatrial.parsers.limits import current

MAX_SIGNERS = 100

_BLOCK_SUFFIXES = (".RSA", ".DSA", ".EC")
_NEWER_SCHEMES = {2: "v2", 3: "v3"}


class JarSigner(NamedTuple):
    """One signer of a JAR."""

    certificate: bytes
    """DER of the certificate that the block names as the signer's, not its chain."""
    digest_algorithm: str | None
    """The algorithm of the manifest's digest, as the signature file spells it: `SHA-256`, `SHA1`."""
    promised_schemes: frozenset[str]
    """Newer APK schemes that the signer says are there as well: `v2`, `v3`."""
    block: str
    """The block's member name."""
    signature_file: str
    """The signature file's member name."""


def jar_signers(archive: Archive) -> list[JarSigner]:
    """List those who signed a JAR, in the archive's order; a block without its signature file signs nothing.

    Whether digests and signatures fit is not looked at. Raise `ValueError` (also as `DerError`) where a block cannot
    be read or there are more than `MAX_SIGNERS`, `BuildFileInvalid` where the archive is damaged there.
    """
    signers: list[JarSigner] = []
    for block, signature_file in signature_blocks(archive):
        head = signature_file_head(archive, signature_file)
        algorithm, promised = _manifest_algorithm(head), _promises(head)
        signers += [
            JarSigner(certificate, algorithm, promised, block, signature_file)
            for certificate in cms.cms_signers(archive.read(block, current().signature_bytes))
        ]
        if len(signers) > MAX_SIGNERS:
            raise DerError("it has too many signers")
    return signers


def signature_blocks(archive: Archive) -> list[tuple[str, str]]:
    """List the member names of blocks that have a signature file, and of that file."""
    # Nearly all names fall out at the first letter; there can be tens of thousands.
    inside = (name for name in archive.names() if name[:1] in {"M", "m"} and name[:9].upper() == "META-INF/")
    names = [name for name in inside if name.count("/") == 1]
    upper = {name.upper(): name for name in names}
    found = []
    for name in names:
        stem, dot, suffix = name.upper().rpartition(".")
        if dot + suffix in _BLOCK_SUFFIXES and f"{stem}.SF" in upper:
            found.append((name, upper[f"{stem}.SF"]))
    return found


def signature_file_head(archive: Archive, name: str) -> dict[str, str]:
    """Read the main attributes of a manifest or signature file, the names in lower case.

    Of a long file only the first piece is unpacked, which the head always fits in.
    """
    member = archive.find(name)
    head = next(archive.stream(member), b"") if member else b""
    attributes = {}
    for line in unfolded(re.split(rb"\r\n\r\n|\n\n|\r\r", head, maxsplit=1)[0]):
        key, _, value = line.partition(b":")
        attributes[key.strip().decode("utf-8", "replace").lower()] = value.strip().decode("utf-8", "replace")
    return attributes


def unfolded(section: bytes) -> list[bytes]:
    """Split a section into its lines; one that starts with a space goes on from the line before it."""
    return re.sub(rb"(\r\n|\n|\r) ", b"", section).splitlines()


def _manifest_algorithm(head: dict[str, str]) -> str | None:
    """Tell how the signature file's digest of the whole manifest is made, e.g. `SHA-256-Digest-Manifest`."""
    for key in head:
        if key.endswith("-digest-manifest"):
            return key.removesuffix("-digest-manifest").upper()[:20]
    return None


def _promises(head: dict[str, str]) -> frozenset[str]:
    """Read `X-Android-APK-Signed: 2, 3`, by which a v1 signature says what else was signed."""
    numbers = head.get("x-android-apk-signed", "").split(",")
    wanted = {int(number) for number in map(str.strip, numbers) if re.fullmatch(r"\d{1,9}", number, re.ASCII)}
    return frozenset(_NEWER_SCHEMES[number] for number in wanted & _NEWER_SCHEMES.keys())
