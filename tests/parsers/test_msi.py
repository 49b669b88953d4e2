import io
import shutil
import struct
import subprocess

import pytest
from PIL import Image

from seatrial.domain.buildinfo import BuildInfo, Format, Os, SigningKind
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers.cfb import CfbError, CompoundFile
from seatrial.parsers.msi import parse_msi
from seatrial.parsers.msi_summary import read_summary
from seatrial.parsers.msi_tables import decoded_name, encoding_of
from tests.parsers.corpus_manifest import Row, rows
from tests.parsers.windows_files import FIXTURES, SIGNER, Counted, sample, survives_mutations

DIRECTORY_ENTRY = 128


def read(data: bytes) -> BuildInfo:
    return parse_msi(io.BytesIO(data))


def entry_of(data: bytes, name: str) -> int:
    """Find a directory entry by its plain name."""
    return data.index(name.encode("utf-16-le"))


def test_an_installer_says_what_it_installs() -> None:
    info = read(sample("msi/demo.msi"))
    assert (info.format, info.os) == (Format.MSI, Os.WINDOWS)
    assert info.identifier == "{5EA72141-0000-4000-8000-00000000DE31}"
    assert (info.display_name, info.version_name, info.version_code) == ("Seatrial Prüfstand", "2.4.17", None)
    assert (info.min_os, info.architectures) == ("6.3", ("x64",))
    assert info.sdks["windowsInstaller"] == "5.0"
    assert (info.icon_source, info.warnings) == ("Icon.demo.ico", ())
    assert info.icon_png is not None
    assert Image.open(io.BytesIO(info.icon_png)).size == (256, 256)


def test_a_signature_names_its_signer() -> None:
    signing = read(sample("msi/demo.msi")).signing
    assert signing is not None
    assert (signing.kind, signing.schemes) == (SigningKind.SIGNED, ("authenticode",))
    assert [each.subject for each in signing.certificates] == [SIGNER]
    plain = read(sample("msi/demo-unsigned.msi")).signing
    assert plain is not None
    assert (plain.kind, plain.certificates) == (SigningKind.UNSIGNED, ())


def test_a_large_installer_is_not_read_as_a_whole() -> None:
    data = sample("msi/demo.msi")
    file = Counted(data + bytes(20 << 20))
    assert parse_msi(file).identifier
    assert file.bytes_read < len(data) + (64 << 10)


def test_a_signature_that_is_none_is_a_warning() -> None:
    data = bytearray(sample("msi/demo.msi"))
    at = data.index(bytes.fromhex("06092a864886f70d010702"))
    data[at + 3] ^= 0xFF
    info = read(bytes(data))
    assert info.signing is not None
    assert (info.signing.kind, info.signing.certificates) == (SigningKind.SIGNED, ())
    assert "cannot be read" in info.warnings[0]


def test_an_icon_that_is_missing_is_a_warning() -> None:
    data = sample("msi/demo-unsigned.msi")
    at = data.index(b"demo.ico")
    info = read(data[:at] + b"gone.ico" + data[at + 8 :])
    assert info.icon_png is None
    assert "gone.ico" in info.warnings[0]


def test_a_compound_file_of_another_kind_is_refused() -> None:
    data = sample("msi/demo-unsigned.msi").replace(b"ProductCode", b"ProductKode")
    with pytest.raises(BuildFileInvalid) as caught:
        read(data)
    assert caught.value.code is ProcessingCode.MANIFEST_MISSING


@pytest.mark.parametrize("length", [8, 511, 512, 2048, 20_000])
def test_an_installer_that_is_cut_off_is_refused(length: int) -> None:
    with pytest.raises(BuildFileInvalid) as caught:
        read(sample("msi/demo.msi")[:length])
    assert caught.value.code is ProcessingCode.CORRUPT_ARCHIVE
    assert "Upload it again" in caught.value.sentence


def test_chains_that_go_in_circles_end() -> None:
    data = bytearray(sample("msi/demo-unsigned.msi"))
    first = struct.unpack_from("<L", data, 76)[0]
    table = (first + 1) * 512
    for sector in range(128):
        struct.pack_into("<L", data, table + 4 * sector, sector)
    with pytest.raises(BuildFileInvalid):
        read(bytes(data))


def test_a_tree_of_streams_that_goes_in_circles_ends() -> None:
    data = bytearray(sample("msi/demo-unsigned.msi"))
    root = entry_of(bytes(data), "Root Entry")
    for at in range(root + DIRECTORY_ENTRY, root + 8 * DIRECTORY_ENTRY, DIRECTORY_ENTRY):
        struct.pack_into("<2L", data, at + 68, 1, 1)
    assert len(CompoundFile(io.BytesIO(bytes(data))).names()) < 8


def test_a_stream_larger_than_its_limit_is_not_read() -> None:
    compound = CompoundFile(io.BytesIO(sample("msi/demo.msi")))
    with pytest.raises(CfbError, match="allowed"):
        compound.open("\x05DigitalSignature", 10)


def test_names_of_streams_are_spelled_out() -> None:
    assert decoded_name("\u4840\u3f3f\u4577\u446c\u3e6a\u44b2\u482f") == "\u4840_StringPool"
    assert decoded_name("\x05SummaryInformation") == "\x05SummaryInformation"


@pytest.mark.parametrize(
    ("page", "name"), [(0, "cp1252"), (932, "cp932"), (936, "gbk"), (65001, "utf-8"), (54321, "cp1252")]
)
def test_code_pages_have_names(page: int, name: str) -> None:
    assert encoding_of(page) == name


def summary(template: bytes, schema: int = 200) -> bytes:
    text = struct.pack("<2L", 30, len(template) + 1) + template + b"\0"
    properties = struct.pack("<2L", 3, schema) + text
    table = struct.pack("<4L", 14, 24, 7, 32)
    section = struct.pack("<2L", 24 + len(properties), 2) + table + properties
    return b"\xfe\xff" + bytes(22) + struct.pack("<L", 1) + bytes(16) + struct.pack("<L", 48) + section


def test_the_template_lists_platforms() -> None:
    assert read_summary(summary(b"Intel,Intel64;1033,1031")).platforms == ("Intel", "Intel64")
    assert read_summary(summary(b";1033")).platforms == ()
    assert read_summary(summary(b"Arm64;0", 500)).schema == 500
    with pytest.raises(ValueError, match="property set"):
        read_summary(b"\0" * 100)


def test_changed_bytes_end_in_an_answer_or_a_refusal() -> None:
    assert survives_mutations(parse_msi, sample("msi/demo.msi"), 300, 3) > 0


@pytest.mark.parametrize("row", rows("msi"))
def test_real_installers(row: Row) -> None:
    with row.file.open("rb") as file:
        info = parse_msi(file)
    assert (info.identifier, info.display_name, info.version_name) == (
        row.identifier,
        row.display_name,
        row.version_name,
    )
    assert (info.version_code or "", info.min_os or "", info.target_os or "") == ("", row.min_os, row.target_os)
    assert f"windows [{', '.join(info.architectures)}]" == row.platforms
    assert (info.icon_png is not None) == row.icon.startswith("yes")
    assert info.signing is not None
    assert (info.signing.kind is SigningKind.SIGNED) == row.signing.startswith("signed")
    if info.signing.certificates:
        assert info.signing.certificates[0].subject == "O=Corpus,CN=Corpus Test Signer"
    assert info.warnings == ()


@pytest.mark.skipif(shutil.which("msiinfo") is None, reason="msitools is not installed")
@pytest.mark.parametrize("name", ["demo.msi", "demo-unsigned.msi"])
def test_msiinfo_says_the_same(name: str) -> None:
    def ask(*words: str) -> str:
        return subprocess.run(["msiinfo", *words], check=True, capture_output=True, text=True).stdout

    path = FIXTURES / "msi" / name
    lines = (line.split("\t", 1) for line in ask("export", str(path), "Property").splitlines() if "\t" in line)
    theirs = {key: value.strip() for key, value in lines}
    info = read(path.read_bytes())
    assert (info.identifier, info.display_name) == (theirs["ProductCode"], theirs["ProductName"])
    assert info.version_name == theirs["ProductVersion"]
    assert f"Template: {','.join(info.architectures)};" in ask("suminfo", str(path))
    signed = "DigitalSignature" in ask("streams", str(path))
    assert info.signing is not None
    assert (info.signing.kind is SigningKind.SIGNED) == signed


@pytest.mark.skipif(shutil.which("osslsigncode") is None, reason="osslsigncode is not installed")
@pytest.mark.parametrize("name", ["msi/demo.msi", "exe/demo.exe"])
def test_osslsigncode_names_the_same_certificate(name: str) -> None:
    from seatrial.parsers import parse

    asked = subprocess.run(
        ["osslsigncode", "verify", "-in", str(FIXTURES / name)], check=False, capture_output=True, text=True
    )
    info = parse(FIXTURES / name)
    assert info.signing is not None
    assert f"Serial : {info.signing.certificates[0].serial.upper()}" in asked.stdout
