"""Real APKs against what independent tools say about them (the corpus' MANIFEST.tsv)."""

import csv
import io
import json
import re
import subprocess
import sys

import pytest
from PIL import Image

from seatrial.domain.buildinfo import BuildInfo
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers.apk import parse_apk
from tests.parsers.apk_files import CORPUS

MANIFEST = CORPUS / "MANIFEST.tsv"
Row = dict[str, str]


def rows(kind: str) -> list[Row]:
    if not MANIFEST.exists():
        return []
    with MANIFEST.open(newline="") as file:
        return [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["kind"] == kind]


APKS = rows("apk")
needs_corpus = pytest.mark.skipif(not APKS, reason="the corpus of real builds is not beside this checkout")

NO_MANIFEST = {"apk/ag-CertChain.apk", "apk/apksig-empty-unsigned.apk"}

# Where the tools behind MANIFEST.tsv could not read the file, and what stands in it.
CORRECTED: dict[str, Row] = {
    # No tool of theirs opens the archive; the sibling apki-minimal_orig.apk has this label.
    "apk/apki-minimal_SIZE_ExtraField.apk": {"display_name": "erev0s.com - Minimal", "icon": "yes"},
    # aapt stops inside the resource table; `aapt dump strings` lists this one and its two pseudo-locales.
    "apk/apktool-client.apk": {"display_name": "SharedLibrary client"},
    # aapt stops inside the resource table; the launcher activity has an icon, res/drawable/size_48x48.jpg.
    "apk/apktool-library.apk": {"icon": "yes"},
    # aapt refuses the zip; repacked without the DEX in front, it prints "application-debuggable".
    "apk/fd-janus.apk": {"notes": "debuggable"},
    # `aapt dump xmltree` prints android:label="Empty Android App"; `dump badging` does not resolve it.
    "apk/apktool-issue1730.apk": {"display_name": "Empty Android App"},
}


def identity(row: Row) -> str:
    return row["path"].removeprefix("apk/")


def parsed(row: Row) -> BuildInfo:
    with (CORPUS / row["path"]).open("rb") as file:
        return parse_apk(file)


READABLE = [row | CORRECTED.get(row["path"], {}) for row in APKS if row["path"] not in NO_MANIFEST]
each = pytest.mark.parametrize("row", READABLE, ids=identity)


@needs_corpus
def test_builds_without_a_manifest_are_refused() -> None:
    for row in APKS:
        if row["path"] in NO_MANIFEST:
            with pytest.raises(BuildFileInvalid) as caught:
                parsed(row)
            assert caught.value.code is ProcessingCode.MANIFEST_MISSING


@needs_corpus
@each
def test_identity_and_versions(row: Row) -> None:
    info = parsed(row)
    ours = {
        "identifier": info.identifier,
        "display_name": info.display_name,
        "version_name": info.version_name,
        "version_code": info.version_code,
        "min_os": info.min_os,
        "target_os": info.target_os,
    }
    assert {key: value or "" for key, value in ours.items()} == {key: row[key] for key in ours}
    architectures = re.search(r"\[(.*)\]", row["platforms"])
    assert ",".join(info.architectures) == (architectures[1] if architectures else "")
    assert bool(info.debuggable) is ("debuggable" in row["notes"].split("; "))


@needs_corpus
@each
def test_names_in_other_languages(row: Row) -> None:
    listed = re.search(r"localized labels: (\{.*?\})", row["notes"])
    info = parsed(row)
    # The corpus lists only those that differ from the default.
    ours = {language: name for language, name in info.localized_names.items() if name != info.display_name}
    if listed:
        assert ours == json.loads(listed[1])


@needs_corpus
@each
def test_the_icon(row: Row) -> None:
    info = parsed(row)
    assert (info.icon_png is not None) is row["icon"].startswith("yes")
    assert (info.icon_source is not None) is (info.icon_png is not None)
    if info.icon_png is None:
        return
    image = Image.open(io.BytesIO(info.icon_png))
    image.load()
    assert image.format == "PNG"
    assert max(image.size) <= 512
    # The first file of the row is what aapt calls the icon; of raster files we take the one with most dots.
    named = re.findall(r"\br(?:es)?/\S+?\.(?:xml|png|webp)", row["icon"])
    if named and named[0].endswith(".xml") and "missing from the zip" not in row["icon"]:
        assert info.icon_source == named[0]
    elif "best raster" in row["icon"]:
        assert info.icon_source == named[-1]


@needs_corpus
@each
def test_signers(row: Row) -> None:
    signing = parsed(row).signing
    assert signing
    if row["signing"] == "unsigned":
        assert signing.kind == "unsigned"
    signed = re.match(r"(debug|release) (\S+) \[.*\] sha256=([0-9a-f,]+)", row["signing"])
    if not signed:  # not verified by the tools; that is not ours to tell yet
        return
    assert signing.kind == signed[1]
    assert [certificate.sha256[:16] for certificate in signing.certificates] == signed[3].split(",")
    theirs = set(signed[2].split("+"))
    assert theirs <= set(signing.schemes)
    # apksigner does not look at schemes that no platform from minSdkVersion on would use.
    if row["min_os"].isdecimal() and int(row["min_os"]) < 24:
        assert theirs == set(signing.schemes)


MALFORMED = sorted(
    str(path) for path in (CORPUS / "malformed").glob("*") if path.suffix in {".apk", ".zip", ".ipa", ".aab"}
)

# A child with little memory: an allocation that trusts the file would end it.
CHILD = """
import resource, sys
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import apk, icons
icons.as_png.__module__
import PIL.PngImagePlugin, PIL.WebPImagePlugin, PIL.ImageOps
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        try:
            outcome = apk.parse_apk(file).identifier
        except BuildFileInvalid as problem:
            assert len(problem.sentence) < 400, problem.sentence
            outcome = problem.code
    print(path.rsplit("/", 1)[1], outcome)
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print("grown", grown)
"""


@needs_corpus
def test_malformed_files_are_read_or_refused_in_bounded_memory() -> None:
    done = subprocess.run([sys.executable, "-c", CHILD, *MALFORMED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    outcomes = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines())
    assert len(outcomes) == len(MALFORMED) + 1
    assert int(outcomes["grown"]) < 160 << 10  # KiB: the resource table's 128 MiB is the largest part
    assert outcomes["axml-AndroidManifest_WrongChunkStart.apk"] == "com.zxfxxx160.sucruri55633254"
    assert outcomes["axml-AndroidManifestWrongFilesize.apk"] == "com.swampy.sexpos"
    assert outcomes["axml-AndroidManifest_StringNotTerminated.apk"] == "com.swampy.sexpos"
    assert outcomes["duplicate-manifest.apk"] == "CORRUPT_ARCHIVE"
    assert outcomes["bomb-overlap.apk"] == "ARCHIVE_BOMB"
    assert outcomes["bitrise-zero-bytes.apk"] == "CORRUPT_ARCHIVE"
    assert outcomes["aab-named.apk"] == "MANIFEST_MISSING"
    assert outcomes["apk-named.ipa"] == "info.guardianproject.urzip"
