import contextlib
import plistlib
import shutil
import struct
import subprocess
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.parsers import plist
from seatrial.parsers.limits import ParserLimits
from seatrial.parsers.plist import PlistUnreadable, read_plist, read_strings
from tests.parsers.corpus_manifest import Row, rows

VALUES: dict[str, object] = {
    "text": "Regatta",
    "wide": "Übung ⛵",
    "yes": True,
    "no": False,
    "small": 7,
    "negative": -1,
    "large": 2**63 + 5,
    "real": 1.5,
    "data": b"\0\1\2",
    "array": [1, "two", [3.0]],
    "table": {"inner": {"key": "value"}},
}
FORMATS = (plistlib.FMT_XML, plistlib.FMT_BINARY)


@pytest.mark.parametrize("fmt", FORMATS)
def test_plain_values_read_as_they_were_written(fmt: plistlib.PlistFormat) -> None:
    assert read_plist(plistlib.dumps(VALUES, fmt=fmt)) == VALUES


@pytest.mark.parametrize("fmt", FORMATS)
def test_dates_are_utc(fmt: plistlib.PlistFormat) -> None:
    data = plistlib.dumps({"when": datetime(2036, 1, 2, 3, 4, 5)}, fmt=fmt)  # noqa: DTZ001 - plistlib wants it naive
    assert read_plist(data) == {"when": datetime(2036, 1, 2, 3, 4, 5, tzinfo=UTC)}


@pytest.mark.parametrize("fmt", FORMATS)
def test_wanted_keys_are_found_behind_any_number_of_others(fmt: plistlib.PlistFormat) -> None:
    data = plistlib.dumps({f"k{i:05}": ["x"] for i in range(5000)} | {"z": "here"}, fmt=fmt)
    assert read_plist(data, {"z"}) == {"z": "here"}


@pytest.mark.parametrize("fmt", FORMATS)
def test_long_text_is_cut_and_long_data_left_out(fmt: plistlib.PlistFormat) -> None:
    data = plistlib.dumps({"text": "ä" * 5000, "ascii": "a" * 5000, "data": bytes(70_000)}, fmt=fmt)
    assert read_plist(data) == {"text": "ä" * 1000, "ascii": "a" * 1000}


@pytest.mark.parametrize("fmt", FORMATS)
def test_depth_is_bounded(fmt: plistlib.PlistFormat) -> None:
    value: object = "bottom"
    for _ in range(50):
        value = [value]
    read: object = read_plist(plistlib.dumps({"deep": value}, fmt=fmt))["deep"]
    depth = 1
    while isinstance(read, list) and read:
        read = read[0]
        depth += 1
    assert depth <= plist.MAX_DEPTH


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_number_of_values_is_bounded(fmt: plistlib.PlistFormat) -> None:
    read = read_plist(plistlib.dumps({"many": list(range(10_000))}, fmt=fmt))["many"]
    assert isinstance(read, list)
    assert read == list(range(len(read)))
    assert 1_900 < len(read) <= plist.MAX_NODES


def binary(objects: list[bytes], refs: int = 1) -> bytes:
    data = b"bplist00"
    offsets = []
    for packed in objects:
        offsets.append(len(data))
        data += packed
    table = b"".join(struct.pack(">L", offset) for offset in offsets)
    return data + table + struct.pack(">6xBBQQQ", 4, refs, len(objects), 0, len(data))


def test_a_cycle_ends() -> None:
    assert "self" in read_plist(binary([b"\xd1\x01\x00", b"\x54self"]))


def test_arrays_of_arrays_cannot_grow_beyond_the_limit() -> None:
    # Ten levels of an array that names the next level 255 times: 255 ** 10 values in 3 kB.
    levels = [b"\xaf\x10\xff" + bytes([level + 3]) * 255 for level in range(10)]
    data = binary([b"\xd1\x01\x02", b"\x51k", *levels, b"\x51x"])
    assert "k" in read_plist(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"bplist00",
        b"bplist00" + bytes(32),
        binary([b"\xa0"]),
        binary([b"\xd1\x09\x00"]),
        binary([b"\x5f\x13" + b"\xff" * 8]),
        binary([b"\xd1\x01\x02", b"\x51k", b"\x24abcd"]),
        b"<plist><array/></plist>",
        b"<plist><dict><string>a</string></dict></plist>",
        b"<plist><dict><key>a</key><b/></dict></plist>",
        b"<plist><dict><key>a</key><string><string/></string></dict></plist>",
        b"<plist><dict/><dict/></plist>",
        b"<plist><string>a</string></plist>",
        b"<plist><key>a</key></plist>",
        b"<plist><dict>",
        b'<!DOCTYPE plist [<!ENTITY a "b">]><plist><dict><key>a</key><string>&a;</string></dict></plist>',
        (
            b'<!DOCTYPE plist [<!ENTITY a SYSTEM "file:///etc/passwd">]><plist><dict><key>a</key>'
            b"<string>&a;</string></dict></plist>"
        ),
        b"/etc/passwd",
    ],
)
def test_what_is_no_dictionary_is_refused(data: bytes) -> None:
    with pytest.raises(PlistUnreadable):
        read_plist(data)


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(PlistUnreadable, match="12 MiB"):
        read_plist(bytes(ParserLimits().plist_bytes + 1))


def test_base64_that_apple_takes_is_taken() -> None:
    data = b"<plist><dict><key>a</key><data>AAEC\n!Aw</data><key>b</key><string>c</string></dict></plist>"
    assert read_plist(data) == {"a": b"\0\1\2\3", "b": "c"}


def test_numbers_that_json_cannot_hold_are_left_out() -> None:
    data = plistlib.dumps({"a": float("nan"), "b": float("inf"), "c": 1}, fmt=plistlib.FMT_BINARY)
    assert read_plist(data) == {"c": 1}
    assert read_plist(binary([b"\xd1\x01\x02", b"\x51k", b"\x33" + struct.pack(">d", 1e300)])) == {}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_old_strings_files_are_read(encoding: str) -> None:
    source = '/* "not" = "this"; */\n"A" = "Ünter \\"Deck\\" // not a comment"; // "nor" = "this";\nB = bare;\n'
    assert read_strings(source.encode(encoding)) == {"A": 'Ünter "Deck" // not a comment', "B": "bare"}


def test_escapes_of_old_strings_are_undone() -> None:
    assert read_strings(rb'"a" = "\U00e9\n\UD83D\UDE00\UD83D";') == {"a": "é\n😀\ufffd"}


@pytest.mark.parametrize("endless", [b"A", b'"', b'\\"', b"/*", b"a = ", b'a="'])
def test_strings_without_an_end_are_read_in_one_go(endless: bytes) -> None:
    """Each of these took minutes where what is not closed was searched for again from every character."""
    assert read_strings(b'"a" = "b"; "' + endless * (900_000 // len(endless))) == {"a": "b"}


@pytest.mark.parametrize("fmt", FORMATS)
def test_strings_may_be_property_lists(fmt: plistlib.PlistFormat) -> None:
    assert read_strings(plistlib.dumps({"A": "B"}, fmt=fmt)) == {"A": "B"}


def test_an_unterminated_string_costs_nothing() -> None:
    assert read_strings(b'"' + b"\\a" * 400_000) == {}
    assert read_strings(b"/*" * 400_000) == {}
    assert read_strings(b"a=" * 400_000) == {}


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 255)), min_size=1, max_size=5), st.sampled_from(FORMATS))
def test_changed_bytes_give_a_dictionary_or_a_refusal(
    changes: list[tuple[int, int]], fmt: plistlib.PlistFormat
) -> None:
    data = bytearray(plistlib.dumps(VALUES, fmt=fmt))
    for at, value in changes:
        data[at % len(data)] = value
    with contextlib.suppress(PlistUnreadable):
        assert isinstance(read_plist(bytes(data)), dict)


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (b"<date>yesterday</date>", None),
        (b"<date>2026-02-31T00:00:00Z</date>", None),
        (b"<integer>" + b"9" * 9999 + b"</integer>", None),
        (b"<integer>0x1F</integer>", 31),
        (b"<real>nan</real>", None),
        (b"<real>1e400</real>", None),
        (b"<array><array/><true/></array>", [[], True]),
        (b"<string>a<!-- b -->c<![CDATA[<d>]]></string>", "ac<d>"),
        (b"<data>\n AAEC\n </data>", b"\0\1\2"),
        (b"<data>AAE</data>", b"\0\1"),
        (b"", None),
    ],
)
def test_values_of_xml_are_read_or_left_out(value: bytes, meant: object) -> None:
    data = b"<plist><dict><key>a</key>" + value + b"</dict></plist>"
    assert read_plist(data) == ({} if meant is None else {"a": meant})


@pytest.mark.parametrize(
    "data",
    [
        b"<plist><dict>" + b"<key>a</key><true/>" * 300_000 + b"</dict></plist>",
        b"<plist><dict><key>a</key>" + b"<array>" * 2_000 + b"</array>" * 2_000 + b"</dict></plist>",
    ],
    ids=["many", "deep"],
)
def test_documents_beyond_reason_are_refused(data: bytes) -> None:
    with pytest.raises(PlistUnreadable):
        read_plist(data)


def test_an_encoding_other_than_utf_8_is_understood() -> None:
    source = '<?xml version="1.0" encoding="UTF-16"?><plist><dict><key>ä</key><string>⛵</string></dict></plist>'
    assert read_plist(source.encode("utf-16")) == {"ä": "⛵"}


def test_what_databases_cannot_store_is_replaced() -> None:
    assert read_plist(plistlib.dumps({"a\0": "b\0"}, fmt=plistlib.FMT_BINARY)) == {"a�": "b�"}
    assert read_strings(b'"a" = "b\\U0000";') == {"a": "b�"}


def test_json_values_are_what_is_left_of_plain_ones() -> None:
    values = read_plist(plistlib.dumps({"when": datetime(2026, 1, 2), "data": b"x", "list": [b"x", {"a": 1}]}))  # noqa: DTZ001 - plistlib wants it naive
    assert plist.plain(values) == {"when": "2026-01-02T00:00:00+00:00", "list": [{"a": 1}]}


@pytest.mark.skipif(shutil.which("plistutil") is None, reason="plistutil is not installed")
@pytest.mark.parametrize("row", rows("ipa", "macos-app-zip"))
def test_real_lists_read_as_plistutil_reads_them(row: Row) -> None:
    try:
        archive = zipfile.ZipFile(row.file)
    except zipfile.BadZipFile:
        pytest.skip("it is no archive")
    names = [name for name in archive.namelist() if name.endswith("/Info.plist") and "__MACOSX" not in name]
    for name in names[:20]:
        data = archive.read(name)
        told = subprocess.run(
            ["plistutil", "-i", "-", "-o", "-", "-f", "xml"], input=data, capture_output=True, check=False
        )
        if told.returncode:
            with pytest.raises(PlistUnreadable):
                read_plist(data)
        else:
            assert read_plist(data) == plistlib.loads(told.stdout)
