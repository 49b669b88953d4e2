"""The icon of an app whose pictures lie in the splits for screens of other densities."""

import struct
from collections.abc import Sequence

from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import axml, limits
from seatrial.parsers.apk_set_part import Part
from seatrial.parsers.archive import Archive
from seatrial.parsers.drawables import Choice, Icon, Item, Node, attribute_name
from seatrial.parsers.resources import Table

MAX_TABLES = 50
"""Splits whose resources are looked into; one for each density is usual."""

_ICON, _ROUND_ICON = 0x01010002, 0x0101052C
_BROKEN = (struct.error, ValueError, IndexError, BuildFileInvalid)


def find_icon_in_splits(base: Part, splits: list[Part]) -> Icon:
    """Find the app's icon among the resources of the base and of its splits, as devices merge them.

    Raises nothing: what is broken is left out.
    """
    from seatrial.parsers.drawables_icon import find_icon

    try:
        root = axml.parse(Archive.open(base.file).read("AndroidManifest.xml", limits.current().manifest_bytes))
    except _BROKEN:
        return Icon()
    application = next(root.named("application"), None)
    typed = [application.value(each) for each in (_ICON, _ROUND_ICON)] if application is not None else []
    wishes = [Item(each.value.kind, each.value.data, each.text) for each in typed if each is not None]
    return find_icon(_Merged([base, *splits]), wishes) if wishes else Icon()


class _Merged:
    """The resources of several APKs as one source of drawings."""

    def __init__(self, parts: list[Part]) -> None:
        self._sources: list[tuple[Archive, Table]] = []
        left = limits.current().resources_bytes
        for part in parts[:MAX_TABLES]:
            try:
                archive = Archive.open(part.file)
                member = archive.find("resources.arsc")
                if member is not None:
                    data = archive.read(member, left)
                    left -= len(data)
                    self._sources.append((archive, Table(data)))
            except _BROKEN:
                continue

    def choices(self, resource: int) -> Sequence[Choice]:
        """Return a resource's values in all configurations, of the base first."""
        return [
            Choice(config, Item(value.kind, value.data, table.string(value)))
            for _, table in self._sources
            for config, value in table.candidates(resource)
        ]

    def read(self, path: str, limit: int) -> bytes | None:
        """Unpack a file of the first APK that has it."""
        for archive, _ in self._sources:
            member = archive.find(path)
            if member is not None:
                return archive.read(member, limit)
        return None

    def tree(self, data: bytes) -> Node:
        """Understand compiled XML."""
        return _node(axml.parse(data))


def _node(element: axml.Element) -> Node:
    attributes = {
        attribute_name(attribute.resource, element.pool.get(attribute.name) or ""): Item(
            typed.value.kind, typed.value.data, typed.text
        )
        for attribute, typed in element.typed()
    }
    return Node(element.tag, attributes, [_node(child) for child in element.children])
