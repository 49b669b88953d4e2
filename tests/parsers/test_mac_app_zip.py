"""macOS apps in ZIP archives."""

import contextlib
import io
import plistlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from seatrial.domain.buildinfo import BuildInfo, EmbeddedKind, Format, Os, SigningKind
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers.detect import detect
from seatrial.parsers.mac_app_zip import parse_mac_app_zip
from tests.fixtures import build_mac_app
from tests.parsers.corpus_manifest import Row, rows
from tests.parsers.ipa_files import zipped

DEMO = Path(__file__).parents[1] / "fixtures/mac_app/demo.app.zip"


def read(path: Path) -> BuildInfo:
    with path.open("rb") as file:
        return parse_mac_app_zip(file)


def is_refused(path: Path) -> bool:
    with contextlib.suppress(BuildFileInvalid):
        read(path)
        return False
    return True


def app(name: str, **values: object) -> dict[str, bytes]:
    info = {"CFBundleIdentifier": f"org.example.{name}", "CFBundleExecutable": name} | values
    return {
        f"{name}.app/Contents/Info.plist": plistlib.dumps(info),
        f"{name}.app/Contents/MacOS/{name}": build_mac_app.executable(),
    }


def test_the_sample_says_what_its_sources_say() -> None:
    info = read(DEMO)
    source = build_mac_app.INFO
    assert (info.format, info.os) == (Format.MAC_APP_ZIP, Os.MACOS)
    assert info.identifier == source["CFBundleIdentifier"] == "org.seatrial.demo.mac"
    assert info.display_name == source["CFBundleDisplayName"]
    assert info.localized_names == {"de": "Probefahrt"}
    assert info.version_name == source["CFBundleShortVersionString"]
    assert info.version_code == source["CFBundleVersion"]
    assert info.min_os == source["LSMinimumSystemVersion"]
    assert info.target_os == source["DTSDKName"]
    assert info.architectures == ("x86_64", "arm64")
    assert info.signing is not None
    assert info.signing.kind is SigningKind.UNSIGNED
    assert info.icon_png is not None
    assert Image.open(io.BytesIO(info.icon_png)).size == (128, 128)
    assert info.icon_source == "SeatrialDemo.app/Contents/Resources/AppIcon.icns"
    assert info.plist["CFBundleName"] == "SeatrialDemo"


def test_of_two_apps_the_first_readable_one_is_read_and_the_other_named() -> None:
    files = {"A.app/Contents/Info.plist": b"junk"} | app("B") | app("C")
    info = parse_mac_app_zip(zipped(files))
    assert info.identifier == "org.example.B"
    assert [(each.kind, each.path) for each in info.embedded] == [
        (EmbeddedKind.APP, "A.app"),
        (EmbeddedKind.APP, "C.app"),
    ]
    assert any("3 apps" in warning for warning in info.warnings)


def test_what_macos_keeps_beside_an_app_is_no_app() -> None:
    info = parse_mac_app_zip(zipped({"__MACOSX/A.app/Contents/Info.plist": b""} | app("A")))
    assert info.identifier == "org.example.A"
    assert not any("apps" in warning for warning in info.warnings)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"readme": b""}, ProcessingCode.MANIFEST_MISSING),
        ({"folder/" + name: data for name, data in app("A").items()}, ProcessingCode.MANIFEST_MISSING),
        ({"A.app/Info.plist": b""}, ProcessingCode.MANIFEST_MISSING),
        ({"A.app/Contents/Info.plist": b""}, ProcessingCode.MANIFEST_INVALID),
        ({"A.app/Contents/Info.plist": plistlib.dumps({"a": 1})}, ProcessingCode.MANIFEST_INVALID),
    ],
)
def test_what_is_wrong_is_said(files: dict[str, bytes], code: ProcessingCode) -> None:
    with pytest.raises(BuildFileInvalid) as caught:
        parse_mac_app_zip(zipped(files))
    assert caught.value.code is code


@pytest.mark.parametrize("platform", ["iPhoneSimulator", "iPhoneOS"])
def test_an_app_for_phones_is_not_one_for_the_mac(platform: str) -> None:
    info = plistlib.dumps({"CFBundleIdentifier": "a", "CFBundleSupportedPlatforms": [platform]})
    assert detect(zipped({"A.app/Info.plist": info})) is not Format.MAC_APP_ZIP


_SOURCE = zipped(app("A", CFBundleName="x" * 200)).getvalue()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(_SOURCE) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_changed_bytes_give_an_answer_or_a_refusal(changes: list[tuple[int, int]]) -> None:
    data = bytearray(_SOURCE)
    for at, value in changes:
        data[at] = value
    with contextlib.suppress(BuildFileInvalid):
        parse_mac_app_zip(io.BytesIO(bytes(data)))


@pytest.mark.parametrize("row", rows("macos-app-zip"))
def test_real_apps_read_as_independent_tools_read_them(row: Row) -> None:
    if {"ios-simulator", "ios-device-app"} & set(row.features.split(",")):
        with row.file.open("rb") as file:
            assert detect(file) is not Format.MAC_APP_ZIP
        return
    if not row.identifier:  # an empty Info.plist
        with row.file.open("rb") as file, pytest.raises(BuildFileInvalid) as caught:
            parse_mac_app_zip(file)
        assert caught.value.code is ProcessingCode.MANIFEST_INVALID
        return
    if "malformed" in row.features and is_refused(row.file):
        return  # its first bytes are missing, so that the archive's reader may refuse it as a whole
    info = read(row.file)
    told = (row.identifier, row.display_name, row.version_name, row.version_code, row.min_os, row.target_os)
    found = (info.identifier, info.display_name, info.version_name, info.version_code, info.min_os, info.target_os)
    assert told == tuple(value or "" for value in found)
    assert info.os is Os.MACOS
    _, _, processors = row.platforms.partition("[")
    assert ",".join(info.architectures) == processors.rstrip("]")
    assert (info.icon_png is not None) == row.icon.startswith("yes")
    assert info.signing is None or (info.signing.kind is SigningKind.UNSIGNED) == row.signing.startswith("unsigned")
