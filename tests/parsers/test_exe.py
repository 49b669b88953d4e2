import io
import struct
from pathlib import Path

import pytest
from PIL import Image

from seatrial.domain.buildinfo import BuildInfo, Format, Os, SigningKind
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import parse
from seatrial.parsers.exe import parse_exe
from tests.parsers.corpus_manifest import Row, rows
from tests.parsers.windows_files import (
    SIGNER,
    Counted,
    program,
    resources,
    sample,
    survives_mutations,
    version,
)

# What the notes of MANIFEST.tsv call broken: the table of certificates lies behind the end of the file.
WITHOUT_THEIR_SIGNATURE = {
    "exe/pidgin_manipulated_GroupIconDirectory.exe",
    "exe/pidgin_with_iconGroupEntry_without_icon.exe",
}


def read(data: bytes) -> BuildInfo:
    return parse_exe(io.BytesIO(data))


def refused(data: bytes) -> BuildFileInvalid:
    with pytest.raises(BuildFileInvalid) as caught:
        read(data)
    assert caught.value.sentence.endswith(".")
    return caught.value


def png(side: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (side, side), (10, 20, 30, 255)).save(out, "PNG")
    return out.getvalue()


def group(*pictures: tuple[int, int]) -> bytes:
    """A group of icons: side and number of each picture."""
    entries = b"".join(
        struct.pack("<4B2HLH", side % 256, side % 256, 0, 0, 1, 32, 100, number) for side, number in pictures
    )
    return struct.pack("<3H", 0, 1, len(pictures)) + entries


def side(info: BuildInfo) -> int:
    assert info.icon_png is not None
    return Image.open(io.BytesIO(info.icon_png)).width


def test_a_program_says_what_it_is() -> None:
    info = read(sample("exe/demo.exe"))
    assert (info.format, info.os, info.identifier) == (Format.EXE, Os.WINDOWS, None)
    assert (info.display_name, info.localized_names) == ("Seatrial Demo", {"de-DE": "Seatrial-Vorführung"})
    assert (info.version_name, info.version_code) == ("2.4.0-beta", "2.4.0.17")
    assert (info.min_os, info.target_os, info.architectures) == ("10.0", None, ("x64",))
    assert (side(info), info.icon_source) == (256, ".rsrc/GROUP_ICON/101")
    assert set(info.sizes) == {"code", "resources", "signature", "other"}
    assert sum(info.sizes.values()) == len(sample("exe/demo.exe"))
    assert info.warnings == ()


def test_a_signature_names_its_signer() -> None:
    signing = read(sample("exe/demo.exe")).signing
    assert signing is not None
    assert (signing.kind, signing.schemes) == (SigningKind.SIGNED, ("authenticode",))
    assert [each.subject for each in signing.certificates] == [SIGNER]
    plain = read(sample("exe/demo-unsigned.exe")).signing
    assert plain is not None
    assert (plain.kind, plain.schemes, plain.certificates) == (SigningKind.UNSIGNED, (), ())


def test_a_large_program_costs_a_few_reads() -> None:
    file = Counted(sample("exe/demo.exe") + bytes(30 << 20))
    assert parse_exe(file).display_name == "Seatrial Demo"
    assert file.reads < 10
    assert file.bytes_read < 1 << 20


def test_it_is_recognised_whatever_its_name(tmp_path: Path) -> None:
    renamed = tmp_path / "demo.txt"
    renamed.write_bytes(sample("exe/demo.exe"))
    assert parse(renamed).display_name == "Seatrial Demo"


@pytest.mark.parametrize(("machine", "name"), [(0x14C, "x86"), (0x8664, "x64"), (0xAA64, "arm64")])
def test_architectures_have_their_usual_names(machine: int, name: str) -> None:
    assert read(program(machine=machine)).architectures == (name,)


def test_a_program_without_resources_is_a_program() -> None:
    info = read(program())
    assert (info.display_name, info.version_name, info.version_code, info.icon_png) == (None, None, None, None)
    assert (info.min_os, info.warnings) == ("6.1", ())


def test_strings_stand_in_for_each_other() -> None:
    texts = version({"040904b0": {"FileDescription": " Tool ", "FileVersion": "1.2 \0junk"}}, (1, 2, 3, 4))
    info = read(program(resources({16: {1: {1033: texts}}})))
    assert (info.display_name, info.version_name, info.version_code) == ("Tool", "1.2", "1.2.3.4")
    info = read(program(resources({16: {1: {0: version({}, (5, 6, 7, 8))}}})))
    assert (info.display_name, info.version_name, info.version_code) == (None, "5.6.7.8", "5.6.7.8")


def test_every_language_of_a_program_is_read() -> None:
    tree = {
        1033: version({"040904b0": {"ProductName": "Boat"}}, (1, 0, 0, 0)),
        1031: version({"040704b0": {"ProductName": "Boot"}}, (1, 0, 0, 0)),
        3082: version({"0c0a04b0": {"ProductName": "Barco"}, "ffff04b0": {"ProductName": "?"}}),
    }
    info = read(program(resources({16: {1: tree}})))
    assert {info.display_name, *info.localized_names.values()} == {"Boat", "Boot", "Barco"}
    assert info.localized_names["es-ES"] == "Barco"


def test_of_a_group_of_icons_the_best_one_that_is_there_is_taken() -> None:
    icons = {1: {0: png(16)}, 2: {0: png(64)}, 4: {0: b"no picture"}}
    tree = {3: icons, 14: {7: {0: group((16, 1), (64, 2), (256, 3), (128, 4))}}}
    info = read(program(resources(tree)))
    assert (side(info), info.icon_source, info.warnings) == (64, ".rsrc/GROUP_ICON/7", ())


def test_a_broken_group_of_icons_gives_way_to_the_next() -> None:
    tree = {3: {1: {0: png(32)}}, 14: {7: {0: b"\xff"}, 8: {0: group((32, 1))}}}
    assert read(program(resources(tree))).icon_source == ".rsrc/GROUP_ICON/8"
    only_broken = read(program(resources({14: {7: {0: group((32, 1))}}})))
    assert (only_broken.icon_png, only_broken.icon_source) == (None, None)
    assert "icon" in only_broken.warnings[0]


def test_makers_of_installers_leave_their_marks() -> None:
    assert read(program(section=b".wixburn")).sdks == {"installer": "WiX Burn"}
    assert read(program(section=b"UPX0")).sdks == {"packer": "UPX"}
    inno = resources({10: {11111: {0: b"rDlPtS"}}})
    assert read(program(inno)).sdks == {"installer": "Inno Setup"}
    nsis = b"\0\0\0\0\xef\xbe\xad\xdeNullsoftInst" + bytes(8)
    assert read(program(behind=nsis)).sdks == {"installer": "NSIS"}
    squirrel = version({"040904b0": {"SquirrelAwareVersion": "1"}})
    assert read(program(resources({16: {1: {0: squirrel}}}))).sdks == {"installer": "Squirrel"}


def test_a_library_is_told_apart() -> None:
    assert "library" in read(program(flags=0x2022)).warnings[0]


@pytest.mark.parametrize("signature", [b"NE", b"LE", b"LX", b"\0\0"])
def test_programs_for_older_systems_are_refused(signature: bytes) -> None:
    old = b"MZ".ljust(0x3C, b"\0") + struct.pack("<L", 0x40) + signature.ljust(600, b"\0")
    assert refused(old).code is ProcessingCode.UNRECOGNISED_FORMAT


@pytest.mark.parametrize("length", [64, 0x50, 0x100, 0x1F0, 0x200])
def test_a_program_that_is_cut_off_is_refused(length: int) -> None:
    whole = program(resources({16: {1: {0: version({})}}}))
    assert refused(whole[:length]).code in {ProcessingCode.CORRUPT_ARCHIVE, ProcessingCode.UNRECOGNISED_FORMAT}


def test_resources_that_lead_nowhere_are_a_warning() -> None:
    nowhere = struct.pack("<12x2H4L", 0, 2, 14, 0x80FFFFFF, 16, 0x80FFFFFF)
    info = read(program(nowhere))
    assert (info.display_name, info.icon_png) == (None, None)
    assert len(info.warnings) == 2


def test_resources_that_go_in_circles_end() -> None:
    circle = struct.pack("<12x2H", 0, 1000) + struct.pack("<2L", 14, 0x80000000) * 1000
    assert read(program(circle)).icon_png is None


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (struct.pack("<L2H", 8, 0x200, 2), SigningKind.SIGNED),
        (struct.pack("<L2H", 24, 0x200, 2) + b"not a signature.", SigningKind.SIGNED),
        (struct.pack("<L2H", 0xFFFFFFF0, 0x200, 2), SigningKind.UNSIGNED),
        (bytes(8), SigningKind.UNSIGNED),
    ],
)
def test_signatures_that_cannot_be_read_are_a_warning(table: bytes, kind: SigningKind) -> None:
    info = read(program(security=(0x201, len(table)), behind=table))
    assert info.signing is not None
    assert (info.signing.kind, info.signing.certificates) == (kind, ())
    assert "sign the build again" in info.warnings[0]


def test_a_signature_behind_the_end_is_none() -> None:
    info = read(program(security=(0x10000, 100)))
    assert info.signing is not None
    assert info.signing.kind is SigningKind.UNSIGNED
    assert "not in the file" in info.warnings[0]


def test_changed_bytes_end_in_an_answer_or_a_refusal() -> None:
    assert survives_mutations(parse_exe, sample("exe/demo.exe"), 150, 1) > 0
    tree = {
        3: {1: {0: png(16)}},
        14: {1: {0: group((16, 1))}},
        16: {1: {1033: version({"040904b0": {"ProductName": "x"}})}},
    }
    assert survives_mutations(parse_exe, program(resources(tree)), 300, 2) > 0


@pytest.mark.parametrize("row", rows("exe"))
def test_real_programs(row: Row) -> None:
    if not row.identifier and not row.min_os:
        with row.file.open("rb") as file, pytest.raises(BuildFileInvalid) as caught:
            parse_exe(file)
        assert caught.value.code is ProcessingCode.UNRECOGNISED_FORMAT
        return
    with row.file.open("rb") as file:
        info = parse_exe(file)
    assert (info.display_name or "", info.version_name or "") == (row.display_name, row.version_name)
    assert (info.version_code or "", info.min_os) == (row.version_code, row.min_os)
    assert f"windows [{', '.join(info.architectures)}]" == row.platforms
    assert (info.icon_png is not None) == row.icon.startswith("yes")
    assert info.signing is not None
    if row.path in WITHOUT_THEIR_SIGNATURE:
        assert (info.signing.kind, len(info.warnings)) == (SigningKind.UNSIGNED, 1)
        return
    assert (info.signing.kind is SigningKind.UNSIGNED) == (row.signing == "unsigned")
    if info.signing.certificates:
        assert info.signing.verified == (not row.signing.startswith("INVALID"))
    if row.signing.startswith("signed"):
        owner = row.signing.partition("CN=")[2].partition("/")[0].rstrip("]")
        assert f"CN={owner}" in info.signing.certificates[0].subject


def test_a_program_that_was_changed_after_signing_is_told() -> None:
    signed = sample("exe/demo.exe")
    good = read(signed).signing
    assert good is not None
    assert good.verified is True
    at = signed.index("ends at once".encode("utf-16-le"))
    changed = read(signed[:at] + b"X" + signed[at + 1 :])
    assert changed.signing is not None
    assert (changed.signing.kind, changed.signing.verified) == (SigningKind.SIGNED, False)
    assert "changed after it was signed" in changed.warnings[0]


def test_a_checksum_is_no_part_of_what_is_signed() -> None:
    signed = bytearray(sample("exe/demo.exe"))
    checksum = int.from_bytes(signed[0x3C:0x40], "little") + 24 + 64
    signed[checksum] ^= 0xFF
    signing = read(bytes(signed)).signing
    assert signing is not None
    assert signing.verified is True


def test_far_or_large_programs_are_not_verified() -> None:
    class Far(io.BytesIO):
        is_remote = True

    for file in (Far(sample("exe/demo.exe")), io.BytesIO(sample("exe/demo.exe") + bytes(17 << 20))):
        signing = parse_exe(file).signing
        assert signing is not None
        assert (signing.kind, signing.verified) == (SigningKind.SIGNED, None)
