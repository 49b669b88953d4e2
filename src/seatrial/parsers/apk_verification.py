"""Whether an APK's signatures fit its bytes, as Android checks at installation; it reads the whole file.

Formats: source.android.com, "APK signature scheme v2" and "v3", "Verification". A file with any of these schemes is
judged by them alone, as every Android since 7.0 does; v1 counts only where nothing newer is there.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO, NamedTuple

from seatrial.domain.buildinfo import BuildInfo, Signing, SigningKind
from seatrial.parsers.apk_digests import content_digests
from seatrial.parsers.apk_signatures import Signatures, end_record
from seatrial.parsers.apk_signing_block import (
    BROKEN,
    BlockSigner,
    KeyChange,
    SigningBlock,
    block_signers,
    signing_block,
)
from seatrial.parsers.archive import Archive
from seatrial.parsers.certificates import public_key_info
from seatrial.parsers.der import DerError
from seatrial.parsers.jar_verification import verify_jar
from seatrial.parsers.limits import current
from seatrial.parsers.public_keys import Method, signature_fits


class _Algorithm(NamedTuple):
    method: Method
    hash_name: str
    content: str
    """The kind of digest over the file that is signed with it."""


_ALGORITHMS = {
    0x0101: _Algorithm(Method.PSS, "sha256", "sha256"),
    0x0102: _Algorithm(Method.PSS, "sha512", "sha512"),
    0x0103: _Algorithm(Method.PKCS1, "sha256", "sha256"),
    0x0104: _Algorithm(Method.PKCS1, "sha512", "sha512"),
    0x0201: _Algorithm(Method.ECDSA, "sha256", "sha256"),
    0x0202: _Algorithm(Method.ECDSA, "sha512", "sha512"),
    0x0301: _Algorithm(Method.DSA, "sha256", "sha256"),
    0x0421: _Algorithm(Method.PKCS1, "sha256", "verity"),
    0x0423: _Algorithm(Method.ECDSA, "sha256", "verity"),
    0x0425: _Algorithm(Method.DSA, "sha256", "verity"),
}


class _Unfit(Exception):
    """A signature does not fit; the text says what of it."""


class _Unknown(Exception):
    """A signature cannot be checked here; the text says why."""


def verify_build(file: BinaryIO, archive: Archive, info: BuildInfo) -> BuildInfo:
    """Verify what `parse_apk` has found, and return the same with the verdict and its warnings.

    Files larger than the limit `verified_bytes`, and those whose reader has a true attribute `is_remote`, are left
    as they are: their bytes are not worth fetching for it.
    """
    if info.signing is None or archive.file_size > current().verified_bytes or getattr(file, "is_remote", False):
        return info
    verified = verify_apk(file, archive, info.signing)
    return replace(info, signing=verified.signing, warnings=(*info.warnings, *verified.warnings))


def verify_apk(file: BinaryIO, archive: Archive, signing: Signing) -> Signatures:
    """Check digests and signatures over the whole file; the warnings are the new ones alone.

    `signing` is what `read_signatures` has found. Where the signature does not fit, its kind becomes `INVALID` and
    `verified` false; where it cannot be checked, `verified` stays `None` and a warning says why.
    """
    if not signing.schemes or signing.kind is SigningKind.INVALID:
        return Signatures(replace(signing, verified=False if signing.kind is SigningKind.INVALID else None), ())
    if signing.schemes == ("v1",):
        verdict = verify_jar(archive)
        return _told(signing, {"v1 (JAR)": (verdict.fits, verdict.reason)})
    try:
        block = signing_block(file, archive.central_directory_offset)
        end = end_record(file, archive.file_size)
        if block is None or end is None:
            raise ValueError("it is no longer there")
        verdicts = _verdicts(file, block, archive.central_directory_offset, end)
    except BROKEN as problem:
        return _told(signing, {signing.schemes[-1]: (None, str(problem))})
    return _told(signing, verdicts)


_Verdict = tuple[bool | None, str]


def _told(signing: Signing, verdicts: dict[str, _Verdict]) -> Signatures:
    """Put verdicts into words: scheme v2 is not what counts where v3 is there."""
    counted = [scheme for scheme in verdicts if scheme != "v2"] or list(verdicts)
    fits = [verdicts[scheme][0] for scheme in counted]
    verified = False if False in fits else None if None in fits else True
    warnings = []
    for scheme, (fit, reason) in verdicts.items():
        if fit is False:
            who = "Android refuses" if scheme in counted else "Android 7 and 8 refuse"
            warnings.append(
                f"The {scheme} signature does not fit the file: {reason}. {who} to install it; sign it again."
            )
        elif fit is None:
            warnings.append(f"The {scheme} signature could not be checked: {reason}.")
    kind = SigningKind.INVALID if verified is False else signing.kind
    return Signatures(replace(signing, kind=kind, verified=verified), tuple(warnings))


def _verdicts(file: BinaryIO, block: SigningBlock, directory: int, end: tuple[int, bytes]) -> dict[str, _Verdict]:
    """Check each scheme; the file is read once for all of them, and not at all where no signature is good."""
    verdicts: dict[str, _Verdict] = {}
    expected: list[tuple[str, str, bytes]] = []
    for scheme, part in sorted(block.parts.items()):
        verdicts[scheme] = (True, "")
        try:
            for number, signer in enumerate(block_signers(scheme, part), 1):
                expected += [(scheme, kind, digest) for kind, digest in _signed_digests(signer, number)]
        except (_Unfit, *BROKEN) as problem:
            verdicts[scheme] = (False, str(problem))
        except _Unknown as problem:
            verdicts[scheme] = (None, str(problem))
    open_ones = [each for each in expected if verdicts[each[0]][0]]
    if any(kind == "verity" for _, kind, _ in open_ones) and block.start % 4096:
        open_ones = [each for each in open_ones if each[1] != "verity"]
        verdicts |= {
            each[0]: (False, "its hash tree starts at no page's end") for each in expected if each[1] == "verity"
        }
    actual = content_digests(file, block.start, directory, end, {kind for _, kind, _ in open_ones})
    for scheme, kind, digest in open_ones:
        if digest != actual[kind]:
            verdicts[scheme] = (False, "the content has been changed after it was signed")
    return verdicts


def _signed_digests(signer: BlockSigner, number: int) -> Iterator[tuple[str, bytes]]:
    """Check one signer's signature, key and lineage; yield the digests that it vouches for."""
    if not signer.signatures:
        raise _Unfit(f"signer {number} has no signature")
    if not signer.same_platforms:
        raise _Unfit(f"signer {number} is not for the platforms that it signed")
    known = [(algorithm, value) for algorithm, value in signer.signatures if algorithm in _ALGORITHMS]
    if not known:
        raise _Unknown(f"signer {number} uses algorithms that are not known here")
    chosen = _chosen(known)
    for algorithm, signature in chosen:
        what = f"the signature of signer {number}"
        _check_signature(signer.public_key, algorithm, signature, signer.signed_data, what)
    if not _same_key(signer):
        raise _Unfit(f"the certificate of signer {number} has another key")
    if [algorithm for algorithm, _ in signer.digests] != [algorithm for algorithm, _ in signer.signatures]:
        raise _Unfit(f"signer {number} signed other digests than it lists")
    _check_lineage(signer)
    digests = dict(signer.digests)
    for algorithm, _ in chosen:
        yield _ALGORITHMS[algorithm].content, digests[algorithm]


def _chosen(signatures: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Take the signatures that Android looks at: the strongest one, and the one over a hash tree since Android 9."""
    by_content = {_ALGORITHMS[algorithm].content: (algorithm, value) for algorithm, value in reversed(signatures)}
    if "sha512" in by_content:
        by_content.pop("sha256", None)
    return list(by_content.values())


def _same_key(signer: BlockSigner) -> bool:
    try:
        return public_key_info(signer.certificates[0]) == signer.public_key
    except DerError:
        return False


def _check_lineage(signer: BlockSigner) -> None:
    """Follow the keys: each hands over to the next, and the last one signs."""
    before: KeyChange | None = None
    for change in signer.lineage:
        if before is not None:
            if change.signed_algorithm != before.next_algorithm:
                raise _Unfit("its key rotation is inconsistent")
            try:
                key = public_key_info(before.certificate)
            except DerError:
                raise _Unfit("its key rotation has a damaged certificate") from None
            _check_signature(key, before.next_algorithm, change.signature, change.signed_data, "its key rotation")
        before = change
    if before is not None and before.certificate != signer.certificates[0]:
        raise _Unfit("its key rotation ends with another key")


def _check_signature(key: bytes, number: int, signature: bytes, data: bytes, what: str) -> None:
    algorithm = _ALGORITHMS.get(number)
    fits = signature_fits(key, algorithm.method, algorithm.hash_name, signature, data) if algorithm else None
    if fits is None:
        raise _Unknown(f"{what} is of a kind that is not known here")
    if not fits:
        raise _Unfit(f"{what} is wrong")
