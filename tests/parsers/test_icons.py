import contextlib
import io
import struct
import zlib

import pytest
from PIL import Image

from seatrial.parsers.icons import MAX_BYTES, IconUnreadable, as_png


def picture(kind: str, size: tuple[int, int], mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, (20, 120, 130, 128)[: len(mode)]).save(out, kind, **options)
    return out.getvalue()


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    image.load()
    assert image.format == "PNG"
    return image


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_common_formats_become_png(kind: str) -> None:
    assert opened(as_png(picture(kind, (96, 48)))).size == (96, 48)


def test_large_pictures_shrink_and_keep_their_shape() -> None:
    assert opened(as_png(picture("PNG", (2048, 1024)))).size == (512, 256)
    assert opened(as_png(picture("PNG", (300, 300)), max_side=128)).size == (128, 128)


def test_transparency_is_kept() -> None:
    assert opened(as_png(picture("PNG", (8, 8), "RGBA"))).getpixel((4, 4)) == (20, 120, 130, 128)


def test_palette_transparency_is_kept() -> None:
    palette = Image.new("P", (8, 8), 0)
    palette.putpalette([9, 9, 9, 200, 10, 10])
    out = io.BytesIO()
    palette.save(out, "PNG", transparency=0)
    assert opened(as_png(out.getvalue())).getpixel((0, 0)) == (9, 9, 9, 0)


def test_a_photograph_is_turned_upright_and_loses_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn by 90 degrees"
    exif[0x010E] = "at home"
    upright = as_png(picture("JPEG", (60, 30), exif=exif))
    assert opened(upright).size == (30, 60)
    assert b"at home" not in upright


@pytest.mark.parametrize(("width", "height"), [(100_000, 100_000), (5000, 5000), (2**31 - 1, 1)])
def test_a_pixel_bomb_is_refused_by_its_header(width: int, height: int) -> None:
    with pytest.raises(IconUnreadable, match="pixels"):
        as_png(png_header(width, height))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"GIF89a" + bytes(100),
        b"\x89PNG\r\n\x1a\n",
        png_header(0, 0),
        picture("PNG", (64, 64))[:60],
        picture("WEBP", (64, 64))[:-30],
        picture("JPEG", (64, 64))[:200],
        b"RIFF\x10\0\0\0WEBPVP8 " + bytes(20),
        bytes(MAX_BYTES + 1),
    ],
    ids=lambda data: repr(data[:12]),
)
def test_broken_pictures_are_refused(data: bytes) -> None:
    with pytest.raises(IconUnreadable) as caught:
        as_png(data)
    assert caught.value.reason


def test_no_single_changed_byte_lets_another_error_out() -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    for kind in ("PNG", "JPEG", "WEBP"):
        good = picture(kind, (12, 12), exif=exif)
        for place in range(len(good)):
            for value in (0x00, 0xFF, good[place] ^ 0x10):
                changed = good[:place] + bytes([value]) + good[place + 1 :]
                with contextlib.suppress(IconUnreadable):
                    assert max(opened(as_png(changed)).size) <= 512
