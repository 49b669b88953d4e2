import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from seatrial.domain.buildinfo import BuildInfo, EmbeddedKind, Format, Os, SigningKind
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import parse
from seatrial.parsers.msix import parse_msix
from tests.parsers.corpus_manifest import Row, rows
from tests.parsers.windows_files import FIXTURES, SIGNER, Counted, sample, survives_mutations

MANIFEST = """<Package xmlns="http://schemas.microsoft.com/appx/manifest/foundation/windows10">
<Identity Name="Demo" Version="1.0.0.0" Publisher="CN=x"/>
<Properties><DisplayName>{name}</DisplayName><Logo>{logo}</Logo></Properties>{more}</Package>"""

# Bundles name their application only inside the packages; the tools behind MANIFEST.tsv did not look there.
NAMES_INSIDE = {
    "msix/msixpkg-BundleIncorrectName.appxbundle": "Test display name",
    "msix/msixpkg-existingBundle.msixbundle": "HelloWorldApp",
    "msix/winget-Installer-Good-WithStub.msixbundle": "Fake installer for testing",
    "msix/winget-Installer-Good.msixbundle": "Fake installer for testing",
    "msix/winget-Installer-Signed-Good.msixbundle": "Fake installer for testing",
    # MANIFEST.tsv has the bare reference; the package's resources.pri has the text (`strings` shows it).
    "msix/msixpkg-IntlPackage.appx": "Test Appx Package",
}
EMPTY_LOGOS = ("msix/winget-Installer-Good.msix", "msix/winget-Installer-Signed-Good.msix")


def read(data: bytes) -> BuildInfo:
    return parse_msix(io.BytesIO(data))


def png(side: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side)).save(out, "PNG")
    return out.getvalue()


def package(
    files: dict[str, bytes] | None = None, *, name: str = "Demo", logo: str = "logo.png", more: str = ""
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("AppxManifest.xml", MANIFEST.format(name=name, logo=logo, more=more))
        for path, data in (files or {}).items():
            archive.writestr(path, data)
    return out.getvalue()


def bundle(listed: str, files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
        archive.writestr(
            "AppxMetadata/AppxBundleManifest.xml",
            f'<Bundle><Identity Name="Set" Version="9.0"/><Packages>{listed}</Packages></Bundle>',
        )
    return out.getvalue()


def side(info: BuildInfo) -> int:
    assert info.icon_png is not None
    return Image.open(io.BytesIO(info.icon_png)).width


def test_a_package_says_what_it_is() -> None:
    info = read(sample("msix/demo.msix"))
    assert (info.format, info.os, info.identifier) == (Format.MSIX, Os.WINDOWS, "Seatrial.Demo")
    assert (info.display_name, info.version_name, info.version_code) == ("Seatrial Demo", "2.4.17.0", None)
    assert (info.min_os, info.target_os) == ("10.0.17763.0", "10.0.26100.0")
    assert (info.architectures, info.device_families) == (("x64",), ("Windows.Desktop", "Windows.Holographic"))
    assert info.capabilities == ("internetClient", "runFullTrust", "webcam")
    assert info.url_schemes == ("seatrial-demo",)
    assert info.sdks == {"MakePri.exe": "10.0.26100.1"}
    assert (side(info), info.icon_source) == (100, "Assets/Store%20Logo.scale-200.png")
    assert set(info.sizes) == {"code", "resources", "other", "signature"}
    assert info.warnings == ()


def test_a_signature_names_its_signer() -> None:
    for name in ("msix/demo.msix", "msix/demo.msixbundle"):
        signing = read(sample(name)).signing
        assert signing is not None
        assert (signing.kind, signing.schemes) == (SigningKind.SIGNED, ("msix",))
        assert [each.subject for each in signing.certificates] == [SIGNER]
    plain = read(sample("msix/demo-unsigned.msix")).signing
    assert plain is not None
    assert (plain.kind, plain.schemes) == (SigningKind.UNSIGNED, ())


def test_a_bundle_is_described_by_its_packages() -> None:
    info = read(sample("msix/demo.msixbundle"))
    assert (info.identifier, info.version_name, info.display_name) == ("Seatrial.Demo", "2026.121.0.0", "Seatrial Demo")
    assert (info.architectures, info.min_os) == (("x86", "x64"), "10.0.17763.0")
    assert [(each.kind, each.path, each.identifier) for each in info.embedded] == [
        (EmbeddedKind.PACKAGE, "demo_x86.msix", None),
        (EmbeddedKind.PACKAGE, "demo_x64.msix", None),
        (EmbeddedKind.PACKAGE, "demo_language-de.msix", "split.language-de"),
    ]
    assert info.embedded[0].version_name == "2.4.17.0"
    assert (side(info), info.icon_source) == (100, "demo_x64.msix/Assets/Store%20Logo.scale-200.png")
    assert info.capabilities == ("internetClient", "runFullTrust", "webcam")
    assert info.warnings == ()


def test_a_large_bundle_costs_a_few_reads() -> None:
    app = '<Package Type="application" Version="1" Architecture="x64" FileName="a.msix"/>'
    large = package({"big.bin": bytes(range(256)) * 4096, "logo.png": png(40)})
    file = Counted(bundle(app, {"other.msix": bytes(range(256)) * 40_000, "a.msix": large}))
    assert parse_msix(file).icon_source == "a.msix/logo.png"
    assert file.bytes_read < 1 << 20


def test_libraries_are_listed_once_by_file_name() -> None:
    files = {"logo.png": png(4), "a/Core.dll": b"x" * 10, "b/Core.dll": b"y", "c/Other.DLL": b"z", "data.bin": b"w"}
    info = read(package(files))
    assert info.native_libraries == ("Core.dll", "Other.DLL")
    app = '<Package Type="application" Version="1" FileName="a.msix"/>'
    assert read(bundle(app, {"a.msix": package(files)})).native_libraries == ("Core.dll", "Other.DLL")


def test_a_package_that_is_packed_again_inside_a_bundle_is_read() -> None:
    app = '<Package Type="application" Version="1" Architecture="arm64" FileName="sub\\a.msix"/>'
    info = read(bundle(app, {"sub/a.msix": package({"logo.png": png(40)})}, zipfile.ZIP_DEFLATED))
    assert (info.display_name, info.architectures, info.icon_source) == ("Demo", ("arm64",), "sub/a.msix/logo.png")


@pytest.mark.parametrize(
    ("listed", "files"),
    [
        ('<Package Type="application" FileName="a.msix"/>', {}),
        ('<Package Type="application" FileName="a.msix"/>', {"a.msix": b"no archive at all, but long enough to look"}),
        ('<Package Type="application" FileName="a.msix"/>', {"a.msix": bundle("", {})}),
    ],
)
def test_a_bundle_stands_for_itself_where_its_packages_cannot_be_read(listed: str, files: dict[str, bytes]) -> None:
    info = read(bundle(listed, files))
    assert (info.identifier, info.display_name, info.icon_png) == ("Set", None, None)
    assert "a.msix" in info.warnings[0]


def test_an_empty_bundle_is_a_bundle() -> None:
    info = read(bundle("", {}))
    assert (info.identifier, info.embedded, info.warnings) == ("Set", (), ())


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        ({"logo.png": 10}, "logo.png"),
        ({"LOGO.PNG": 10}, "LOGO.PNG"),
        ({"logo.png": 10, "logo.scale-200.png": 20, "logo.scale-400.png": 40}, "logo.scale-400.png"),
        ({"logo.scale-100.png": 10, "logo.scale-400_contrast-white.png": 40}, "logo.scale-100.png"),
        ({"logo.targetsize-16.png": 16, "logo.targetsize-256.png": 99}, "logo.targetsize-256.png"),
        ({"logo.targetsize-48_altform-unplated.png": 48, "logo.targetsize-48.png": 48}, "logo.targetsize-48.png"),
        ({"scale-200/logo.png": 20, "logo.png": 10}, "scale-200/logo.png"),
        ({"logo.lang-de.png": 10}, "logo.lang-de.png"),
        ({"l%6Fgo.png": 10}, "l%6Fgo.png"),
    ],
)
def test_of_the_forms_of_a_logo_the_largest_plain_one_is_taken(files: dict[str, int], chosen: str) -> None:
    info = read(package({name: png(size) for name, size in files.items()}))
    assert (info.icon_source, side(info)) == (chosen, files[chosen])


def test_the_tile_stands_in_for_a_logo_that_is_not_there() -> None:
    tile = '<Applications><Application><VisualElements Square150x150Logo="a\\b.png"/></Application></Applications>'
    info = read(package({"a/b.png": png(33)}, more=tile))
    assert (info.icon_source, side(info)) == ("a/b.png", 33)


def test_a_logo_that_is_missing_or_broken_is_a_warning() -> None:
    assert "not in the package" in read(package()).warnings[0]
    assert "cannot be read" in read(package({"logo.png": b"GIF89a"})).warnings[0]
    second = read(package({"logo.png": b"", "logo.scale-100.png": png(7)}))
    assert (side(second), second.warnings) == (7, ())


def test_packages_for_windows_8_state_their_systems_elsewhere() -> None:
    older = "<Prerequisites><OSMinVersion>6.2.1</OSMinVersion><OSMaxVersionTested>6.3.0</OSMaxVersionTested></Prerequisites>"
    info = read(package(more=older))
    assert (info.min_os, info.target_os, info.device_families) == ("6.2.1", "6.3.0", ())


def test_a_name_that_cannot_be_resolved_stays_a_reference() -> None:
    info = read(package(name="ms-resource:title"))
    assert info.display_name == "ms-resource:title"
    assert "resources.pri" in info.warnings[0]
    broken = read(package({"resources.pri": b"mrm_pri2" + bytes(60)}, name="ms-resource:title"))
    assert broken.display_name == "ms-resource:title"


def test_texts_are_bounded_and_of_one_line() -> None:
    info = read(package(name="a\nb" + "c" * 5000))
    assert info.display_name is not None
    assert info.display_name.startswith("a bc")
    assert len(info.display_name) == 1000


@pytest.mark.parametrize(
    ("manifest", "code"),
    [
        (b"", ProcessingCode.MANIFEST_INVALID),
        (b"<Package>", ProcessingCode.MANIFEST_INVALID),
        (b"<Package><Identity Version='1'/></Package>", ProcessingCode.MANIFEST_INVALID),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", ProcessingCode.MANIFEST_INVALID),
        (b"<a>" * 5000, ProcessingCode.MANIFEST_INVALID),
        (b"<a>" + b"<b/>" * 5_000_000 + b"</a>", ProcessingCode.ARCHIVE_BOMB),
    ],
    ids=["empty", "open", "nameless", "entities", "deep", "large"],
)
def test_a_manifest_that_is_none_is_refused(manifest: bytes, code: ProcessingCode) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("AppxManifest.xml", manifest)
    with pytest.raises(BuildFileInvalid) as caught:
        read(out.getvalue())
    assert caught.value.code is code


def test_an_archive_of_another_kind_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(BuildFileInvalid) as caught:
        read(out.getvalue())
    assert caught.value.code is ProcessingCode.MANIFEST_MISSING


def test_it_is_recognised_whatever_its_name(tmp_path: Path) -> None:
    renamed = tmp_path / "demo.zip"
    renamed.write_bytes(sample("msix/demo.msixbundle"))
    assert parse(renamed).identifier == "Seatrial.Demo"


def test_changed_bytes_end_in_an_answer_or_a_refusal() -> None:
    assert survives_mutations(parse_msix, sample("msix/demo.msix"), 200, 4) > 0
    assert survives_mutations(parse_msix, sample("msix/demo.msixbundle"), 100, 5) > 0


@pytest.mark.parametrize("row", rows("msix"))
def test_real_packages(row: Row) -> None:
    if not row.identifier:
        with row.file.open("rb") as file, pytest.raises(BuildFileInvalid) as caught:
            parse_msix(file)
        assert caught.value.code is ProcessingCode.CORRUPT_ARCHIVE
        return
    with row.file.open("rb") as file:
        info = parse_msix(file)
    assert (info.identifier, info.version_name) == (row.identifier, row.version_name)
    assert info.display_name == NAMES_INSIDE.get(row.path, row.display_name)
    if row.min_os:
        assert (info.min_os, info.target_os) == (row.min_os, row.target_os)
    if row.platforms != "windows [bundle]":
        assert f"windows [{', '.join(info.architectures)}]" == row.platforms
        icon = row.icon.removeprefix("yes ") if row.icon.startswith("yes") and row.path not in EMPTY_LOGOS else None
        assert info.icon_source == icon
        assert (info.icon_png is not None) == (icon is not None)
    assert info.signing is not None
    assert (info.signing.kind is SigningKind.SIGNED) == row.signing.startswith("AppxSignature")
    assert bool(info.signing.certificates) == (info.signing.kind is SigningKind.SIGNED)


@pytest.mark.skipif(shutil.which("osslsigncode") is None, reason="osslsigncode is not installed")
def test_osslsigncode_names_the_same_certificate() -> None:
    path = FIXTURES / "msix" / "demo.msix"
    asked = subprocess.run(["osslsigncode", "verify", "-in", str(path)], check=False, capture_output=True, text=True)
    signing = parse(path).signing
    assert signing is not None
    assert f"Serial : {signing.certificates[0].serial.upper()}" in asked.stdout
