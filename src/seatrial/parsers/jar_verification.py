"""Whether a JAR signature fits the archive, as Android checks scheme v1.

Format: JAR File Specification, "Signed JAR file" and "Signature Validation": the block signs the signature file, that
one has digests of the manifest or of its sections, and the manifest has one of every member.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import cms, der
from seatrial.parsers.archive import Archive, shown
from seatrial.parsers.cms_verification import Unfit, Unknown, check_signer
from seatrial.parsers.jar_signature import signature_blocks, unfolded
from seatrial.parsers.limits import current

MANIFEST = "META-INF/MANIFEST.MF"
MAX_CONTENT = 512 << 20
"""Unpacked bytes of all members that are digested before it is left at that."""
_MAX_SECTION = 128 << 10
MAX_SIGNERS = 10
"""Android refuses more."""

# The strongest digest that is there counts; the rest is for older platforms.
_STRENGTH = {
    "sha-512": "sha512",
    "sha-384": "sha384",
    "sha-256": "sha256",
    "sha1": "sha1",
    "sha-1": "sha1",
    "sha": "sha1",
}


class JarVerdict(NamedTuple):
    """`fits` is `None` where it could not be told; the reason is part of a sentence."""

    fits: bool | None
    reason: str


class _Unfit(Exception):
    """The signature does not fit; the text says what of it."""


class _Unknown(Exception):
    """It cannot be told here; the text says why."""


class _Section(NamedTuple):
    """A manifest's section: where its bytes are, empty lines behind it included, and the attributes."""

    start: int
    end: int
    attributes: dict[str, str]


class _Listed(NamedTuple):
    """What a manifest says of a member; thousands of them are kept, so nothing else is."""

    start: int
    end: int
    digest: tuple[str, bytes] | None


def verify_jar(archive: Archive) -> JarVerdict:
    """Check every signer of an archive and every member; `META-INF` and folders need no digest, as on Android."""
    try:
        _verify(archive)
    except (_Unfit, BuildFileInvalid) as problem:
        return JarVerdict(fits=False, reason=str(problem).rstrip("."))
    except (_Unknown, der.DerError) as problem:
        return JarVerdict(fits=None, reason=str(problem))
    return JarVerdict(fits=True, reason="")


def _verify(archive: Archive) -> None:
    blocks = signature_blocks(archive)
    if archive.find(MANIFEST) is None:
        raise _Unfit("its manifest is missing")
    if not blocks or len(blocks) > MAX_SIGNERS:
        raise _Unfit(f"it has {len(blocks)} signers")
    manifest = _read(archive, MANIFEST)
    listed = _listed(archive, manifest)
    wanted = {name for name in archive.names() if not name.startswith("META-INF/") and not name.endswith("/")}
    for block, signature_file in blocks:
        data = _read(archive, signature_file)
        _check_block(archive.read(block, current().signature_bytes), data, block)
        unsigned = wanted.difference(_checked_names(data, manifest, listed))
        if unsigned:
            raise _Unfit(f"“{shown(min(unsigned))}” is not signed")
    _check_members(archive, sorted(wanted), listed)


def _read(archive: Archive, name: str) -> bytes:
    limit = current().manifest_bytes  # each member takes some 100 of them
    member = archive.find(name)
    if member is not None and member.size > limit:
        raise _Unknown(f"“{shown(name)}” is too large")
    return archive.read(name, limit)


def _check_block(block: bytes, signed_file: bytes, name: str) -> None:
    """Check that each signer of a block signed the signature file (RFC 5652, 5.4)."""
    signers = cms.read_signed_data(block).signers
    if not signers:
        raise _Unfit(f"“{shown(name)}” has no signer")
    for signer in signers:
        try:
            check_signer(signer, signed_file)
        except Unfit as problem:
            raise _Unfit(f"“{shown(name)}” {problem}") from None
        except Unknown as problem:
            raise _Unknown(f"“{shown(name)}” {problem}") from None


def _checked_names(data: bytes, manifest: bytes, listed: dict[str, _Listed]) -> Iterator[str]:
    """Check a signature file against the manifest; yield the names of members that it covers.

    A digest of the whole manifest says all. Where it does not fit, as after members were added, each section's counts.
    """
    sections = _sections(data)
    head = next(sections, None)
    if head is None or "signature-version" not in head.attributes:
        raise _Unfit("a signature file has no version")
    whole = _digest_of(head.attributes, "-digest-manifest")
    all_fit = whole is not None and _digest(whole[0], manifest) == whole[1]
    of_main = _digest_of(head.attributes, "-digest-manifest-main-attributes")
    if of_main is not None and not all_fit:
        main = next(_sections(manifest), None)
        if main is None or _digest(of_main[0], manifest[main.start : main.end]) != of_main[1]:
            raise _Unfit("the head of its manifest has been changed")
    for section in sections:
        name = _name(section)
        if not all_fit:
            stated, place = _digest_of(section.attributes, "-digest"), listed.get(name)
            if stated is None or place is None or _digest(stated[0], manifest[place.start : place.end]) != stated[1]:
                raise _Unfit(f"the manifest's entry for “{shown(name)}” has been changed")
        yield name


def _check_members(archive: Archive, names: list[str], listed: dict[str, _Listed]) -> None:
    left = MAX_CONTENT
    for name in names:
        stated, member = listed.get(name), archive.find(name)
        if stated is None or stated.digest is None or member is None:
            raise _Unfit(f"“{shown(name)}” is not in its manifest")
        hash_name, expected = stated.digest
        digest = hashlib.new(hash_name)
        for part in archive.stream(member):
            left -= len(part)
            if left < 0:
                raise _Unknown(f"the members unpack to more than {MAX_CONTENT >> 20} MiB")
            digest.update(part)
        if digest.digest() != expected:
            raise _Unfit(f"“{shown(name)}” has been changed")


def _listed(archive: Archive, manifest: bytes) -> dict[str, _Listed]:
    """Read what the manifest says of the members; it may name no others."""
    sections = _sections(manifest)
    next(sections, None)  # its head
    found: dict[str, _Listed] = {}
    for section in sections:
        name = _name(section)
        if name in found:
            raise _Unfit(f"“{shown(name)}” is twice in its manifest")
        if archive.find(name) is None:
            raise _Unfit(f"“{shown(name)}” was signed and is not there")
        found[name] = _Listed(section.start, section.end, _digest_of(section.attributes, "-digest"))
    return found


def _name(section: _Section) -> str:
    name = section.attributes.get("name")
    if name is None:
        raise _Unfit("a section of its manifest has no name")
    return name


def _sections(data: bytes) -> Iterator[_Section]:
    """Split a manifest or signature file into sections, the first one its head."""
    for found in re.finditer(rb"(?:[^\r\n]+(?:\r\n|\r|\n|$))+(?:\r\n|\r|\n)*", data):
        start, end = found.span()
        if end - start > _MAX_SECTION:
            raise _Unknown("a section of its manifest is too long")
        yield _Section(start, end, dict(_attributes(found[0])))


def _attributes(section: bytes) -> Iterator[tuple[str, str]]:
    for line in unfolded(section):
        key, colon, value = line.partition(b":")
        if colon:
            # One space belongs to the format; others can belong to a name.
            yield key.decode("utf-8", "replace").lower(), value.removeprefix(b" ").decode("utf-8", "replace")


def _digest_of(attributes: dict[str, str], suffix: str) -> tuple[str, bytes] | None:
    """Find the strongest digest among attributes like `SHA-256-Digest`: the hash's name and the value."""
    for prefix, hash_name in _STRENGTH.items():
        value = attributes.get(prefix + suffix)
        if value is not None:
            try:
                return hash_name, base64.b64decode(value)
            except ValueError:  # characters that are none of base64, or not even ASCII
                return hash_name, b""
    return None


def _digest(hash_name: str, data: bytes) -> bytes:
    return hashlib.new(hash_name, data).digest()
