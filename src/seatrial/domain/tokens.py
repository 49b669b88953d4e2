"""Secrets that are handed out once and kept as digests."""

import hashlib
import secrets
import string
import zlib
from dataclasses import dataclass, field
from enum import StrEnum


class TokenKind(StrEnum):
    """What a secret is for, told by its prefix."""

    APP = "sta_"
    SERVICE_ACCOUNT = "sts_"
    SESSION = "stu_"
    REFRESH = "str_"
    """Traded in for the next pair of session and refresh token, once."""
    DOWNLOAD = "std_"
    INVITATION = "sti_"
    """The one-time right to become a member."""
    SETUP = "sto_"
    """The one-time right to create the owner of an empty server."""
    MEMBER = "stm_"
    """Of a person in an app's SDK or in the store."""
    PASSWORD_RESET = "stp_"  # noqa: S105  # the prefix of a secret
    """The one-time right to choose another password."""


@dataclass(frozen=True, slots=True)
class MintedToken:
    """A fresh secret, to be shown once, and the digest to keep."""

    secret: str = field(repr=False)
    digest: str


_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM, _CHECK = 32, 6
PATTERN = rf"st[a-z]_[0-9A-Za-z]{{{_RANDOM + _CHECK}}}"
"""What a secret looks like, for scanners; `is_ours` tells chance finds from real ones."""


def mint(kind: TokenKind) -> MintedToken:
    """Make a secret: the kind's prefix, 190 random bits in base62, and six characters that check it."""
    body = kind.value + "".join(secrets.choice(_BASE62) for _ in range(_RANDOM))
    secret = body + _checksum(body)
    return MintedToken(secret, digest(secret))


def derived(kind: TokenKind, seed: str) -> MintedToken:
    """Make the one secret of a kind that belongs to a seed, which must be as hard to guess."""
    number, letters = int(digest(f"{kind.value} {seed}"), 16), ""
    for _ in range(_RANDOM):
        number, digit = divmod(number, len(_BASE62))
        letters += _BASE62[digit]
    secret = kind.value + letters + _checksum(kind.value + letters)
    return MintedToken(secret, digest(secret))


def is_ours(text: str) -> bool:
    """Whether a text is a secret that `mint` can have made, told by its last six characters.

    Secrets of before had 32 characters of base64url and no check; they go on being good, and are not known here.
    """
    body = text[:-_CHECK]
    return len(text) == 4 + _RANDOM + _CHECK and kind_of(text) is not None and text[-_CHECK:] == _checksum(body)


def _checksum(body: str) -> str:
    """Write the CRC-32 of a secret's other characters in base62."""
    rest, found = zlib.crc32(body.encode("utf-8", "replace")), ""
    for _ in range(_CHECK):
        rest, digit = divmod(rest, len(_BASE62))
        found = _BASE62[digit] + found
    return found


def digest(secret: str) -> str:
    """Give the SHA-256 of a secret in hex; enough for secrets that are random themselves."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def kind_of(secret: str) -> TokenKind | None:
    """Tell what a secret claims to be."""
    return next((kind for kind in TokenKind if secret.startswith(kind.value)), None)
