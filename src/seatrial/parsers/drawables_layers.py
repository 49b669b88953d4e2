"""Drawables inside drawables: adaptive icons, layers, insets, bitmaps, tints; everything that is not a path.

Sources: the drawables of `android.graphics.drawable` in the platform's reference. Nothing is in any state, no level
is set and no time has passed: of state lists, level lists and animations the first picture is drawn.
"""

import math
from typing import NamedTuple

from seatrial.parsers.chunks import Kind
from seatrial.parsers.drawables import Item, Node
from seatrial.parsers.drawables_paint import color_of, paint_of
from seatrial.parsers.drawables_shape import write_shape
from seatrial.parsers.drawables_svg import SIDE, Budget, Svg, Undrawable, size_of
from seatrial.parsers.drawables_values import BROKEN, Values, plain_color
from seatrial.parsers.drawables_vector import Box, VectorWriter
from seatrial.parsers.icons import IconUnreadable, as_png
from seatrial.parsers.limits import current
from seatrial.parsers.resource_config import DENSITY_ANY, DENSITY_MEDIUM, Config

CANVAS = 108.0
"""Side of an adaptive icon in dp."""
VIEWPORT = 72.0
"""Side of the middle of it that a launcher shows."""
ADAPTIVE = {"adaptive-icon", "maskable-icon"}
"""Elements whose drawing a launcher cuts to its own form."""

_LAYER_SIDE = round(SIDE * CANVAS / VIEWPORT)
"""Pixels that a layer over the whole canvas is drawn with; the renderer takes three times as long to scale one."""
_SMALLEST = 1 << 16
"""Pixels that any picture counts for, as opening it costs something too."""

MAX_NESTED = 16
MAX_LAYER = 4 * 1024 * 1024
"""Pixels of one picture inside a drawing, which would have 432 x 432 on the densest devices."""

_RASTER = (b"\x89PNG\r\n\x1a\n", b"RIFF", b"\xff\xd8\xff", b"GIF8")
_MASK_LAYER = 0x0102002E  # android.R.id.mask: the layer of a ripple that is not drawn
_FILL, _CENTER = 0x77, 0x11
_STATELESS = {"drawable", "id", "width", "height"}


class Raster(NamedTuple):
    """A picture as PNG of ours, with its size in dp."""

    png: bytes
    width: float
    height: float


Picture = Raster | Node | int
"""What can be drawn: a bitmap, an element, or a colour as ARGB."""


def is_raster(data: bytes) -> bool:
    """Whether a file's first bytes are those of a picture format that Android takes."""
    return data.startswith(_RASTER)


class Drawer:
    """Draws one icon into one document.

    `left_out` tells why parts of it are not there; `Undrawable` is raised where nothing is.
    """

    def __init__(self, values: Values, budget: Budget) -> None:
        self._values = values
        self._svg = Svg(budget)
        self._vectors = VectorWriter(self._svg, values)
        self._rasters: dict[str, Raster] = {}
        self.left_out: list[str] = []

    def document(self, root: Node) -> str:
        """Draw an icon's root element on a square and return the SVG, without the mask that adaptive icons get."""
        if root.tag in ADAPTIVE:
            return self._adaptive(root)
        side = VIEWPORT
        self._begin(0.0, side)
        width, height = self._size(root, 0) or (side, side)
        scale = side / max(width, height)
        width, height = width * scale, height * scale
        self._draw(root, Box((side - width) / 2, (side - height) / 2, width, height), 0)
        return self._svg.finish()

    def _begin(self, start: float, side: float) -> None:
        view = f"{start:g} {start:g} {side:g} {side:g}"
        self._svg.start("svg", xmlns="http://www.w3.org/2000/svg", viewBox=view)
        self._vectors.visible = Box(start, start, side, side)

    def _adaptive(self, root: Node) -> str:
        self._begin((CANVAS - VIEWPORT) / 2, VIEWPORT)
        drawn = 0
        for tag in ("background", "foreground"):
            layer = next((child for child in root.children if child.tag == tag), None)
            drawn += layer is not None and self._part(layer, Box(0.0, 0.0, CANVAS, CANVAS), 0)
        if not drawn:
            raise Undrawable(self.left_out[0] if self.left_out else "it is an adaptive icon without layers")
        return self._svg.finish()

    # --- what an element holds ---

    def _part(self, node: Node, box: Box, depth: int) -> bool:
        """Draw what a layer holds; a layer that cannot be drawn is left out, and whether it was drawn is told."""
        before = self._svg.depth
        try:
            picture = self._content(node)
            if picture is None:
                return False
            self._draw(picture, box, depth)
        except (Undrawable, IconUnreadable) as problem:
            self._svg.close_to(before)
            self.left_out.append(problem.reason)
            return False
        return True

    def _content(self, node: Node) -> Picture | None:
        """Find an element's drawable: the one that an attribute names, else its first child."""
        item = node.attributes.get("drawable") or node.attributes.get("src")
        if item is not None and item.kind != Kind.NULL:
            return self._picture(item)
        return next((child for child in node.children if child.tag != "attr"), None)

    def _picture(self, item: Item) -> Picture:
        """Resolve a value to the best of its candidates that can be read."""
        reason = "it refers to what is not in the build"
        for config, end in self._values.ends(item):
            color = plain_color(end)
            if color is not None:
                return color
            if end.kind != Kind.STRING or not end.text:
                continue
            try:
                found = self._file(end.text, config)
            except IconUnreadable as problem:
                reason = problem.reason
            except BROKEN:
                reason = "one of its files is broken"
            else:
                if found is not None:
                    return found
                reason = "one of its files is not in the build"
        raise Undrawable(reason)

    def _file(self, path: str, config: Config) -> Picture | None:
        if path in self._rasters:
            return self._rasters[path]
        root = self._values.known_tree(path)
        if root is None:
            data = self._values.read(path, current().icon_bytes)
            if data is None:
                return None
            if is_raster(data):
                density = DENSITY_MEDIUM if config.dots == DENSITY_ANY else config.dots
                self._rasters[path] = self._raster(data, density)
                return self._rasters[path]
            root = self._values.tree(path)
        # A colour state list may stand where a drawable is wanted.
        color = color_of(self._values, Item(Kind.STRING, 0, path)) if root.tag == "selector" else None
        return root if color is None else color

    def _raster(self, data: bytes, density: int) -> Raster:
        width, height = size_of(data)
        if width * height > MAX_LAYER:
            raise Undrawable("one of its pictures has too many pixels")
        self._svg.budget.take("pixels", max(width * height, _SMALLEST))
        return Raster(as_png(data, _LAYER_SIDE), width * DENSITY_MEDIUM / density, height * DENSITY_MEDIUM / density)

    # --- drawing ---

    def _count(self, depth: int) -> None:
        self._svg.budget.take("drawables")
        if depth > MAX_NESTED:
            raise Undrawable("its drawables are nested too deep")

    def _draw(self, picture: Picture, box: Box, depth: int) -> None:
        self._count(depth)
        if isinstance(picture, int):
            paint = paint_of(picture)
            place = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
            self._svg.leaf("rect", **place, fill=paint.color, fill_opacity=paint.opacity)
        elif isinstance(picture, Raster):
            self._svg.picture(picture.png, box)
        else:
            before = self._svg.depth
            self._tint(picture)
            self._element(picture, box, depth)
            self._svg.close_to(before)

    def _element(self, node: Node, box: Box, depth: int) -> None:
        match node.tag:
            case "vector":
                self._vectors.write(node, box)
            case "shape":
                write_shape(self._svg, self._values, node, box)
            case "color":
                color = color_of(self._values, node.attributes.get("color"))
                self._draw(color or 0, box, depth + 1)
            case "bitmap" | "nine-patch":
                self._bitmap(node, box, depth)
            case "layer-list" | "transition" | "ripple":
                self._layers(node, box, depth)
            case "adaptive-icon" | "maskable-icon":
                for child in node.children:
                    if child.tag in {"background", "foreground"}:
                        self._part(child, box, depth + 1)
            case _:
                self._wrapped(node, box, depth)

    def _wrapped(self, node: Node, box: Box, depth: int) -> None:
        """Draw an element that only changes how another one is drawn."""
        if node.tag in {"selector", "level-list", "animation-list", "animated-selector"}:
            node = _resting(node)
        elif node.tag == "inset":
            box = self._inset(node, box)
        elif node.tag == "rotate":
            self._rotate(node, box)
        elif node.tag not in {"item", "clip", "scale", "animated-vector", "animated-rotate", "drawable"}:
            raise Undrawable("it holds an element that is no drawable")
        picture = self._content(node)
        if picture is None:
            raise Undrawable("it holds an element without a drawable")
        self._draw(picture, box, depth + 1)

    def _layers(self, node: Node, box: Box, depth: int) -> None:
        for layer in node.children:
            if layer.tag != "item" or self._values_id(layer) == _MASK_LAYER:
                continue
            try:
                self._count(depth)
                place = self._place(layer, box, depth)
            except (Undrawable, IconUnreadable) as problem:
                self.left_out.append(problem.reason)
                continue
            self._part(layer, place, depth + 1)

    def _values_id(self, node: Node) -> int | None:
        item = node.attributes.get("id")
        return item.reference if item else None

    def _bitmap(self, node: Node, box: Box, depth: int) -> None:
        picture = self._content(node)
        if picture is None:
            raise Undrawable("it holds an element without a drawable")
        gravity = self._values.whole(node.attributes.get("gravity"), _FILL)
        width, height = self._measure(picture, depth + 1) or (box.width, box.height)
        self._draw(picture, _gravitate(gravity, width, height, box), depth + 1)

    def _tint(self, node: Node) -> None:
        """Open the groups that a drawable's tint and opacity ask for."""
        alpha = self._values.number(node.attributes.get("alpha"), 1.0) if node.tag == "bitmap" else 1.0
        if alpha < 1:
            self._svg.start("g", opacity=max(0.0, alpha))
        tint = color_of(self._values, node.attributes.get("tint"))
        if tint is None:
            return
        name, depth, paint = self._svg.new_id(), self._svg.depth, paint_of(tint)
        whole: dict[str, str | float] = {"x": 0, "y": 0, "width": CANVAS, "height": CANVAS}
        self._svg.start("filter", id=name, filterUnits="userSpaceOnUse", **whole, color_interpolation_filters="sRGB")
        self._svg.leaf("feFlood", flood_color=paint.color, flood_opacity=paint.opacity, result="tint")
        mode = self._values.whole(node.attributes.get("tintMode"), 5)
        self._svg.leaf("feComposite", **{"in": "tint", "in2": "SourceGraphic"}, **_TINTS.get(mode, _TINTS[5]))
        self._svg.close_to(depth)
        self._svg.start("g", filter=f"url(#{name})")

    def _rotate(self, node: Node, box: Box) -> None:
        angle = self._values.number(node.attributes.get("fromDegrees"))
        pivot = [self._values.number(node.attributes.get(name), 0.5) for name in ("pivotX", "pivotY")]
        if not math.isfinite(angle + sum(pivot)):
            raise Undrawable("it holds a number that is not finite")
        x, y = (max(-1e3, min(1e3, each)) for each in (box.x + pivot[0] * box.width, box.y + pivot[1] * box.height))
        self._svg.start("g", transform=f"rotate({angle % 360:.6g} {x:.6g} {y:.6g})")

    # --- places and sizes ---

    def _inset(self, node: Node, box: Box) -> Box:
        def edge(side: str, whole: float) -> float:
            inset = node.attributes.get(f"inset{side}") or node.attributes.get("inset")
            return self._values.length(inset, whole)

        return _shrunk(
            box, edge("Left", box.width), edge("Top", box.height), edge("Right", box.width), edge("Bottom", box.height)
        )

    def _place(self, layer: Node, box: Box, depth: int) -> Box:
        """Find where a layer is drawn, by its edges, its own size and its gravity."""

        def length(*names: str, default: float = 0.0) -> float:
            item = next((layer.attributes[name] for name in names if name in layer.attributes), None)
            return self._values.length(item, 0, default)

        room = _shrunk(box, length("start", "left"), length("top"), length("end", "right"), length("bottom"))
        width, height = length("width", default=-1.0), length("height", default=-1.0)
        gravity = self._values.whole(layer.attributes.get("gravity"))
        if width < 0 and height < 0 and not gravity:
            return room
        content = self._content(layer)
        own = None if content is None else self._measure(content, depth + 1)
        if not gravity & 0x07:
            gravity |= 0x07 if width < 0 else 0x03
        if not gravity & 0x70:
            gravity |= 0x70 if height < 0 else 0x30
        width = width if width >= 0 else own[0] if own else room.width
        height = height if height >= 0 else own[1] if own else room.height
        return _gravitate(gravity, width, height, room)

    def _measure(self, picture: Picture, depth: int) -> tuple[float, float] | None:
        if isinstance(picture, Raster):
            return picture.width, picture.height
        return None if isinstance(picture, int) else self._size(picture, depth)

    def _size(self, node: Node, depth: int) -> tuple[float, float] | None:
        """Find an element's own size in dp; `None` for one that fills what it is given."""
        self._count(depth)
        if node.tag in {"vector", "shape"}:
            holder = node if node.tag == "vector" else next((c for c in node.children if c.tag == "size"), None)
            return self._written_size(holder) if holder else None
        if node.tag in {"layer-list", "color", "adaptive-icon", "maskable-icon", "inset", "ripple", "transition"}:
            return None
        if node.tag in {"selector", "level-list", "animation-list", "animated-selector"}:
            node = _resting(node)
        content = self._content(node)
        return None if content is None else self._measure(content, depth + 1)

    def _written_size(self, node: Node) -> tuple[float, float] | None:
        width, height = (self._values.length(node.attributes.get(name), 0) for name in ("width", "height"))
        return (width, height) if 0 < width < 1e5 and 0 < height < 1e5 else None


# How a tint and a picture are put together, by `PorterDuff.Mode` as attributes count it.
_TINTS = {
    3: {"operator": "over"},
    5: {"operator": "in"},
    9: {"operator": "atop"},
    14: {"operator": "arithmetic", "k1": "1"},
    15: {"operator": "arithmetic", "k1": "-1", "k2": "1", "k3": "1"},
    16: {"operator": "arithmetic", "k2": "1", "k3": "1"},
}


def _resting(node: Node) -> Node:
    """Choose the item of a list that is shown when nothing has happened; its states are attributes that are true."""
    items = [child for child in node.children if child.tag == "item"]
    for item in items:
        if not node.tag.endswith("selector"):
            return item  # levels and animations start with the first one
        states = (value.data for name, value in item.attributes.items() if name not in _STATELESS)
        if not any(states):
            return item
    if not items:
        raise Undrawable("it is a list without items")
    return items[-1]


def _shrunk(box: Box, left: float, top: float, right: float, bottom: float) -> Box:
    edges = [max(-CANVAS, min(CANVAS, each)) if math.isfinite(each) else 0.0 for each in (left, top, right, bottom)]
    width, height = box.width - edges[0] - edges[2], box.height - edges[1] - edges[3]
    return Box(box.x + edges[0], box.y + edges[1], max(0.0, width), max(0.0, height))


def _gravitate(gravity: int, width: float, height: float, box: Box) -> Box:
    """Place something of a size in a box; each axis has a bit for "before", "after" and "placed at all"."""
    x, width = _along(gravity, width, box.x, box.width)
    y, height = _along(gravity >> 4, height, box.y, box.height)
    return Box(x, y, width, height)


def _along(gravity: int, length: float, start: float, room: float) -> tuple[float, float]:
    before, after = gravity & 2, gravity & 4
    if before and after:
        return start, room
    if before:
        return start, length
    return (start + room - length if after else start + (room - length) / 2), length
