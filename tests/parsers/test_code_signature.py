import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.parsers.code_signature import CodeSignature
from seatrial.parsers.macho import read_executable
from seatrial.parsers.plist import MAX_DEPTH
from tests.fixtures import build_ipa
from tests.parsers.macho_files import (
    ARM64,
    blob,
    code_directory,
    der_entitlements,
    old_der_entitlements,
    signed,
    thin,
    universal,
    xml_entitlements,
)

ENTITLEMENTS: dict[str, object] = {
    "application-identifier": "ABCDE12345.org.seatrial.demo",
    "get-task-allow": True,
    "com.apple.security.application-groups": ["group.one", "group.two"],
    "com.apple.developer.nested": {"limit": -7, "on": False},
}


def signature_in(data: bytes) -> CodeSignature | None:
    executable = read_executable(iter([data[at : at + 777] for at in range(0, len(data), 777)]))
    assert executable is not None
    return executable.signature


def cms_block() -> bytes:
    """Sign nothing with the key of the samples, as `codesign` signs the code directory: detached."""
    with tempfile.NamedTemporaryFile() as content:
        return subprocess.run(
            [
                *("openssl", "cms", "-sign", "-binary", "-outform", "DER", "-in", content.name),
                *("-signer", str(build_ipa.KEYS / "signer.pem"), "-inkey", str(build_ipa.KEYS / "signer.key")),
            ],
            check=True,
            capture_output=True,
        ).stdout


def test_a_signature_tells_identifier_team_and_entitlements() -> None:
    found = signature_in(
        signed({0: code_directory("org.seatrial.demo", "ABCDE12345"), 5: xml_entitlements(ENTITLEMENTS)})
    )
    assert found == CodeSignature("org.seatrial.demo", "ABCDE12345", ENTITLEMENTS, ())


@pytest.mark.parametrize("gap", [0, 50_000, 300_000])
def test_it_is_found_behind_any_amount_of_code(gap: int) -> None:
    found = signature_in(signed({0: code_directory("a.b", None), 5: xml_entitlements({"a": "b"})}, gap=gap))
    assert found == CodeSignature("a.b", None, {"a": "b"}, ())


def test_entitlements_in_der_stand_in_where_the_property_list_is_missing_or_broken() -> None:
    directory = code_directory("a.b", "T")
    for blobs in (
        {0: directory, 7: der_entitlements(ENTITLEMENTS)},
        {0: directory, 7: old_der_entitlements(ENTITLEMENTS)},
        {0: directory, 5: blob(0xFADE7171, b"junk"), 7: der_entitlements(ENTITLEMENTS)},
    ):
        found = signature_in(signed(blobs))
        assert found is not None
        assert found.entitlements == ENTITLEMENTS


def test_entitlements_are_bounded() -> None:
    deep: object = "bottom"
    for _ in range(30):
        deep = {"k": deep}
    for make in (xml_entitlements, der_entitlements):
        found = signature_in(signed({5: make({"deep": deep, "many": [1] * 2_500, "long": "x" * 5_000})}))
        assert found is not None
        entitlements = found.entitlements
        assert entitlements is not None
        level, depth = entitlements["deep"], 1
        while isinstance(level, dict) and level:
            level, depth = level["k"], depth + 1
        assert depth <= MAX_DEPTH
        many = entitlements["many"]
        assert isinstance(many, list)
        assert len(many) <= 2_000


def test_the_signer_is_told() -> None:
    found = signature_in(signed({0: code_directory("a.b", "T"), 0x10000: blob(0xFADE0B01, cms_block())}))
    assert found is not None
    (signer,) = found.signers
    assert "CN=Apple Distribution: Seatrial Demo" in signer.subject
    pem = Path(build_ipa.KEYS / "signer.pem")
    told = subprocess.run(
        ["openssl", "x509", "-in", str(pem), "-noout", "-fingerprint", "-sha256"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert signer.sha256 == told.strip().partition("=")[2].replace(":", "").lower()


def test_an_ad_hoc_signature_has_no_signer() -> None:
    found = signature_in(signed({0: code_directory("a.b", None), 0x10000: blob(0xFADE0B01, b"")}))
    assert found == CodeSignature("a.b", None, None, ())


def test_names_of_old_directories_end_before_the_team() -> None:
    found = signature_in(signed({0: code_directory("a.b", "TEAM", version=0x20100)}))
    assert found is not None
    assert (found.identifier, found.team) == ("a.b", None)


def test_the_first_signed_slice_speaks_for_all() -> None:
    body = signed({0: code_directory("a.b", "T")})
    found = signature_in(universal((7, 3), (ARM64, 0), bodies=[thin(7), body]))
    assert found is not None
    assert found.team == "T"


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_changed_bytes_never_break_the_reader(data: st.DataObject) -> None:
    changed = bytearray(_SAMPLE)
    for at in data.draw(st.lists(st.integers(0, len(changed) - 1), min_size=1, max_size=12)):
        changed[at] = data.draw(st.integers(0, 255))
    executable = read_executable(iter([bytes(changed)]))
    assert executable is None or executable.slices


_SAMPLE = signed(
    {0: code_directory("a.b", "T"), 5: xml_entitlements({"a": ["b"]}), 7: der_entitlements({"a": {"b": 1}})}, gap=100
)
