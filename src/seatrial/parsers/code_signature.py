"""Apple's code signatures, as they stand at the end of a Mach-O slice: who signed it, and what it may do.

Layout: `cs_blobs.h` of Apple's XNU kernel, numbers big-endian: a `SuperBlob` lists blobs by slot, the code directory
with the hashes of all pages, the entitlements as a property list and in DER, and the CMS signature over the code
directory. Nothing is verified: the hashes are the device's affair.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from seatrial.domain.buildinfo import Certificate
from seatrial.parsers import der
from seatrial.parsers.certificates import certificate_from_der
from seatrial.parsers.cms import cms_signers
from seatrial.parsers.forward import Forward
from seatrial.parsers.plist import MAX_DEPTH, MAX_NODES, MAX_TEXT, PlistUnreadable, plain, read_plist

MAX_BLOBS = 64
MAX_DIRECTORY = 8 << 10
"""Bytes read of a code directory: its names come before the hashes."""
MAX_ENTITLEMENTS = 1 << 20
MAX_CMS = 1 << 20
MAX_SIGNERS = 10

_SUPER_BLOB, _CODE_DIRECTORY, _CMS = 0xFADE0CC0, 0xFADE0C02, 0xFADE0B01
_XML_ENTITLEMENTS, _DER_ENTITLEMENTS = 0xFADE7171, 0xFADE7172
_LIMITS = {
    _CODE_DIRECTORY: MAX_DIRECTORY,
    _XML_ENTITLEMENTS: MAX_ENTITLEMENTS,
    _DER_ENTITLEMENTS: MAX_ENTITLEMENTS,
    _CMS: MAX_CMS,
}
_WITH_TEAM = 0x20200
"""First version of the code directory that names the team."""
_UTF8_STRING, _DICTIONARY, _ENTITLEMENTS = 0x0C, 0xB0, 0x70


class CodeSignature(NamedTuple):
    """What one slice's signature says."""

    identifier: str | None = None
    team: str | None = None
    entitlements: dict[str, object] | None = None
    """JSON values; `None` where there are none, or none that can be read."""
    signers: tuple[Certificate, ...] = ()
    """None for an ad-hoc signature, which is hashes without a signer."""


def read_signature(file: Forward, offset: int, size: int) -> CodeSignature | None:
    """Read the signature at a place of a file; `None` where there is none, or one that cannot be read."""
    index = file.at(offset, min(size, 12 + 8 * MAX_BLOBS))
    if len(index) < 12:
        return None
    magic, _, count = struct.unpack_from(">3L", index)
    if magic != _SUPER_BLOB:
        return None
    blobs: dict[int, bytes] = {}
    for start in sorted(_starts(index, count)):
        if start + 8 <= size:
            _keep(blobs, file, offset + start)
    identifier, team = _names(blobs.get(_CODE_DIRECTORY, b""))
    return CodeSignature(identifier, team, _entitlements(blobs), _signers(blobs.get(_CMS, b"")))


def _starts(index: bytes, count: int) -> Iterator[int]:
    for at in range(12, 12 + 8 * min(count, MAX_BLOBS), 8):
        if at + 8 > len(index):
            return
        yield int.from_bytes(index[at + 4 : at + 8])


def _keep(blobs: dict[int, bytes], file: Forward, offset: int) -> None:
    """Read a blob of a kind that is used, unless there was one: other code directories only hash otherwise."""
    head = file.at(offset, 8)
    if len(head) < 8:
        return
    magic, length = struct.unpack(">2L", head)
    limit = _LIMITS.get(magic)
    if limit is None or magic in blobs or (length > limit and magic != _CODE_DIRECTORY):
        return
    blobs[magic] = file.at(offset, min(length, limit))


def _names(directory: bytes) -> tuple[str | None, str | None]:
    if len(directory) < 52:
        return None, None
    version, _, _, identifier = struct.unpack_from(">4L", directory, 8)
    (team,) = struct.unpack_from(">L", directory, 48)
    return _string(directory, identifier), _string(directory, team) if version >= _WITH_TEAM else None


def _string(data: bytes, at: int) -> str | None:
    end = data.find(b"\0", at) if 0 < at < len(data) else -1
    return data[at : min(end, at + MAX_TEXT)].decode("utf-8", "replace") or None if end >= 0 else None


def _entitlements(blobs: dict[int, bytes]) -> dict[str, object] | None:
    """Take the property list, which people can read; newer systems look at the DER form, which says the same."""
    for magic, read in ((_XML_ENTITLEMENTS, _from_xml), (_DER_ENTITLEMENTS, _from_der)):
        content = blobs.get(magic, b"")[8:]
        found = read(content) if content else None
        if found is not None:
            return found
    return None


def _from_xml(content: bytes) -> dict[str, object] | None:
    try:
        return plain(read_plist(content))
    except PlistUnreadable:
        return None


def _from_der(content: bytes) -> dict[str, object] | None:
    """Read a version number and a dictionary; the first tools that wrote this form wrote a bare set of pairs."""
    try:
        outer = der.read(content)
        if outer.tag == der.SET:
            return _Values().table(outer, 1)
        parts = der.children(der.read(content, _ENTITLEMENTS))
        der.expect(parts, der.INTEGER)
        return _Values().table(der.expect(parts, _DICTIONARY), 1)
    except der.DerError:
        return None


class _Values:
    """Reads entitlements in DER within the limits of property lists."""

    def __init__(self) -> None:
        self._nodes = 0

    def table(self, element: der.Element, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        for pair in der.children(element):
            parts = der.children(pair)
            key = _text(der.expect(parts, _UTF8_STRING))
            value = next(parts, None)
            kept = self._value(value, depth + 1) if value is not None else None
            if kept is not None:
                found[key] = kept
            if self._nodes > MAX_NODES:
                break
        return found

    def _value(self, element: der.Element, depth: int) -> object:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            return None
        kept: object = None
        match element.tag:
            case 0x01:
                kept = any(element.content)
            case der.INTEGER if len(element.content) <= 8:
                kept = int.from_bytes(element.content, signed=True)
            case 0x0C:
                kept = _text(element)
            case der.SEQUENCE:
                values = (self._value(child, depth + 1) for child in der.children(element))
                kept = [value for value in values if value is not None]
            case 0xB0 | der.SET:
                kept = self.table(element, depth)
            case _:
                pass
        return kept


def _text(element: der.Element) -> str:
    return element.content[: 4 * MAX_TEXT].decode("utf-8", "replace")[:MAX_TEXT].replace("\0", "�")


def _signers(block: bytes) -> tuple[Certificate, ...]:
    if len(block) <= 8:
        return ()
    try:
        return tuple(certificate_from_der(each) for each in cms_signers(block[8:])[:MAX_SIGNERS])
    except der.DerError:
        return ()
