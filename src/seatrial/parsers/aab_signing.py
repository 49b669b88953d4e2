"""Who signed a bundle, and whether that signature is worth anything.

A bundle is signed as a JAR (JAR File Specification, "Signed JAR file"). Which algorithms are too weak is Java's own
default, `jdk.jar.disabledAlgorithms` of OpenJDK 17: a JAR whose signers all use them counts as unsigned.
"""

from dataclasses import replace
from typing import BinaryIO, NamedTuple

from seatrial.domain.buildinfo import BuildInfo, Certificate, Signing, SigningKind
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import cms, limits
from seatrial.parsers.archive import Archive, shown
from seatrial.parsers.certificates import certificate_from_der
from seatrial.parsers.jar_signature import jar_signers

_WEAK_NAMES = {"SHA1", "SHA-1", "SHA", "MD5", "MD2"}
_WEAK_DIGESTS = {"1.3.14.3.2.26", "1.2.840.113549.2.5", "1.2.840.113549.2.2"}


class BundleSigning(NamedTuple):
    """What was found, and sentences about what was odd."""

    signing: Signing
    warnings: tuple[str, ...]


def read_signing(archive: Archive) -> BundleSigning:
    """Find the signers of a bundle; raises nothing for broken signatures.

    The kind is `INVALID` for a signature that cannot be read, and for one by weak algorithms alone.
    """
    try:
        signers = jar_signers(archive)
        if not signers:
            return BundleSigning(Signing(kind=SigningKind.UNSIGNED), ())
        weak_blocks = {block for block in {signer.block for signer in signers} if _is_weak(archive, block)}
        weak = [each for each in signers if each.digest_algorithm in _WEAK_NAMES or each.block in weak_blocks]
    except (ValueError, IndexError, BuildFileInvalid) as problem:
        warning = f"The bundle's signature cannot be read ({problem}); sign it again."
        return BundleSigning(Signing(kind=SigningKind.INVALID, verified=False), (warning,))
    certificates = tuple(map(certificate_from_der, dict.fromkeys(signer.certificate for signer in signers)))
    warnings = []
    if weak:
        names = ", ".join(sorted({signer.digest_algorithm or "MD5 or SHA1" for signer in weak}))
        warnings.append(
            f"The bundle is signed with a weak algorithm ({shown(names)}), so that Java's tools count it as unsigned;"
            " sign it again with SHA-256."
        )
    is_invalid = len(weak) == len(signers)
    kind = SigningKind.INVALID if is_invalid else _kind(certificates)
    verified = False if is_invalid else None
    return BundleSigning(
        Signing(kind=kind, schemes=("v1",), certificates=certificates, verified=verified), tuple(warnings)
    )


def verify_build(file: BinaryIO, archive: Archive, info: BuildInfo) -> BuildInfo:
    """Hold every member against the signature that `parse_aab` has found; return the same with the verdict.

    It unpacks the whole file, so that files larger than the limit `verified_bytes`, and those whose reader has a true
    attribute `is_remote`, are left as they are.
    """
    from seatrial.parsers.jar_verification import verify_jar

    signing = info.signing
    too_dear = archive.file_size > limits.current().verified_bytes or getattr(file, "is_remote", False)
    if signing is None or not signing.schemes or signing.kind is SigningKind.INVALID or too_dear:
        return info
    fits, reason = verify_jar(archive)
    warnings = info.warnings
    signing = replace(signing, verified=fits)
    if fits is False:
        signing = replace(signing, kind=SigningKind.INVALID)
        warnings += (f"The bundle's signature does not fit the file: {reason}. Build and sign the bundle again.",)
    elif fits is None:
        warnings += (f"The bundle's signature could not be checked: {reason}.",)
    return replace(info, signing=signing, warnings=warnings)


def _kind(certificates: tuple[Certificate, ...]) -> SigningKind:
    """Tell a key that development tools make by themselves from all others."""
    debug = any("CN=Android Debug" in certificate.subject.split(",") for certificate in certificates)
    return SigningKind.DEBUG if debug else SigningKind.RELEASE


def _is_weak(archive: Archive, block: str) -> bool:
    """Whether all who signed a block used a weak digest for it."""
    signers = cms.read_signed_data(archive.read(block, limits.current().signature_bytes)).signers
    return all(signer.digest_algorithm in _WEAK_DIGESTS for signer in signers)
