"""Settings of the store: where visitors are, and how their devices become known."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field, model_validator


class Countries(BaseModel, frozen=True, extra="forbid"):
    """How publications learn where people are; without either nobody can be placed."""

    header: str | None = None
    """A header with a country's two letters that a proxy in front sets on every request; it wins."""
    database: Path | None = None
    """A database of countries by address in MaxMind's format (`.mmdb`)."""


class Devices(BaseModel, frozen=True, extra="forbid"):
    """How testers' Apple devices are asked for their UDID."""

    certificate: Path | None = None
    """Certificates in PEM, the signer's first: profiles are signed, and devices show them as verified."""
    key: Path | None = None
    """The key of the first one, in PEM, without a password."""
    authorities: Path | None = None
    """Certificates in PEM of who vouches for devices, such as Apple's iPhone Device CA."""
    profile_seconds: int = Field(default=3600, ge=60)
    """How long a profile may wait until it is installed."""
    ask_serial: bool = False

    @model_validator(mode="after")
    def _has_both(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together")
        return self
