"""The icon of an app bundle: the best of the pictures that Info.plist names.

Xcode leaves PNG files beside the compiled asset catalogue for iPhone and iPad; macOS apps have an `.icns` file. Where
there is no such file, as for tvOS, watchOS and visionOS, the picture is taken out of the catalogue.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import cgbi, limits
from seatrial.parsers.archive import Member
from seatrial.parsers.bundle_tree import Layout, Tree
from seatrial.parsers.cgbi import CgbiUnreadable
from seatrial.parsers.icons import IconUnreadable, as_png
from seatrial.parsers.plist import PlistValue, table, text, texts

MAX_CANDIDATES = 60
MAX_TRIES = 3
"""Pictures that are decoded, best first, before the app counts as one without a readable icon."""

_DEVICES = ("", "~ipad")
_SCALES = ("", "@2x", "@3x")
# What iOS looks for when Info.plist names no icon, and what Xcode's default catalogue leaves behind.
_DEFAULTS = ("Icon", "Icon-72", "Icon-60", "Icon-76", "AppIcon60x60", "AppIcon76x76", "AppIcon20x20")
_UNREADABLE = (BuildFileInvalid, CgbiUnreadable, IconUnreadable)


class Icon(NamedTuple):
    """A picture of at most 512 pixels, and the name of the file it comes from."""

    png: bytes
    source: str


def icon_names(values: dict[str, PlistValue]) -> tuple[str, ...]:
    """Give the names of icon files as Info.plist spells them, each once."""
    names: list[str] = []
    for device in _DEVICES:
        primary = table(table(values.get("CFBundleIcons" + device)).get("CFBundlePrimaryIcon"))
        names += texts(primary.get("CFBundleIconFiles"))
        names += texts(values.get("CFBundleIconFiles" + device))
    names += texts(values.get("CFBundleIconFile"))
    return tuple(dict.fromkeys(names))


def best_icon(tree: Tree, layout: Layout, values: dict[str, PlistValue], warnings: list[str]) -> Icon | None:
    """Decode the largest square icon of the app into a bounded PNG; say in `warnings` why there is none."""
    declared = icon_names(values)
    reason = ""
    for member in _candidates(tree, layout, values, declared):
        try:
            return Icon(_decoded(tree.read(member, limits.current().icon_bytes)), member.name)
        except _UNREADABLE as problem:
            reason = reason or str(problem)
    catalog = tree.find(layout.resources + "Assets.car")
    if catalog is not None:
        try:
            return Icon(_from_catalog(tree, catalog, values, declared), catalog.name)
        except _UNREADABLE as problem:
            reason = reason or str(problem)
    if reason:
        warnings.append(f"The icon cannot be read: {reason}.")
    elif declared:
        warnings.append("Info.plist names an icon, but the app has no such picture.")
    return None


def _from_catalog(tree: Tree, catalog: Member, values: dict[str, PlistValue], declared: tuple[str, ...]) -> bytes:
    from seatrial.parsers import asset_catalog

    data = tree.read(catalog, asset_catalog.MAX_BYTES)
    return as_png(asset_catalog.icon_from_catalog(data, (*_catalog_names(values), *declared)))


def _catalog_names(values: dict[str, PlistValue]) -> tuple[str, ...]:
    """Give the names that the icon can have in the catalogue, where its files have a size behind theirs."""
    names = [*texts(values.get("CFBundleIconName"))]
    for device in _DEVICES:
        primary = table(values.get("CFBundleIcons" + device)).get("CFBundlePrimaryIcon")
        names += texts(primary) if isinstance(primary, str) else texts(table(primary).get("CFBundleIconName"))
    names += [_SIZE.sub("", name) for name in icon_names(values)]
    return tuple(dict.fromkeys(names))


_SIZE = re.compile(r"(?:\d+(?:\.\d+)?x\d+(?:\.\d+)?)?(?:@\dx)?(?:~ipad)?(?:\.(?:png|icns))?$")


def _decoded(data: bytes) -> bytes:
    return as_png(cgbi.to_png(data) if cgbi.is_cgbi(data) else data)


def _candidates(tree: Tree, layout: Layout, values: dict[str, PlistValue], declared: tuple[str, ...]) -> list[Member]:
    """Give the files to try, best first."""
    if layout.mac:
        name = text(values.get("CFBundleIconFile")) or "AppIcon"
        stem = layout.resources + name
        found = [tree.find(stem + ending) for ending in ("", ".icns", ".png")]
        return [member for member in found if member is not None]
    sized = sorted(_sized(tree, layout, declared or _DEFAULTS), key=lambda found: found[0], reverse=True)
    return [member for _, member in sized[:MAX_TRIES]]


def _sized(tree: Tree, layout: Layout, names: tuple[str, ...]) -> Iterator[tuple[tuple[bool, int], Member]]:
    """Find the files that are meant by the names; sort key: square ones first, then the number of pixels."""
    for member in _files(tree, layout, names):
        try:
            head = next(tree.stream(member), b"")
        except BuildFileInvalid:
            continue  # a damaged candidate is no reason to refuse the app
        width, height = cgbi.size_of(head) or (0, 0)
        yield (width == height, width * height), member


def _files(tree: Tree, layout: Layout, names: tuple[str, ...]) -> list[Member]:
    found: dict[str, Member] = {}
    for name in names[:MAX_CANDIDATES]:
        stem = name.removesuffix(".png")
        spellings = (stem + scale + device + ".png" for scale in _SCALES for device in _DEVICES)
        for path in (layout.resources + name, *(layout.resources + spelling for spelling in spellings)):
            member = tree.find(path)
            if member is not None and len(found) < MAX_CANDIDATES:
                found[path] = member
    return list(found.values())
