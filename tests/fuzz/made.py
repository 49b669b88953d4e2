"""Files made on the spot, of forms that neither fixtures nor real builds have."""

import gzip
import io
import random
import struct
import zlib
from collections.abc import Iterator

import lzfse  # type: ignore[import-untyped]  # a C extension without stubs
from PIL import Image, ImageDraw

from tests.parsers import macho_files
from tests.parsers.attachment_files import (
    APP_UUID,
    ARM64,
    BUILD_ID,
    DSYM,
    FRAMEWORK_UUID,
    X86_64,
    dex,
    dsym,
    elf,
    macho,
    mapping,
    universal,
)
from tests.parsers.car_files import Picture, catalog, in_pieces, layers, link, packed
from tests.parsers.disk_files import ADC, ZLIB, Apfs, apple_map, boot_sector, gpt, mish, udif, with_resource_fork
from tests.parsers.ipa_files import MINIMAL, ipa
from tests.parsers.linux_files import deb, tar

_SIDE = 24
_COUNT = _SIDE * _SIDE
_ELEMENT_KEY = {1: 85, 2: 181, 12: 1, 0: 0}
_PLIST = (
    b"<plist><dict><key>CFBundleIdentifier</key><string>org.example</string>"
    b"<key>CFBundleIconFile</key><string>App</string></dict></plist>"
)


def attachments() -> Iterator[tuple[str, bytes]]:
    """Give files that people put beside builds."""
    kit = universal((ARM64, macho(FRAMEWORK_UUID)), (X86_64, macho(FRAMEWORK_UUID, X86_64)))
    yield "dsym", dsym(("App", macho(APP_UUID, kind=DSYM)), ("Kit", kit))
    yield "macho", macho(APP_UUID, kind=DSYM)
    yield "universal", kit
    yield "elf", elf(BUILD_ID, ".debug_info", ".symtab")
    yield "elf-narrow", elf(BUILD_ID, ".debug_info", wide=False, order=">", machine=8)
    yield "dex", dex("a" * 64)
    yield "mapping", mapping("b" * 64, 40)
    yield "mapping.gz", gzip.compress(mapping("b" * 64, 40), mtime=0)
    yield "junit", _JUNIT
    yield "breakpad", _BREAKPAD
    for form in ("PNG", "JPEG", "WEBP", "GIF"):
        yield f"picture.{form.lower()}", picture(form)


def icons() -> Iterator[tuple[str, bytes]]:
    """Give pictures of every form that icons come in, and one that they do not."""
    for form in ("PNG", "JPEG", "WEBP", "ICO", "ICNS", "GIF"):
        yield form.lower(), picture(form)
    yield "palette.png", picture("PNG", "P")
    yield "grey.png", picture("PNG", "LA")
    yield "bitmaps.ico", picture("ICO", bitmap_format="bmp")
    yield "lossless.webp", picture("WEBP", lossless=True)
    yield "progressive.jpeg", picture("JPEG", progressive=True)
    block = b"\x81\x10" * (16 * 16 * 3 // 4)
    old = b"is32" + struct.pack(">L", 8 + len(block)) + block + b"s8mk" + struct.pack(">L", 8 + 256) + bytes(256)
    yield "old.icns", b"icns" + struct.pack(">L", 8 + len(old)) + old


def images() -> Iterator[tuple[str, bytes]]:
    """Give disk images with volumes and packings that no fixture has."""
    volume = _volume()
    yield "apfs", udif(gpt(volume))
    yield "encrypted", udif(_volume(encrypted=True))
    yield "split", udif(apple_map(_volume(split=True)))
    yield "boot", udif(boot_sector(volume))
    yield "adc", udif(volume, ADC)
    yield "bare", gpt(volume)
    data = zlib.compress(volume)
    sectors = len(volume) // 512
    yield "fork", with_resource_fork(data, mish([(ZLIB, 0, sectors, 0, len(data))], 0, sectors))


def apps() -> Iterator[tuple[str, bytes]]:
    """Give iOS apps whose catalogues and signatures have all forms."""
    pixels = random.Random(1).randbytes(64) * (_COUNT * 4 // 64)
    pieces = [(12, lzfse.compress(pixels[: len(pixels) // 2])), (12, lzfse.compress(pixels[len(pixels) // 2 :]))]
    colours = struct.pack("<2LH", 0xCAFEF00D, 1, 4) + bytes(range(16)) + bytes(_SIDE * 6)
    holder = Picture(60, 40, packed(0, bytes(60 * 40 * 4)), identifier=0, part=181, layout=1004)
    for name, pictures in (
        ("plain", [Picture(_SIDE, _SIDE, packed(0, pixels))]),
        ("zip", [Picture(_SIDE, _SIDE, packed(2, zlib.compress(pixels)))]),
        ("lzvn", [Picture(_SIDE, _SIDE, packed(3, _lzvn(pixels)))]),
        ("lzfse", [Picture(_SIDE, _SIDE, packed(4, lzfse.compress(pixels)))]),
        ("pieces", [Picture(_SIDE, _SIDE, in_pieces(4, pieces))]),
        ("grey", [Picture(_SIDE, _SIDE, packed(0, pixels[: _COUNT * 2]), b" 8AG")]),
        ("wide", [Picture(_SIDE, _SIDE, packed(0, pixels * 2), b"WBGR")]),
        ("palette", [Picture(_SIDE, _SIDE, packed(8, lzfse.compress(colours)))]),
        ("jpeg", [Picture(_SIDE, _SIDE, packed(5, lzfse.compress(picture("JPEG"))))]),
        ("part", [holder, Picture(_SIDE, _SIDE, b"", layout=1003, properties=link(30, 4, _SIDE, _SIDE, _ELEMENT_KEY))]),
        ("layers", [Picture(400, 240, b"", layout=1002, properties=layers(7, 8)), *map(_layer, (7, 8))]),
        *((f"deepmap-{method}-{stored}", [_deepmap(method, stored)]) for method in range(1, 5) for stored in (1, 4)),
        ("tiles", [_tiles()]),
        *((f"old-tiles-{method}", [_old_tiles(method)]) for method in (3, 4)),
    ):
        yield name, _app(catalog(*pictures))
    yield "der", _app(b"", old=False)
    yield "old-der", _app(b"", old=True)


def packages() -> Iterator[tuple[str, bytes]]:
    """Give Debian packages whose archives have long names."""
    control = tar({"./control": b"Package: demo\nVersion: 1.0\nArchitecture: all\n"})
    for form in range(3):
        long_name = "./" + "long/" * (25 if form == 0 else 60)
        data = tar({"./usr/share/applications/demo.desktop": b"[Desktop Entry]\n", long_name: b"x"}, form=form)
        yield f"form-{form}", deb(control, data)


def picture(form: str, mode: str = "RGBA", **options: object) -> bytes:
    """Draw a dot in one of the library's formats."""
    image = Image.new("RGBA", (64, 64), (20, 40, 90, 255))
    ImageDraw.Draw(image).ellipse((8, 8, 56, 56), fill=(250, 200, 60, 200))
    out = io.BytesIO()
    image.convert({"JPEG": "RGB", "GIF": "P"}.get(form, mode)).save(out, form, **options)
    return out.getvalue()


def _volume(**options: bool) -> bytes:
    disk = Apfs(**options)
    contents = disk.folder(disk.folder(2, "Demo.app"), "Contents")
    head = struct.pack("<4sLQ", b"fpmc", 3, len(_PLIST))
    disk.file(contents, "Info.plist", b"", packed=head + zlib.compress(_PLIST))
    resources, icon = disk.folder(contents, "Resources"), picture("ICNS")
    table = struct.pack("<3L", 12, 12 + len(icon) + 1, 12 + len(icon) + 1)[:8]
    disk.file(
        resources,
        "App.icns",
        b"",
        packed=struct.pack("<4sLQ", b"fpmc", 12, len(icon)),
        resources=table + lzfse.compress(icon),
    )
    disk.file(resources, "Other.icns", icon)
    disk.link(contents, "link")
    return disk.disk()


def _app(assets: bytes, *, old: bool | None = None) -> bytes:
    """Make an app; `old` says how its entitlements are written, where they are in DER alone."""
    values: dict[str, object] = {
        "application-identifier": "T.org.example",
        "get-task-allow": True,
        "list": ["a", {"b": 1}],
    }
    executable = macho_files.signed(
        {
            0: macho_files.code_directory("org.example", "TEAM"),
            **({5: macho_files.xml_entitlements(values)} if old is None else {}),
            7: macho_files.old_der_entitlements(values) if old else macho_files.der_entitlements(values),
            0x10000: macho_files.blob(0xFADE0B01, b"0\x80"),
        },
        gap=3000,
    )
    name = {"CFBundleIconName": "AppIcon", "CFBundleExecutable": "Mini"}
    icons = {"CFBundleIcons": {"CFBundlePrimaryIcon": {"CFBundleIconName": "AppIcon"}}}
    return ipa({**MINIMAL, **name, **icons}, {"Mini": executable, "Assets.car": assets}).getvalue()


def _lzvn(data: bytes) -> bytes:
    """Pack nothing: literals in runs of at most 271 bytes."""
    parts = [data[at : at + 200] for at in range(0, len(data), 200)]
    return b"".join(bytes((0xE0, len(part) - 16)) + part for part in parts) + b"\x06" + bytes(7)


def _layer(identifier: int) -> Picture:
    return Picture(
        400, 240, packed(2, zlib.compress(bytes((9, 8, 7, 255)) * 400 * 240)), identifier=identifier, part=181
    )


def _deepmap(method: int, channels: int) -> Picture:
    """Make a picture of Apple's own packing: plain, predicted, packed, or with a palette."""
    rows = bytes(row % 5 for row in range(_SIDE))
    planes = bytes(_COUNT if channels == 4 else 0) + rows + bytes(range(48)) * (2 * 3 * _COUNT // 48)
    payload = {
        1: bytes(channels * _COUNT),
        2: lzfse.compress(planes),
        3: lzfse.compress(bytes(channels * _COUNT)),
        4: struct.pack("<2H", 2, 3) + bytes(8) + lzfse.compress(bytes(2 * _COUNT)),
    }[method]
    return _wrapped(struct.pack("<4s4B2H", b"dmp2", method, 0, 10, channels, _SIDE, _SIDE) + payload, channels)


def _tiles() -> Picture:
    body = b""
    for column, row in ((0, 0), (1, 0), (0, 1), (1, 1)):
        tile = struct.pack("<4s4B2H", b"dmp2", 3, 0, 10, 4, 12, 12) + lzfse.compress(bytes(12 * 12 * 4))
        body += struct.pack("<4s4L", b"KCBC", column, row, 0, 20 + len(tile)) + tile
    return _wrapped(body)


def _old_tiles(method: int) -> Picture:
    tile = lzfse.compress(bytes(_COUNT * (2 if method == 4 else 4)))
    palette = struct.pack("<2H", 2, 3) + bytes(8) if method == 4 else b""
    return _wrapped(struct.pack("<4s4B", b"dmap", method, 0, 10, 4) + palette + struct.pack("<L", len(tile)) + tile)


def _wrapped(body: bytes, channels: int = 4) -> Picture:
    return Picture(_SIDE, _SIDE, packed(11, struct.pack("<2LQ", 1, channels, len(body)) + body))


_JUNIT = b"""<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="all" tests="3" failures="1" time="1.5"><testsuite name="one" tests="3" failures="1" errors="0"
 skipped="1" time="1.5" timestamp="2026-01-01T00:00:00"><testcase classname="a.B" name="c" time="0.5"/>
<testcase classname="a.B" name="d"><failure message="no" type="x">trace</failure></testcase>
<testcase name="e"><skipped/></testcase></testsuite></testsuites>
"""
_BREAKPAD = b"""MODULE Linux arm64 0D9C2A3F6B5E7A8B90123456789ABCDE0 libapp.so
INFO CODE_ID 3F2A9C0D5E6B7A8190123456789ABCDEF0123456
FILE 0 main.c
FUNC 1000 54 0 main
1000 4 10 0
PUBLIC 2000 0 one
"""
