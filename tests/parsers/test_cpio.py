"""Payloads of installers: compressed streams, and the cpio archives in them."""

import bz2
import gzip
import io
import itertools
import lzma
import struct
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import pytest

from seatrial.parsers.cpio import CpioInvalid, CpioStream
from seatrial.parsers.unpacking import PackedDataInvalid, Puller, unpacked, unxz
from tests.parsers.xar_files import cpio

FILES = {"./a": b"first", "./b/c": b"", "./d": b"x" * 100_001}
NEWC = "070701"


def newc(files: dict[str, bytes]) -> bytes:
    out = bytearray()
    for name, content in [*files.items(), ("TRAILER!!!", b"")]:
        raw = name.encode() + b"\0"
        numbers = (1, 0o100644, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(raw), 0)
        out += NEWC.encode() + b"".join(b"%08x" % n for n in numbers) + raw
        out += bytes(-len(out) % 4) + content
        out += bytes(-len(out) % 4)
    return bytes(out)


def pbzx(data: bytes, chunk: int = 40_000) -> bytes:
    out = io.BytesIO()
    out.write(b"pbzx" + struct.pack(">Q", chunk))
    for index, start in enumerate(range(0, len(data), chunk)):
        piece = data[start : start + chunk]
        packed = lzma.compress(piece) if index % 2 == 0 else piece  # what does not get smaller is left as it is
        out.write(struct.pack(">2Q", len(piece), len(packed)) + packed)
    return out.getvalue()


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[i : i + size] for i in range(0, len(data), size))


def content_of(pieces: Iterator[bytes]) -> dict[str, bytes]:
    archive = CpioStream(pieces)
    return {entry.name: b"".join(archive.content()) for entry in archive.entries()}


@pytest.mark.parametrize("write", [cpio, newc])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress, pbzx])
@pytest.mark.parametrize("size", [7, 1_000, 1 << 20])
def test_every_form_gives_the_files(
    write: Callable[[dict[str, bytes]], bytes], pack: Callable[[bytes], bytes], size: int
) -> None:
    assert content_of(unpacked(cut(pack(write(FILES)), size))) == FILES


def test_content_that_nobody_reads_is_passed_over() -> None:
    names = [entry.name for entry in CpioStream(iter([cpio(FILES)])).entries()]
    assert names == [*FILES]


def test_streams_behind_each_other_are_one() -> None:
    data = gzip.compress(b"one") + gzip.compress(b"two") + bytes(10)
    assert b"".join(unpacked([data])) == b"onetwo"
    assert b"".join(unpacked([lzma.compress(b"one") + lzma.compress(b"two")])) == b"onetwo"


def test_folders_and_links_are_told_apart_from_files() -> None:
    (entry,) = CpioStream(iter([cpio({"a": b""}, mode=0o040755)])).entries()
    assert not entry.regular


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"070707",
        b"junk" * 100,
        cpio(FILES)[:-50],
        cpio(FILES)[:100],
        b"070707" + b"z" * 70,
        b"070707" + b"-00001" * 11 + b"0000",
        b"070701" + b"ffffffff" * 13,
        newc(FILES)[:120],
    ],
)
def test_damaged_archives_are_refused(data: bytes) -> None:
    with pytest.raises(CpioInvalid):
        content_of(iter([data]))


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, pbzx])
def test_damaged_streams_are_refused(pack: Callable[[bytes], bytes]) -> None:
    data = pack(bytes(range(256)) * 2_000)
    broken = bytearray(data)
    broken[len(data) // 2] ^= 0xFF
    broken[-9] ^= 0xFF
    with pytest.raises(PackedDataInvalid):
        list(unpacked([bytes(broken)]))
    with pytest.raises(PackedDataInvalid):
        list(unpacked([data[:-30]]))


def test_an_xz_stream_may_not_ask_for_much_memory() -> None:
    data = bytearray(lzma.compress(b"a"))
    assert data[14:16] == b"\x21\x01"  # the LZMA2 filter with one byte of properties: its dictionary's size
    data[16] = 40  # 4 GiB
    end = 12 + (data[12] + 1) * 4
    data[end - 4 : end] = zlib.crc32(data[12 : end - 4]).to_bytes(4, "little")
    with pytest.raises(PackedDataInvalid, match="emory"):
        list(unxz([bytes(data)]))


def test_a_bomb_takes_the_memory_of_a_piece() -> None:
    bomb = gzip.compress(bytes(100 << 20))
    tracemalloc.start()
    total = sum(map(len, unpacked([bomb])))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total == 100 << 20
    assert peak < 4 << 20


def test_a_puller_cuts_where_it_is_asked_to() -> None:
    puller = Puller(itertools.repeat(b"abc", 4))
    assert puller.read(4) == b"abca"
    assert puller.skip(3) == 3
    assert puller.position == 7
    assert puller.read(100) == b"bcabc"
    assert puller.read(1) == b""
    assert puller.skip(5) == 0
