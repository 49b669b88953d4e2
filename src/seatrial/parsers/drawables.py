"""What a drawing of Android is made of, wherever it comes from: the compiled XML of an APK or the protobuf of a bundle.

A format's parser hands over a `Drawables` and the icon attributes of its manifest, in order of preference;
`drawables_icon.find_icon(source: Drawables, wishes: Sequence[Item]) -> Icon` does the rest. Names and values are
those of `android.R.attr` and of `Res_value` (`ResourceTypes.h` of the Android Open Source Project), because both
forms keep numbers in the latter's encoding.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from seatrial.parsers.chunks import Kind
from seatrial.parsers.resource_config import Config


class Item(NamedTuple):
    """A value of an attribute or of a resource, encoded as `Res_value` does it.

    `kind` is one of `chunks.Kind` (others are ignored). `data` is the 32-bit number: a resource id (`REFERENCE`), a
    theme attribute's id (`ATTRIBUTE`), IEEE single-precision bits (`FLOAT`, see `of_float`), a complex number
    (`DIMENSION`, `FRACTION`; protobuf's `Primitive` holds the same 32 bits), an integer, 0 or 1 (`INT_BOOLEAN`), or
    ARGB (the four `INT_COLOR` kinds). `text` is what a `STRING` says: words, path data, or the path of a resource's
    file in the archive (a bundle's `FileReference` is a `STRING` here too).
    """

    kind: int
    data: int = 0
    text: str | None = None

    @classmethod
    def of_float(cls, number: float) -> "Item":
        """Encode a number that the source holds as one."""
        try:
            (bits,) = struct.unpack("<I", struct.pack("<f", number))
        except OverflowError:
            bits = 0x7F800000  # infinity, which every reader refuses
        return cls(Kind.FLOAT, bits)

    @property
    def reference(self) -> int | None:
        """The id of the resource this points to; `None` for a plain value and for `@null`."""
        return self.data or None if self.kind in {Kind.REFERENCE, Kind.DYNAMIC_REFERENCE} else None


class Choice(NamedTuple):
    """A resource's value in one configuration."""

    config: Config
    item: Item


@dataclass(slots=True, eq=False)
class Node:
    """An element of a drawing.

    `tag` has no prefix (`vector`, `attr` for an inlined `aapt:attr`). `attributes` are by local name without a prefix
    (`pathData`); use `attribute_name` for it, since obfuscators leave only the resource id.
    """

    tag: str
    attributes: dict[str, Item] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)


class Drawables(Protocol):
    """Where drawings come from: a resource table and the files that it names.

    All methods may raise `BuildFileInvalid`, `ValueError`, `struct.error` or `IndexError` for broken data; the
    icon search then goes on to the next candidate. Nothing needs to be bounded in number: the search counts its calls.
    """

    def choices(self, resource: int) -> Sequence[Choice]:
        """Return a resource's values in all configurations, references not followed; empty where it is not there."""
        ...

    def read(self, path: str, limit: int) -> bytes | None:
        """Unpack a file that a resource names, of at most `limit` bytes; `None` where the archive has none."""
        ...

    def tree(self, data: bytes) -> Node:
        """Understand what `read` gave as compiled XML, with bounded depth and number of elements."""
        ...


class Icon(NamedTuple):
    """The icon as PNG, or why there is none; builds without any icon have neither."""

    png: bytes | None = None
    warning: str | None = None
    path: str | None = None
    """The member that the picture was read or drawn from."""


def attribute_name(resource: int, written: str) -> str:
    """Return an attribute's local name; its resource id (0 for none) counts more than what is written there."""
    return _NAMES.get(resource, written)


# The public ids of `android.R.attr` that drawings use; ids of the framework never change.
_NAMES = {
    0x01010003: "name",
    0x010100AF: "gravity",
    0x010100D0: "id",
    0x01010119: "src",
    0x01010121: "tint",
    0x01010155: "height",
    0x01010159: "width",
    0x01010199: "drawable",
    0x0101019A: "shape",
    0x0101019B: "innerRadiusRatio",
    0x0101019C: "thicknessRatio",
    0x0101019D: "startColor",
    0x0101019E: "endColor",
    0x010101A0: "angle",
    0x010101A1: "type",
    0x010101A2: "centerX",
    0x010101A3: "centerY",
    0x010101A4: "gradientRadius",
    0x010101A5: "color",
    0x010101A6: "dashWidth",
    0x010101A7: "dashGap",
    0x010101A8: "radius",
    0x010101A9: "topLeftRadius",
    0x010101AA: "topRightRadius",
    0x010101AB: "bottomLeftRadius",
    0x010101AC: "bottomRightRadius",
    0x010101AD: "left",
    0x010101AE: "top",
    0x010101AF: "right",
    0x010101B0: "bottom",
    0x010101B3: "fromDegrees",
    0x010101B4: "toDegrees",
    0x010101B5: "pivotX",
    0x010101B6: "pivotY",
    0x010101B7: "insetLeft",
    0x010101B8: "insetRight",
    0x010101B9: "insetTop",
    0x010101BA: "insetBottom",
    0x010101FC: "scaleWidth",
    0x010101FD: "scaleHeight",
    0x01010201: "tileMode",
    0x0101020B: "centerColor",
    0x0101025F: "innerRadius",
    0x01010260: "thickness",
    0x0101031F: "alpha",
    0x01010324: "scaleX",
    0x01010325: "scaleY",
    0x01010326: "rotation",
    0x010103FB: "tintMode",
    0x01010402: "viewportWidth",
    0x01010403: "viewportHeight",
    0x01010404: "fillColor",
    0x01010405: "pathData",
    0x01010406: "strokeColor",
    0x01010407: "strokeWidth",
    0x01010408: "trimPathStart",
    0x01010409: "trimPathEnd",
    0x0101040A: "trimPathOffset",
    0x0101040B: "strokeLineCap",
    0x0101040C: "strokeLineJoin",
    0x0101040D: "strokeMiterLimit",
    0x0101045A: "translateX",
    0x0101045B: "translateY",
    0x01010477: "tileModeX",
    0x01010478: "tileModeY",
    0x010104B5: "inset",
    0x010104CB: "strokeAlpha",
    0x010104CC: "fillAlpha",
    0x010104DB: "start",
    0x010104DC: "end",
    0x01010510: "startX",
    0x01010511: "startY",
    0x01010512: "endX",
    0x01010513: "endY",
    0x01010514: "offset",
    0x0101051E: "fillType",
}
