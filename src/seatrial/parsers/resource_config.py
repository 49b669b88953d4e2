"""The configuration that an Android resource is meant for: language, density, platform version.

Format: `ResTable_config` in `ResourceTypes.h` of the Android Open Source Project; its size has grown with
the platform, so that fields beyond the written size count as zero.
"""

import struct
from typing import NamedTuple

DENSITY_ANY = 0xFFFE
DENSITY_NONE = 0xFFFF
DENSITY_MEDIUM = 160

_NIGHT = 0x20
_NIGHT_MASK = 0x30
_SIZE = 64

# Codes that ISO 639 gave up in 1989 and Android wrote long after; RFC 5646 (BCP 47) wants the new ones.
_RENAMED = {"iw": "he", "in": "id", "ji": "yi"}


class Config(NamedTuple):
    """One configuration, as far as it matters to a label or an icon."""

    locale: str
    """BCP 47 language tag, empty for the default one."""
    density: int
    """Dots per inch; 0 for the default one, or `DENSITY_ANY`, `DENSITY_NONE`."""
    sdk: int
    night: bool
    other: bool
    """Whether anything else is asked for: a network, a size, an orientation, a kind of device."""

    @property
    def dots(self) -> int:
        """The density as a number to sort by; pictures for any density come first."""
        if self.density in {0, DENSITY_NONE}:
            return DENSITY_MEDIUM
        return self.density


def read_config(data: bytes, at: int) -> Config:
    """Read the configuration at this place; its first field is its size."""
    (size,) = struct.unpack_from("<I", data, at)
    raw = data[at : at + min(size, _SIZE)].ljust(_SIZE, b"\0")
    density, sdk = struct.unpack_from("<H", raw, 14)[0], struct.unpack_from("<H", raw, 24)[0]
    night = raw[29] & _NIGHT_MASK == _NIGHT
    # Network codes, orientation and touch screen, keys, screen size, layout, mode, widths, shape.
    other = any(raw[4:8]) or any(raw[12:14]) or any(raw[16:24]) or raw[28] or raw[29] & 0x0F or any(raw[30:36])
    return Config(_locale(raw), density, sdk, night, bool(other or any(raw[48:52])))


def _locale(raw: bytes) -> str:
    language = _code(raw[8:10], ord("a"))
    if not language:
        return ""
    parts = [
        _RENAMED.get(language, language),
        _ascii(raw[36:40]).title(),
        _code(raw[10:12], ord("0")).upper(),
        _ascii(raw[40:48]).lower(),
    ]
    return "-".join(part for part in parts if part)


def _code(packed: bytes, base: int) -> str:
    """Unpack a language or region: two letters, or three of five bits each behind a set high bit."""
    first, second = packed
    if not first & 0x80:
        return _ascii(packed)
    letters = second & 0x1F, (second & 0xE0) >> 5 | (first & 0x03) << 3, (first & 0x7C) >> 2
    return _ascii(bytes(base + letter for letter in letters))


def _ascii(raw: bytes) -> str:
    text = raw.rstrip(b"\0").decode("ascii", "replace")
    return text if text.isascii() and text.isalnum() else ""
