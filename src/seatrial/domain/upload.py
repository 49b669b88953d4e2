"""What a client promises about an upload beside the form: that it is the same one again, and what its bytes are."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """A SHA-256 that the bytes must have, in lower-case hex, and the header that says so."""

    header: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Promise:
    """What a client says about an upload beside the form."""

    key: str = ""
    """Its idempotency key: whatever comes with it again is the same upload. Empty: each upload is a new one."""
    claims: tuple[Claim, ...] = ()
    """What the build's file, or the only attachment, must be; empty where nothing is to be compared."""


NO_PROMISE = Promise()
