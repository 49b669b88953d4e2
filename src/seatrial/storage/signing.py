"""Signatures for short-lived URLs of our own, where the store has none to give."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field

SHORTEST_KEY = 32
"""Bytes; as long as the digest."""


@dataclass(frozen=True, slots=True)
class UrlSigner:
    """HMAC-SHA256 over the parts of a link; the first key signs, all verify, so keys rotate with an overlap.

    Raises ValueError without keys, or with one that is too short to be random.
    """

    keys: Sequence[bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.keys or any(len(key) < SHORTEST_KEY for key in self.keys):
            raise ValueError(f"URL signing needs at least one key, each of at least {SHORTEST_KEY} bytes")

    def sign(self, *parts: str, expires: int) -> str:
        """Sign parts and an expiry in seconds since 1970, in base64url; how parts are split matters."""
        return _signature(self.keys[0], parts, expires)

    def verify(self, signature: str, *parts: str, expires: int, now: int) -> bool:
        """Whether one of the keys signed exactly these parts and this expiry, and that time has not come yet."""
        presented = signature.encode("utf-8", "replace")
        matches = [hmac.compare_digest(presented, _signature(key, parts, expires).encode()) for key in self.keys]
        return any(matches) and now < expires


def _signature(key: bytes, parts: Sequence[str], expires: int) -> str:
    # Each part behind its length: ("ab", "c") and ("a", "bc") must not be the same message.
    mac = hmac.new(key, len(parts).to_bytes(8, "big"), "sha256")
    for part in (*parts, str(expires)):
        encoded = part.encode("utf-8", "surrogatepass")
        mac.update(len(encoded).to_bytes(8, "big") + encoded)
    return urlsafe_b64encode(mac.digest()).rstrip(b"=").decode()
