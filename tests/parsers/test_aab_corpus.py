"""Real bundles against what independent tools say about them (the corpus' MANIFEST.tsv)."""

import json
import re

import pytest

from seatrial.domain.buildinfo import BuildInfo, EmbeddedKind, SigningKind
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import parse
from seatrial.parsers.aab_signing import verify_build
from seatrial.parsers.archive import Archive
from tests.corpus import corpus_file
from tests.parsers.corpus_manifest import ROWS, Row, rows

each = pytest.mark.parametrize("row", rows("aab"))

# The column was asked for by name, `string/app_name`, and names the text of a feature module too. The manifest asks for
# the id 0x7f0b0027, which in the base's table has this text; the other one is 0x7e050001, in `dynamic_feature`.
CORRECTED = {"aab/aabresguard-demo.aab": "AABDemo", "aab/aabresguard-i1-raw.aab": "AABDemo"}

KINDS = {"signed": SigningKind.RELEASE, "weak": SigningKind.INVALID}


def notes(row: Row) -> str:
    line = next(line for line in MANIFEST_LINES if line.startswith(row.path + "\t"))
    return line.split("\t")[18]


MANIFEST_LINES = (ROWS[0].file.parents[1] / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines() if ROWS else []


@each
def test_identity_and_versions(row: Row) -> None:
    info = parse(row.file)
    assert info.identifier == row.identifier
    assert info.display_name == CORRECTED.get(row.path, row.display_name)
    assert (info.version_name, info.version_code) == (row.version_name, row.version_code)
    assert (info.min_os, info.target_os) == (row.min_os, row.target_os)
    architectures = re.search(r"\[(.*)\]", row.platforms)
    assert ",".join(info.architectures) == (architectures[1] if architectures else "")
    assert info.debuggable is ("debuggable" in row.features.split(","))
    # Warnings are for what is odd, and of these only the weak signature is.
    assert bool(info.warnings) is row.signing.startswith("weak")


@each
def test_names_in_other_languages(row: Row) -> None:
    info = parse(row.file)
    listed = re.search(r"localized labels: (\{.*?\})", notes(row))
    assert info.localized_names == (json.loads(listed[1]) if listed else {})


@each
def test_modules(row: Row) -> None:
    info = parse(row.file)
    listed = re.search(r"modules: ([\w,]+)", notes(row))
    assert listed
    modules = [module.path for module in info.embedded if module.kind is EmbeddedKind.FEATURE_MODULE]
    assert ["base", *modules] == listed[1].split(",")


@each
def test_the_icon(row: Row) -> None:
    info = parse(row.file)
    assert (info.icon_png is not None) is row.icon.startswith("yes")
    # The manifest lists the files of the icon, without the module that they are in.
    assert info.icon_source
    assert info.icon_source.removeprefix("base/") in row.icon


def signing_name(column: str) -> set[str]:
    """Split a name as jarsigner prints it; the order of its parts is not the same everywhere."""
    found = re.search(r"\[(.*?)\]", column)
    return {part.strip().replace(" = ", "=") for part in found[1].split(",")} if found else set()


@each
def test_signers(row: Row) -> None:
    signing = parse(row.file).signing
    assert signing
    kind = row.signing.split()[0]
    assert signing.kind == KINDS.get(kind, kind)
    subjects = {part for certificate in signing.certificates for part in certificate.subject.split(",")}
    assert subjects == signing_name(row.signing)


@each
def test_what_jarsigner_has_verified_fits(row: Row) -> None:
    with row.file.open("rb") as file:
        archive = Archive.open(file)
        before = parse(row.file)
        after = verify_build(file, archive, before)
    assert after.signing
    if "jarsigner: verified" in row.signing:
        assert after.signing.verified is True
        assert after.warnings == before.warnings
    assert (after.signing.kind is SigningKind.INVALID) is row.signing.startswith("weak")


def outcome(name: str) -> BuildInfo | ProcessingCode:
    try:
        return parse(corpus_file(name))
    except BuildFileInvalid as problem:
        return problem.code


def test_malformed_files() -> None:
    assert outcome("malformed/truncated-first-64k.aab") is ProcessingCode.CORRUPT_ARCHIVE
    assert outcome("malformed/zero-size.aab") is ProcessingCode.EMPTY_FILE
    # An empty BundleConfig.pb and nothing else.
    assert outcome("malformed/fileformat-sample.aab") is ProcessingCode.MANIFEST_MISSING


def test_a_renamed_bundle_is_one() -> None:
    info = outcome("malformed/aab-named.apk")
    assert isinstance(info, BuildInfo)
    assert info.identifier == "com.bitrise_io.sample_apps_android_simple"
