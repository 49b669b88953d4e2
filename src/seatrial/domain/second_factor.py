"""One-time codes beside a password, and what to do without the device that makes them."""

from dataclasses import dataclass
from datetime import datetime

STEP_SECONDS = 30
CODE_DIGITS = 6
RECOVERY_CODES = 10
RECOVERY_CODE_LENGTH = 19
"""Four groups of four with dashes between."""
LONGEST_CODE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor:
    """A person's authenticator, as it is kept."""

    sealed_secret: str
    last_step: int | None
    """The time step of the last code that was taken: neither it nor an older one counts again."""
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A secret for an authenticator, to be confirmed by its first code."""

    secret: str
    uri: str
    """`otpauth://totp/...`."""
    qr_code: str
    """The URI as an SVG in a `data:` URL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorState:
    """Whether somebody has a second factor, and how many recovery codes are left."""

    enabled: bool
    recovery_codes_left: int
