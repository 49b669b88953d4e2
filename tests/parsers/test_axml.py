import struct

import pytest

from seatrial.parsers import axml
from seatrial.parsers.chunks import BadChunk
from tests.parsers.apk_files import DEMO, member

NAME = 0x01010003
VERSION_CODE = 0x0101021B
VERSION_NAME = 0x0101021C
LABEL = 0x01010001


def manifest() -> bytes:
    return member(DEMO, "AndroidManifest.xml")


def patched(data: bytes, at: int, layout: str, *values: int) -> bytes:
    changed = bytearray(data)
    struct.pack_into(layout, changed, at, *values)
    return bytes(changed)


def version_name(data: bytes) -> str | None:
    typed = axml.parse(data).value(VERSION_NAME)
    return typed.text if typed else None


def pool_end(data: bytes) -> int:
    return 8 + int.from_bytes(data[12:16], "little")


def test_the_tree_is_that_of_the_source() -> None:
    # tests/fixtures/apk/src/demo/AndroidManifest.xml
    root = axml.parse(manifest())
    assert [element.tag for element in root.walk()] == [
        *("manifest", "uses-sdk", "uses-permission", "application", "activity", "intent-filter", "action", "category")
    ]
    package, code = root.plain("package"), root.value(VERSION_CODE)
    assert package
    assert package.text == "org.seatrial.demo"
    assert code
    assert code.value.number == 1
    (application,) = root.named("application")
    label = application.value(LABEL)
    assert label
    assert label.value.reference is not None
    assert label.value.reference >> 24 == 0x7F
    (activity,) = application.named("activity")
    name = activity.value(NAME)
    assert name
    assert name.text == "android.app.Activity"


def test_absent_attributes_are_none() -> None:
    root = axml.parse(manifest())
    assert root.value(LABEL) is None
    assert root.plain("nothing") is None
    assert root.plain("versionName") is None  # it has a resource id, by which it is known


def test_an_inflated_string_count_does_not_matter() -> None:
    assert version_name(patched(manifest(), 16, "<I", 0xFFFFFFF0)) == "1.0.0"


def test_a_wrong_magic_number_does_not_matter() -> None:
    assert version_name(patched(manifest(), 0, "<H", 0x0000)) == "1.0.0"


@pytest.mark.parametrize("size", [0, 7, 0xFFFFFFFF])
def test_a_wrong_file_size_does_not_matter(size: int) -> None:
    assert version_name(patched(manifest(), 4, "<I", size)) == "1.0.0"


def test_unknown_chunks_are_passed_over() -> None:
    junk = struct.pack("<HHI", 0x7777, 8, 24) + bytes(16)
    data = manifest()
    end = pool_end(data)
    assert version_name(data[:8] + junk + data[8:]) == "1.0.0"
    assert version_name(data[:end] + junk + data[end:]) == "1.0.0"


def test_trailing_junk_does_not_matter() -> None:
    assert version_name(manifest() + b"junk" * 100) == "1.0.0"


@pytest.mark.parametrize(
    "data",
    [b"", b"\x03", b"\x03\0\x08\0", b"<manifest/>", bytes(4096), manifest()[: pool_end(manifest())]],
    ids=["empty", "one byte", "half a header", "text", "zeros", "strings only"],
)
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises((BadChunk, struct.error, IndexError)):
        axml.parse(data)


def document(nodes: bytes) -> bytes:
    """Put elements behind the strings of the demo's manifest."""
    data = manifest()
    return patched(data[: pool_end(data)] + nodes, 4, "<I", 0)


def start_element(attributes: int = 0) -> bytes:
    node = struct.pack("<II", 1, 0xFFFFFFFF) + struct.pack("<II6H", 0xFFFFFFFF, 0, 20, 20, attributes, 0, 0, 0)
    body = node + bytes(20 * attributes)
    return struct.pack("<HHI", 0x0102, 16, 8 + len(body)) + body


def test_endless_nesting_and_endless_attributes_are_refused() -> None:
    with pytest.raises(BadChunk, match="nested"):
        axml.parse(document(start_element() * (axml.MAX_DEPTH + 1)))
    end = struct.pack("<HHI", 0x0103, 16, 24) + bytes(16)
    with pytest.raises(BadChunk, match="too many"):
        axml.parse(document((start_element() + end) * (axml.MAX_ELEMENTS + 1)))
    with pytest.raises(BadChunk, match="too many"):
        axml.parse(document((start_element(50_000) + end) * (axml.MAX_ATTRIBUTES // 50_000 + 1)))


def test_an_attribute_count_that_reaches_too_far_is_cut() -> None:
    node = bytearray(start_element(2))
    struct.pack_into("<H", node, 16 + 12, 0xFFFF)
    assert len(axml.parse(document(bytes(node))).attributes) == 2
