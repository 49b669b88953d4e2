"""Small pictures for mails: an app's icon and a link as a QR code (ISO/IEC 18004)."""

import io
import warnings

import segno
from PIL import Image

ICON_PIXELS = 128
"""Shown at half of that, for dense screens."""
_LARGEST_SOURCE = 8 << 20
_MOST_PIXELS = 4096 * 4096


def small_icon(source: bytes) -> bytes | None:
    """Make a PNG of at most 128 pixels a side out of a picture; `None` for what is none."""
    if len(source) > _LARGEST_SOURCE:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(source), formats=("PNG", "JPEG", "WEBP")) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    return None
                icon = picture.convert("RGBA")
        icon.thumbnail((ICON_PIXELS, ICON_PIXELS), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        # A palette: a third of the bytes in each of ten thousand mails.
        icon.quantize(256, method=Image.Quantize.FASTOCTREE).save(out, "PNG", optimize=True)
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        return None
    return out.getvalue()


def qr_code(link: str) -> bytes:
    """Draw a link as a QR code, dark on white also where the mail is shown light on dark, or phones do not read it."""
    out = io.BytesIO()
    segno.make(link, error="m", micro=False).save(out, kind="png", scale=5, border=3, dark="#000", light="#fff")
    return out.getvalue()
