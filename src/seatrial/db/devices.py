"""Devices beside what was done with them: only what they said."""

import msgspec

from seatrial.domain.device import Device


def to_json(device: Device) -> dict[str, str]:
    """Make a device storable."""
    return {name: text for name, text in msgspec.to_builtins(device).items() if text}


def from_json(stored: dict[str, str]) -> Device:
    """Make a device of what was stored."""
    return msgspec.convert(stored, Device)
