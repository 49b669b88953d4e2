"""The drawings of an APK: its resource table and its compiled XML, as `drawables` wants them."""

from collections.abc import Sequence

from seatrial.parsers import axml
from seatrial.parsers.archive import Archive
from seatrial.parsers.axml import Element
from seatrial.parsers.drawables import Choice, Drawables, Icon, Item, Node, attribute_name
from seatrial.parsers.resources import Table


def find_icon(archive: Archive, table: Table | None, wishes: list[axml.Typed]) -> Icon:
    """Find the best picture among the manifest's icon attributes, given in order of preference."""
    from seatrial.parsers.drawables_icon import find_icon as find

    return find(_ApkDrawables(archive, table), [_item(wish) for wish in wishes])


class _ApkDrawables(Drawables):
    def __init__(self, archive: Archive, table: Table | None) -> None:
        self._archive = archive
        self._table = table

    def choices(self, resource: int) -> Sequence[Choice]:
        table = self._table
        if table is None:
            return ()
        return [
            Choice(config, Item(value.kind, value.data, table.string(value)))
            for config, value in table.candidates(resource)
        ]

    def read(self, path: str, limit: int) -> bytes | None:
        member = self._archive.find(path)
        return None if member is None else self._archive.read(member, limit)

    def tree(self, data: bytes) -> Node:
        return _node(axml.parse(data))


def _node(element: Element) -> Node:
    # Recursion is safe: `axml` has bounded the depth.
    attributes = {
        attribute_name(attribute.resource, element.pool.get(attribute.name) or ""): _item(typed)
        for attribute, typed in element.typed()
    }
    return Node(element.tag, attributes, [_node(child) for child in element.children])


def _item(typed: axml.Typed) -> Item:
    return Item(typed.value.kind, typed.value.data, typed.text)
