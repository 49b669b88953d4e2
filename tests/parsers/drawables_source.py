"""Drawings from a source in memory, and how to look at them."""

import io
from collections.abc import Sequence

from PIL import Image

from seatrial.parsers.chunks import Kind
from seatrial.parsers.drawables import Choice, Drawables, Icon, Item, Node
from seatrial.parsers.drawables_icon import find_icon
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


def adaptive(background: Node, foreground: Node) -> Node:
    return node("adaptive-icon", node("background", background), node("foreground", foreground))


def fill(argb: int) -> Node:
    return node("color", color=color(argb))
