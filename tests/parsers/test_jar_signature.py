import base64
import hashlib
import io
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers.archive import Archive
from seatrial.parsers.certificates import certificate_from_der
from seatrial.parsers.jar_signature import jar_signers, signature_file_head
from seatrial.parsers.jar_verification import verify_jar
from tests.parsers.apk_files import DEMO, FEATURES, UNSIGNED, rebuilt
from tests.parsers.apk_signer import RSA, certificate
from tests.parsers.corpus_manifest import Row, rows

FOLDER = Path(__file__).parents[1] / "fixtures" / "apk_signing"


def opened(data: bytes) -> Archive:
    return Archive.open(io.BytesIO(data))


def test_signers_say_what_they_signed_with() -> None:
    (signer,) = jar_signers(opened(DEMO.read_bytes()))
    # keytool -printcert -jarfile tests/fixtures/apk/demo.apk
    assert certificate_from_der(signer.certificate).subject == "CN=Seatrial Demo,OU=Fixtures,O=The Seatrial authors"
    assert (signer.block, signer.signature_file) == ("META-INF/RELEASE.RSA", "META-INF/RELEASE.SF")
    # unzip -p tests/fixtures/apk/demo.apk META-INF/RELEASE.SF | head -4
    assert signer.digest_algorithm == "SHA-256"
    assert signer.promised_schemes == {"v2", "v3"}


def test_two_signers_have_two_files() -> None:
    signers = jar_signers(opened((FOLDER / "v1-two-signers.apk").read_bytes()))
    assert sorted(certificate_from_der(each.certificate).subject for each in signers) == ["CN=ec-p256", "CN=rsa-2048"]
    assert len({signer.signature_file for signer in signers}) == 2
    assert {signer.promised_schemes for signer in signers} == {frozenset()}


def test_an_unsigned_file_has_no_signers() -> None:
    assert jar_signers(opened(UNSIGNED.read_bytes())) == []


def test_names_of_any_case_are_found() -> None:
    data = FEATURES.read_bytes().replace(b"META-INF/RELEASE.", b"META-INF/Release.")
    assert [each.block for each in jar_signers(opened(data))] == ["META-INF/Release.RSA"]


def test_a_head_with_long_lines_and_other_line_ends_is_read() -> None:
    head = b"Signature-Version: 1.0\nX-Long: begins\n  here\nX-Android-APK-Signed: 2, 3, 77, x\n\nName: a\nB: c\n"
    archive = opened(rebuilt(FEATURES, {"META-INF/RELEASE.SF": head}).getvalue())
    attributes = signature_file_head(archive, "META-INF/RELEASE.SF")
    assert attributes["x-long"] == "begins here"
    assert "name" not in attributes
    (signer,) = jar_signers(archive)
    assert signer.promised_schemes == {"v2", "v3"}
    assert signer.digest_algorithm is None


def test_a_broken_block_is_told() -> None:
    with pytest.raises(ValueError, match="an element"):
        jar_signers(opened(rebuilt(FEATURES, {"META-INF/RELEASE.RSA": b"0\x82\xff\xff"}).getvalue()))
    with pytest.raises(BuildFileInvalid):
        jar_signers(opened(rebuilt(FEATURES, {"META-INF/RELEASE.RSA": bytes(5 << 20)}).getvalue()))


def test_what_cannot_be_told_is_no_verdict() -> None:
    broken = verify_jar(opened(rebuilt(FEATURES, {"META-INF/RELEASE.RSA": b"0\x82\xff\xff"}).getvalue()))
    assert broken.fits is None
    long = rebuilt(FEATURES, {"META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\r\n\r\nName: " + b"x" * (200 << 10)})
    assert verify_jar(opened(long.getvalue())).fits is None
    unsigned = verify_jar(opened(UNSIGNED.read_bytes()))
    assert unsigned.fits is False


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (b"Manifest-Version: 1.0\r\n\r\n" + b"Name: AndroidManifest.xml\r\n\r\n" * 2, "twice"),
        (b"Manifest-Version: 1.0\r\n\r\nName: gone.txt\r\n\r\n", "was signed and is not there"),
        (b"Manifest-Version: 1.0\r\n\r\nSHA-256-Digest: AAAA\r\n\r\n", "no name"),
        (b"", "entry for"),
        (b"Manifest-Version: 1.0\r\n\r\nName: AndroidManifest.xml\r\nSHA-256-Digest: \xc3\xa9\r\n\r\n", "entry for"),
    ],
)
def test_odd_manifests_do_not_fit(manifest: bytes, reason: str) -> None:
    verdict = verify_jar(opened(rebuilt(FEATURES, {"META-INF/MANIFEST.MF": manifest}).getvalue()))
    assert verdict.fits is False
    assert reason in verdict.reason


def test_members_beyond_the_budget_leave_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seatrial.parsers.jar_verification.MAX_CONTENT", 1000)
    verdict = verify_jar(opened(FEATURES.read_bytes()))
    assert verdict.fits is None
    assert "unpack to more" in verdict.reason


def named(*names: str) -> bytes:
    """Sign an archive of members with these names, lines folded as the specification wants."""
    members = {name: name.encode() for name in names}
    manifest, head = b"Manifest-Version: 1.0\r\n\r\n", b"Signature-Version: 1.0\r\n\r\n"
    for name, data in members.items():
        line = f"Name: {name}".encode()
        pieces = [line[:70], *(b" " + line[at : at + 69] for at in range(70, len(line), 69))]
        section = b"\r\n".join([*pieces, b"SHA-256-Digest: " + digest(data), b"", b""])
        manifest += section
        head += b"\r\n".join([*pieces, b"SHA-256-Digest: " + digest(section), b"", b""])
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    signer = x509.load_der_x509_certificate(certificate(RSA))
    builder = pkcs7.PKCS7SignatureBuilder().set_data(head).add_signer(signer, RSA, hashes.SHA256())
    block = builder.sign(Encoding.DER, options)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in {
            "META-INF/MANIFEST.MF": manifest,
            "META-INF/A.SF": head,
            "META-INF/A.RSA": block,
            **members,
        }.items():
            info = zipfile.ZipInfo("name")
            info.filename = name  # the constructor would cut it at a NUL
            archive.writestr(info, data)
    return out.getvalue()


def digest(data: bytes) -> bytes:
    return base64.b64encode(hashlib.sha256(data).digest())


# apksigner verify --min-sdk-version 24 says the same of each.
@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("plain.txt", True),
        ("a: b", True),
        (" a ", True),
        ("x/" + "y" * 300, True),
        ("\u73b0\u4ee3" * 40, True),
        ("a\0b", True),
        ("a\nb", False),
        ("a\r\nb", False),
        ("a\n b", False),
    ],
)
def test_names_of_members_are_found_in_the_manifest(name: str, fits: bool) -> None:
    assert verify_jar(opened(named("AndroidManifest.xml", name))).fits is fits


@pytest.mark.parametrize("row", rows("aab"))
def test_real_bundles_are_signed_as_other_tools_say(row: Row) -> None:
    data = row.file.read_bytes()
    signers = jar_signers(opened(data))
    assert bool(signers) is (row.signing != "unsigned")
    if "jarsigner: verified" in row.signing:
        assert verify_jar(opened(data)).fits is True
    for signer in signers:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            block = archive.read(signer.block)
        command = ["openssl", "pkcs7", "-inform", "DER", "-print_certs"]
        chain = subprocess.run(command, input=block, check=True, capture_output=True).stdout
        fingerprint = subprocess.run(
            ["openssl", "x509", "-noout", "-fingerprint", "-sha256"], input=chain, check=True, capture_output=True
        ).stdout.decode()
        if chain.count(b"BEGIN") == 1:
            shown = re.sub(r"\W", "", fingerprint.split("=")[1]).lower()
            assert certificate_from_der(signer.certificate).sha256 == shown
