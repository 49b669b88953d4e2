"""Pictures from builds and uploads: checked before they are decoded, handed on as PNG."""

import io
import struct
import warnings
from typing import TYPE_CHECKING

from seatrial.parsers.icon_containers import ICNS_MAGIC, ICO_MAGIC, Picture, pictures

if TYPE_CHECKING:
    from PIL import Image

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 16 * 1024 * 1024

# Formats that may carry an icon; a closed list, because each decoder is a way in.
_FORMATS = ("PNG", "JPEG", "WEBP")

# Pictures of an icon file that are tried when better ones are broken.
_TRIES = 4


class IconUnreadable(Exception):
    """A picture that is too large, broken, or of a format that icons do not have."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def as_png(data: bytes, max_side: int = 512) -> bytes:
    """Convert PNG, JPEG, WebP, ICO or ICNS bytes into a PNG of at most `max_side` pixels on each side.

    The size in the picture's header is held against `MAX_PIXELS` before a pixel is decoded. Of an
    animation the first frame is taken, of an icon file its best picture; a photograph is turned upright.
    Metadata (EXIF, text, colour profiles) is left behind. Raises `IconUnreadable`.
    """
    if not data:
        raise IconUnreadable("the picture is empty")
    if len(data) > MAX_BYTES:
        raise IconUnreadable(f"the picture has {len(data)} bytes; {MAX_BYTES} are allowed")
    if data.startswith((ICO_MAGIC, ICNS_MAGIC)):
        return _best_of(pictures(data), max_side)
    return _converted(data, _FORMATS, max_side)


def _best_of(found: list[Picture], max_side: int) -> bytes:
    """Convert the best picture that can be read; damage of one is no reason to show none."""
    problem = IconUnreadable("the icon file holds no picture that can be read")
    for picture in found[:_TRIES]:
        try:
            if picture.form == "RGBA":
                return _from_pixels(picture, max_side)
            return _converted(picture.data, (picture.form,), max_side)
        except IconUnreadable as reason:
            problem = reason
    raise problem


def _from_pixels(picture: Picture, max_side: int) -> bytes:
    from PIL import Image

    return _encode(Image.frombytes("RGBA", (picture.width, picture.height), picture.data), max_side)


def _check_pixels(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise IconUnreadable(f"the picture is {width} x {height} pixels; {MAX_PIXELS} are allowed in all")


def _converted(data: bytes, formats: tuple[str, ...], max_side: int) -> bytes:
    """Decode one picture of one of the formats; raise `IconUnreadable` for whatever goes wrong."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        # The library's own warning about large pictures comes later than our limit and would say the same.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=formats) as picture:
                _check_pixels(*picture.size)
                return _encode(ImageOps.exif_transpose(picture), max_side, bitmap=picture.format == "ICO")
    except UnidentifiedImageError:
        raise IconUnreadable("the picture is neither PNG nor JPEG nor WebP nor an icon file") from None
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, IndexError, KeyError) as problem:
        # What Pillow's decoders raise for broken data; its PNG reader uses SyntaxError for broken chunks.
        raise IconUnreadable(f"the picture is broken ({problem})") from None
    except Image.DecompressionBombError:
        raise IconUnreadable(f"the picture has far more than {MAX_PIXELS} pixels") from None
    except MemoryError:
        raise IconUnreadable("the picture needs too much memory") from None


def _encode(picture: "Image.Image", max_side: int, *, bitmap: bool = False) -> bytes:
    plain = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    if bitmap and plain.mode == "RGBA" and plain.getchannel("A").getextrema() == (0, 0):
        plain = plain.convert("RGB")  # 32-bit bitmaps whose fourth byte was never filled mean opaque pixels
    if max(plain.size) > max_side:
        plain.thumbnail((max_side, max_side))
    plain.info.clear()
    out = io.BytesIO()
    # Level 4 takes half the time of the default one for 3% more bytes (192 x 192 launcher icons).
    plain.save(out, "PNG", compress_level=4)
    return out.getvalue()
