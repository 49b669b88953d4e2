"""Pictures as compiled asset catalogues store them, decoded into plain PNG or the picture file inside.

Layout (little-endian), as independent tools describe it: `RAWD` is a file of its own (JPEG); `CELM` has flags (1: in
pieces of some rows each, behind `KCBC` headers; 2: opaque), the compression and the data.
Four-letter codes are numbers, so that they read backwards in the file. Colours are multiplied by their alpha.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from PIL import Image

from seatrial.parsers import deepmap
from seatrial.parsers.apple_compression import CompressionUnreadable, unpacked
from seatrial.parsers.deepmap import Budget
from seatrial.parsers.icons import IconUnreadable, unpacked_png

MAX_SIDE = 1_024
SHOWN_SIDE = 512
MAX_CHUNKS = 4_096

_RAW, _PACKED, _CHUNK = b"DWAR", b"MLEC", b"KCBC"
_PLAIN, _ZIP, _LZVN, _LZFSE, _JPEG, _PALETTE, _OLD_DEEPMAP, _DEEPMAP = 0, 2, 3, 4, 5, 8, 10, 11
_STREAMS = {_PLAIN, _ZIP, _LZVN, _LZFSE}
_PIXEL_BYTES = {b"BGRA": 4, b" 8AG": 2, b"WBGR": 8, b"YARG": 1}
_CHANNELS = {b"BGRA": 4, b"WBGR": 4, b" 8AG": 2}
_OPAQUE = 2
_QUANTISED = 0xCAFEF00D
_ONE = 0x3C00
"""1.0 as a number of 16 bits; an alpha above it can only be a whole number."""


class Stored(NamedTuple):
    """One picture of a catalogue, still packed."""

    width: int
    height: int
    pixel_format: bytes
    data: bytes


def picture_file(stored: Stored, budget: Budget) -> bytes:
    """Give a picture as PNG or JPEG; raise `IconUnreadable`."""
    if stored.data.startswith(_RAW):
        return stored.data[12:]
    picture = picture_of(stored, budget)
    if isinstance(picture, bytes):
        return picture
    return png(picture)


def png(picture: Image.Image) -> bytes:
    """Write a picture as PNG, reduced to what is shown and not packed, for it is read again at once."""
    if max(picture.size) > SHOWN_SIDE:
        picture.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    return unpacked_png(picture)


def picture_of(stored: Stored, budget: Budget) -> Image.Image | bytes:
    """Decode a packed picture, or give the JPEG that it turns out to be; raise `IconUnreadable`."""
    if not 0 < max(stored.width, stored.height) <= MAX_SIDE or not stored.width * stored.height:
        raise IconUnreadable(f"the picture is {stored.width} x {stored.height} pixels")
    if not stored.data.startswith(_PACKED) or len(stored.data) < 16:
        raise IconUnreadable("the asset catalogue stores it in an unknown way")
    try:
        return _decoded(stored, budget)
    except (CompressionUnreadable, struct.error, ValueError, zlib.error) as problem:
        raise IconUnreadable(f"the picture in the asset catalogue cannot be unpacked: {problem}") from None


def _decoded(stored: Stored, budget: Budget) -> Image.Image | bytes:
    flags, compression, _ = struct.unpack_from("<3L", stored.data, 4)
    chunks = list(_chunks(stored, chunked=bool(flags & 1)))
    if compression == _JPEG:
        return unpacked(chunks[0][1], 8 << 20)
    parts: list[Image.Image] = []
    for rows, data in chunks:
        if compression in _STREAMS:
            parts.append(_from_stream(stored, rows, _inflated(data, compression, rows)))
        elif compression in {_DEEPMAP, _OLD_DEEPMAP}:
            pixels = deepmap.decode(data, stored.width, rows, _CHANNELS.get(stored.pixel_format, 0), budget)
            parts.append(_image("RGBA", "BGRa", stored.width, rows, pixels.data, stored.width * 4))
        elif compression == _PALETTE:
            parts.append(_from_palette(stored.width, rows, data))
        else:
            raise IconUnreadable(f"the asset catalogue packs it by the method {compression}, which is not read")
    whole = _joined(parts, stored)
    return whole.convert("RGB") if flags & _OPAQUE else whole


def _chunks(stored: Stored, *, chunked: bool) -> Iterator[tuple[int, bytes]]:
    """Give the rows and the data of each piece."""
    if not chunked:
        yield stored.height, stored.data[16:]
        return
    at, left = 16, stored.height
    for _ in range(MAX_CHUNKS):
        if left <= 0 or stored.data[at : at + 4] != _CHUNK:
            break
        rows, length = struct.unpack_from("<2L", stored.data, at + 12)
        if not 0 < rows <= left:
            break
        yield rows, stored.data[at + 20 : at + 20 + length]
        left -= rows
        at += 20 + length
    if left:
        raise CompressionUnreadable("its pieces are not complete")


def _inflated(data: bytes, compression: int, rows: int) -> bytes:
    limit = rows * (MAX_SIDE * 8 + 256)
    if compression == _ZIP:
        return zlib.decompressobj(wbits=47).decompress(data, limit)  # with a header of zlib or of gzip
    return unpacked(data, limit) if compression in {_LZVN, _LZFSE} else data


def _from_stream(stored: Stored, rows: int, data: bytes) -> Image.Image:
    """Read rows of pixels; what a row has beyond its pixels is padding."""
    size = _PIXEL_BYTES.get(stored.pixel_format)
    if size is None:
        kind = stored.pixel_format[::-1].decode("latin-1")
        raise IconUnreadable(f"the asset catalogue stores it as “{kind}”, which is not read")
    stride, width = len(data) // rows, stored.width
    if stride < width * size:
        raise CompressionUnreadable("it has too few pixels")
    if size == 4:
        return _image("RGBA", "BGRa", width, rows, data, stride)
    if size == 8:
        return _from_wide(width, rows, b"".join(data[at : at + width * 8] for at in range(0, rows * stride, stride)))
    if size == 1:
        return _image("L", "L", width, rows, data, stride).convert("RGBA")
    tight = b"".join(data[at : at + width * 2] for at in range(0, rows * stride, stride))
    return Image.frombytes("La", (width, rows), tight).convert("LA").convert("RGBA")


def _from_wide(width: int, rows: int, data: bytes) -> Image.Image:
    """Reduce 16 bits per colour to 8; catalogues have whole numbers, or floating-point ones for wide colours."""
    values = struct.unpack(f"<{width * rows * 4}H", data)
    if max(values[3::4]) > _ONE:
        return Image.frombytes("RGBa", (width, rows), data[1::2]).convert("RGBA")
    real = struct.unpack(f"<{width * rows * 4}e", data)
    plain = bytes(int(min(max(value, 0.0), 1.0) * 255 + 0.5) if value == value else 0 for value in real)  # noqa: PLR0124
    return Image.frombytes("RGBa", (width, rows), plain).convert("RGBA")


def _from_palette(width: int, rows: int, data: bytes) -> Image.Image:
    """Read colours (alpha, red, green, blue), then their numbers in words of 16 bits, the first pixel highest."""
    data = unpacked(data, 10 + 4 * 4096 + rows * (2 * width + 2))
    magic, _, count = struct.unpack_from("<2LH", data)
    if magic != _QUANTISED or not 0 < count <= 256:
        raise CompressionUnreadable("its palette is of an unknown kind")
    bits = next(each for each in (1, 2, 4, 8) if count <= 1 << each)
    stride = (width * bits + 15) // 16 * 2
    colours, words = data[10 : 10 + 4 * count], bytearray(data[10 + 4 * count :][: stride * rows])
    if len(words) < stride * rows:
        raise CompressionUnreadable("it has too few pixels")
    words[0::2], words[1::2] = words[1::2], words[0::2]
    mode = "P" if bits == 8 else f"P;{bits}"
    numbers = Image.frombytes("P", (width, rows), bytes(words), "raw", mode, stride, 1).tobytes()
    pixels = bytearray(len(numbers) * 4)
    for channel, place in enumerate((1, 2, 3, 0)):
        pixels[channel::4] = numbers.translate(colours[place::4].ljust(256, b"\0"))
    return Image.frombytes("RGBa", (width, rows), bytes(pixels)).convert("RGBA")


def _image(mode: str, raw: str, width: int, rows: int, data: bytes, stride: int) -> Image.Image:
    return Image.frombytes(mode, (width, rows), data, "raw", raw, stride, 1)


def _joined(parts: list[Image.Image], stored: Stored) -> Image.Image:
    if len(parts) == 1:
        return parts[0]
    whole = Image.new("RGBA", (stored.width, stored.height))
    top = 0
    for part in parts:
        whole.paste(part, (0, top))
        top += part.height
    return whole
