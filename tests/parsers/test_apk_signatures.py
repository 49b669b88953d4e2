import io
import struct
from pathlib import Path

import pytest

from seatrial.domain.buildinfo import SigningKind
from seatrial.parsers.apk_signatures import Signatures, read_signatures
from seatrial.parsers.archive import Archive
from tests.parsers.apk_files import CORPUS, DEBUG, DEMO, FEATURES, UNSIGNED, rebuilt

# apksigner verify --print-certs --min-sdk-version 21 tests/fixtures/apk/*.apk
RELEASE_KEY = "75c38a28d6512d73ffd9fd9211be542f790ab80129a17bf56ff8ff41cf2bc4d3"
DEBUG_KEY = "4d800d9bbdc02cf2a8601d343e82f9d0f19b3f4dad4bc9ed7d80b6f46135c065"

MAGIC = b"APK Sig Block 42"


def signatures(data: bytes) -> Signatures:
    file = io.BytesIO(data)
    return read_signatures(file, Archive.open(file))


def corpus(name: str) -> bytes:
    path = CORPUS / "apk" / name
    if not path.exists():
        pytest.skip("the corpus of real builds is not beside this checkout")
    return path.read_bytes()


@pytest.mark.parametrize(
    ("apk", "kind", "schemes", "keys"),
    [
        (DEMO, SigningKind.RELEASE, ("v1", "v2", "v3"), [RELEASE_KEY]),
        (DEBUG, SigningKind.DEBUG, ("v1", "v2"), [DEBUG_KEY]),
        (UNSIGNED, SigningKind.UNSIGNED, (), []),
        (FEATURES, SigningKind.RELEASE, ("v1",), [RELEASE_KEY]),
    ],
    ids=["demo", "debug", "unsigned", "features"],
)
def test_samples_are_signed_as_apksigner_says(
    apk: Path, kind: SigningKind, schemes: tuple[str, ...], keys: list[str]
) -> None:
    found = signatures(apk.read_bytes())
    assert found.warnings == ()
    assert (found.signing.kind, found.signing.schemes) == (kind, schemes)
    assert [certificate.sha256 for certificate in found.signing.certificates] == keys


def test_a_rotated_key_comes_first_and_the_old_one_after_it() -> None:
    # The key of v3.1 is for Android 13 and newer. Facts: the file's own name in apksig's tests, and the
    # certificates of ec-p256 and ec-p256_2 there.
    found = signatures(corpus("apksig-v31-ec-p256-2-tgt-33-1-tgt-28-targetSdk-30.apk"))
    assert found.signing.schemes == ("v1", "v2", "v3", "v3.1")
    assert [certificate.subject for certificate in found.signing.certificates] == ["CN=ec-p256_2", "CN=ec-p256"]
    assert [certificate.subject for certificate in found.signing.lineage] == ["CN=ec-p256", "CN=ec-p256_2"]


def without_block(apk: Path) -> bytes:
    """Cut the signing block out, as an attacker would who puts an old signature in its place."""
    data = apk.read_bytes()
    end = data.rindex(MAGIC) + len(MAGIC)
    (size,) = struct.unpack_from("<Q", data, end - 24)
    start = end - size - 8
    record = data.rindex(b"PK\5\6")
    return data[:start] + data[end:record] + patched(data[record:], 16, "<I", start)


def patched(data: bytes, at: int, layout: str, *values: int) -> bytes:
    changed = bytearray(data)
    struct.pack_into(layout, changed, at, *values)
    return bytes(changed)


def test_a_removed_signing_block_is_told() -> None:
    found = signatures(without_block(DEMO))
    assert found.signing.schemes == ("v1",)
    assert found.signing.kind is SigningKind.INVALID
    assert [warning[:16] for warning in found.warnings] == ["The v2 signature", "The v3 signature"]


def test_a_v3_part_that_was_renamed_is_missed_by_its_v2_part() -> None:
    data = DEMO.read_bytes()
    at = data.index(struct.pack("<I", 0xF05368C0), data.index(b"\x1a\x87\x09\x71"))
    found = signatures(patched(data, at, "<I", 0x42726577))
    assert found.signing.schemes == ("v1", "v2")
    assert found.signing.kind is SigningKind.INVALID
    assert any("v3 signature" in warning for warning in found.warnings)


@pytest.mark.parametrize("size", [0, 23, 2**31, 2**63, 2**64 - 1])
def test_a_signing_block_of_a_wrong_size_is_told(size: int) -> None:
    data = DEBUG.read_bytes()
    found = signatures(patched(data, data.rindex(MAGIC) - 8, "<Q", size))
    assert found.signing.schemes == ("v1",)
    assert any("signing block cannot be read" in warning for warning in found.warnings)


def test_a_file_whose_only_signature_is_broken_is_not_unsigned() -> None:
    broken = rebuilt(FEATURES, {"META-INF/RELEASE.RSA": b"0\x82\xff\xff not CMS"}).getvalue()
    found = signatures(broken)
    assert found.signing.kind is SigningKind.INVALID
    assert found.signing.certificates == ()
    assert any("v1 (JAR) signature cannot be read" in warning for warning in found.warnings)


def test_bytes_between_directory_and_end_are_told() -> None:
    """Nothing signs them; Android looks for the signing block only where the end follows the directory."""
    data = DEMO.read_bytes()
    record = data.rindex(b"PK\5\6")
    found = signatures(data[:record] + b"gap" + data[record:])
    assert found.signing.kind is SigningKind.INVALID
    assert any("do not follow the signature at once" in warning for warning in found.warnings)


def test_the_end_is_found_behind_a_comment_that_looks_like_one() -> None:
    data = DEMO.read_bytes()
    comment = b"PK\5\6" + b"x" * 300 + b"PK\5\6"
    found = signatures(data[:-2] + struct.pack("<H", len(comment)) + comment)
    assert found.signing.kind is SigningKind.RELEASE
    assert found.warnings == ()


def test_a_damaged_part_of_an_older_scheme_leaves_the_newer_one() -> None:
    data = DEMO.read_bytes()
    at = data.index(struct.pack("<I", 0x7109871A)) + 4
    found = signatures(patched(data, at, "<I", 2**31))
    assert found.signing.kind is SigningKind.RELEASE
    assert found.signing.schemes == ("v1", "v3")
    assert any("v2 signature cannot be read" in warning for warning in found.warnings)


def test_a_damaged_part_of_the_newest_scheme_is_refused() -> None:
    data = DEMO.read_bytes()
    at = data.index(struct.pack("<I", 0xF05368C0), data.index(b"\x1a\x87\x09\x71")) + 4
    found = signatures(patched(data, at, "<I", 2**31))
    assert found.signing.kind is SigningKind.INVALID
    assert found.signing.schemes == ("v1", "v2")
    assert len(found.warnings) == 1


def test_a_scheme_removed_under_a_newer_one_is_no_obstacle() -> None:
    """Scheme v1 says that v2 was there; it is renamed away, and v3 is what Android looks at."""
    data = DEMO.read_bytes()
    found = signatures(patched(data, data.index(struct.pack("<I", 0x7109871A)), "<I", 0x42726577))
    assert found.signing.kind is SigningKind.RELEASE
    assert found.signing.schemes == ("v1", "v3")
    assert found.warnings == ("The v2 signature that was made for this APK has been removed.",)


@pytest.mark.parametrize("size", [0, 60_000, 70_000, 200_000])
def test_a_block_may_be_larger_than_one_read(size: int) -> None:
    """Padding and other tools' parts make it long."""
    data = DEMO.read_bytes()
    end = data.rindex(MAGIC) + len(MAGIC)
    (old,) = struct.unpack_from("<Q", data, end - 24)
    start = end - old - 8
    pairs = struct.pack("<QI", size + 4, 0x42726577) + bytes(size) + data[start + 8 : end - 24]
    length = struct.pack("<Q", len(pairs) + 24)
    block = length + pairs + length + MAGIC
    record = data.rindex(b"PK\5\6")
    whole = data[:start] + block + data[end:record] + patched(data[record:], 16, "<I", start + len(block))
    found = signatures(whole)
    assert found.signing.schemes == ("v1", "v2", "v3")
    assert found.warnings == ()


def test_a_block_without_its_signature_file_is_no_signature() -> None:
    found = signatures(rebuilt(FEATURES, {"META-INF/RELEASE.SF": None}).getvalue())
    assert found.signing.kind is SigningKind.UNSIGNED


def test_certificates_in_the_bag_that_sign_nothing_are_left_out() -> None:
    """The chain and strangers' certificates may be in a CMS block; the signer is the one it names."""
    found = signatures(corpus("ag-CertChain.apk"))
    # openssl pkcs7 -inform DER -in META-INF/MSFTSIG.RSA -print_certs prints this one, its PCA and its root
    assert [each.subject.split(",")[0] for each in found.signing.certificates] == [
        "CN=Microsoft Corporation Third Party Marketplace (Do Not Trust)"
    ]


def test_a_signer_whose_name_is_written_with_other_string_types_is_found() -> None:
    # CORPUS MANIFEST.tsv: debug v1 [C=US, O=Android, CN=Android Debug] sha256=ba796d9c376f508b
    found = signatures(corpus("bundletool-com.test.app.apk"))
    assert found.signing.kind is SigningKind.DEBUG
    assert found.signing.certificates[0].sha256.startswith("ba796d9c376f508b")


def test_two_signers_are_both_there() -> None:
    found = signatures(corpus("apksig-two-signers.apk"))
    assert [each.subject for each in found.signing.certificates] == ["CN=rsa-2048", "CN=ec-p256"]
