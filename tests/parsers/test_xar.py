"""xar archives: their table of contents, their files, and what is refused."""

import bz2
import io
import lzma
import shutil
import subprocess
from pathlib import Path

import pytest

from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers.xar import MAX_TABLE, Xar
from tests.parsers.xar_files import PLAIN, bare, xar

FIXTURES = Path(__file__).parents[1] / "fixtures/pkg"


def refused(file: io.BytesIO) -> BuildFileInvalid:
    with pytest.raises(BuildFileInvalid) as caught:
        Xar(file)
    return caught.value


def test_files_are_found_by_their_full_names() -> None:
    archive = Xar(xar({"Distribution": b"one", "a.pkg/PackageInfo": b"two", "a.pkg/b/Ünïcode & more": b"three"}))
    assert {name: archive.read(entry, 100) for name, entry in archive.files.items()} == {
        "Distribution": b"one",
        "a.pkg/PackageInfo": b"two",
        "a.pkg/b/Ünïcode & more": b"three",
    }


def test_a_folder_may_be_named_behind_the_files_in_it() -> None:
    entry = "<data><length>1</length><offset>0</offset><size>1</size></data><name>b</name>"
    archive = Xar(bare(f"<xar><toc><file><file>{entry}</file><name>a</name></file></toc></xar>".encode(), b"x"))
    assert [*archive.files] == ["a/b"]


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("application/x-bzip2", bz2.compress(b"content")),
        ("application/x-xz", lzma.compress(b"content")),
        ("application/x-lzma", lzma.compress(b"content", format=lzma.FORMAT_ALONE)),
        (PLAIN, b"content"),
    ],
)
def test_all_ways_of_packing_are_unpacked(encoding: str, data: bytes) -> None:
    archive = Xar(xar({"a": data}, encoding=encoding))
    assert archive.read(archive.files["a"], 100) == b"content"


def test_the_signer_s_own_certificate_comes_first() -> None:
    (signature,) = Xar(xar({"a": b""}, certificates=(b"leaf", b"issuer"))).signatures
    assert signature.style == "RSA"
    assert signature.certificates == (b"leaf", b"issuer")


def test_a_file_of_more_than_what_is_allowed_is_refused() -> None:
    archive = Xar(xar({"a": bytes(2_000_000)}))
    with pytest.raises(BuildFileInvalid) as caught:
        archive.read(archive.files["a"], 1_000_000)
    assert caught.value.code is ProcessingCode.ARCHIVE_BOMB


def test_damage_in_a_file_is_told_with_its_name() -> None:
    data = bytearray(xar({"PackageInfo": b"some content that is packed"}).getvalue())
    data[-8:] = b"\xff" * 8
    archive = Xar(io.BytesIO(bytes(data)))
    with pytest.raises(BuildFileInvalid, match="PackageInfo") as caught:
        archive.read(archive.files["PackageInfo"], 100)
    assert caught.value.code is ProcessingCode.CORRUPT_ARCHIVE


def test_a_table_that_unpacks_to_too_much_is_refused() -> None:
    honest = bare(b"<xar>" + b" " * (MAX_TABLE + 1) + b"</xar>")
    lying = bare(b"<xar>" + b" " * (MAX_TABLE + 1) + b"</xar>", unpacked=100)
    declared = bare(b"<xar/>", unpacked=1 << 40)
    for file in (honest, lying, declared):
        assert refused(file).code is ProcessingCode.ARCHIVE_BOMB


@pytest.mark.parametrize(
    "table",
    [
        b"<xar><toc>",
        b"no xml",
        b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xar>&b;</xar>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd" [<!ENTITY x SYSTEM "file:///etc/passwd">]><xar>&x;</xar>',
        b"<xar>" + b"<file>" * 200 + b"</file>" * 200 + b"</xar>",
        b"<xar>" + b"<a/>" * 200_001 + b"</xar>",
        b"<xar " + b" ".join(b'a%d=""' % i for i in range(100_000)) + b"/>",
        b"<xar><!--" + bytes(400_000).replace(b"\0", b"x") + b"--></xar>",
        b'<?xml version="1.0" encoding="no-such"?><xar/>',
    ],
)
def test_a_table_that_is_no_plain_xml_is_refused(table: bytes) -> None:
    assert refused(bare(table)).code is ProcessingCode.CORRUPT_ARCHIVE


@pytest.mark.parametrize("data", [b"", b"xar!", b"xar!" + bytes(24), b"xar?" + bytes(100)])
def test_what_is_no_xar_archive_is_refused(data: bytes) -> None:
    assert refused(io.BytesIO(data)).code is ProcessingCode.CORRUPT_ARCHIVE


def test_a_cut_off_table_is_refused_with_advice() -> None:
    assert "upload" in refused(io.BytesIO(xar({"a": b"b"}).getvalue()[:60])).sentence


@pytest.mark.parametrize(
    "place", ["<offset>99999999</offset>", "<offset>-1</offset>", "<offset>" + "9" * 30 + "</offset>"]
)
def test_files_outside_of_the_archive_are_named_and_not_read(place: str) -> None:
    entry = f"<file><name>far</name><data><length>5</length>{place}<size>5</size></data></file>"
    archive = Xar(xar({"near": b"x"}, extra=entry))
    assert archive.outside == ["far"]
    assert [*archive.files] == ["near"]


@pytest.mark.skipif(shutil.which("bsdtar") is None, reason="bsdtar is not here (Debian: libarchive-tools)")
@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.pkg")), ids=lambda path: path.name)
def test_bsdtar_finds_the_same_files(path: Path) -> None:
    with path.open("rb") as file:
        archive = Xar(file)
        ours = {name: archive.read(entry, 1 << 20) for name, entry in archive.files.items()}
    listed = subprocess.run(["bsdtar", "-tf", path], check=True, capture_output=True, text=True).stdout.splitlines()
    folders = {name.rpartition("/")[0] for name in listed}
    names = [name for name in listed if name not in folders]
    theirs = {
        name: subprocess.run(["bsdtar", "-xOf", path, name], check=True, capture_output=True).stdout for name in names
    }
    assert theirs == ours
