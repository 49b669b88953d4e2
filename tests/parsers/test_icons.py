import contextlib
import io
import struct
import zlib

import pytest
from PIL import Image

from seatrial.parsers.icons import IconUnreadable, as_png, unpacked_png
from seatrial.parsers.limits import ParserLimits


def picture(kind: str, size: tuple[int, int], mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, (20, 120, 130, 128)[: len(mode)]).save(out, kind, **options)
    return out.getvalue()


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    image.load()
    assert image.format == "PNG"
    return image


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int, colours: int = 6) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


PALETTE_LEFT_OUT = png_header(8, 8, 3)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_common_formats_become_png(kind: str) -> None:
    assert opened(as_png(picture(kind, (96, 48)))).size == (96, 48)


def test_large_pictures_shrink_and_keep_their_shape() -> None:
    assert opened(as_png(picture("PNG", (2048, 1024)))).size == (512, 256)
    assert opened(as_png(picture("PNG", (300, 300)), max_side=128)).size == (128, 128)


def test_pictures_far_too_large_keep_colours_shape_and_direction() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn by 90 degrees"
    shown = opened(as_png(picture("JPEG", (3000, 1500), exif=exif)))
    assert shown.size == (256, 512)
    red, green, blue = shown.convert("RGB").getpixel((100, 100))  # type: ignore[misc]  # a colour, for this mode
    assert abs(red - 20) + abs(green - 120) + abs(blue - 130) < 9  # JPEG is not exact
    shown = opened(as_png(picture("PNG", (2600, 1300), "RGBA")))
    assert shown.size == (512, 256)
    assert shown.getchannel("A").getextrema() == (128, 128)
    palette = Image.new("P", (1400, 1400), 1)
    palette.putpalette([9, 9, 9, 200, 10, 10])
    out = io.BytesIO()
    palette.save(out, "PNG", transparency=0)
    assert opened(as_png(out.getvalue())).getpixel((0, 0)) == (200, 10, 10, 255)


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
        PALETTE_LEFT_OUT,
        bytes(ParserLimits().icon_bytes + 1),
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


def ico(*entries: tuple[bytes, int]) -> bytes:
    """Put pictures with their declared depths into an icon file; the sides in its directory are all wrong."""
    directory = struct.pack("<3H", 0, 1, len(entries))
    offset = 6 + 16 * len(entries)
    for data, depth in entries:
        directory += struct.pack("<4B2H2L", 1, 1, 0, 0, 1, depth, len(data), offset)
        offset += len(data)
    return directory + b"".join(data for data, _ in entries)


def bitmap(side: int, pixel: bytes, mask: int = 0x00) -> bytes:
    """A square bitmap of 24 or 32 bits as icon files have it: twice as high as it is, for the mask below it."""
    row = pixel * side + bytes(-len(pixel) * side % 4)
    mask_row = bytes([mask]) * ((side + 31) // 32 * 4)
    header = struct.pack("<L2l2H6L", 40, side, side * 2, 1, len(pixel) * 8, 0, 0, 0, 0, 0, 0)
    return header + row * side + mask_row * side


def icns(**blocks: bytes) -> bytes:
    body = b"".join(code.encode() + struct.pack(">I", len(data) + 8) + data for code, data in blocks.items())
    return b"icns" + struct.pack(">I", len(body) + 8) + body


BLUE, CLEAR_BLUE = b"\xff\0\0\xff", b"\xff\0\0\x40"


def test_of_an_icon_file_the_largest_picture_is_taken() -> None:
    small, large = picture("PNG", (16, 16)), picture("PNG", (64, 64), "RGBA")
    assert opened(as_png(ico((small, 32), (large, 32)))).size == (64, 64)
    assert opened(as_png(ico((bitmap(48, BLUE), 32), (small, 32)))).size == (48, 48)


def test_bitmaps_keep_their_colours_and_their_transparency() -> None:
    assert opened(as_png(ico((bitmap(32, CLEAR_BLUE), 32)))).getpixel((1, 1)) == (0, 0, 255, 0x40)
    opaque = opened(as_png(ico((bitmap(20, b"\xff\0\0"), 24)))).convert("RGBA")
    assert opaque.getpixel((1, 1)) == (0, 0, 255, 255)
    masked = opened(as_png(ico((bitmap(20, b"\xff\0\0", mask=0xFF), 24))))
    assert masked.mode == "RGB" or masked.getpixel((1, 1)) == (0, 0, 255, 0)


def test_a_bitmap_whose_alpha_was_never_written_is_opaque() -> None:
    assert opened(as_png(ico((bitmap(32, b"\0\0\xff\0"), 32)))).convert("RGBA").getpixel((0, 0)) == (255, 0, 0, 255)


def test_of_two_depths_the_deeper_one_is_taken() -> None:
    shallow, deep = bitmap(16, b"\0\xff\0"), bitmap(16, BLUE)
    assert opened(as_png(ico((shallow, 24), (deep, 32)))).convert("RGB").getpixel((1, 1)) == (0, 0, 255)


def test_a_broken_picture_of_an_icon_file_gives_way_to_the_next() -> None:
    good = picture("PNG", (16, 16))
    assert opened(as_png(ico((png_header(256, 256)[:60], 32), (good, 32)))).size == (16, 16)
    assert opened(as_png(ico((png_header(100_000, 100_000), 32), (good, 32)))).size == (16, 16)
    assert opened(as_png(ico((bitmap(1, BLUE)[:4] + b"\xff\xff\xff\x7f" + bytes(40), 32), (good, 32)))).size == (16, 16)


def test_an_icon_file_of_the_library_becomes_png() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (256, 256), (20, 120, 130, 128)).save(out, "ICO", bitmap_format="bmp", sizes=[(256, 256)])
    shown = opened(as_png(out.getvalue()))
    assert (shown.size, shown.getpixel((9, 9))) == ((256, 256), (20, 120, 130, 128))


def test_apple_icons_become_png() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (1024, 1024), (20, 120, 130, 128)).save(out, "ICNS")
    shown = opened(as_png(out.getvalue()))
    assert (shown.size, shown.getchannel("A").getextrema()) == ((512, 512), (128, 128))


def test_run_length_coded_apple_icons_are_read_with_their_mask() -> None:
    run = bytes([0xFF])  # 130 times the next byte
    channels = b"".join((run + value) * 126 + bytes([0x80 + 1]) + value for value in (b"\x0a", b"\x14", b"\x1e"))
    packed = icns(it32=bytes(4) + channels, t8mk=bytes([77]) * 128 * 128)
    assert opened(as_png(packed)).getpixel((64, 64)) == (10, 20, 30, 77)
    stored = icns(is32=bytes([1, 2, 3]) * 256)
    assert opened(as_png(stored)).convert("RGB").getpixel((15, 15)) == (1, 2, 3)
    literal = b"\x7f" + bytes([9]) * 128
    assert opened(as_png(icns(ic04=b"ARGB" + literal * 8))).getpixel((3, 3)) == (9, 9, 9, 9)


def test_jpeg_2000_inside_apple_icons_is_passed_over() -> None:
    out = io.BytesIO()
    Image.new("RGB", (256, 256)).save(out, "JPEG2000")
    assert opened(as_png(icns(ic08=out.getvalue(), ic11=picture("PNG", (32, 32))))).size == (32, 32)
    with pytest.raises(IconUnreadable):
        as_png(icns(ic08=out.getvalue()))


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0\1\0",
        b"\0\0\1\0\xff\xff" + bytes(100),
        ico((png_header(5000, 5000), 32)),
        ico((b"", 32)),
        ico((bitmap(32, BLUE)[:80], 32)),
        b"icns",
        b"icns\0\0\0\x10ic08\0\0\0\0",
        icns(it32=bytes(4) + b"\xff"),
        icns(ic10=png_header(100_000, 100_000)),
    ],
    ids=lambda data: repr(data[:28]),
)
def test_broken_icon_files_are_refused(data: bytes) -> None:
    with pytest.raises(IconUnreadable) as caught:
        as_png(data)
    assert caught.value.reason


def test_no_changed_byte_of_an_icon_file_lets_another_error_out() -> None:
    for good in (
        ico((bitmap(8, BLUE), 32), (picture("PNG", (12, 12)), 32)),
        icns(is32=b"\xff\1" * 6, ic07=png_header(9, 9)),
    ):
        for place in range(len(good)):
            for value in (0x00, 0xFF, good[place] ^ 0x10):
                with contextlib.suppress(IconUnreadable):
                    assert max(opened(as_png(good[:place] + bytes([value]) + good[place + 1 :])).size) <= 512


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_pictures_handed_on_keep_each_pixel(mode: str) -> None:
    made = Image.frombytes(mode, (5, 3), bytes(range(15 * len(mode))))
    again = opened(unpacked_png(made))
    assert (again.mode, again.size, again.tobytes()) == (mode, (5, 3), made.tobytes())
