"""Vector drawables as SVG: groups, paths, clips, gradients.

Source: `VectorDrawable` in the platform's reference, for the attributes and their defaults.
"""

import math
from typing import NamedTuple

from seatrial.parsers.drawables import Item, Node
from seatrial.parsers.drawables_paint import (
    NO_PAINT,
    Gradient,
    Paint,
    color_or_gradient,
    gradient_of,
    paint_of,
    write_gradient,
    write_sweep,
)
from seatrial.parsers.drawables_path import path_data
from seatrial.parsers.drawables_svg import Svg, Undrawable
from seatrial.parsers.drawables_values import Values

MAX_GROUPS = 16
"""Groups inside each other."""

_CAPS = ("butt", "round", "square")
_JOINS = ("miter", "round", "bevel")


class Box(NamedTuple):
    """A rectangle in dp."""

    x: float
    y: float
    width: float
    height: float


class VectorWriter:
    """Writes vectors into one document; raises `Undrawable` for what is broken or too much."""

    def __init__(self, svg: Svg, values: Values) -> None:
        self.visible = Box(0.0, 0.0, 0.0, 0.0)
        """The part of the drawing that is seen; a vector that fills it need not be clipped, which is slow."""
        self._svg = svg
        self._values = values
        self._reach = 0.0

    def write(self, vector: Node, box: Box) -> None:
        """Draw a vector so that its viewport fills the box."""
        width, height = (self._number(vector, name) for name in ("viewportWidth", "viewportHeight"))
        if not (width > 0 and height > 0 and math.isfinite(width + height)):
            raise Undrawable("it is a vector without a viewport")
        depth, self._reach = self._svg.depth, 2 * math.hypot(width, height)
        alpha = self._number(vector, "alpha", 1.0)
        if alpha < 1:
            self._svg.start("g", opacity=max(0.0, alpha))
        width, height = max(1e-3, min(1e5, width)), max(1e-3, min(1e5, height))
        if _covers(box, self.visible):
            scale = f"{box.width / width:.6g} {box.height / height:.6g}"
            self._svg.start("g", transform=f"translate({_pair(box.x, box.y)})scale({scale})")
        else:
            # A nested document clips to its box, as a vector does that is drawn into a bitmap of its size.
            place = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
            view = f"0 0 {width:.6g} {height:.6g}"
            self._svg.start("svg", **place, viewBox=view, preserveAspectRatio="none")
        self._children(vector, 0)
        self._svg.close_to(depth)

    def _children(self, parent: Node, groups: int) -> None:
        if groups > MAX_GROUPS:
            raise Undrawable("its groups are nested too deep")
        depth = self._svg.depth
        for child in parent.children:
            if child.tag == "group":
                self._group(child, groups)
            elif child.tag == "clip-path":
                # A clip holds for all that follows in its group, so that the element stays open until that ends.
                self._clip(child)
            elif child.tag == "path":
                self._path(child)
        self._svg.close_to(depth)

    def _group(self, group: Node, groups: int) -> None:
        depth = self._svg.depth
        pivot = [self._number(group, name) for name in ("pivotX", "pivotY")]
        move = [self._number(group, name) for name in ("translateX", "translateY")]
        scale = [self._number(group, name, 1.0) for name in ("scaleX", "scaleY")]
        rotation = self._number(group, "rotation")
        if not math.isfinite(sum((*pivot, *move, *scale, rotation))):
            raise Undrawable("it holds a number that is not finite")
        parts = []
        if any(pivot) or any(move):
            parts.append(f"translate({_pair(move[0] + pivot[0], move[1] + pivot[1])})")
        if rotation % 360:
            parts.append(f"rotate({rotation % 360:.6g})")
        if scale != [1.0, 1.0]:
            parts.append(f"scale({_pair(*(max(-1e3, min(1e3, each)) for each in scale))})")
        if any(pivot):
            parts.append(f"translate({_pair(-pivot[0], -pivot[1])})")
        if parts and 0 in scale:
            return  # scaled to nothing
        if parts:
            self._svg.start("g", transform="".join(parts))
        self._children(group, groups + 1)
        self._svg.close_to(depth)

    def _clip(self, clip: Node) -> None:
        self._svg.start("g", clip_path=self._clip_of(self._data(clip), even_odd=self._is_even_odd(clip)))

    def _clip_of(self, data: str, *, even_odd: bool) -> str:
        name, depth = self._svg.new_id(), self._svg.depth
        self._svg.start("clipPath", id=name)
        self._svg.leaf("path", d=data or "M0 0", clip_rule="evenodd" if even_odd else "nonzero")
        self._svg.close_to(depth)
        return f"url(#{name})"

    def _path(self, path: Node) -> None:
        data = self._data(path)
        if not data or self._is_trimmed_away(path):
            return
        fill, stroke = self._paint(path, "fillColor"), self._paint(path, "strokeColor")
        even_odd = self._is_even_odd(path)
        fill_opacity = fill.opacity * self._alpha(path, "fillAlpha")
        if fill.sweep is not None:
            self._swept(fill.sweep, data, fill_opacity, even_odd=even_odd)
            fill = NO_PAINT
        attributes: dict[str, str | float] = {"d": data, "fill": fill.color}
        if fill.color != "none":
            attributes["fill_opacity"] = fill_opacity
            attributes["fill_rule"] = "evenodd" if even_odd else "nonzero"
        width = self._number(path, "strokeWidth")
        if stroke.color != "none" and width > 0:
            self._svg.budget.take("characters", 2 * len(data))  # a stroke costs several times what a fill does
            attributes |= {
                "stroke": stroke.color,
                "stroke_width": width,
                "stroke_opacity": stroke.opacity * self._alpha(path, "strokeAlpha"),
                "stroke_linecap": self._word(path, "strokeLineCap", _CAPS),
                "stroke_linejoin": self._word(path, "strokeLineJoin", _JOINS),
                "stroke_miterlimit": max(1.0, self._number(path, "strokeMiterLimit", 4.0)),
            }
        if "stroke" in attributes or fill.color != "none":
            self._svg.leaf("path", **attributes)

    def _swept(self, sweep: Gradient, data: str, opacity: float, *, even_odd: bool) -> None:
        depth = self._svg.depth
        self._svg.start("g", clip_path=self._clip_of(data, even_odd=even_odd))
        write_sweep(self._svg, sweep, self._reach, opacity)
        self._svg.close_to(depth)

    def _paint(self, path: Node, attribute: str) -> Paint:
        item = path.attributes.get(attribute)
        found = color_or_gradient(self._values, item) if item else self._inlined(path, attribute)
        if found is None:
            return NO_PAINT
        if isinstance(found, int):
            return paint_of(found) if found >> 24 else NO_PAINT
        return write_gradient(self._svg, gradient_of(self._values, found))

    def _inlined(self, path: Node, attribute: str) -> Node | None:
        """Find a gradient that `aapt:attr` holds inside the path; `aapt2` makes a file of its own of it."""
        for child in path.children:
            name = child.attributes.get("name")
            if child.tag == "attr" and name and (name.text or "").rpartition(":")[2] == attribute:
                return next((each for each in child.children if each.tag == "gradient"), None)
        return None

    def _is_trimmed_away(self, path: Node) -> bool:
        """Whether nothing of the path is shown; a path of which a part is shown is drawn whole."""
        start, end = self._number(path, "trimPathStart"), self._number(path, "trimPathEnd", 1.0)
        return start == end

    def _data(self, node: Node) -> str:
        text = self._values.text(node.attributes.get("pathData")) or ""
        self._svg.budget.take("characters", len(text))
        return path_data(text)

    def _is_even_odd(self, node: Node) -> bool:
        return self._values.whole(node.attributes.get("fillType")) == 1

    def _word(self, node: Node, name: str, words: tuple[str, ...]) -> str:
        return dict(enumerate(words)).get(self._values.whole(node.attributes.get(name)), words[0])

    def _alpha(self, node: Node, name: str) -> float:
        return max(0.0, min(1.0, self._number(node, name, 1.0)))

    def _number(self, node: Node, name: str, default: float = 0.0) -> float:
        item: Item | None = node.attributes.get(name)
        return self._values.number(item, default)


def _covers(box: Box, other: Box) -> bool:
    starts = box.x <= other.x and box.y <= other.y
    return starts and box.x + box.width >= other.x + other.width and box.y + box.height >= other.y + other.height


def _pair(x: float, y: float) -> str:
    return f"{max(-1e5, min(1e5, x)):.6g} {max(-1e5, min(1e5, y)):.6g}"
