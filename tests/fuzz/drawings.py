"""Drawings that nobody has drawn: trees of known elements with values of all kinds, grown from bytes."""

import random
from collections.abc import Sequence

from seatrial.parsers.chunks import Kind
from seatrial.parsers.drawables import _NAMES, Icon, Item, Node
from seatrial.parsers.drawables_icon import find_icon
from tests.parsers.drawables_source import ALL, ANY, Memory, color, dp, reference, share, text, whole

_FIRST_ID = 0x7F010000
_FILES = 5
_MAX_ELEMENTS = 200

_LAYERS = ("vector", "shape", "layer-list", "inset", "bitmap", "color", "rotate", "scale", "clip", "ripple", "selector")
_CHILDREN: dict[str, Sequence[str]] = {
    "adaptive-icon": ("background", "foreground", "monochrome"),
    "maskable-icon": ("background", "foreground"),
    "vector": ("path", "group", "clip-path", "attr"),
    "group": ("path", "path", "group", "clip-path"),
    "path": ("attr",),
    "attr": ("gradient", "vector", "selector"),
    "gradient": ("item",),
    "shape": ("solid", "gradient", "stroke", "corners", "size", "padding"),
    "selector": ("item",),
    **dict.fromkeys(
        ("layer-list", "transition", "level-list", "animation-list", "animated-selector", "ripple"), ("item",)
    ),
}
_ROOTS = (
    "adaptive-icon",
    "vector",
    "shape",
    "layer-list",
    "animated-vector",
    "animated-rotate",
    "nine-patch",
    *_LAYERS,
)
_ATTRIBUTES = sorted(set(_NAMES.values()))
_USUAL: dict[str, Sequence[str]] = {
    "vector": ("tint", "alpha", "tintMode"),
    "path": (
        "pathData",
        "fillColor",
        "fillAlpha",
        "strokeColor",
        "strokeWidth",
        "trimPathStart",
        "trimPathEnd",
        "fillType",
    ),
    "clip-path": ("pathData",),
    "group": ("rotation", "pivotX", "pivotY", "scaleX", "scaleY", "translateX", "translateY"),
    "attr": ("name",),
    "gradient": (
        "type",
        "startColor",
        "centerColor",
        "endColor",
        "angle",
        "gradientRadius",
        "startX",
        "endX",
        "tileMode",
    ),
    "shape": ("shape", "innerRadius", "thickness", "innerRadiusRatio", "thicknessRatio", "tint"),
    "solid": ("color",),
    "color": ("color",),
    "stroke": ("width", "color", "dashWidth", "dashGap"),
    "corners": ("radius", "topLeftRadius", "bottomRightRadius"),
    "item": ("drawable", "left", "top", "width", "height", "gravity", "color", "offset", "alpha"),
    "bitmap": ("src", "gravity", "tileMode", "tint"),
}
_WORDS = (
    ALL,
    "M0 0h24v24",
    "android:fillColor",
    "fillColor",
    "@null",
    "",
    "big",
    "M" + "1 " * 500,
    "M0,0A1 1 0 1 1 5 5z",
    "\ud800",
)


def drawn(data: bytes) -> Icon:
    """Grow a tree and other files beside it, and look for its picture."""
    chance = random.Random(data)
    source = Memory()
    elements = [_MAX_ELEMENTS]
    for number in range(_FILES):
        root = _grown(chance.choice(_ROOTS), chance, elements, 0)
        if chance.random() < 0.9:
            source.add(_FIRST_ID + number, root, ANY)
        else:
            source.add(_FIRST_ID + number, chance.randbytes(40), ANY)
    return find_icon(source, [reference(_FIRST_ID), Item(Kind.STRING, 0, "res/none.png")])


def _grown(tag: str, chance: random.Random, elements: list[int], depth: int) -> Node:
    elements[0] -= 1
    node = Node(tag, {})
    if tag == "vector":
        sides = {"width": dp(48), "height": dp(48), "viewportWidth": whole(24), "viewportHeight": whole(24)}
        node.attributes.update({name: value for name, value in sides.items() if chance.random() < 0.98})
    usual = _USUAL.get(tag, ("drawable",))
    for name in usual:
        if chance.random() < 0.75:
            node.attributes[name] = _value(name, chance)
    for _ in range(chance.choice((0,) * 9 + (1, 3))):
        name = chance.choice(_ATTRIBUTES)
        node.attributes[name] = _value(name, chance)
    while elements[0] > 0 and depth < 12 and chance.random() < 0.7:
        kinds = _CHILDREN.get(tag, _LAYERS)
        child = chance.choice(kinds) if chance.random() < 0.95 else chance.choice(tuple(_CHILDREN))
        node.children.append(_grown(child, chance, elements, depth + 1))
    return node


def _value(name: str, chance: random.Random) -> Item:
    """Mostly a value that the attribute takes, else any."""
    if chance.random() < 0.03:
        return Item(chance.choice((*Kind, 99)), chance.getrandbits(32), chance.choice((None, *_WORDS)))
    lower = name.lower()
    if "color" in lower or name == "tint":
        return chance.choice((color(chance.getrandbits(32)), color(0xFF00FF00), _to_file(chance)))
    if name in {"drawable", "src"}:
        return _to_file(chance)
    if name in {"pathData", "name"}:
        return text(chance.choice(_WORDS))
    if name in {"type", "shape", "gravity", "tileMode", "tintMode", "fillType", "strokeLineCap"}:
        return whole(chance.choice((0, 1, 2, 3, 5, 9, 14, 15, 16, 17, 119, chance.getrandbits(32))))
    return chance.choice(
        (
            dp(chance.randrange(100)),
            share(chance.randrange(-50, 150)),
            _number(chance),
            _number(chance),
            whole(chance.randrange(400)),
        )
    )


def _to_file(chance: random.Random) -> Item:
    return reference(
        _FIRST_ID + min(chance.randrange(1, 30), _FILES)
        if chance.random() < 0.1
        else _FIRST_ID + chance.randrange(1, _FILES)
    )


def _number(chance: random.Random) -> Item:
    if chance.random() < 0.05:
        return Item.of_float(chance.choice((1e-30, 1e30, float("nan"), float("inf"), -1e9)))
    return Item.of_float(chance.choice((0.0, 1.0, 0.5, 24.0, -3.0, chance.uniform(-50, 50))))
