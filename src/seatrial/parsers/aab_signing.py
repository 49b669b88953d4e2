"""Who signed a bundle, and whether that signature is worth anything.

A bundle is signed as a JAR (JAR File Specification, "Signed JAR file"). Which algorithms are too weak is Java's own
default, `jdk.jar.disabledAlgorithms` of OpenJDK 17: a JAR whose signers all use them counts as unsigned. The members
that say what the app is are held against the signature's digests; those of all others would take reading the whole file.
"""

import base64
import binascii
import hashlib
import re
from typing import NamedTuple

from seatrial.domain.buildinfo import Certificate, Signing, SigningKind
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import cms, limits
from seatrial.parsers.archive import Archive, shown
from seatrial.parsers.certificates import certificate_from_der
from seatrial.parsers.jar_signature import JarSigner, jar_signers, unfolded

CHECKED = ("BundleConfig.pb", "base/manifest/AndroidManifest.xml")

_MANIFEST = "META-INF/MANIFEST.MF"
_HASHES = {"SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512", "SHA1": "sha1", "SHA-1": "sha1"}
_WEAK_NAMES = {"SHA1", "SHA-1", "SHA", "MD5", "MD2"}
_WEAK_DIGESTS = {"1.3.14.3.2.26", "1.2.840.113549.2.5", "1.2.840.113549.2.2"}
_BLANK_LINE = re.compile(rb"(?:\r\n|\n|\r)(?:\r\n|\n|\r)")


class BundleSigning(NamedTuple):
    """What was found, and sentences about what was odd; `None` where a signature is there but unreadable."""

    signing: Signing | None
    warnings: tuple[str, ...]


def read_signing(archive: Archive) -> BundleSigning:
    """Find the signers of a bundle; raises nothing for broken signatures."""
    try:
        signers = jar_signers(archive)
        if not signers:
            return BundleSigning(Signing(kind=SigningKind.UNSIGNED), ())
        weak = [signer for signer in signers if _is_weak(archive, signer)]
        broken = _broken_members(archive, signers)
    except (ValueError, IndexError, BuildFileInvalid) as problem:
        return BundleSigning(None, (f"The bundle's signature cannot be read ({problem}); sign it again.",))
    certificates = tuple(map(certificate_from_der, dict.fromkeys(signer.certificate for signer in signers)))
    warnings = []
    if weak:
        names = ", ".join(sorted({signer.digest_algorithm or "MD5 or SHA1" for signer in weak}))
        warnings.append(
            f"The bundle is signed with a weak algorithm ({shown(names)}), so that Java's tools count it as unsigned;"
            " sign it again with SHA-256."
        )
    if broken:
        warnings.append(
            f"“{shown(broken[0])}” was changed after the bundle had been signed; build and sign the bundle again."
        )
    is_invalid = bool(broken) or len(weak) == len(signers)
    kind = SigningKind.INVALID if is_invalid else _kind(certificates)
    signing = Signing(kind=kind, schemes=("v1",), certificates=certificates, verified=False if is_invalid else None)
    return BundleSigning(signing, tuple(warnings))


def _kind(certificates: tuple[Certificate, ...]) -> SigningKind:
    """Tell a key that development tools make by themselves from all others."""
    debug = any("CN=Android Debug" in certificate.subject.split(",") for certificate in certificates)
    return SigningKind.DEBUG if debug else SigningKind.RELEASE


def _is_weak(archive: Archive, signer: JarSigner) -> bool:
    if signer.digest_algorithm in _WEAK_NAMES:
        return True
    block = cms.read_signed_data(archive.read(signer.block, limits.current().signature_bytes))
    return any(
        each.digest_algorithm in _WEAK_DIGESTS for each in block.signers if each.certificate == signer.certificate
    )


def _broken_members(archive: Archive, signers: list[JarSigner]) -> list[str]:
    """List the checked members whose bytes differ from what was signed."""
    most = limits.current().signature_bytes
    if archive.find(_MANIFEST) is None:
        return [_MANIFEST]
    manifest = archive.read(_MANIFEST, most)
    sections = _sections(manifest)
    broken = []
    for signer in signers:
        signature_file = archive.read(signer.signature_file, most)
        head = _BLANK_LINE.split(signature_file, maxsplit=1)[0]
        if _fits(head, "-Digest-Manifest", manifest) is not False:
            continue
        # The manifest may have grown since, for another signer; then its sections are signed one by one.
        signed = _sections(signature_file)
        broken += [
            name
            for name in CHECKED
            if name in sections and _fits(signed.get(name, b""), "-Digest", sections[name]) is not True
        ]
    for name in CHECKED:
        member = archive.find(name)
        if member is not None and name in sections:
            data = archive.read(member, limits.current().manifest_bytes)
            if _fits(sections[name], "-Digest", data) is False:
                broken.append(name)
    return broken


def _sections(manifest: bytes) -> dict[str, bytes]:
    """Find the sections of the checked members, each with the blank line behind it, as it was digested."""
    found = {}
    for name in CHECKED:
        match = re.search(rb"(?:^|(?<=[\r\n]))Name: " + re.escape(name.encode()) + rb"\r?\n", manifest)
        if match:
            end = _BLANK_LINE.search(manifest, match.end() - 1)
            found[name] = manifest[match.start() : end.end() if end else len(manifest)]
    return found


def _fits(section: bytes, suffix: str, data: bytes) -> bool | None:
    """Hold data against the digests in a section; `None` where it states none that is known here."""
    fits: bool | None = None
    for line in unfolded(section):
        name, _, value = line.decode("utf-8", "replace").partition(":")
        algorithm = _HASHES.get(name.removesuffix(suffix).upper()) if name.endswith(suffix) else None
        if algorithm is None:
            continue
        try:
            wanted = base64.b64decode(value.strip(), validate=True)
        except binascii.Error:
            return False
        if hashlib.new(algorithm, data, usedforsecurity=False).digest() != wanted:
            return False
        fits = True
    return fits
