"""Shape drawables (`GradientDrawable`) as SVG: rectangles, ovals, lines and rings with gradients and strokes.

Source: `GradientDrawable` in the platform's reference, for the attributes and their defaults.
"""

import math

from seatrial.parsers.drawables import Node
from seatrial.parsers.drawables_paint import (
    NO_PAINT,
    Gradient,
    Paint,
    color_of,
    paint_of,
    stops_of,
    write_gradient,
    write_sweep,
)
from seatrial.parsers.drawables_svg import Svg
from seatrial.parsers.drawables_values import Values
from seatrial.parsers.drawables_vector import Box

_RECTANGLE, _OVAL, _LINE, _RING = range(4)
_CORNERS = ("topLeftRadius", "topRightRadius", "bottomRightRadius", "bottomLeftRadius")
_SHORTEST_DASH = 0.5
"""In dp; finer dashes would be drawn one by one and are not seen."""


def write_shape(svg: Svg, values: Values, shape: Node, box: Box) -> None:
    """Draw a shape into a box."""
    stroke = next((child for child in shape.children if child.tag == "stroke"), None)
    width = values.length(stroke.attributes.get("width"), 0) if stroke else 0.0
    outline, pen = _fill(svg, values, shape, box), NO_PAINT
    if stroke and width > 0:
        pen = _solid(values, stroke)
        box = Box(box.x + width / 2, box.y + width / 2, max(0.0, box.width - width), max(0.0, box.height - width))
    kind = values.whole(shape.attributes.get("shape"))
    data = _path(values, shape, kind, box)
    if outline.sweep is not None:
        depth, name = svg.depth, svg.new_id()
        svg.start("clipPath", id=name)
        svg.leaf("path", d=data, clip_rule="evenodd")
        svg.close_to(depth)
        svg.start("g", clip_path=f"url(#{name})")
        write_sweep(svg, outline.sweep, math.hypot(box.width, box.height), 1.0)
        svg.close_to(depth)
        outline = NO_PAINT
    attributes: dict[str, str | float] = {"d": data, "fill": outline.color, "fill_rule": "evenodd"}
    attributes["fill_opacity"] = outline.opacity
    if stroke and pen.color != "none":
        attributes |= {"stroke": pen.color, "stroke_width": width, "stroke_opacity": pen.opacity}
        dash = [values.length(stroke.attributes.get(name), 0) for name in ("dashWidth", "dashGap")]
        if min(dash) >= _SHORTEST_DASH and math.isfinite(sum(dash)):
            attributes["stroke_dasharray"] = f"{dash[0]:.6g} {dash[1]:.6g}"
    if outline.color != "none" or "stroke" in attributes:
        svg.leaf("path", **attributes)


def _solid(values: Values, node: Node) -> Paint:
    color = color_of(values, node.attributes.get("color"))
    return paint_of(color) if color is not None else NO_PAINT


def _fill(svg: Svg, values: Values, shape: Node, box: Box) -> Paint:
    for child in shape.children:
        if child.tag == "gradient":
            return write_gradient(svg, _gradient(values, child, box))
    solid = next((child for child in shape.children if child.tag == "solid"), None)
    return _solid(values, solid) if solid else NO_PAINT


def _gradient(values: Values, node: Node, box: Box) -> Gradient:
    """Place a shape's gradient: its centre is a share of the box, its direction one of eight."""
    kind = {1: "radial", 2: "sweep"}.get(values.whole(node.attributes.get("type")), "linear")
    stops = stops_of(values, node)
    if kind != "linear":
        center = [values.number(node.attributes.get(name), 0.5) for name in ("centerX", "centerY")]
        first = (box.x + center[0] * box.width, box.y + center[1] * box.height)
        radius = values.length(node.attributes.get("gradientRadius"), min(box.width, box.height))
        return Gradient(kind, stops, first, radius=radius)
    angle = values.number(node.attributes.get("angle"))
    steps = round(angle / 45) % 8 if math.isfinite(angle) else 0
    across, up = _DIRECTIONS[steps]
    middle_x, middle_y = box.x + box.width / 2, box.y + box.height / 2
    dx, dy = across * box.width / 2, -up * box.height / 2
    return Gradient(kind, stops, (middle_x - dx, middle_y - dy), (middle_x + dx, middle_y + dy))


# Right and up, by eighths of a turn against the clock from three o'clock.
_DIRECTIONS = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))


def _path(values: Values, shape: Node, kind: int, box: Box) -> str:
    middle_x, middle_y = box.x + box.width / 2, box.y + box.height / 2
    if kind == _OVAL:
        return _ellipse(middle_x, middle_y, box.width / 2, box.height / 2)
    if kind == _LINE:
        return f"M{box.x:.6g} {middle_y:.6g}H{box.x + box.width:.6g}"
    if kind == _RING:
        inner = _ring_length(values, shape, "innerRadius", box.width / _ratio(values, shape, "innerRadiusRatio", 3.0))
        thick = _ring_length(values, shape, "thickness", box.width / _ratio(values, shape, "thicknessRatio", 9.0))
        outer = inner + thick
        return _ellipse(middle_x, middle_y, outer, outer) + _ellipse(middle_x, middle_y, inner, inner)
    return _rounded(box, _radii(values, shape, min(box.width, box.height) / 2))


def _ring_length(values: Values, shape: Node, name: str, default: float) -> float:
    found = values.length(shape.attributes.get(name), 0, default)
    return max(0.0, min(1e4, found)) if math.isfinite(found) else default


def _ratio(values: Values, shape: Node, name: str, default: float) -> float:
    found = values.number(shape.attributes.get(name), default)
    return found if found >= 1e-3 else default


def _radii(values: Values, shape: Node, most: float) -> list[float]:
    corners = next((child for child in shape.children if child.tag == "corners"), None)
    if corners is None:
        return [0.0] * 4
    radius = values.length(corners.attributes.get("radius"), 0)
    found = [values.length(corners.attributes.get(name), 0, radius) for name in _CORNERS]
    return [max(0.0, min(most, each)) if math.isfinite(each) else 0.0 for each in found]


def _ellipse(x: float, y: float, across: float, down: float) -> str:
    arc = f"a{across:.6g} {down:.6g} 0 1 1"
    return f"M{x - across:.6g} {y:.6g}{arc} {2 * across:.6g} 0{arc} {-2 * across:.6g} 0Z"


def _rounded(box: Box, radii: list[float]) -> str:
    first, second, third, fourth = radii
    right, bottom = box.x + box.width, box.y + box.height
    return (
        f"M{box.x + first:.6g} {box.y:.6g}H{right - second:.6g}{_corner(second, second, second)}"
        f"V{bottom - third:.6g}{_corner(third, -third, third)}H{box.x + fourth:.6g}{_corner(fourth, -fourth, -fourth)}"
        f"V{box.y + first:.6g}{_corner(first, first, -first)}Z"
    )


def _corner(radius: float, across: float, down: float) -> str:
    return f"a{radius:.6g} {radius:.6g} 0 0 1 {across:.6g} {down:.6g}" if radius else ""
