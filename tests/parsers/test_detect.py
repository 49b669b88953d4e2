import contextlib
import gzip
import io
import struct
import tarfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.domain.buildinfo import Format
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers.detect import detect
from tests.parsers.apk_files import DEMO as DEMO_APK
from tests.parsers.corpus_manifest import Row, rows
from tests.parsers.ipa_files import DEMO, zipped


def tar_gz() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("a"))
    return out.getvalue()


def elf(at_8: bytes, image: bytes = b"") -> bytes:
    return (b"\x7fELF\2\1\1\0" + at_8).ljust(32768, b"\0") + image


HEADS: list[tuple[Format | None, bytes]] = [
    (Format.PKG, b"xar!" + struct.pack(">2H2QL", 28, 1, 100, 300, 1) + bytes(200)),
    (Format.DMG, bytes(2000) + b"koly\0\0\0\4\0\0\2\0" + bytes(500)),
    (Format.DMG, b"encrcdsa\0\0\0\2" + bytes(600)),
    (Format.MSI, bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)),
    (Format.EXE, b"MZ" + bytes(100)),
    (Format.DEB, b"!<arch>\ndebian-binary   1700000000  0     0     100644  4         `\n2.0\n"),
    (Format.RPM, bytes.fromhex("edabeedb0300") + bytes(100)),
    (Format.APPIMAGE, elf(b"AI\2")),
    (Format.APPIMAGE, elf(b"AI\1")),
    (Format.APPIMAGE, elf(b"", b"\1CD001\1")),
    (Format.TAR_GZ, tar_gz()),
    (None, b""),
    (None, b"M"),
    (None, b"MZ"),
    (None, b"xar!"),
    (None, elf(b"")),
    (None, b"!<arch>\nother.o/        0           0     0     644     4         `\n"),
    (None, bytes(100) + b"koly\0\0\0\4" + bytes(600)),
    (None, bytes(513)),
    (None, b"A letter from the crew, with no format at all." * 50),
]


# Numbered, not named by their bytes: some of those hold the time at which they were made.
@pytest.mark.parametrize(("expected", "data"), HEADS, ids=[f"{kind}-{place}" for place, (kind, _) in enumerate(HEADS)])
def test_magic_bytes_count_at_their_place_only(expected: Format | None, data: bytes) -> None:
    assert detect(io.BytesIO(data)) is expected
    if not data.endswith(bytes(500)):  # a trailer stands where it stood
        assert detect(io.BytesIO(b" " + data)) is None


@pytest.mark.parametrize(
    ("expected", "names"),
    [
        (Format.APK, ["AndroidManifest.xml"]),
        (Format.APK, ["AndroidManifest.xml/"]),
        (Format.APK, ["classes.dex", "META-INF/MANIFEST.MF"]),
        (Format.AAB, ["BundleConfig.pb", "base/dex/classes.dex"]),
        (Format.AAB, ["base/manifest/AndroidManifest.xml"]),
        (Format.APKS, ["toc.pb", "splits/base-master.apk"]),
        (Format.XAPK, ["manifest.json", "org.seatrial.demo.apk"]),
        (Format.XAPK, ["base.apk", "config.en.apk"]),
        (Format.IPA, ["Payload/"]),
        (Format.IPA, ["Payload/Demo.app/Info.plist", "META-INF/com.apple.ZipMetadata.plist"]),
        (Format.IPA, ["Demo/Payload/Demo.app/Info.plist"]),
        (Format.MSIX, ["AppxManifest.xml", "AppxBlockMap.xml"]),
        (Format.MSIX, ["AppxMetadata/AppxBundleManifest.xml", "a.msix"]),
        (Format.HAP, ["module.json", "ets/modules.abc"]),
        (Format.HAP, ["config.json", "pack.info"]),
        (Format.HAP, ["pack.info", "entry-default.hap"]),
        (Format.ZIP, ["pack.info", "readme.txt"]),
        (Format.ZIP, ["__MACOSX/Payload/Demo.app/Info.plist"]),
        (Format.MAC_APP_ZIP, ["Demo.app/Contents/Info.plist"]),
        (Format.ZIP, []),
        (Format.ZIP, ["readme.txt"]),
        (Format.ZIP, ["one.apk"]),
        (Format.ZIP, ["config.json"]),
        (Format.ZIP, ["AndroidManifest.xml", "classes.jar", "R.txt"]),
        (Format.ZIP, ["AndroidManifest.xml", "mapping.txt"]),
        (Format.ZIP, ["Demo.app/Info.plist"]),
        (Format.ZIP, ["__MACOSX/Demo.app/Contents/Info.plist"]),
        (Format.ZIP, ["deep/down/AndroidManifest.xml"]),
    ],
)
def test_archives_are_told_apart_by_their_directory(expected: Format, names: list[str]) -> None:
    assert detect(zipped(dict.fromkeys(names, b""))) is expected


def test_the_samples_are_known_behind_junk_too() -> None:
    for path, expected in ((DEMO, Format.IPA), (DEMO_APK, Format.APK)):
        assert detect(io.BytesIO(path.read_bytes())) is expected
        assert detect(io.BytesIO(b"junk" * 100 + path.read_bytes())) is expected
        assert detect(io.BytesIO(path.read_bytes() + b"junk")) is expected


def test_a_program_with_an_archive_behind_it_is_a_program() -> None:
    assert detect(io.BytesIO(b"MZ" + bytes(200) + DEMO_APK.read_bytes())) is Format.EXE


@pytest.mark.parametrize(
    "data", [DEMO.read_bytes()[:-40], DEMO.read_bytes()[:5000], DEMO.read_bytes()[300:], b"PK\3\4"]
)
def test_damaged_archives_are_refused(data: bytes) -> None:
    with pytest.raises(BuildFileInvalid) as caught:
        detect(io.BytesIO(data))
    assert caught.value.code is ProcessingCode.CORRUPT_ARCHIVE


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(HEADS), st.binary(max_size=600))
def test_no_bytes_break_the_detection(head: tuple[Format | None, bytes], rest: bytes) -> None:
    with contextlib.suppress(BuildFileInvalid):
        detect(io.BytesIO(head[1][:40] + rest))


# What the manifest's kinds are to us; attachments that are ZIP archives are just that.
_FORMATS = {
    **{kind: Format(kind) for kind in ("apk", "aab", "apks", "xapk", "ipa", "pkg", "dmg", "msi", "msix", "exe")},
    "deb": Format.DEB,
    "rpm": Format.RPM,
    "appimage": Format.APPIMAGE,
    "macos-app-zip": Format.MAC_APP_ZIP,
    "other": Format.HAP,
    **dict.fromkeys(("zip-with-app", "dsym", "xcarchive"), Format.ZIP),
}
_OTHERWISE: dict[str, Format | None] = {
    "apk/ag-CertChain.apk": Format.ZIP,  # neither manifest nor code: a signed archive
    "apk/apksig-empty-unsigned.apk": Format.ZIP,  # an archive of nothing
    "dmg/fileformat-sample.dmg": None,  # 3 bytes
    "rpm/fileformat-sample.rpm": None,  # 5 bytes
    "macos-app-zip/appium-TestApp.app.zip": Format.ZIP,  # an app for the iOS simulator
    "macos-app-zip/calabash-DeviceAgent-Runner.app.zip": Format.ZIP,  # an app for iOS
}


@pytest.mark.parametrize("row", rows(*_FORMATS))
def test_real_files_are_what_the_manifest_says(row: Row) -> None:
    with row.file.open("rb") as file:
        if row.path == "macos-app-zip/sparkle-bad_header.zip":
            with pytest.raises(BuildFileInvalid):
                detect(file)
        else:
            assert detect(file) is _OTHERWISE.get(row.path, _FORMATS[row.kind])


@pytest.mark.parametrize("row", rows("mobileprovision", "proguard"))
def test_files_that_are_no_builds_are_none(row: Row) -> None:
    with row.file.open("rb") as file:
        assert detect(file) is (Format.ZIP if zipfile.is_zipfile(row.file) else None)


def test_any_gzip_counts_as_tar_gz() -> None:
    assert detect(io.BytesIO(gzip.compress(b"x"))) is Format.TAR_GZ
