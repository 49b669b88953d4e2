"""macOS installers: what their documents, their payload and their signature say."""

import contextlib
import io
import plistlib
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from seatrial.domain.buildinfo import BuildInfo, EmbeddedKind, Format, Os, SigningKind
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import limits
from seatrial.parsers.pkg import parse_pkg
from seatrial.parsers.pkg_documents import oldest
from tests.parsers.corpus_manifest import Row, rows
from tests.parsers.xar_files import bare, cpio, payload, xar

FIXTURES = Path(__file__).parents[1] / "fixtures/pkg"
COMPONENTS = sorted(FIXTURES.glob("component-*.pkg"))
PRODUCT = FIXTURES / "product-pbzx.pkg"
PACKAGE_INFO = b'<pkg-info identifier="org.example.pkg" version="3"/>'


def read(path: Path) -> BuildInfo:
    with path.open("rb") as file:
        return parse_pkg(file)


def distribution(inside: str) -> bytes:
    return f'<?xml version="1.0"?><installer-gui-script>{inside}</installer-gui-script>'.encode()


def refused(file: io.BytesIO) -> BuildFileInvalid:
    with pytest.raises(BuildFileInvalid) as caught:
        parse_pkg(file)
    return caught.value


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_component_packages_speak_for_themselves(path: Path) -> None:
    info = read(path)
    assert (info.format, info.os) == (Format.PKG, Os.MACOS)
    assert info.identifier == "org.seatrial.demo.mac.pkg"
    assert info.version_name == "2.1.0"
    assert info.display_name == "Seatrial Demo"
    assert info.architectures == ("x86_64", "arm64")
    assert info.min_os == "12.0"
    assert info.signing is not None
    assert info.signing.kind is SigningKind.UNSIGNED
    assert info.warnings == ()


def test_a_product_speaks_for_its_components() -> None:
    info = read(PRODUCT)
    assert info.identifier == "org.seatrial.demo.installer"
    assert info.display_name == "Seatrial Demo Installer"
    assert info.version_name == "2.1"
    assert info.min_os == "12.0"
    assert info.architectures == ("arm64", "x86_64")
    package, app = info.embedded
    assert (package.kind, package.path) == (EmbeddedKind.PACKAGE, "component.pkg")
    assert (package.identifier, package.version_name) == ("org.seatrial.demo.mac.pkg", "2.1.0")
    assert (app.kind, app.path, app.identifier) == (EmbeddedKind.APP, "SeatrialDemo.app", "org.seatrial.demo.mac")


@pytest.mark.parametrize("path", [*COMPONENTS, PRODUCT], ids=lambda path: path.stem)
def test_the_contract_s_keys_are_those_of_the_app_inside(path: Path) -> None:
    assert read(path).plist == {
        "CFBundleDisplayName": "Seatrial Demo",
        "CFBundleIdentifier": "org.seatrial.demo.mac",
        "CFBundleShortVersionString": "2.1.0",
        "CFBundleVersion": "57",
        "CFBundleName": "SeatrialDemo",
    }


@pytest.mark.parametrize("path", [*COMPONENTS, PRODUCT], ids=lambda path: path.stem)
def test_the_icon_is_that_of_the_app_inside(path: Path) -> None:
    info = read(path)
    assert info.icon_png is not None
    assert Image.open(io.BytesIO(info.icon_png)).size == (128, 128)
    assert info.icon_source is not None
    assert info.icon_source.endswith("SeatrialDemo.app/Contents/Resources/AppIcon.icns")


def test_without_a_product_the_first_reference_stands_in() -> None:
    inside = '<pkg-ref id="org.example.a"/><pkg-ref id="org.example.b" version="9"/>'
    inside += '<pkg-ref id="org.example.a" version="1.5">#a.pkg</pkg-ref>'
    info = parse_pkg(xar({"Distribution": distribution(inside)}))
    assert (info.identifier, info.version_name) == ("org.example.a", "1.5")


def test_without_references_the_component_stands_in() -> None:
    files = {"Distribution": distribution("<title>T</title>"), "a.pkg/PackageInfo": PACKAGE_INFO}
    info = parse_pkg(xar(files))
    assert (info.identifier, info.display_name, info.version_name) == ("org.example.pkg", "T", "3")


def test_a_title_inside_of_a_choice_is_not_the_product_s() -> None:
    inside = '<choice id="a"><title>choice</title></choice>'
    assert parse_pkg(xar({"Distribution": distribution(inside)})).display_name is None


def test_the_oldest_system_is_the_lowest_number() -> None:
    assert oldest(["10.15", "10.9", "11.0"]) == "10.9"
    assert oldest(["x", "10.9"]) == "10.9"
    assert oldest([]) is None


def test_apps_in_folders_are_found_and_apps_in_apps_are_not_taken() -> None:
    own, nested = ({"CFBundleIdentifier": f"org.example.{name}"} for name in ("own", "nested"))
    files = {
        "./Library/Own.app/Contents/Frameworks/X.framework/Nested.app/Contents/Info.plist": plistlib.dumps(nested),
        "./Library/Own.app/Contents/Info.plist": plistlib.dumps(own),
    }
    info = parse_pkg(xar({"PackageInfo": PACKAGE_INFO, "Payload": payload(files)}))
    assert info.plist["CFBundleIdentifier"] == "org.example.own"
    assert [bundle.path for bundle in info.embedded] == ["Library/Own.app"]


def test_what_the_documents_say_stands_in_for_a_payload_that_cannot_be_read() -> None:
    stated = b'<pkg-info identifier="a" version="1"><bundle path="./A.app" id="org.example.a" CFBundleVersion="4"/></pkg-info>'
    info = parse_pkg(xar({"PackageInfo": stated, "Payload": b"junk"}))
    assert info.plist == {"CFBundleIdentifier": "org.example.a", "CFBundleVersion": "4"}
    assert any("Payload" in warning for warning in info.warnings)


def test_a_broken_info_plist_is_a_warning() -> None:
    files = {"./A.app/Contents/Info.plist": b"junk"}
    info = parse_pkg(xar({"PackageInfo": PACKAGE_INFO, "Payload": payload(files)}))
    assert info.identifier == "org.example.pkg"
    assert any("Info.plist" in warning for warning in info.warnings)


def test_a_broken_component_of_a_product_is_a_warning() -> None:
    info = parse_pkg(xar({"Distribution": distribution("<product id='p'/>"), "a.pkg/PackageInfo": b"<pkg"}))
    assert info.identifier == "p"
    assert any("a.pkg/PackageInfo" in warning for warning in info.warnings)


def test_a_payload_without_an_app_is_no_fault() -> None:
    info = parse_pkg(xar({"PackageInfo": PACKAGE_INFO, "Payload": payload({"./usr/local/bin/tool": b"x"})}))
    assert (info.plist, info.embedded, info.warnings) == ({}, (), ())


def certificate(name: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "TEAM123456"),
        ]
    )
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), 1, start, start + timedelta(days=9))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Developer ID Installer: Example (TEAM123456)", SigningKind.DEVELOPER_ID),
        ("3rd Party Mac Developer Installer: Example (TEAM123456)", SigningKind.APP_STORE),
        ("Somebody", SigningKind.SIGNED),
        ("Not a Developer ID Installer", SigningKind.SIGNED),
    ],
)
def test_the_signer_s_name_tells_the_kind(name: str, kind: SigningKind) -> None:
    chain = (certificate(name), certificate("Issuer"))
    signing = parse_pkg(xar({"PackageInfo": PACKAGE_INFO}, certificates=chain)).signing
    assert signing is not None
    assert signing.kind is kind
    assert signing.schemes == ("RSA",)
    assert signing.team == "TEAM123456"
    assert f"CN={name}" in signing.certificates[0].subject
    assert len(signing.certificates) == 2


def test_a_signature_without_certificates_is_told() -> None:
    info = parse_pkg(xar({"PackageInfo": PACKAGE_INFO}, certificates=()))
    assert info.signing is not None
    assert info.signing.kind is SigningKind.SIGNED
    assert any("certificate" in warning for warning in info.warnings)


@pytest.mark.parametrize(
    ("file", "code", "words"),
    [
        (xar({"readme": b"x"}), ProcessingCode.MANIFEST_MISSING, "neither"),
        (xar({"a/b/PackageInfo": PACKAGE_INFO}), ProcessingCode.MANIFEST_MISSING, "neither"),
        (xar({"PackageInfo": b"<pkg-info"}), ProcessingCode.MANIFEST_INVALID, "PackageInfo"),
        (xar({"Distribution": b"\xff\xfe"}), ProcessingCode.MANIFEST_INVALID, "Distribution"),
        (xar({"Distribution": b" " * (3 << 20)}), ProcessingCode.ARCHIVE_BOMB, "Distribution"),
        (bare(b"<xar/>"), ProcessingCode.MANIFEST_MISSING, "neither"),
    ],
)
def test_what_is_wrong_is_said(file: io.BytesIO, code: ProcessingCode, words: str) -> None:
    problem = refused(file)
    assert problem.code is code
    assert words in problem.sentence


def test_entities_are_refused() -> None:
    document = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><pkg-info identifier="&e;"/>'
    assert refused(xar({"PackageInfo": document})).code is ProcessingCode.MANIFEST_INVALID


def test_a_payload_that_unpacks_without_end_is_left() -> None:
    most = limits.current().payload_bytes
    files = {"./first": bytes(most + 1), "./A.app/Contents/Info.plist": plistlib.dumps({"CFBundleIdentifier": "a"})}
    info = parse_pkg(xar({"PackageInfo": PACKAGE_INFO, "Payload": payload(files)}))
    assert info.identifier == "org.example.pkg"
    assert info.plist == {}
    assert any(f"{most >> 20} MiB" in warning for warning in info.warnings)


def test_long_values_are_cut() -> None:
    info = parse_pkg(xar({"Distribution": distribution(f"<title>{'t' * 5_000}</title>")}))
    assert info.display_name == "t" * 1_000


_SAMPLES = [PRODUCT.read_bytes(), xar({"PackageInfo": PACKAGE_INFO, "Payload": cpio({"./a": b"b"})}).getvalue()]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_changed_bytes_give_an_answer_or_a_refusal(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(_SAMPLES))
    changed = bytearray(source)
    for at in data.draw(st.lists(st.integers(28, len(source) - 1), min_size=1, max_size=10)):
        changed[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BuildFileInvalid):
        parse_pkg(io.BytesIO(bytes(changed)))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["Payload", "PackageInfo", "Distribution"]))
def test_any_content_gives_an_answer_or_a_refusal(content: bytes, name: str) -> None:
    files = {"PackageInfo": PACKAGE_INFO} | {name: content}
    with contextlib.suppress(BuildFileInvalid):
        parse_pkg(xar(files))


@settings(max_examples=50, deadline=None)
@given(st.binary(min_size=28, max_size=28))
def test_any_header_gives_an_answer_or_a_refusal(header: bytes) -> None:
    with contextlib.suppress(BuildFileInvalid):
        parse_pkg(io.BytesIO(b"xar!" + struct.pack(">H", 28) + header + _SAMPLES[0][28:]))


@pytest.mark.parametrize("row", rows("pkg"))
def test_real_installers_read_as_independent_tools_read_them(row: Row) -> None:
    if "malformed" in row.features:
        with row.file.open("rb") as file, pytest.raises(BuildFileInvalid) as caught:
            parse_pkg(file)
        assert caught.value.code is ProcessingCode.MANIFEST_MISSING
        return
    info = read(row.file)
    told = (row.identifier, row.display_name, row.version_name, row.version_code, row.min_os, row.target_os)
    assert told == tuple(
        value or ""
        for value in (
            info.identifier,
            info.display_name,
            info.version_name,
            info.version_code,
            info.min_os,
            info.target_os,
        )
    )
    assert info.os == row.platforms
    assert info.signing is not None
    assert info.signing.kind == row.signing
    assert (info.icon_png is not None) == (row.icon != "no")
    assert info.warnings == ()
