"""The icon of an app bundle: the best of the PNG files that Info.plist names.

Xcode leaves PNG files beside the compiled asset catalogue for iPhone and iPad. Icons that are only inside
`Assets.car` (tvOS, visionOS, hand-made bundles) give a warning instead.
"""

from collections.abc import Iterator

from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import cgbi
from seatrial.parsers.archive import Archive, Member
from seatrial.parsers.cgbi import CgbiUnreadable
from seatrial.parsers.icons import MAX_BYTES, IconUnreadable, as_png
from seatrial.parsers.plist import PlistValue, table, texts

MAX_CANDIDATES = 60
MAX_TRIES = 3
"""Pictures that are decoded, best first, before the app counts as one without a readable icon."""

_DEVICES = ("", "~ipad")
_SCALES = ("", "@2x", "@3x")
# What iOS looks for when Info.plist names no icon, and what Xcode's default catalogue leaves behind.
_DEFAULTS = ("Icon", "Icon-72", "Icon-60", "Icon-76", "AppIcon60x60", "AppIcon76x76", "AppIcon20x20")


def icon_names(values: dict[str, PlistValue]) -> tuple[str, ...]:
    """Give the names of icon files as Info.plist spells them, each once."""
    names: list[str] = []
    for device in _DEVICES:
        primary = table(table(values.get("CFBundleIcons" + device)).get("CFBundlePrimaryIcon"))
        names += texts(primary.get("CFBundleIconFiles"))
        names += texts(values.get("CFBundleIconFiles" + device))
    names += texts(values.get("CFBundleIconFile"))
    return tuple(dict.fromkeys(names))


def best_icon(archive: Archive, app: str, values: dict[str, PlistValue], warnings: list[str]) -> bytes | None:
    """Decode the largest square icon of the app into a bounded PNG; say in `warnings` why there is none."""
    declared = icon_names(values)
    sized = sorted(_sized(archive, app, declared or _DEFAULTS), key=lambda found: found[0], reverse=True)
    reason = ""
    for _, member in sized[:MAX_TRIES]:
        try:
            data = archive.read(member, MAX_BYTES)
            return as_png(cgbi.to_png(data) if cgbi.is_cgbi(data) else data)
        except (BuildFileInvalid, CgbiUnreadable, IconUnreadable) as problem:
            reason = str(problem)
    if reason:
        warnings.append(f"The icon cannot be read: {reason}")
    elif declared or archive.find(app + "Assets.car"):
        warnings.append("The icon is not in the app as a PNG file; asset catalogues are not read.")
    return None


def _sized(archive: Archive, app: str, names: tuple[str, ...]) -> Iterator[tuple[tuple[bool, int], Member]]:
    """Find the files that are meant by the names; sort key: square ones first, then the number of pixels."""
    for member in _files(archive, app, names):
        try:
            head = next(archive.stream(member), b"")
        except BuildFileInvalid:
            continue  # a damaged candidate is no reason to refuse the app
        width, height = cgbi.size_of(head) or (0, 0)
        yield (width == height, width * height), member


def _files(archive: Archive, app: str, names: tuple[str, ...]) -> list[Member]:
    found: dict[str, Member] = {}
    for name in names:
        stem = name.removesuffix(".png")
        spellings = (stem + scale + device + ".png" for scale in _SCALES for device in _DEVICES)
        for path in (app + name, *(app + spelling for spelling in spellings)):
            member = archive.find(path)
            if member is not None and len(found) < MAX_CANDIDATES:
                found[path] = member
    return list(found.values())
