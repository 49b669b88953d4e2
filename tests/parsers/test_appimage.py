import io
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from seatrial.domain.buildinfo import Format, Os
from seatrial.domain.errors import ProcessingCode
from seatrial.parsers import parse
from seatrial.parsers.appimage import parse_appimage
from seatrial.parsers.desktop_entry import read_entry
from seatrial.parsers.elf import read_elf
from seatrial.parsers.file_tree import ImageUnreadable, Tree
from seatrial.parsers.iso9660 import Iso9660
from seatrial.parsers.squashfs import Squashfs
from tests.fixtures.build_appimage import LONG
from tests.parsers.corpus_manifest import Row, rows
from tests.parsers.linux_files import FIXTURES, mutations, picture, read, refused

SAMPLES = FIXTURES / "appimage"
needs_unsquashfs = pytest.mark.skipif(shutil.which("unsquashfs") is None, reason="unsquashfs is not installed")


@pytest.mark.parametrize("name", ["demo-gzip", "demo-xz", "demo-zstd", "signed", "type1", "narrow"])
def test_an_appimage_says_what_it_is(name: str) -> None:
    info = parse(SAMPLES / f"{name}.AppImage")
    assert (info.format, info.os) == (Format.APPIMAGE, Os.LINUX)
    assert (info.identifier, info.display_name, info.version_name) == ("seatrial-demo", "Seatrial Demo", "2.4.0-rc1")
    assert info.localized_names == {"de": "Probefahrt", "pt-BR": "Prova de Mar"}
    assert info.architectures == (("i686",) if name == "narrow" else ("x86_64",))
    assert info.url_schemes == ("seatrial",)
    assert info.icon_source == "seatrial-demo.png"
    assert picture(info) == ((64, 64), (255, 0, 0))
    assert info.signing
    assert info.signing.kind == ("signed" if name == "signed" else "unsigned")
    assert info.warnings == ()


def test_an_icon_that_is_a_drawing_is_drawn() -> None:
    info = parse(SAMPLES / "drawn.AppImage")
    assert info.icon_source == "seatrial-demo.svg"
    assert picture(info) == ((256, 128), (0, 255, 0))


def test_a_way_to_pack_that_is_not_read_is_told() -> None:
    info = parse(SAMPLES / "demo-lz4.AppImage")
    assert (info.identifier, info.architectures) == (None, ("x86_64",))
    assert "LZ4" in info.warnings[0]


@pytest.mark.parametrize("row", rows("appimage"))
def test_real_appimages(row: Row) -> None:
    if "malformed" in row.features:
        assert refused(parse_appimage, row.file.read_bytes()) is ProcessingCode.CORRUPT_ARCHIVE
        return
    info = parse(row.file)
    ours = [info.identifier, info.display_name, info.version_name or "", info.version_code or "", info.min_os or ""]
    assert ours == [row.identifier, row.display_name, row.version_name, row.version_code, row.min_os]
    assert f"{info.os} [{','.join(info.architectures)}]" == row.platforms
    if "helloworld.svg" in row.icon:  # there, but of no bytes
        assert (info.icon_png, info.icon_source) == (None, None)
        assert info.warnings == ("The icon cannot be read: the picture is empty.",)
    else:
        assert info.icon_png
        assert row.icon == f"yes {info.icon_source}"
        assert info.warnings == ()


def squashed(path: Path) -> Tree:
    file = io.BytesIO(path.read_bytes())
    return Tree(Squashfs(file, read_elf(file).ends[0]))


@pytest.mark.parametrize("method", ["gzip", "xz", "zstd"])
def test_files_of_many_blocks_and_folders_of_many_names(method: str) -> None:
    tree = squashed(SAMPLES / f"demo-{method}.AppImage")
    assert tree.read("usr/share/long", len(LONG)) == LONG.encode()
    assert tree.names("usr/share/many") == [f"{number:04}" for number in range(400)]
    assert [tree.read(f"usr/share/many/{number:04}", 9) for number in (0, 257, 399)] == [b"0", b"257", b"399"]
    assert tree.read("AppRun", 99) == tree.read("usr/share/../bin/./seatrial-demo", 99)
    assert tree.read("usr/no/such", 99) is None
    assert tree.names("AppRun") == []
    with pytest.raises(ImageUnreadable):
        tree.read("usr/share/long", len(LONG) - 1)
    with pytest.raises(ImageUnreadable):
        tree.read("usr/share", 99)


@needs_unsquashfs
def test_unsquashfs_says_the_same() -> None:
    path = SAMPLES / "demo-xz.AppImage"
    with path.open("rb") as file:
        offset = read_elf(file).ends[0]
    listed = subprocess.run(
        ["unsquashfs", "-o", str(offset), "-l", "-d", "", path], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    tree = squashed(path)
    top = {line.strip("/") for line in listed if line.strip("/").count("/") == 0 and line.strip("/")}
    assert set(tree.names()) == top


def test_an_iso_image_with_packed_files() -> None:
    image = Iso9660(io.BytesIO((SAMPLES / "type1.AppImage").read_bytes()))
    tree = Tree(image)
    assert tree.names() == [".DirIcon", "AppRun", "seatrial-demo.desktop", "seatrial-demo.png", "usr"]
    assert tree.read("usr/share/long", len(LONG)) == LONG.encode()
    share = image.children(image.children(image.children(image.root)["usr"])["share"])
    assert share["long"].packed
    with pytest.raises(ImageUnreadable):
        tree.read("usr/share/long", len(LONG) - 1)


def test_a_program_that_is_no_appimage_is_refused() -> None:
    data = (SAMPLES / "demo-gzip.AppImage").read_bytes()
    start = data.index(b"hsqs")
    assert refused(parse_appimage, data[:start]) is ProcessingCode.CORRUPT_ARCHIVE
    assert refused(parse_appimage, data[:40]) is ProcessingCode.CORRUPT_ARCHIVE
    assert refused(parse_appimage, b"\x7fELF\3\1" + data[6:]) is ProcessingCode.CORRUPT_ARCHIVE
    # Cut behind the superblock: the tables stand at the image's end.
    assert refused(parse_appimage, data[: start + 2000]) is ProcessingCode.CORRUPT_ARCHIVE


def test_a_program_whose_headers_say_nothing_is_searched() -> None:
    data = (SAMPLES / "demo-gzip.AppImage").read_bytes()
    start = data.index(b"hsqs")
    bare = data[:40] + bytes(8) + data[48:start] + b"hsqs but not an image".ljust(5000, b"\1") + data[start:]
    assert read(parse_appimage, bare).identifier == "seatrial-demo"


def test_a_folder_that_holds_itself_ends() -> None:
    """The root's listing is made to lead to the root for every name in it."""
    data = bytearray((SAMPLES / "demo-gzip.AppImage").read_bytes())
    start = data.index(b"hsqs")
    root = struct.unpack_from("<Q", data, start + 32)[0]
    tree = squashed(SAMPLES / "demo-gzip.AppImage")
    assert tree.names("usr/share")
    for shift in range(0, 400, 8):
        struct.pack_into("<Q", data, start + 32, root + shift)
        file = io.BytesIO(bytes(data))
        try:
            Tree(Squashfs(file, start)).read("usr/share/long", 1 << 20)
        except ImageUnreadable:
            continue


def test_entries_are_read_as_the_specification_says() -> None:
    entry = read_entry(
        b"\xef\xbb\xbf# a comment\n[Desktop Entry]\r\nName = Demo\\s\\\\ One \nName=Two\nName[sr_RS.UTF-8@latin]=Proba\n"
        b"Name[en]=Demo \\ One\nIcon=demo\nNoDisplay=true\nbroken line\n[Desktop Action x]\nName=Three\nIcon=three\n"
    )
    assert (entry.name, entry.icon, entry.hidden) == ("Demo \\ One", "demo", True)
    assert entry.localized_names == {"sr-Latn-RS": "Proba"}
    assert read_entry(b"\xff\xfe\0").name is None
    assert len(read_entry(b"[Desktop Entry]\nName=" + b"x" * 5000).name or "") == 1000
    many = b"[Desktop Entry]\n" + b"".join(b"Name[x%d]=a\n" % number for number in range(500))
    assert len(read_entry(many).localized_names) == 200


@pytest.mark.parametrize("name", ["demo-gzip", "demo-xz", "demo-zstd", "type1", "narrow"])
def test_damaged_appimages(name: str) -> None:
    data = (SAMPLES / f"{name}.AppImage").read_bytes()
    mutations(parse_appimage, data, 150)
    start = data.find(b"hsqs")
    mutations(parse_appimage, data, 150, within=start + 96 if start > 0 else 512)


def test_damaged_tables() -> None:
    """What is not packed can be damaged where it hurts: folders of the ISO image, and a SquashFS without packing."""
    data = (SAMPLES / "type1.AppImage").read_bytes()
    folders = data[16 * 2048 :]
    mutations(lambda file: parse_appimage(io.BytesIO(data[: 16 * 2048] + file.read())), folders, 300, within=40 * 2048)
    plain = (SAMPLES / "plain.AppImage").read_bytes()
    assert read(parse_appimage, plain).identifier == "seatrial-demo"
    start = plain.index(b"hsqs")
    mutations(parse_appimage, plain, 150)
    tables = struct.unpack_from("<Q", plain, start + 64)[0] + start
    tail = plain[tables:]
    mutations(lambda file: parse_appimage(io.BytesIO(plain[:tables] + file.read())), tail, 400)
