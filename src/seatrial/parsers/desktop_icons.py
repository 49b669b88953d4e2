"""The icon of a desktop app in what its package installs: found by the name in its desktop entry.

Places: freedesktop.org, Icon Theme Specification (hicolor, section "Directory Layout") and the older pixmaps folder.
A package without a desktop entry is no desktop app and has no icon.
"""

import re
from pathlib import PurePosixPath

from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import limits
from seatrial.parsers.desktop_entry import MAX_BYTES as MAX_ENTRY
from seatrial.parsers.desktop_entry import DesktopEntry, read_entry
from seatrial.parsers.icons import IconUnreadable, as_png

MAX_KEPT = 64
"""Files of a package that are kept while it streams by."""
MAX_KEPT_BYTES = 8 << 20
MAX_TRIES = 4
MAX_SEARCHED = 32 << 20
"""Unpacked bytes that are searched: a packer's window takes as much memory again."""

_ENTRY = re.compile(r"usr/(?:local/)?share/applications/[^/]+\.desktop")
_ICON = re.compile(r"usr/(?:local/)?share/(?:pixmaps|icons/hicolor/(?:([0-9]{1,4})x[0-9x@]+|scalable)/apps)/([^/]+)")
_PICTURE = re.compile(r"(.+)\.(png|svg)")
_SVG_WORTH = 192
"""A drawing is taken before pictures of fewer pixels than this, and after those of more."""


def is_entry(path: str) -> bool:
    """Tell whether a path of a package is that of a desktop entry."""
    return _ENTRY.fullmatch(plain(path)) is not None


def plain(path: str) -> str:
    """Write a package's path without what packers put before it: `./usr/x` and `/usr/x` are `usr/x`."""
    return path.removeprefix(".").lstrip("/")


class IconSearch:
    """What may be needed for the icon, picked out of a stream of files that comes only once."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}
        self._kept_bytes = 0

    def wants(self, path: str, size: int) -> bool:
        """Tell whether the file of this path and size should be given to `take`."""
        name = plain(path)
        if len(self._files) >= MAX_KEPT or self._kept_bytes + size > MAX_KEPT_BYTES:
            return False
        if _ENTRY.fullmatch(name):
            return size <= MAX_ENTRY
        found = _ICON.fullmatch(name)
        return found is not None and _PICTURE.fullmatch(found[2]) is not None and size <= limits.current().icon_bytes

    def take(self, path: str, data: bytes) -> None:
        """Keep a file that `wants` said yes to."""
        self._files[plain(path)] = data
        self._kept_bytes += len(data)

    def best(self, package: str, warnings: list[str]) -> tuple[bytes, str] | None:
        """Give the icon as PNG with the path that it came from, or `None`; pictures that are broken are told."""
        entry = self._entry(package)
        if entry is None or entry.icon is None:
            return None
        reason = ""
        for path in self._candidates(entry.icon)[:MAX_TRIES]:
            try:
                return picture_as_png(path, self._files[path]), path
            except (IconUnreadable, BuildFileInvalid) as problem:
                reason = str(problem)
        if reason:
            warnings.append(f"The icon cannot be read: {reason.rstrip('.')}.")
        return None

    def _entry(self, package: str) -> DesktopEntry | None:
        """Choose the entry that is named like the package, else the first that menus show."""
        found = {path: read_entry(data) for path, data in sorted(self._files.items()) if _ENTRY.fullmatch(path)}
        ranked = sorted(found, key=lambda path: (found[path].hidden, PurePosixPath(path).stem != package, path))
        return found[ranked[0]] if ranked else None

    def _candidates(self, icon: str) -> list[str]:
        if icon.startswith("/"):
            return [path for path in (plain(icon),) if path in self._files]
        name = icon.removesuffix(".png").removesuffix(".svg")
        found: list[tuple[int, str]] = []
        for path in self._files:
            place = _ICON.fullmatch(path)
            picture = _PICTURE.fullmatch(place[2]) if place else None
            if place and picture and picture[1] == name:
                found.append((_SVG_WORTH if picture[2] == "svg" else int(place[1] or 48), path))
        return [path for _, path in sorted(found, key=lambda one: (-min(one[0], 512), one[1]))]


def picture_as_png(path: str, data: bytes) -> bytes:
    """Turn a picture into PNG by what its bytes are; raise `IconUnreadable`."""
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"<?xml", b"<svg", b"<!")) or (path.endswith(".svg") and start.startswith(b"<")):
        from seatrial.parsers.svg import svg_as_png

        return svg_as_png(data)
    return as_png(data)
