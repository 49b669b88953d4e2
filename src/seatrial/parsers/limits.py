"""The bounds that every reading of a stranger's file keeps, in one place.

A process reads with one set of limits at a time: the child that parses uploads is given its set once, before the
first file, through `use`. Reaching a limit is never silent: it raises `BuildFileInvalid` or adds a warning.
"""

from dataclasses import dataclass

_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ParserLimits:
    """What a file may cost at most; sizes are bytes after unpacking unless said otherwise."""

    directory_bytes: int = 64 * _MIB
    """Central directory of a ZIP archive, as it lies in the file."""
    entries: int = 200_000
    """Members of an archive or of a disk image's folder tree that are looked at."""
    ratio: int = 100
    """Declared unpacked bytes per byte of the file, all members together."""
    ratio_free_bytes: int = 64 * _MIB
    """Declared bytes below which the ratio does not matter: small files of zeros are no bombs."""
    unpacked_bytes: int = 20 << 30
    """Declared unpacked bytes of a whole archive, whatever its own size."""
    manifest_bytes: int = 16 * _MIB
    """The document that describes the app: AndroidManifest.xml, AppxManifest.xml, an rpm's header, a deb's control."""
    resources_bytes: int = 64 * _MIB
    """A table of resources: resources.arsc, resources.pb, resources.index."""
    plist_bytes: int = 12 * _MIB
    profile_bytes: int = 2 * _MIB
    """A provisioning profile."""
    signature_bytes: int = 4 * _MIB
    """A signature file, or one scheme's part of a signing block."""
    icon_bytes: int = 8 * _MIB
    icon_pixels: int = 6 * _MIB
    """Width times height of a picture, held against its header before a pixel is decoded."""
    payload_bytes: int = 32 * _MIB
    """What is unpacked of a payload that has no directory (deb, rpm) in search of an icon."""
    nested_bytes: int = 48 * _MIB
    """A package inside a package that has to be unpacked to be read."""
    verified_bytes: int = 4 << 30
    """Size of the largest file whose whole content is hashed to verify its signature."""


_limits = ParserLimits()


def current() -> ParserLimits:
    """Give the limits that this process keeps."""
    return _limits


def use(limits: ParserLimits) -> None:
    """Set the limits of this process; to be called before a file is read, not while one is."""
    global _limits  # noqa: PLW0603  one process parses one file at a time, and every reader asks `current`
    _limits = limits
