import contextlib
import plistlib
import random
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from seatrial.domain.buildinfo import SigningKind
from seatrial.parsers.provisioning import ProfileUnreadable, read_profile, signing_kind
from tests.parsers.corpus_manifest import CORPUS, Row, rows
from tests.parsers.ipa_files import DEMO, DEVELOPMENT, ENTERPRISE, FIXTURES, member

# The manifest's words for what the domain calls otherwise.
KINDS = {"adhoc": "ad-hoc", "appstore": "app-store", "developerid": "developer-id"}


def profile(ipa: Path) -> bytes:
    return member(ipa, "embedded.mobileprovision")


@pytest.mark.parametrize(
    ("ipa", "kind"),
    [
        (DEMO, SigningKind.AD_HOC),
        (ENTERPRISE, SigningKind.ENTERPRISE),
        (DEVELOPMENT, SigningKind.DEVELOPMENT),
    ],
)
def test_profiles_say_what_openssl_finds_in_them(ipa: Path, kind: SigningKind) -> None:
    command = ["openssl", "cms", "-verify", "-noverify", "-inform", "DER"]
    truth = plistlib.loads(subprocess.run(command, input=profile(ipa), check=True, capture_output=True).stdout)
    read = read_profile(profile(ipa))
    assert signing_kind(read) is kind
    assert read.uuid == truth["UUID"]
    assert read.name == truth["Name"]
    assert list(read.team_identifiers) == truth["TeamIdentifier"] == ["ABCDE12345"]
    assert read.team_name == truth["TeamName"]
    assert list(read.platforms) == truth["Platform"]
    assert read.expires == truth["ExpirationDate"].replace(tzinfo=UTC) == datetime(2036, 1, 1, tzinfo=UTC)
    assert read.created == truth["CreationDate"].replace(tzinfo=UTC)
    assert read.entitlements == truth["Entitlements"]
    assert read.application_identifier == "ABCDE12345.org.seatrial.demo"
    assert (None if read.devices is None else list(read.devices)) == truth.get("ProvisionedDevices")
    assert read.all_devices is truth.get("ProvisionsAllDevices", False)


def test_the_enterprise_sample_has_indefinite_lengths() -> None:
    assert profile(ENTERPRISE)[1] == 0x80
    assert profile(DEMO)[1] != 0x80


def test_the_signer_is_the_key_of_the_samples() -> None:
    command = ["openssl", "x509", "-in", str(FIXTURES / "keys" / "signer.pem"), "-noout", "-fingerprint", "-sha256"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    (certificate,) = read_profile(profile(DEMO)).certificates
    assert certificate.sha256 == shown.split("=")[1].strip().replace(":", "").lower()


@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        ({}, SigningKind.APP_STORE),
        ({"ProvisionedDevices": []}, SigningKind.AD_HOC),
        ({"ProvisionedDevices": ["x"], "Entitlements": {"get-task-allow": True}}, SigningKind.DEVELOPMENT),
        ({"ProvisionsAllDevices": True, "ProvisionedDevices": ["x"]}, SigningKind.ENTERPRISE),
        ({"Platform": ["OSX"], "ProvisionsAllDevices": True}, SigningKind.DEVELOPER_ID),
        ({"Platform": ["OSX"], "ProvisionedDevices": ["x"]}, SigningKind.DEVELOPMENT),
        ({"Platform": ["OSX"]}, SigningKind.APP_STORE),
    ],
)
def test_the_kind_follows_devices_and_entitlements(keys: dict[str, object], kind: SigningKind) -> None:
    assert signing_kind(read_profile(plistlib.dumps(keys))) is kind


def test_wrong_types_are_read_over() -> None:
    read = read_profile(
        plistlib.dumps({"UUID": [1], "TeamIdentifier": "T", "Entitlements": 7, "DeveloperCertificates": ["x", b"y"]})
    )
    assert read.uuid is None
    assert read.team_identifiers == ("T",)
    assert read.entitlements == {}
    assert [c.subject for c in read.certificates] == [""]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"\x30\x80" * 5000,
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01",  # CMS data that is not signed
        bytes(3 << 20),
        plistlib.dumps([]),
    ],
)
def test_what_is_no_profile_is_refused(data: bytes) -> None:
    with pytest.raises(ProfileUnreadable):
        read_profile(data)


@pytest.mark.parametrize("row", rows("mobileprovision"))
def test_real_profiles_read_as_independent_tools_read_them(row: Row) -> None:
    data = row.file.read_bytes()
    if not row.identifier:
        with pytest.raises(ProfileUnreadable):
            read_profile(data)
        return
    read = read_profile(data)
    told = dict(re.findall(r"(\w+)=(\S+)", row.signing))
    kind = row.signing.split()[0]
    assert signing_kind(read) == KINDS.get(kind, kind)
    assert read.application_identifier == row.identifier
    assert read.name == row.display_name
    assert read.uuid == told["uuid"]
    assert read.team_identifiers[0] in row.signing
    assert f"team='{read.team_name}'" in row.signing
    assert str(read.created)[:10] == told["created"]
    assert str(read.expires)[:10] == told["expires"]
    devices = "all" if read.all_devices else "none" if read.devices is None else str(len(read.devices))
    assert devices == told["devices"]
    assert str(len(read.certificates)) == told["certs"]
    assert ",".join(read.platforms) == row.platforms
    assert f"get-task-allow {read.get_task_allow}" in notes(row)
    assert all(certificate.not_after for certificate in read.certificates if certificate.subject)


def notes(row: Row) -> list[str]:
    """Give the manifest's last column."""
    lines = (CORPUS / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in lines if line.startswith(f"{row.path}\t"))
    return line.split("\t")[18].split("; ")


@pytest.mark.parametrize("row", rows("mobileprovision"))
def test_certificates_of_real_profiles_are_openssls(row: Row) -> None:
    """Where the profile is CMS; the certificates stand in the list that it signs."""
    command = ["openssl", "cms", "-verify", "-noverify", "-inform", "DER"]
    opened = subprocess.run(command, input=row.file.read_bytes(), check=False, capture_output=True)
    try:
        truth = plistlib.loads(opened.stdout) if opened.returncode == 0 else {}
    except (ValueError, plistlib.InvalidFileException):  # base64 that Python refuses and Apple's tools take
        truth = {}
    if not truth:
        pytest.skip("openssl and Python's plistlib cannot read this one")
    shown = []
    for certificate in truth["DeveloperCertificates"]:
        command = ["openssl", "x509", "-inform", "DER", "-noout", "-fingerprint", "-sha256"]
        line = subprocess.run(command, input=certificate, check=True, capture_output=True).stdout.decode()
        shown.append(line.split("=")[1].strip().replace(":", "").lower())
    read = read_profile(row.file.read_bytes())
    assert [certificate.sha256 for certificate in read.certificates] == shown
    assert read.entitlements.keys() == truth["Entitlements"].keys()
    assert list(read.devices or ()) == truth.get("ProvisionedDevices", [])


def test_mutations_are_read_or_refused() -> None:
    chance = random.Random(5)
    for number in range(300):
        data = bytearray(profile((DEMO, ENTERPRISE, DEVELOPMENT)[number % 3]))
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.choice((0, 1, 0x30, 0x7F, 0x80, 0xFF))
        with contextlib.suppress(ProfileUnreadable):
            signing_kind(read_profile(bytes(data)))
