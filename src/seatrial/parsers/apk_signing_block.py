"""The APK signing block: schemes v2, v3 and v3.1, taken apart; whether they fit the file is not looked at here.

Format: source.android.com, "APK signature scheme v2", "v3", "v3.1". The block stands in front of the ZIP central
directory. Numbers are little-endian; a part's lists are made of items that each follow their 32-bit length.
"""

import io
import struct
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import BinaryIO, NamedTuple

from seatrial.domain.buildinfo import Certificate
from seatrial.parsers.certificates import certificate_from_der
from seatrial.parsers.limits import current

MAX_SIGNERS = 10
"""Signers of one scheme; Android refuses more."""
MAX_ITEMS = 100
"""Items of any other list: certificates of a chain, keys of a lineage, signatures."""
_MAX_PAIRS = 1000

_MAGIC = b"APK Sig Block 42"
_WINDOW = 64 << 10
_SCHEMES = {0x7109871A: "v2", 0xF05368C0: "v3", 0x1B93AD61: "v3.1"}

# Attributes of a signer: a newer scheme was there when it was signed; the keys before this one.
_STRIPPING_PROTECTION = 0xBEEFF00D
_ROTATION_MIN_SDK = 0x559F8B02
_PROOF_OF_ROTATION = 0x3BA06F8C

BROKEN = (struct.error, ValueError, IndexError)
"""What reading a block that lies about its own structure comes down to."""


class SigningBlock(NamedTuple):
    """Where the block starts in the file, and the bytes of each scheme's part."""

    start: int
    parts: dict[str, bytes]


class KeyChange(NamedTuple):
    """One key of a lineage, and the signature by which the key before it hands over."""

    certificate: bytes
    signed_data: bytes
    signed_algorithm: int
    """How the key before signed, as the signed data say."""
    next_algorithm: int
    """How this key signs the next one."""
    signature: bytes


class BlockSigner(NamedTuple):
    """One signer of a scheme; algorithms are the scheme's numbers."""

    signed_data: bytes
    digests: tuple[tuple[int, bytes], ...]
    certificates: tuple[bytes, ...]
    """DER; the first one signs, others are its chain."""
    signatures: tuple[tuple[int, bytes], ...]
    public_key: bytes
    same_platforms: bool
    """Whether the platform versions that the signer is for are the ones that it signed (v3)."""
    promised: frozenset[str]
    """Newer schemes that the signer says are there as well."""
    lineage: tuple[KeyChange, ...]


def signing_block(file: BinaryIO, end: int) -> SigningBlock | None:
    """Find the block that ends at this place in the file; `None` where there is none.

    Parts other than the schemes' are skipped unread. Raise one of `BROKEN` where its frame is damaged, in which case
    Android does not see it at all.
    """
    if end < 32:
        return None
    base = max(0, end - _WINDOW)
    file.seek(base)
    window = file.read(end - base)
    if window[-16:] != _MAGIC:
        return None
    (size,) = struct.unpack_from("<Q", window, len(window) - 24)
    start = end - size - 8
    if size < 24 or start < 0:
        raise ValueError("its size is wrong")
    # Most blocks are small; one read brings them whole.
    source, base = (io.BytesIO(window), base) if start >= base else (file, 0)
    source.seek(start - base)
    if source.read(8) != struct.pack("<Q", size):
        raise ValueError("its two sizes differ")
    parts: dict[str, bytes] = {}
    for scheme, part in _parts(source, start + 8 - base, end - 24 - base):
        parts.setdefault(scheme, part)
    return SigningBlock(start, parts)


def _parts(source: BinaryIO, position: int, last: int) -> Iterator[tuple[str, bytes]]:
    for _ in range(_MAX_PAIRS):
        if position + 12 > last:
            return
        source.seek(position)
        length, kind = struct.unpack("<QI", source.read(12))
        if length < 4 or position + 8 + length > last:
            raise ValueError("one of its parts is cut off")
        if kind in _SCHEMES:
            if length > current().signature_bytes:
                raise ValueError("one of its parts is too large")
            yield _SCHEMES[kind], source.read(length - 4)
        position += 8 + length
    raise ValueError("it has too many parts")


@lru_cache(maxsize=2)  # an APK's signers are read first, then their signatures, by scheme v2 and v3
def block_signers(scheme: str, part: bytes) -> tuple[BlockSigner, ...]:
    """Take a scheme's part apart; raise one of `BROKEN` where it is damaged or has no signers."""
    signers = tuple(_signer(scheme, signer) for signer in _items(_prefixed(part), MAX_SIGNERS))
    if not signers:
        raise ValueError("it has no signers")
    return signers


def lineage_certificates(signers: Sequence[BlockSigner]) -> tuple[Certificate, ...]:
    """Describe the keys that have signed in turn, oldest first; of several signers the one with the most keys."""
    longest = max((signer.lineage for signer in signers), key=len, default=())
    return tuple(certificate_from_der(change.certificate) for change in longest)


def _signer(scheme: str, data: bytes) -> BlockSigner:
    signed = _prefixed(data)
    rest = data[4 + len(signed) :]
    digests = _prefixed(signed)
    behind = signed[4 + len(digests) :]
    certificates = _prefixed(behind)
    behind = behind[4 + len(certificates) :]
    same_platforms = True
    if scheme != "v2":  # version 3 writes the platform versions that a signer is for, twice
        same_platforms = len(rest) >= 8 and rest[:8] == behind[:8]
        rest, behind = rest[8:], behind[8:]
    found = tuple(_items(certificates, MAX_ITEMS))
    if not found:
        raise ValueError("a signer has no certificate")
    # Old signers write no attributes at all.
    promised, lineage = _attributes(_prefixed(behind)) if behind else (frozenset[str](), ())
    signatures = _prefixed(rest)
    return BlockSigner(
        signed_data=signed,
        digests=_numbered(digests),
        certificates=found,
        signatures=_numbered(signatures),
        public_key=_prefixed(rest, 4 + len(signatures)),
        same_platforms=same_platforms,
        promised=promised,
        lineage=lineage,
    )


def _attributes(attributes: bytes) -> tuple[frozenset[str], tuple[KeyChange, ...]]:
    promised = set()
    lineage: tuple[KeyChange, ...] = ()
    for attribute in _items(attributes, MAX_ITEMS):
        (kind,) = struct.unpack_from("<I", attribute)
        if kind == _STRIPPING_PROTECTION and attribute[4:8] == b"\3\0\0\0":
            promised.add("v3")
        elif kind == _ROTATION_MIN_SDK:
            promised.add("v3.1")
        elif kind == _PROOF_OF_ROTATION:
            lineage = tuple(_key_changes(attribute[4:]))
    return frozenset(promised), lineage


def _key_changes(data: bytes) -> Iterator[KeyChange]:
    """Read the proof of rotation: a version, then the keys, the oldest one first."""
    (version,) = struct.unpack_from("<I", data)
    if version != 1:
        raise ValueError("its key rotation has an unknown version")
    for level in _items(data[4:], MAX_ITEMS):
        signed = _prefixed(level)
        certificate = _prefixed(signed)
        (signed_algorithm,) = struct.unpack_from("<I", signed, 4 + len(certificate))
        _flags, next_algorithm = struct.unpack_from("<2I", level, 4 + len(signed))
        signature = _prefixed(level, 12 + len(signed))
        yield KeyChange(certificate, signed, signed_algorithm, next_algorithm, signature)


def _numbered(data: bytes) -> tuple[tuple[int, bytes], ...]:
    """Read digests or signatures, each behind the number of its algorithm."""
    return tuple((struct.unpack_from("<I", item)[0], _prefixed(item, 4)) for item in _items(data, MAX_ITEMS))


def _prefixed(data: bytes, at: int = 0) -> bytes:
    """Take the bytes behind a 32-bit length."""
    (length,) = struct.unpack_from("<I", data, at)
    if at + 4 + length > len(data):
        raise ValueError("a length in it is wrong")
    return data[at + 4 : at + 4 + length]


def _items(data: bytes, most: int) -> Iterator[bytes]:
    position = count = 0
    while position < len(data):
        item = _prefixed(data, position)
        count += 1
        if count > most:
            raise ValueError("it has too many signers or other items")
        yield item
        position += 4 + len(item)
