import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from seatrial.domain.buildinfo import Format, Os
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import hold_to_name, parse
from tests.parsers.apk_files import DEMO as DEMO_APK
from tests.parsers.ipa_files import DEMO, zipped


def test_the_name_of_a_file_says_nothing(tmp_path: Path) -> None:
    for source, expected in ((DEMO, Format.IPA), (DEMO_APK, Format.APK)):
        path = tmp_path / "build.exe"
        path.write_bytes(source.read_bytes())
        info = parse(path)
        assert info.format is expected
        assert info.identifier == "org.seatrial.demo"


def refused(path: Path, data: bytes) -> BuildFileInvalid:
    path.write_bytes(data)
    with pytest.raises(BuildFileInvalid) as caught:
        parse(path)
    return caught.value


def test_what_cannot_be_a_build_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "app.ipa"
    assert refused(path, b"").code is ProcessingCode.EMPTY_FILE
    assert refused(path, b"not a build").code is ProcessingCode.UNRECOGNISED_FORMAT
    assert refused(path, DEMO.read_bytes()[:-100]).code is ProcessingCode.CORRUPT_ARCHIVE
    assert refused(path, zipped({"Payload/": b""}).getvalue()).code is ProcessingCode.MANIFEST_MISSING
    for code in ("buildPlatform", "packageName", "packageVersion", "packageIcon"):
        assert code in refused(path, b"not a build").sentence


def test_decision_53_known_formats_that_are_not_read_are_accepted_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "symbols.zip"
    path.write_bytes(zipped({"readme.txt": b"hello"}).getvalue())
    info = parse(path)
    assert (info.format, info.os, info.identifier) == (Format.ZIP, None, None)
    assert len(info.warnings) == 1
    assert "not read from zip files" in info.warnings[0]


def test_importing_the_package_loads_no_parser() -> None:
    script = (
        "import sys, seatrial.parsers\n"
        "heavy = ('PIL', 'plistlib', 'xml', 'cryptography', 'msgspec', 'subprocess', 'seatrial.parsers.')\n"
        "print([name for name in sys.modules if name.startswith(heavy)])"
    )
    shown = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "[]"


def test_an_archive_of_nothing_is_no_build(tmp_path: Path) -> None:
    (tmp_path / "app.apk").write_bytes(b"PK\x05\x06" + bytes(18))
    with pytest.raises(BuildFileInvalid) as caught:
        parse(tmp_path / "app.apk")
    assert caught.value.code is ProcessingCode.EMPTY_FILE


@pytest.mark.parametrize("extension", ["apk", "aab", "ipa"])
def test_a_plain_archive_under_a_packages_name_lacks_its_manifest(tmp_path: Path, extension: str) -> None:
    file = tmp_path / "anything"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "no app in here")
    info = parse(file)
    assert info.format is Format.ZIP
    hold_to_name(info, "zip")
    with pytest.raises(BuildFileInvalid) as caught:
        hold_to_name(info, extension)
    assert caught.value.code is ProcessingCode.MANIFEST_MISSING


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_single_package_in_an_archive_is_read_in_it(tmp_path: Path, packing: int) -> None:
    path = tmp_path / "artifact.zip"
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("out/notes.txt", "from the pipeline")
        archive.write(DEMO_APK, "out/app-release.apk")
    info = parse(path)
    assert (info.format, info.os, info.identifier) == (Format.ZIP, Os.ANDROID, "org.seatrial.demo")
    assert info.icon_png is not None
    assert "out/app-release.apk" in info.warnings[-1]


def test_several_packages_in_an_archive_say_nothing_about_which_is_meant(tmp_path: Path) -> None:
    path = tmp_path / "artifact.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(DEMO_APK, "a/one.apk")
        archive.write(DEMO, "b/two.ipa")
    assert (parse(path).format, parse(path).identifier) == (Format.ZIP, None)


def test_archives_in_archives_are_followed_one_level(tmp_path: Path) -> None:
    inner = tmp_path / "inner.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.write(DEMO_APK, "app.apk")
    path = tmp_path / "outer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(inner, "app.apk")
    assert (parse(path).format, parse(path).identifier) == (Format.ZIP, None)
