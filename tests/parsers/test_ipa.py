import contextlib
import io
import plistlib
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from seatrial.domain.buildinfo import BuildInfo, Format, Os, SigningKind
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import cgbi
from seatrial.parsers.ipa import parse_ipa
from tests.fixtures import apk_icon_drawing, build_ipa
from tests.parsers.corpus_manifest import Row, rows
from tests.parsers.ipa_files import DEMO, DEVELOPMENT, ENTERPRISE, MINIMAL, SOURCES, ipa, stored, zipped

KINDS = {"adhoc": "ad-hoc", "appstore": "app-store"}
SAMPLES = [DEMO, ENTERPRISE, DEVELOPMENT]


def read(path: Path) -> BuildInfo:
    with path.open("rb") as file:
        return parse_ipa(file)


def refused(file: io.BytesIO) -> BuildFileInvalid:
    with pytest.raises(BuildFileInvalid) as caught:
        parse_ipa(file)
    return caught.value


def pixels(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGBA")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_samples_say_what_their_sources_say(path: Path) -> None:
    source = plistlib.loads((SOURCES / "Info.plist").read_bytes())
    info = read(path)
    assert (info.format, info.os) == (Format.IPA, Os.IOS)
    assert info.identifier == source["CFBundleIdentifier"] == "org.seatrial.demo"
    assert info.display_name == source["CFBundleDisplayName"] == "Seatrial Demo"
    assert info.localized_names == {"es": "Demostración de Seatrial", "de": 'Seatrial "Vorführung"'}
    assert info.version_name == source["CFBundleShortVersionString"]
    assert info.version_code == source["CFBundleVersion"]
    assert info.min_os == source["MinimumOSVersion"]
    assert info.target_os == source["DTSDKName"]
    assert info.device_families == ("iphone", "ipad")
    assert info.architectures == ("arm64",)
    assert info.warnings == ()


def test_the_contract_s_keys_of_info_plist_are_text_and_lists_of_text() -> None:
    assert read(DEMO).plist == {
        "CFBundleDisplayName": "Seatrial Demo",
        "CFBundleSupportedPlatforms": ["iPhoneOS"],
        "MinimumOSVersion": "15.0",
        "CFBundleIdentifier": "org.seatrial.demo",
        "CFBundleShortVersionString": "1.0.0",
        "CFBundleVersion": "1",
        "CFBundleName": "SeatrialDemo",
        "CFBundleIcons": ["AppIcon60x60", "AppIcon76x76"],
        "UIDeviceFamily": ["1", "2"],
    }


def test_the_signing_comes_from_the_profile() -> None:
    signing = read(DEMO).signing
    assert signing is not None
    assert signing.profile is not None
    assert signing.kind is SigningKind.AD_HOC
    assert signing.profile.devices == tuple(build_ipa.DEVICES)
    assert signing.certificates == signing.profile.certificates
    assert "CN=Apple Distribution: Seatrial Demo" in signing.certificates[0].subject


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_icon_is_the_largest_one_drawn(path: Path) -> None:
    icon = read(path).icon_png
    assert icon is not None
    drawn = apk_icon_drawing.draw(180)
    assert pixels(icon).size == (180, 180)
    for place in ((90, 20), (60, 120), (120, 60), (90, 170)):
        found, meant = pixels(icon).getpixel(place), drawn.getpixel(place)
        assert isinstance(found, tuple)
        assert isinstance(meant, tuple)
        # The plain ones have a palette of 64 colours, the Apple-optimised ones all of them.
        tolerance = 1 if path == DEVELOPMENT else 16
        assert all(abs(a - b) <= tolerance for a, b in zip(found, meant, strict=True)), place


def test_apple_optimised_pictures_keep_their_colours_and_transparency() -> None:
    picture = Image.new("RGBA", (3, 2))
    colours = [
        (255, 0, 0, 255),
        (0, 0, 255, 255),
        (0, 255, 0, 128),
        (10, 20, 30, 255),
        (0, 0, 0, 0),
        (200, 100, 50, 64),
    ]
    picture.putdata(colours)
    data = build_ipa.apple_png(picture)
    assert cgbi.is_cgbi(data)
    assert cgbi.size_of(data) == (3, 2)
    found = pixels(cgbi.to_png(data))
    for place, meant in enumerate(colours):
        got = found.getpixel((place % 3, place // 3))
        assert isinstance(got, tuple)
        assert got[3] == meant[3]
        if meant[3]:
            rounding = 255 // meant[3]  # what multiplying by alpha has cost
            assert all(abs(a - b) <= rounding for a, b in zip(got, meant, strict=True))


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.replace(b"IHDR", b"IHDX"),
        lambda d: d.replace(struct.pack(">2L", 8, 8), struct.pack(">2L", 60_000, 60_000)),
        lambda d: d.replace(struct.pack(">2L", 8, 8), struct.pack(">2L", 0, 8)),
        lambda d: d.replace(struct.pack(">2LB", 8, 8, 8), struct.pack(">2LB", 8, 8, 16)),
        lambda d: d.replace(b"IDAT", b"IDAX"),
        lambda d: d[: d.index(b"IDAT") + 4] + b"\xff" * 20,
        lambda d: d.replace(struct.pack(">2L", 8, 8), struct.pack(">2L", 8, 80)),
    ],
)
def test_broken_apple_pictures_are_refused(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(cgbi.CgbiUnreadable):
        cgbi.to_png(change(build_ipa.apple_png(Image.new("RGBA", (8, 8), "teal"))))


@pytest.mark.parametrize("around", ["Demo/", "A folder with spaces/"])
def test_a_payload_one_folder_too_deep_is_read_and_told(around: str) -> None:
    app = around + "Payload/Mini.app/"
    junk = {"__MACOSX/Payload/Mini.app/._Info.plist": b"junk", "__MACOSX/Payload/Mini.app/Info.plist": b"junk"}
    info = parse_ipa(zipped({app + "Info.plist": plistlib.dumps(MINIMAL)} | junk))
    assert info.identifier == "org.seatrial.minimal"
    assert any("not at the archive's top" in warning for warning in info.warnings)


def test_less_than_everything_is_enough() -> None:
    info = parse_ipa(ipa(MINIMAL | {"CFBundleName": "Mini", "UIDeviceFamily": [99]}))
    assert info.identifier == "org.seatrial.minimal"
    assert info.display_name == "Mini"
    assert info.version_name is None
    assert info.icon_png is None
    assert info.device_families == ("iphone",)
    assert info.signing is not None
    assert info.signing.kind is SigningKind.UNSIGNED
    assert any("not signed" in warning for warning in info.warnings)


@pytest.mark.parametrize(
    ("platform", "system", "family"),
    [("iPhoneOS", Os.IOS, "iphone"), ("AppleTVOS", Os.TVOS, "tv"), ("XROS", Os.VISIONOS, "vision")],
)
def test_the_platform_tells_the_system(platform: str, system: Os, family: str) -> None:
    info = parse_ipa(ipa(MINIMAL | {"CFBundleSupportedPlatforms": [platform]}))
    assert info.os is system
    assert info.device_families == (family,)


def test_simulator_apps_are_told() -> None:
    info = parse_ipa(ipa(MINIMAL | {"CFBundleSupportedPlatforms": ["iPhoneSimulator"]}))
    assert any("simulator" in warning for warning in info.warnings)


def test_old_icon_keys_and_spellings_are_found() -> None:
    small, large = (build_ipa.png(Image.new("RGB", (side, side), "navy")) for side in (29, 72))
    info = parse_ipa(
        ipa(MINIMAL | {"CFBundleIconFiles": ["Icon.png", "Pad"]}, {"Icon.png": small, "Pad@2x~ipad.png": large})
    )
    assert info.icon_png is not None
    assert pixels(info.icon_png).size == (72, 72)
    assert info.plist["CFBundleIcons"] == ["Icon.png", "Pad"]


def test_a_broken_asset_catalogue_is_told() -> None:
    info = parse_ipa(ipa(MINIMAL, {"Assets.car": b"BOMStore"}))
    assert info.icon_png is None
    assert any("asset catalogue" in warning for warning in info.warnings)


def test_a_broken_icon_gives_way_to_the_next_one() -> None:
    good = build_ipa.png(Image.new("RGB", (60, 60), "navy"))
    broken = build_ipa.png(Image.new("RGB", (90, 90), "navy"))[:60]
    names = {"CFBundleIconFiles": ["A.png", "B.png"]}
    info = parse_ipa(ipa(MINIMAL | names, {"A.png": good, "B.png": broken}))
    assert info.icon_png is not None
    assert pixels(info.icon_png).size == (60, 60)
    info = parse_ipa(ipa(MINIMAL | names, {"B.png": broken}))
    assert info.icon_png is None
    assert any("icon cannot be read" in warning for warning in info.warnings)


def test_encrypted_executables_are_told() -> None:
    plain = build_ipa.executable()
    command = struct.pack("<5L", 0x2C, 24, 0x4000, 0, 0)
    encrypted = plain.replace(command, struct.pack("<5L", 0x2C, 24, 0x4000, 0, 1))
    assert encrypted != plain
    info = parse_ipa(ipa(MINIMAL | {"CFBundleExecutable": "Mini"}, {"Mini": encrypted}))
    assert info.architectures == ("arm64",)
    assert any("FairPlay" in warning for warning in info.warnings)
    assert info.signing is not None
    assert info.signing.kind is SigningKind.APP_STORE


@pytest.mark.parametrize(
    ("file", "code", "words"),
    [
        (zipped({"a": b""}), ProcessingCode.MANIFEST_MISSING, "export the app"),
        (zipped({"Payload/A.app/B/Info.plist": b""}), ProcessingCode.MANIFEST_MISSING, "export the app"),
        (
            zipped({"Payload/A.app/Info.plist": b"", "Payload/B.app/Info.plist": b""}),
            ProcessingCode.MANIFEST_INVALID,
            "2 apps (A.app, B.app)",
        ),
        (ipa(b"../../etc/passwd"), ProcessingCode.MANIFEST_INVALID, "cannot be read"),
        (ipa({"CFBundleIdentifier": {"a": 1}}), ProcessingCode.MANIFEST_INVALID, "no CFBundleIdentifier"),
        (ipa({"CFBundleIdentifier": " "}), ProcessingCode.MANIFEST_INVALID, "no CFBundleIdentifier"),
        (ipa(b"bplist00" + bytes(60)), ProcessingCode.MANIFEST_INVALID, "cannot be read"),
    ],
)
def test_what_is_wrong_is_said(file: io.BytesIO, code: ProcessingCode, words: str) -> None:
    problem = refused(file)
    assert problem.code is code
    assert words in problem.sentence


def test_a_broken_profile_or_translation_does_not_stop_the_reading() -> None:
    files = {"embedded.mobileprovision": b"junk", "fr.lproj/InfoPlist.strings": b"bplist00junk"}
    info = parse_ipa(ipa(MINIMAL, files))
    assert info.identifier == "org.seatrial.minimal"
    assert info.signing is None
    assert any("provisioning profile cannot be read" in warning for warning in info.warnings)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_changed_bytes_give_an_answer_or_a_refusal(data: st.DataObject) -> None:
    # Stored, so that the bytes of plist, profile, executable and pictures are hit and not only deflate streams.
    source = data.draw(st.sampled_from([_PACKED, _STORED]))
    changed = bytearray(source)
    for at in data.draw(st.lists(st.integers(0, len(source) - 1), min_size=1, max_size=30)):
        changed[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BuildFileInvalid):
        parse_ipa(io.BytesIO(bytes(changed)))


_PACKED = DEMO.read_bytes()
_STORED = stored(DEMO)


@pytest.mark.parametrize("row", rows("ipa"))
def test_real_ipas_read_as_independent_tools_read_them(row: Row) -> None:
    if not row.identifier:
        with row.file.open("rb") as file, pytest.raises(BuildFileInvalid) as caught:
            parse_ipa(file)
        assert caught.value.code is ProcessingCode.MANIFEST_MISSING
        return
    info = read(row.file)
    told = (row.identifier, row.display_name, row.version_name, row.version_code, row.min_os, row.target_os)
    assert told == (
        info.identifier,
        info.display_name,
        info.version_name,
        info.version_code,
        info.min_os,
        info.target_os,
    )
    platforms = re.fullmatch(r"(\S+) (\S+)(?: \[(.*)\])?", row.platforms)
    assert platforms is not None
    deeper = any("not at the archive's top" in warning for warning in info.warnings)
    assert deeper is ("unusual-layout" in row.features)
    assert info.plist["CFBundleSupportedPlatforms"] == [platforms[1]]
    assert "+".join(info.device_families) == platforms[2]
    assert ",".join(info.architectures) == (platforms[3] or "")
    _check_signing(row, info)
    _check_icon(row, info)


def _check_signing(row: Row, info: BuildInfo) -> None:
    assert info.signing is not None
    kind = row.signing.split()[0]
    assert info.signing.kind == KINDS.get(kind, kind)
    profile = info.signing.profile
    if kind == "unsigned":
        assert profile is None
        return
    assert profile is not None
    told = dict(re.findall(r"(\w+)=(\S+)", row.signing))
    assert f"profile='{profile.name}' team='{profile.team_name}' {profile.team_identifiers[0]}" in row.signing
    assert profile.application_identifier == told["appid"]
    assert profile.uuid == told["uuid"]
    assert str(profile.expires)[:10] == told["expires"]
    devices = "all" if profile.all_devices else "none" if profile.devices is None else str(len(profile.devices))
    assert devices == told["devices"]


def _check_icon(row: Row, info: BuildInfo) -> None:
    if row.icon.startswith("yes PNG") or "(Assets.car)" in row.icon:
        assert info.icon_png is not None
        assert info.icon_source is not None
        width, height = pixels(info.icon_png).size
        assert width >= 60
        if "Assets.car" in row.icon:
            assert info.icon_source.endswith("/Assets.car")
            assert width == height or info.os is Os.TVOS
        else:
            assert info.icon_source.endswith(".png")
            assert width == height
    else:
        assert info.icon_png is None
        assert info.icon_source is None
        declared = row.icon.startswith("declared")
        assert any("names an icon" in warning for warning in info.warnings) is declared


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_samples_stay_small(path: Path) -> None:
    assert path.stat().st_size < 50_000
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
