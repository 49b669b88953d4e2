import re
import warnings
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs7
from cryptography.x509.oid import NameOID

from seatrial.parsers import der
from seatrial.parsers.archive import Archive
from seatrial.parsers.certificates import MAX_ATTRIBUTES, certificate_from_der, public_key_info
from tests.parsers.apk_files import CORPUS, DEMO, member


def signer() -> bytes:
    (found,) = pkcs7.load_der_pkcs7_certificates(member(DEMO, "META-INF/RELEASE.RSA"))
    return found.public_bytes(Encoding.DER)


def made(name: x509.Name) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=255,
        not_valid_before=datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC),
        not_valid_after=datetime(2099, 1, 2, 3, 4, 5, tzinfo=UTC),
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def test_the_demo_key_reads_as_the_tools_read_it() -> None:
    # apksigner verify --print-certs; keytool -list -v
    certificate = certificate_from_der(signer())
    assert certificate.subject == "CN=Seatrial Demo,OU=Fixtures,O=The Seatrial authors"
    assert certificate.issuer == certificate.subject
    assert certificate.serial == "becfc910f2761e4"
    assert certificate.sha1 == "1fa31ece127b17544bd5e1c834dd5a9d659552fa"
    assert certificate.sha256 == "75c38a28d6512d73ffd9fd9211be542f790ab80129a17bf56ff8ff41cf2bc4d3"
    assert certificate.not_before == datetime(2026, 11, 21, 6, 9, 12, tzinfo=UTC)
    assert certificate.not_after == datetime(2126, 10, 28, 6, 9, 12, tzinfo=UTC)


def test_names_are_escaped_as_rfc_4514_says() -> None:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "ES"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, 'Sail, "Trim" + Sons; #1'),
            x509.NameAttribute(NameOID.EMAIL_ADDRESS, "a@example.org"),
            x509.NameAttribute(NameOID.COMMON_NAME, "# Vela ñ帆 "),
        ]
    )
    certificate = certificate_from_der(made(name))
    assert certificate.subject == (r"CN=\# Vela ñ帆\ ,EMAILADDRESS=a@example.org,O=Sail\, \"Trim\" \+ Sons\; #1,C=ES")
    assert certificate.serial == "ff"
    assert certificate.not_before == datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert certificate.not_after == datetime(2099, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_long_names_are_cut_and_endless_ones_refused() -> None:
    long = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x" * 60) for _ in range(MAX_ATTRIBUTES)])
    assert certificate_from_der(made(long)).subject == ("CN=" + "x" * 60 + ",") * 15 + "CN=" + "x" * 37
    endless = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x") for _ in range(MAX_ATTRIBUTES + 1)])
    assert certificate_from_der(made(endless)).subject == ""


def test_bytes_that_are_no_certificate_still_have_fingerprints() -> None:
    certificate = certificate_from_der(b"abc")
    assert (certificate.subject, certificate.issuer, certificate.serial) == ("", "", "")
    assert certificate.sha1 == "a9993e364706816aba3e25717850c26c9cd0d89d"  # FIPS 180-2, appendix A.1
    assert certificate.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # B.1


def test_a_certificate_cut_anywhere_never_fails() -> None:
    whole = signer()
    for length in range(len(whole)):
        assert certificate_from_der(whole[:length]).subject == ""
    for place in range(200):
        certificate_from_der(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])


def test_elements_of_unknown_length_are_read_up_to_their_end_mark() -> None:
    inner = b"\x02\x01\x07"
    element = der.read(b"\x30\x80" + b"\x30\x80" + inner + b"\0\0" + b"\0\0" + b"rest")
    (child,) = der.children(element)
    assert child.content == inner
    assert len(element.raw) == 11


def test_elements_nested_without_end_are_refused() -> None:
    with pytest.raises(der.DerError):
        der.read(b"\x30\x80" * 100_000)


def test_corpus_signers_read_as_another_library_reads_them() -> None:
    paths = sorted((CORPUS / "apk").glob("*.apk"))
    if not paths:
        pytest.skip("the corpus of real builds is not beside this checkout")
    blocks: set[bytes] = set()
    for path in paths:
        with path.open("rb") as file:
            archive = Archive.open(file)
            names = [name for name in archive.names() if re.fullmatch(r"META-INF/[^/]+\.(RSA|DSA|EC)", name)]
            blocks.update(archive.read(name, 1 << 20) for name in names)
    names_of = {NameOID.EMAIL_ADDRESS: "EMAILADDRESS"}
    compared = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for theirs in (each for block in sorted(blocks) for each in pkcs7.load_der_pkcs7_certificates(block)):
            ours = certificate_from_der(theirs.public_bytes(Encoding.DER))
            assert ours.subject == theirs.subject.rfc4514_string(names_of)
            assert ours.issuer == theirs.issuer.rfc4514_string(names_of)
            assert ours.serial == f"{theirs.serial_number:x}"
            assert ours.not_before == theirs.not_valid_before_utc
            assert ours.not_after == theirs.not_valid_after_utc
            assert ours.sha256 == theirs.fingerprint(hashes.SHA256()).hex()
            key = theirs.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            assert public_key_info(theirs.public_bytes(Encoding.DER)) == key
            compared += 1
    assert compared > 15
