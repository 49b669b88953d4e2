"""Secrets that are handed out once and kept as digests."""

import hashlib
import secrets
from dataclasses import dataclass
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

    secret: str
    digest: str


def mint(kind: TokenKind) -> MintedToken:
    """Make a secret of 192 random bits in base64url behind the kind's prefix."""
    secret = kind.value + secrets.token_urlsafe(24)
    return MintedToken(secret, digest(secret))


def digest(secret: str) -> str:
    """Give the SHA-256 of a secret in hex; enough for secrets that are random themselves."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def kind_of(secret: str) -> TokenKind | None:
    """Tell what a secret claims to be."""
    return next((kind for kind in TokenKind if secret.startswith(kind.value)), None)
