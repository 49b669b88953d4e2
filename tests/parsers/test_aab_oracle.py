"""Bundles against Google's own reader of them, where it is installed (`scripts/fetch-bundletool.sh .tools`)."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from seatrial.parsers import parse
from tests.parsers.corpus_manifest import CORPUS

ROOT = Path(__file__).parents[2]
JAR = ROOT / ".tools" / "bundletool.jar"
BUNDLES = [*sorted((ROOT / "tests/fixtures/aab").glob("*.aab")), *sorted(CORPUS.glob("aab/*.aab"))]
ANDROID = "{http://schemas.android.com/apk/res/android}"

pytestmark = pytest.mark.skipif(
    not (JAR.is_file() and shutil.which("java")), reason="bundletool.jar and Java are not installed"
)


@cache
def dumped(what: str, bundle: Path, *options: str) -> str:
    command = ["java", "-jar", str(JAR), "dump", what, f"--bundle={bundle}", *options]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda path: path.name)
def test_the_manifest_says_what_bundletool_reads_in_it(bundle: Path) -> None:
    manifest = ET.fromstring(dumped("manifest", bundle))
    info = parse(bundle)
    assert info.identifier == manifest.get("package")
    major, minor = (int(manifest.get(f"{ANDROID}{name}", "0")) for name in ("versionCodeMajor", "versionCode"))
    assert info.version_code == str(major << 32 | minor)
    version = manifest.get(f"{ANDROID}versionName") or ""
    if not version.startswith("@"):
        assert info.version_name == version
    sdk = manifest.find("uses-sdk")
    assert sdk is not None
    for found, name in ((info.min_os, "minSdkVersion"), (info.target_os, "targetSdkVersion")):
        level = sdk.get(f"{ANDROID}{name}") or ""
        assert level.startswith("@") or found == level
    asked = [each.get(f"{ANDROID}name") for each in manifest if each.tag.startswith("uses-permission")]
    assert list(info.permissions) == list(dict.fromkeys(asked))


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda path: path.name)
def test_the_name_is_the_base_modules_own(bundle: Path) -> None:
    """Feature modules have tables of their own, where the same name may stand for another text."""
    manifest = ET.fromstring(dumped("manifest", bundle))
    application = manifest.find("application")
    assert application is not None
    label = application.get(f"{ANDROID}label") or ""
    if label.startswith("@string/"):
        table = dumped("resources", bundle, f"--resource=string/{label.removeprefix('@string/')}", "--values")
        base = table.split("Package '")[1]
        if "(default) - [REF] @string/" in base:  # what it refers to is followed in `test_aab`
            return
        found = re.search(r'\(default\) - \[STR\] "(.*)"', base)
        assert found is not None, table
        label = found[1]
    assert parse(bundle).display_name == label
