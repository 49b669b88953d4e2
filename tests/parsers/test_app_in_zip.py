"""Apps in ZIP archives that no device installs as they are."""

import io
import plistlib
import zipfile
from pathlib import Path

import pytest

from seatrial.domain.buildinfo import BuildInfo, Format, Os
from seatrial.parsers.app_in_zip import parse_zip
from tests.parsers.apk_files import UNSIGNED
from tests.parsers.corpus_manifest import Row, rows
from tests.parsers.ipa_files import zipped

INFO = {"CFBundleIdentifier": "org.example.a", "CFBundleShortVersionString": "1.2", "CFBundleVersion": "3"}


def read(path: Path) -> BuildInfo:
    with path.open("rb") as file:
        return parse_zip(file)


def test_a_bare_app_for_a_simulator_is_told_as_what_it_is() -> None:
    info = parse_zip(zipped({"A.app/Info.plist": plistlib.dumps(INFO | {"DTPlatformName": "iphonesimulator"})}))
    assert (info.format, info.os, info.identifier) == (Format.ZIP, Os.IOS, "org.example.a")
    assert any("simulator" in warning for warning in info.warnings)
    assert any("ipa" in warning for warning in info.warnings)


@pytest.mark.parametrize("place", ["A.app/Info.plist", "A.app/Contents/Info.plist"])
@pytest.mark.parametrize("folder", ["", "builds/"])
def test_the_app_of_an_xcode_archive_is_read(place: str, folder: str) -> None:
    name = f"{folder}A 1.xcarchive/Products/Applications/{place}"
    info = parse_zip(zipped({name: plistlib.dumps(INFO), "A 1.xcarchive/Info.plist": b""}))
    assert (info.identifier, info.version_name, info.version_code) == ("org.example.a", "1.2", "3")
    assert any("Xcode archive" in warning for warning in info.warnings)


@pytest.mark.parametrize("files", [{"readme": b"x"}, {"A.app/Info.plist": b"junk"}, {"__MACOSX/A.app/Info.plist": b""}])
def test_without_an_app_only_the_format_is_told(files: dict[str, bytes]) -> None:
    info = parse_zip(zipped(files))
    assert (info.format, info.os, info.identifier) == (Format.ZIP, None, None)
    assert any("values of the upload" in warning for warning in info.warnings)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_archives_in_archives_are_not_followed(method: int) -> None:
    data = UNSIGNED.read_bytes()
    for _ in range(400):
        data = zipped({"a.apk": data}, method).getvalue()
    info = parse_zip(io.BytesIO(data))
    assert (info.format, info.identifier) == (Format.ZIP, None)
    assert any("values of the upload" in warning for warning in info.warnings)


@pytest.mark.parametrize("row", rows("macos-app-zip", "xcarchive"))
def test_real_apps_read_as_independent_tools_read_them(row: Row) -> None:
    if row.kind == "macos-app-zip" and not {"ios-simulator", "ios-device-app"} & set(row.features.split(",")):
        return
    info = read(row.file)
    told = (row.identifier, row.display_name, row.version_name, row.version_code, row.min_os, row.target_os)
    found = (info.identifier, info.display_name, info.version_name, info.version_code, info.min_os, info.target_os)
    assert told == tuple(value or "" for value in found)
    assert info.os is Os.IOS
    assert info.signing is None or info.signing.kind is None or row.signing.startswith((info.signing.kind, "code"))
