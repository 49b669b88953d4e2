"""The icon of a Windows program, or of a library that holds nothing but icons.

Source: Microsoft, "Icons": a group (GRPICONDIR, GRPICONDIRENTRY) names pictures, which are resources of their own.
"""

import struct

from seatrial.parsers import limits
from seatrial.parsers.icon_containers import ICO_MAGIC
from seatrial.parsers.icons import IconUnreadable, as_png
from seatrial.parsers.pe import PeDamaged, Resource, ResourceTree

_RT_ICON, _RT_GROUP_ICON = 3, 14
_ICO_ENTRY = struct.Struct("<4B2H2L")
_GROUP_ENTRY = struct.Struct("<4B2HLH")
_MOST_ENTRIES = 256
_MOST_GROUPS = 3
_PICTURES = 4
"""Pictures of a group that are handed on; the best ones, so that a broken one has a substitute."""


def program_icon(tree: ResourceTree) -> tuple[bytes, str] | None:
    """Convert the first group of icons that can be read, as Windows' Explorer shows the first one.

    Give the PNG and the place in the resources; `None` where there are no icons. Raises `IconUnreadable`.
    """
    problem: Exception | None = None
    try:
        pictures = {name: languages[0] for name, languages in tree.leaves(_RT_ICON) if languages}
        for number, (name, languages) in enumerate(tree.leaves(_RT_GROUP_ICON)):
            if number >= _MOST_GROUPS:
                break
            try:
                return _best_of(tree, languages, pictures), f".rsrc/GROUP_ICON/{name}"
            except (*PeDamaged, IconUnreadable) as reason:
                problem = reason
    except PeDamaged as reason:
        problem = reason
    if problem is not None:
        raise IconUnreadable(str(problem))
    return None


def _best_of(tree: ResourceTree, languages: list[Resource], pictures: dict[int | str, Resource]) -> bytes:
    """Put the best pictures of a group into an icon file and convert that."""
    group = tree.read(languages[0], 6 + _MOST_ENTRIES * _GROUP_ENTRY.size)
    end = len(group) - (len(group) - 6) % _GROUP_ENTRY.size
    entries = sorted(_GROUP_ENTRY.iter_unpack(group[6:end]), key=_quality, reverse=True)
    chosen: list[tuple[int, bytes]] = []
    room = limits.current().icon_bytes // 2
    for *_, depth, _, number in entries:
        resource = pictures.get(number)
        if resource is not None and resource.size <= room and len(chosen) < _PICTURES:
            room -= resource.size
            chosen.append((depth, tree.read(resource, room + resource.size)))
    if not chosen:
        raise IconUnreadable("its group of icons names no picture that is there")
    return as_png(_icon_file(chosen))


def _quality(entry: tuple[int, ...]) -> tuple[int, int]:
    """Pixels and depth of a group's entry; a side of 0 means 256."""
    return (entry[0] or 256) * (entry[1] or 256), entry[5]


def _icon_file(pictures: list[tuple[int, bytes]]) -> bytes:
    directory = ICO_MAGIC + struct.pack("<H", len(pictures))
    offset = len(directory) + _ICO_ENTRY.size * len(pictures)
    for depth, data in pictures:
        directory += _ICO_ENTRY.pack(0, 0, 0, 0, 1, depth, len(data), offset)
        offset += len(data)
    return directory + b"".join(data for _, data in pictures)
