import contextlib
import io
import random
import re
import shutil
import struct
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from seatrial.domain.buildinfo import BuildInfo, Format, Signing, SigningKind
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import limits
from seatrial.parsers.apk_signatures import Signatures, read_signatures
from seatrial.parsers.apk_signing_block import signing_block
from seatrial.parsers.apk_verification import verify_apk, verify_build
from seatrial.parsers.archive import Archive
from tests.parsers import apk_signer
from tests.parsers.apk_signer import EC, OTHER, V3, V31, Signer, lineage, signed
from tests.parsers.corpus_manifest import Row, rows

SAMPLES = sorted((Path(__file__).parents[1] / "fixtures" / "apk_signing").glob("*.apk"))
RSA_2048, VERITY, ROTATED = (
    SAMPLES[0].with_name(f"{name}.apk").read_bytes() for name in ("rsa-2048", "verity", "rotated")
)
V1 = SAMPLES[0].with_name("v1-rsa-2048.apk")

APKSIGNER = shutil.which("apksigner")
needs_apksigner = pytest.mark.skipif(not APKSIGNER, reason="Debian's apksigner is not installed")


def verified(data: bytes) -> Signatures:
    file = io.BytesIO(data)
    archive = Archive.open(file)
    found = read_signatures(file, archive)
    checked = verify_apk(file, archive, found.signing)
    return Signatures(checked.signing, (*found.warnings, *checked.warnings))


def verdict(data: bytes) -> tuple[SigningKind | None, bool | None]:
    signing = verified(data).signing
    return signing.kind, signing.verified


GOOD = (SigningKind.RELEASE, True)
BAD = (SigningKind.INVALID, False)
OPEN = (SigningKind.RELEASE, None)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def apksigner_takes(data: bytes, folder: Path) -> bool:
    apk = folder / "checked.apk"
    apk.write_bytes(data)
    command = [str(APKSIGNER), "verify", "--min-sdk-version", "28", str(apk)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("apk", SAMPLES, ids=lambda apk: apk.stem)
def test_what_apksigner_signed_fits(apk: Path) -> None:
    assert verdict(apk.read_bytes()) == GOOD
    assert verified(apk.read_bytes()).warnings == ()


@pytest.mark.parametrize("apk", SAMPLES, ids=lambda apk: apk.stem)
def test_a_changed_byte_of_a_member_is_told(apk: Path) -> None:
    data = apk.read_bytes()
    found = verified(flipped(data, data.index(b"a file that is signed")))
    assert (found.signing.kind, found.signing.verified) == BAD
    assert "does not fit the file" in found.warnings[0]
    assert "sign it again" in found.warnings[0]
    assert found.signing.certificates


def test_the_keys_of_a_lineage_come_in_turn() -> None:
    # apksigner lineage --in tests/fixtures/apk_signing/rotated.apk --print-certs
    signing = verified(ROTATED).signing
    assert [each.subject for each in signing.lineage] == ["CN=rsa-2048", "CN=newer", "CN=newest"]
    assert signing.certificates[0] == signing.lineage[-1]


@pytest.mark.parametrize("data", [RSA_2048, VERITY], ids=["chunks", "tree"])
def test_no_byte_outside_the_block_can_change(data: bytes) -> None:
    file = io.BytesIO(data)
    directory = Archive.open(file).central_directory_offset
    block = signing_block(file, directory)
    assert block
    # The end record's directory offset is the one place where the signature takes another value.
    places = [*range(0, block.start, 97), *range(directory, len(data) - 6, 13), len(data) - 7]
    for at in places:
        try:
            assert verdict(flipped(data, at))[1] is not True, at
        except BuildFileInvalid:
            continue


@needs_apksigner
def test_apksigner_agrees_about_changed_files(tmp_path: Path) -> None:
    chance = random.Random(7)
    file = io.BytesIO(RSA_2048)
    block = signing_block(file, Archive.open(file).central_directory_offset)
    assert block
    # In the block: sizes, ids, digests, certificates, signatures and padding.
    for at in [block.start + chance.randrange(3000) for _ in range(12)]:
        data = flipped(RSA_2048, at)
        try:
            ours = verdict(data)[1]
        except BuildFileInvalid:
            ours = False
        # 28 and newer look at scheme v3 alone, and at v2 and v1 only where that one is not there.
        assert bool(ours) is apksigner_takes(data, tmp_path), at


@needs_apksigner
def test_apksigner_agrees_about_the_signers_of_these_tests(tmp_path: Path) -> None:
    """So that the right ones among them are right; RSA-PSS is left out, which Debian's apksigner cannot do."""
    apk = io.BytesIO()
    with zipfile.ZipFile(V1) as old, zipfile.ZipFile(apk, "w") as new:
        new.writestr("AndroidManifest.xml", old.read("AndroidManifest.xml"))
    for signer, scheme, takes in [
        (Signer(), apk_signer.V2, True),
        (Signer(EC, (apk_signer.ECDSA_SHA256,)), V3, True),
        (Signer(EC, (apk_signer.ECDSA_SHA256,), attributes=lineage(OTHER, EC)), V3, True),
        (Signer(EC, (apk_signer.ECDSA_SHA256,), attributes=lineage(OTHER, EC, spoil=True)), V3, False),
    ]:
        data = signed(signer, scheme=scheme, data=apk.getvalue())
        assert apksigner_takes(data, tmp_path) is takes
        assert verdict(data) == (GOOD if takes else BAD)


@pytest.mark.parametrize("scheme", [apk_signer.V2, V3])
@pytest.mark.parametrize(
    "signer",
    [
        Signer(),
        Signer(algorithms=(apk_signer.PSS_SHA256,)),
        Signer(algorithms=(apk_signer.PSS_SHA512,)),
        Signer(algorithms=(apk_signer.PKCS1_SHA256, apk_signer.PKCS1_SHA512)),
        Signer(algorithms=(apk_signer.UNKNOWN, apk_signer.PKCS1_SHA256)),
        Signer(EC, (apk_signer.ECDSA_SHA256,)),
    ],
)
def test_every_algorithm_is_checked(signer: Signer, scheme: int) -> None:
    data = signed(signer, scheme=scheme)
    assert verdict(data) == GOOD
    assert verdict(flipped(data, 1 << 20)) == BAD


@pytest.mark.parametrize(
    ("signer", "scheme", "reason"),
    [
        (Signer(spoil=lambda value: value[:-1] + bytes([value[-1] ^ 1])), V3, "signature of signer 1 is wrong"),
        (Signer(algorithms=(apk_signer.PSS_SHA256,), spoil=lambda value: value[::-1]), V3, "is wrong"),
        (Signer(spoil=lambda _: b""), V3, "signature of signer 1 is wrong"),
        (Signer(certified=OTHER), V3, "certificate of signer 1 has another key"),
        (Signer(digest_algorithms=(apk_signer.PKCS1_SHA512,)), V3, "signed other digests"),
        (Signer(digest_algorithms=()), V3, "signed other digests"),
        (Signer(algorithms=(), digest_algorithms=()), V3, "has no signature"),
        (Signer(outer_platforms=bytes(8)), V3, "not for the platforms"),
        (Signer(EC, (apk_signer.ECDSA_SHA256,), attributes=lineage(EC, OTHER)), V3, "ends with another key"),
        (
            Signer(EC, (apk_signer.ECDSA_SHA256,), attributes=lineage(OTHER, EC, spoil=True)),
            V3,
            "key rotation is wrong",
        ),
    ],
)
def test_signatures_that_do_not_fit_are_told(signer: Signer, scheme: int, reason: str) -> None:
    found = verified(signed(signer, scheme=scheme))
    assert (found.signing.kind, found.signing.verified) == BAD
    assert reason in found.warnings[0]


def test_all_signers_must_be_right() -> None:
    assert verdict(signed(Signer(), Signer(EC, (apk_signer.ECDSA_SHA256,)))) == GOOD
    assert verdict(signed(Signer(), Signer(EC, (apk_signer.ECDSA_SHA256,), certified=OTHER))) == BAD


def test_what_is_not_known_is_no_verdict() -> None:
    found = verified(signed(Signer(algorithms=(apk_signer.UNKNOWN,))))
    assert (found.signing.kind, found.signing.verified) == OPEN
    assert "could not be checked" in found.warnings[0]


def test_a_block_without_signers_or_certificates_is_refused() -> None:
    for data in (signed(), signed(Signer(certificates=0)), signed(*[Signer()] * 11)):
        found = verified(data)
        assert (found.signing.kind, found.signing.verified) == BAD
        assert "v2 signature cannot be read" in found.warnings[0]


def test_a_removed_rotation_is_told() -> None:
    rotation_from_android_13 = struct.pack("<2I", 0x559F8B02, 33)
    found = verified(signed(Signer(attributes=rotation_from_android_13), scheme=V3))
    assert (found.signing.kind, found.signing.verified) == BAD
    assert "v3.1 signature that was made for this APK has been removed" in found.warnings[0]


def test_scheme_3_1_counts_where_it_is_there() -> None:
    assert verdict(signed(Signer(), scheme=V31)) == GOOD
    assert verdict(signed(Signer(certified=OTHER), scheme=V31)) == BAD


# --- v1 ---


def test_v1_members_cannot_be_changed_added_or_removed() -> None:
    name = "assets/note.txt"
    for data, reason in [
        (rezipped({name: b"another text"}), "has been changed"),
        (rezipped({"assets/new.txt": b"added"}), "is not signed"),
        (rezipped({name: None}), "is not there"),
        (rezipped({"META-INF/MANIFEST.MF": None}), "manifest is missing"),
    ]:
        found = verified(data)
        assert (found.signing.kind, found.signing.verified) == BAD
        assert reason in found.warnings[0]


def test_v1_does_not_cover_its_own_folder() -> None:
    assert verdict(rezipped({"META-INF/services/any": b"added", "META-INF/more.txt": b"added", "folder/": b""})) == GOOD


def test_v1_manifest_and_signature_file_are_signed() -> None:
    with zipfile.ZipFile(V1) as archive:
        names = [name for name in archive.namelist() if name.startswith("META-INF/")]
        parts = {name: archive.read(name) for name in names}
    (signature_file,) = (name for name in names if name.endswith(".SF"))
    (block,) = (name for name in names if name.endswith(".RSA"))
    manifest = parts["META-INF/MANIFEST.MF"]
    at = manifest.index(b"SHA-256-Digest: ") + 20
    changed_digest = manifest[:at] + (b"A" if manifest[at : at + 1] != b"A" else b"B") + manifest[at + 1 :]
    for changes in (
        {"META-INF/MANIFEST.MF": changed_digest},
        {"META-INF/MANIFEST.MF": manifest + b"Name: assets/gone.txt\r\nSHA-256-Digest: AAAA\r\n\r\n"},
        {signature_file: parts[signature_file] + b"\r\n"},
        {block: parts[block][:-1] + bytes([parts[block][-1] ^ 1])},
    ):
        assert verdict(rezipped(dict(changes))) == BAD


def test_v1_takes_manifests_that_only_grew() -> None:
    """The sections' digests count where the one of the whole manifest does not fit (JAR File Specification)."""
    assert verdict(rezipped(grown())) == GOOD
    assert verdict(rezipped(new_head())) == GOOD


@needs_apksigner
def test_apksigner_agrees_about_v1(tmp_path: Path) -> None:
    cases: list[dict[str, bytes | None]] = [grown(), new_head(), {"META-INF/any": b""}, {"assets/new.txt": b""}]
    for changes in cases:
        data = rezipped(changes)
        assert bool(verdict(data)[1]) is apksigner_takes(data, tmp_path)


def v1_manifest() -> bytes:
    with zipfile.ZipFile(V1) as archive:
        return archive.read("META-INF/MANIFEST.MF")


def grown() -> dict[str, bytes | None]:
    more = b"Name: META-INF/more.txt\r\nSHA-256-Digest: AAAA\r\n\r\n"
    return {"META-INF/MANIFEST.MF": v1_manifest() + more, "META-INF/more.txt": b"x"}


def new_head() -> dict[str, bytes | None]:
    """Change what apksigner signs by no digest of its own."""
    return {"META-INF/MANIFEST.MF": v1_manifest().replace(b"Manifest-Version: 1.0", b"Manifest-Version: 1.1")}


def rezipped(changes: dict[str, bytes | None]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(V1) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        members: dict[str, bytes | None] = {name: old.read(name) for name in old.namelist()}
        for name, data in (members | changes).items():
            if data is not None:
                new.writestr(name, data)
    return out.getvalue()


# --- the second pass over a build ---


class Counting(io.BytesIO):
    """Notes the largest read and the sum of all."""

    largest = total = 0
    is_remote = False

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.largest, self.total = max(self.largest, len(data)), self.total + len(data)
        return data


def build(data: bytes) -> tuple[Counting, Archive, BuildInfo]:
    file = Counting(data)
    archive = Archive.open(file)
    signing = read_signatures(file, archive).signing
    file.total = 0
    return file, archive, BuildInfo(format=Format.APK, signing=signing, warnings=("first",))


def test_the_file_is_read_once_in_pieces() -> None:
    data = signed(Signer(algorithms=(apk_signer.PKCS1_SHA256, apk_signer.PKCS1_SHA512)))
    file, archive, info = build(data)
    assert verify_build(file, archive, info).signing == replace(info.signing or Signing(), verified=True)
    assert file.largest <= 1 << 20
    assert len(data) <= file.total < len(data) + (200 << 10)


def test_a_build_keeps_its_warnings() -> None:
    file, archive, info = build(flipped(RSA_2048, 100))
    checked = verify_build(file, archive, info)
    assert checked.signing
    assert checked.signing.kind is SigningKind.INVALID
    assert checked.warnings[0] == "first"
    assert len(checked.warnings) == 3  # of v2 and of v3


def test_remote_large_and_unsigned_files_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    file, archive, info = build(RSA_2048)
    file.is_remote = True
    assert verify_build(file, archive, info) is info
    file.is_remote = False
    unsigned = replace(info, signing=None)
    assert verify_build(file, archive, unsigned) is unsigned
    monkeypatch.setattr(limits, "_limits", limits.ParserLimits(verified_bytes=len(RSA_2048) - 1))
    assert verify_build(file, archive, info) is info
    assert file.total == 0


def test_mutations_are_read_or_refused() -> None:
    chance = random.Random(3)
    for number in range(300):
        data = bytearray((RSA_2048, ROTATED, VERITY, V1.read_bytes())[number % 4])
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
        with contextlib.suppress(BuildFileInvalid):
            assert all(len(warning) < 400 for warning in verified(bytes(data)).warnings)


@pytest.mark.parametrize("row", rows("apk"))
def test_real_files_verify_as_apksigner_says(row: Row) -> None:
    if row.signing.startswith("unverifiable"):
        pytest.skip("the manifest's tool cannot read this file")
    found = verified(row.file.read_bytes()).signing
    if "Failed to read AndroidManifest.xml" in row.signing:
        assert found.verified  # the notes: Android installs it; only the tool does not understand the manifest
    elif row.signing.startswith("INVALID"):
        assert (found.kind, found.verified) == BAD
    elif row.signing == "unsigned":
        assert (found.kind, found.verified) == (SigningKind.UNSIGNED, None)
    else:
        # "debug v1+v2 [CN=…] sha256=…", or "v1+v2+v3+v3.1 valid per …" where the tool is too old
        stated = re.match(r"(?:(debug|release) )?(v[v+\d.]+) ", row.signing)
        assert stated
        assert found.verified is True
        assert found.kind in {stated[1], None} or stated[1] is None
        assert set(stated[2].split("+")) <= set(found.schemes)
