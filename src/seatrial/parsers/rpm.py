"""rpm packages: name, version, release and architecture from the header, the signer's algorithm and key.

Tags: rpm's "Tags" reference (docs/manual/tags.md and signatures.md). The payload is a packed cpio archive; it is
searched for an icon only when the header lists a desktop entry and the payload is small.
"""

from typing import BinaryIO

from seatrial.domain.buildinfo import BuildInfo, Format, Os, Signing, SigningKind
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import limits
from seatrial.parsers.archive import Archive, corrupt, shown
from seatrial.parsers.cpio import CpioInvalid, CpioStream
from seatrial.parsers.desktop_icons import MAX_SEARCHED, IconSearch, is_entry
from seatrial.parsers.openpgp import PgpSignature, read_signature
from seatrial.parsers.packed_stream import StreamTooLong, opened
from seatrial.parsers.rpm_header import LEAD, Header, read_header
from seatrial.parsers.texts import told
from seatrial.parsers.unpacking import PackedDataInvalid

_MAGIC = b"\xed\xab\xee\xdb"
# Header-only signatures (rpm 4 and later), then those of header and payload together.
_DSA, _RSA, _OPENPGP, _PGP, _GPG = 267, 268, 278, 1002, 1005
_NAME, _VERSION, _RELEASE, _ARCH = 1000, 1001, 1002, 1022
_SOURCE_RPM, _RPM_VERSION, _SOURCE_PACKAGE = 1044, 1064, 1106
_DIR_INDEXES, _BASE_NAMES, _DIR_NAMES, _OLD_NAMES = 1116, 1117, 1118, 1027
_PAYLOAD_FORMAT = 1124
# The tag for the method is left out by some packers; the payload's first bytes always tell.
_METHODS = {
    b"\x1f\x8b": "gz",
    b"\xfd7zXZ": "xz",
    b"]\0\0": "lzma",
    b"BZh": "bz2",
    b"\x28\xb5\x2f\xfd": "zst",
    b"0707": "",
}
# Packed bytes of a payload that is searched for an icon, by method: each takes some 50 ms at most to unpack.
_SEARCHED = {"": 32 << 20, "gz": 8 << 20, "zst": 16 << 20, "xz": 2 << 20, "lzma": 2 << 20, "bz2": 1 << 20}


def parse_rpm(file: BinaryIO, _archive: Archive | None = None) -> BuildInfo:
    """Read a package; raise `BuildFileInvalid` when its headers are damaged or name no package and version."""
    file.seek(0)
    lead = file.read(LEAD)
    if len(lead) < LEAD or not lead.startswith(_MAGIC):
        raise corrupt("The file is too short for an rpm package, or does not start as one; upload it again.")
    signatures, end = read_header(file, LEAD)
    header, payload = read_header(file, -(-end // 8) * 8)
    name, version = told(header.text(_NAME)), told(header.text(_VERSION))
    if name is None or version is None:
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_INVALID, "The package's header has no name or no version; build it with rpmbuild."
        )
    warnings: list[str] = []
    # A source package states the architecture that it was packed on, which says nothing about what is in it.
    # Some packers leave out the name of the source package for binary ones, too, so that the lead has to agree.
    is_source = _SOURCE_PACKAGE in header or (lead[6:8] == b"\0\1" and _SOURCE_RPM not in header)
    architecture = "src" if is_source else told(header.text(_ARCH))
    icon = _icon(file, payload, header, name, warnings)
    made_with = told(header.text(_RPM_VERSION))
    return BuildInfo(
        format=Format.RPM,
        os=Os.LINUX,
        identifier=name,
        display_name=name,
        version_name=version,
        version_code=told(header.text(_RELEASE)),
        architectures=(architecture,) if architecture else (),
        icon_png=icon[0] if icon else None,
        icon_source=icon[1] if icon else None,
        signing=_signing(signatures, warnings),
        sdks={"rpm": made_with} if made_with else {},
        warnings=tuple(warnings),
    )


def _signing(header: Header, warnings: list[str]) -> Signing:
    """Tell whether somebody signed the package; its digests alone say nothing about who made it."""
    packets = [packet for tag in (_RSA, _DSA, _PGP, _GPG) if (packet := header.binary(tag)) is not None]
    packets += _armoured(header)
    found = [signature for packet in packets if (signature := read_signature(packet))]
    if packets and not found:
        warnings.append("The package's signature cannot be read; rpm refuses to install it.")
        return Signing(kind=SigningKind.INVALID)
    schemes = tuple(dict.fromkeys(map(_scheme, found)))
    return Signing(kind=SigningKind.SIGNED if schemes else SigningKind.UNSIGNED, schemes=schemes)


def _scheme(signature: PgpSignature) -> str:
    return f"{signature.algorithm}, key ID {signature.key_id}" if signature.key_id else signature.algorithm


def _armoured(header: Header) -> list[bytes]:
    """Read the signatures of rpm 6, which are base64 text."""
    import base64
    import binascii

    packets: list[bytes] = []
    for text in header.texts(_OPENPGP)[:100]:
        try:
            packets.append(base64.b64decode(text[: limits.current().signature_bytes]))
        except (binascii.Error, ValueError):
            packets.append(b"")
    return packets


def _paths(header: Header) -> list[bytes]:
    folders, indexes = header.texts(_DIR_NAMES), header.numbers(_DIR_INDEXES)
    names = header.texts(_BASE_NAMES)
    paired = [folders[index] + name for name, index in zip(names, indexes, strict=False) if index < len(folders)]
    return paired or header.texts(_OLD_NAMES)


def _icon(file: BinaryIO, offset: int, header: Header, package: str, warnings: list[str]) -> tuple[bytes, str] | None:
    """Search a small payload for the icon of the desktop app that the header lists."""
    if not any(is_entry(path.decode("utf-8", "replace")) for path in _paths(header) if path.endswith(b".desktop")):
        return None
    size = file.seek(0, 2) - offset
    file.seek(offset)
    start = file.read(8)
    method = next((name for magic, name in _METHODS.items() if start.startswith(magic)), None)
    if method is None or header.text(_PAYLOAD_FORMAT) not in {b"cpio", None} or size > _SEARCHED[method]:
        return None
    file.seek(offset)
    most = min(MAX_SEARCHED, limits.current().payload_bytes)
    source = opened(file, method, most)
    search = IconSearch()
    try:
        stream = CpioStream(source.pieces(most + 1) if source else ())
        for entry in stream.entries():
            if entry.regular and search.wants(entry.name, entry.size):
                search.take(entry.name, b"".join(stream.content()))
    except StreamTooLong:
        warnings.append("The package's contents are too large to be searched for more icons.")
    except (PackedDataInvalid, CpioInvalid) as problem:
        warnings.append(f"The package's payload is damaged: {shown(str(problem))}; rpm cannot install it.")
    return search.best(package, warnings)
