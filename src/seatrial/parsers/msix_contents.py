"""What the members of an msix package tell by name and size: libraries, and where its bytes go."""

from typing import NamedTuple

from seatrial.parsers.archive import Archive
from seatrial.parsers.texts import listed

MAX_LIBRARIES = 1000

_CODE = (".exe", ".winmd", ".xbf", ".js", ".html")
_RESOURCES = (".pri", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".ttf", ".otf", ".resw")
_SIGNATURE = ("appxsignature.p7x", "appxblockmap.xml", "appxmetadata/codeintegrity.cat")


class Contents(NamedTuple):
    """See `BuildInfo`: file names of libraries, each once, and packed bytes by category."""

    native_libraries: tuple[str, ...]
    sizes: dict[str, int]


def contents_of(archive: Archive) -> Contents:
    """Look at all members once."""
    sizes: dict[str, int] = {}
    libraries: dict[str, None] = {}
    for name, packed in archive.sizes():
        lower = name.lower()
        category = _category(lower)
        sizes[category] = sizes.get(category, 0) + packed
        if category == "native" and len(libraries) < MAX_LIBRARIES:
            libraries[name.rpartition("/")[2]] = None
    return Contents(
        listed(list(libraries), MAX_LIBRARIES), {category: size for category, size in sorted(sizes.items()) if size}
    )


def _category(name: str) -> str:
    if name in _SIGNATURE:
        return "signature"
    if name.endswith(".dll"):
        return "native"
    if name.endswith(_CODE):
        return "code"
    if name.endswith(_RESOURCES):
        return "resources"
    return "assets" if name.startswith("assets/") else "other"
