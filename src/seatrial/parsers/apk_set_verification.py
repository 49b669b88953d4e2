"""Whether the signatures of a set's APKs fit their bytes; Android checks each of them before it installs any."""

from dataclasses import replace
from typing import BinaryIO

from seatrial.domain.buildinfo import BuildInfo, SigningKind
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import apk_verification, limits
from seatrial.parsers.apk_set_part import Part, find_base, named, read_parts
from seatrial.parsers.apk_signatures import read_counting_signatures
from seatrial.parsers.archive import Archive
from seatrial.parsers.window import at_hand


def verify_build(file: BinaryIO, archive: Archive, info: BuildInfo) -> BuildInfo:
    """Verify what `parse_apk_set` has found, and return the same with the verdict and its warnings.

    The verdict is that of the base APK; a split whose signature does not fit makes the whole set invalid. It reads the
    whole file, so that files larger than the limit `verified_bytes`, and those whose reader has a true attribute
    `is_remote`, are left as they are. Raises nothing for broken parts.
    """
    if archive.file_size > limits.current().verified_bytes or getattr(file, "is_remote", False):
        return info
    try:
        parts = read_parts(file, archive, [])
        base = find_base(parts)
        verified = apk_verification.verify_build(base.file, Archive.open(base.file), info)
    except BuildFileInvalid:
        return info
    splits = [part for part in parts if part.package == base.package and part.split is not None]
    unfit = [part.path for part in splits if not _fits(part)]
    if not unfit or verified.signing is None:
        return verified
    warning = (
        f"The signatures of these splits do not fit their bytes: {named(unfit)}. Android refuses to install the set;"
        " build and sign it again."
    )
    signing = replace(verified.signing, kind=SigningKind.INVALID, verified=False)
    return replace(verified, signing=signing, warnings=(*verified.warnings, warning))


def _fits(split: Part) -> bool:
    """Whether nothing speaks against a split; that one is not signed at all is told by other means."""
    try:
        file = at_hand(split.file)
        archive = Archive.open(file)
        signing = read_counting_signatures(file, archive).signing
        return apk_verification.verify_apk(file, archive, signing).signing.verified is not False
    except BuildFileInvalid:
        return False
