"""An SVG document of our own, written element by element within limits, and its rendering as PNG.

Nothing of a stranger's file gets in unchecked: numbers are finite and clamped, texts are escaped, pictures are
PNG data that we have encoded ourselves. The renderer (resvg) ends the process for absurd sizes and opens files that
`href` names, so that it is given nothing else than these documents, always with a size of ours.
"""

import base64
import io
import math
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

MAX_BYTES = 8 * 1024 * 1024
MAX_ELEMENTS = 4_000
MAX_DEPTH = 48
MAX_COSTLY = 200
"""Elements that make the renderer draw into a picture of their own: clips, filters, transparent groups."""
MAX_NUMBER = 100_000.0


class Undrawable(Exception):
    """A drawing that is broken, that asks for too much, or that needs what is not in the build."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def number(value: float, most: float = MAX_NUMBER) -> str:
    """Write a number, held to `most` on both sides of zero; raise `Undrawable` for what is none."""
    if not math.isfinite(value):
        raise Undrawable("it holds a number that is not finite")
    return f"{max(-most, min(most, value)):.6g}"


class Svg:
    """The document under construction; raises `Undrawable` where it grows beyond its limits."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._open: list[str] = []
        self._bytes = self._elements = self._costly = self._ids = 0

    @property
    def depth(self) -> int:
        """How many elements are open; for `close_to`."""
        return len(self._open)

    def start(self, tag: str, **attributes: str | float) -> None:
        """Open an element; `_` in an attribute's name stands for `-`."""
        if len(self._open) >= MAX_DEPTH:
            raise Undrawable("it is nested too deep")
        self._tag(tag, attributes, ">")
        self._open.append(tag)

    def leaf(self, tag: str, **attributes: str | float) -> None:
        """Write an element without content."""
        self._tag(tag, attributes, "/>")

    def close_to(self, depth: int) -> None:
        """Close elements until so many are open."""
        while len(self._open) > depth:
            self._write(f"</{self._open.pop()}>")

    def new_id(self) -> str:
        """Return a name for an element that others refer to."""
        self._ids += 1
        return f"i{self._ids}"

    def picture(self, png: bytes, box: tuple[float, float, float, float]) -> None:
        """Place a PNG of our own making so that it fills a box (x, y, width, height)."""
        x, y, width, height = box
        self._count_costly()
        href = "data:image/png;base64," + base64.b64encode(png).decode()
        self.leaf("image", x=x, y=y, width=width, height=height, preserveAspectRatio="none", href=href)

    def finish(self) -> str:
        """Close everything and return the document."""
        self.close_to(0)
        return "".join(self._parts)

    def _count_costly(self) -> None:
        self._costly += 1
        if self._costly > MAX_COSTLY:
            raise Undrawable("it has too many clips, effects and pictures")

    def _tag(self, tag: str, attributes: dict[str, str | float], end: str) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise Undrawable("it has too many parts")
        if attributes.keys() & {"clip_path", "filter", "opacity"}:
            self._count_costly()
        written = (
            f' {name.replace("_", "-")}="{escape(value) if isinstance(value, str) else number(value)}"'
            for name, value in attributes.items()
        )
        self._write(f"<{tag}{''.join(written)}{end}")

    def _write(self, text: str) -> None:
        self._bytes += len(text)
        if self._bytes > MAX_BYTES:
            raise Undrawable("its drawing is too large")
        self._parts.append(text)


def render(document: str, side: int) -> bytes:
    """Render a document that `Svg` has written as a square PNG of `side` pixels; raise `Undrawable` where it fails."""
    import resvg_py

    try:
        # Without skip_system_fonts all fonts of the machine are read first; there is no text in our documents.
        return bytes(resvg_py.svg_to_bytes(svg_string=document, skip_system_fonts=True, width=side, height=side))
    except ValueError as problem:
        raise Undrawable(f"it cannot be rendered ({str(problem)[:100]})") from None


def finished(png: bytes, corner: float) -> bytes:
    """Cut the corners of a square PNG of ours, by a radius that is a share of its side; 0 for none.

    A clip of the renderer would do the same in four times the time. Raises `Undrawable` where nothing is to be seen.
    """
    from PIL import Image, ImageChops

    with Image.open(io.BytesIO(png), formats=("PNG",)) as opened:
        picture = opened.convert("RGBA")
    alpha = picture.getchannel("A")
    if alpha.getbbox() is None:
        raise Undrawable("nothing is to be seen in it without a theme")
    if not corner:
        return png
    picture.putalpha(ImageChops.multiply(alpha, _mask(picture.width, corner)))
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=4)
    return out.getvalue()


@lru_cache(maxsize=2)
def _mask(side: int, corner: float) -> "Image.Image":
    from PIL import Image, ImageDraw

    finer = 4
    large = Image.new("L", (side * finer, side * finer))
    last = side * finer - 1
    ImageDraw.Draw(large).rounded_rectangle((0, 0, last, last), corner * side * finer, fill=255)
    return large.reduce(finer)
