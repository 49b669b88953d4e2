import base64
import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from seatrial.domain.buildinfo import Format, Os
from seatrial.domain.errors import ProcessingCode
from seatrial.parsers import parse
from seatrial.parsers.openpgp import read_signature
from seatrial.parsers.rpm import parse_rpm
from tests.parsers.corpus_manifest import CORPUS, Row, rows
from tests.parsers.linux_files import FIXTURES, mutations, picture, read, refused

SAMPLES = FIXTURES / "rpm"
LEAD = bytes.fromhex("edabeedb0300") + bytes(90)
needs_rpm = pytest.mark.skipif(shutil.which("rpm") is None, reason="rpm is not installed")


def header(tags: dict[int, tuple[int, int, bytes]]) -> bytes:
    index, store = b"", b""
    for tag, (kind, count, data) in tags.items():
        index += struct.pack(">4L", tag, kind, len(store), count)
        store += data
    return b"\x8e\xad\xe8\x01\0\0\0\0" + struct.pack(">2L", len(tags), len(store)) + index + store


def package(
    tags: dict[int, tuple[int, int, bytes]], signatures: dict[int, tuple[int, int, bytes]] | None = None
) -> bytes:
    first = header(signatures or {})
    return LEAD + first + bytes(-len(first) % 8) + header(tags)


NAMED = {1000: (6, 1, b"demo\0"), 1001: (6, 1, b"1.0\0"), 1044: (6, 1, b"demo.src.rpm\0"), 1022: (6, 1, b"noarch\0")}


@pytest.mark.parametrize("method", ["zstd", "gzip", "xz", "plain"])
def test_a_package_says_what_it_is(method: str) -> None:
    info = parse(SAMPLES / f"demo-{method}.rpm")
    assert (info.format, info.os) == (Format.RPM, Os.LINUX)
    assert (info.identifier, info.display_name) == ("seatrial-demo", "seatrial-demo")
    assert (info.version_name, info.version_code) == ("2.4.0", "3.seatrial")
    assert info.architectures == ("noarch",)
    assert info.signing
    assert (info.signing.kind, info.signing.schemes) == ("unsigned", ())
    assert info.icon_source == "usr/share/icons/hicolor/128x128/apps/seatrial-demo.png"
    assert picture(info) == ((128, 128), (255, 0, 0))
    assert info.sdks.keys() == {"rpm"}
    assert info.warnings == ()


def test_a_source_package_is_for_no_machine() -> None:
    info = parse(SAMPLES / "demo-source.rpm")
    assert (info.architectures, info.icon_png, info.warnings) == (("src",), None, ())


@needs_rpm
@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.rpm")), ids=lambda path: path.name)
def test_rpm_says_the_same(path: Path) -> None:
    form = "%{NAME}\n%{VERSION}\n%{RELEASE}\n%{RSAHEADER:pgpsig}\n"
    name, version, release, signature = subprocess.run(
        ["rpm", "-qp", "--nosignature", "--queryformat", form, path], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    info = parse(path)
    assert (info.identifier, info.version_name, info.version_code) == (name, version, release)
    assert info.signing
    found = re.fullmatch(r"(\S+), .*, Key ID (\w+)", signature)
    assert info.signing.schemes == ((f"{found[1]}, key ID {found[2]}",) if found else ())
    assert info.signing.kind == ("signed" if found else "unsigned")


@pytest.mark.parametrize("row", rows("rpm"))
def test_real_packages(row: Row) -> None:
    if "malformed" in row.features:
        assert refused(parse_rpm, row.file.read_bytes()) is ProcessingCode.CORRUPT_ARCHIVE
        return
    info = parse(row.file)
    ours = [info.identifier, info.display_name, info.version_name, info.version_code]
    assert ours == [row.identifier, row.display_name, row.version_name, row.version_code]
    assert (info.min_os or "", info.target_os or "") == (row.min_os, row.target_os)
    assert f"{info.os} [{','.join(info.architectures)}]" == row.platforms
    assert info.signing
    found = re.match(r"(\S+), .*?, Key ID ([0-9a-f]{16})", row.signing)
    assert info.signing.kind == ("signed" if found else row.signing)
    assert info.signing.schemes == ((f"{found[1]}, key ID {found[2]}",) if found else ())
    assert ("yes" if info.icon_png else "no") == row.icon
    assert info.warnings == ()


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
def test_the_hostile_package_of_the_corpus() -> None:
    data = (CORPUS / "malformed/rpm-huge-index.rpm").read_bytes()
    assert refused(parse_rpm, data) is ProcessingCode.CORRUPT_ARCHIVE


def test_what_names_nothing_is_refused() -> None:
    assert read(parse_rpm, package(NAMED)).identifier == "demo"
    assert refused(parse_rpm, package({})) is ProcessingCode.MANIFEST_INVALID
    assert refused(parse_rpm, package(NAMED | {1001: (4, 1, b"\0\0\0\1")})) is ProcessingCode.MANIFEST_INVALID
    unended = package({1001: (6, 1, b"1.0\0"), 1000: (6, 1, b"demo")})
    assert refused(parse_rpm, unended) is ProcessingCode.MANIFEST_INVALID


@pytest.mark.parametrize(
    "data",
    [
        LEAD[:50],
        LEAD,
        LEAD + b"\x8e\xad\xe8\x01\0\0\0\0" + struct.pack(">2L", 1, 0xFFFFFFFF),
        LEAD + b"\x8e\xad\xe8\x01\0\0\0\0" + struct.pack(">2L", 0x0FFFFFFF, 16),
        package(NAMED)[:-3],
        package(NAMED)[:150],
    ],
)
def test_damage_is_refused(data: bytes) -> None:
    assert refused(parse_rpm, data) is ProcessingCode.CORRUPT_ARCHIVE


def test_a_package_of_other_tools_may_leave_its_source_out() -> None:
    tags = {tag: value for tag, value in NAMED.items() if tag != 1044}
    assert read(parse_rpm, package(tags)).architectures == ("noarch",)
    source = package(tags)
    assert read(parse_rpm, source[:6] + b"\0\1" + source[8:]).architectures == ("src",)


def test_text_that_is_no_utf8_does_no_harm() -> None:
    info = read(
        parse_rpm, package(NAMED | {1000: (6, 1, b"d\xe9mo\n\x1b[31m\0"), 1022: (6, 1, b"\xff" * 5000 + b"\0")})
    )
    assert info.identifier == "d\ufffdmo  [31m"
    assert len(info.architectures[0]) == 1000


def test_signatures_that_cannot_be_read_are_told() -> None:
    info = read(parse_rpm, package(NAMED, {268: (7, 9, b"no packet")}))
    assert info.signing
    assert info.signing.kind == "invalid"
    assert info.warnings


def test_signatures_of_all_kinds() -> None:
    issuer = b"\x09\x10" + bytes.fromhex("0123456789abcdef")
    newest = b"\x16\x21\x04" + bytes(12) + bytes.fromhex("0123456789abcdef")
    old = b"\x88\x13\x03\x05\x00\x60\x00\x00\x00" + bytes.fromhex("0123456789abcdef") + b"\x11\x02" + bytes(2)
    v4 = b"\x04\x00\x16\x0a" + struct.pack(">H", len(newest)) + newest + b"\0\0" + bytes(20)
    unhashed = b"\x04\x00\x01\x08" + b"\0\0" + struct.pack(">H", len(issuer)) + issuer + bytes(20)
    found = [
        read_signature(packet) for packet in (old, bytes([0xC2, len(v4)]) + v4, bytes([0x88, len(unhashed)]) + unhashed)
    ]
    assert found == [
        ("DSA/SHA1", "0123456789abcdef"),
        ("EdDSA/SHA512", "0123456789abcdef"),
        ("RSA/SHA256", "0123456789abcdef"),
    ]
    packets = base64.b64encode(bytes([0xC2, len(v4)]) + v4) + b"\0"
    info = read(parse_rpm, package(NAMED, {278: (8, 1, packets)}))
    assert info.signing
    assert info.signing.schemes == ("EdDSA/SHA512, key ID 0123456789abcdef",)
    for data in (
        b"",
        b"\x88",
        b"\xc2\xff\xff\xff\xff\xff",
        bytes([0xC2, 20, 4]) + b"\xff" * 30,
        b"\x99\x00\x05\x04aaaaaaaa",
    ):
        assert read_signature(data) in {None, ("PGP/unknown", None)}


@pytest.mark.parametrize("name", ["demo-plain.rpm", "demo-gzip.rpm", "signed.rpm"])
def test_damaged_packages(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    mutations(parse_rpm, data, 200)
    mutations(parse_rpm, data, 200, within=2000)
