import bz2
import gzip
import lzma
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from seatrial.domain.buildinfo import Format, Os
from seatrial.domain.errors import ProcessingCode
from seatrial.parsers import limits, parse
from seatrial.parsers.deb import parse_deb
from tests.parsers.corpus_manifest import CORPUS, Row, rows
from tests.parsers.linux_files import FIXTURES, ar, deb, mutations, picture, read, refused, tar

SAMPLES = FIXTURES / "deb"
CONTROL = b"Package: demo\nVersion: 1.0\nArchitecture: all\n"
needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is not installed")


@pytest.mark.parametrize("method", ["xz", "gzip", "zstd", "none"])
def test_a_package_says_what_it_is(method: str) -> None:
    info = parse(SAMPLES / f"demo-{method}.deb")
    assert (info.format, info.os) == (Format.DEB, Os.LINUX)
    assert (info.identifier, info.display_name) == ("seatrial-demo", "seatrial-demo")
    assert (info.version_name, info.version_code) == ("1:2.4.0-3", None)
    assert info.architectures == ("amd64",)
    assert info.signing
    assert (info.signing.kind, info.signing.schemes) == ("unsigned", ())
    assert info.icon_source == "usr/share/icons/hicolor/128x128/apps/seatrial-demo.png"
    assert picture(info) == ((128, 128), (255, 0, 0))
    assert info.warnings == ()


def test_a_package_without_a_desktop_app_has_no_icon_and_no_complaint() -> None:
    info = parse(SAMPLES / "bare.deb")
    assert (info.architectures, info.icon_png, info.icon_source, info.warnings) == (("all",), None, None, ())


def test_signatures_are_seen() -> None:
    signing = parse(SAMPLES / "signed.deb").signing
    assert signing
    assert (signing.kind, signing.schemes) == ("signed", ("debsigs",))


@needs_dpkg
@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.deb")), ids=lambda path: path.name)
def test_dpkg_says_the_same(path: Path) -> None:
    told = subprocess.run(
        ["dpkg-deb", "--show", "--showformat", "${Package} ${Version} ${Architecture}", path],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    info = parse(path)
    assert told.split() == [info.identifier, info.version_name, *info.architectures]


@pytest.mark.parametrize("row", rows("deb"))
def test_real_packages(row: Row) -> None:
    if "malformed" in row.features:
        assert refused(parse_deb, row.file.read_bytes()) is ProcessingCode.CORRUPT_ARCHIVE
        return
    info = parse(row.file)
    assert [info.identifier, info.display_name, info.version_name] == [
        row.identifier,
        row.display_name,
        row.version_name,
    ]
    assert (info.version_code or "", info.min_os or "", info.target_os or "") == (
        row.version_code,
        row.min_os,
        row.target_os,
    )
    assert f"{info.os} [{','.join(info.architectures)}]" == row.platforms
    assert info.signing
    assert info.signing.kind == row.signing
    assert ("yes" if info.icon_png else "no") == row.icon
    assert info.warnings == ()


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
def test_hostile_packages_of_the_corpus() -> None:
    folder = CORPUS / "malformed"
    assert refused(parse_deb, (folder / "deb-control-bomb.deb").read_bytes()) is ProcessingCode.ARCHIVE_BOMB
    info = parse(folder / "deb-traversal-in-control.deb")
    assert (info.identifier, info.version_name) == ("evil", "1.0")


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("control.tar.gz", lambda data: gzip.compress(data[:700]) + gzip.compress(data[700:])),
        ("control.tar.bz2", bz2.compress),
        ("control.tar.xz", lzma.compress),
        ("control.tar.lzma", lambda data: lzma.compress(data, lzma.FORMAT_ALONE)),
        ("control.tar/", bytes),
        ("#1/12", lambda data: b"control.tar\0" + data),
    ],
    ids=["gzip of two members", "bzip2", "xz", "lzma", "GNU name", "BSD name"],
)
def test_ways_to_pack_the_control_file(name: str, pack: object) -> None:
    assert callable(pack)
    control = tar({"./md5sums": b"x" * 900, "./control": CONTROL})
    info = read(parse_deb, ar([("debian-binary", b"2.0\n"), (name, pack(control)), ("data.tar", tar({}))]))
    assert (info.identifier, info.version_name, info.architectures) == ("demo", "1.0", ("all",))


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_long_names_in_front_of_the_control_file(form: int) -> None:
    name = "a" * 90 + "/" + ("b" * 80 if form == tarfile.USTAR_FORMAT else "b" * 200)
    info = read(parse_deb, deb(tar({name: b"x", "control": CONTROL}, form=form), tar({})))
    assert info.identifier == "demo"


def test_the_control_file_is_read_as_policy_says() -> None:
    control = (
        b"PACKAGE: demo\r\nversion:   1.0  \nDescription: one\n Version: 2\n .\nArchitecture: all\n\nPackage: other\n"
    )
    info = read(parse_deb, deb(tar({"control": control}), tar({})))
    assert (info.identifier, info.version_name, info.architectures) == ("demo", "1.0", ("all",))


@pytest.mark.parametrize(
    ("code", "data"),
    [
        (ProcessingCode.CORRUPT_ARCHIVE, ar([])),
        (ProcessingCode.CORRUPT_ARCHIVE, ar([("control.tar", tar({"control": CONTROL}))])),
        (ProcessingCode.CORRUPT_ARCHIVE, deb(tar({"control": CONTROL}), tar({}))[:-400]),
        (ProcessingCode.CORRUPT_ARCHIVE, deb(b"no tar archive" * 100)),
        (ProcessingCode.CORRUPT_ARCHIVE, deb(tar({"control": CONTROL})[:520])),
        (ProcessingCode.CORRUPT_ARCHIVE, deb(tar({"control": CONTROL, "./control": CONTROL}))),
        (ProcessingCode.CORRUPT_ARCHIVE, ar([("debian-binary", b"2.0\n")] * 101)),
        (
            ProcessingCode.CORRUPT_ARCHIVE,
            ar([("debian-binary", b"2.0\n"), ("control.tar.gz", gzip.compress(b"x")[:-9])]),
        ),
        (ProcessingCode.CORRUPT_ARCHIVE, ar([("debian-binary", b"2.0\n"), ("control.tar.zst", b"not packed")])),
        (ProcessingCode.MANIFEST_MISSING, deb(tar({"control": b""}, tarfile.SYMTYPE))),
        (ProcessingCode.MANIFEST_MISSING, deb(tar({"other": b""}))),
        (ProcessingCode.MANIFEST_MISSING, ar([("debian-binary", b"2.0\n"), ("data.tar", b"")])),
        (ProcessingCode.MANIFEST_MISSING, ar([("debian-binary", b"2.0\n"), ("control.tar.rar", b"")])),
        (
            ProcessingCode.MANIFEST_INVALID,
            ar([("debian-binary", b"3.0\n"), ("control.tar", tar({"control": CONTROL}))]),
        ),
        (ProcessingCode.MANIFEST_INVALID, deb(tar({"control": b"Package: demo\n"}))),
        (ProcessingCode.MANIFEST_INVALID, deb(tar({"control": b"\xff\xfe"}))),
        (ProcessingCode.ARCHIVE_BOMB, deb(tar({"control": bytes(2 << 20)}))),
        (
            ProcessingCode.ARCHIVE_BOMB,
            ar([("debian-binary", b"2.0\n"), ("control.tar.gz", gzip.compress(tar({"a": bytes(40 << 20)})))]),
        ),
    ],
)
def test_what_is_no_package_is_refused(code: ProcessingCode, data: bytes) -> None:
    assert refused(parse_deb, data) is code


def test_a_payload_that_unpacks_to_too_much_costs_the_icon_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_limits", limits.ParserLimits(payload_bytes=1 << 20))
    desktop = b"[Desktop Entry]\nName=Demo\nIcon=demo\n"
    payload = tar({"./usr/share/applications/demo.desktop": desktop, "./big": bytes(8 << 20)})
    info = read(
        parse_deb,
        ar(
            [
                ("debian-binary", b"2.0\n"),
                ("control.tar", tar({"control": CONTROL})),
                ("data.tar.gz", gzip.compress(payload)),
            ]
        ),
    )
    assert info.identifier == "demo"
    assert [warning for warning in info.warnings if "too large" in warning]


def test_a_broken_icon_is_a_warning() -> None:
    payload = tar(
        {
            "usr/share/applications/demo.desktop": b"[Desktop Entry]\nIcon=demo\n",
            "usr/share/pixmaps/demo.png": b"\x89PNG\r\n\x1a\nand no more",
        }
    )
    info = read(parse_deb, deb(tar({"control": CONTROL}), payload))
    assert info.icon_png is None
    assert re.search("icon cannot be read", " ".join(info.warnings))


@pytest.mark.parametrize("name", ["demo-none.deb", "demo-xz.deb", "demo-gzip.deb", "demo-zstd.deb", "signed.deb"])
def test_damaged_packages(name: str) -> None:
    mutations(parse_deb, (SAMPLES / name).read_bytes(), 300)
