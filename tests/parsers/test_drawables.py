"""What drawings look like, pixel by pixel, by the platform's documentation of each drawable."""

import io
import struct
from collections.abc import Sequence

import pytest
from PIL import Image, ImageDraw

from seatrial.parsers.chunks import Kind
from seatrial.parsers.drawables import Choice, Icon, Item, attribute_name
from seatrial.parsers.drawables_icon import find_icon
from seatrial.parsers.drawables_path import path_data
from seatrial.parsers.drawables_svg import Undrawable
from tests.parsers.drawables_source import (
    ALL,
    ANY,
    BLUE,
    BOTTOM,
    DOT,
    GREEN,
    LEFT,
    MIDDLE,
    NOTHING,
    PLAIN,
    RED,
    RED_TO_BLUE,
    RIGHT,
    TOP,
    WHITE,
    Memory,
    Pixel,
    adaptive,
    color,
    dp,
    fill,
    filled,
    gradient,
    icon_of,
    look,
    near,
    node,
    opened,
    pixels,
    png,
    reference,
    share,
    square,
    text,
    vector,
    whole,
)

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
