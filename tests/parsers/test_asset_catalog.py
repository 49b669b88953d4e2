import contextlib
import gzip
import io
import plistlib
import struct
import zipfile
import zlib

import lzfse  # type: ignore[import-untyped]  # a C extension without stubs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from seatrial.parsers.apple_compression import CompressionUnreadable, unpacked
from seatrial.parsers.asset_catalog import icon_from_catalog
from seatrial.parsers.bom import Bom, BomUnreadable
from seatrial.parsers.icons import IconUnreadable, as_png
from seatrial.parsers.ipa import parse_ipa
from tests.fixtures import apk_icon_drawing
from tests.parsers.car_files import ICON, Picture, bom, catalog, in_pieces, layers, link, packed
from tests.parsers.corpus_manifest import CORPUS
from tests.parsers.ipa_files import MINIMAL, ipa

PLAIN, ZIP, LZVN, LZFSE, JPEG, PALETTE, DEEPMAP = 0, 2, 3, 4, 5, 8, 11
SIDE = 24
DRAWN = apk_icon_drawing.draw(SIDE).convert("RGBA")
OPAQUE = 2


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGBA")


def icon(*pictures: Picture, names: tuple[str, ...] = ()) -> Image.Image:
    return opened(icon_from_catalog(catalog(*pictures), names))


def blue_first(picture: Image.Image, padding: int = 0) -> bytes:
    """Write pixels as catalogues have them: multiplied by alpha, blue first, rows padded."""
    red, green, blue, alpha = picture.convert("RGBa").split()
    pixels = Image.merge("RGBA", (blue, green, red, alpha)).tobytes()
    stride = picture.width * 4
    return b"".join(pixels[at : at + stride] + bytes(padding) for at in range(0, len(pixels), stride))


def same(found: Image.Image, meant: Image.Image, tolerance: int = 2) -> bool:
    """Compare on a ground, because the colours of what cannot be seen do not matter."""
    ground = Image.new("RGBA", meant.size, (90, 160, 200, 255))
    if found.size != meant.size:
        return False
    shown = (Image.alpha_composite(ground, each) for each in (found, meant))
    return max(ImageChops.difference(*shown).tobytes()) <= tolerance


def literal_lzvn(data: bytes) -> bytes:
    """Pack nothing: literals in runs of at most 271 bytes."""
    parts = (data[at : at + 271] for at in range(0, len(data), 271))
    codes = (bytes([0xE0 + len(p)]) if len(p) < 16 else bytes([0xE0, len(p) - 16]) for p in parts)
    runs = (data[at : at + 271] for at in range(0, len(data), 271))
    return b"".join(code + run for code, run in zip(codes, runs, strict=True)) + b"\x06" + bytes(7)


@pytest.mark.parametrize(
    ("compression", "pack"),
    [
        (PLAIN, bytes),
        (ZIP, zlib.compress),
        (ZIP, gzip.compress),
        (LZFSE, lzfse.compress),
        (LZVN, literal_lzvn),
    ],
)
@pytest.mark.parametrize("padding", [0, 32])
def test_packed_pixels_are_read_whatever_packs_them(compression: int, pack: object, padding: int) -> None:
    assert callable(pack)
    data = packed(compression, pack(blue_first(DRAWN, padding)))
    assert same(icon(Picture(SIDE, SIDE, data)), DRAWN)


def test_pictures_in_pieces_are_put_together() -> None:
    pixels, stride = blue_first(DRAWN), SIDE * 4
    pieces = [(10, lzfse.compress(pixels[: 10 * stride])), (14, lzfse.compress(pixels[10 * stride :]))]
    assert same(icon(Picture(SIDE, SIDE, in_pieces(LZFSE, pieces))), DRAWN)


def test_grey_wide_and_floating_pixels_are_read() -> None:
    grey = DRAWN.convert("RGBa").convert("RGBA").convert("LA")
    data = b"".join(
        bytes([level * alpha // 255, alpha]) for level, alpha in zip(*[iter(grey.tobytes())] * 2, strict=True)
    )
    assert same(icon(Picture(SIDE, SIDE, packed(PLAIN, data), b" 8AG")), grey.convert("RGBA"), 3)
    multiplied = DRAWN.convert("RGBa").tobytes()
    whole = struct.pack(f"<{len(multiplied)}H", *(value * 257 for value in multiplied))
    assert same(icon(Picture(SIDE, SIDE, packed(PLAIN, whole), b"WBGR")), DRAWN)
    floating = struct.pack(f"<{len(multiplied)}e", *(value / 255 for value in multiplied))
    assert same(icon(Picture(SIDE, SIDE, packed(PLAIN, floating), b"WBGR")), DRAWN)


@pytest.mark.parametrize("colours", [2, 4, 13, 200])
def test_palettes_are_looked_up(colours: int) -> None:
    width = 21  # no multiple of anything
    table = [(7 * n % 256, 11 * n % 256, 13 * n % 256) for n in range(colours)]
    numbers = [(x * 3 + y * 5) % colours for y in range(width) for x in range(width)]
    meant = Image.new("RGBA", (width, width))
    meant.putdata([(*table[n], 255) for n in numbers])
    bits = 1 if colours <= 2 else 2 if colours <= 4 else 4 if colours <= 16 else 8
    rows = b""
    for y in range(width):
        line = "".join(format(n, f"0{bits}b") for n in numbers[y * width : y * width + width])
        line = line.ljust((len(line) + 15) // 16 * 16, "0")
        rows += b"".join(struct.pack("<H", int(line[at : at + 16], 2)) for at in range(0, len(line), 16))
    data = struct.pack("<2LH", 0xCAFEF00D, 1, colours) + b"".join(bytes([255, *each]) for each in table) + rows
    assert same(icon(Picture(width, width, packed(PALETTE, lzfse.compress(data)))), meant, 0)


def test_jpeg_files_in_a_catalogue_are_read() -> None:
    out = io.BytesIO()
    DRAWN.convert("RGB").save(out, "JPEG", quality=95)
    raw = struct.pack("<4s2L", b"DWAR", 0, len(out.getvalue())) + out.getvalue()
    assert icon(Picture(0, 0, raw, b"GEPJ")).size == (SIDE, SIDE)
    assert icon(Picture(SIDE, SIDE, packed(JPEG, lzfse.compress(out.getvalue())))).size == (SIDE, SIDE)


def test_opaque_pictures_have_no_transparency() -> None:
    data = packed(PLAIN, blue_first(Image.new("RGBA", (8, 8), (10, 20, 30, 255))), OPAQUE)
    assert icon(Picture(8, 8, data)).getpixel((3, 3)) == (10, 20, 30, 255)


def test_small_icons_are_cut_out_of_the_picture_that_holds_them() -> None:
    holder = Image.new("RGBA", (60, 40), "white")
    holder.paste(DRAWN, (30, 40 - SIDE - 4))  # four pixels above the bottom
    sheet = Picture(60, 40, packed(PLAIN, blue_first(holder)), identifier=0, part=181, layout=1004)
    key = {1: 85, 2: 181, 12: 1, 0: 0}
    part = Picture(SIDE, SIDE, b"", layout=1003, properties=link(30, 4, SIDE, SIDE, key))
    assert same(icon(sheet, part), DRAWN)


@pytest.mark.parametrize("box", [(50, 0, 24, 24), (0, 30, 24, 24), (0, 0, 0, 0)])
def test_places_outside_of_the_holder_are_refused(box: tuple[int, int, int, int]) -> None:
    sheet = Picture(60, 40, packed(PLAIN, bytes(60 * 40 * 4)), identifier=0, part=181, layout=1004)
    part = Picture(SIDE, SIDE, b"", layout=1003, properties=link(*box, {1: 85, 2: 181, 12: 1}))
    with pytest.raises(IconUnreadable):
        icon(sheet, part)


def plain(side: int, colour: str, appearance: int = 0, part: int = 220, identifier: int = ICON) -> Picture:
    data = packed(LZFSE, lzfse.compress(blue_first(Image.new("RGBA", (side, side), colour))))
    return Picture(side, side, data, appearance=appearance, part=part, identifier=identifier)


def test_the_picture_that_fits_best_is_taken() -> None:
    light = [plain(side, "navy") for side in (16, 64, 128)]
    assert icon(*light).size == (128, 128)
    assert icon(*light, plain(1024, "navy")).size == (512, 512)
    assert icon(*light, plain(256, "black", appearance=1)).getpixel((9, 9)) == (0, 0, 128, 255)
    assert icon(*light, plain(256, "black", part=209)).size == (128, 128)


def test_layers_are_put_above_each_other() -> None:
    front = Image.new("RGBA", (40, 40))
    front.paste("red", (10, 10, 30, 30))
    stack = Picture(40, 40, struct.pack("<4s2L", b"DWAR", 0, 0), b"ATAD", layout=1002, properties=layers(5, 6))
    above = Picture(40, 40, packed(PLAIN, blue_first(front)), identifier=6)
    found = icon(stack, above, plain(40, "navy", identifier=5))
    assert (found.getpixel((2, 2)), found.getpixel((20, 20))) == ((0, 0, 128, 255), (255, 0, 0, 255))


def test_a_broken_picture_gives_way_to_the_next_one() -> None:
    broken = Picture(512, 512, packed(LZFSE, b"bvx2junk"))
    assert icon(broken, plain(64, "navy")).size == (64, 64)


def test_the_name_that_info_plist_gives_comes_first() -> None:
    data = catalog(
        plain(32, "navy"), plain(48, "teal", identifier=7), names={"AppIcon": ICON, "Brand Assets": 7, "Other": 8}
    )
    assert opened(icon_from_catalog(data, ("Brand Assets",))).size == (48, 48)
    assert opened(icon_from_catalog(data, ("Other", "Nothing"))).size == (32, 32)


def test_a_catalogue_with_many_pages_is_read_to_its_end() -> None:
    others = [plain(8, "white", identifier=number) for number in range(20)]
    assert icon(*others, plain(40, "navy")).size == (40, 40)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"BOMStore" + bytes(40),
        b"BOMStore" + b"\xff" * 60,
        catalog(plain(8, "navy"))[:-300],
        catalog(names={}),
        catalog(),
        bom({}, {}),
        bom({"KEYFORMAT": b""}, {"FACETKEYS": [], "RENDITIONS": []}),
        catalog(Picture(0, 0, packed(PLAIN, b""))),
        catalog(Picture(60_000, 60_000, packed(PLAIN, b""))),
        catalog(Picture(8, 8, packed(PLAIN, bytes(7)))),
        catalog(Picture(8, 8, packed(9, bytes(256)))),
        catalog(Picture(8, 8, packed(PLAIN, bytes(256)), b"5BGR")),
        catalog(Picture(8, 8, in_pieces(PLAIN, [(4, bytes(128))]))),
        catalog(Picture(8, 8, in_pieces(PLAIN, [(9, bytes(288))]))),
        catalog(Picture(8, 8, b"", layout=1003)),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes) -> None:
    with pytest.raises(IconUnreadable):
        as_png(icon_from_catalog(data, ()))


def test_rings_of_pages_end() -> None:
    store = bytearray(bom({}, {"T": [(b"k", b"v")] * 6}))
    page = store.index(struct.pack(">2H", 1, 3))
    number = struct.unpack_from(">L", store, page + 4)[0]
    second = store.index(struct.pack(">2H", 1, 3), page + 1)
    struct.pack_into(">L", store, second + 4, number)
    assert len(list(Bom(bytes(store)).tree("T"))) <= 50_000


def test_apps_show_the_icon_of_their_catalogue() -> None:
    car = catalog(Picture(SIDE, SIDE, packed(LZFSE, lzfse.compress(blue_first(DRAWN)))), names={"App Icon": ICON})
    primary = {"CFBundleIcons": {"CFBundlePrimaryIcon": "App Icon"}, "CFBundleSupportedPlatforms": ["AppleTVOS"]}
    info = parse_ipa(ipa(MINIMAL | primary, {"Assets.car": car}))
    assert info.icon_png is not None
    assert same(opened(info.icon_png), DRAWN)
    assert info.icon_source == "Payload/Mini.app/Assets.car"


def test_a_watch_app_s_icon_stands_for_its_wrapping() -> None:
    car = catalog(plain(40, "teal"))
    watch = plistlib.dumps({"CFBundleIdentifier": "org.seatrial.watch", "CFBundleIconName": "AppIcon"})
    files = {"Watch/W.app/Info.plist": watch, "Watch/W.app/Assets.car": car}
    info = parse_ipa(ipa(MINIMAL | {"ITSWatchOnlyContainer": True}, files))
    assert info.device_families == ("watch",)
    assert info.icon_source == "Payload/Mini.app/Watch/W.app/Assets.car"


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_changed_bytes_give_a_picture_or_a_refusal(data: st.DataObject) -> None:
    changed = bytearray(data.draw(st.sampled_from(_SAMPLES)))
    for at in data.draw(st.lists(st.integers(0, len(changed) - 1), min_size=1, max_size=10)):
        changed[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(IconUnreadable):
        as_png(icon_from_catalog(bytes(changed), ()))


_PLAIN_SAMPLE = Picture(SIDE, SIDE, packed(LZFSE, lzfse.compress(blue_first(DRAWN))))
_SAMPLES = [
    catalog(_PLAIN_SAMPLE),
    catalog(Picture(SIDE, SIDE, packed(LZVN, literal_lzvn(blue_first(DRAWN))))),
    catalog(
        Picture(60, 40, packed(PLAIN, bytes(60 * 40 * 4)), identifier=0, part=181, layout=1004),
        Picture(8, 8, b"", layout=1003, properties=link(4, 4, 8, 8, {1: 85, 2: 181, 12: 1})),
    ),
]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=3_000))
def test_what_lzfse_packs_is_unpacked(data: bytes) -> None:
    if data:
        assert unpacked(lzfse.compress(data), 3_000) == data


@pytest.mark.parametrize(
    ("codes", "meant"),
    [
        (b"\xe3abc\x06" + bytes(7), b"abc"),
        (b"\x0e\x16\xe3abc\xf2\x06" + bytes(7), None),
        (b"\xd0\x06", None),
        (b"\xc8\x03abc\x06" + bytes(7), b"abcabca"),
        (b"\xc8\x03abc\xf2\x06" + bytes(7), b"abcabcabc"),
        (b"\x87\x02\0ab\x06" + bytes(7), b"ababa"),
        (b"\xb0\x04\0ab\x06" + bytes(7), b"ab" + b"b" * 3),
        (b"\xc8\x03abc\x46z\x06" + bytes(7), b"abcabca" + b"z" + b"caz"),
        (b"\xe3ab", None),
        (b"", None),
    ],
)
def test_opcodes_of_lzvn(codes: bytes, meant: bytes | None) -> None:
    if meant is None:
        with pytest.raises(CompressionUnreadable):
            unpacked(codes, 100)
    else:
        assert unpacked(codes, 100) == meant


def test_what_unpacks_to_too_much_is_refused() -> None:
    for data in (lzfse.compress(bytes(1 << 20)), b"\xe1a" + b"\xf0\xff" * 5000 + b"\x06" + bytes(7)):
        with pytest.raises(CompressionUnreadable):
            unpacked(data, 1 << 16)


def test_stores_that_are_none_are_refused() -> None:
    with pytest.raises(BomUnreadable):
        Bom(b"PK\3\4" + bytes(100))


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
def test_a_real_catalogue_shows_what_the_icns_file_beside_it_shows() -> None:
    with zipfile.ZipFile(CORPUS / "macos-app-zip/appinfo-macos.app.zip") as app:
        car = app.read("GuiApp.app/Contents/Resources/Assets.car")
        icns = app.read("GuiApp.app/Contents/Resources/AppIcon.icns")
    of_car, of_icns = (opened(as_png(data, 32)) for data in (icon_from_catalog(car, ("AppIcon",)), icns))
    assert same(of_car, of_icns, 40)  # one is reduced from 512 pixels, the other from 256
