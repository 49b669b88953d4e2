"""Files that hold one icon in several sizes: Windows' ICO and Apple's ICNS.

Sources: Microsoft, "Icons" (ICONDIR, ICONDIRENTRY) and [MS-WMF] 2.2.2.3 for the bitmaps inside; for ICNS the type
codes and the run-length coding as Apple's `iconutil` and `sips` write them. The containers are taken apart here and
not by an image library, because the sizes of the pictures inside are to be known before anything is decoded. JPEG 2000
pictures, which only ICNS files from before 2011 have, are left alone: what a decoder needs for them is not bounded
by the picture's size but by its inner structure; such files carry smaller, plain pictures as well.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

ICO_MAGIC = b"\0\0\1\0"
ICNS_MAGIC = b"icns"
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"

MAX_ENTRIES = 256
"""Pictures looked at in one container; real ones have at most some twenty."""
MAX_PIXELS = 4 << 20
"""Pixels of one picture in a container; larger ones are passed over. Real ones have at most 1,024 x 1,024."""

_ICO_ENTRY = struct.Struct("<4B2H2L")
_BITMAP = struct.Struct("<L2l2H2L")  # BITMAPINFOHEADER up to biSizeImage
_UNPACKED = {0, 3}  # BI_RGB and BI_BITFIELDS


class Picture(NamedTuple):
    """One picture of a container, in the size that its own header states."""

    width: int
    height: int
    depth: int
    """Bits per pixel as declared; only for choosing between pictures of one size."""
    data: bytes
    form: str
    """`PNG` or `ICO` (an icon file with this one bitmap) for a decoder, or `RGBA` for bare pixels."""


def pictures(data: bytes) -> list[Picture]:
    """Take an ICO or ICNS file apart, best picture first; entries that lie about themselves are left out."""
    found = _of_ico(data) if data.startswith(ICO_MAGIC) else _of_icns(data)
    usable = (each for each in found if 0 < each.width * each.height <= MAX_PIXELS)
    return sorted(usable, key=lambda each: (each.width * each.height, each.depth), reverse=True)


def _png_size(data: bytes) -> tuple[int, int] | None:
    """Read width and height of a PNG (its IHDR chunk comes first)."""
    if not data.startswith(PNG_MAGIC) or data[12:16] != b"IHDR" or len(data) < 24:
        return None
    width, height = struct.unpack_from(">2L", data, 16)
    return width, height


def _of_ico(data: bytes) -> Iterator[Picture]:
    count = min(int.from_bytes(data[4:6], "little"), MAX_ENTRIES)
    for at in range(6, 6 + count * _ICO_ENTRY.size, _ICO_ENTRY.size):
        if at + _ICO_ENTRY.size > len(data):
            return
        *_, depth, size, offset = _ICO_ENTRY.unpack_from(data, at)
        picture = _ico_picture(data[offset : offset + size], depth)
        if picture is not None:
            yield picture


def _ico_picture(data: bytes, depth: int) -> Picture | None:
    side = _png_size(data)
    if side is not None:
        return Picture(*side, depth or 32, data, "PNG")
    if len(data) < _BITMAP.size:
        return None
    header, width, height, _, bits, compression, _ = _BITMAP.unpack_from(data)
    height //= 2  # the colours and below them the mask
    if header < 40 or width <= 0 or height <= 0 or compression not in _UNPACKED:
        return None
    # A directory of one entry, filled from the bitmap's own header, cannot contradict it.
    entry = _ICO_ENTRY.pack(_side_byte(width), _side_byte(height), 0, 0, 1, bits, len(data), 6 + _ICO_ENTRY.size)
    return Picture(width, height, bits, ICO_MAGIC + b"\1\0" + entry + data, "ICO")


def _side_byte(side: int) -> int:
    """Write a side into the byte that ICO has for it; 0 means 256 and everything larger."""
    return side if side < 256 else 0


# Sides of the run-length coded pictures and of their 8-bit masks.
_COLOURS = {b"is32": (16, b"s8mk"), b"il32": (32, b"l8mk"), b"ih32": (48, b"h8mk"), b"it32": (128, b"t8mk")}
_WITH_ALPHA = {b"ic04": 16, b"icsb": 18, b"icsB": 36, b"ic05": 32, b"SB24": 24}


def _of_icns(data: bytes) -> Iterator[Picture]:
    blocks = dict(_blocks(data))
    for code, block in blocks.items():
        side = _png_size(block)
        if side is not None:
            yield Picture(*side, 32, block, "PNG")
        elif code in _COLOURS:
            width, mask_code = _COLOURS[code]
            packed = block[4:] if code == b"it32" and block[:4] == bytes(4) else block
            pixels = _joined(_channels(packed, width * width, 3), blocks.get(mask_code), width * width)
            if pixels is not None:
                yield Picture(width, width, 24, pixels, "RGBA")
        elif code in _WITH_ALPHA and block.startswith(b"ARGB"):
            width = _WITH_ALPHA[code]
            channels = _channels(block[4:], width * width, 4)
            pixels = _joined(channels[1:], channels[0], width * width) if channels else None
            if pixels is not None:
                yield Picture(width, width, 32, pixels, "RGBA")


def _blocks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    for _ in range(MAX_ENTRIES):
        if at + 8 > len(data):
            return
        size = int.from_bytes(data[at + 4 : at + 8])
        if size < 8:
            return
        yield data[at : at + 4], data[at + 8 : at + size]
        at += size


def _channels(packed: bytes, pixels: int, count: int) -> list[bytes]:
    """Unpack the colour channels, which follow each other; an empty list where they are cut off."""
    if count == 3 and len(packed) == pixels * 3:  # stored: red, green, blue by turns
        return [packed[i::3] for i in range(3)]
    found: list[bytes] = []
    at = 0
    for _ in range(count):
        channel = bytearray()
        while len(channel) < pixels:
            if at + 1 >= len(packed):
                return []
            control = packed[at]
            if control & 0x80:
                channel += packed[at + 1 : at + 2] * (control - 125)
                at += 2
            else:
                channel += packed[at + 1 : at + 2 + control]
                at += 2 + control
        found.append(bytes(channel[:pixels]))
    return found


def _joined(channels: list[bytes], mask: bytes | None, pixels: int) -> bytes | None:
    """Weave red, green, blue and the mask into pixels; without a mask of the right size all is opaque."""
    if len(channels) != 3:
        return None
    joined = bytearray(b"\xff") * (pixels * 4)
    for index, channel in enumerate(channels):
        joined[index::4] = channel
    if mask is not None and len(mask) == pixels:
        joined[3::4] = mask
    return bytes(joined)
