"""Pictures that apps send of themselves: decoded within bounds, and written anew, so that nothing else is in them."""

import io
import struct
import threading
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seatrial.parsers.icons import packed

if TYPE_CHECKING:
    from PIL import Image

MOST_BYTES = 12 << 20
MOST_PIXELS = 32 << 20
"""Held against the header before a pixel is decoded; the largest screens of tablets have a third of it."""
LONGEST_SIDE = 4096
"""What is larger is shrunk."""

_FORMATS = ("PNG", "JPEG", "WEBP")
_QUALITY = 88
_TURNS = threading.Semaphore(2)
"""A picture at the limit takes 128 MiB while it is decoded."""


class ScreenshotUnreadable(Exception):
    """A picture that is too large, broken, or of another format."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Screenshot:
    """A picture as it is kept."""

    data: bytes
    mimetype: str
    extension: str


def rewritten(data: bytes) -> Screenshot:
    """Decode a PNG, JPEG or WebP picture and write it anew, upright, without metadata: photographs stay JPEG.

    Raises ScreenshotUnreadable.
    """
    from PIL import Image, UnidentifiedImageError

    if len(data) > MOST_BYTES:
        raise ScreenshotUnreadable(f"has {len(data)} bytes; {MOST_BYTES} are allowed")
    try:
        with _TURNS, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
                return _rewritten(picture)
    except UnidentifiedImageError:
        raise ScreenshotUnreadable("is neither PNG nor JPEG nor WebP") from None
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, IndexError, KeyError, AssertionError) as problem:
        # What Pillow's decoders raise for broken data; its PNG reader uses SyntaxError for broken chunks.
        raise ScreenshotUnreadable(f"is broken ({problem})") from None
    except (Image.DecompressionBombError, MemoryError):
        raise ScreenshotUnreadable("has far too many pixels") from None


def _rewritten(picture: "Image.Image") -> Screenshot:
    from PIL import ImageOps

    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise ScreenshotUnreadable(f"is {width} x {height} pixels; {MOST_PIXELS} are allowed in all")
    is_photograph = picture.format == "JPEG"
    picture.load()
    mode = "RGBA" if picture.has_transparency_data and not is_photograph else "RGB"
    upright = ImageOps.exif_transpose(picture).convert(mode)
    if max(upright.size) > LONGEST_SIDE:
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    upright.info.clear()
    if not is_photograph:
        return Screenshot(packed(upright), "image/png", "png")
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=_QUALITY)
    return Screenshot(out.getvalue(), "image/jpeg", "jpg")
