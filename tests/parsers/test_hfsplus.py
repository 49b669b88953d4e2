"""HFS+ volumes in what xorriso does not write: packed files, scattered files, links, and old wrappers."""

import struct
import zlib

import pytest

from seatrial.parsers.disk import DiskUnreadable, PlainDisk
from seatrial.parsers.hfsplus import HfsVolume, is_hfs
from tests.parsers.disk_files import file_like

BLOCK = 512
NODE = 1024
TEXT = b"some words that repeat, some words that repeat. " * 60


class Hfs:
    """A volume whose trees have one leaf each."""

    def __init__(self) -> None:
        self.blocks: list[bytes] = [bytes(BLOCK)] * 4
        self.catalog: list[tuple[bytes, bytes]] = []
        self.attributes: list[tuple[bytes, bytes]] = []
        self.extents: list[tuple[bytes, bytes]] = []
        self.next = 16

    def store(self, content: bytes, *, scattered: bool = False) -> list[tuple[int, int]]:
        """Put content into blocks and give its runs."""
        runs = []
        pieces = [content[i : i + BLOCK].ljust(BLOCK, b"\0") for i in range(0, len(content), BLOCK)]
        if not scattered:
            first = len(self.blocks)
            self.blocks += pieces
            return [(first, len(pieces))] if pieces else []
        for piece in pieces:
            runs.append((len(self.blocks), 1))
            self.blocks += [piece, b"\xee" * BLOCK]
        return runs

    def fork(self, content: bytes, number: int = 0, *, kind: int = 0, scattered: bool = False) -> bytes:
        """Describe content; runs from the ninth on go to the extents overflow file."""
        runs = self.store(content, scattered=scattered)
        covered = 8
        for at in range(8, len(runs), 8):
            some = runs[at : at + 8]
            self.extents.append((struct.pack(">BxLL", kind, number, covered), extents(some)))
            covered += sum(count for _, count in some)
        return struct.pack(">QLL", len(content), 0, -(-len(content) // BLOCK)) + extents(runs[:8])

    def file(
        self,
        name: str,
        content: bytes = b"",
        resources: bytes = b"",
        *,
        packed: bytes | None = None,
        scattered: bool = False,
        link: bool = False,
    ) -> None:
        """Add a file to the folder at the top."""
        number = self.next
        self.next += 1
        record = struct.pack(">H6x", 2) + struct.pack(">L", number)
        record = record.ljust(41, b"\0") + bytes([0 if packed is None else 0x20])
        record = record.ljust(48, b"\0") + (b"slnkrhap" if link else bytes(8))
        record = record.ljust(88, b"\0") + self.fork(content, number, scattered=scattered)
        record += self.fork(resources, number, kind=0xFF, scattered=scattered)
        raw = name.encode("utf-16-be")
        self.catalog.append((struct.pack(">LH", 2, len(name)) + raw, record))
        for attribute, value in (("a", b"other"), ("com.apple.decmpfs", packed), ("z", b"other")):
            if value is not None:
                key = struct.pack(">HLLH", 0, number, 0, len(attribute)) + attribute.encode("utf-16-be")
                self.attributes.append((key, struct.pack(">L8xL", 0x10, len(value)) + value))

    def disk(self) -> bytes:
        """Write the volume."""
        header = bytearray(512)
        header[:2] = b"H+"
        struct.pack_into(">L", header, 40, BLOCK)
        header[272:352] = self.fork(tree(sorted(self.catalog)))
        if self.extents:
            ordered = sorted(self.extents, key=lambda each: (each[0][2:6], each[0][:1], each[0][6:]))
            header[192:272] = self.fork(tree(ordered))
        header[352:432] = self.fork(tree(self.attributes))
        disk = bytearray(b"".join(self.blocks))
        disk[1024:1536] = header
        return bytes(disk).ljust(8192, b"\0")


def extents(runs: list[tuple[int, int]]) -> bytes:
    return b"".join(struct.pack(">2L", *run) for run in runs).ljust(64, b"\0")


def tree(records: list[tuple[bytes, bytes]]) -> bytes:
    """Write a B-tree: its header, an index where there is more than one leaf, and the leaves."""
    leaves: list[list[tuple[bytes, bytes]]] = [[]]
    for record in records:
        if sum(len(k) + len(v) + 6 for k, v in [*leaves[-1], record]) > NODE - 40:
            leaves.append([])
        leaves[-1].append(record)
    root = 1 if len(leaves) == 1 else len(leaves) + 1
    head = struct.pack(">LLbBH2x", 0, 0, 1, 0, 3) + struct.pack(">HLLLLH", 1, root, len(records), 1, len(leaves), NODE)
    nodes = [head.ljust(NODE, b"\0")]
    for number, leaf in enumerate(leaves, 1):
        nodes.append(node(leaf, -1, number + 1 if number < len(leaves) else 0))
    if len(leaves) > 1:
        nodes.append(node([(leaf[0][0], struct.pack(">L", n)) for n, leaf in enumerate(leaves, 1)], 0, 0))
    return b"".join(nodes)


def node(records: list[tuple[bytes, bytes]], kind: int, following: int) -> bytes:
    out = bytearray(struct.pack(">LLbBH2x", following, 0, kind, 1, len(records)))
    offsets = []
    for key, value in records:
        offsets.append(len(out))
        out += struct.pack(">H", len(key)) + key + bytes(len(key) & 1) + value
        out += bytes(len(out) & 1)
    offsets.append(len(out))
    table = b"".join(struct.pack(">H", offset) for offset in reversed(offsets))
    assert len(out) + len(table) <= NODE
    return bytes(out).ljust(NODE - len(table), b"\0") + table


def content(volume: HfsVolume) -> dict[str, bytes]:
    found = {}
    for each in volume.children(volume.root):
        found[each.name] = b"".join(volume.stream(each))
        assert each.size == len(found[each.name])
    return found


def opened(disk: bytes) -> HfsVolume:
    assert is_hfs(disk[:1536])
    return HfsVolume(PlainDisk(file_like(disk)))


def test_many_files_are_found_across_the_leaves_of_the_tree() -> None:
    hfs = Hfs()
    names = [f"file {index:03}" for index in range(40)]
    for name in names:
        hfs.file(name, name.encode())
    assert content(opened(hfs.disk())) == {name: name.encode() for name in names}


def test_scattered_files_are_put_together() -> None:
    hfs = Hfs()
    long = bytes(range(256)) * 60
    hfs.file("a", long, scattered=True)
    hfs.file("b", long[:7_000], scattered=True)
    assert content(opened(hfs.disk())) == {"a": long, "b": long[:7_000]}


def test_links_are_left_out_and_names_are_those_that_programs_see() -> None:
    hfs = Hfs()
    hfs.file("a/b", b"1")
    hfs.file("link", b"target", link=True)
    hfs.file("o\u0308", b"2")
    assert content(opened(hfs.disk())) == {"a:b": b"1", "ö": b"2"}


def header(kind: int, size: int) -> bytes:
    return struct.pack("<4sLQ", b"fpmc", kind, size)


def test_packed_files_are_unpacked() -> None:
    packed = zlib.compress(TEXT)
    chunk = struct.pack("<3L", 1, 12, len(packed)) + packed
    fork = struct.pack(">4L", 256, 0, 0, 0).ljust(256, b"\0") + struct.pack(">L", len(chunk)) + chunk + bytes(50)
    hfs = Hfs()
    hfs.file("inside", packed=header(3, len(TEXT)) + packed)
    hfs.file("fork", resources=fork, packed=header(4, len(TEXT)))
    hfs.file("plain", b"as it is")
    assert content(opened(hfs.disk())) == {"inside": TEXT, "fork": TEXT, "plain": b"as it is"}


def test_a_packed_file_without_its_content_is_told() -> None:
    hfs = Hfs()
    hfs.file("a", packed=header(4, 100))
    volume = opened(hfs.disk())
    (each,) = volume.children(volume.root)
    with pytest.raises(DiskUnreadable):
        list(volume.stream(each))


def test_a_volume_in_the_wrapper_of_an_old_one_is_read() -> None:
    hfs = Hfs()
    hfs.file("a", b"1")
    inner = hfs.disk()
    wrapper = bytearray(4096)
    wrapper[1024:1026] = b"BD"
    struct.pack_into(">L", wrapper, 1024 + 20, 1024)
    struct.pack_into(">H", wrapper, 1024 + 28, 4)  # in sectors: where the blocks begin
    struct.pack_into(">2s2H", wrapper, 1024 + 124, b"H+", 2, len(inner) // 1024)
    assert content(opened(bytes(wrapper) + inner)) == {"a": b"1"}


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (1024, b"HZ"),
        (1024 + 40, bytes(4)),
        (1024 + 40, b"\xff" * 4),
        (1024 + 288, b"\xff" * 8),
    ],
)
def test_a_damaged_header_is_refused(at: int, value: bytes) -> None:
    hfs = Hfs()
    hfs.file("a", b"1")
    disk = bytearray(hfs.disk())
    disk[at : at + len(value)] = value
    with pytest.raises(DiskUnreadable):
        content(HfsVolume(PlainDisk(file_like(bytes(disk)))))


def test_leaves_that_follow_each_other_in_a_circle_come_to_an_end() -> None:
    hfs = Hfs()
    for index in range(20):
        hfs.file(f"{index:02}", b"")
    disk = bytearray(hfs.disk())
    catalog = struct.unpack_from(">L", disk, 1024 + 288)[0] * BLOCK
    for number in range(1, 4):
        struct.pack_into(">L", disk, catalog + number * NODE, 1)
    with pytest.raises(DiskUnreadable):
        sum(1 for _ in opened(bytes(disk)).children(opened(bytes(disk)).root))
