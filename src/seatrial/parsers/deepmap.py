"""Deepmap, the picture compression of newer asset catalogues: planes of predicted colours under LZFSE or LZVN.

No specification is public; the layout is what independent readers of asset catalogues have found out. Numbers are
little-endian. A wrapper of 16 bytes (version 1, pixel format, length) holds an image `dmp2`, or `dmap` in its older
form with tiles of 256 x 256, or a grid of `KCBC` tiles. Methods: 1 plain pixels, 2 predicted colours, 3 packed pixels,
4 a palette.
"""

import struct
from collections.abc import Iterator
from itertools import accumulate
from operator import add
from typing import NamedTuple

from seatrial.parsers.apple_compression import CompressionUnreadable, unpacked

MAX_PREDICTED = 1 << 20
"""Pixels of predicted colours in all pictures that are tried: they are put together one by one, in about a second."""
MAX_PIXELS = 4 << 20
MAX_TILES = 4_096

_PLAIN, _PREDICTED, _PACKED, _PALETTE = 1, 2, 3, 4
_OLD_TILE = 256
_WITH_ALPHA = {2, 4}


class Pixels(NamedTuple):
    """Pixels by rows without gaps: one byte grey, two grey and alpha, three or four blue, green, red, alpha."""

    channels: int
    data: bytes


class Budget:
    """How many pixels of predicted colours may still be put together."""

    def __init__(self, pixels: int = MAX_PREDICTED) -> None:
        self.pixels = pixels

    def spend(self, pixels: int) -> None:
        """Take pixels off; raise `CompressionUnreadable` where there are not enough left."""
        if pixels > self.pixels:
            raise CompressionUnreadable("it takes too long to unpack")
        self.pixels -= pixels


class Canvas:
    """A picture of blue, green, red, alpha that is filled in pieces."""

    def __init__(self, width: int, height: int, budget: Budget) -> None:
        self.width, self.height, self.budget = width, height, budget
        self.data = bytearray(width * height * 4)

    def put(self, x: int, y: int, width: int, pixels: Pixels) -> int:
        """Place a piece, as far as it fits; give the number of its rows."""
        rows = min(len(pixels.data) // max(width * pixels.channels, 1), self.height - y)
        width_here = min(width, self.width - x)
        full = _four_channels(pixels)
        for row in range(rows):
            at = ((y + row) * self.width + x) * 4
            self.data[at : at + width_here * 4] = full[row * width * 4 : (row * width + width_here) * 4]
        return rows


def _four_channels(pixels: Pixels) -> bytes:
    source, count = pixels.data, len(pixels.data) // pixels.channels
    if pixels.channels == 4:
        return source
    full = bytearray(b"\xff") * (count * 4)
    for channel in range(3):
        full[channel::4] = source[(0 if pixels.channels < 3 else channel) :: pixels.channels][:count]
    if pixels.channels == 2:
        full[3::4] = source[1::2][:count]
    return bytes(full)


class _Header(NamedTuple):
    method: int
    scale: int
    channels: int
    width: int
    height: int
    palette: bytes
    palette_has_alpha_plane: bool
    body: bytes


def decode(data: bytes, width: int, height: int, channels: int, budget: Budget) -> Pixels:
    """Unpack a wrapped image into blue, green, red, alpha; `channels` is what the catalogue says that it has.

    Raise `CompressionUnreadable`. The size is the caller's to bound.
    """
    try:
        canvas = Canvas(width, height, budget)
        body = data[16:]
        if body.startswith(b"KCBC"):
            _tiles(canvas, body, channels)
        elif body.startswith(b"dmap"):
            _old(canvas, body)
        else:
            _image(canvas, 0, 0, _header(body, channels), canvas.height)
    except (struct.error, IndexError):
        raise CompressionUnreadable("its data are cut off") from None
    return Pixels(4, bytes(canvas.data))


def _header(data: bytes, channels: int) -> _Header:
    if not data.startswith(b"dmp2"):
        raise CompressionUnreadable("it is of an unknown kind")
    method, scale, _, stored, width, height = struct.unpack_from("<4B2H", data, 4)
    if stored not in {1, 2, 3, 4}:
        raise CompressionUnreadable("it has more than eight bits per colour")
    if width * height > MAX_PIXELS:
        raise CompressionUnreadable(f"it is {width} x {height} pixels")
    palette, alpha, start = b"", False, 12
    if method == _PALETTE:
        count, kind = struct.unpack_from("<2H", data, 12)
        palette, alpha = data[16 : 16 + 4 * count], kind == 3
        start = 16 + 4 * count
    return _Header(method, scale, channels or stored, width, height, palette, alpha, data[start:])


def _image(canvas: Canvas, x: int, y: int, header: _Header, height: int) -> None:
    """Put the parts of an image below each other; the header's height is that of one part."""
    rows_left = min(height, canvas.height - y)
    if header.method == _PLAIN:
        canvas.put(x, y, header.width, Pixels(header.channels, header.body))
        return
    if header.method == _PALETTE:
        planes = b"".join(unpacked(part, 2 * MAX_PIXELS) for part in _parts(header.body))
        canvas.put(x, y, header.width, _coloured(planes, header))
        return
    for part in _parts(header.body):
        if rows_left <= 0:
            return
        pixels = _unpack(header, part, rows_left, canvas.budget)
        rows = canvas.put(x, y, header.width, pixels)
        if rows == 0:
            return
        y += rows
        rows_left -= rows


def _unpack(header: _Header, part: bytes, rows: int, budget: Budget) -> Pixels:
    width, count = header.width, header.width * header.height
    if header.method == _PACKED:
        return Pixels(header.channels, unpacked(part, count * header.channels))
    if header.method != _PREDICTED:
        raise CompressionUnreadable("it is packed by an unknown method")
    per_row = 1 + width * (2 if header.channels <= 2 else 6) + (width if header.channels in _WITH_ALPHA else 0)
    planes = unpacked(part, per_row * header.height + 15)
    # The planes of the last rows can be padded to 16 bytes, which for narrow pictures is as long as a row.
    stored = len(planes) // per_row
    expected = min(stored, header.height)
    if (expected * per_row + 15) & ~15 == len(planes):
        stored = expected
    budget.spend(width * min(stored, rows))
    return _predicted(planes, width, stored, min(stored, rows), header.channels, header.scale)


def _parts(data: bytes) -> list[bytes]:
    """Split a list of streams, each behind its length; one bare stream is a list of itself."""
    parts: list[bytes] = []
    at = 0
    while at + 4 <= len(data):
        length = int.from_bytes(data[at : at + 4], "little")
        if not 0 < length <= len(data) - at - 4 or len(parts) == MAX_TILES:
            return [data]
        parts.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return parts if at == len(data) and parts else [data]


def _coloured(planes: bytes, header: _Header) -> Pixels:
    """Look the colours up; the alpha of each pixel can stand before the numbers of the colours."""
    half = len(planes) // 2 if header.palette_has_alpha_plane else 0
    indices, table = planes[half:], header.palette[:1024].ljust(1024, b"\0")
    data = bytearray(len(indices) * 4)
    for channel in range(4):
        data[channel::4] = indices.translate(table[channel::4])
    if half:
        data[3::4] = planes[:half].ljust(len(indices), b"\xff")
    return Pixels(4, bytes(data))


def _tiles(canvas: Canvas, data: bytes, channels: int) -> None:
    """Read a grid: each tile tells its column and row, and its image how large the tile is."""
    tiles: dict[tuple[int, int], _Header] = {}
    at = 0
    while data[at : at + 4] == b"KCBC" and len(tiles) < MAX_TILES:
        column, row, _, length = struct.unpack_from("<4L", data, at + 4)
        if length < 20:
            raise CompressionUnreadable("a tile of it has no length")
        body = data[at + 20 : at + length]
        tiles[column, row] = _header(body[16:] if body[16:20] == b"dmp2" else body, channels)
        at += length
    lefts = _starts({column: tile.width for (column, _), tile in tiles.items()})
    tops = _starts({row: tile.height for (_, row), tile in tiles.items()})
    for (column, row), tile in tiles.items():
        if lefts[column] < canvas.width and tops[row] < canvas.height:
            _image(canvas, lefts[column], tops[row], tile, tile.height)


def _starts(sizes: dict[int, int]) -> dict[int, int]:
    order = sorted(sizes)
    ends = accumulate(sizes[number] for number in order)
    return {number: end - sizes[number] for number, end in zip(order, ends, strict=True)}


def _old(canvas: Canvas, data: bytes) -> None:
    """Read the older form, whose tiles follow each other by rows, each behind its length."""
    method, scale, _, channels = data[4], data[5], data[6], data[7]
    if channels not in {1, 2, 3, 4}:
        raise CompressionUnreadable("it has more than eight bits per colour")
    body, palette = data[8:], b""
    if method == _PLAIN:
        canvas.put(0, 0, canvas.width, Pixels(channels, body))
        return
    if method == _PALETTE:
        count = int.from_bytes(body[:2], "little")
        palette, body = body[4 : 4 + 4 * count], body[4 + 4 * count :]
    at = 0
    for x, y, width, height in _old_tiles(canvas):
        length = int.from_bytes(body[at : at + 4], "little")
        header = _Header(method, scale, channels, width, height, palette, method == _PALETTE, b"")
        part = body[at + 4 : at + 4 + length]
        if method == _PALETTE:
            canvas.put(x, y, width, _coloured(unpacked(part, 2 * width * height), header))
        else:
            canvas.put(x, y, width, _unpack(header, part, height, canvas.budget))
        at += 4 + length


def _old_tiles(canvas: Canvas) -> Iterator[tuple[int, int, int, int]]:
    for y in range(0, canvas.height, _OLD_TILE):
        for x in range(0, canvas.width, _OLD_TILE):
            yield x, y, min(_OLD_TILE, canvas.width - x), min(_OLD_TILE, canvas.height - y)


def _predicted(planes: bytes, width: int, stored: int, rows: int, channels: int, scale: int) -> Pixels:
    """Undo the prediction of each row, then the turn of the colours into luma and two differences.

    Planes: alpha of all pixels, the predictor of each row, then the high and the low bytes of the differences.
    """
    components = 1 if channels <= 2 else 3
    alpha = width * stored if channels in _WITH_ALPHA else 0
    stride = width * components
    high = alpha + stored
    low = high + stride * stored
    data = bytearray(b"\xff") * (width * rows * (2 if components == 1 else 4))
    above = [0] * stride
    for row in range(rows):
        start = row * stride
        coded = bytearray(2 * stride)
        coded[0::2] = planes[low + start : low + start + stride]
        coded[1::2] = planes[high + start : high + start + stride]
        # The lowest bit is the sign.
        differences = [-(value >> 1) if value & 1 else value >> 1 for value in struct.unpack(f"<{stride}H", coded)]
        above = _row(planes[alpha + row], differences, above, components)
        at = row * width * (2 if components == 1 else 4)
        _paint(data, at, above, scale, components)
    step = 2 if components == 1 else 4
    if alpha:
        data[step - 1 :: step] = planes[: width * rows]
    return Pixels(step, bytes(data))


def _row(predictor: int, differences: list[int], above: list[int], components: int) -> list[int]:
    """Add to each difference what its predictor foresees: 0 nothing, 2 left, 3 above, 1 either, 4 their mean."""
    if predictor == 0:
        return differences
    if predictor == 2:
        found = [0] * len(differences)
        for channel in range(components):
            found[channel::components] = accumulate(differences[channel::components])
        return found
    if predictor == 3:
        return list(map(add, differences, above))
    if predictor == 4:
        return _mean_row(differences, above, components)
    if predictor == 1:
        return _either_row(differences, above, components)
    raise CompressionUnreadable("a row of it has an unknown predictor")


def _mean_row(differences: list[int], above: list[int], components: int) -> list[int]:
    found = list(map(add, differences[:components], above))
    for index in range(components, len(differences)):
        found.append(differences[index] + _half(found[index - components] + above[index] + 1))
    return found


def _either_row(differences: list[int], above: list[int], components: int) -> list[int]:
    """Choose left or above for a whole pixel, by what the first component says."""
    found = list(map(add, differences[:components], above))
    for base in range(components, len(differences), components):
        left = base - components
        corner = above[left]
        take_left = abs(above[base] - corner) <= abs(found[left] - corner)
        source = found[left:base] if take_left else above[base : base + components]
        found += map(add, differences[base : base + components], source)
    return found


def _paint(data: bytearray, at: int, row: list[int], scale: int, components: int) -> None:
    """Write a row of values as bytes, turning luma and differences into blue, green, red."""
    if components == 1:
        data[at : at + 2 * len(row) : 2] = bytes([value & 0xFF for value in row])
        return
    factor = 2 if scale else 1
    firsts, seconds = ([value * factor for value in row[start::3]] for start in (1, 2))
    bases = [luma - _half(second) for luma, second in zip(row[0::3], seconds, strict=True)]
    reds = [base - _half(first) for base, first in zip(bases, firsts, strict=True)]
    end = at + len(row) // 3 * 4
    data[at:end:4] = _bytes(list(map(add, reds, firsts)))
    data[at + 1 : end : 4] = _bytes(list(map(add, bases, seconds)))
    data[at + 2 : end : 4] = _bytes(reds)


def _half(value: int) -> int:
    """Divide by two towards zero, as processors do it."""
    return (value + (value < 0)) >> 1


def _bytes(values: list[int]) -> bytes:
    try:
        return bytes(values)
    except ValueError:  # few rows have values that rounding has moved out of range
        return bytes([0 if value < 0 else min(value, 255) for value in values])
