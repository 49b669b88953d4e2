"""Secrets at rest: encrypted in the database, with keys that are not in it."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field


class Unsealable(Exception):
    """None of the keys opens the secret: the keys of this server are not those it was sealed with."""


@dataclass(frozen=True, slots=True)
class Sealer:
    """Fernet (AES-128-CBC with HMAC-SHA256); the first key seals, all open, so keys rotate with an overlap."""

    keys: Sequence[bytes] = field(repr=False)

    def seal(self, secret: bytes) -> str:
        """Encrypt a secret as text that says nothing and cannot be changed unseen."""
        from cryptography.fernet import Fernet

        return Fernet(_fernet_key(self.keys[0])).encrypt(secret).decode()

    def open(self, sealed: str) -> bytes:
        """Decrypt a secret.

        Raises Unsealable.
        """
        from cryptography.fernet import Fernet, InvalidToken, MultiFernet

        try:
            return MultiFernet([Fernet(_fernet_key(key)) for key in self.keys]).decrypt(sealed.encode())
        except InvalidToken:
            raise Unsealable from None


def _fernet_key(key: bytes) -> bytes:
    # Operators' keys may be longer than the 32 bytes that Fernet takes; no bit of them is to be lost.
    return urlsafe_b64encode(hashlib.sha256(key).digest())
