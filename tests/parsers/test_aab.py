"""Android App Bundles: what aapt2 and jarsigner have made, and what nobody's tool would make."""

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from seatrial.domain.buildinfo import BuildInfo, EmbeddedKind, Format, Os, SigningKind
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers.aab import parse_aab
from seatrial.parsers.aab_signing import verify_build
from seatrial.parsers.archive import Archive
from tests.parsers.apk_files import member, rebuilt
from tests.parsers.wire_bytes import attribute, child, element, entry, field, number, reference, table, text

FIXTURES = Path(__file__).parents[1] / "fixtures" / "aab"
SIGNED = FIXTURES / "regatta.aab"
DEBUG = FIXTURES / "regatta-debug.aab"
WEAK = FIXTURES / "regatta-weak.aab"
UNSIGNED = FIXTURES / "regatta-unsigned.aab"

MANIFEST = "base/manifest/AndroidManifest.xml"
RESOURCES = "base/resources.pb"
LABEL, NAME, VERSION_CODE = 0x01010001, 0x01010003, 0x0101021B


def parsed(path: Path) -> BuildInfo:
    with path.open("rb") as file:
        return parse_aab(file)


def changed(**members: bytes | None) -> BuildInfo:
    """Read the unsigned sample with other members; the names stand without folders here."""
    places = {"manifest": MANIFEST, "resources": RESOURCES, "config": "BundleConfig.pb"}
    return parse_aab(rebuilt(UNSIGNED, {places.get(key, key): data for key, data in members.items()}))


def manifest(*parts: bytes, package: str = "org.seatrial.made") -> bytes:
    return element("manifest", attribute("package", package), *parts)


def application(*parts: bytes) -> bytes:
    return child(element("application", *parts))


def test_what_the_sources_say() -> None:
    info = parsed(SIGNED)
    assert (info.format, info.os) == (Format.AAB, Os.ANDROID)
    assert info.identifier == "org.seatrial.bundle"
    assert info.display_name == "Regatta"
    assert info.localized_names == {"fr": "Régate", "zh-TW": "帆船賽"}
    assert info.version_name == "3.1 🚢"
    assert info.version_code == str((1 << 32) + 12)
    assert (info.min_os, info.target_os) == ("24", "34")
    assert info.permissions == ("android.permission.INTERNET", "android.permission.CAMERA")
    assert info.capabilities == ("android.hardware.camera",)
    assert info.url_schemes == ("regatta",)
    assert info.debuggable is True
    assert info.managed_configuration is True
    assert info.architectures == ("arm64-v8a", "x86", "x86_64")
    assert info.native_libraries == ("libsail.so", "libchart.so")
    assert info.sdks["bundletool"] == "1.18.0"
    assert info.sdks["androidGradlePlugin"] == "8.7.3"
    assert info.warnings == ()


def test_the_contracts_android_values_are_strings() -> None:
    android = parsed(SIGNED).android
    assert android["packageName"] == "org.seatrial.bundle"
    assert android["versionCode"] == str((1 << 32) + 12)
    assert android["minSDKVersion"] == "24"
    assert android["targetSdkVersion"] == "34"
    assert android["icon"] == "res/mipmap-anydpi-v26/launcher.xml"


def test_the_icon_is_drawn() -> None:
    info = parsed(SIGNED)
    assert info.icon_png
    with Image.open(io.BytesIO(info.icon_png)) as picture:
        assert picture.width == picture.height <= 512
        middle = picture.convert("RGBA").getpixel((picture.width // 2, picture.height // 2))
        beside = picture.convert("RGBA").getpixel((picture.width // 2, picture.height // 5))
    assert middle == (255, 255, 255, 255)  # the sail
    assert beside == (0x0B, 0x6E, 0x7F, 255)  # the sea
    assert info.icon_source == "base/res/mipmap-anydpi-v26/launcher.xml"


def test_raster_icons_where_the_drawing_is_not_there() -> None:
    info = changed(**{"base/res/mipmap-anydpi-v26/launcher.xml": None})
    assert info.icon_png
    assert info.icon_source == "base/res/mipmap-xxhdpi-v4/launcher.png"


def test_feature_modules() -> None:
    (module,) = parsed(SIGNED).embedded
    assert module.kind is EmbeddedKind.FEATURE_MODULE
    assert (module.path, module.identifier) == ("harbour", "harbour")
    assert module.display_name == "Harbour charts"
    assert module.version_code == "12"
    assert module.extension_point == "on-demand"


def test_sizes_are_of_the_packed_bytes() -> None:
    info = parsed(SIGNED)
    with zipfile.ZipFile(SIGNED) as archive:
        packed = {each.filename: each.compress_size for each in archive.infolist()}
    assert sum(info.sizes.values()) == sum(packed.values())
    assert info.sizes["native"] == sum(size for name, size in packed.items() if "/lib/" in name)
    assert info.sizes["signature"] == sum(size for name, size in packed.items() if name.startswith("META-INF/"))


# --- signatures ---


def test_who_signed() -> None:
    release, debug = parsed(SIGNED).signing, parsed(DEBUG).signing
    assert release
    assert debug
    assert (release.kind, release.schemes) == (SigningKind.RELEASE, ("v1",))
    assert [each.subject for each in release.certificates] == [
        "CN=Seatrial Demo,OU=Fixtures,O=The Seatrial authors",
    ]
    assert debug.kind is SigningKind.DEBUG


def test_unsigned() -> None:
    signing = parsed(UNSIGNED).signing
    assert signing
    assert (signing.kind, signing.schemes, signing.certificates) == (SigningKind.UNSIGNED, (), ())


def test_weak_algorithms_count_for_nothing() -> None:
    info = parsed(WEAK)
    assert info.signing
    assert info.signing.kind is SigningKind.INVALID
    assert info.signing.certificates[0].subject.startswith("CN=Seatrial Demo")
    assert any("weak algorithm (SHA1)" in warning for warning in info.warnings)


def test_a_signature_that_cannot_be_read() -> None:
    info = parse_aab(rebuilt(SIGNED, {"META-INF/RELEASE.RSA": b"\x30\x03\x02\x01\x01"}))
    assert info.signing
    assert info.signing.kind is SigningKind.INVALID
    assert any("signature cannot be read" in warning for warning in info.warnings)


def verified(file: io.BytesIO) -> BuildInfo:
    archive = Archive.open(file)
    return verify_build(file, archive, parse_aab(file, archive))


def test_a_whole_bundle_is_verified() -> None:
    info = verified(io.BytesIO(SIGNED.read_bytes()))
    assert info.signing
    assert info.signing.verified is True
    assert info.signing.kind is SigningKind.RELEASE
    assert info.warnings == ()


@pytest.mark.parametrize("name", ["base/assets/charts.txt", MANIFEST])
def test_a_change_after_signing_is_found(name: str) -> None:
    # The manifest with another letter in its package's name, which is as long.
    data = member(SIGNED, name).replace(b"Here", b"There").replace(b"org.seatrial.bundle", b"org.seatrial.bungle")
    info = verified(rebuilt(SIGNED, {name: data}))
    assert info.signing
    assert info.signing.verified is False
    assert info.signing.kind is SigningKind.INVALID
    assert any(name in warning and "does not fit" in warning for warning in info.warnings)


def test_nothing_is_fetched_to_verify_what_lies_elsewhere() -> None:
    class Remote(io.BytesIO):
        is_remote = True

    info = verified(Remote(SIGNED.read_bytes()))
    assert info.signing
    assert info.signing.verified is None


# --- manifests and tables of other makers ---


def test_values_without_a_table() -> None:
    bare = manifest(
        attribute("versionCode", "7", VERSION_CODE),
        application(attribute("label", "Bare & plain", LABEL)),
    )
    info = changed(manifest=bare, resources=None)
    assert (info.identifier, info.display_name, info.version_code) == ("org.seatrial.made", "Bare & plain", "7")
    assert info.version_name is None
    assert info.min_os is None


def test_names_and_old_language_codes() -> None:
    names = table(
        1, "string", entry(0, "other", ("", text("Other"))), entry(1, "name", ("", text("Boat")), ("iw", text("סירה")))
    )
    info = changed(
        manifest=manifest(application(attribute("label", "@string/name", LABEL, reference(0x7F010001)))),
        resources=names,
    )
    assert info.display_name == "Boat"
    assert info.localized_names == {"he": "סירה"}


def test_a_reference_by_name_alone() -> None:
    names = table(
        1,
        "string",
        entry(0, "name", ("", reference(0, "string/real"))),
        entry(300, "real", ("", text("By name"))),
    )
    info = changed(
        manifest=manifest(application(attribute("label", "@string/name", LABEL, reference(0x7F010000)))),
        resources=names,
    )
    assert info.display_name == "By name"


def test_references_in_a_circle() -> None:
    circle = table(1, "string", entry(0, "a", ("", reference(0x7F010001))), entry(1, "b", ("", reference(0x7F010000))))
    info = changed(
        manifest=manifest(application(attribute("label", "@string/a", LABEL, reference(0x7F010000)))),
        resources=circle,
    )
    assert info.display_name is None


def test_a_broken_table_costs_the_label_alone() -> None:
    info = changed(resources=member(UNSIGNED, RESOURCES)[:200])
    assert info.identifier == "org.seatrial.bundle"
    assert info.display_name is None
    assert any("resources cannot be read" in warning for warning in info.warnings)


def test_a_broken_module_is_named() -> None:
    info = changed(**{"harbour/manifest/AndroidManifest.xml": b"\x0b"})
    assert [module.path for module in info.embedded] == ["harbour"]
    assert any("“harbour”" in warning for warning in info.warnings)


def test_a_bundle_without_its_configuration() -> None:
    info = changed(config=None)
    assert "bundletool" not in info.sdks
    assert any("BundleConfig.pb" in warning for warning in info.warnings)


def test_delivery_in_the_older_words() -> None:
    dist = "http://schemas.android.com/apk/distribution"
    on_demand = field(4, field(1, dist) + field(2, "onDemand") + field(3, "true"))
    old = manifest(attribute("split", "old"), child(field(1, field(2, dist) + field(3, "module") + on_demand)))
    info = changed(**{"old/manifest/AndroidManifest.xml": old})
    assert {module.path: module.extension_point for module in info.embedded} == {
        "harbour": "on-demand",
        "old": "on-demand",
    }


# --- no bundles ---


def test_a_bundle_without_a_base() -> None:
    with pytest.raises(BuildFileInvalid) as caught:
        changed(manifest=None)
    assert caught.value.code is ProcessingCode.MANIFEST_MISSING


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'<?xml version="1.0"?><manifest/>', "it is text"),
        (b"", "no XML element"),
        (b"\x0a\xff", "cut off"),
        (element("application"), "does not begin with a manifest"),
        (element("manifest"), "names no package"),
        (field(1, b"") + number(7, 1), "manifest element"),
    ],
)
def test_manifests_that_are_none(data: bytes, reason: str) -> None:
    with pytest.raises(BuildFileInvalid) as caught:
        changed(manifest=data)
    assert caught.value.code is ProcessingCode.MANIFEST_INVALID
    assert reason in caught.value.sentence
    assert "Build the bundle again" in caught.value.sentence


def test_a_manifest_nested_too_deep() -> None:
    nested = element("activity")
    for _ in range(5000):
        nested = element("activity", child(nested))
    with pytest.raises(BuildFileInvalid, match="nested too deep"):
        changed(manifest=manifest(child(nested)))


def test_stored_strings_are_short_and_valid() -> None:
    wild = manifest(
        application(attribute("label", "A\u0007" + "x" * 5000, LABEL)),
        *(child(element("uses-permission", attribute("name", f"p{i}", NAME))) for i in range(3000)),
    )
    info = changed(manifest=wild, resources=None)
    assert info.display_name is not None
    assert len(info.display_name) == 1000
    assert "\u0007" not in info.display_name
    assert len(info.permissions) == 1000
