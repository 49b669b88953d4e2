"""Drawings from a source in memory: what they look like, and what stops those that ask for too much.

Expectations are the platform's documentation of each drawable, looked at pixel by pixel.
"""

import io
import random
import struct
from collections.abc import Callable, Mapping, Sequence

import pytest
from PIL import Image, ImageDraw

from seatrial.parsers import drawables_svg
from seatrial.parsers.chunks import Kind
from seatrial.parsers.drawables import Choice, Drawables, Icon, Item, Node, attribute_name
from seatrial.parsers.drawables_icon import find_icon
from seatrial.parsers.drawables_path import path_data
from seatrial.parsers.drawables_svg import Undrawable
from seatrial.parsers.resource_config import DENSITY_ANY, Config

Pixel = tuple[int, int, int, int]
RED, GREEN, BLUE, WHITE, BLACK, NOTHING = (
    (255, 0, 0, 255),
    (0, 255, 0, 255),
    (0, 0, 255, 255),
    (255, 255, 255, 255),
    (0, 0, 0, 255),
    (0, 0, 0, 0),
)
PLAIN = Config("", 0, 0, night=False, other=False)
ANY = PLAIN._replace(density=DENSITY_ANY, sdk=26)


class Memory(Drawables):
    """Resources by id, files by path; a file is bytes or the tree that stands for them."""

    def __init__(self) -> None:
        self.resources: dict[int, list[Choice]] = {}
        self.files: dict[str, bytes | Node] = {}
        self.asked = 0

    def choices(self, resource: int) -> Sequence[Choice]:
        self.asked += 1
        return self.resources.get(resource, ())

    def read(self, path: str, limit: int) -> bytes | None:
        self.asked += 1
        found = self.files.get(path)
        data = path.encode() if isinstance(found, Node) else found
        assert data is None or len(data) <= limit
        return data

    def tree(self, data: bytes) -> Node:
        found = self.files[data.decode()]
        if not isinstance(found, Node):
            raise ValueError("no XML")  # noqa: TRY004  what broken files raise
        return found

    def add(self, resource: int, file: bytes | Node, config: Config = PLAIN) -> Item:
        path = f"res/{resource:x}-{len(self.files)}"
        self.files[path] = file
        self.resources.setdefault(resource, []).append(Choice(config, text(path)))
        return reference(resource)


def text(words: str) -> Item:
    return Item(Kind.STRING, 0, words)


def reference(resource: int) -> Item:
    return Item(Kind.REFERENCE, resource)


def color(argb: int) -> Item:
    return Item(Kind.INT_COLOR_ARGB8, argb)


def dp(length: int) -> Item:
    return Item(Kind.DIMENSION, (length & 0xFFFFFF) << 8 | 1)


def share(percent: float) -> Item:
    """A fraction with 23 bits behind the point, of the whole itself."""
    return Item(Kind.FRACTION, int(percent / 100 * (1 << 23)) << 8 | 3 << 4)


def item(value: str | float | Item) -> Item:
    if isinstance(value, Item):
        return value
    return text(value) if isinstance(value, str) else Item.of_float(value)


def node(tag: str, /, *children: Node, **attributes: str | float | Item) -> Node:
    return Node(tag, {name: item(value) for name, value in attributes.items()}, list(children))


def whole(value: int) -> Item:
    return Item(Kind.INT_DEC, value)


def vector(*children: Node, side: float = 24, **attributes: str | float | Item) -> Node:
    return node(
        "vector",
        *children,
        **{"width": dp(48), "height": dp(48), "viewportWidth": side, "viewportHeight": side, **attributes},
    )


ALL = "M0,0h24v24h-24z"


def square(argb: int = 0xFFFF0000, data: str = ALL, **attributes: str | float | Item) -> Node:
    return node("path", pathData=data, fillColor=color(argb), **attributes)


DOT = square(0xFF000000, "M0 0h1v1h-1z")
"""Something to see in the corner, as a drawing of nothing is no icon."""


def icon_of(root: Node | bytes, source: Memory | None = None) -> Icon:
    source = source or Memory()
    return find_icon(source, [source.add(0x7F010000, root, ANY)])


def opened(icon: Icon) -> Image.Image:
    assert icon.png is not None, icon.warning
    image = Image.open(io.BytesIO(icon.png))
    assert image.format == "PNG"
    assert max(image.size) <= 512
    return image.convert("RGBA")


def look(root: Node, *places: tuple[float, float], source: Memory | None = None) -> list[Pixel]:
    """Return the pixels at places given as shares of the width and height."""
    icon = icon_of(root, source)
    assert icon.warning is None
    return pixels(opened(icon), *places)


def pixels(image: Image.Image, *places: tuple[float, float]) -> list[Pixel]:
    found = [image.getpixel((int(x * image.width), int(y * image.height))) for x, y in places]
    return [pixel for pixel in found if isinstance(pixel, tuple) and len(pixel) == 4]


def near(found: Pixel, wanted: Pixel, most: int = 12) -> bool:
    return all(abs(a - b) <= most for a, b in zip(found, wanted, strict=True))


def png(argb: Pixel, side: int = 40) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (side, side), argb).save(out, "PNG")
    return out.getvalue()


MIDDLE, LEFT, RIGHT, TOP, BOTTOM = (0.5, 0.5), (0.1, 0.5), (0.9, 0.5), (0.5, 0.1), (0.5, 0.9)


# --- vectors ---


def test_a_path_is_filled_in_its_viewport() -> None:
    half = square(data="M0 0H12V24H0Z")
    assert look(vector(half), LEFT, RIGHT) == [RED, NOTHING]


def test_a_vector_that_is_not_square_keeps_its_form_in_the_middle() -> None:
    wide = vector(square(), height=dp(24))
    assert look(wide, MIDDLE, TOP, BOTTOM, LEFT) == [RED, NOTHING, NOTHING, RED]


def test_holes_follow_the_fill_rule() -> None:
    nested = f"{ALL}M6 6h12v12h-12z"
    assert look(vector(square(data=nested)), MIDDLE) == [RED]
    assert look(vector(square(data=nested, fillType=whole(1))), MIDDLE, LEFT) == [NOTHING, RED]


def test_strokes_have_width_color_and_opacity() -> None:
    line = node("path", pathData="M0 12H24", strokeColor=color(0xFF0000FF), strokeWidth=8.0, strokeAlpha=0.5)
    middle, top = look(vector(line), MIDDLE, TOP)
    assert near(middle, (0, 0, 255, 128))
    assert top == NOTHING


def test_a_path_without_colors_draws_nothing() -> None:
    assert look(vector(node("path", pathData=ALL), DOT), MIDDLE) == [NOTHING]


def test_groups_move_turn_and_scale_about_their_pivot() -> None:
    corner = square(data="M0 0h12v12h-12z")
    assert look(vector(node("group", corner, translateX=12.0)), (0.25, 0.25), (0.75, 0.25)) == [NOTHING, RED]
    turned = node("group", corner, rotation=90.0, pivotX=12.0, pivotY=12.0)
    assert look(vector(turned), (0.25, 0.25), (0.75, 0.25)) == [NOTHING, RED]
    small = node("group", square(), scaleX=0.5, scaleY=0.5, pivotX=24.0, pivotY=24.0)
    assert look(vector(small), (0.25, 0.25), (0.75, 0.75)) == [NOTHING, RED]


def test_a_clip_holds_for_what_follows_in_its_group() -> None:
    clip = node("clip-path", pathData="M0 0H12V24H0Z")
    after = square(0xFF0000FF, "M18 0h6v24h-6z")
    assert look(vector(node("group", clip, square()), after), LEFT, (0.6, 0.5), RIGHT) == [RED, NOTHING, BLUE]


def test_opacity_of_a_path_and_of_the_whole() -> None:
    (pixel,) = look(vector(square(fillAlpha=0.5), alpha=0.5), MIDDLE)
    assert near(pixel, (255, 0, 0, 64))


def test_a_tint_replaces_the_colors_and_keeps_the_form() -> None:
    half = square(data="M0 0H12V24H0Z")
    assert look(vector(half, tint=color(0xFF00FF00)), LEFT, RIGHT) == [GREEN, NOTHING]


def test_a_tint_that_multiplies() -> None:
    (pixel,) = look(vector(square(0xFFFF8000), tint=color(0xFF808080), tintMode=whole(14)), MIDDLE)
    assert near(pixel, (128, 64, 0, 255))


def test_a_part_that_is_trimmed_away_is_not_drawn() -> None:
    line = node("path", pathData="M0 12H24", strokeColor=color(0xFF0000FF), strokeWidth=8.0, trimPathEnd=0.0)
    assert look(vector(line, DOT), MIDDLE) == [NOTHING]


# --- colours ---


def test_colors_through_references_prefer_the_day_and_what_can_be_resolved() -> None:
    source = Memory()
    source.resources[0x7F020000] = [
        Choice(PLAIN._replace(night=True), color(0xFF000000)),
        # A dynamic colour of newer platforms, which is not in the build.
        Choice(PLAIN._replace(sdk=31), reference(0x0106003D)),
        Choice(PLAIN, reference(0x7F020001)),
    ]
    source.resources[0x7F020001] = [Choice(PLAIN, color(0xFF0000FF))]
    path = node("path", pathData=ALL, fillColor=reference(0x7F020000))
    assert look(vector(path), MIDDLE, source=source) == [BLUE]


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (color(0x00FF0000), NOTHING),
        (Item(Kind.INT_COLOR_RGB4, 0xFF00FF00), GREEN),
        (reference(0x0106000B), WHITE),  # @android:color/white
        (text("#0000ff"), BLUE),
        (Item(Kind.ATTRIBUTE, 0x7F030001), NOTHING),  # a theme's colour, and icons have no theme
        (reference(0x7F09FFFF), NOTHING),
    ],
)
def test_colors_that_stand_in_the_drawing(value: Item, seen: Pixel) -> None:
    assert look(vector(node("path", pathData=ALL, fillColor=value), DOT), MIDDLE) == [seen]


def test_a_drawing_of_nothing_is_no_icon() -> None:
    icon = icon_of(vector(node("path", pathData=ALL, fillColor=Item(Kind.ATTRIBUTE, 0x7F030001))))
    assert icon.png is None
    assert icon.warning
    assert icon.warning.endswith("nothing is to be seen in it without a theme.")


def test_a_state_list_gives_the_color_of_no_state() -> None:
    source = Memory()
    states = node(
        "selector",
        node("item", color=color(0xFF000000), state_pressed=Item(Kind.INT_BOOLEAN, 1)),
        node("item", color=color(0xFF00FF00), alpha=0.5),
    )
    path = node("path", pathData=ALL, fillColor=source.add(0x7F020000, states))
    (pixel,) = look(vector(path), MIDDLE, source=source)
    assert near(pixel, (0, 255, 0, 128))


def gradient(**attributes: str | float | Item) -> Node:
    return node("gradient", **attributes)


RED_TO_BLUE = {"startColor": color(0xFFFF0000), "endColor": color(0xFF0000FF)}


def filled(fill: Node, how: str) -> tuple[Node, Memory]:
    """Fill a vector with a gradient that is a file of its own, or that `aapt:attr` holds inside the path."""
    source = Memory()
    if how == "file":
        path = node("path", pathData=ALL, fillColor=source.add(0x7F020000, fill))
    else:
        path = node("path", node("attr", fill, name="android:fillColor"), pathData=ALL)
    return vector(path), source


@pytest.mark.parametrize("how", ["file", "inline"])
def test_a_gradient_along_a_line(how: str) -> None:
    root, source = filled(gradient(**RED_TO_BLUE, startX=0.0, endX=24.0), how)
    left, middle, right = look(root, (0.01, 0.5), MIDDLE, (0.99, 0.5), source=source)
    assert near(left, RED)
    assert near(middle, (128, 0, 128, 255))
    assert near(right, BLUE)


def test_a_gradient_from_a_point_with_stops() -> None:
    stops = [node("item", offset=at, color=color(argb)) for at, argb in ((0.0, 0xFFFF0000), (0.5, 0xFF00FF00))]
    root, source = filled(
        node("gradient", *stops, type=whole(1), centerX=12.0, centerY=12.0, gradientRadius=12.0), "file"
    )
    middle, edge, corner = look(root, MIDDLE, RIGHT, (0.02, 0.02), source=source)
    assert near(middle, RED, 20)
    assert near(edge, GREEN)
    assert near(corner, GREEN)


def test_a_gradient_around_a_point_runs_clockwise_from_three_o_clock() -> None:
    root, source = filled(gradient(**RED_TO_BLUE, type=whole(2), centerX=12.0, centerY=12.0), "file")
    start, quarter, half, end = look(root, (0.9, 0.53), BOTTOM, LEFT, (0.9, 0.47), source=source)
    assert near(start, RED, 24)
    assert near(quarter, (191, 0, 64, 255), 24)
    assert near(half, (128, 0, 128, 255), 24)
    assert near(end, BLUE, 24)


# --- adaptive icons and other drawables ---


def adaptive(background: Node, foreground: Node) -> Node:
    return node("adaptive-icon", node("background", background), node("foreground", foreground))


def fill(argb: int) -> Node:
    return node("color", color=color(argb))


def test_an_adaptive_icon_shows_its_middle_with_round_corners() -> None:
    # 27 of 108 dp from each side lie half a quarter inside the 72 dp that are seen.
    ring = vector(square(0xFF00FF00, "M27 27h54v54h-54z"), side=108)
    image = opened(icon_of(adaptive(fill(0xFF0000FF), ring)))
    assert pixels(image, MIDDLE, (0.06, 0.5), (0.14, 0.5), TOP) == [GREEN, BLUE, GREEN, BLUE]
    corners = pixels(image, (0.0, 0.0), (0.999, 0.0), (0.0, 0.999), (0.999, 0.999))
    assert [alpha for *_, alpha in corners] == [0, 0, 0, 0]
    assert image.width == image.height


def test_layers_may_be_pictures_and_colors_by_reference() -> None:
    source = Memory()
    source.resources[0x7F020000] = [Choice(PLAIN, color(0xFF0000FF))]
    picture = Image.new("RGBA", (108, 108))
    ImageDraw.Draw(picture).rectangle((40, 40, 67, 67), fill=(0, 255, 0))
    out = io.BytesIO()
    picture.save(out, "PNG")
    root = node(
        "adaptive-icon",
        node("background", drawable=reference(0x7F020000)),
        node("foreground", drawable=source.add(0x7F020001, out.getvalue())),
    )
    assert look(root, MIDDLE, TOP, source=source) == [GREEN, BLUE]


def test_an_inset_is_a_length_or_a_share() -> None:
    for inset in (dp(36), share(100 / 3)):
        root = adaptive(fill(0xFF0000FF), node("inset", fill(0xFF00FF00), inset=inset))
        assert look(root, MIDDLE, (0.2, 0.5), (0.3, 0.5)) == [GREEN, BLUE, GREEN]


def test_layers_lie_on_each_other_at_their_places() -> None:
    layers = node(
        "layer-list",
        node("item", fill(0xFF0000FF)),
        node("item", fill(0xFF00FF00), width=dp(36), height=dp(36), gravity=whole(0x11)),
        node("item", fill(0xFFFF0000), left=dp(90)),
    )
    assert look(adaptive(fill(0xFFFFFFFF), layers), MIDDLE, LEFT) == [GREEN, BLUE]
    assert look(node("layer-list", *layers.children), MIDDLE, LEFT) == [GREEN, BLUE]


def test_a_bitmap_has_a_size_a_place_and_a_tint() -> None:
    source = Memory()
    picture = source.add(0x7F020000, png(RED, 36), PLAIN._replace(density=160))
    bitmap = node("bitmap", src=picture, gravity=whole(0x11), tint=color(0xFF00FF00))
    root = adaptive(fill(0xFF0000FF), bitmap)
    assert look(root, MIDDLE, (0.2, 0.5), source=source) == [GREEN, BLUE]


def test_shapes() -> None:
    oval = node("shape", node("solid", color=color(0xFFFF0000)), shape=whole(1))
    assert look(oval, MIDDLE, (0.05, 0.05)) == [RED, NOTHING]
    rounded = node("shape", node("solid", color=color(0xFFFF0000)), node("corners", radius=dp(30)))
    assert look(rounded, MIDDLE, (0.03, 0.03), (0.5, 0.02)) == [RED, NOTHING, RED]
    ring = node("shape", node("solid", color=color(0xFFFF0000)), shape=whole(3))
    assert look(ring, MIDDLE, (0.5 + 1 / 3 + 1 / 18, 0.5)) == [NOTHING, RED]
    framed = node(
        "shape", node("solid", color=color(0xFFFF0000)), node("stroke", width=dp(10), color=color(0xFF0000FF))
    )
    assert look(framed, MIDDLE, (0.05, 0.5)) == [RED, BLUE]
    line = node("shape", node("stroke", width=dp(10), color=color(0xFF0000FF)), shape=whole(2))
    assert look(line, MIDDLE, TOP) == [BLUE, NOTHING]


@pytest.mark.parametrize(
    ("angle", "red", "blue"),
    [(0, LEFT, RIGHT), (90, BOTTOM, TOP), (180, RIGHT, LEFT), (270, TOP, BOTTOM), (45, (0.05, 0.95), (0.95, 0.05))],
)
def test_a_shape_with_a_gradient(angle: int, red: tuple[float, float], blue: tuple[float, float]) -> None:
    shape = node("shape", gradient(**RED_TO_BLUE, angle=float(angle)))
    first, last = look(shape, red, blue)
    assert near(first, RED, 40)
    assert near(last, BLUE, 40)


def test_lists_show_what_is_there_when_nothing_has_happened() -> None:
    pressed = node("item", fill(0xFFFF0000), state_pressed=Item(Kind.INT_BOOLEAN, 1))
    assert look(node("selector", pressed, node("item", fill(0xFF00FF00))), MIDDLE) == [GREEN]
    frames = [node("item", fill(argb), duration=whole(9)) for argb in (0xFF00FF00, 0xFFFF0000)]
    assert look(node("animation-list", *frames), MIDDLE) == [GREEN]


def test_a_turned_drawable() -> None:
    half = vector(square(data="M0 0H12V24H0Z"))
    assert look(node("rotate", half, fromDegrees=180.0), LEFT, RIGHT) == [NOTHING, RED]


# --- which picture is taken ---


def test_the_drawing_for_any_density_comes_before_pictures_and_the_night_last() -> None:
    source = Memory()
    source.add(0x7F010000, png(RED), PLAIN._replace(density=640))
    source.add(0x7F010000, vector(square(0xFF000000)), ANY._replace(night=True))
    source.add(0x7F010000, vector(square(0xFF00FF00)), ANY)
    icon = find_icon(source, [reference(0x7F010000)])
    assert pixels(opened(icon), MIDDLE) == [GREEN]
    assert icon.path == "res/7f010000-2"


def test_a_picture_stands_in_for_a_drawing_that_lacks_a_part() -> None:
    source = Memory()
    lacking = node("adaptive-icon", node("background", fill(0xFF0000FF)), node("foreground", drawable=reference(1)))
    source.add(0x7F010000, lacking, ANY)
    alone = find_icon(source, [reference(0x7F010000)])
    assert pixels(opened(alone), MIDDLE) == [BLUE]
    assert alone.warning == "Parts of the icon cannot be shown: it refers to what is not in the build."
    source.add(0x7F010000, png(RED))
    icon = find_icon(source, [reference(0x7F010000)])
    assert pixels(opened(icon), MIDDLE) == [RED]
    assert icon.warning is None


def test_the_next_wish_comes_when_the_first_has_nothing() -> None:
    source = Memory()
    broken = source.add(0x7F010000, vector(square(data="no path at all")), ANY)
    good = source.add(0x7F010001, png(GREEN))
    assert pixels(opened(find_icon(source, [broken, good])), MIDDLE) == [GREEN]
    assert find_icon(source, [broken]).png is None


def test_no_wish_is_no_warning() -> None:
    assert find_icon(Memory(), []) == Icon()
    assert find_icon(Memory(), [reference(0x01080093)]) == Icon()  # @android:drawable/sym_def_app_icon


@pytest.mark.parametrize("problem", [ValueError, struct.error, IndexError])
def test_a_source_that_fails_costs_the_icon_only(problem: type[Exception]) -> None:
    class Broken(Memory):
        def choices(self, resource: int) -> Sequence[Choice]:
            raise problem("broken")

    icon = find_icon(Broken(), [reference(0x7F010000)])
    assert icon.png is None
    assert icon.warning


def test_attributes_are_known_by_their_id_whatever_their_name() -> None:
    assert attribute_name(0x01010405, "a") == "pathData"
    assert attribute_name(0, "pathData") == "pathData"
    assert attribute_name(0x7F010001, "srcCompat") == "srcCompat"


# --- path data ---


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("M1,2L3-4", "M1 2L3 -4"),
        ("m.5.5-1e1+2z", "m0.5 0.5 -10 2z"),
        ("L1 1", "M0 0L1 1"),
        ("M0 0A1 1 0 5 0 2 2", "M0 0A1 1 0 1 0 2 2"),
        ("", ""),
        ("M1 1e99", "M1 100000"),
    ],
)
def test_path_data_are_written_anew(written: str, plain: str) -> None:
    assert path_data(written) == plain


@pytest.mark.parametrize(
    "written",
    [
        "M",
        "M1",
        "1 2",
        "M0 0L1",
        'M0 0"/><image href="/etc/passwd"/>',
        "M0 0&amp;",
        "M1 nan",
        "M0 0z1",
        "M1 1e999",
        "B1 1",
    ],
)
def test_what_is_no_path_is_refused(written: str) -> None:
    with pytest.raises(Undrawable):
        path_data(written)


# --- too much ---


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

    def keep(document: str, side: int) -> bytes:
        documents.append(document)
        return drawables_svg.render(document, side)

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
