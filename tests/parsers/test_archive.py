import io
import struct
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers.archive import Archive
from tests.parsers.corpus_manifest import Row, rows
from tests.parsers.ipa_files import zipped

TEXT = b"All hands on deck! " * 500
END = struct.Struct("<4s4H2LH")
ENTRY = 46
LOCAL = 30


def refusal(data: bytes) -> BuildFileInvalid:
    with pytest.raises(BuildFileInvalid) as caught:
        Archive.open(io.BytesIO(data))
    return caught.value


def opened(data: bytes) -> Archive:
    return Archive.open(io.BytesIO(data))


def patched(data: bytes, at: int, layout: str, *values: int) -> bytes:
    changed = bytearray(data)
    struct.pack_into(layout, changed, at, *values)
    return bytes(changed)


def directory(data: bytes) -> int:
    return int(END.unpack_from(data, len(data) - END.size)[6])


def one(data: bytes = TEXT, name: str = "a", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    return zipped({name: data}, method).getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_read_as_they_were_written(method: int) -> None:
    files = {"empty": b"", "text": TEXT, "folder/zeros": bytes(1_000_000)}
    archive = Archive.open(zipped(files, method))
    assert list(archive.names()) == list(files)
    assert {name: archive.read(name, 1_000_000) for name in files} == files
    assert archive.warnings == []


def test_two_members_can_be_read_in_turns() -> None:
    big, other = bytes(range(256)) * 4096, TEXT * 100
    archive = Archive.open(zipped({"big": big, "other": other}, zipfile.ZIP_STORED))
    first, second = archive.find("big"), archive.find("other")
    assert first is not None
    assert second is not None
    pairs = list(zip(archive.stream(first), archive.stream(second), strict=False))
    assert big.startswith(b"".join(a for a, _ in pairs))
    assert other.startswith(b"".join(b for _, b in pairs))


def test_absent_members_are_told() -> None:
    archive = opened(one())
    assert archive.find("b") is None
    with pytest.raises(BuildFileInvalid, match="no member “b”"):
        archive.read("b", 10)


def test_names_are_utf8_or_dos() -> None:
    assert list(opened(one(name="höhe")).names()) == ["höhe"]
    unflagged = one(name="Ab").replace(b"Ab", b"\x81b")  # u with dots in code page 437
    assert list(opened(unflagged).names()) == ["üb"]


def test_the_limit_is_kept_whatever_the_size_says() -> None:
    bomb = one(bytes(300_000))
    lying = patched(bomb, directory(bomb) + 24, "<L", 10)  # declared unpacked size
    archive = opened(lying)
    with pytest.raises(BuildFileInvalid) as caught:
        archive.read("a", 1000)
    assert caught.value.code is ProcessingCode.ARCHIVE_BOMB
    assert archive.read("a", 300_000) == bytes(300_000)
    assert "size or checksum" in archive.warnings[0]


def test_a_wrong_checksum_is_told_and_read_over() -> None:
    data = one()
    archive = opened(patched(data, directory(data) + 16, "<L", 1))
    assert archive.read("a", len(TEXT)) == TEXT
    assert len(archive.warnings) == 1


def test_an_encryption_flag_is_ignored_as_android_does() -> None:
    data = one()
    assert opened(patched(data, directory(data) + 8, "<H", 1)).read("a", len(TEXT)) == TEXT


def test_an_unknown_method_is_taken_as_stored() -> None:
    plain = one(method=zipfile.ZIP_STORED)
    assert opened(patched(plain, directory(plain) + 10, "<H", 777)).read("a", len(TEXT)) == TEXT
    packed = one()
    archive = opened(patched(packed, directory(packed) + 10, "<H", 777))
    with pytest.raises(BuildFileInvalid, match="unknown method 777"):
        archive.read("a", len(TEXT))


def test_zip64_records_are_read() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, archive.open("a", "w", force_zip64=True) as member:
        member.write(TEXT)
    data = out.getvalue()
    at = directory(data)
    end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(data) - END.size - at, at)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(data) - END.size, 1)
    last = END.pack(b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    assert opened(data[: -END.size] + end + locator + last).read("a", len(TEXT)) == TEXT
    # Tools that look at one record only would see another archive than those that look at the other.
    last = END.pack(b"PK\5\6", 0, 0, 1, 1, 46, at, 0)
    assert "disagree" in refusal(data[: -END.size] + end + locator + last).sentence


def test_junk_around_the_archive_is_told() -> None:
    data = one()
    for changed, place in ((b"#!/bin/sh\n" + data, "before"), (data + b"junk", "after")):
        archive = opened(changed)
        assert archive.read("a", len(TEXT)) == TEXT
        assert place in archive.warnings[0]


def test_a_comment_is_no_junk() -> None:
    out = zipped({"a": TEXT})
    with zipfile.ZipFile(out, "a") as archive:
        archive.comment = b"x" * 65_535
    read = Archive.open(out)
    assert read.read("a", len(TEXT)) == TEXT
    assert read.warnings == []


def test_what_android_would_refuse_is_refused() -> None:
    twice = zipped({"AndroidManifest.xml": b"1", "androidmanifest.xml": b"2"}).getvalue()
    problem = refusal(twice.replace(b"androidmanifest", b"AndroidManifest"))
    assert problem.code is ProcessingCode.CORRUPT_ARCHIVE
    assert "two entries named “AndroidManifest.xml”" in problem.sentence


def test_folders_may_be_listed_twice() -> None:
    twice = zipped({"res/": b"", "RES/": b""}).getvalue().replace(b"RES", b"res")
    assert "folder twice" in opened(twice).warnings[0]


def test_overlapping_members_are_a_bomb() -> None:
    data = zipped({"a": TEXT, "b": TEXT}, zipfile.ZIP_STORED).getvalue()
    second = directory(data) + ENTRY + 1
    problem = refusal(patched(data, second + 42, "<L", 10))
    assert problem.code is ProcessingCode.ARCHIVE_BOMB
    assert "overlaps" in problem.sentence


def test_a_member_that_reaches_into_the_next_one_is_a_bomb() -> None:
    data = zipped({"a": TEXT, "b": TEXT}, zipfile.ZIP_STORED).getvalue()
    archive = opened(patched(data, 28, "<H", 500))  # the first local header's extra field
    with pytest.raises(BuildFileInvalid, match="overlaps"):
        archive.read("a", len(TEXT))


def test_declared_sizes_beyond_reason_are_a_bomb() -> None:
    data = one()
    assert refusal(patched(data, directory(data) + 24, "<L", 1 << 30)).code is ProcessingCode.ARCHIVE_BOMB


def test_the_directory_has_an_upper_size() -> None:
    data = one()
    end = END.pack(b"PK\5\6", 0, 0, 1, 1, (64 << 20) + 1, directory(data), 0)
    assert refusal(data[: -END.size] + end).code is ProcessingCode.ARCHIVE_BOMB


def test_the_number_of_entries_has_an_upper_bound() -> None:
    count = 200_001
    entry = struct.Struct("<4s6H3L5H2L6s")
    entries = b"".join(
        entry.pack(b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, b"%06d" % i) for i in range(count)
    )
    end = END.pack(b"PK\5\6", 0, 0, count & 0xFFFF, count & 0xFFFF, len(entries), 0, 0)
    problem = refusal(entries + end)
    assert problem.code is ProcessingCode.ARCHIVE_BOMB
    assert "200,000" in problem.sentence


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda d: d[:-30], "no readable ZIP directory"),
        (lambda d: d[: len(d) // 2], "no readable ZIP directory"),
        (lambda d: patched(d, directory(d) + 42, "<L", len(d)), "outside"),
        (lambda d: patched(d, len(d) - END.size + 10, "<H", 9), "says that it has 9 entries, but 1 were found"),
    ],
)
def test_damage_is_named(damage: Callable[[bytes], bytes], sentence: str) -> None:
    problem = refusal(damage(one()))
    assert problem.code is ProcessingCode.CORRUPT_ARCHIVE
    assert sentence in problem.sentence


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda d: b"XX" + d[2:], "no file header"),
        (lambda d: d[: LOCAL + 1] + b"\xff" * 8 + d[LOCAL + 9 :], "damaged"),
        (lambda d: patched(d, directory(d) + 20, "<L", 20), "end too early"),
    ],
)
def test_damaged_members_are_named(damage: Callable[[bytes], bytes], sentence: str) -> None:
    archive = opened(damage(one()))
    with pytest.raises(BuildFileInvalid, match=sentence) as caught:
        archive.read("a", len(TEXT))
    assert caught.value.code is ProcessingCode.CORRUPT_ARCHIVE
    assert "“a”" in caught.value.sentence


def test_a_lying_length_does_not_hide_the_next_entry() -> None:
    data = zipped({"a": TEXT, "b": TEXT}).getvalue()
    archive = opened(patched(data, directory(data) + 30, "<H", 2000))  # the first entry's extra field
    assert list(archive.names()) == ["a", "b"]
    assert "damaged" in archive.warnings[0]


def test_names_of_strangers_are_cut_and_made_printable() -> None:
    archive = opened(one(name="x" * 500))
    with pytest.raises(BuildFileInvalid) as caught:
        archive.read("x" * 500, 10)
    assert len(caught.value.sentence) < 200


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=4))
def test_changed_bytes_give_members_or_a_refusal(changes: list[tuple[int, int]]) -> None:
    data = bytearray(zipped({"a": b"abc" * 20, "b": bytes(100), "c/": b""}).getvalue())
    for at, value in changes:
        data[at % len(data)] = value
    try:
        archive = Archive.open(io.BytesIO(bytes(data)))
        for name in archive.names():
            archive.read(name, 1 << 20)
    except BuildFileInvalid:
        pass


@pytest.mark.parametrize("row", rows("apk", "ipa", "xapk", "msix", "macos-app-zip"))
def test_real_archives_read_as_the_standard_library_reads_them(row: Row) -> None:
    try:
        reference = zipfile.ZipFile(row.file)
    except zipfile.BadZipFile:
        pytest.skip("the standard library refuses this one")
    if "sparkle-bad_header" in row.path:
        pytest.skip("bytes are missing at its start; we refuse it")
    with reference, row.file.open("rb") as file:
        archive = Archive.open(file)
        assert set(archive.names()) == set(reference.namelist())
        for info in reference.infolist()[:30]:
            if info.file_size < 1 << 20 and info.compress_type in {0, 8}:
                assert archive.read(info.filename, 1 << 20) == reference.read(info)
