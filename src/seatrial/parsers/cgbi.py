"""PNG as Apple's `pngcrush -iphone` writes it into app bundles: a `CgBI` chunk first, then rows that no browser reads.

Compared with PNG (ISO/IEC 15948): the image data are raw deflate without a zlib header and checksum, red and blue
are swapped, and colours are multiplied by their alpha.
"""

import io
import struct
import zlib
from collections.abc import Iterator

from seatrial.parsers.icons import unpacked_png
from seatrial.parsers.limits import current

_CHEAP = 1 << 20
"""Pixels up to which packing what is unpacked again at once costs more than it saves."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TRUECOLOUR, _TRUECOLOUR_ALPHA = 2, 6


class CgbiUnreadable(Exception):
    """An Apple-optimised picture that is too large, broken, or of a kind that `pngcrush -iphone` does not make."""


def is_cgbi(data: bytes) -> bool:
    """Whether these are the bytes of an Apple-optimised PNG."""
    return data.startswith(_SIGNATURE) and data[12:16] == b"CgBI"


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height from the header of a PNG, Apple-optimised or not; `None` for other bytes."""
    for kind, content in _chunks(data[:128]):
        if kind == b"IHDR" and len(content) == 13:
            width, height = struct.unpack_from(">2L", content)
            return width, height
    return None


def to_png(data: bytes) -> bytes:
    """Rewrite an Apple-optimised PNG as a plain one; raise `CgbiUnreadable`.

    A row's filter works on each channel alone, so that red and blue change places in the filtered rows.
    """
    header, packed = b"", bytearray()
    for kind, content in _chunks(data):
        if kind == b"IHDR":
            header = content
        elif kind == b"IDAT":
            packed += content
    if len(header) != 13:
        raise CgbiUnreadable("it has no header")
    width, height, depth, colour, _, _, interlace = struct.unpack(">2L5B", header)
    most = current().icon_pixels
    if not 0 < width * height <= most:
        raise CgbiUnreadable(f"it is {width} x {height} pixels; {most:,} are allowed in all")
    channels = {_TRUECOLOUR: 3, _TRUECOLOUR_ALPHA: 4}.get(colour)
    if depth != 8 or interlace or channels is None:
        raise CgbiUnreadable("it is not of 8 bits per colour, or interlaced")
    rows = _inflated(bytes(packed), height * (1 + width * channels))
    _swap_red_and_blue(rows, 1 + width * channels, channels)
    level = 0 if width * height <= _CHEAP else 1
    plain = _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, level)) + _chunk(b"IEND", b"")
    return _divided_by_alpha(plain, level) if channels == 4 else plain


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE) if data.startswith(_SIGNATURE) else len(data)
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))


def _inflated(packed: bytes, size: int) -> bytearray:
    try:
        rows = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, size)
    except zlib.error as error:
        raise CgbiUnreadable(f"its data are damaged ({error})") from None
    if len(rows) < size:
        raise CgbiUnreadable("its data end too early")
    return bytearray(rows)


def _swap_red_and_blue(rows: bytearray, stride: int, channels: int) -> None:
    for start in range(1, len(rows), stride):  # the byte before each row names its filter
        end = start + stride - 1
        rows[start:end:channels], rows[start + 2 : end : channels] = (
            rows[start + 2 : end : channels],
            rows[start:end:channels],
        )


def _divided_by_alpha(plain: bytes, level: int) -> bytes:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(plain), formats=("PNG",)) as picture:
            multiplied = Image.frombytes("RGBa", picture.size, picture.tobytes())
    except (OSError, ValueError, SyntaxError) as error:
        raise CgbiUnreadable(f"its rows are damaged ({error})") from None
    divided = multiplied.convert("RGBA")
    if level == 0:
        return unpacked_png(divided)
    out = io.BytesIO()
    divided.save(out, "PNG", compress_level=level)
    return out.getvalue()
