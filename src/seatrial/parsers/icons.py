"""Pictures from builds and uploads: checked before they are decoded, handed on as PNG."""

import io
import struct
import warnings
import zlib
from typing import TYPE_CHECKING

from seatrial.parsers.icon_containers import ICNS_MAGIC, ICO_MAGIC, Picture, pictures
from seatrial.parsers.limits import current

if TYPE_CHECKING:
    from PIL import Image


# Formats that may carry an icon; a closed list, because each decoder is a way in.
_FORMATS = ("PNG", "JPEG", "WEBP")

# Pictures of an icon file that are tried when better ones are broken.
_TRIES = 4

# Rows of a large picture that are shrunk at a time.
_STRIP = 256


class IconUnreadable(Exception):
    """A picture that is too large, broken, or of a format that icons do not have."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def as_png(data: bytes, max_side: int = 512) -> bytes:
    """Convert PNG, JPEG, WebP, ICO or ICNS bytes into a PNG of at most `max_side` pixels on each side.

    The size in the picture's header is held against the limit `icon_pixels` before a pixel is decoded. Of an
    animation the first frame is taken, of an icon file its best picture; a photograph is turned upright.
    Metadata (EXIF, text, colour profiles) is left behind. Raises `IconUnreadable`.
    """
    return packed(as_picture(data, max_side))


def packed(picture: "Image.Image") -> bytes:
    """Write a picture as PNG, in half the time that the library's own choice takes, for 5% more bytes.

    The rows are filtered, so that what repeats lies side by side: longer searches find little.
    """
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=4, compress_type=zlib.Z_RLE)
    return out.getvalue()


def unpacked_png(picture: "Image.Image") -> bytes:
    """Write a picture (`RGB`, `RGBA`) as PNG that is read again at once: neither filtered nor packed, in no time."""
    (width, height), pixels = picture.size, picture.tobytes()
    stride = width * len(picture.mode)
    rows = b"".join(b"\0" + pixels[at : at + stride] for at in range(0, len(pixels), stride))
    header = struct.pack(">2L5B", width, height, 8, 6 if picture.mode == "RGBA" else 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 0)), (b"IEND", b""))  # ISO 15948, 5.3
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def as_picture(data: bytes, max_side: int = 512) -> "Image.Image":
    """Decode what `as_png` takes, within the same bounds, into colours with or without alpha (`RGB`, `RGBA`)."""
    if not data:
        raise IconUnreadable("the picture is empty")
    most = current().icon_bytes
    if len(data) > most:
        raise IconUnreadable(f"the picture has {len(data)} bytes; {most} are allowed")
    if data.startswith((ICO_MAGIC, ICNS_MAGIC)):
        return _best_of(pictures(data), max_side)
    return _converted(data, _FORMATS, max_side)


def _best_of(found: list[Picture], max_side: int) -> "Image.Image":
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


def _from_pixels(picture: Picture, max_side: int) -> "Image.Image":
    from PIL import Image

    return _reduced(Image.frombytes("RGBA", (picture.width, picture.height), picture.data), max_side)


def _check_pixels(width: int, height: int) -> None:
    most = current().icon_pixels
    if width * height > most:
        raise IconUnreadable(f"the picture is {width} x {height} pixels; {most} are allowed in all")


def _converted(data: bytes, formats: tuple[str, ...], max_side: int) -> "Image.Image":
    """Decode one picture of one of the formats; raise `IconUnreadable` for whatever goes wrong."""
    from PIL import Image, UnidentifiedImageError

    try:
        # The library's own warning about large pictures comes later than our limit and would say the same.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=formats) as picture:
                _check_pixels(*picture.size)
                return _reduced(picture, max_side, bitmap=picture.format == "ICO")
    except UnidentifiedImageError:
        raise IconUnreadable("the picture is neither PNG nor JPEG nor WebP nor an icon file") from None
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, IndexError, KeyError) as problem:
        # What Pillow's decoders raise for broken data; its PNG reader uses SyntaxError for broken chunks.
        raise IconUnreadable(f"the picture is broken ({problem})") from None
    except AssertionError:  # Pillow's, where a picture with a palette has none
        raise IconUnreadable("the picture is broken (its palette is missing)") from None
    except Image.DecompressionBombError:
        raise IconUnreadable("the picture has far too many pixels") from None
    except MemoryError:
        raise IconUnreadable("the picture needs too much memory") from None


def _reduced(picture: "Image.Image", max_side: int, *, bitmap: bool = False) -> "Image.Image":
    from PIL import ImageOps

    small = ImageOps.exif_transpose(_shrunk(picture, max_side))
    if bitmap and small.mode == "RGBA" and small.getchannel("A").getextrema() == (0, 0):
        small = small.convert("RGB")  # 32-bit bitmaps whose fourth byte was never filled mean opaque pixels
    if max(small.size) > max_side:
        small.thumbnail((max_side, max_side))
    small.info.clear()
    return small


def _shrunk(picture: "Image.Image", max_side: int) -> "Image.Image":
    """Convert to plain colours, and shrink by a whole factor to less than twice `max_side`.

    Large pictures are taken strip by strip, for each step over a whole one would need its memory once more.
    """
    from PIL import Image

    picture.draft(None, (max_side * 2, max_side * 2))  # lets JPEG decode no more than that
    picture.load()
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    width, height = picture.size
    factor = max(width, height) // max_side
    if factor < 2:
        return picture.convert(mode)
    small = Image.new(mode, (-(-width // factor), -(-height // factor)))
    rows = _STRIP // factor * factor or factor
    for top in range(0, height, rows):
        strip = picture.crop((0, top, width, min(height, top + rows))).convert(mode)
        small.paste(strip.reduce(factor), (0, top // factor))
    small.info = dict(picture.info)
    return small
