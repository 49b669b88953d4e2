import contextlib
import struct
from pathlib import Path

import pytest

from seatrial.parsers.chunks import BadChunk
from seatrial.parsers.resource_config import DENSITY_ANY, read_config
from seatrial.parsers.resources import Table
from tests.parsers.apk_files import DEMO, FEATURES, member

# Ids and values as `aapt2 dump resources tests/fixtures/apk/*.apk` lists them.
DEMO_ICON, DEMO_NAME = 0x7F010000, 0x7F020000
ON, SEA, OLDEST, ADAPTIVE = 0x7F010000, 0x7F020000, 0x7F030000, 0x7F040000
APP_NAME, INNER_NAME, VERSION = 0x7F050000, 0x7F050001, 0x7F050003


def table(apk: Path) -> Table:
    return Table(member(apk, "resources.arsc"))


def test_a_text_comes_in_all_languages() -> None:
    assert table(DEMO).texts(DEMO_NAME) == {"": "Seatrial Demo", "es": "Demostración de Seatrial"}
    assert table(DEMO).text(DEMO_NAME) == "Seatrial Demo"


def test_references_bring_the_languages_of_what_they_point_to() -> None:
    assert table(FEATURES).texts(APP_NAME) == {"": "Regatta", "fr": "Régate", "zh-TW": "帆船賽"}


def test_characters_beyond_the_basic_plane_are_whole() -> None:
    assert table(FEATURES).text(VERSION) == "2.5 🚢"


def test_numbers_and_truth_values() -> None:
    features = table(FEATURES)
    assert features.number(OLDEST) == 24
    assert features.number(ON)
    assert features.number(APP_NAME) is None
    assert features.text(OLDEST) is None


def test_files_come_with_their_densities() -> None:
    found = {path: config.density for config, path in table(DEMO).files(DEMO_ICON)}
    folder = "res/mipmap-{}-v4/ic_launcher.png"
    densities = {"mdpi": 160, "hdpi": 240, "xhdpi": 320, "xxhdpi": 480, "xxxhdpi": 640}
    assert found == {folder.format(name): dots for name, dots in densities.items()}
    ((config, path),) = table(FEATURES).files(ADAPTIVE)
    assert (config.density, config.sdk, path) == (DENSITY_ANY, 26, "res/mipmap-anydpi-v26/adaptive.xml")


@pytest.mark.parametrize("resource", [0, 0x7F7F0000, 0x7F02FFFF, 0x01040000, 0xFFFFFFFF])
def test_an_unknown_resource_has_nothing(resource: int) -> None:
    demo = table(DEMO)
    assert demo.candidates(resource) == []
    assert demo.texts(resource) == {}
    assert demo.text(resource) is None
    assert demo.number(resource) is None
    assert demo.files(resource) == []


def config(**parts: bytes) -> bytes:
    """Write a `ResTable_config` from pieces named by their offset: `o8=b"en"`."""
    raw = bytearray(64)
    for place, data in parts.items():
        at = int(place[1:])
        raw[at : at + len(data)] = data
    return struct.pack("<I", len(raw)) + bytes(raw[4:])


@pytest.mark.parametrize(
    ("raw", "tag"),
    [
        (config(), ""),
        (config(o8=b"en"), "en"),
        (config(o8=b"en", o10=b"GB"), "en-GB"),
        (config(o8=b"zh", o10=b"TW", o36=b"Hant"), "zh-Hant-TW"),
        (config(o8=b"sr", o36=b"Latn"), "sr-Latn"),
        (config(o8=b"iw"), "he"),
        (config(o8=b"in", o10=b"ID"), "id-ID"),
        # "fil": f = 5, i = 8, l = 11, five bits each, the last letter first (ResourceTypes.h, packLanguageOrRegion)
        (config(o8=bytes([0x80 | 11 << 2 | 8 >> 3, (8 & 7) << 5 | 5])), "fil"),
        # "419": digits 4, 1, 9
        (config(o8=b"es", o10=bytes([0x80 | 9 << 2 | 1 >> 3, (1 & 7) << 5 | 4])), "es-419"),
        (config(o8=b"ca", o10=b"ES", o40=b"valencia"), "ca-ES-valencia"),
        (config(o8=b"<>"), ""),
    ],
)
def test_languages_become_bcp_47_tags(raw: bytes, tag: str) -> None:
    assert read_config(raw, 0).locale == tag


def test_a_short_configuration_has_no_more_than_it_says() -> None:
    raw = struct.pack("<I", 12) + config(o8=b"en", o14=b"\xff\xff")[4:]
    read = read_config(raw, 0)
    assert (read.locale, read.density) == ("en", 0)


def chunk(kind: int, header: bytes, body: bytes) -> bytes:
    return struct.pack("<HHI", kind, 8 + len(header), 8 + len(header) + len(body)) + header + body


def a_table(*types: bytes, strings: tuple[str, ...] = ()) -> Table:
    """Make a table of package 0x7f from type chunks."""
    encoded = [bytes([len(text), len(text.encode())]) + text.encode() + b"\0" for text in strings]
    offsets = [sum(map(len, encoded[:index])) for index in range(len(encoded))]
    body = struct.pack(f"<{len(offsets)}I", *offsets)
    pool = chunk(0x0001, struct.pack("<5I", len(offsets), 0, 0x100, 28 + len(body), 0), body + b"".join(encoded))
    package = chunk(0x0200, struct.pack("<I", 0x7F) + bytes(276), b"".join(types))
    return Table(chunk(0x0002, struct.pack("<I", 1), pool + package))


def a_type(type_id: int, flags: int, count: int, offsets: bytes, entries: bytes, raw: bytes | None = None) -> bytes:
    raw = raw or config()
    fields = struct.pack("<BBHII", type_id, flags, 0, count, 20 + len(raw) + len(offsets))
    return chunk(0x0201, fields + raw, offsets + entries)


def entry(kind: int, data: int) -> bytes:
    return struct.pack("<HHI", 8, 0, 0) + struct.pack("<HBBI", 8, 0, kind, data)


def plain_type(type_id: int, values: list[tuple[int, int]], raw: bytes | None = None) -> bytes:
    offsets = struct.pack(f"<{len(values)}I", *(16 * index for index in range(len(values))))
    return a_type(type_id, 0, len(values), offsets, b"".join(entry(*value) for value in values), raw)


REFERENCE, STRING, NUMBER = 0x01, 0x03, 0x10


def test_sparse_types_short_offsets_and_compact_entries() -> None:
    sparse = a_type(1, 0x01, 2, struct.pack("<4H", 3, 0, 900, 4), entry(NUMBER, 33) + entry(NUMBER, 99))
    short = a_type(2, 0x02, 3, struct.pack("<3H", 0xFFFF, 0, 4), entry(NUMBER, 1) + entry(NUMBER, 2))
    compact = a_type(3, 0x00, 1, struct.pack("<I", 0), struct.pack("<HHI", 7, 0x0008 | STRING << 8, 1))
    made = a_table(sparse, short, compact, strings=("no", "yes"))
    assert [made.number(0x7F010000 | index) for index in (2, 3, 900, 901)] == [None, 33, 99, None]
    assert [made.number(0x7F020000 | index) for index in (0, 1, 2, 3)] == [None, 1, 2, None]
    assert made.text(0x7F030000) == "yes"


def test_references_in_circles_end() -> None:
    circle = [(REFERENCE, 0x7F010001), (REFERENCE, 0x7F010000), (REFERENCE, 0x7F010002)]
    made = a_table(plain_type(1, circle))
    for index in range(3):
        assert made.texts(0x7F010000 | index) == {}
        assert made.number(0x7F010000 | index) is None
        assert made.files(0x7F010000 | index) == []


def test_a_long_chain_of_references_ends() -> None:
    chain = [(REFERENCE, 0x7F010000 + index + 1) for index in range(50)] + [(STRING, 0)]
    made = a_table(plain_type(1, chain), strings=("end",))
    assert made.text(0x7F010000) is None
    assert made.text(0x7F010000 + 45) == "end"


def test_only_the_night_has_another_number() -> None:
    night, day = config(o29=b"\x20"), config()
    made = a_table(plain_type(1, [(NUMBER, 1)], night), plain_type(1, [(NUMBER, 2)], day))
    assert made.number(0x7F010000) == 2


def test_a_text_without_default_language_is_still_one() -> None:
    made = a_table(plain_type(1, [(STRING, 0)], config(o8=b"pt", o10=b"BR")), strings=("Veleiro",))
    assert made.texts(0x7F010000) == {"pt-BR": "Veleiro"}
    assert made.text(0x7F010000) == "Veleiro"


def test_resources_that_point_everywhere_are_refused_in_time() -> None:
    many = [(REFERENCE, 0x7F010000 + index) for index in range(1, 1000)] + [(NUMBER, 0)]
    made = a_table(*(plain_type(1, many[shift:] + many[:shift]) for shift in range(250)))
    with pytest.raises(BadChunk, match="too often"):
        _ = [made.candidates(0x7F010000 + index) for index in range(1000)]


def test_strings_that_overlap_without_end_are_refused() -> None:
    # Each of 1,100 strings is 32 KiB of the same bytes.
    offsets = struct.pack("<1100I", *([0] * 1100))
    text = b"\x80\x01" + struct.pack(">H", 0x8000 | 0x7FFF) + b"a" * 0x7FFF
    pool = chunk(0x0001, struct.pack("<5I", 1100, 0, 0x100, 28 + len(offsets), 0), offsets + text)
    strings = plain_type(1, [(STRING, index) for index in range(1100)])
    made = Table(chunk(0x0002, b"\1\0\0\0", pool + chunk(0x0200, struct.pack("<I", 0x7F) + bytes(276), strings)))
    with pytest.raises(BadChunk, match="too long"):
        _ = [made.text(0x7F010000 + index) for index in range(1100)]


@pytest.mark.parametrize("data", [b"", b"\2\0", bytes(12), member(DEMO, "resources.arsc")[:300]])
def test_a_cut_table_has_nothing(data: bytes) -> None:
    with contextlib.suppress(BadChunk, struct.error, IndexError):
        assert Table(data).texts(DEMO_NAME) == {}
