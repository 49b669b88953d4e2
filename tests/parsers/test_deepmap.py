import contextlib
import random
import struct

import lzfse  # type: ignore[import-untyped]  # a C extension without stubs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.parsers.apple_compression import CompressionUnreadable
from seatrial.parsers.deepmap import Budget, decode

PLAIN, PREDICTED, PACKED, COLOURS = 1, 2, 3, 4
WIDTH, HEIGHT = 19, 11


def noise(channels: int, seed: int = 7) -> bytes:
    """Make pixels with some structure, so that predictors have something to foresee."""
    chance = random.Random(seed)
    return bytes(
        (5 * x + 9 * y + 40 * c + chance.randrange(8)) % 256
        for y in range(HEIGHT)
        for x in range(WIDTH)
        for c in range(channels)
    )


def wrapped(method: int, stored: int, payload: bytes, scale: int = 0, height: int = HEIGHT) -> bytes:
    body = struct.pack("<4s4B2H", b"dmp2", method, scale, 10, stored, WIDTH, height) + payload
    return struct.pack("<2LQ", 1, stored, len(body)) + body


def full(pixels: bytes, channels: int) -> bytes:
    """Write any pixels as blue, green, red, alpha."""
    found = bytearray()
    for at in range(0, len(pixels), channels):
        pixel = pixels[at : at + channels]
        found += {1: pixel * 3 + b"\xff", 2: pixel[:1] * 3 + pixel[1:], 3: pixel + b"\xff", 4: pixel}[channels]
    return bytes(found)


def predicted(pixels: bytes, channels: int, predictors: list[int]) -> bytes:
    """Turn blue, green, red (or grey) into planes of differences from what each row's predictor foresees."""
    components = 1 if channels <= 2 else 3
    rows: list[list[int]] = []
    alpha = bytearray()
    for y in range(HEIGHT):
        row: list[int] = []
        for x in range(WIDTH):
            pixel = pixels[(y * WIDTH + x) * channels :][:channels]
            if components == 1:
                row.append(pixel[0])
            else:
                blue, green, red = pixel[:3]
                first = blue - red
                base = red + toward_zero(first)
                second = green - base
                row += [base + toward_zero(second), first, second]
            if channels in {2, 4}:
                alpha.append(pixel[-1])
        rows.append(row)
    coded: list[int] = []
    for y, row in enumerate(rows):
        above = rows[y - 1] if y else [0] * len(row)
        for i, value in enumerate(row):
            difference = value - foreseen(predictors[y], row, above, i, components)
            coded.append(abs(difference) << 1 | (difference < 0))
    planes = bytes(alpha) + bytes(predictors) + bytes(c >> 8 for c in coded) + bytes(c & 0xFF for c in coded)
    return planes + bytes(-len(planes) % 16)


def foreseen(predictor: int, row: list[int], above: list[int], i: int, components: int) -> int:
    left = row[i - components] if i >= components else 0
    if predictor == 1 and i >= components:
        base = i - i % components
        corner = above[base - components]
        nearer = abs(above[base] - corner) <= abs(row[base - components] - corner)
        return left if nearer else above[i]
    if predictor == 4 and i >= components:
        return toward_zero(left + above[i] + 1)
    return {0: 0, 1: above[i], 2: left, 3: above[i], 4: above[i]}[predictor]


def toward_zero(value: int) -> int:
    return int(value / 2)


def read(data: bytes, channels: int = 0) -> bytes:
    return decode(data, WIDTH, HEIGHT, channels, Budget()).data


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_plain_and_packed_pixels_are_read(channels: int) -> None:
    pixels = noise(channels)
    assert read(wrapped(PLAIN, channels, pixels)) == full(pixels, channels)
    assert read(wrapped(PACKED, channels, lzfse.compress(pixels))) == full(pixels, channels)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("predictor", [0, 1, 2, 3, 4, None])
def test_predicted_pixels_are_read(channels: int, predictor: int | None) -> None:
    pixels = noise(channels)
    predictors = [y % 5 if predictor is None else predictor for y in range(HEIGHT)]
    planes = lzfse.compress(predicted(pixels, channels, predictors))
    assert read(wrapped(PREDICTED, channels, planes)) == full(pixels, channels)


def test_parts_below_each_other_are_put_together() -> None:
    pixels = noise(4)
    rows = [pixels[: 6 * WIDTH * 4], pixels[6 * WIDTH * 4 :]]
    parts = [lzfse.compress(each) for each in rows]
    payload = b"".join(struct.pack("<L", len(part)) + part for part in parts)
    assert read(wrapped(PACKED, 4, payload, height=6)) == pixels


@pytest.mark.parametrize("with_alpha", [False, True])
def test_palettes_are_looked_up(with_alpha: bool) -> None:
    table = bytes(range(40, 80))  # ten colours of four bytes
    numbers = bytes(n % 10 for n in range(WIDTH * HEIGHT))
    alpha = bytes(n % 256 for n in range(WIDTH * HEIGHT)) if with_alpha else b""
    payload = struct.pack("<2H", 10, 3 if with_alpha else 4) + table + lzfse.compress(alpha + numbers)
    meant = bytearray(b"".join(table[n * 4 : n * 4 + 4] for n in numbers))
    if with_alpha:
        meant[3::4] = alpha
    assert read(wrapped(COLOURS, 4, payload)) == meant


def test_grids_of_tiles_are_put_together() -> None:
    pixels = noise(4)
    columns, rows = (0, 12, WIDTH), (0, 5, HEIGHT)
    body = b""
    for row in (1, 0):  # in no order
        for column in (0, 1):
            left, right, top, bottom = columns[column], columns[column + 1], rows[row], rows[row + 1]
            part = b"".join(pixels[(y * WIDTH + left) * 4 : (y * WIDTH + right) * 4] for y in range(top, bottom))
            image = struct.pack("<4s4B2H", b"dmp2", PLAIN, 0, 10, 4, right - left, bottom - top) + part
            body += struct.pack("<4s4L", b"KCBC", column, row, 0, 20 + len(image)) + image
    assert read(struct.pack("<2LQ", 1, 4, len(body)) + body) == pixels


def test_the_older_form_has_tiles_of_256() -> None:
    width, height = 300, 4
    pixels = bytes((x * 3 + y) % 256 for y in range(height) for x in range(width * 4))
    payload = b""
    for left, right in ((0, 256), (256, 300)):
        part = lzfse.compress(b"".join(pixels[(y * width + left) * 4 : (y * width + right) * 4] for y in range(height)))
        payload += struct.pack("<L", len(part)) + part
    body = struct.pack("<4s4B", b"dmap", PACKED, 0, 10, 4) + payload
    data = struct.pack("<2LQ", 1, 4, len(body)) + body
    assert decode(data, width, height, 4, Budget()).data == pixels


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(40),
        wrapped(PREDICTED, 4, b"junk" * 9),
        wrapped(9, 4, lzfse.compress(noise(4))),
        wrapped(PACKED, 0x14, lzfse.compress(noise(4))),
        wrapped(
            PREDICTED,
            4,
            lzfse.compress(predicted(noise(4), 4, [0] * HEIGHT).replace(bytes([0] * HEIGHT), b"\x09" * 11)),
        ),
        wrapped(PACKED, 4, lzfse.compress(bytes(1 << 20))),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes) -> None:
    with pytest.raises(CompressionUnreadable):
        read(data)


def test_what_would_take_too_long_is_refused() -> None:
    planes = lzfse.compress(predicted(noise(4), 4, [2] * HEIGHT))
    with pytest.raises(CompressionUnreadable, match="too long"):
        decode(wrapped(PREDICTED, 4, planes), WIDTH, HEIGHT, 4, Budget(WIDTH))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_changed_bytes_give_pixels_or_a_refusal(data: st.DataObject) -> None:
    changed = bytearray(data.draw(st.sampled_from(_SAMPLES)))
    for at in data.draw(st.lists(st.integers(0, len(changed) - 1), min_size=1, max_size=8)):
        changed[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(CompressionUnreadable):
        assert len(read(bytes(changed))) == WIDTH * HEIGHT * 4


_SAMPLES = [
    wrapped(PREDICTED, 4, lzfse.compress(predicted(noise(4), 4, [y % 5 for y in range(HEIGHT)]))),
    wrapped(PACKED, 2, lzfse.compress(noise(2))),
    wrapped(COLOURS, 4, struct.pack("<2H", 2, 3) + bytes(8) + lzfse.compress(bytes(2 * WIDTH * HEIGHT))),
]
