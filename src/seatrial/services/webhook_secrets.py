"""Signatures of messages as Standard Webhooks has them (standardwebhooks.com, "Signature scheme", symmetric)."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from seatrial.db.webhooks import SealedWebhook
from seatrial.storage.sealing import Sealer, Unsealable

PREFIX = "whsec_"
_SECRET_BYTES = 32


class SecretLost(Exception):
    """The secret is there, and this server's encryption keys do not open it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedWebhook:
    """What requests of a webhook need."""

    secrets: tuple[str, ...] = field(repr=False)
    """The present one, and the one before while both are good."""
    headers: Mapping[str, str] = field(repr=False)


def new_secret() -> str:
    """Make a secret of 256 random bits."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: str) -> str:
    """Sign a message: HMAC-SHA256 over its id, the time of the attempt and its body."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.new(key, f"{message_id}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def seal_headers(sealer: Sealer, headers: Mapping[str, str]) -> str:
    """Encrypt headers; empty for none."""
    return sealer.seal(json.dumps(dict(headers)).encode()) if headers else ""


def opened(sealer: Sealer, sealed: SealedWebhook, now: datetime) -> OpenedWebhook:
    """Open what requests of a webhook need.

    Raises SecretLost.
    """
    until = sealed.webhook.previous_secret_until
    both = sealed.previous_secret is not None and until is not None and until > now
    kept = (sealed.secret, sealed.previous_secret) if both else (sealed.secret,)
    try:
        return OpenedWebhook(
            secrets=tuple(sealer.open(one).decode() for one in kept if one is not None),
            headers=json.loads(sealer.open(sealed.headers)) if sealed.headers else {},
        )
    except Unsealable:
        raise SecretLost from None
