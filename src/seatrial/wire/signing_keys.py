"""Signing keys of apps as JSON; an addition of ours, in the vendor's style."""

import base64
import binascii
from dataclasses import dataclass, field

from seatrial.domain.errors import InvalidRequest
from seatrial.domain.signing_key import SigningKey
from seatrial.wire import bodies
from seatrial.wire.timestamps import timestamp

KEYSTORE_BYTES = 64 << 10
_BASE64_LIMIT = KEYSTORE_BYTES * 4 // 3 + 4


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtKey:
    """The team's own keystore."""

    pkcs12: bytes = field(repr=False)
    password: str = field(repr=False)
    replace: bool


def brought_key(body: bytes) -> BroughtKey:
    """Read the team's own keystore.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    return BroughtKey(
        pkcs12=_keystore(said.get("keystore")),
        password=bodies.string("password", said.get("password")),
        replace=bodies.boolean("replace", said.get("replace", False)),
    )


def signing_key_json(key: SigningKey) -> dict[str, object]:
    """Show a key: never more than its certificate says."""
    return {
        "application": key.app_id,
        "origin": key.origin.value,
        "subject": key.subject,
        "sha1": _colons(key.sha1),
        "sha256": _colons(key.sha256),
        "expiresAt": timestamp(key.not_after),
        "createdAt": timestamp(key.created_at),
    }


def _keystore(value: object) -> bytes:
    rule = {"keystore": f"must be a PKCS #12 keystore of at most {KEYSTORE_BYTES} bytes, in base64"}
    if not isinstance(value, str) or not value or len(value) > _BASE64_LIMIT:
        raise InvalidRequest(rule)
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidRequest(rule) from None


def _colons(fingerprint: str) -> str:
    """Write a fingerprint as keytool and the consoles of API providers do."""
    return ":".join(fingerprint[at : at + 2] for at in range(0, len(fingerprint), 2)).upper()
