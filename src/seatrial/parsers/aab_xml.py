"""XML as bundles hold it: manifests and drawables in protocol buffers.

Format: `XmlNode` of `Resources.proto` in the Android Open Source Project (frameworks/base, tools/aapt2).
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from seatrial.parsers.aab_values import read_item
from seatrial.parsers.android_xml import Tree
from seatrial.parsers.chunks import Kind
from seatrial.parsers.drawables import Item
from seatrial.parsers.protobuf import VARINT, BadMessage, Budget, Message, key

ANDROID = "http://schemas.android.com/apk/res/android"
DISTRIBUTION = "http://schemas.android.com/apk/distribution"
"""The namespace of what a module says about its delivery."""

MAX_DEPTH = 256
MAX_ELEMENTS = 50_000
MAX_ATTRIBUTES = 100_000
MAX_FIELDS = 400_000
"""Parts of a document, or of all documents that share a budget."""
MAX_NAME = 1000
MAX_TEXT = 256 << 10
"""Bytes of one value; the path data of a drawing are the longest that occur."""

_NODE_ELEMENT = key(1)
_ELEMENT_NAMESPACE, _ELEMENT_NAME, _ELEMENT_ATTRIBUTE, _ELEMENT_CHILD = key(2), key(3), key(4), key(5)
_ATTRIBUTE_NAMESPACE, _ATTRIBUTE_NAME, _ATTRIBUTE_VALUE = key(1), key(2), key(3)
_ATTRIBUTE_RESOURCE, _ATTRIBUTE_ITEM = key(5, VARINT), key(6)


class Attribute(NamedTuple):
    """An attribute: where it comes from, its name, its resource id (0 for none), and what it says."""

    namespace: str
    name: str
    resource: int
    item: Item
    written: str
    """What the source said, word by word."""


@dataclass(slots=True, eq=False)
class Element(Tree):
    """An element of the document with its attributes and children."""

    tag: str
    namespace: str
    attributes: list[Attribute] = field(default_factory=list)
    children: list["Element"] = field(default_factory=list)

    def value(self, resource: int) -> Item | None:
        """Return an attribute of the `android` namespace by its resource id."""
        return next((each.item for each in self.attributes if each.resource == resource), None)

    def plain(self, name: str, namespace: str = "") -> Attribute | None:
        """Return an attribute without a resource id by its name."""
        for each in self.attributes:
            if each.name == name and each.namespace == namespace and not each.resource:
                return each
        return None


def parse(data: bytes, budget: Budget | None = None) -> Element:
    """Read a document and return its root; raise `BadMessage` where there is none or it is absurdly large.

    Documents that a file has many of share a budget.
    """
    root = _Reader().element(Message(data, budget or Budget(MAX_FIELDS)), 0)
    if root is None:
        raise BadMessage("there is no XML element in it")
    return root


class _Reader:
    def __init__(self) -> None:
        self.elements = self.attributes = 0

    def element(self, node: Message, depth: int) -> Element | None:
        """Read a node; `None` for a text."""
        inner = node.message(1)
        if inner is None:
            return None
        self.elements += 1
        if self.elements > MAX_ELEMENTS or depth > MAX_DEPTH:
            raise BadMessage("its elements are too many or nested too deep")
        element = Element("", "")
        for part in inner.fields():
            if part.key == _ELEMENT_ATTRIBUTE:
                self._count_attribute()
                element.attributes.append(_attribute(inner.inner(part)))
            elif part.key == _ELEMENT_CHILD:
                child = self.element(inner.inner(part), depth + 1)
                if child is not None:
                    element.children.append(child)
            elif part.key == _ELEMENT_NAME:
                element.tag = inner.content(part, MAX_NAME)
            elif part.key == _ELEMENT_NAMESPACE:
                element.namespace = inner.content(part, MAX_NAME)
        return element

    def _count_attribute(self) -> None:
        self.attributes += 1
        if self.attributes > MAX_ATTRIBUTES:
            raise BadMessage("its attributes are too many")


def _attribute(message: Message) -> Attribute:
    namespace = name = text = ""
    resource = 0
    item: Item | None = None
    for part in message.fields():
        if part.key == _ATTRIBUTE_NAME:
            name = message.content(part, MAX_NAME)
        elif part.key == _ATTRIBUTE_NAMESPACE:
            namespace = message.content(part, MAX_NAME)
        elif part.key == _ATTRIBUTE_VALUE:
            text = message.content(part, MAX_TEXT)
        elif part.key == _ATTRIBUTE_RESOURCE:
            resource = part.start & 0xFFFFFFFF
        elif part.key == _ATTRIBUTE_ITEM:
            item = read_item(message.inner(part), MAX_TEXT)
    return Attribute(namespace, name, resource, item or Item(Kind.STRING, 0, text), text)
