"""Whether symbols, mappings and profiles belong to a build: by what both state, and by nothing else."""

import io
import plistlib
import zipfile
from pathlib import Path

import pytest

from seatrial.domain.attachment import Attachment
from seatrial.domain.buildinfo import Format
from seatrial.parsers.attachment import understand
from seatrial.parsers.binaries import identities
from tests.parsers import attachment_files as made
from tests.parsers.apk_files import UNSIGNED, rebuilt
from tests.parsers.disk_files import Apfs, udif
from tests.parsers.ipa_files import MINIMAL, ipa, zipped
from tests.parsers.xar_files import PLAIN, payload, xar

WATCH_UUID = "AAAAAAAA-1111-4222-8333-BBBBBBBBBBBB"
APP = ipa(
    MINIMAL,
    {
        "Mini": made.universal(
            (made.ARM, made.macho(made.OTHER_UUID, made.ARM)), (made.ARM64, made.macho(made.APP_UUID))
        ),
        "Frameworks/Kit.framework/Kit": made.macho(made.FRAMEWORK_UUID),
        "Frameworks/libswift.dylib": made.macho(None),
        "Watch/W.app/PlugIns/E.appex/E": made.macho(WATCH_UUID, order=">"),
        "_CodeSignature/CodeResources": made.macho("0" * 32),
        "PkgInfo": b"APPL????",
        "Assets": b"no binary",
    },
).getvalue()
LIBRARIES = {
    "lib/arm64-v8a/libpay.so": made.elf(made.BUILD_ID),
    "lib/x86/libpay.so": made.elf("ab" * 20, wide=False, machine=3),
    "lib/x86/libold.so": made.elf(None),
}
APK = rebuilt(
    UNSIGNED, {**LIBRARIES, "classes.dex": made.dex(None), "classes2.dex": made.dex("1a2b3c4", 400_000)}
).getvalue()
AAB = zipped(
    {
        "BundleConfig.pb": b"",
        "base/manifest/AndroidManifest.xml": b"",
        "base/dex/classes.dex": made.dex("1a2b3c4" + "5" * 57),
        "feature/lib/arm64-v8a/libpay.so": made.elf(made.BUILD_ID),
    }
).getvalue()


def beside(tmp_path: Path, attachment: bytes, build: bytes, format_: Format) -> Attachment:
    (tmp_path / "attachment").write_bytes(attachment)
    (tmp_path / "build").write_bytes(build)
    return understand(tmp_path / "attachment", tmp_path / "build", format_)


def test_every_binary_of_an_app_counts() -> None:
    found = identities(io.BytesIO(APP), Format.IPA)
    assert found is not None
    assert {(one.name, one.architecture, one.id) for one in found.macho} == {
        ("Mini", "armv7", made.OTHER_UUID),
        ("Mini", "arm64", made.APP_UUID),
        ("Kit", "arm64", made.FRAMEWORK_UUID),
        ("E", "arm64", WATCH_UUID),
    }
    assert found.complete


def test_binaries_of_a_mac_app() -> None:
    files = {
        "Mini.app/Contents/Info.plist": b"",
        "Mini.app/Contents/MacOS/Mini": made.macho(made.APP_UUID, made.X86_64),
        "Mini.app/Contents/Frameworks/Kit.framework/Versions/A/Kit": made.macho(made.FRAMEWORK_UUID),
        "__MACOSX/Mini.app/Contents/MacOS/._Mini": made.macho(made.OTHER_UUID),
    }
    found = identities(zipped(files), Format.MAC_APP_ZIP)
    assert found is not None
    assert {one.id for one in found.macho} == {made.APP_UUID, made.FRAMEWORK_UUID}


@pytest.mark.parametrize(("build", "format_"), [(APK, Format.APK), (AAB, Format.AAB)], ids=["apk", "aab"])
def test_binaries_of_android(build: bytes, format_: Format) -> None:
    found = identities(io.BytesIO(build), format_)
    assert found is not None
    assert ("libpay.so", made.BUILD_ID) in found.elf
    assert [each[:7] for each in found.map_ids] == ["1a2b3c4"]


def test_binaries_of_a_set_of_apks() -> None:
    files = {"base.apk": APK, "split_config.x86.apk": APK, "manifest.json": b"{}"}
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        found = identities(zipped(files, method), Format.XAPK)
        assert found is not None
        assert (found.map_ids, found.complete) == (("1a2b3c4",), True)
        assert ("libpay.so", made.BUILD_ID) in found.elf


OWN = made.dsym(("Mini", made.macho(made.APP_UUID, kind=made.DSYM)))
OTHER = made.dsym(("Mini", made.macho(made.OTHER_UUID, kind=made.DSYM)))


def installer() -> bytes:
    files = {"./Mini.app/Contents/MacOS/Mini": made.macho(made.APP_UUID), "./Mini.app/Contents/Info.plist": b"<plist/>"}
    return xar({"Mini.pkg/Payload": payload(files)}, encoding=PLAIN).getvalue()


def disk_image() -> bytes:
    volume = Apfs()
    contents = volume.folder(volume.folder(2, "Mini.app"), "Contents")
    volume.file(contents, "Info.plist", b"<plist/>")
    volume.file(volume.folder(contents, "MacOS"), "Mini", made.macho(made.APP_UUID))
    return udif(volume.disk())


@pytest.mark.parametrize(
    ("build", "format_"), [(installer(), Format.PKG), (disk_image(), Format.DMG)], ids=["installer", "disk image"]
)
def test_symbols_of_installers_and_disk_images(build: bytes, format_: Format, tmp_path: Path) -> None:
    assert beside(tmp_path, OWN, build, format_).matches is True
    assert beside(tmp_path, OTHER, build, format_).matches is False
    assert beside(tmp_path, OTHER, build[:-200], format_).matches is None


def test_an_installer_whose_payload_is_damaged_from_its_start_leaves_it_open(tmp_path: Path) -> None:
    damaged = xar({"Mini.pkg/Payload": b"\x1f\x8b\x08 and nothing packed"}, encoding=PLAIN).getvalue()
    assert beside(tmp_path, OTHER, damaged, Format.PKG).matches is None


def test_symbols_of_a_part_of_the_app_belong_to_it(tmp_path: Path) -> None:
    kit = ("Kit", made.macho(made.FRAMEWORK_UUID, kind=made.DSYM))
    other = ("Other", made.macho("12345678-0000-4000-8000-000000000000", kind=made.DSYM))
    assert beside(tmp_path, made.dsym(kit), APP, Format.IPA).matches is True
    found = beside(tmp_path, made.dsym(kit, other), APP, Format.IPA)
    assert found.matches is True
    assert "1 of 2" in found.match_note
    assert "Other (arm64)" in found.match_note
    assert beside(tmp_path, made.dsym(other), APP, Format.IPA).matches is False


@pytest.mark.parametrize("build", [APK, AAB], ids=["apk", "aab"])
@pytest.mark.parametrize(
    ("stated", "matches"), [("1a2b3c4", True), ("1a2b3c4" + "5" * 57, True), ("1a2b3c5", False), (None, None)]
)
def test_mappings_by_whole_ids_and_by_their_first_digits(
    build: bytes, stated: str | None, matches: bool | None, tmp_path: Path
) -> None:
    head = f"# compiler: R8\n# compiler_version: 8\n# pg_map_id: {stated}\n" if stated else ""
    text = head + "com.acme.A -> a:\n"
    if build is APK and stated and len(stated) > 7:
        text = text.replace(stated, stated[:7] + "f" * 57)  # its code states no more than the first digits
    format_ = Format.APK if build is APK else Format.AAB
    assert beside(tmp_path, text.encode(), build, format_).matches is matches


def test_a_build_that_r8_did_not_shrink_has_no_mapping(tmp_path: Path) -> None:
    plain = rebuilt(UNSIGNED, {"classes.dex": made.dex(None)}).getvalue()
    found = beside(tmp_path, made.mapping("1a2b3c4"), plain, Format.APK)
    assert (found.matches, "not shrunk by R8" in found.match_note) == (None, True)


def test_native_symbols(tmp_path: Path) -> None:
    assert beside(tmp_path, made.elf(made.BUILD_ID, ".debug_info"), APK, Format.APK).matches is True
    assert beside(tmp_path, made.elf("cd" * 20, ".debug_info"), APK, Format.APK).matches is False
    assert beside(tmp_path, made.elf(None, ".debug_info"), APK, Format.APK).matches is None


@pytest.mark.parametrize(
    ("identifier", "build", "format_", "matches"),
    [  # the first digits of the build id as a little-endian GUID; the UUID as it stands; both with the age 0
        ("0D9C2A3F6B5E817A90123456789ABCDE0", APK, Format.APK, True),
        ("3F2A9C0D5E6B7A8190123456789ABCDE0", APK, Format.APK, False),
        (made.APP_UUID.replace("-", "") + "0", APP, Format.IPA, True),
        (made.APP_UUID.replace("-", "") + "0", APK, Format.APK, False),
    ],
)
def test_breakpad_symbols(identifier: str, build: bytes, format_: Format, matches: bool | None, tmp_path: Path) -> None:
    assert beside(tmp_path, f"MODULE Linux arm64 {identifier} a\n".encode(), build, format_).matches is matches


def profile(uuid: str) -> bytes:
    return plistlib.dumps({"UUID": uuid, "TeamIdentifier": ["SEATRIAL00"], "Entitlements": {"get-task-allow": True}})


def test_profiles(tmp_path: Path) -> None:
    signed = ipa(MINIMAL, {"embedded.mobileprovision": profile("one")}).getvalue()
    assert beside(tmp_path, profile("one"), signed, Format.IPA).matches is True
    assert beside(tmp_path, profile("two"), signed, Format.IPA).matches is False
    assert beside(tmp_path, profile("one"), APP, Format.IPA).matches is None


def test_where_the_build_says_nothing_nobody_knows(tmp_path: Path) -> None:
    symbols = made.dsym(("Mini", made.macho(made.APP_UUID, kind=made.DSYM)))
    for build, format_ in ((b"MZ", Format.EXE), (b"", Format.APK), (b"PK\3\4", Format.IPA), (APK, Format.APK)):
        found = beside(tmp_path, symbols, build, format_)
        assert found.matches is None
        assert found.match_note
    assert understand(tmp_path / "attachment", None, None).matches is None
    assert understand(tmp_path / "attachment", tmp_path / "gone", Format.IPA).matches is None


def test_a_binary_that_cannot_be_read_leaves_it_open(tmp_path: Path) -> None:
    damaged = io.BytesIO()
    with zipfile.ZipFile(damaged, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Payload/Mini.app/Mini", made.macho(made.APP_UUID))
        archive.writestr("Payload/Mini.app/PlugIns/E.appex/E", made.macho(WATCH_UUID) + bytes(range(256)) * 300)
    data = damaged.getvalue()
    with zipfile.ZipFile(damaged) as archive:
        info = archive.infolist()[1]
    place = info.header_offset + 30 + len(info.filename) + 12
    broken = data[:place] + b"\xff" * 40 + data[place + 40 :]
    other = made.dsym(("Other", made.macho("12345678-0000-4000-8000-000000000000", kind=made.DSYM)))
    assert beside(tmp_path, other, broken, Format.IPA).matches is None
    own = made.dsym(("Mini", made.macho(made.APP_UUID, kind=made.DSYM)))
    assert beside(tmp_path, own, broken, Format.IPA).matches is True
