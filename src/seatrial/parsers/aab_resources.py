"""A bundle's resource table (`resources.pb`), read lazily: only the types that are asked for are looked into.

Format: `ResourceTable` of `Resources.proto` in the Android Open Source Project (frameworks/base, tools/aapt2).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from seatrial.parsers import aab_xml
from seatrial.parsers.aab_values import read_config, read_item, reference_name
from seatrial.parsers.archive import Archive
from seatrial.parsers.chunks import Kind
from seatrial.parsers.drawables import Choice, Item, Node, attribute_name
from seatrial.parsers.protobuf import BadMessage, Budget, Message, key

MAX_FIELDS = 400_000
"""Parts of the table looked at, all questions together."""
MAX_CHOICES = 2000
"""Configurations of one resource; the platform's own strings have some 90."""
MAX_TEXT = 4000
MAX_REFERENCES = 20
"""Steps from one resource to the next, as many as the platform itself takes."""

# ResourceTable, Package, Type, Entry, ConfigValue, Value
_PACKAGE = 2
_PACKAGE_ID, _PACKAGE_TYPE = key(1), 3
_TYPE_ID, _TYPE_NAME, _TYPE_ENTRY = key(1), key(2), key(3)
_ENTRY_ID, _ENTRY_NAME, _ENTRY_CHOICE = 1, 2, 6
_CHOICE_CONFIG, _CHOICE_VALUE = 1, 2
_VALUE_ITEM = 4

_SHORT_ID, _LONG_ID = b"\x0a\x02\x08", b"\x0a\x03\x08"
_SHORT_ID_SIZE = 4


class _Type(NamedTuple):
    id: int
    name: str
    message: Message


class Table:
    """The resources of one module.

    Making one and asking it raise `BadMessage` for a broken table.
    """

    def __init__(self, data: bytes) -> None:
        self._types: dict[int, list[_Type]] = {}
        self._entries: dict[int, dict[int, Message]] = {}
        self._found: dict[int, list[Choice]] = {}
        for package in Message(data, Budget(MAX_FIELDS)).messages(_PACKAGE):
            self._add_package(package)

    def choices(self, resource: int) -> list[Choice]:
        """Return a resource's values in all configurations, references not followed; none where it is not there."""
        if resource not in self._found:
            entry = self._entries_of(resource >> 16).get(resource & 0xFFFF)
            self._found[resource] = [] if entry is None else list(self._choices(entry, resource >> 24))
        return self._found[resource]

    def texts(self, resource: int) -> dict[str, str]:
        """Return a text in all its languages, by BCP 47 tag; the default language has the empty tag."""
        return self._texts(resource, 0, {})

    def number(self, resource: int) -> int | None:
        """Return a number or truth value (0 or not) in the default configuration."""
        for _ in range(MAX_REFERENCES):
            choices = sorted(self.choices(resource), key=_distance)
            if not choices:
                return None
            item = choices[0].item
            if item.reference is None:
                return number_of(item)
            resource = item.reference
        return None

    def _texts(self, resource: int, steps: int, known: dict[int, dict[str, str]]) -> dict[str, str]:
        if resource in known or steps > MAX_REFERENCES:
            return known.get(resource, {})
        texts = known[resource] = {}
        elsewhere: dict[str, str] = {}
        for config, item in sorted(self.choices(resource), key=_distance):
            if item.reference is None:
                text = item.text
            else:
                others = self._texts(item.reference, steps + 1, known)
                text = others.get(config.locale, others.get(""))
                if not config.locale:
                    elsewhere = elsewhere or others
            if text:
                texts.setdefault(config.locale, text)
        for locale, text in elsewhere.items():
            texts.setdefault(locale, text)
        return texts

    def _add_package(self, package: Message) -> None:
        """Note where the package's types are; of each only the head is read."""
        number = package.message(_PACKAGE_ID >> 3)
        package_id = (number.number(1) or 0) if number is not None else 0
        for each in package.messages(_PACKAGE_TYPE):
            found = _type_head(each)
            self._types.setdefault(package_id << 8 | found.id, []).append(found)

    def _entries_of(self, type_place: int) -> dict[int, Message]:
        """Index the entries of a type by their ids, at the first question about it."""
        if type_place not in self._entries:
            found: dict[int, Message] = {}
            for each in self._types.get(type_place, []):
                for entry in each.message.messages(_TYPE_ENTRY >> 3):
                    number = entry_id(entry)
                    if number is not None:
                        found.setdefault(number, entry)
            self._entries[type_place] = found
        return self._entries[type_place]

    def _choices(self, entry: Message, package: int) -> Iterator[Choice]:
        for count, choice in enumerate(entry.messages(_ENTRY_CHOICE)):
            if count >= MAX_CHOICES:
                raise BadMessage("a resource has too many values")
            value = choice.message(_CHOICE_VALUE)
            inner = value.message(_VALUE_ITEM) if value is not None else None
            item = read_item(inner, MAX_TEXT) if inner is not None else None
            if item is None or inner is None:
                continue
            if item.kind == Kind.REFERENCE and not item.data:
                item = item._replace(data=self._id_of(reference_name(inner, MAX_TEXT), package))
            yield Choice(read_config(choice.message(_CHOICE_CONFIG)), item)

    def _id_of(self, name: str | None, package: int) -> int:
        """Find the id of a resource by its name (`string/app_name`); 0 where this package has none."""
        type_name, _, entry_name = (name or "").rpartition(":")[2].partition("/")
        wanted = entry_name.encode()
        for place, types in self._types.items():
            if place >> 8 != package:
                continue
            for each in types if wanted else ():
                if each.name == type_name:
                    for number, entry in self._entries_of(place).items():
                        if entry.text(_ENTRY_NAME, MAX_TEXT) == entry_name:
                            return place << 16 | number
        return 0


class ModuleDrawables:
    """Where the drawings of a module come from: its table and its files."""

    def __init__(self, archive: Archive, module: str, table: Table | None) -> None:
        self._archive = archive
        self._module = module
        self._table = table
        self._budget = Budget(aab_xml.MAX_FIELDS)

    def choices(self, resource: int) -> Sequence[Choice]:
        """Return a resource's values in all configurations; raise `BadMessage` for a broken table."""
        return self._table.choices(resource) if self._table is not None else ()

    def read(self, path: str, limit: int) -> bytes | None:
        """Unpack a file that the table names; `None` where the module has none."""
        member = self._archive.find(f"{self._module}/{path}")
        return None if member is None else self._archive.read(member, limit)

    def tree(self, data: bytes) -> Node:
        """Understand compiled XML; raise `BadMessage` where it is none."""
        return _node(aab_xml.parse(data, self._budget))


def read_table(archive: Archive, module: str, limit: int) -> Table | None:
    """Read a module's table; `None` where it has none. Raise `BuildFileInvalid` or `ValueError` for a broken one."""
    member = archive.find(f"{module}/resources.pb")
    return None if member is None else Table(archive.read(member, limit))


def number_of(item: Item) -> int | None:
    """Return an unsigned number or a truth value as 0 or not 0; `None` for what is none."""
    return item.data if item.kind in {Kind.INT_DEC, Kind.INT_HEX, Kind.INT_BOOLEAN} else None


def entry_id(entry: Message) -> int | None:
    """Read an entry's id within its type: a message of its own, which is empty for the id 0."""
    data, at = entry.data, entry.start
    if data.startswith(_SHORT_ID, at) and entry.end - at >= _SHORT_ID_SIZE and data[at + 3] < 0x80:
        return data[at + 3]  # the usual form of small ids, of which there are thousands
    if data.startswith(_LONG_ID, at) and entry.end - at > _SHORT_ID_SIZE and data[at + 4] < 0x80:
        return data[at + 3] & 0x7F | data[at + 4] << 7
    for part in entry.fields():
        if part.key == key(_ENTRY_ID):
            return (entry.inner(part).number(1) or 0) & 0xFFFF
    return None


def _type_head(message: Message) -> _Type:
    """Read a type's id and name; writers put them in front of its entries, which are not looked at here."""
    type_id, name = 0, ""
    for part in message.fields():
        if part.key == _TYPE_ID:
            type_id = (message.inner(part).number(1) or 0) & 0xFF
        elif part.key == _TYPE_NAME:
            name = message.content(part, MAX_TEXT)
        elif part.key == _TYPE_ENTRY and type_id and name:
            break
    return _Type(type_id, name, message)


def _node(element: aab_xml.Element) -> Node:
    attributes = {attribute_name(each.resource, each.name): each.item for each in element.attributes}
    return Node(element.tag, attributes, [_node(child) for child in element.children])


def _distance(choice: Choice) -> tuple[bool, bool, bool, int]:
    """Sort the most general configuration first; the order of the file decides between equals."""
    config = choice.config
    return bool(config.locale), config.other, config.night, config.sdk
