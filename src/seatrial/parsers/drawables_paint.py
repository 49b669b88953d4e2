"""Colours of drawings: plain ones, colour state lists, and gradients along a line, from a point or around one.

Sources: `ColorStateList`, `GradientColor` and `GradientDrawable` in the platform's reference. Nothing is in any
state and no theme is applied: theme attributes have no colour.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

from seatrial.parsers.chunks import Kind
from seatrial.parsers.drawables import Item, Node
from seatrial.parsers.drawables_svg import Svg, Undrawable, number
from seatrial.parsers.drawables_values import BROKEN, Values, plain_color

MAX_STOPS = 64
MAX_NESTED = 8
"""Colour files that name each other."""

_SPREAD = {0: "pad", 1: "repeat", 2: "reflect"}
_KINDS = ("linear", "radial", "sweep")
_OWN = {"color", "alpha", "lStar"}
"""Attributes of a state list's item that are not states."""


class Gradient(NamedTuple):
    """A gradient in the coordinates of what it fills; a line's ends, or a centre and a radius."""

    kind: str
    stops: tuple[tuple[float, int], ...]
    """Offsets from 0 to 1, and colours as ARGB."""
    first: tuple[float, float]
    last: tuple[float, float] = (0.0, 0.0)
    radius: float = 0.0
    spread: str = "pad"


class Paint(NamedTuple):
    """What a surface is filled with: the attributes' text in SVG, and how opaque that is."""

    color: str
    opacity: float
    sweep: Gradient | None = None
    """A gradient that SVG does not have; `color` stands in for it where it cannot be put together."""


NO_PAINT = Paint("none", 1.0)


def color_of(values: Values, item: Item | None) -> int | None:
    """Return a colour as ARGB; `None` for none, and for one that only a theme could tell."""
    found = color_or_gradient(values, item)
    return found if isinstance(found, int) else None


def color_or_gradient(values: Values, item: Item | None, depth: int = 0) -> int | Node | None:
    """Return a colour as ARGB or the root of a gradient, from the first candidate that is one of these."""
    if item is None or depth > MAX_NESTED:
        return None
    for _, end in values.ends(item):
        color = plain_color(end)
        if color is not None:
            return color
        if end.kind == Kind.STRING and end.text:
            try:
                found = _complex_color(values, values.tree(end.text), depth)
            except BROKEN:
                continue
            if found is not None:
                return found
    return None


def _complex_color(values: Values, root: Node, depth: int) -> int | Node | None:
    if root.tag == "gradient":
        return root
    if root.tag != "selector":
        return None
    chosen: int | None = None
    for item in root.children:
        stateless = not item.attributes.keys() - _OWN
        if item.tag != "item" or not (stateless or chosen is None):
            continue
        color = color_or_gradient(values, item.attributes.get("color"), depth + 1)
        if isinstance(color, int):
            chosen = faded(color, values.number(item.attributes.get("alpha"), 1.0))
    return chosen


def faded(color: int, alpha: float) -> int:
    """Make a colour more transparent."""
    if not math.isfinite(alpha):
        return color
    return round((color >> 24) * max(0.0, min(1.0, alpha))) << 24 | color & 0xFFFFFF


def paint_of(color: int) -> Paint:
    """Turn an ARGB colour into a paint."""
    return Paint(f"#{color & 0xFFFFFF:06x}", (color >> 24) / 255)


def gradient_of(values: Values, node: Node) -> Gradient:
    """Read the `gradient` of a vector's path: its coordinates are those of the path."""

    def number_of(name: str) -> float:
        return values.number(node.attributes.get(name))

    kind = _kind(values, node)
    ends = ("startX", "startY") if kind == "linear" else ("centerX", "centerY")
    return Gradient(
        kind=kind,
        stops=stops_of(values, node),
        first=(number_of(ends[0]), number_of(ends[1])),
        last=(number_of("endX"), number_of("endY")),
        radius=number_of("gradientRadius"),
        spread=_SPREAD.get(values.whole(node.attributes.get("tileMode")), "pad"),
    )


def _kind(values: Values, node: Node) -> str:
    return dict(enumerate(_KINDS)).get(values.whole(node.attributes.get("type")), "linear")


def stops_of(values: Values, node: Node) -> tuple[tuple[float, int], ...]:
    """Read a gradient's colours: its items, else its start, centre and end."""
    items = [child for child in node.children if child.tag == "item"]
    if len(items) > MAX_STOPS:
        raise Undrawable("it has a gradient of too many colours")
    if items:
        found = [
            (values.number(each.attributes.get("offset")), color_of(values, each.attributes.get("color")) or 0)
            for each in items
        ]
        return tuple((max(0.0, min(1.0, offset)), color) for offset, color in found if math.isfinite(offset))
    middle = ("centerColor",) if "centerColor" in node.attributes else ()
    names = ("startColor", *middle, "endColor")
    colors = [color_of(values, node.attributes.get(name)) or 0 for name in names]
    return tuple((at / (len(colors) - 1), color) for at, color in enumerate(colors))


def write_gradient(svg: Svg, gradient: Gradient) -> Paint:
    """Write a gradient's definition and return the paint that refers to it."""
    if not gradient.stops:
        return NO_PAINT
    middle = paint_of(gradient.stops[len(gradient.stops) // 2][1])
    if gradient.kind == "sweep":
        return middle._replace(sweep=gradient)
    x, y = gradient.first
    where: dict[str, str | float]
    if gradient.kind == "radial":
        if not gradient.radius > 0:
            return middle
        where = {"cx": x, "cy": y, "r": gradient.radius}
    else:
        where = {"x1": x, "y1": y, "x2": gradient.last[0], "y2": gradient.last[1]}
    name, depth = svg.new_id(), svg.depth
    units = {"gradientUnits": "userSpaceOnUse", "spreadMethod": gradient.spread}
    svg.start(f"{gradient.kind}Gradient", id=name, **where, **units)
    for offset, color in gradient.stops:
        paint = paint_of(color)
        svg.leaf("stop", offset=offset, stop_color=paint.color, stop_opacity=paint.opacity)
    svg.close_to(depth)
    return Paint(f"url(#{name})", 1.0)


SLICES = 90
"""Triangles that a gradient around a point is put together from: steps of four degrees, which no icon shows."""


def write_sweep(svg: Svg, gradient: Gradient, reach: float, opacity: float) -> None:
    """Draw a gradient around its centre as far as `reach`; the caller has clipped what it may cover."""
    x, y = gradient.first
    for start, color in _slices(gradient.stops):
        # Each triangle reaches under the next one, so that no light falls through the seams.
        corners = (start, start + 1.5 * 2 * math.pi / SLICES)
        points = " ".join(f"L{number(x + reach * math.cos(a))} {number(y + reach * math.sin(a))}" for a in corners)
        paint = paint_of(color)
        svg.leaf(
            "path",
            d=f"M{number(x)} {number(y)}{points}Z",
            fill=paint.color,
            fill_opacity=paint.opacity * opacity,
        )


def _slices(stops: tuple[tuple[float, int], ...]) -> Iterator[tuple[float, int]]:
    """Give the angle and the colour of each slice, clockwise from three o'clock."""
    for index in range(SLICES):
        yield index * 2 * math.pi / SLICES, _between(stops, index / (SLICES - 1))


def _between(stops: tuple[tuple[float, int], ...], at: float) -> int:
    before = max((stop for stop in stops if stop[0] <= at), default=stops[0], key=lambda stop: stop[0])
    after = min((stop for stop in stops if stop[0] >= at), default=stops[-1], key=lambda stop: stop[0])
    share = (at - before[0]) / (after[0] - before[0]) if after[0] > before[0] else 0.0
    channels = (
        round((before[1] >> shift & 0xFF) * (1 - share) + (after[1] >> shift & 0xFF) * share)
        for shift in (24, 16, 8, 0)
    )
    return int.from_bytes(bytes(channels), "big")
