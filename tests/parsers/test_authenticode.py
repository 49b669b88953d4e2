import struct

import pytest

from seatrial.domain.buildinfo import SigningKind
from seatrial.parsers import limits
from seatrial.parsers.authenticode import package_signature, program_signature
from tests.parsers.windows_files import SIGNER, sample

BLOCK_KIND = 2


def block() -> bytes:
    """Take the CMS block out of the signed sample program."""
    data = sample("exe/demo.exe")
    optional = int.from_bytes(data[0x3C:0x40], "little") + 24
    offset, size = struct.unpack_from("<2L", data, optional + 112 + 8 * 4)
    table: bytes = data[offset : offset + size]
    return table[8 : int.from_bytes(table[:4], "little")]


def entry(content: bytes, kind: int = BLOCK_KIND) -> bytes:
    return struct.pack("<L2H", len(content) + 8, 0x200, kind) + content + bytes(-len(content) % 8)


def read(table: bytes, *, before: bytes = b"x" * 8) -> tuple[SigningKind | None, list[str], list[str]]:
    data = before + table
    found = program_signature(lambda at, length: data[at : at + length], (len(before), len(table)), len(data))
    return found.signing.kind, [each.subject for each in found.signing.certificates], found.warnings


def test_several_signatures_by_one_signer_name_it_once() -> None:
    assert read(entry(block()) + entry(block())) == (SigningKind.SIGNED, [SIGNER], [])


def test_bytes_behind_a_signature_do_not_matter() -> None:
    assert read(entry(block() + bytes(100))) == (SigningKind.SIGNED, [SIGNER], [])


def test_certificates_of_other_kinds_are_passed_over() -> None:
    assert read(entry(b"x" * 20, kind=1) + entry(block())) == (SigningKind.SIGNED, [SIGNER], [])


def test_signatures_share_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_limits", limits.ParserLimits(signature_bytes=len(block()) + 100))
    kind, subjects, warnings = read(entry(block()) + entry(block()))
    assert (kind, subjects) == (SigningKind.SIGNED, [SIGNER])
    assert "is not read" in warnings[0]


def test_the_signature_of_a_package_has_a_mark_in_front() -> None:
    signing = package_signature(b"PKCX" + block()).signing
    assert (signing.kind, signing.schemes) == (SigningKind.SIGNED, ("msix",))
    assert [each.subject for each in signing.certificates] == [SIGNER]
    empty = package_signature(b"")
    assert empty.signing.kind is SigningKind.SIGNED
    assert "cannot be read" in empty.warnings[0]
    assert package_signature(None).signing.kind is SigningKind.UNSIGNED
