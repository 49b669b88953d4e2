"""Compiled asset catalogues, `Assets.car`: the app's icon in them.

A catalogue is a BOM store. Its tree FACETKEYS leads from names to identifiers; the tree RENDITIONS has the pictures
under keys of 16-bit numbers, whose meaning the block KEYFORMAT lists. Layout of a picture's header (little-endian, 184
bytes): `CTSI`, version, flags, width, height, scale, pixel format, colour space, date, layout, name, then the lengths
of a list of properties and of the data. Found out by independent tools; Apple publishes nothing.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from PIL import Image

from seatrial.parsers.asset_pixels import SHOWN_SIDE, Stored, picture_file, picture_of, png
from seatrial.parsers.bom import Bom, BomUnreadable
from seatrial.parsers.deepmap import Budget
from seatrial.parsers.icons import IconUnreadable, as_picture

MAX_BYTES = 20 << 20
MAX_TRIES = 4
MAX_LAYERS = 5
"""As many as tvOS takes."""

_HEADER = struct.Struct("<4s5L4s2L2H128s4L")
_SCALE, _APPEARANCE, _IDENTIFIER, _PART = 12, 7, 17, 2
_INTERNAL_LINK, _LINK_PROPERTY, _LAYERS_PROPERTY = 1003, 1010, 1012
_RADIOSITY = 209
"""Part number of the blurred picture around a layered icon."""
_PICTURES = (b"MLEC", b"DWAR")
_NAMES = ("AppIcon", "App Icon")


class _Rendition(NamedTuple):
    key: dict[int, int]
    width: int
    height: int
    pixel_format: bytes
    layout: int
    properties: memoryview
    data: memoryview


class _Link(NamedTuple):
    """A rectangle of a picture that holds several; `top` counts from the bottom, as Apple's graphics do."""

    box: tuple[int, int, int, int]
    key: dict[int, int]


def icon_from_catalog(data: bytes, names: tuple[str, ...]) -> bytes:
    """Find the app's icon in a catalogue, as PNG or JPEG bytes; `names` are those that Info.plist gives, best first.

    Raise `IconUnreadable`.
    """
    try:
        catalog = _Catalog(data)
        candidates = catalog.pictures(names)
        problem = IconUnreadable("the asset catalogue has no picture under the icon's name")
        for candidate in candidates[:MAX_TRIES]:
            try:
                return catalog.decoded(candidate)
            except IconUnreadable as reason:
                problem = reason
        if not candidates and (layers := catalog.layers(names)):
            return _composed([catalog.decoded(layer) for layer in layers])
    except (BomUnreadable, struct.error) as damage:
        raise IconUnreadable(f"the asset catalogue is damaged: {damage}") from None
    raise problem


class _Catalog:
    def __init__(self, data: bytes) -> None:
        self._bom = Bom(data)
        self._budget = Budget()
        form = self._bom.variable("KEYFORMAT")
        (count,) = struct.unpack_from("<L", form, 8)
        self._attributes = struct.unpack_from(f"<{min(count, 64)}L", form, 12)

    def layers(self, names: tuple[str, ...]) -> list[_Rendition]:
        """Give the pictures of an icon in layers, the rearmost first; none where there is no such icon."""
        identifiers = dict(self._identifiers())
        for name in (*names, *_NAMES):
            for stack in self._renditions(identifiers[name]) if name in identifiers else ():
                found = [self._best(number) for number in _layer_identifiers(stack.properties)]
                if any(found):
                    return [layer for layer in found if layer is not None]
        return []

    def _best(self, identifier: int) -> _Rendition | None:
        return min(filter(_is_picture, self._renditions(identifier)), key=_rank, default=None)

    def pictures(self, names: tuple[str, ...]) -> list[_Rendition]:
        """Give the pictures of the first name that has some, best first."""
        identifiers = dict(self._identifiers())
        known = [name for name in (*names, *_NAMES) if name in identifiers]
        for name in dict.fromkeys(known):
            found = [each for each in self._renditions(identifiers[name]) if _is_picture(each)]
            if found:
                return sorted(found, key=_rank)
        return []

    def decoded(self, rendition: _Rendition) -> bytes:
        """Give a picture as PNG or JPEG; raise `IconUnreadable`."""
        if rendition.layout != _INTERNAL_LINK:
            return picture_file(_stored(rendition), self._budget)
        link = _link(rendition.properties)
        holder = next((each for each in self._renditions(None) if link and _fits(each.key, link.key)), None)
        if link is None or holder is None:
            raise IconUnreadable("the asset catalogue refers to a picture that it does not have")
        return _cut_out(_stored(holder), link, self._budget)

    def _identifiers(self) -> Iterator[tuple[str, int]]:
        for key, value in self._bom.tree("FACETKEYS"):
            (count,) = struct.unpack_from("<H", value, 4)
            for index in range(min(count, 32)):
                attribute, number = struct.unpack_from("<2H", value, 6 + 4 * index)
                if attribute == _IDENTIFIER:
                    yield bytes(key).decode("utf-8", "replace"), number

    def _renditions(self, identifier: int | None) -> Iterator[_Rendition]:
        """Give the pictures of one name, or all."""
        place = self._attributes.index(_IDENTIFIER) if _IDENTIFIER in self._attributes else None
        for key, value in self._bom.tree("RENDITIONS"):
            numbers = struct.unpack_from(f"<{len(key) // 2}H", key)
            if identifier is not None and (place is None or numbers[place : place + 1] != (identifier,)):
                continue
            if len(value) >= _HEADER.size:
                yield _rendition(dict(zip(self._attributes, numbers, strict=False)), value)


def _rendition(key: dict[int, int], value: memoryview) -> _Rendition:
    header = _HEADER.unpack_from(value)
    width, height, pixel_format, layout = header[3], header[4], header[6], header[9]
    properties, data = header[-4], header[-1]
    return _Rendition(
        *({name: number for name, number in key.items() if number}, width, height, pixel_format, layout),
        value[_HEADER.size : _HEADER.size + properties],
        value[_HEADER.size + properties : _HEADER.size + properties + data],
    )


def _is_picture(rendition: _Rendition) -> bool:
    stored = bytes(rendition.data[:4]) in _PICTURES and rendition.pixel_format != b"ATAD"
    return (stored or rendition.layout == _INTERNAL_LINK) and rendition.key.get(_PART) != _RADIOSITY


def _rank(rendition: _Rendition) -> tuple[bool, bool, int]:
    """Sort the plain appearance before dark and tinted ones, then what is nearest to the side that is shown."""
    side = max(rendition.width, rendition.height)
    return _APPEARANCE in rendition.key, side < SHOWN_SIDE, abs(side - SHOWN_SIDE)


def _stored(rendition: _Rendition) -> Stored:
    return Stored(rendition.width, rendition.height, rendition.pixel_format, bytes(rendition.data))


def _layer_identifiers(properties: memoryview) -> list[int]:
    """Read the list of layers: a count, and for each its place, opacity, and a key of pairs behind the key's length."""
    found: list[int] = []
    content = _property(properties, _LAYERS_PROPERTY)
    at = 8
    while content is not None and at + 32 <= len(content) and len(found) < MAX_LAYERS:
        (length,) = struct.unpack_from("<L", content, at + 28)
        pairs = struct.iter_unpack("<2H", content[at + 32 : at + 32 + length // 4 * 4])
        found += [number for name, number in pairs if name == _IDENTIFIER]
        at += 32 + length
    return found


def _property(properties: memoryview, wanted: int) -> memoryview | None:
    at = 0
    while at + 8 <= len(properties):
        kind, length = struct.unpack_from("<2L", properties, at)
        if kind == wanted:
            return properties[at + 8 : at + 8 + length]
        at += 8 + length
    return None


def _link(properties: memoryview) -> _Link | None:
    """Read the property that says in which picture this one is, and where."""
    content = _property(properties, _LINK_PROPERTY)
    if content is None or len(content) < 30:
        return None
    left, bottom, width, height, _, size = struct.unpack_from("<4LHL", content, 8)
    pairs = struct.iter_unpack("<2H", content[30 : 30 + size // 4 * 4])
    return _Link((left, bottom, width, height), {name: number for name, number in pairs if name})


def _fits(key: dict[int, int], wanted: dict[int, int]) -> bool:
    return {name: number for name, number in wanted.items() if number} == key


def _cut_out(holder: Stored, link: _Link, budget: Budget) -> bytes:
    picture = picture_of(holder, budget)
    left, bottom, width, height = link.box
    if isinstance(picture, bytes) or not (0 < width <= picture.width - left and 0 < height <= picture.height - bottom):
        raise IconUnreadable("the asset catalogue refers to a place outside of a picture")
    top = picture.height - bottom - height
    return png(picture.crop((left, top, left + width, top + height)))


def _composed(layers: list[bytes]) -> bytes:
    """Put layers above each other, each as large as the first one."""
    whole: Image.Image | None = None
    for data in layers:
        layer = as_picture(data).convert("RGBA")
        whole = layer if whole is None else Image.alpha_composite(whole, layer.resize(whole.size))
    assert whole is not None
    return png(whole)
