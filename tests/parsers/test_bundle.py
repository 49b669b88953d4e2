import io
import plistlib
import re
from collections.abc import Iterable, Iterator

import pytest
from PIL import Image

from seatrial.domain.buildinfo import BuildInfo, EmbeddedKind, Format, Os, SigningKind
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers.archive import Archive, Member
from seatrial.parsers.bundle import is_mac_app, read_app
from seatrial.parsers.bundle_tree import Tree
from tests.fixtures import build_ipa
from tests.parsers.corpus_manifest import Row, rows
from tests.parsers.ipa_files import MINIMAL
from tests.parsers.macho_files import blob, code_directory, signed, xml_entitlements

MAC: dict[str, object] = MINIMAL | {
    "CFBundleName": "Mini",
    "CFBundleExecutable": "mini",
    "CFBundleShortVersionString": "1.2",
    "CFBundleSupportedPlatforms": ["MacOSX"],
    "LSMinimumSystemVersion": "11.3",
    "DTSDKName": "macosx14.2",
}


class Folder:
    """A tree that is no ZIP archive, as installers and disk images have it."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def names(self) -> Iterable[str]:
        return self.files

    def find(self, name: str) -> Member | None:
        data = self.files.get(name)
        return None if data is None else Member(name, len(data), len(data), 0, 0, 0, 0)

    def read(self, member: str | Member, limit: int) -> bytes:
        data = self.files[member if isinstance(member, str) else member.name]
        if len(data) > limit:
            raise BuildFileInvalid(ProcessingCode.ARCHIVE_BOMB, "too long")
        return data

    def stream(self, member: Member) -> Iterator[bytes]:
        yield self.files[member.name]


def mac(info: dict[str, object] | None = None, **files: bytes) -> BuildInfo:
    named = {"Mini.app/Contents/" + name.replace("__", "/"): data for name, data in files.items()}
    return app(MAC | (info or {}), named, "Mini.app/Contents/", Format.DMG)


def ios(info: dict[str, object], files: dict[str, bytes] | None = None) -> BuildInfo:
    return app(
        MINIMAL | info, {"Mini.app/" + name: data for name, data in (files or {}).items()}, "Mini.app/", Format.IPA
    )


def app(info: dict[str, object], files: dict[str, bytes], at: str, found_in: Format) -> BuildInfo:
    tree: Tree = Folder({at + "Info.plist": plistlib.dumps(info)} | files)
    return read_app(tree, "Mini.app/", found_in)


def info_plist(**values: object) -> bytes:
    return plistlib.dumps(values)


def test_an_app_for_macos_is_read_from_its_contents() -> None:
    icon = io.BytesIO()
    Image.new("RGBA", (1024, 1024), "teal").save(icon, "ICNS")
    info = mac(
        {"CFBundleIconFile": "Mini"},
        MacOS__mini=signed({0: code_directory("org.seatrial.minimal", None)}),
    )
    assert (info.format, info.os, info.identifier) == (Format.DMG, Os.MACOS, "org.seatrial.minimal")
    assert (info.version_name, info.version_code, info.min_os, info.target_os) == ("1.2", "7", "11.3", "macosx14.2")
    assert info.architectures == ("arm64",)
    assert info.device_families == ()
    read = app(
        MAC | {"CFBundleIconFile": "Mini"},
        {"Mini.app/Contents/Resources/Mini.icns": icon.getvalue()},
        "Mini.app/Contents/",
        Format.PKG,
    )
    assert read.icon_source == "Mini.app/Contents/Resources/Mini.icns"
    assert read.icon_png is not None
    assert Image.open(io.BytesIO(read.icon_png)).size == (512, 512)


def test_schemes_background_modes_and_tools_are_told() -> None:
    info = ios(
        {
            "CFBundleURLTypes": [{"CFBundleURLSchemes": ["demo", "demo-2"]}, {"CFBundleURLSchemes": "demo"}, 7],
            "UIBackgroundModes": ["audio", "fetch"],
            "DTXcode": "1520",
            "DTXcodeBuild": "15C500b",
            "DTSDKName": "iphoneos17.2",
            "DTPlatformVersion": "17.2",
            "BuildMachineOSBuild": "22G90",
        }
    )
    assert info.url_schemes == ("demo", "demo-2")
    assert info.capabilities == ("audio", "fetch")
    assert info.sdks == {"xcode": "15.2", "xcodeBuild": "15C500b", "iphoneos": "17.2", "macosBuild": "22G90"}


@pytest.mark.parametrize(
    ("number", "meant"), [("1251", "12.5.1"), ("0620", "6.2"), ("2601", "26.0.1"), ("beta", "beta"), ("12", "12")]
)
def test_xcode_versions_read_as_people_say_them(number: str, meant: str) -> None:
    assert ios({"DTXcode": number}).sdks["xcode"] == meant


def test_what_the_app_brings_along_is_listed() -> None:
    extension = {"NSExtension": {"NSExtensionPointIdentifier": "com.apple.widgetkit-extension"}}
    files = {
        "PlugIns/Widget.appex/Info.plist": info_plist(
            CFBundleIdentifier="a.widget", CFBundleName="Widget", **extension
        ),
        "Extensions/New.appex/Info.plist": info_plist(
            EXAppExtensionAttributes={"EXExtensionPointIdentifier": "com.apple.appintents-extension"}
        ),
        "Watch/Wrist.app/Info.plist": info_plist(CFBundleIdentifier="a.watch", CFBundleVersion="3"),
        "Watch/Wrist.app/PlugIns/Face.appex/Info.plist": info_plist(CFBundleIdentifier="a.watch.face"),
        "AppClips/Clip.app/Info.plist": info_plist(CFBundleIdentifier="a.clip", CFBundleShortVersionString="1.1"),
        "PlugIns/Old.appex/Old Watch.app/Info.plist": info_plist(CFBundleIdentifier="a.oldwatch"),
        "PlugIns/Broken.appex/Info.plist": b"junk",
        "PlugIns/Tests.xctest/Info.plist": info_plist(CFBundleIdentifier="a.tests"),
        "Some.bundle/Info.plist": info_plist(CFBundleIdentifier="a.bundle"),
    }
    found = {each.path.removeprefix("Mini.app/"): each for each in ios({}, files).embedded}
    kinds = {path: each.kind for path, each in found.items()}
    assert kinds == {
        "PlugIns/Widget.appex": EmbeddedKind.EXTENSION,
        "Extensions/New.appex": EmbeddedKind.EXTENSION,
        "Watch/Wrist.app": EmbeddedKind.WATCH_APP,
        "Watch/Wrist.app/PlugIns/Face.appex": EmbeddedKind.EXTENSION,
        "AppClips/Clip.app": EmbeddedKind.APP_CLIP,
        "PlugIns/Old.appex/Old Watch.app": EmbeddedKind.WATCH_APP,
        "PlugIns/Broken.appex": EmbeddedKind.EXTENSION,
    }
    assert found["PlugIns/Widget.appex"].extension_point == "com.apple.widgetkit-extension"
    assert found["PlugIns/Widget.appex"].display_name == "Widget"
    assert found["Extensions/New.appex"].extension_point == "com.apple.appintents-extension"
    assert (found["Watch/Wrist.app"].identifier, found["Watch/Wrist.app"].version_code) == ("a.watch", "3")
    assert found["AppClips/Clip.app"].version_name == "1.1"
    assert found["PlugIns/Broken.appex"].identifier is None


def test_extensions_of_macos_are_found_in_their_contents() -> None:
    info = app(
        MAC,
        {"Mini.app/Contents/PlugIns/Share.appex/Contents/Info.plist": info_plist(CFBundleIdentifier="a.share")},
        "Mini.app/Contents/",
        Format.PKG,
    )
    (share,) = info.embedded
    assert (share.identifier, share.path) == ("a.share", "Mini.app/Contents/PlugIns/Share.appex")


def test_frameworks_and_sizes_are_told() -> None:
    files = {
        "Frameworks/Kit.framework/Kit": bytes(100),
        "Frameworks/Kit.framework/Info.plist": bytes(10),
        "Frameworks/libswiftCore.dylib": bytes(40),
        "Mini": bytes(7),
        "PlugIns/W.appex/W": bytes(5),
        "Base.lproj/Main.nib": bytes(3),
        "icon.png": bytes(2),
        "_CodeSignature/CodeResources": bytes(9),
        "data.bin": bytes(1),
    }
    info = ios({"CFBundleExecutable": "Mini"}, files)
    assert info.frameworks == ("Kit.framework", "libswiftCore.dylib")
    plain = len(plistlib.dumps(MINIMAL | {"CFBundleExecutable": "Mini"}))
    assert info.sizes == {
        "frameworks": 150,
        "code": 12,
        "resources": 3 + plain,
        "assets": 2,
        "signature": 9,
        "other": 1,
    }


def test_names_are_translated_in_files_of_each_language_or_in_one_table() -> None:
    table = info_plist(de={"CFBundleDisplayName": "Regatta DE"}, fr={"CFBundleName": "Régate"}, LocProvenance=7)
    files = {
        "InfoPlist.loctable": table,
        "zh_CN.lproj/InfoPlist.strings": '"CFBundleDisplayName" = "帆船";'.encode(),
        "Base.lproj/InfoPlist.strings": b'"CFBundleDisplayName" = "Base";',
        "sub/nl.lproj/InfoPlist.strings": b'"CFBundleDisplayName" = "Elsewhere";',
    }
    assert ios({"CFBundleName": "Regatta"}, files).localized_names == {
        "zh-CN": "帆船",
        "de": "Regatta DE",
        "fr": "Régate",
    }


def test_the_executable_tells_the_platform_where_info_plist_does_not() -> None:
    simulator = build_ipa.executable().replace(
        bytes.fromhex("32000000180000000200"), bytes.fromhex("32000000180000000800")
    )
    info = ios({"CFBundleExecutable": "Mini"}, {"Mini": simulator})
    assert info.os is Os.TVOS
    assert any("simulator" in warning for warning in info.warnings)


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("Apple iPhone OS Application Signing", SigningKind.APP_STORE),
        ("Developer ID Application: Demo (T)", SigningKind.DEVELOPER_ID),
        ("Apple Development: Demo (T)", SigningKind.DEVELOPMENT),
        ("Somebody else", None),
    ],
)
def test_the_signer_tells_the_kind_where_there_is_no_profile(subject: str, kind: SigningKind | None) -> None:
    certificate = _self_signed(subject)
    executable = signed(
        {
            0: code_directory("org.seatrial.minimal", "ABCDE12345"),
            5: xml_entitlements({"com.apple.security.app-sandbox": True}),
            0x10000: blob(0xFADE0B01, certificate),
        }
    )
    info = mac(MacOS__mini=executable)
    assert info.signing is not None
    assert info.signing.kind is kind
    assert info.signing.team == "ABCDE12345"
    assert f"CN={subject}" in info.signing.certificates[0].subject.replace("\\", "")
    assert info.entitlements == {"com.apple.security.app-sandbox": True}
    assert info.warnings == ()


def test_hashes_without_a_signer_are_no_signature_of_anyone() -> None:
    info = mac(MacOS__mini=signed({0: code_directory("a.b", None), 0x10000: blob(0xFADE0B01, b"")}))
    assert info.signing is not None
    assert info.signing.kind is SigningKind.UNSIGNED
    info = mac(MacOS__mini=build_ipa.executable())
    assert any("macOS warns" in warning for warning in info.warnings)


def test_the_signer_of_the_code_is_the_one_that_is_told() -> None:
    profile = build_ipa.signed_profile("demo")
    executable = signed({0: code_directory("a.b", "OTHER"), 0x10000: blob(0xFADE0B01, _self_signed("Somebody"))})
    info = ios({"CFBundleExecutable": "Mini"}, {"Mini": executable, "embedded.mobileprovision": profile})
    assert info.signing is not None
    assert info.signing.kind is SigningKind.AD_HOC
    assert info.signing.team == "ABCDE12345"
    assert [each.subject for each in info.signing.certificates] == ["CN=Somebody"]


def test_folders_without_an_info_plist_are_refused() -> None:
    with pytest.raises(BuildFileInvalid) as caught:
        read_app(Folder({"Mini.app/Contents/MacOS/mini": b""}), "Mini.app/", Format.DMG)
    assert caught.value.code is ProcessingCode.MANIFEST_MISSING


def test_many_large_translations_do_not_cost_more_than_the_limit() -> None:
    line = b'"CFBundleDisplayName" = "Name";' + b" " * 900_000
    files = {f"l{number}.lproj/InfoPlist.strings": line for number in range(40)}
    assert 3 <= len(ios({}, files).localized_names) <= 5


@pytest.mark.parametrize("row", rows("macos-app-zip"))
def test_real_apps_read_as_independent_tools_read_them(row: Row) -> None:
    if not row.identifier:
        pytest.skip("it holds no app, or two")
    with row.file.open("rb") as file:
        try:
            archive = Archive.open(file)
        except BuildFileInvalid:
            assert "malformed" in row.features
            return
        plain = re.compile(r"((?!__MACOSX)[^/]+\.app/)(?:Contents/)?Info\.plist")
        (folder,) = {found[1] for name in archive.names() if (found := plain.fullmatch(name))}
        info = read_app(archive, folder, Format.MAC_APP_ZIP)
        assert is_mac_app(archive, folder) is (info.os is Os.MACOS)
    told = (row.identifier, row.display_name, row.version_name, row.version_code, row.min_os, row.target_os)
    found_here = (info.identifier, info.display_name, info.version_name, info.version_code, info.min_os, info.target_os)
    assert told == tuple(value or "" for value in found_here)
    processors = re.search(r"\[(.*)\]", row.platforms)
    assert ",".join(info.architectures) == (processors[1] if processors else "")
    assert (info.os is Os.MACOS) is not row.platforms.startswith("iPhone")
    assert (info.icon_png is not None) is row.icon.startswith("yes")
    assert info.signing is not None
    if row.signing.startswith("development"):
        assert info.signing.kind is SigningKind.DEVELOPMENT
        assert info.signing.team == "FYD86LA7RE"
    elif row.signing.startswith("unsigned"):
        assert info.signing.kind is SigningKind.UNSIGNED


def _self_signed(subject: str) -> bytes:
    """Sign nothing, detached, with a key made for this."""
    from datetime import UTC, datetime

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 7)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(key, SHA256())
    )
    builder = PKCS7SignatureBuilder().set_data(b"code directory").add_signer(certificate, key, SHA256())
    return builder.sign(Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])
