"""OpenPGP signature packets: by which key and algorithms, not whether they hold.

Format: RFC 9580, sections 4.2 (packet headers), 5.2.2 and 5.2.3 (signatures), 5.2.3.1 (subpackets).
"""

from typing import NamedTuple

_SIGNATURE = 2
_KEYS = {1: "RSA", 3: "RSA", 17: "DSA", 19: "ECDSA", 22: "EdDSA", 25: "X25519", 27: "Ed25519", 28: "Ed448"}
_HASHES = {1: "MD5", 2: "SHA1", 3: "RIPEMD160", 8: "SHA256", 9: "SHA384", 10: "SHA512", 11: "SHA224", 12: "SHA3-256"}
_ISSUER, _ISSUER_FINGERPRINT = 16, 33


class PgpSignature(NamedTuple):
    """A signature: `algorithm` such as `RSA/SHA512`, `key_id` 16 hex digits where it is stated."""

    algorithm: str
    key_id: str | None


def read_signature(data: bytes) -> PgpSignature | None:
    """Read the first packet; `None` when it is no signature, or one of an unknown version."""
    body = _body(data)
    if len(body) < 19:
        return None
    if body[0] == 3:
        return PgpSignature(_algorithm(body[15], body[16]), body[7:15].hex())
    if body[0] not in {4, 6}:
        return None
    key_id = None
    width = 2 if body[0] == 4 else 4
    at = 4
    for _ in range(2):  # hashed and unhashed subpackets
        size = int.from_bytes(body[at : at + width], "big")
        key_id = key_id or _issuer(body[at + width : at + width + size])
        at += width + size
    return PgpSignature(_algorithm(body[2], body[3]), key_id)


def _algorithm(key: int, digest: int) -> str:
    return f"{_KEYS.get(key, 'PGP')}/{_HASHES.get(digest, 'unknown')}"


def _body(data: bytes) -> bytes:
    """Give the content of the first packet, if it is a signature; nothing else."""
    if len(data) < 6 or not data[0] & 0x80:
        return b""
    if data[0] & 0x40:  # the newer header
        kind = data[0] & 0x3F
        start, size = _length(data, 1)
    else:
        kind = data[0] >> 2 & 0xF
        width = 1 << (data[0] & 3)
        start, size = (1 + width, int.from_bytes(data[1 : 1 + width], "big")) if width < 8 else (1, len(data) - 1)
    return data[start : start + size] if kind == _SIGNATURE else b""


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Read a length of one, two or five bytes: where the content starts, and how long it is."""
    first = data[at]
    if first < 192:
        return at + 1, first
    if first < 255:
        return at + 2, (first - 192 << 8) + int.from_bytes(data[at + 1 : at + 2], "big") + 192
    return at + 5, int.from_bytes(data[at + 1 : at + 5], "big")


def _issuer(packets: bytes) -> str | None:
    at = 0
    while at < len(packets):
        start, size = _length(packets, at)
        if size < 1:
            return None
        kind, value = packets[start : start + 1], packets[start + 1 : start + size]
        if kind and kind[0] & 0x7F == _ISSUER and len(value) == 8:
            return value.hex()
        if kind and kind[0] & 0x7F == _ISSUER_FINGERPRINT and len(value) >= 21:
            # Of version 4 fingerprints the last 8 bytes are the key's number, of later ones the first.
            return (value[-8:] if value[0] == 4 else value[1:9]).hex()
        at = start + size
    return None
