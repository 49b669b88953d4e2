import gzip
import io
import plistlib
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from seatrial.domain.buildinfo import Format
from seatrial.parsers.mimetype import HEAD, MIMETYPES, OCTETS, mimetype_of
from tests.parsers.corpus_manifest import Row, rows
from tests.parsers.ipa_files import DEMO


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (2, 2)).save(out, kind)
    return out.getvalue()


def tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (picture("GIF"), "image/gif"),
        (picture("WEBP"), "image/webp"),
        (b"%PDF-1.7\n", "application/pdf"),
        (DEMO.read_bytes(), "application/zip"),
        (gzip.compress(b"x", mtime=0), "application/gzip"),
        (tar(), "application/x-tar"),
        (plistlib.dumps({}, fmt=plistlib.FMT_BINARY), "application/x-bplist"),
        (plistlib.dumps({}), "application/xml"),
        (b'<?xml version="1.0"?>\n<testsuites/>', "application/xml"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
        (b"<!DOCTYPE html>\n<title>Report</title>", "text/html"),
        (b"\xef\xbb\xbf <!-- a --> <!-- b --><HTML>", "text/html"),
        (b'{"tests": 3}', "application/json"),
        (b"[1, 2]", "application/json"),
        (b"[INFO] started", "text/plain"),
        (b"{curly} text", "text/plain"),
        (b"# compiler: R8\na.b -> c:\n", "text/plain"),
        ("Übung\n".encode(), "text/plain"),
        (b"\x1b[31mred\x1b[0m\n", "text/plain"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(9), "application/x-ole-storage"),
        (b"MZ" + bytes(90), "application/vnd.microsoft.portable-executable"),
        (b"xar!" + bytes(30), "application/x-xar"),
        (b"!<arch>\ndebian-binary  ", "application/vnd.debian.binary-package"),
        (bytes.fromhex("edabeedb") + bytes(9), "application/x-rpm"),
        (b"\x7fELF" + bytes(9), "application/x-elf"),
        (b"\xcf\xfa\xed\xfe" + bytes(9), "application/x-mach-binary"),
        (b"\xca\xfe\xba\xbe\0\0\0\2" + bytes(9), "application/x-mach-binary"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"\0\0\0\x14ftypqt  ", "video/quicktime"),
        (b"\xca\xfe\xba\xbe\0\0\0\x41" + bytes(9), OCTETS),
        (b"", OCTETS),
        (b"\0\1\2\3", OCTETS),
        (b"text with a \0 in it", OCTETS),
        (b"caf\xe9", OCTETS),
    ],
)
def test_content_decides(data: bytes, expected: str) -> None:
    assert mimetype_of(data[:HEAD]) == expected


def test_a_character_cut_by_the_window_is_no_damage() -> None:
    text = ("a" + "é" * HEAD).encode()
    assert mimetype_of(text[:HEAD]) == "text/plain"
    assert mimetype_of(b"\xc3") == OCTETS


def test_every_format_has_a_type() -> None:
    assert set(MIMETYPES) == set(Format)
    assert MIMETYPES[Format.APK] == "application/vnd.android.package-archive"
    assert MIMETYPES[Format.IPA] == OCTETS


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_all_bytes_have_a_type(data: bytes) -> None:
    assert "/" in mimetype_of(data)


def test_repetitive_text_takes_no_time() -> None:
    for text in (b"<!--" * 16_000, b" " * HEAD, b"{" + b" " * 60_000, b"<!-- -->" * 8_000):
        assert mimetype_of(text) in {"text/plain", "application/json"}


@pytest.mark.parametrize("row", rows("dsym", "proguard", "msi", "exe", "deb", "appimage", "ipa"))
def test_real_attachments(row: Row) -> None:
    with row.file.open("rb") as file:
        found = mimetype_of(file.read(HEAD))
    expected = {
        "msi": "application/x-ole-storage",
        "exe": "application/vnd.microsoft.portable-executable",
        "deb": "application/vnd.debian.binary-package",
        "appimage": "application/x-elf",
    }
    default = "text/plain" if row.path.endswith(".txt") else "application/zip"
    assert found == expected.get(row.kind, default)
