"""Real sets of APKs against what independent tools say about their base (the corpus' MANIFEST.tsv)."""

import re
import zipfile

import pytest

from seatrial.domain.buildinfo import EmbeddedKind, Format
from seatrial.parsers import parse
from tests.corpus import corpus_file
from tests.parsers.corpus_manifest import Row, rows

each = pytest.mark.parametrize("row", rows("apks", "xapk"))


@each
def test_identity_and_versions(row: Row) -> None:
    info = parse(row.file)
    assert info.format is {"apks": Format.APKS, "xapk": Format.XAPK}[row.kind]
    assert info.identifier == row.identifier
    assert info.display_name == row.display_name
    assert (info.version_name, info.version_code) == (row.version_name, row.version_code)
    assert (info.min_os, info.target_os) == (row.min_os, row.target_os)
    architectures = re.search(r"\[(.*)\]", row.platforms)
    assert ",".join(info.architectures) == (architectures[1] if architectures else "")
    assert info.warnings == ()


def test_a_name_in_a_split_for_its_language() -> None:
    """`aapt2 dump resources splits/base-pl.apk` has this text for the id that the base's manifest asks for."""
    info = parse(corpus_file("apks/bundletool-built-install-time.apks"))
    assert info.localized_names == {"pl": "Przykład modułów na żądanie"}


@each
def test_the_icon(row: Row) -> None:
    info = parse(row.file)
    assert (info.icon_png is not None) is row.icon.startswith("yes")
    assert info.icon_source
    assert info.icon_source in row.icon


@each
def test_signers(row: Row) -> None:
    signing = parse(row.file).signing
    assert signing
    found = re.fullmatch(r"(debug|release) (\S+) \[.*\] sha256=([0-9a-f,]+)", row.signing)
    assert found
    assert signing.kind == found[1]
    assert "+".join(signing.schemes) == found[2]
    assert [certificate.sha256[:16] for certificate in signing.certificates] == found[3].split(",")


@each
def test_every_split_is_listed(row: Row) -> None:
    info = parse(row.file)
    with zipfile.ZipFile(row.file) as archive:
        names = {name for name in archive.namelist() if name.endswith(".apk")}
    splits = {split.path for split in info.embedded if split.kind is EmbeddedKind.SPLIT}
    assert splits <= names
    whole = {name for name in names - splits if not name.endswith("-master.apk")}
    assert len(whole) == (1 if row.kind == "xapk" else 0)
