import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from seatrial.domain.buildinfo import BuildInfo, EmbeddedKind, Format, Os, SigningKind
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import limits
from seatrial.parsers.apk import parse_apk
from tests.parsers.apk_files import DEBUG, DEMO, DRAWINGS, FEATURES, UNSIGNED, member, rebuilt


def parsed(path: Path) -> BuildInfo:
    with path.open("rb") as file:
        return parse_apk(file)


def refused(data: bytes) -> BuildFileInvalid:
    with pytest.raises(BuildFileInvalid) as caught:
        parse_apk(io.BytesIO(data))
    return caught.value


def icon_of(info: BuildInfo) -> Image.Image:
    assert info.icon_png is not None
    image = Image.open(io.BytesIO(info.icon_png))
    image.load()
    assert image.format == "PNG"
    return image


# Expectations: `aapt2 dump badging` and `apksigner verify --print-certs --min-sdk-version 21` on the fixtures.


def test_the_demo_says_what_aapt2_says() -> None:
    info = parsed(DEMO)
    assert (info.format, info.os) == (Format.APK, Os.ANDROID)
    assert (info.identifier, info.version_name, info.version_code) == ("org.seatrial.demo", "1.0.0", "1")
    assert (info.min_os, info.target_os) == ("21", "34")
    assert info.display_name == "Seatrial Demo"
    assert info.localized_names == {"es": "Demostración de Seatrial"}
    assert info.permissions == ("android.permission.INTERNET",)
    assert info.architectures == ()
    assert info.debuggable is False
    assert info.managed_configuration is False
    assert info.warnings == ()
    assert info.signing
    assert (info.signing.kind, info.signing.schemes) == (SigningKind.RELEASE, ("v1", "v2", "v3"))


def test_the_contract_android_values_are_strings_and_absent_ones_left_out() -> None:
    assert parsed(DEMO).android == {
        "targetSdkVersion": "34",
        "minSDKVersion": "21",
        "packageName": "org.seatrial.demo",
        "platformBuildVersionName": "10.0.0",
        "platformBuildVersionCode": "29",
        "versionName": "1.0.0",
        "versionCode": "1",
        "icon": "res/mipmap-xxxhdpi-v4/ic_launcher.png",
    }


def test_the_icon_is_the_one_with_most_pixels() -> None:
    icon = icon_of(parsed(DEMO))
    assert icon.size == (192, 192)
    drawn = Image.open(io.BytesIO(member(DEMO, "res/mipmap-xxxhdpi-v4/ic_launcher.png"))).convert("RGBA")
    assert icon.convert("RGBA").tobytes() == drawn.tobytes()


def test_a_debug_build() -> None:
    info = parsed(DEBUG)
    assert info.debuggable is True
    assert info.signing
    assert info.signing.kind is SigningKind.DEBUG
    assert info.warnings == ()


def test_an_unsigned_build_tells_that_it_will_not_install() -> None:
    info = parsed(UNSIGNED)
    assert info.signing
    assert info.signing.kind is SigningKind.UNSIGNED
    assert info.warnings == ("The APK is not signed; Android refuses to install it.",)


def test_the_rarer_features() -> None:
    info = parsed(FEATURES)
    assert info.identifier == "org.seatrial.features"
    assert info.version_name == "2.5 🚢"
    assert info.version_code == str((1 << 32) + 7)  # PackageInfo.getLongVersionCode
    assert (info.min_os, info.target_os) == ("24", "29")
    assert info.display_name == "Regatta"
    assert info.localized_names == {"fr": "Régate", "zh-TW": "帆船賽"}
    assert info.permissions == ("android.permission.INTERNET", "android.permission.CAMERA")
    assert info.architectures == ("arm64-v8a", "x86_64")
    assert info.debuggable is True
    assert info.managed_configuration is True
    assert any("testOnly" in warning for warning in info.warnings)


def pixel(image: Image.Image, x: float, y: float) -> tuple[int, ...]:
    found = image.convert("RGBA").getpixel((int(x * image.width), int(y * image.height)))
    assert isinstance(found, tuple)
    return found


def test_an_adaptive_icon_is_drawn_of_its_color_and_its_picture() -> None:
    info = parsed(FEATURES)
    icon = icon_of(info)
    assert info.icon_source == info.android["icon"] == "res/mipmap-anydpi-v26/adaptive.xml"
    assert pixel(icon, 0.05, 0.5) == (0x0B, 0x6E, 0x7F, 255)  # @color/sea
    assert pixel(icon, 0.5, 0.5) != pixel(icon, 0.05, 0.5)  # the boat
    assert pixel(icon, 0, 0)[3] == 0


def test_a_drawing_that_lacks_a_picture_is_told() -> None:
    info = parse_apk(rebuilt(FEATURES, {"res/mipmap-xxhdpi-v4/boat.png": None}))
    assert pixel(icon_of(info), 0.5, 0.5) == (0x0B, 0x6E, 0x7F, 255)
    assert "Parts of the icon cannot be shown: one of its files is not in the build." in info.warnings
    assert info.display_name == "Regatta"


def test_an_icon_of_which_nothing_is_there_is_told() -> None:
    info = parse_apk(rebuilt(FEATURES, {"res/mipmap-anydpi-v26/adaptive.xml": None}))
    assert info.icon_png is None
    assert info.icon_source is None
    assert "The icon's files are not in the build." in info.warnings


def test_vectors_gradients_and_state_lists_as_the_build_tools_compile_them() -> None:
    info = parsed(DRAWINGS)
    icon = icon_of(info)
    assert info.icon_source == "res/mipmap-anydpi-v26/icon.xml"
    assert pixel(icon, 0.5, 0.72) == (255, 0, 0, 255)  # the hull, @color/hull
    assert pixel(icon, 0.43, 0.5) == (255, 255, 255, 255)  # the sail, @string/sail
    top, middle, bottom = (pixel(icon, 0.1, y) for y in (0.2, 0.5, 0.8))
    assert top[0] > middle[0] > bottom[0]  # the sky gets darker, from white over light blue
    assert abs(middle[0] - 0x40) < 8
    assert abs(middle[1] - 0xC0) < 8
    assert not any("icon" in warning for warning in info.warnings)


def test_the_round_icon_is_drawn_where_the_icon_cannot_be() -> None:
    info = parse_apk(rebuilt(DRAWINGS, {"res/mipmap-anydpi-v26/icon.xml": None}))
    icon = icon_of(info)
    assert info.icon_source == "res/drawable/layers.xml"
    assert pixel(icon, 0.5, 0.5) == (0, 255, 0, 255)
    assert pixel(icon, 0.15, 0.5) == (0, 0, 255, 255)
    assert pixel(icon, 0.02, 0.02)[3] == 0


def test_a_broken_drawing_costs_the_icon_only() -> None:
    for damage in (b"", b"\3\0\x08\0", bytes(300), member(DRAWINGS, "res/drawable/boat.xml")[:200]):
        info = parse_apk(rebuilt(DRAWINGS, {"res/drawable/boat.xml": damage}))
        assert info.identifier == "org.seatrial.drawings"
        assert info.icon_source == "res/drawable/layers.xml"  # the round icon


def test_what_the_build_uses_and_opens_on() -> None:
    info = parsed(DRAWINGS)
    assert info.capabilities == ("android.hardware.camera", "android.hardware.type.watch")
    assert info.device_families == ("watch",)
    assert info.url_schemes == ("seatrial-drawings", "https")
    assert parsed(DEMO).device_families == ()


def test_native_libraries_and_sizes_by_category() -> None:
    info = parsed(FEATURES)
    assert info.native_libraries == ("libsail.so",)
    with zipfile.ZipFile(FEATURES) as archive:
        packed = {each.filename: each.compress_size for each in archive.infolist()}
    assert sum(info.sizes.values()) == sum(packed.values())
    assert info.sizes["native"] == sum(size for name, size in packed.items() if name.startswith("lib/"))
    assert info.sizes["signature"] == sum(size for name, size in packed.items() if name.startswith("META-INF/"))
    more: dict[str, bytes | None] = {"classes.dex": b"dex", "assets/a/classes.dex": b"data!", "notes.txt": b"1234567"}
    sizes = parse_apk(rebuilt(UNSIGNED, more)).sizes
    packed_by_zlib = 2  # what deflate adds to a few bytes
    assert (sizes["code"], sizes["assets"], sizes["other"]) == tuple(n + packed_by_zlib for n in (3, 5, 7))


def test_packages_inside_are_listed() -> None:
    info = parse_apk(rebuilt(UNSIGNED, {"assets/plugin.apk": b"PK", "other/x.apk": b"PK"}))
    assert sorted((each.kind, each.path) for each in info.embedded) == [
        (EmbeddedKind.PACKAGE, "assets/plugin.apk"),
        (EmbeddedKind.PACKAGE, "other/x.apk"),
    ]


VERSIONS: dict[str, tuple[str, bytes, str]] = {
    "androidGradlePlugin": (
        "META-INF/com/android/build/gradle/app-metadata.properties",
        b"appMetadataVersion=1.1\nandroidGradlePluginVersion=8.5.0\n",
        "8.5.0",
    ),
    "kotlin": (
        "kotlin-tooling-metadata.json",
        b'{"schemaVersion": "1.1.0", "buildSystem": "Gradle", "buildPluginVersion": "2.0.20"}',
        "2.0.20",
    ),
    "appcompat": ("META-INF/androidx.appcompat_appcompat.version", b"1.7.0-beta01\n", "1.7.0-beta01"),
    "cordova": (
        "assets/www/cordova.js",
        b"// Platform: android\nvar PLATFORM_VERSION_BUILD_LABEL = '12.0.0';",
        "12.0.0",
    ),
    "unity": (
        "assets/bin/Data/data.unity3d",
        b"UnityFS\0\0\0\0\x085.x.x\x002022.3.10f1\0" + bytes(50),
        "2022.3.10f1",
    ),
    "hermesBytecode": (
        "assets/index.android.bundle",
        bytes.fromhex("c61fbc03c103191f60000000") + bytes(100),
        "96",
    ),
}


@pytest.mark.parametrize("sdk", VERSIONS)
def test_what_the_build_was_made_with(sdk: str) -> None:
    name, data, version = VERSIONS[sdk]
    assert parse_apk(rebuilt(UNSIGNED, {name: data})).sdks[sdk] == version
    assert sdk not in parse_apk(rebuilt(UNSIGNED, {name: b"?"})).sdks


def test_the_platform_that_it_was_compiled_against() -> None:
    assert parsed(DEMO).sdks == {"compileSdk": "29", "compileSdkCodename": "10.0.0"}


def test_the_next_density_stands_in_for_a_broken_picture() -> None:
    best = "res/mipmap-xxxhdpi-v4/ic_launcher.png"
    for damage in (None, b"\x89PNG\r\n\x1a\nnonsense", member(DEMO, best)[:500]):
        assert icon_of(parse_apk(rebuilt(UNSIGNED, {best: damage}))).size == (144, 144)


def test_all_pictures_broken_leaves_the_build_readable() -> None:
    names = [f"res/mipmap-{each}-v4/ic_launcher.png" for each in ("mdpi", "hdpi", "xhdpi", "xxhdpi", "xxxhdpi")]
    info = parse_apk(rebuilt(UNSIGNED, dict.fromkeys(names, b"\x89PNG\r\n\x1a\n")))
    assert info.icon_png is None
    assert info.identifier == "org.seatrial.demo"
    assert any("icon cannot be shown" in warning for warning in info.warnings)


@pytest.mark.parametrize(
    "table", [b"", b"\2\0\x0c\0", bytes(1000), b"\xff" * 1000, member(DEMO, "resources.arsc")[:700]]
)
def test_broken_resources_leave_the_build_readable(table: bytes) -> None:
    info = parse_apk(rebuilt(UNSIGNED, {"resources.arsc": table}))
    assert (info.identifier, info.version_name, info.version_code) == ("org.seatrial.demo", "1.0.0", "1")
    assert info.icon_png is None


def test_a_build_without_resources_is_still_one() -> None:
    info = parse_apk(rebuilt(UNSIGNED, {"resources.arsc": None}))
    assert info.identifier == "org.seatrial.demo"
    assert info.display_name is None


def test_a_resource_table_beyond_the_limit_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_limits", limits.ParserLimits(resources_bytes=1000))
    info = parsed(DEMO)
    assert info.identifier == "org.seatrial.demo"
    assert info.display_name is None
    assert any("resources cannot be read" in warning for warning in info.warnings)


# --- refused ---


def test_an_archive_without_manifest_is_refused_with_advice() -> None:
    problem = refused(rebuilt(DEMO, {"AndroidManifest.xml": None}).getvalue())
    assert problem.code is ProcessingCode.MANIFEST_MISSING
    assert "Upload the APK" in problem.sentence


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"<?xml version='1.0'?><manifest package='a.b'/>",
        bytes(500),
        member(DEMO, "AndroidManifest.xml")[:200],
        # Elements named otherwise: the strings "manifest" and "package" do not stand in it any more.
        member(DEMO, "AndroidManifest.xml").replace("manifest".encode("utf-16-le"), "nanifest".encode("utf-16-le")),
        member(DEMO, "AndroidManifest.xml").replace("package".encode("utf-16-le"), "qackage".encode("utf-16-le")),
    ],
    ids=["empty", "source", "zeros", "cut", "other root", "no package"],
)
def test_an_unreadable_manifest_is_refused_with_advice(manifest: bytes) -> None:
    problem = refused(rebuilt(DEMO, {"AndroidManifest.xml": manifest}).getvalue())
    assert problem.code is ProcessingCode.MANIFEST_INVALID
    assert problem.sentence.endswith("Build the APK again and upload that file.")


def test_a_source_manifest_is_called_one() -> None:
    problem = refused(rebuilt(DEMO, {"AndroidManifest.xml": b"<manifest/>"}).getvalue())
    assert "text, not the binary form" in problem.sentence


def test_a_manifest_that_unpacks_to_too_much_is_refused() -> None:
    assert (
        refused(rebuilt(DEMO, {"AndroidManifest.xml": bytes(17 << 20)}).getvalue()).code is ProcessingCode.ARCHIVE_BOMB
    )


@pytest.mark.parametrize("data", [b"", b"PK", b"not an archive" * 100, DEMO.read_bytes()[:5000]])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    assert refused(data).code is ProcessingCode.CORRUPT_ARCHIVE


# --- the manifest, attribute by attribute ---


def test_only_the_wanted_bytes_of_a_large_file_are_read() -> None:
    out = rebuilt(UNSIGNED, {})
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("assets/film", bytes(8 << 20))
    file = Counting(out.getvalue())
    assert parse_apk(file).identifier == "org.seatrial.demo"
    assert file.counted < 200_000


class Counting(io.BytesIO):
    counted = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.counted += len(data)
        return data
