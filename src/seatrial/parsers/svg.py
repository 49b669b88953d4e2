"""SVG pictures of strangers, redrawn from a short list of elements and attributes.

The renderer opens local files that pictures name, and ends its process on absurd sizes. So it never sees the file: a
new document is written with the shapes and paints that icons are made of, at a size of ours. Format: W3C, Scalable
Vector Graphics 1.1; `url(#...)` and `href="#..."` inside the document stay, all other references go.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from seatrial.parsers.icons import IconUnreadable

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_BYTES = 1 << 20
MAX_ELEMENTS = 500
MAX_DEPTH = 32
MAX_SHAPES = 64 << 10
"""Characters of all outlines together: each of their lines may cross the whole picture."""
MAX_LAYERS = 50
"""Groups that are drawn apart first, because they are clipped or let others shine through."""
SIDE = 256
"""Pixels that the longer side is drawn with; drawing takes time by the square of it."""

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
# `use` is left out, as a few nested ones draw billions of shapes; so are text, filters and pictures in the picture.
_ELEMENTS = frozenset(
    {
        *("svg", "g", "defs", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
        *("linearGradient", "radialGradient", "stop", "clipPath"),
    }
)
_ATTRIBUTES = frozenset(
    {
        *("id", "d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "width", "height"),
        *("points", "transform", "viewBox", "preserveAspectRatio", "gradientUnits", "gradientTransform"),
        *("spreadMethod", "offset", "clipPathUnits", "clip-path", "clip-rule", "fill", "fill-opacity", "fill-rule"),
        *("stroke", "stroke-width", "stroke-opacity", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit"),
        *("stroke-dashoffset", "opacity", "stop-color", "stop-opacity", "color", "display", "visibility"),
    }
)
_INSIDE = re.compile(r"url\(\s*['\"]?#[\w.-]+['\"]?\s*\)[^()]*")
_NUMBER = re.compile(r"\s*([0-9]{1,7}(?:\.[0-9]{1,6})?)\s*(?:px)?\s*")


def svg_as_png(data: bytes) -> bytes:
    """Draw an SVG picture as PNG, 256 pixels on its longer side; raise `IconUnreadable` with the reason."""
    if not data:
        raise IconUnreadable("the picture is empty")
    if len(data) > MAX_BYTES:
        raise IconUnreadable(f"the picture has {len(data)} bytes; {MAX_BYTES} are allowed for SVG")
    import resvg_py

    document, width, height = redrawn(data)
    try:
        return bytes(resvg_py.svg_to_bytes(svg_string=document, width=width, height=height, skip_system_fonts=True))
    except (ValueError, RuntimeError) as problem:
        raise IconUnreadable(f"the picture cannot be drawn ({problem})") from None


def redrawn(data: bytes) -> tuple[str, int, int]:
    """Write the document anew; give it with the width and height in pixels to draw it at."""
    root = _parsed(data)
    if root.tag != _SVG + "svg":
        raise IconUnreadable("the picture is no SVG document")
    box = _view_box(root)
    scale = SIDE / max(box[2], box[3])
    width, height = max(1, round(box[2] * scale)), max(1, round(box[3] * scale))
    root.set("viewBox", " ".join(f"{value:g}" for value in box))
    root.set("width", str(width))
    root.set("height", str(height))
    for attribute in ("x", "y"):
        root.attrib.pop(attribute, None)
    return "".join(_written(root, _Budget(), 0, clipping=False)), width, height


def _parsed(data: bytes) -> "Element":
    from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]  # it has no type information
    from defusedxml.ElementTree import ParseError, fromstring  # type: ignore[import-untyped]  # as above

    try:
        # Entities are refused; a document type is not, as many drawing programs write one.
        root: Element = fromstring(data, forbid_dtd=False)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as problem:
        raise IconUnreadable(f"the picture is broken ({type(problem).__name__})") from None
    return root


def _view_box(root: "Element") -> tuple[float, float, float, float]:
    numbers = re.findall(r"-?[0-9]{1,7}(?:\.[0-9]{1,6})?", root.get("viewBox", ""))
    if len(numbers) == 4:
        left, top, width, height = (float(number) for number in numbers)
    else:
        found = [_NUMBER.fullmatch(root.get(side, "")) for side in ("width", "height")]
        left, top = 0.0, 0.0
        width, height = (float(one[1]) if one else 0.0 for one in found)
    if width <= 0 or height <= 0:
        raise IconUnreadable("the picture does not say how large it is")
    return left, top, width, height


class _Budget:
    """What drawing may cost; raises `IconUnreadable` when it is spent."""

    def __init__(self) -> None:
        self._elements, self._shapes, self._layers = MAX_ELEMENTS, MAX_SHAPES, MAX_LAYERS

    def spend(self, kept: dict[str, str]) -> None:
        self._elements -= 1
        self._shapes -= len(kept.get("d", "")) + len(kept.get("points", ""))
        self._layers -= "clip-path" in kept or "opacity" in kept
        if min(self._elements, self._shapes, self._layers) < 0:
            raise IconUnreadable("the picture takes too long to draw")


def _written(element: "Element", budget: _Budget, depth: int, *, clipping: bool) -> Iterator[str]:
    name = str(element.tag).removeprefix(_SVG)  # comments have a function there
    if name not in _ELEMENTS:
        return
    kept = _kept(element, name)
    clipping = clipping or name == "clipPath"
    if clipping:  # clips of clips can be chained so that each doubles the work
        kept.pop("clip-path", None)
    budget.spend(kept)
    if depth > MAX_DEPTH:
        raise IconUnreadable("the picture is nested too deep")
    namespace = ' xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"' if depth == 0 else ""
    yield f"<{name}{namespace}"
    for key, value in kept.items():
        yield f" {key}={quoteattr(value)}"
    yield ">"
    for child in element:
        yield from _written(child, budget, depth + 1, clipping=clipping)
    yield f"</{name}>"


def _kept(element: "Element", name: str) -> dict[str, str]:
    """Choose attributes; those in `style` win, as they do in CSS."""
    given = dict(element.attrib)
    for declaration in given.pop("style", "").split(";"):
        key, _, value = declaration.partition(":")
        given[key.strip()] = value.strip()
    kept = {key: value for key, value in given.items() if key in _ATTRIBUTES and _is_harmless(value)}
    target = given.get(_HREF) or given.get("href") or ""
    if name.endswith("Gradient") and re.fullmatch(r"#[\w.-]+", target):
        kept["xlink:href"] = target
    return kept


def _is_harmless(value: str) -> bool:
    return "url(" not in value.lower() or _INSIDE.fullmatch(value.strip()) is not None
