"""Drawings that ask for too much, and what gets into the document that the renderer sees."""

import random
from collections.abc import Callable, Mapping

import pytest

from seatrial.parsers import drawables_svg
from seatrial.parsers.chunks import Kind
from seatrial.parsers.drawables import Icon, Item, Node
from seatrial.parsers.drawables_icon import find_icon
from seatrial.parsers.drawables_svg import Undrawable
from tests.parsers.drawables_source import (
    ALL,
    ANY,
    MIDDLE,
    RED,
    RED_TO_BLUE,
    Memory,
    adaptive,
    color,
    dp,
    fill,
    filled,
    gradient,
    icon_of,
    node,
    opened,
    pixels,
    png,
    reference,
    square,
    text,
    vector,
    whole,
)


def endless_layers() -> Node:
    again = reference(0x7F010000)
    return node("layer-list", node("item", drawable=again), node("item", drawable=again))


def nested(tag: str, count: int, inner: Node) -> Node:
    for _ in range(count):
        inner = node(tag, inner)
    return inner


HOSTILE: Mapping[str, Callable[[], Node]] = {
    "a drawable that holds itself": endless_layers,
    "an inset in itself": lambda: node("inset", drawable=reference(0x7F010000)),
    "an icon in itself": lambda: adaptive(fill(0), node("inset", drawable=reference(0x7F010000))),
    "groups in groups": lambda: vector(nested("group", 200, square())),
    "clips in clips": lambda: vector(*[node("clip-path", pathData=ALL)] * 300, square()),
    "insets in insets": lambda: nested("inset", 200, fill(0xFFFF0000)),
    "many paths": lambda: vector(*[square()] * 50_000),
    "much path data": lambda: vector(*[square(data="M0 0" + "L1 1" * 40_000)] * 20),
    "many sweeps": lambda: vector(
        *[node("path", node("attr", gradient(**RED_TO_BLUE, type=whole(2)), name="fillColor"), pathData=ALL)] * 100
    ),
    "many stops": lambda: filled(node("gradient", *[node("item", offset=0.5)] * 10_000), "inline")[0],
    "no viewport": lambda: vector(square(), viewportWidth=0.0),
    "a viewport that is no number": lambda: vector(square(), viewportWidth=float("nan")),
    "an endless viewport": lambda: vector(square(), viewportHeight=float("inf")),
    "endless numbers in a group": lambda: vector(node("group", square(), translateX=float("inf"))),
    "an unknown element": lambda: node("script", fill(0)),
    "an empty list": lambda: node("selector"),
    "a manifest": lambda: node("manifest"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_drawing_that_asks_for_too_much_is_refused_with_a_reason(name: str) -> None:
    source = Memory()
    icon = icon_of(HOSTILE[name](), source)
    assert icon.png is None
    assert icon.warning
    assert icon.warning.startswith("The icon cannot be shown: ")
    assert source.asked < 1000


def test_all_drawings_that_are_tried_share_one_budget() -> None:
    source = Memory()
    wishes = [source.add(0x7F010000 + n, vector(*[square()] * 400, square(data="?"))) for n in range(50)]
    good = source.add(0x7F020000, vector(square()), ANY)
    assert pixels(opened(find_icon(source, [wishes[0], good])), MIDDLE) == [RED]
    assert find_icon(source, [*wishes, good]).png is None


def test_pictures_in_drawings_are_few_and_not_too_large() -> None:
    def of_pictures(count: int, side: int) -> Icon:
        source = Memory()
        data = png(RED, side)
        # Bytes behind the end of the picture make each file another one.
        names = [source.add(0x7F020000 + n, data + bytes(n)) for n in range(count)]
        return icon_of(node("layer-list", *[node("item", drawable=name) for name in names]), source)

    assert of_pictures(3, 432).warning is None
    assert of_pictures(30, 8).warning == "Parts of the icon cannot be shown: it is made of too many pictures."
    assert of_pictures(1, 2100).warning == (
        "The icon cannot be shown: “res/7f010000-1”: one of its pictures has too many pixels."
    )


ABSURD: Mapping[str, Callable[[], Node]] = {
    "huge viewport": lambda: vector(square(data="M0 0H9e9V9e9H0Z"), viewportWidth=1e30, viewportHeight=1e30),
    "tiny viewport": lambda: vector(square(), viewportWidth=1e-30, viewportHeight=1e-30),
    "huge scales": lambda: vector(nested("group", 1, node("group", square(), scaleX=1e30, scaleY=-1e30))),
    "wide strokes": lambda: vector(
        node("path", pathData="M0 0C1e9 0 0 1e9 -1e9 1e9", strokeColor=color(0xFFFF0000), strokeWidth=1e30)
    ),
    "huge intrinsic size": lambda: vector(square(), width=dp(8_000_000), height=dp(1)),
    "fine dashes": lambda: node(
        "shape",
        node(
            "stroke",
            width=dp(1),
            color=color(0xFFFF0000),
            dashWidth=Item(Kind.DIMENSION, 1 << 8 | 0x31),
            dashGap=Item(Kind.DIMENSION, 1 << 8 | 0x31),
        ),
    ),
    "huge insets": lambda: node("inset", fill(0xFFFF0000), inset=dp(-8_000_000)),
    "a huge ring": lambda: node(
        "shape", node("solid", color=color(0xFFFF0000)), shape=whole(3), thickness=dp(8_000_000)
    ),
    "a huge gradient": lambda: filled(
        gradient(**RED_TO_BLUE, type=whole(1), gradientRadius=1e30, tileMode=whole(1)), "inline"
    )[0],
    "a tiny repeated gradient": lambda: filled(
        gradient(**RED_TO_BLUE, type=whole(1), gradientRadius=1e-30, tileMode=whole(1)), "inline"
    )[0],
}


@pytest.mark.parametrize("name", ABSURD)
def test_absurd_numbers_are_drawn_somehow_or_refused(name: str) -> None:
    icon = icon_of(ABSURD[name]())
    assert (icon.png is None) is (icon.warning is not None)


def test_only_our_own_data_stand_in_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    documents: list[str] = []

    def keep(document: str) -> bytes:
        documents.append(document)
        return drawables_svg.render(document)

    monkeypatch.setattr("seatrial.parsers.drawables_icon.render", keep)
    source = Memory()
    evil = '"><image href="/etc/passwd"/>'
    root = node(
        "layer-list",
        node("item", vector(square(name=evil, fillType=evil, strokeLineCap=evil), name=evil, tint=evil)),
        node("item", node("bitmap", src=source.add(0x7F020000, png(RED)))),
        node("item", node("bitmap", src=text("/etc/passwd"))),
        node("item", node("bitmap", src=text("http://localhost/x.png"))),
    )
    icon_of(root, source)
    (document,) = documents
    assert "passwd" not in document
    assert "localhost" not in document
    assert document.count("href=") == document.count('href="data:image/png;base64,') == 1


def test_numbers_of_a_document_are_finite_and_held_in_bounds() -> None:
    assert drawables_svg.number(1e30) == "100000"
    assert drawables_svg.number(-1e30) == "-100000"
    for bad in (float("nan"), float("inf")):
        with pytest.raises(Undrawable):
            drawables_svg.number(bad)


def test_random_drawings_are_drawn_or_refused() -> None:
    random_number = random.Random(20261121)
    for _ in range(300):
        source = Memory()
        for resource in range(0x7F010000, 0x7F010004):
            source.add(resource, random_node(random_number, 4), ANY)
        icon = find_icon(source, [reference(0x7F010000)])
        assert icon.png is None or opened(icon).size == (192, 192)


TAGS = ["vector", "group", "path", "clip-path", "gradient", "item", "layer-list", "inset", "shape", "solid", "stroke"]
TAGS += [
    "corners",
    "size",
    "bitmap",
    "color",
    "selector",
    "rotate",
    "adaptive-icon",
    "background",
    "foreground",
    "attr",
]
NAMES = ["drawable", "src", "color", "pathData", "fillColor", "strokeColor", "strokeWidth", "width", "height", "tint"]
NAMES += ["viewportWidth", "viewportHeight", "rotation", "scaleX", "pivotX", "type", "startColor", "gradientRadius"]
NAMES += ["inset", "left", "gravity", "shape", "radius", "alpha", "dashWidth", "dashGap", "angle", "offset", "fillType"]


def random_node(chance: random.Random, depth: int) -> Node:
    made = Node(chance.choice(TAGS))
    for name in chance.sample(NAMES, 8):
        made.attributes[name] = random_item(chance)
    if depth:
        made.children = [random_node(chance, depth - 1) for _ in range(chance.randrange(4))]
    return made


def random_item(chance: random.Random) -> Item:
    kind = chance.choice(list(Kind))
    number = chance.choice([0, 1, 2, 0x11, 0xFFFFFFFF, 0x7F800000, 0x41C00000, 0x1801, chance.randrange(1 << 32)])
    if kind in {Kind.REFERENCE, Kind.DYNAMIC_REFERENCE}:
        number = chance.randrange(0x7F010000, 0x7F010005)
    return Item(kind, number, chance.choice([ALL, "M0 0", "#ff0000", "", "x"]) if kind == Kind.STRING else None)
