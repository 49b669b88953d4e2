"""Real symbols, mappings, archives and profiles against the corpus's own truth."""

import re
from contextlib import suppress

import pytest

from seatrial.domain.attachment import Attachment, AttachmentKind
from seatrial.domain.buildinfo import Format
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers.attachment import understand
from seatrial.parsers.binaries import identities
from tests.corpus import CORPUS, corpus_file
from tests.parsers.corpus_manifest import Row, rows

_CLASSES = {"appstore": "app-store", "adhoc": "ad-hoc", "developerid": "developer-id"}

_FORMATS = {
    "apk": Format.APK,
    "aab": Format.AAB,
    "apks": Format.APKS,
    "xapk": Format.XAPK,
    "ipa": Format.IPA,
    "macos-app-zip": Format.MAC_APP_ZIP,
    "dmg": Format.DMG,
    "pkg": Format.PKG,
}


def notes(path: str) -> str:
    """Give the last column of a file's row, where the manifest has UUIDs and ids."""
    for line in (CORPUS / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        if cells[0] == path:
            return cells[-1]
    raise KeyError(path)


def found(row: Row) -> Attachment:
    return understand(row.file, None, None)


@pytest.mark.parametrize("row", rows("dsym"))
def test_debug_symbols(row: Row) -> None:
    attachment = found(row)
    stated = re.findall(r"(\S+) (ARM|ARM64|X86_64) uuid=([0-9a-f]{32})", notes(row.path))
    assert attachment.kind is AttachmentKind.DSYM
    assert stated
    assert {(one.name, one.id.replace("-", "").lower()) for one in attachment.symbols} == {
        (name, uuid) for name, _, uuid in stated
    }
    families = {"ARM": ("arm", "armv7"), "ARM64": ("arm64",), "X86_64": ("x86_64",)}
    for one in attachment.symbols:
        [family] = [arch for _, arch, uuid in stated if uuid == one.id.replace("-", "").lower()]
        assert one.architecture in families[family]
    bundles = re.search(r"(\d+) dSYM bundles", notes(row.path))
    assert bundles
    assert attachment.counts["dsyms"] == int(bundles[1])


@pytest.mark.parametrize("row", rows("xcarchive"))
def test_archives_of_xcode(row: Row) -> None:
    attachment = found(row)
    assert attachment.kind is AttachmentKind.XCARCHIVE
    assert attachment.facts["identifier"] == row.identifier
    assert (attachment.facts["versionName"], attachment.facts["versionCode"]) == (row.version_name, row.version_code)
    dsyms = re.search(r"(\d+) dSYMs", notes(row.path))
    assert dsyms
    assert attachment.counts["dsyms"] == int(dsyms[1]) == len(attachment.symbols)


@pytest.mark.parametrize("row", rows("proguard"))
def test_mappings(row: Row) -> None:
    attachment = found(row)
    told = notes(row.path)
    assert attachment.kind is AttachmentKind.MAPPING
    classes = re.search(r"(\d+) classes", told)
    uuid = re.search(r"sentry uuid (\S+)", told)
    assert classes
    assert uuid
    assert attachment.counts["classes"] == int(classes[1])
    assert attachment.facts["uuid"] == uuid[1]
    header = dict(re.findall(r"'(\w+)': '([^']*)'", told))
    names = {"compiler": "compiler", "compiler_version": "compilerVersion", "min_api": "minApi", "pg_map_id": "mapId"}
    assert {key: attachment.facts[name] for key, name in names.items() if name in attachment.facts} == header
    assert header.get("compiler_version", "") == row.version_name


@pytest.mark.parametrize("row", rows("mobileprovision"))
def test_provisioning_profiles(row: Row) -> None:
    attachment = found(row)
    if "malformed" in row.features:
        assert attachment.kind is AttachmentKind.OTHER
        return
    assert attachment.kind is AttachmentKind.MOBILEPROVISION
    word = row.signing.split()[0]
    assert attachment.facts["type"] == _CLASSES.get(word, word)
    uuid = re.search(r"uuid=(\S+)", row.signing)
    assert uuid
    assert attachment.facts["uuid"] == uuid[1]
    assert (attachment.facts["name"], attachment.facts["identifier"]) == (row.display_name, row.identifier)
    devices = re.search(r"devices=(\d+)", row.signing)
    assert attachment.counts.get("devices") == (int(devices[1]) if devices else None)
    expires = re.search(r"expires=(\S+)", row.signing)
    assert expires
    assert str(attachment.facts["expires"]).startswith(expires[1])


@pytest.mark.parametrize("row", rows(*_FORMATS))
def test_identities_of_real_builds_can_be_read(row: Row) -> None:
    if row.file.stat().st_size > 64 << 20:
        pytest.skip("large, and no different")
    with row.file.open("rb") as file, suppress(BuildFileInvalid):
        assert identities(file, _FORMATS[row.kind]) is not None


@pytest.mark.parametrize(
    ("name", "map_id"),
    [("apk/bitrise-app-release-unsigned.apk", "b318539"), ("apk/jadx-small.apk", "7ebbafb")],
)
def test_the_mapping_of_a_real_build(name: str, map_id: str) -> None:
    with corpus_file(name).open("rb") as file:
        found = identities(file, Format.APK)
    assert found is not None
    assert found.map_ids == (map_id,)


def test_an_app_has_the_same_identities_whatever_it_is_packed_in() -> None:
    with (
        corpus_file("dmg/relic-dummy.dmg").open("rb") as image,
        corpus_file("pkg/relic-dummy.pkg").open("rb") as installer,
    ):
        found = identities(image, Format.DMG)
        assert found == identities(installer, Format.PKG)
    assert found is not None
    assert [one.architecture for one in found.macho] == ["x86_64", "arm64"]


@pytest.mark.parametrize("row", rows("malformed"))
def test_hostile_files_are_described_or_compared_and_nothing_else(row: Row) -> None:
    attachment = understand(row.file, row.file, Format.APK)
    assert attachment.summary
    assert understand(corpus_file("proguard/appinfo-full_mapping.zip"), row.file, Format.APK).matches is None
