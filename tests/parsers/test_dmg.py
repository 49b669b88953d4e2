"""Disk images: their blocks, their volumes, and the app on them."""

import contextlib
import io
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from seatrial.domain.buildinfo import BuildInfo, EmbeddedKind, Format, Os, SigningKind
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers.disk import DiskUnreadable, Node, PlainDisk, Volume
from seatrial.parsers.dmg import parse_dmg
from seatrial.parsers.partitions import first_volume, is_disk
from seatrial.parsers.udif import UdifImage
from tests.fixtures import build_mac_app
from tests.parsers import disk_files
from tests.parsers.corpus_manifest import CORPUS, Row, rows
from tests.parsers.disk_files import Apfs, file_like, udif

FIXTURES = Path(__file__).parents[1] / "fixtures/dmg"
SAMPLES = sorted(FIXTURES.glob("*.dmg"))
HFS = FIXTURES / "hfs-zlib.dmg"
FAT = FIXTURES / "fat-zlib.dmg"
METHODS = sorted(disk_files.PACK)


def read(path: Path) -> BuildInfo:
    with path.open("rb") as file:
        return parse_dmg(file)


def refused(data: bytes) -> BuildFileInvalid:
    with pytest.raises(BuildFileInvalid) as caught:
        parse_dmg(file_like(data))
    return caught.value


def volume_of(path: Path) -> bytes:
    """Give the bare volume in one of our own images."""
    with path.open("rb") as file:
        image = UdifImage(file)
        # xorriso puts its volume behind a partition map of its own.
        start = next((at for at in range(0, image.size - 2048, 512) if image.read_at(at + 1024, 2) == b"H+"), 0)
        return image.read_at(start, image.size - start)


def files(volume: Volume, folder: Node | None = None, path: str = "") -> Iterator[tuple[str, bytes]]:
    for node in volume.children(folder or volume.root):
        if node.folder:
            yield from files(volume, node, f"{path}{node.name}/")
        else:
            yield path + node.name, b"".join(volume.stream(node))


def with_app(apfs: Apfs, name: str = "SeatrialDemo.app", folder: int = 2) -> Apfs:
    places = {"": apfs.folder(folder, name)}
    for path, content in build_mac_app.files().items():
        *folders, last = path.split("/")
        at = ""
        for each in folders:
            parent, at = at, f"{at}{each}/"
            if at not in places:
                places[at] = apfs.folder(places[parent], each)
        apfs.file(places[at], last, content)
    return apfs


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_app_on_an_image_is_read(path: Path) -> None:
    check(read(path))


def check(info: BuildInfo) -> None:
    source = build_mac_app.INFO
    assert (info.format, info.os) == (Format.DMG, Os.MACOS)
    assert info.identifier == source["CFBundleIdentifier"] == "org.seatrial.demo.mac"
    assert info.display_name == source["CFBundleDisplayName"]
    assert info.localized_names == {"de": "Probefahrt"}
    assert info.version_name == source["CFBundleShortVersionString"]
    assert info.version_code == source["CFBundleVersion"]
    assert info.min_os == source["LSMinimumSystemVersion"]
    assert info.architectures == ("x86_64", "arm64")
    assert info.icon_source == "SeatrialDemo.app/Contents/Resources/AppIcon.icns"
    assert info.icon_png is not None
    assert Image.open(io.BytesIO(info.icon_png)).size == (128, 128)
    assert info.signing is not None
    assert info.signing.kind is SigningKind.UNSIGNED
    assert info.plist["CFBundleName"] == "SeatrialDemo"


@pytest.mark.parametrize("method", METHODS, ids=hex)
def test_every_way_of_packing_is_unpacked(method: int) -> None:
    disk = volume_of(HFS)
    with_method = UdifImage(file_like(udif(disk, method)))
    assert with_method.read_at(0, with_method.size) == disk
    check(parse_dmg(file_like(udif(disk, method))))


def test_reading_across_blocks_gives_the_bytes_in_between() -> None:
    disk = bytes(range(256)) * 2 * 300
    image = UdifImage(file_like(udif(disk, chunk=8)))
    for start, size in ((0, 0), (1, 4095), (4095, 2), (5000, 30_000), (len(disk) - 1, 1)):
        assert image.read_at(start, size) == disk[start : start + size]
    for start, size in ((len(disk), 1), (-1, 1), (0, len(disk) + 1)):
        with pytest.raises(DiskUnreadable):
            image.read_at(start, size)


def test_what_no_block_covers_is_zeros() -> None:
    data = disk_files.PACK[disk_files.ZLIB](b"x" * 512)
    runs = [(disk_files.ZLIB, 3, 1, 0, len(data)), (disk_files.ZERO, 9, 1, 0, 0)]
    image = UdifImage(file_like(disk_files.image(data, [disk_files.mish(runs, 0, 10)])))
    assert image.read_at(0, 10 * 512) == bytes(3 * 512) + b"x" * 512 + bytes(6 * 512)


def test_an_old_image_has_its_table_in_a_resource_fork() -> None:
    disk = volume_of(FAT)
    table = disk_files.mish([(disk_files.RAW, 0, len(disk) // 512, 0, len(disk))], 0, len(disk) // 512)
    check(parse_dmg(file_like(disk_files.with_resource_fork(disk, table))))


@pytest.mark.parametrize("wrap", [disk_files.gpt, disk_files.apple_map, disk_files.boot_sector])
@pytest.mark.parametrize("path", [HFS, FAT], ids=lambda path: path.stem)
def test_volumes_are_found_by_the_disk_s_own_table(path: Path, wrap: Callable[[bytes], bytes]) -> None:
    check(parse_dmg(file_like(udif(wrap(volume_of(path))))))


@pytest.mark.parametrize("wrap", [bytes, disk_files.gpt, disk_files.apple_map])
def test_an_image_without_a_trailer_is_the_bare_disk(wrap: Callable[[bytes], bytes]) -> None:
    disk = wrap(volume_of(HFS))
    assert is_disk(disk[:4096])
    check(parse_dmg(file_like(disk)))


@pytest.mark.parametrize("split", [True, False])
def test_apps_on_apfs_are_read(*, split: bool) -> None:
    disk = with_app(Apfs(split=split)).disk()
    check(parse_dmg(file_like(udif(disk_files.gpt(disk), disk_files.LZMA))))
    assert is_disk(disk[:4096])


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_all_files_on_a_volume_have_their_content(path: Path) -> None:
    volume = first_volume(PlainDisk(file_like(volume_of(path))))
    assert volume is not None
    expected = {f"SeatrialDemo.app/{name}": data for name, data in build_mac_app.files().items()}
    assert dict(files(volume)) == expected


def test_the_first_app_counts_and_the_others_are_named() -> None:
    apfs = Apfs(split=True)
    apfs.folder(2, "Uninstall Demo.app")
    apfs.file(2, "Tools.pkg", b"xar!")
    with_app(apfs)
    info = parse_dmg(file_like(udif(apfs.disk())))
    check(info)
    assert [(each.kind, each.path) for each in info.embedded] == [
        (EmbeddedKind.APP, "Uninstall Demo.app"),
        (EmbeddedKind.PACKAGE, "Tools.pkg"),
    ]
    assert any("2 apps" in warning for warning in info.warnings)


def test_an_app_in_a_folder_is_found() -> None:
    apfs = Apfs(split=True)
    info = parse_dmg(file_like(udif(with_app(apfs, folder=apfs.folder(2, "Demo 2.1")).disk())))
    assert info.identifier == "org.seatrial.demo.mac"
    assert info.icon_source == "Demo 2.1/SeatrialDemo.app/Contents/Resources/AppIcon.icns"


def test_an_image_without_an_app_says_what_it_holds() -> None:
    apfs = Apfs()
    apfs.file(2, "Demo.pkg", b"xar!")
    info = parse_dmg(file_like(udif(apfs.disk())))
    assert (info.os, info.identifier) == (Os.MACOS, None)
    assert [(each.kind, each.path) for each in info.embedded] == [(EmbeddedKind.PACKAGE, "Demo.pkg")]
    assert any("installer" in warning for warning in info.warnings)
    apfs = Apfs()
    apfs.file(2, "readme", b"x")
    assert any("no app" in warning for warning in parse_dmg(file_like(udif(apfs.disk()))).warnings)


def test_an_app_without_a_sound_info_plist_is_refused() -> None:
    apfs = Apfs()
    apfs.file(apfs.folder(apfs.folder(2, "A.app"), "Contents"), "Info.plist", b"junk")
    assert refused(udif(apfs.disk())).code is ProcessingCode.MANIFEST_INVALID
    apfs = Apfs()
    apfs.folder(2, "A.app")
    assert refused(udif(apfs.disk())).code is ProcessingCode.MANIFEST_MISSING


def test_a_volume_of_another_kind_is_a_warning() -> None:
    info = parse_dmg(file_like(udif(b"\xaa" * 65536)))
    assert (info.format, info.os, info.identifier) == (Format.DMG, Os.MACOS, None)
    assert any("APFS" in warning for warning in info.warnings)


@pytest.mark.parametrize("data", [b"encrcdsa" + bytes(600), bytes(600) + b"cdsaencr"])
def test_encrypted_images_are_refused_with_advice(data: bytes) -> None:
    assert "encrypted" in refused(data).sentence
    assert "password" in refused(udif(with_app(Apfs(encrypted=True, split=True)).disk())).sentence


def damaged(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


SMALL = udif(b"\xaa" * 8192)
PACKED = disk_files.PACK[disk_files.ZLIB](bytes(100))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "trailer"),
        (bytes(512), "trailer"),
        (SMALL[-512:], "cut off"),
        (damaged(SMALL, len(SMALL) - 512 + 216, (1 << 60).to_bytes(8)), "cut off"),
        (damaged(SMALL, len(SMALL) - 512 + 224, (1 << 40).to_bytes(8)), "larger"),
        (SMALL[:-512] + disk_files.trailer(0, 0), "table"),
        (SMALL[:-512] + disk_files.trailer(0, 10), "table"),
        (SMALL[:-512] + disk_files.trailer(0, 10, segments=2), "several files"),
        (bytes(600) + disk_files.trailer(0, 0, fork=(0, 600)), "empty"),
        (disk_files.image(b"", [b"mish"]), "damaged"),
        (disk_files.image(b"", [b"mush" + bytes(300)]), "damaged"),
        (disk_files.image(b"", [disk_files.mish([], 0, 0)[:200] + b"\xff" * 4]), "damaged"),
        (disk_files.image(b"", [disk_files.mish([(disk_files.ZLIB, 0, 8, 1 << 40, 10)], 0, 8)]), "cut off"),
        (disk_files.image(PACKED, [disk_files.mish([(disk_files.ZLIB, 0, 8, 0, len(PACKED))], 0, 8)]), "damaged"),
        (disk_files.image(PACKED, [disk_files.mish([(disk_files.ZLIB, 0, 1 << 30, 0, 9)], 0, 8)]), "8 MiB"),
        (disk_files.image(PACKED, [disk_files.mish([(disk_files.LZMA, 0, 8, 0, len(PACKED))], 0, 8)]), "damaged"),
        (disk_files.image(PACKED, [disk_files.mish([(disk_files.LZFSE, 0, 8, 0, len(PACKED))], 0, 8)]), "damaged"),
        (disk_files.image(PACKED, [disk_files.mish([(disk_files.ADC, 0, 8, 0, len(PACKED))], 0, 8)]), "damaged"),
        (disk_files.image(PACKED, [disk_files.mish([(disk_files.RAW, 0, 8, 0, len(PACKED))], 0, 8)]), "damaged"),
        (disk_files.image(PACKED, [disk_files.mish([(0x80000009, 0, 8, 0, len(PACKED))], 0, 8)]), "not known"),
        (disk_files.image(b"", [disk_files.mish([(disk_files.ZERO, 1 << 62, 8, 0, 0)], 0, 8)]), "damaged"),
    ],
)
def test_damaged_images_are_refused(data: bytes, words: str) -> None:
    problem = refused(data)
    assert problem.code is ProcessingCode.CORRUPT_ARCHIVE
    assert words in problem.sentence


def test_entities_in_the_table_are_refused() -> None:
    text = b'<!DOCTYPE plist [<!ENTITY a "b">]><plist><dict><key>resource-fork</key><string>&a;</string></dict></plist>'
    assert refused(text + disk_files.trailer(0, len(text))).code is ProcessingCode.CORRUPT_ARCHIVE


_BARE = [volume_of(HFS), volume_of(FAT), with_app(Apfs(split=True)).disk()]
# Most of a volume is empty; what is not is what matters.
_PLACES = [[at for at in range(0, len(each), 16) if any(each[at : at + 16])] for each in _BARE]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_changed_volumes_give_an_answer_or_a_refusal(data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(_BARE) - 1))
    changed = bytearray(_BARE[index])
    for at in data.draw(st.lists(st.sampled_from(_PLACES[index]), min_size=1, max_size=6)):
        changed[at + data.draw(st.integers(0, 15))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BuildFileInvalid):
        parse_dmg(file_like(udif(bytes(changed), disk_files.RAW, chunk=4096)))


_IMAGE = udif(volume_of(FAT), chunk=512)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(_IMAGE) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_changed_images_give_an_answer_or_a_refusal(changes: list[tuple[int, int]]) -> None:
    data = bytearray(_IMAGE)
    for at, value in changes:
        data[at] = value
    with contextlib.suppress(BuildFileInvalid):
        parse_dmg(file_like(bytes(data)))


@pytest.mark.parametrize("row", rows("dmg"))
def test_real_images_read_as_independent_tools_read_them(row: Row) -> None:
    if {"encrypted", "malformed"} & set(row.features.split(",")):
        with row.file.open("rb") as file, pytest.raises(BuildFileInvalid):
            parse_dmg(file)
        return
    info = read(row.file)
    told = (row.identifier, row.display_name, row.version_name, row.version_code, row.min_os, row.target_os)
    found = (info.identifier, info.display_name, info.version_name, info.version_code, info.min_os, info.target_os)
    assert told == tuple(value or "" for value in found)
    assert info.os == row.platforms
    assert (info.icon_png is not None) == row.icon.startswith("yes")


@pytest.mark.skipif(shutil.which("7z") is None, reason="7z is not here (Debian: 7zip or p7zip-full)")
@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
@pytest.mark.parametrize("name", ["SparkleTestCodeSign_apfs", "appleplatformrs-example", "relic-dummy"])
def test_7z_finds_the_same_files(name: str) -> None:
    path = CORPUS / f"dmg/{name}.dmg"
    with path.open("rb") as file, tempfile.TemporaryDirectory() as folder:
        image = UdifImage(file)
        volume = first_volume(image, [(each.start, each.size) for each in image.partitions])
        assert volume is not None
        ours = {name: data for name, data in files(volume) if ".app/" in name}
        subprocess.run(["7z", "x", f"-o{folder}", "-snld", path], check=False, capture_output=True)
        for name_of_file, data in ours.items():
            (found,) = [p for p in Path(folder).glob(f"**/{name_of_file}") if p.is_file()][:1]
            assert found.read_bytes() == data
    assert ours
