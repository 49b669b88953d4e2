"""APFS volumes: folders, files, packed files, and damage."""

import contextlib
import struct
import zlib
from itertools import islice

import lzfse  # type: ignore[import-untyped]  # it has no type information
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.parsers.apfs import ApfsVolume
from seatrial.parsers.disk import DiskEncrypted, DiskUnreadable, Node, PlainDisk
from tests.parsers.disk_files import BLOCK, Apfs, file_like


def opened(apfs: Apfs) -> ApfsVolume:
    return ApfsVolume(PlainDisk(file_like(apfs.disk())))


def files(volume: ApfsVolume, folder: Node | None = None, path: str = "", depth: int = 0) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for node in volume.children(folder or volume.root):
        if not node.folder:
            found[path + node.name] = b"".join(volume.stream(node))
            assert node.size == len(found[path + node.name])
        elif depth < 10:
            found |= files(volume, node, f"{path}{node.name}/", depth + 1)
    return found


def filled(apfs: Apfs) -> Apfs:
    app = apfs.folder(2, "Demo.app")
    apfs.file(apfs.folder(app, "Contents"), "Info.plist", b"<plist/>")
    apfs.file(app, "large", b"0123456789" * 5_000)
    apfs.file(2, "empty", b"")
    apfs.link(2, "Applications")
    return apfs


EXPECTED = {"Demo.app/Contents/Info.plist": b"<plist/>", "Demo.app/large": b"0123456789" * 5_000, "empty": b""}


@pytest.mark.parametrize("hashed", [True, False])
@pytest.mark.parametrize("split", [True, False])
def test_folders_and_files_are_read_and_links_are_not(*, hashed: bool, split: bool) -> None:
    assert files(opened(filled(Apfs(hashed=hashed, split=split)))) == EXPECTED


def test_names_are_composed_as_property_lists_write_them() -> None:
    apfs = Apfs()
    apfs.file(2, "Cafe\u0301", b"x")
    assert [*files(opened(apfs))] == ["Café"]


def test_a_hole_is_zeros() -> None:
    apfs = Apfs()
    apfs.file(2, "sparse", b"end", hole=2 * BLOCK)
    assert files(opened(apfs)) == {"sparse": bytes(2 * BLOCK) + b"end"}


def header(kind: int, size: int) -> bytes:
    return struct.pack("<4sLQ", b"fpmc", kind, size)


TEXT = b"the same words and the same words again and again, " * 3_000


def chunked(kind: int) -> bytes:
    chunks = [TEXT[i : i + 65536] for i in range(0, len(TEXT), 65536)]
    if kind == 4:
        packed = [zlib.compress(chunk) for chunk in chunks]
        places, at = [], 4 + 8 * len(packed)
        for chunk in packed:
            places.append((at, len(chunk)))
            at += len(chunk)
        table = struct.pack("<L", len(packed)) + b"".join(struct.pack("<2L", *place) for place in places)
        content = table + b"".join(packed)
        return struct.pack(">4L", 256, 260 + len(content), 4 + len(content), 50).ljust(256, b"\0") + (
            struct.pack(">L", len(content)) + content + bytes(50)
        )
    packed = [bytes(lzfse.compress(chunk)) if kind == 12 else b"\xcc" + chunk for chunk in chunks]
    places_after = [4 * (len(packed) + 1)]
    for chunk in packed:
        places_after.append(places_after[-1] + len(chunk))
    return b"".join(struct.pack("<L", place) for place in places_after) + b"".join(packed)


@pytest.mark.parametrize("kind", [4, 10, 12])
def test_packed_files_with_chunks_in_the_resource_fork(kind: int) -> None:
    apfs = Apfs()
    apfs.file(2, "packed", b"", packed=header(kind, len(TEXT)), resources=chunked(kind))
    assert files(opened(apfs)) == {"packed": TEXT}


@pytest.mark.parametrize(
    ("kind", "content"),
    [(3, zlib.compress(TEXT[:900])), (3, b"\xff" + TEXT[:900]), (9, b"\xcc" + TEXT[:900]), (1, TEXT[:900])],
)
def test_packed_files_with_all_of_it_in_the_attribute(kind: int, content: bytes) -> None:
    apfs = Apfs()
    apfs.file(2, "packed", b"", packed=header(kind, 900) + content)
    assert files(opened(apfs)) == {"packed": TEXT[:900]}


@pytest.mark.parametrize(
    "attribute",
    [
        b"",
        b"junk" * 10,
        header(99, 10) + b"x" * 10,
        header(3, 1 << 60) + zlib.compress(b"x"),
        header(3, 100) + zlib.compress(b"x"),
        header(3, 100) + b"junk",
        header(4, 100),
        header(12, 100),
        header(11, 100) + b"bvx2" + b"\xff" * 60,
    ],
)
def test_damaged_packed_files_are_told(attribute: bytes) -> None:
    apfs = Apfs()
    apfs.file(2, "packed", b"", packed=attribute, resources=b"\xff" * 300)
    volume = opened(apfs)
    (node,) = volume.children(volume.root)
    with pytest.raises(DiskUnreadable):
        list(volume.stream(node))


def test_encrypted_volumes_are_told() -> None:
    with pytest.raises(DiskEncrypted):
        opened(filled(Apfs(encrypted=True)))


def test_a_container_without_a_sound_superblock_is_refused() -> None:
    data = bytearray(filled(Apfs()).disk())
    data[200] ^= 1
    data[2 * BLOCK + 200] ^= 1
    with pytest.raises(DiskUnreadable):
        ApfsVolume(PlainDisk(file_like(bytes(data))))


def test_other_bytes_are_no_container() -> None:
    with pytest.raises(DiskUnreadable):
        ApfsVolume(PlainDisk(file_like(bytes(BLOCK))))


_DISK = filled(Apfs(split=True)).disk()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(_DISK) - 1), st.integers(0, 255)), min_size=1, max_size=10))
def test_changed_bytes_give_files_or_a_refusal(changes: list[tuple[int, int]]) -> None:
    data = bytearray(_DISK)
    for at, value in changes:
        data[at % (12 * BLOCK) if at % 2 else at] = value
    with contextlib.suppress(DiskUnreadable):
        volume = ApfsVolume(PlainDisk(file_like(bytes(data))))
        for node in volume.children(volume.root):
            list(volume.children(node) if node.folder else islice(volume.stream(node), 9))
