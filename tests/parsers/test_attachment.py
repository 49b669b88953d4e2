"""Files beside builds are told by their content, whatever they are called and however they are packed."""

import gzip
import io
import random
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from seatrial.domain.attachment import Attachment, AttachmentKind
from seatrial.domain.buildinfo import Format
from seatrial.parsers.attachment import understand, understand_file
from tests.parsers import attachment_files as made
from tests.parsers.apk_files import DEMO as DEMO_APK
from tests.parsers.ipa_files import DEMO as DEMO_IPA
from tests.parsers.ipa_files import member, zipped

BREAKPAD = b"MODULE Linux x86_64 0D9C2A3F6B5E817A90123456789ABCDE0 libpay.so\nINFO CODE_ID 3F2A9C0D5E6B7A8190123456789ABCDEF0123456\nFILE 0 a.c\n"

PROFILE = member(DEMO_IPA, "embedded.mobileprovision")


def of(data: bytes) -> Attachment:
    return understand_file(io.BytesIO(data))


def ids(found: Attachment) -> list[tuple[str, str, str]]:
    return [(one.name, one.architecture, one.id) for one in found.symbols]


def test_dsym_bundles_give_the_uuid_of_each_architecture() -> None:
    fat = made.universal(
        (made.ARM, made.macho(made.OTHER_UUID, made.ARM, made.DSYM)),
        (made.ARM64, made.macho(made.APP_UUID, made.ARM64, made.DSYM)),
    )
    found = of(made.dsym(("Wallet", fat), ("Kit", made.macho(made.FRAMEWORK_UUID, kind=made.DSYM))))
    assert found.kind is AttachmentKind.DSYM
    assert ids(found) == [
        ("Wallet", "armv7", made.OTHER_UUID),
        ("Wallet", "arm64", made.APP_UUID),
        ("Kit", "arm64", made.FRAMEWORK_UUID),
    ]
    assert found.counts == {"dsyms": 2}
    assert found.warnings == ()


def test_a_dsym_may_lie_deeper_or_lack_its_outer_folder() -> None:
    data = made.macho(made.APP_UUID, kind=made.DSYM)
    assert ids(of(made.dsym(("Wallet", data), folder="out/ios/"))) == [("Wallet", "arm64", made.APP_UUID)]
    assert of(zipped({"Contents/Resources/DWARF/Wallet": data}).getvalue()).kind is AttachmentKind.DSYM


def test_a_dsym_file_without_its_bundle() -> None:
    found = of(made.macho(made.APP_UUID, kind=made.DSYM, order=">"))
    assert (found.kind, found.warnings) == (AttachmentKind.DSYM, ())
    assert ids(found) == [("", "arm64", made.APP_UUID)]
    assert "not its debug symbols" in of(made.macho(made.APP_UUID)).warnings[0]


def test_a_dsym_that_holds_something_else_says_so() -> None:
    found = of(made.dsym(("Wallet", b"not Mach-O at all"), ("Kit", made.macho(None, kind=made.DSYM))))
    assert found.kind is AttachmentKind.DSYM
    assert found.symbols == ()
    assert len(found.warnings) == 2


def test_archives_of_xcode() -> None:
    plist = (
        b'<?xml version="1.0"?><plist version="1.0"><dict><key>Name</key><string>Wallet</string>'
        b"<key>ApplicationProperties</key><dict><key>CFBundleIdentifier</key><string>com.acme.wallet</string>"
        b"<key>CFBundleVersion</key><string>12</string></dict></dict></plist>"
    )
    dwarf = made.macho(made.APP_UUID, kind=made.DSYM)
    found = of(
        zipped(
            {
                "Wallet.xcarchive/Info.plist": plist,
                "Wallet.xcarchive/dSYMs/Wallet.app.dSYM/Contents/Resources/DWARF/Wallet": dwarf,
                "Wallet.xcarchive/Products/Applications/Wallet.app/Wallet": made.macho(made.APP_UUID),
            }
        ).getvalue()
    )
    assert found.kind is AttachmentKind.XCARCHIVE
    assert found.facts == {"name": "Wallet", "identifier": "com.acme.wallet", "versionCode": "12"}
    assert ids(found) == [("Wallet", "arm64", made.APP_UUID)]


@pytest.mark.parametrize("folder", ["Test-Wallet.xcresult/", ""])
def test_result_bundles_of_xcode(folder: str) -> None:
    plist = (
        b'<?xml version="1.0"?><plist version="1.0"><dict><key>rootId</key><dict/><key>storage</key><dict/>'
        b"<key>version</key><dict><key>major</key><integer>3</integer><key>minor</key><integer>53</integer></dict>"
        b"</dict></plist>"
    )
    files = {"Info.plist": plist, "Data/data.0~abc": b"x", "Data/refs.0~abc": b"x"}
    found = of(zipped({folder + name: data for name, data in files.items()}).getvalue())
    assert found.kind is AttachmentKind.XCRESULT
    assert (found.facts, found.counts) == ({"formatVersion": "3.53"}, {"bundles": 1, "objects": 1})


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: data,
    "gzip": gzip.compress,
    "zip": lambda data: zipped({"outputs/mapping/release/mapping.txt": data, "outputs/seeds.txt": b"a"}).getvalue(),
    "renamed": lambda data: zipped({"proguard-1.0.map": data}).getvalue(),
}


@pytest.mark.parametrize("packing", PACKINGS)
def test_mappings(packing: str) -> None:
    found = of(PACKINGS[packing](made.mapping("1a2b3c4", classes=3)))
    assert found.kind is AttachmentKind.MAPPING
    assert found.counts == {"classes": 3}
    stated = {key: found.facts[key] for key in ("compiler", "compilerVersion", "minApi", "mapId")}
    assert stated == {"compiler": "R8", "compilerVersion": "8.5.27", "minApi": "24", "mapId": "1a2b3c4"}
    assert found.facts["mapHash"] == "1a2b3c4" + "0" * 57


def test_a_mapping_of_proguard_has_no_head_and_one_of_nothing_has_no_body() -> None:
    found = of(b"# by hand:\ncom.acme.A -> a.a:\r\n    int b -> c\r\n# more:\r\ncom.acme.B -> a.b:")
    assert (found.kind, found.counts) == (AttachmentKind.MAPPING, {"classes": 2})
    assert of(b"# compiler: R8\n# compiler_version: 8.1.56\n# pg_map_id: e3b0c44\n").kind is AttachmentKind.MAPPING


@pytest.mark.parametrize("text", [b"a -> b", b"# compiler: R8\nsomething else\n", b"com.acme.A -> \n", b"key: value\n"])
def test_other_texts_are_no_mappings(text: bytes) -> None:
    assert of(text).kind is AttachmentKind.OTHER


def test_a_mapping_is_counted_over_the_edges_of_its_pieces() -> None:
    assert of(made.mapping("1a2b3c4", classes=20_000)).counts == {"classes": 20_000}
    assert of(b"a.A -> b:\n" + b"x" * (3 << 20) + b"\n" + b"a.B -> c:\n").counts["classes"] == 2


def test_reports_are_counted_test_by_test() -> None:
    found = of(made.JUNIT)
    assert found.kind is AttachmentKind.JUNIT
    assert found.counts == {"tests": 4, "failures": 1, "errors": 1, "skipped": 1, "suites": 3}
    assert found.facts == {"seconds": 4.5, "name": "wallet"}


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: b"<!-- by hand -->" + text.partition(b"?>")[2],
        gzip.compress,
    ],
    ids=["utf-16", "byte order mark", "comment", "gzip"],
)
def test_reports_as_other_writers_make_them(change: Callable[[bytes], bytes]) -> None:
    assert of(change(made.JUNIT)).counts["tests"] == 4


def test_zipped_reports_are_one() -> None:
    files = {"out/TEST-a.xml": made.JUNIT, "out/TEST-b.xml": made.JUNIT, "out/pom.xml": b"<project/>"}
    found = of(zipped(files).getvalue())
    assert (found.kind, found.counts["tests"], found.facts["seconds"]) == (AttachmentKind.JUNIT, 8, 9.0)


def test_a_report_that_is_cut_off_tells_what_was_there() -> None:
    found = of(made.JUNIT.partition(b'<testcase classname="b" name="later">')[0])
    assert found.counts["tests"] == 3
    assert "cut off" in found.warnings[0]


@pytest.mark.parametrize(
    "declared",
    [
        b'<!DOCTYPE testsuites [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>',
        b'<!DOCTYPE testsuites SYSTEM "file:///etc/passwd">',
    ],
)
def test_a_report_with_entities_is_not_read(declared: bytes) -> None:
    found = of(b"<?xml version='1.0'?>" + declared + b"<testsuites><testcase name='&b;'/></testsuites>")
    assert found.counts.get("tests", 0) == 0


def test_a_report_in_one_endless_tag_does_not_fill_the_memory() -> None:
    data = io.BytesIO(b'<testsuites name="' + b"x" * (48 << 20))
    tracemalloc.start()
    found = understand_file(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "too large" in found.warnings[0]
    assert peak < 24 << 20


def test_native_symbols() -> None:
    found = of(made.elf(made.BUILD_ID, ".debug_info", ".symtab"))
    assert found.kind is AttachmentKind.ELF_SYMBOLS
    assert ids(found) == [("", "arm64", made.BUILD_ID)]
    assert found.facts == {"debugInfo": True, "symbolTable": True}
    assert "no debug information" in of(made.elf(made.BUILD_ID, ".text")).warnings[0]


@pytest.mark.parametrize(("wide", "order", "machine", "name"), [(False, "<", 40, "arm"), (True, ">", 62, "x86_64")])
def test_native_symbols_of_other_machines(wide: bool, order: str, machine: int, name: str) -> None:
    found = of(made.elf(made.BUILD_ID, ".debug_info", wide=wide, order=order, machine=machine))
    assert ids(found) == [("", name, made.BUILD_ID)]
    assert found.facts["debugInfo"] is True


def test_zipped_native_symbols() -> None:
    files = {
        "arm64-v8a/libpay.so.dbg": made.elf(made.BUILD_ID, ".debug_info"),
        "x86/libpay.so.sym": made.elf("ab" * 20, ".symtab", wide=False, machine=3),
        "x86/libold.so": made.elf(None, ".symtab"),
    }
    found = of(zipped(files).getvalue())
    assert found.kind is AttachmentKind.ELF_SYMBOLS
    assert ids(found) == [("libpay.so.dbg", "arm64", made.BUILD_ID), ("libpay.so.sym", "x86", "ab" * 20)]
    assert "--build-id" in found.warnings[0]


@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress, lambda data: zipped({"a/b.sym": data}).getvalue()])
def test_breakpad_symbols(pack: Callable[[bytes], bytes]) -> None:
    found = of(pack(BREAKPAD))
    assert found.kind is AttachmentKind.BREAKPAD
    assert ids(found) == [("libpay.so", "x86_64", "0D9C2A3F6B5E817A90123456789ABCDE0")]


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "GIF"])
def test_pictures(format_: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (321, 123), "teal").save(out, format_)
    found = of(out.getvalue())
    assert found.kind is AttachmentKind.IMAGE
    assert (found.facts["width"], found.facts["height"]) == (321, 123)


@pytest.mark.parametrize("options", [{"lossless": True}, {"lossless": False, "exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}])
def test_pictures_in_the_other_forms_of_webp(options: dict[str, object]) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (17, 300), (1, 2, 3, 4)).save(out, "WEBP", **options)
    assert of(out.getvalue()).facts == {"format": "webp", "width": 17, "height": 300}


def test_provisioning_profiles() -> None:
    found = of(PROFILE)
    assert found.kind is AttachmentKind.MOBILEPROVISION
    assert found.facts["type"] == "ad-hoc"
    assert found.facts["uuid"]
    assert of(b'<?xml version="1.0"?><plist version="1.0"><dict/></plist>').kind is AttachmentKind.OTHER


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        b"PK\3\4",
        b"PK\5\6" + b"\0" * 18,
        b"\x1f\x8b\x08",
        b"\x7fELF",
        b"\xca\xfe\xba\xbe",
        b"\x30\x80",
        b"\0" * 70_000,
    ],
)
def test_anything_else_is_other(data: bytes) -> None:
    assert of(data).kind is AttachmentKind.OTHER


def test_packages_are_told_apart_from_what_belongs_to_one() -> None:
    with DEMO_APK.open("rb") as file:
        assert understand_file(file).facts == {"format": "apk"}
    assert of(zipped({"a.txt": b"a", "b/c.txt": b"b"}).getvalue()).counts == {"files": 2}


def test_what_is_stored_is_short_and_fit_to_be_stored(tmp_path: Path) -> None:
    path = tmp_path / "a"
    dwarf = made.macho(made.APP_UUID, kind=made.DSYM)
    path.write_bytes(made.dsym(*((f"W{number}" + "w" * 300, dwarf) for number in range(300))))
    found = understand(path, None, None)
    assert len(found.symbols) == 200
    assert max(len(one.name) for one in found.symbols) <= 200
    assert len(found.summary) <= 500
    assert "more symbols than are listed" in found.warnings[-1]
    path.write_bytes(b"# compiler: R8\xff\xed\xa0\x80\ncom.acme.A -> a:\n")
    assert "\ufffd" in str(understand(path, None, None).facts["compiler"])


def test_a_small_file_that_unpacks_to_very_much_is_given_up() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    start = packer.compress(made.JUNIT.partition(b"<testsuite ")[0]) + packer.flush(zlib.Z_FULL_FLUSH)
    blanks = packer.compress(b" " * (4 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    tracemalloc.start()
    found = of(start + blanks * 64)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.kind is AttachmentKind.JUNIT
    assert "unpacks to more" in found.warnings[0]
    assert peak < 24 << 20


SAMPLES = {
    "dsym": made.dsym(
        (
            "Wallet",
            made.universal((made.ARM64, made.macho(made.APP_UUID)), (made.ARM, made.macho(made.OTHER_UUID, made.ARM))),
        )
    ),
    "macho": made.universal((made.ARM64, made.macho(made.APP_UUID)), (made.ARM, made.macho(made.OTHER_UUID, made.ARM)))[
        :20_000
    ],
    "elf": made.elf(made.BUILD_ID, ".debug_info", ".symtab"),
    "elf32": made.elf(made.BUILD_ID, ".debug_info", wide=False, order=">"),
    "mapping": made.mapping("1a2b3c4", 5),
    "gzip": gzip.compress(made.mapping("1a2b3c4", 5)),
    "junit": made.JUNIT,
    "breakpad": BREAKPAD,
    "profile": PROFILE,
    "symbols": zipped({"arm64-v8a/libpay.so": made.elf(made.BUILD_ID, ".debug_info")}, zipfile.ZIP_STORED).getvalue(),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_files_are_described_and_nothing_else(name: str, tmp_path: Path) -> None:
    chance = random.Random(name)
    path = tmp_path / "a"
    for _ in range(150):
        data = bytearray(SAMPLES[name])
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        if chance.random() < 0.2:
            del data[chance.randrange(len(data)) :]
        path.write_bytes(data)
        assert understand(path, DEMO_APK, Format.APK).summary
