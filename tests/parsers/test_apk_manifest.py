import struct

import pytest

from seatrial.domain.buildinfo import BuildInfo
from seatrial.parsers.apk import parse_apk
from tests.parsers.apk_files import FEATURES, UNSIGNED, member, rebuilt

ATTRIBUTE = struct.Struct("<IIIHBBI")
REFERENCE, STRING, DECIMAL = 0x01, 0x03, 0x10


def with_attribute(manifest: bytes, resource: int, kind: int, data: int) -> bytes:
    """Give each attribute of this resource id another typed value."""
    changed = bytearray(manifest)
    ids = manifest.index(struct.pack("<HH", 0x0180, 8), 8)
    count = (int.from_bytes(manifest[ids + 4 : ids + 8], "little") - 8) // 4
    name = struct.unpack_from(f"<{count}I", manifest, ids + 8).index(resource)
    at = ids
    while at < len(manifest):
        chunk, _, size = struct.unpack_from("<HHI", manifest, at)
        if chunk == 0x0102:
            for index in range(struct.unpack_from("<H", manifest, at + 28)[0]):
                place = at + 36 + 20 * index
                if struct.unpack_from("<I", manifest, place + 4)[0] == name:
                    struct.pack_into("<IHBBI", changed, place + 8, 0xFFFFFFFF, 8, 0, kind, data)
        at += size
    assert bytes(changed) != manifest
    return bytes(changed)


def changed(resource: int, kind: int, data: int) -> BuildInfo:
    manifest = with_attribute(member(UNSIGNED, "AndroidManifest.xml"), resource, kind, data)
    return parse_apk(rebuilt(UNSIGNED, {"AndroidManifest.xml": manifest}))


MIN_SDK, TARGET_SDK, VERSION_CODE, LABEL, ICON = 0x0101020C, 0x01010270, 0x0101021B, 0x01010001, 0x01010002


def strings(manifest: bytes) -> list[str]:
    offsets = struct.unpack_from(f"<{int.from_bytes(manifest[16:20], 'little')}I", manifest, 36)
    start = 8 + int.from_bytes(manifest[28:32], "little")
    sizes = [int.from_bytes(manifest[start + at : start + at + 2], "little") for at in offsets]
    return [
        manifest[start + at + 2 : start + at + 2 + 2 * n].decode("utf-16-le")
        for at, n in zip(offsets, sizes, strict=True)
    ]


def test_a_platform_code_name_is_kept_as_text() -> None:
    names = strings(member(UNSIGNED, "AndroidManifest.xml"))
    info = changed(TARGET_SDK, STRING, names.index("android"))
    assert info.target_os == "android"
    assert info.android["targetSdkVersion"] == "android"


def test_a_version_code_beyond_31_bits_is_positive() -> None:
    assert changed(VERSION_CODE, DECIMAL, 0xFFFFFFFF).version_code == "4294967295"


@pytest.mark.parametrize("data", [0, 0x7F7F7F7F, 0x01040000])
def test_references_to_nothing_leave_the_field_empty(data: int) -> None:
    assert changed(MIN_SDK, REFERENCE, data).min_os is None
    assert "minSDKVersion" not in changed(MIN_SDK, REFERENCE, data).android
    assert changed(LABEL, REFERENCE, data).display_name is None
    assert changed(ICON, REFERENCE, data).icon_png is None


def test_an_app_without_a_label_goes_by_its_first_activity() -> None:
    # The features' application and activity both have labels; only the application's is a reference.
    manifest = bytearray(member(FEATURES, "AndroidManifest.xml"))
    reference = struct.pack("<HBBI", 8, 0, REFERENCE, 0x7F050000)
    at = manifest.index(reference)
    manifest[at : at + 8] = struct.pack("<HBBI", 8, 0, REFERENCE, 0)
    info = parse_apk(rebuilt(FEATURES, {"AndroidManifest.xml": bytes(manifest)}))
    assert info.display_name == "Not the app's name"
