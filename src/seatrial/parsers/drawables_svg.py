"""An SVG document of our own, written element by element within limits, and its rendering as PNG.

Nothing of a stranger's file gets in unchecked: numbers are finite and clamped, texts are escaped, pictures are
PNG data that we have encoded ourselves. The renderer (resvg) ends the process for absurd sizes and opens files that
`href` names, so that it is given nothing else than these documents, always with a size of ours.
"""

import base64
import io
import math
import struct
import warnings
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, ClassVar

from seatrial.parsers.icons import packed

if TYPE_CHECKING:
    from PIL import Image

SIDE = 192
"""Pixels of a drawn icon: the 48 dp of a launcher's icon at the highest density of devices, 640 dots per inch."""

MAX_DEPTH = 48
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


class Budget:
    """What the search for one icon may use up, all drawings that it tries together.

    Set so that the worst drawing known takes about a second. Icons of real builds stay below a tenth of each: a full
    square costs the renderer 1 ms, a clip 5 ms, a filter 30 ms, and 10,000 characters of stroked curves 0.2 s.
    """

    LIMITS: ClassVar[dict[str, tuple[int, str]]] = {
        "bytes": (4 * 1024 * 1024, "its drawing is too large"),
        "elements": (600, "it has too many parts"),
        "effects": (100, "it has too many clips and effects"),
        "characters": (60_000, "its paths are too long"),
        "drawables": (400, "its drawables are nested too deep"),
        "pictures": (16, "it is made of too many pictures"),
        "pixels": (12 * 1024 * 1024, "its pictures are too large"),
    }

    def __init__(self) -> None:
        self._left = {name: limit for name, (limit, _) in self.LIMITS.items()}

    def take(self, name: str, amount: int = 1) -> None:
        """Use up some of it; raise `Undrawable` where no more is left."""
        self._left[name] -= amount
        if self._left[name] < 0:
            raise Undrawable(self.LIMITS[name][1])


# What makes the renderer draw into a picture of its own, by how much that costs.
_EFFECTS = {"clip_path": 1, "opacity": 1, "viewBox": 1, "filter": 6}


class Svg:
    """The document under construction; raises `Undrawable` where it grows beyond its limits."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self._parts: list[str] = []
        self._open: list[str] = []
        self._ids = 0

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
        self.budget.take("pictures")
        x, y, width, height = box
        href = "data:image/png;base64," + base64.b64encode(png).decode()
        self.leaf("image", x=x, y=y, width=width, height=height, preserveAspectRatio="none", href=href)

    def finish(self) -> str:
        """Close everything and return the document."""
        self.close_to(0)
        return "".join(self._parts)

    def _tag(self, tag: str, attributes: dict[str, str | float], end: str) -> None:
        self.budget.take("elements")
        effects = sum(cost for name, cost in _EFFECTS.items() if name in attributes)
        if effects:
            self.budget.take("effects", effects)
        written = (
            f' {name.replace("_", "-")}="{escape(value) if isinstance(value, str) else number(value)}"'
            for name, value in attributes.items()
        )
        self._write(f"<{tag}{''.join(written)}{end}")

    def _write(self, text: str) -> None:
        self.budget.take("bytes", len(text))
        self._parts.append(text)


def render(document: str) -> bytes:
    """Render a document that `Svg` has written as a square PNG of `SIDE` pixels; raise `Undrawable` where it fails."""
    import resvg_py

    try:
        # Without skip_system_fonts all fonts of the machine are read first; there is no text in our documents.
        return bytes(resvg_py.svg_to_bytes(svg_string=document, skip_system_fonts=True, width=SIDE, height=SIDE))
    except ValueError as problem:
        raise Undrawable(f"it cannot be rendered ({str(problem)[:100]})") from None


def size_of(data: bytes) -> tuple[int, int]:
    """Read width and height in a picture's header; raise `Undrawable` where there is none."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the library's word about large pictures
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as picture:
                return picture.size
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, Image.DecompressionBombError):
        raise Undrawable("one of its pictures cannot be read") from None


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
    return packed(picture)


@lru_cache(maxsize=2)
def _mask(side: int, corner: float) -> "Image.Image":
    from PIL import Image, ImageDraw

    finer = 4
    large = Image.new("L", (side * finer, side * finer))
    last = side * finer - 1
    ImageDraw.Draw(large).rounded_rectangle((0, 0, last, last), corner * side * finer, fill=255)
    return large.reduce(finer)
