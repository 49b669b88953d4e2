"""The key that an app's bundles are signed with when they are turned into APKs."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from seatrial.domain.ids import AppId


class KeyOrigin(StrEnum):
    """Where a signing key comes from."""

    GENERATED = "generated"
    """Made by this server for this app, once."""
    IMPORTED = "imported"
    """The team's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """What may be shown of a key; fingerprints are lower-case hex of the DER certificate."""

    app_id: AppId
    origin: KeyOrigin
    subject: str
    sha1: str
    sha256: str
    not_after: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Keystore:
    """A key with its certificate as PKCS #12 (RFC 7292), under one name and one password."""

    pkcs12: bytes = field(repr=False)
    password: str = field(repr=False)
    alias: str
