"""Sets of APKs: the sample sets, and what stores and strangers make of them."""

import io
import zipfile
from pathlib import Path

import pytest

from seatrial.domain.buildinfo import BuildInfo, EmbeddedKind, Format, Os, SigningKind
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import limits, parse_file
from seatrial.parsers.apk_set import is_encrypted, parse_apk_set
from seatrial.parsers.apk_set_verification import verify_build
from seatrial.parsers.archive import Archive
from seatrial.parsers.limits import ParserLimits
from tests.parsers.apk_files import DEBUG, FEATURES, rebuilt

FIXTURES = Path(__file__).parents[1] / "fixtures" / "apk_set"
APKS = FIXTURES / "demo.apks"
XAPK = FIXTURES / "demo.xapk"
APKM = FIXTURES / "demo.apkm"

BASE = "org.seatrial.demo.apk"


def parts(path: Path = XAPK) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out


def parsed(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> BuildInfo:
    return parse_apk_set(packed(members, method))


@pytest.mark.parametrize(("path", "found"), [(APKS, Format.APKS), (XAPK, Format.XAPK), (APKM, Format.XAPK)])
def test_what_the_base_says(path: Path, found: Format) -> None:
    """The document of the store says that it is version 9.9.9 of another app."""
    with path.open("rb") as file:
        info = parse_file(file)
    assert (info.format, info.os) == (found, Os.ANDROID)
    assert info.identifier == "org.seatrial.demo"
    assert info.display_name == "Seatrial Demo"
    assert (info.version_name, info.version_code) == ("1.0.0", "1")
    assert (info.min_os, info.target_os) == ("21", "34")
    assert info.permissions == ("android.permission.INTERNET",)
    assert info.android["packageName"] == "org.seatrial.demo"
    assert info.icon_png
    assert info.warnings == ()


def test_splits() -> None:
    info = parsed(parts())
    assert {split.identifier for split in info.embedded} == {
        "config.arm64_v8a",
        "config.es",
        "config.xhdpi",
        "config.xxhdpi",
    }
    assert all(split.kind is EmbeddedKind.SPLIT and split.version_code == "1" for split in info.embedded)
    assert {split.path for split in info.embedded} <= parts().keys()
    assert info.architectures == ("arm64-v8a",)
    assert info.native_libraries == ("libsail.so",)


def test_names_in_the_languages_of_splits() -> None:
    members = parts()
    assert parsed(members).localized_names == {"es": "Demostración de Seatrial"}
    del members["config.es.apk"]
    assert parsed(members).localized_names == {}


def test_sizes_of_what_is_not_in_the_base() -> None:
    members = parts()
    info = parsed(members)
    assert info.sizes["splits"] == sum(len(data) for name, data in members.items() if name.startswith("config."))
    assert info.sizes["obb"] == len(b"expansion")


def test_bundletools_version() -> None:
    with APKS.open("rb") as file:
        assert parse_apk_set(file).sdks["bundletool"] == "1.18.0"


def test_the_signature_is_that_of_the_base() -> None:
    signing = parsed(parts()).signing
    assert signing
    assert (signing.kind, signing.schemes) == (SigningKind.RELEASE, ("v2", "v3"))
    assert [each.subject for each in signing.certificates] == ["CN=Seatrial Demo,OU=Fixtures,O=The Seatrial authors"]


def test_apks_are_read_in_place() -> None:
    """No more than the ends, the manifests and the like is read of a set that could be gigabytes long."""

    class Counting(io.BytesIO):
        taken = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            self.taken += len(data)
            return data

    large = zipfile.ZipInfo("assets/large.bin")
    base = io.BytesIO(parts()[BASE])
    with zipfile.ZipFile(base, "a") as archive:
        archive.writestr(large, bytes(20 << 20))
    file = Counting(packed({**parts(), BASE: base.getvalue()}).getvalue())
    assert parse_apk_set(file).identifier == "org.seatrial.demo"
    assert file.taken < 2 << 20


def test_pictures_that_only_a_split_has() -> None:
    """Stores leave the rasters out of the base; its manifest still asks for them by the same id."""
    members = parts()
    pictures = {name for name in zipfile.ZipFile(io.BytesIO(members[BASE])).namelist() if name.startswith("res/")}
    bare = rebuilt_bytes(members[BASE], dict.fromkeys([*pictures, "resources.arsc"]))
    whole = members[BASE]
    split = rebuilt_bytes(
        members["config.xxhdpi.apk"],
        {name: zipfile.ZipFile(io.BytesIO(whole)).read(name) for name in [*pictures, "resources.arsc"]},
    )
    info = parsed({**members, BASE: bare, "config.xxhdpi.apk": split})
    assert info.icon_png
    assert info.icon_source == "res/mipmap-xxxhdpi-v4/ic_launcher.png"
    assert not any("icon" in warning.lower() for warning in info.warnings)


def rebuilt_bytes(apk: bytes, changes: dict[str, bytes | None]) -> bytes:
    return rebuilt(io.BytesIO(apk), changes).getvalue()  # type: ignore[arg-type]  # zipfile takes both


# --- sets that do not fit together ---


def test_another_version_of_a_split() -> None:
    members = parts()
    with zipfile.ZipFile(io.BytesIO(members["config.es.apk"])) as archive:
        manifest = archive.read("AndroidManifest.xml")
    # The attribute's value is a Res_value: its size, a zero, the type of decimal numbers, the number 1.
    old, new = bytes.fromhex("0800001001000000"), bytes.fromhex("0800001002000000")
    assert manifest.count(old) == 1
    changed = rebuilt_bytes(members["config.es.apk"], {"AndroidManifest.xml": manifest.replace(old, new)})
    info = parsed({**members, "config.es.apk": changed})
    assert info.version_code == "1"
    assert any("another version code" in each and "“config.es.apk”" in each for each in info.warnings)


def test_an_apk_of_another_app() -> None:
    info = parsed({**parts(), "a-stranger.apk": FEATURES.read_bytes()})
    assert info.identifier == "org.seatrial.demo"
    assert any("other apps than org.seatrial.demo: “a-stranger.apk”" in each for each in info.warnings)
    assert info.architectures == ("arm64-v8a",)


def test_a_split_that_someone_else_signed() -> None:
    members = parts()
    unsigned = rebuilt_bytes(members["config.es.apk"], {})
    info = parsed({**members, "config.es.apk": unsigned})
    assert any("not signed as the base" in each and "“config.es.apk”" in each for each in info.warnings)


def test_several_complete_apks() -> None:
    info = parsed({"one.apk": parts()[BASE], "two.apk": DEBUG.read_bytes()})
    assert info.identifier == "org.seatrial.demo"
    assert info.embedded == ()
    assert any("several complete APKs" in warning for warning in info.warnings)


def test_the_set_for_devices_of_today_comes_first() -> None:
    debug = DEBUG.read_bytes()
    members = {"toc.pb": b"", "instant/instant-base-master.apk": debug, "standalones/standalone.apk": debug}
    info = parsed({**members, "splits/base-master.apk": parts()[BASE]})
    assert info.signing
    assert info.signing.kind is SigningKind.RELEASE
    assert info.warnings == ()
    universal = parsed({"toc.pb": b"", "universal.apk": debug})
    assert universal.signing
    assert universal.signing.kind is SigningKind.DEBUG


def test_a_broken_split() -> None:
    info = parsed({**parts(), "config.es.apk": b"no archive"})
    assert info.identifier == "org.seatrial.demo"
    assert any("cannot be read: “config.es.apk”" in warning for warning in info.warnings)


def test_a_broken_document_and_table_of_contents() -> None:
    info = parsed({**parts(), "manifest.json": b"{" * 100_000, "toc.pb": b"\x0b"})
    assert info.format is Format.APKS
    assert any("toc.pb cannot be read" in warning for warning in info.warnings)


def test_splits_without_their_base() -> None:
    members = parts()
    del members[BASE]
    with pytest.raises(BuildFileInvalid, match="no base APK") as caught:
        parsed(members)
    assert caught.value.code is ProcessingCode.MANIFEST_MISSING


def test_nothing_that_can_be_read() -> None:
    with pytest.raises(BuildFileInvalid, match="cannot be read"):
        parsed({"base.apk": b"junk", "config.apk": b""})
    with pytest.raises(BuildFileInvalid, match="no APK in it"):
        parsed({"toc.pb": b""})


# --- compressed and encrypted sets ---


def test_compressed_apks_are_unpacked_within_limits() -> None:
    before = limits.current()
    limits.use(ParserLimits(nested_bytes=25_000))
    try:
        with APKM.open("rb") as file:
            info = parse_apk_set(file)
        with pytest.raises(BuildFileInvalid, match="Pack them without compression"):
            parsed({"one.apk": bytes(30_000), "base.apk": bytes(26_000)}, zipfile.ZIP_DEFLATED)
    finally:
        limits.use(before)
    assert info.identifier == "org.seatrial.demo"  # the base is looked at first
    assert any("were not looked at" in warning for warning in info.warnings)


def test_a_bomb_inside() -> None:
    bomb = packed({"AndroidManifest.xml": bytes(100 << 20)}, zipfile.ZIP_DEFLATED).getvalue()
    info = parsed({**parts(), "bomb.apk": bomb})
    assert info.identifier == "org.seatrial.demo"
    assert any("“bomb.apk”" in warning for warning in info.warnings)


def test_an_encrypted_apkm_is_refused_with_advice() -> None:
    head = b"\x01\x02" + b"".join(n.to_bytes(8, "little") for n in (2, 64 << 20, 65536))
    file = io.BytesIO(head + bytes(range(256)) * 8)
    assert is_encrypted(file)
    with pytest.raises(BuildFileInvalid, match=r"encrypted \.apkm"):
        parse_apk_set(file)
    for path in (APKS, XAPK, APKM, DEBUG):
        with path.open("rb") as plain:
            assert not is_encrypted(plain)


# --- verification ---


def verified(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> BuildInfo:
    file = packed(members, method)
    archive = Archive.open(file)
    return verify_build(file, archive, parse_apk_set(file, archive))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_whole_set_is_verified(method: int) -> None:
    info = verified(parts(), method)
    assert info.signing
    assert info.signing.verified is True
    assert info.signing.kind is SigningKind.RELEASE
    assert info.warnings == ()


@pytest.mark.parametrize("name", [BASE, "config.arm64_v8a.apk"])
def test_a_changed_byte_in_any_apk_is_found(name: str) -> None:
    data = bytearray(parts()[name])
    end = data.index(b"APK Sig Block 42") + 16
    place = end - int.from_bytes(data[end - 24 : end - 16], "little") - 9  # the last byte that is signed before it
    data[place] ^= 1
    file = packed({**parts(), name: bytes(data)})
    archive = Archive.open(file)
    # Its own checksum would tell as well; only the signature is asked here.
    info = verify_build(file, archive, parse_apk_set(packed(parts())))
    assert info.signing
    assert info.signing.verified is False
    assert info.signing.kind is SigningKind.INVALID
    assert any("fit" in warning for warning in info.warnings)
