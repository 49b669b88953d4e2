import contextlib
import subprocess
from pathlib import Path

import pytest

from seatrial.parsers import cms
from seatrial.parsers.certificates import certificate_from_der, subject_key_identifier
from seatrial.parsers.cms import cms_content, cms_signers, read_signed_data
from seatrial.parsers.der import DerError

TEXT = b"what is signed\n" * 300
SHA256 = "2.16.840.1.101.3.4.2.1"
ECDSA_SHA256 = "1.2.840.10045.4.3.2"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cms")
    (folder / "text").write_bytes(TEXT)
    for name in ("first", "second"):
        subprocess.run(
            [
                *(
                    "openssl",
                    "req",
                    "-x509",
                    "-newkey",
                    "ec",
                    "-pkeyopt",
                    "ec_paramgen_curve:P-256",
                    "-nodes",
                    "-batch",
                ),
                *("-subj", f"/O=Ink, Ltd/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "9"),
            ],
            cwd=folder,
            check=True,
            capture_output=True,
        )
    return folder


def signed(folder: Path, *options: str, signers: tuple[str, ...] = ("first",)) -> bytes:
    who = [part for name in signers for part in ("-signer", f"{name}.pem", "-inkey", f"{name}.key")]
    command = ["openssl", "cms", "-sign", "-binary", "-in", "text", "-outform", "DER", *who, *options]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout


def names(block: bytes) -> list[str]:
    return [certificate_from_der(each).subject for each in cms_signers(block)]


@pytest.mark.parametrize("options", [(), ("-nodetach",), ("-nodetach", "-stream"), ("-noattr",), ("-keyid",)])
def test_the_signer_is_found_however_the_block_is_written(keys: Path, options: tuple[str, ...]) -> None:
    block = signed(keys, *options, "-certfile", "second.pem")
    assert names(block) == [r"CN=first,O=Ink\, Ltd"]
    assert len(read_signed_data(block).certificates) == 2


def test_signers_come_in_their_order(keys: Path) -> None:
    assert sorted(names(signed(keys, signers=("first", "second")))) == [
        r"CN=first,O=Ink\, Ltd",
        r"CN=second,O=Ink\, Ltd",
    ]


def test_the_content_is_read_in_one_piece_or_many(keys: Path) -> None:
    assert cms_content(signed(keys, "-nodetach")) == TEXT
    assert cms_content(signed(keys, "-nodetach", "-stream")) == TEXT  # BER: indefinite lengths, parts of parts
    with pytest.raises(DerError):
        cms_content(signed(keys))


def test_a_signer_says_how_it_signed(keys: Path) -> None:
    (signer,) = read_signed_data(signed(keys, "-md", "sha256")).signers
    assert (signer.digest_algorithm, signer.signature_algorithm) == (SHA256, ECDSA_SHA256)
    # openssl dgst -sha256 text
    shown = subprocess.run(["openssl", "dgst", "-sha256", "-binary", "text"], cwd=keys, check=True, capture_output=True)
    assert signer.message_digest == shown.stdout
    assert signer.signed_attributes[:1] == b"\x31"
    (bare,) = read_signed_data(signed(keys, "-noattr")).signers
    assert (bare.signed_attributes, bare.message_digest) == (b"", None)


def test_the_signed_attributes_are_the_bytes_that_were_signed(keys: Path, tmp_path: Path) -> None:
    (signer,) = read_signed_data(signed(keys)).signers
    (tmp_path / "signature").write_bytes(signer.signature)
    public = subprocess.run(
        ["openssl", "x509", "-in", "first.pem", "-noout", "-pubkey"], cwd=keys, check=True, capture_output=True
    ).stdout
    (tmp_path / "key").write_bytes(public)
    command = ["openssl", "dgst", "-sha256", "-verify", "key", "-signature", "signature"]
    subprocess.run(command, input=signer.signed_attributes, cwd=tmp_path, check=True, capture_output=True)


def test_a_signer_without_certificate_has_none(keys: Path) -> None:
    block = signed(keys, "-nocerts")
    assert [signer.certificate for signer in read_signed_data(block).signers] == [None]
    with pytest.raises(DerError):
        cms_signers(block)


def test_the_key_identifier_of_a_certificate_is_read(keys: Path) -> None:
    (certificate,) = cms_signers(signed(keys))
    shown = subprocess.run(
        ["openssl", "x509", "-in", "first.pem", "-noout", "-ext", "subjectKeyIdentifier"],
        cwd=keys,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = subject_key_identifier(certificate)
    assert found
    assert found.hex(":").upper() in shown
    assert subject_key_identifier(b"0\x03\x02\x01\x01") is None


def test_a_damaged_block_is_refused_and_nothing_else_happens(keys: Path) -> None:
    whole = signed(keys, "-nodetach", "-keyid")
    for length in range(0, len(whole), 31):
        with pytest.raises(DerError):
            cms_content(whole[:length])
    for place in range(0, len(whole), 3):
        with contextlib.suppress(DerError):
            read_signed_data(whole[:place] + bytes([(0, 0x80, 0xFF)[place % 9 // 3]]) + whole[place + 1 :])


def test_too_many_signers_are_refused(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block = signed(keys, signers=("first", "second"))
    monkeypatch.setattr(cms, "MAX_SIGNERS", 1)
    with pytest.raises(DerError, match="too many signers"):
        read_signed_data(block)


def test_data_that_is_not_signed_is_refused() -> None:
    for data in (b"", b"\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", b"\x30\x80" * 1000):
        with pytest.raises(DerError):
            read_signed_data(data)
