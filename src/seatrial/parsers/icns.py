"""Apple's icon files (`.icns`): a list of pictures of several sizes, each with a type of four letters and a length.

Layout: the type `icns` and the file's length, then type, length (with these eight bytes) and data of each picture,
numbers big-endian. Pictures since Mac OS X 10.7 are PNG or JPEG 2000; older ones are run-length packed colours with a
mask of their own, which Pillow joins.
"""

import io
import struct
import warnings
from collections.abc import Iterator

from seatrial.parsers.icons import IconUnreadable, as_png

MAX_SIDE = 512
_PNG = b"\x89PNG\r\n\x1a\n"
# Sides in pixels of the types that can hold PNG; ic11 and the like are for Retina screens.
_SIDES = dict(
    zip(
        (b"icp4", b"ic11", b"icp5", b"icp6", b"ic12", b"ic07", b"ic08", b"ic13", b"ic09", b"ic14", b"ic10"),
        (16, 32, 32, 64, 64, 128, 256, 256, 512, 512, 1024),
        strict=True,
    )
)
_RUN_LENGTH = (b"it32", b"t8mk", b"ih32", b"h8mk", b"il32", b"l8mk", b"is32", b"s8mk")
"""Older pictures of 128, 48, 32 and 16 pixels, and their masks."""
_JPEG_2000 = (b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51")
_MAX_ENTRIES = 100


def is_icns(data: bytes) -> bool:
    """Whether these are the bytes of an icon file."""
    return data.startswith(b"icns")


def best_png(data: bytes) -> bytes:
    """Give the picture that is shown best at 512 pixels, as PNG; raise `IconUnreadable`."""
    entries = dict(_entries(data))
    sized = [kind for kind in _SIDES if entries.get(kind, b"").startswith((_PNG, *_JPEG_2000))]
    # The smallest one that fills the space needs the least work; without one, the largest.
    sized.sort(key=lambda kind: (_SIDES[kind] < MAX_SIDE, abs(_SIDES[kind] - MAX_SIDE)))
    if b"it32" in entries and (not sized or _SIDES[sized[0]] < 128):
        sized = []
    if sized:
        best = entries[sized[0]]
        return as_png(best if best.startswith(_PNG) else _opened(best, "JPEG2000"))
    old = [(kind, entries[kind]) for kind in _RUN_LENGTH if kind in entries]
    if not old:
        raise IconUnreadable("the icon file holds no picture of a known kind")
    body = b"".join(struct.pack(">4sL", kind, 8 + len(content)) + content for kind, content in old)
    return as_png(_opened(struct.pack(">4sL", b"icns", 8 + len(body)) + body, "ICNS"))


def _entries(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    for _ in range(_MAX_ENTRIES):
        if at + 8 > len(data):
            return
        kind, length = struct.unpack_from(">4sL", data, at)
        if length < 8:
            return
        yield kind, data[at + 8 : at + length]
        at += length


def _check_size(width: int, height: int) -> None:
    if max(width, height) > 2 * MAX_SIDE:
        raise IconUnreadable(f"a picture in the icon file is {width} x {height} pixels")


def _opened(data: bytes, kind: str) -> bytes:
    """Let Pillow decode a picture of a kind that only icon files have; its size is looked at first."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=(kind,)) as picture:
                _check_size(*picture.size)
                out = io.BytesIO()
                picture.save(out, "PNG", compress_level=1)
    except IconUnreadable:
        raise
    except Exception as problem:  # noqa: BLE001 - these decoders raise whatever they happen to run into
        raise IconUnreadable(f"the icon file is broken ({type(problem).__name__})") from None
    return out.getvalue()
