import io
import json
import struct
import zipfile
from typing import Any

import pytest

from seatrial.domain.buildinfo import Format, Os
from seatrial.domain.errors import ProcessingCode
from seatrial.parsers import parse
from seatrial.parsers.hap import parse_hap
from seatrial.parsers.hap_resources import ResourceTable, TableUnreadable
from tests.fixtures.build_hap import APP, ICON, LABEL, MODULE, PACK, table, zipped
from tests.parsers.corpus_manifest import Row, rows
from tests.parsers.linux_files import FIXTURES, mutations, picture, read, refused

SAMPLES = FIXTURES / "hap"


@pytest.mark.parametrize("name", ["stage.hap", "signed.hap", "pack.app"])
def test_a_module_and_a_pack_say_what_they_are(name: str) -> None:
    info = parse(SAMPLES / name)
    assert (info.format, info.os) == (Format.HAP, Os.HARMONYOS)
    assert (info.identifier, info.display_name) == ("org.seatrial.demo", "Seatrial Demo")
    assert info.localized_names == {"de": "Probefahrt", "zh-Hant-TW": "試航"}
    assert (info.version_name, info.version_code) == ("2.4.0", "2004000")
    assert (info.min_os, info.target_os) == ("50000012", "50001013")
    assert info.device_families == ("phone", "tablet")
    assert info.architectures == ("arm64-v8a", "x86_64")
    assert info.native_libraries == ("libentry.so",)
    assert info.permissions == ("ohos.permission.INTERNET", "ohos.permission.CAMERA")
    assert info.url_schemes == ("seatrial", "https")
    assert info.sdks == {"compileSdk": "5.0.1.111"}
    assert info.debuggable is False
    assert picture(info) == ((96, 96), (255, 0, 0))
    assert info.warnings == ()


def test_what_a_module_and_a_pack_hold() -> None:
    (extension,) = parse(SAMPLES / "stage.hap").embedded
    assert (extension.kind, extension.identifier, extension.extension_point) == ("extension", "Card", "form")
    pack = parse(SAMPLES / "pack.app")
    assert [(one.kind, one.path) for one in pack.embedded] == [
        ("feature-module", "feature-default.hap"),
        ("feature-module", "entry-default.hap"),
    ]
    assert pack.icon_source == "entry-default.hap/resources/base/media/app_icon.png"


def test_the_older_model() -> None:
    info = parse(SAMPLES / "fa.hap")
    assert (info.identifier, info.display_name) == ("org.seatrial.old", "Old Demo")
    assert (info.version_name, info.version_code, info.min_os, info.target_os) == ("1.2", "12", "7", "9")
    assert (info.device_families, info.permissions) == (("phone",), ("ohos.permission.LOCATION",))
    assert info.debuggable is True
    assert info.icon_source == "assets/entry/resources/base/media/icon.png"
    assert picture(info) == ((96, 96), (0, 0, 255))


def test_signers() -> None:
    unsigned = parse(SAMPLES / "stage.hap").signing
    assert unsigned
    assert (unsigned.kind, unsigned.schemes, unsigned.certificates) == ("unsigned", (), ())
    for name in ("signed.hap", "pack.app"):  # the pack's module is signed, the pack itself is not
        signed = parse(SAMPLES / name).signing
        assert signed
        assert (signed.kind, signed.schemes) == ("signed", ("hap-v3",))
        assert [one.subject for one in signed.certificates] == ["CN=Seatrial Demo"]
    data = bytearray((SAMPLES / "signed.hap").read_bytes())
    end = data.index(b"<hap sign block>")
    data[end - 60 : end - 40] = bytes(20)
    size = int.from_bytes(data[end - 8 : end], "little")
    start = end + 20 - size
    data[start + 12 : start + 20] = b"no CMS.."
    broken = read(parse_hap, bytes(data))
    assert broken.signing
    assert broken.signing.kind == "invalid"
    assert broken.warnings


@pytest.mark.parametrize("row", rows("other"))
def test_the_real_module(row: Row) -> None:
    info = parse(row.file)
    assert [info.identifier, info.version_name, info.version_code] == [
        row.identifier,
        row.version_name,
        row.version_code,
    ]
    assert info.os == row.platforms
    assert info.device_families == ("phone", "tablet", "2in1")
    assert info.icon_source == "resources/base/media/app_icon.png"
    assert info.warnings == ()


def module(app: dict[str, Any] | None = None, table: bytes | None = None) -> bytes:
    described = json.dumps({"app": APP | (app or {}), "module": MODULE})
    return zipped({"module.json": described} | ({} if table is None else {"resources.index": table}))


@pytest.mark.parametrize(
    ("code", "data"),
    [
        (ProcessingCode.MANIFEST_MISSING, zipped({"ets/modules.abc": b""})),
        (ProcessingCode.MANIFEST_INVALID, zipped({"module.json": "{"})),
        (ProcessingCode.MANIFEST_INVALID, zipped({"module.json": b"\xff\xfe"})),
        (ProcessingCode.MANIFEST_INVALID, zipped({"module.json": "[" * 100_000})),
        (ProcessingCode.MANIFEST_INVALID, zipped({"module.json": "9" * 10_000})),
        (ProcessingCode.MANIFEST_INVALID, zipped({"module.json": "[]"})),
        (ProcessingCode.MANIFEST_INVALID, module({"bundleName": 7})),
        (ProcessingCode.MANIFEST_INVALID, zipped({"pack.info": "{}", "entry.hap": b""})),
        (ProcessingCode.ARCHIVE_BOMB, zipped({"module.json": b" " * (5 << 20)})),
        (ProcessingCode.CORRUPT_ARCHIVE, module()[:-30]),
    ],
)
def test_what_is_no_package_is_refused(code: ProcessingCode, data: bytes) -> None:
    assert refused(parse_hap, data) is code


def test_values_of_the_wrong_type_are_left_out() -> None:
    odd = {"versionName": ["1"], "versionCode": True, "minAPIVersion": "12", "debug": "yes", "label": 5, "labelId": -1}
    info = read(parse_hap, module(odd | {"iconId": 1 << 70, "icon": {}}))
    assert (info.version_name, info.version_code, info.min_os, info.debuggable) == (None, None, "12", None)
    assert (info.display_name, info.icon_png) == ("Entry", None)
    surrogate = read(parse_hap, module({"label": "\ud800x"}))
    assert (surrogate.display_name or "").encode() == b"?x"


def test_a_table_that_cannot_be_read_costs_the_names_only() -> None:
    for data in (b"", b"RestoolV2 6.0".ljust(400, b"\1"), table()[:300]):
        info = read(parse_hap, module(table=data))
        assert info.identifier == "org.seatrial.demo"
        assert any("table of resources" in warning for warning in info.warnings)


def test_a_table_is_looked_up_by_number_and_language() -> None:
    found = ResourceTable(table())
    assert found.string(LABEL) == ("Seatrial Demo", {"de": "Probefahrt", "zh-Hant-TW": "試航"})
    assert found.media(ICON) == ["entry/resources/base/media/app_icon.png"]
    assert found.string(ICON) == (None, {})
    assert found.string(5) == (None, {})
    data = bytearray(table())
    struct.pack_into("<I", data, 132, 100_000)
    with pytest.raises(TableUnreadable):
        ResourceTable(bytes(data))


def test_a_pack_whose_module_is_broken_stands_by_its_list() -> None:
    info = read(parse_hap, zipped({"pack.info": json.dumps(PACK), "entry-default.hap": b"PK no archive"}))
    assert (info.identifier, info.version_name, info.display_name) == ("org.seatrial.demo", "2.4.0", None)
    assert any("cannot be read" in warning for warning in info.warnings)
    other = module({"bundleName": "org.seatrial.other"})
    info = read(parse_hap, zipped({"pack.info": json.dumps(PACK), "some.hap": other}))
    assert (info.identifier, info.display_name) == ("org.seatrial.demo", "Entry")
    assert any("org.seatrial.other" in warning for warning in info.warnings)
    info = read(parse_hap, zipped({"pack.info": json.dumps(PACK), "shared.hsp": b""}))
    assert info.warnings == ("The pack holds no module that could be installed.",)


def test_a_pack_in_a_pack_is_not_opened() -> None:
    inner = zipped({"pack.info": json.dumps(PACK), "entry-default.hap": module()})
    info = read(parse_hap, zipped({"pack.info": json.dumps(PACK), "entry-default.hap": inner}))
    assert info.display_name is None
    assert any("no module.json" in warning for warning in info.warnings)


@pytest.mark.parametrize("name", ["stage.hap", "signed.hap", "pack.app", "fa.hap"])
def test_damaged_packages(name: str) -> None:
    mutations(parse_hap, (SAMPLES / name).read_bytes(), 300)


def test_damaged_tables_and_signatures() -> None:
    mutations(lambda file: parse_hap(io.BytesIO(module(table=file.read()))), table(), 400)
    data = (SAMPLES / "signed.hap").read_bytes()
    with zipfile.ZipFile(SAMPLES / "signed.hap") as archive:
        directory = archive.start_dir
    block = data[directory - 1500 : directory]
    front, back = data[: directory - 1500], data[directory:]
    mutations(lambda file: parse_hap(io.BytesIO(front + file.read().ljust(1500, b"\0") + back)), block, 400)
