"""Files taken apart and put together again around a changed part, so that damage gets past checksums and packing.

What cannot be taken apart has no parts: this is no reader, and damaged files come through here too.
"""

import base64
import bz2
import gzip
import lzma
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import zstandard

from tests.fuzz.images import disk_parts, png_parts

MAX_PART = 4 << 20
"""Bytes of the largest part that is taken out; larger ones are payload."""

_TELLING = re.compile(
    r"(manifest|\.xml$|\.arsc$|\.pb$|plist$|\.mobileprovision$|provisionprofile$|Assets\.car$|META-INF/|\.pri$|\.json$"
    r"|resources\.index$|\.apk$|\.appx$|\.msix$|\.hap$|\.hsp$|\.strings$|\.p7x$|BlockMap|pack\.info|toc\.pb|control"
    r"|desktop$|PackageInfo|Distribution|\.icns$|DWARF/|classes\d*\.dex$|\.so$|mapping|Payload$|Bom$)",
    re.IGNORECASE,
)
_SIGNING_MAGIC = b"APK Sig Block 42"


class Part(NamedTuple):
    """A part: how to get it, and how to make a file with another one in its place."""

    name: str
    content: Callable[[], bytes]
    put_back: Callable[[bytes], bytes]
    weight: float = 1


def parts_of(data: bytes) -> list[Part]:
    """List what a file is made of; nothing for what is in one piece."""
    try:
        for look in _CONTAINERS:
            found = [Part(*one) for one in look(data)]
            if found:
                return found
    except (ValueError, EOFError, OSError, LookupError, struct.error, zlib.error, MemoryError, OverflowError):
        pass
    return []


def weight_of(name: str) -> float:
    return 8 if _TELLING.search(name) else 0.5


def _zip_parts(data: bytes) -> Iterator[Part]:
    end = data.rfind(b"PK\5\6")
    if not data.startswith(b"PK") or end < 0 or end + 22 > len(data):
        return
    (start,) = struct.unpack_from("<L", data, end + 16)
    at = start
    for _ in range(3000):
        if data[at : at + 4] != b"PK\1\2" or at >= end:
            break
        method, packed, names = struct.unpack_from("<10xH8xL4xH", data, at)
        extra, comment = struct.unpack_from("<2H", data, at + 30)
        name = data[at + 46 : at + 46 + names].decode("utf-8", "replace")
        if packed < MAX_PART and not name.endswith("/"):
            yield Part(name, partial(_member, data, at, method), partial(_with_member, data, at), weight_of(name))
        at += 46 + names + extra + comment
    yield from _signing_block(data, start, end)


def _member(data: bytes, entry: int, method: int) -> bytes:
    packed, local = struct.unpack_from("<20xL18xL", data, entry)
    names, extra = struct.unpack_from("<26x2H", data, local)
    at = local + 30 + names + extra
    raw = data[at : at + packed]
    return zlib.decompressobj(-15).decompress(raw, MAX_PART) if method == 8 else raw


def _with_member(data: bytes, entry: int, content: bytes) -> bytes:
    """Add the new content behind the last member, and let the directory point there."""
    end = data.rfind(b"PK\5\6")
    (start,) = struct.unpack_from("<16xL", data, end)
    place = start - len(_block_before(data, start))
    method, names = struct.unpack_from("<10xH16xH", data, entry)
    name = data[entry + 46 : entry + 46 + names]
    packer = zlib.compressobj(1, wbits=-15)
    packed = packer.compress(content) + packer.flush() if method == 8 else content
    crc, sizes = zlib.crc32(content), (len(packed), len(content))
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0x800, method, 0, 0, crc, *sizes, len(name), 0) + name + packed
    changed = bytearray(data)
    struct.pack_into("<3L", changed, entry + 16, crc, *sizes)
    struct.pack_into("<L", changed, entry + 42, place)
    struct.pack_into("<L", changed, end + 16, start + len(local))
    changed[place:place] = local
    return bytes(changed)


def _block_before(data: bytes, directory: int) -> bytes:
    if data[directory - 16 : directory] != _SIGNING_MAGIC:
        return b""
    (size,) = struct.unpack_from("<Q", data, directory - 24)
    return data[directory - size - 8 : directory]


def _signing_block(data: bytes, directory: int, end: int) -> Iterator[Part]:
    block = _block_before(data, directory)
    if not block:
        return

    def put_back(pairs: bytes) -> bytes:
        size = struct.pack("<Q", len(pairs) + 24)
        whole = size + pairs + size + _SIGNING_MAGIC
        changed = bytearray(data)
        struct.pack_into("<L", changed, end + 16, directory - len(block) + len(whole))
        changed[directory - len(block) : directory] = whole
        return bytes(changed)

    yield Part("signing block", lambda: block[8:-24], put_back, 20)


def _ar_parts(data: bytes) -> Iterator[Part]:
    if not data.startswith(b"!<arch>\n"):
        return
    at = 8
    while at + 60 <= len(data):
        size = int(data[at + 48 : at + 58])
        name = data[at : at + 16].decode("ascii", "replace").strip()
        yield Part(
            name, partial(_slice, data, at + 60, size), partial(_with_ar_member, data, at, size), weight_of(name)
        )
        at += 60 + size + size % 2


def _slice(data: bytes, start: int, size: int) -> bytes:
    return data[start : start + size]


def _with_ar_member(data: bytes, at: int, size: int, content: bytes) -> bytes:
    head = data[at : at + 48] + b"%-10d" % len(content) + data[at + 58 : at + 60]
    return data[:at] + head + content + b"\n" * (len(content) % 2) + data[at + 60 + size + size % 2 :]


def _tar_parts(data: bytes) -> Iterator[Part]:
    if data[257:262] != b"ustar":
        return
    at = 0
    while at + 512 <= len(data) and data[at]:
        size = int(data[at + 124 : at + 135].rstrip(b"\0 ") or b"0", 8)
        name = data[at : at + 100].rstrip(b"\0").decode("utf-8", "replace")
        yield Part(
            name, partial(_slice, data, at + 512, size), partial(_with_tar_member, data, at, size), weight_of(name)
        )
        yield Part(f"{name} head", partial(_slice, data, at, 512), partial(_with_tar_head, data, at), 1)
        at += 512 + -(-size // 512) * 512


def _with_tar_member(data: bytes, at: int, size: int, content: bytes) -> bytes:
    head = data[at : at + 124] + b"%011o\0" % len(content) + data[at + 136 : at + 512]
    padded = content + bytes(-len(content) % 512)
    return data[:at] + _summed(head) + padded + data[at + 512 + -(-size // 512) * 512 :]


def _with_tar_head(data: bytes, at: int, head: bytes) -> bytes:
    return data[:at] + _summed(head[:512].ljust(512, b"\0")) + data[at + 512 :]


def _summed(head: bytes) -> bytes:
    blank = head[:148] + b" " * 8 + head[156:]
    return head[:148] + b"%06o\0 " % sum(blank) + head[156:]


def _xar_parts(data: bytes) -> Iterator[Part]:
    if not data.startswith(b"xar!"):
        return
    head, packed = struct.unpack_from(">4xH2xQ", data)
    table = zlib.decompress(data[head : head + packed])
    heap = data[head + packed :]

    def whole(toc: bytes, heap: bytes = heap) -> bytes:
        new = zlib.compress(toc, 1)
        return data[:8] + struct.pack(">2Q", len(new), len(toc)) + data[24:head] + new + heap

    yield Part("table of contents", lambda: table, whole, 10)
    for found in re.finditer(rb"<data>.*?</data>", table, re.DOTALL):
        numbers = [re.search(rb"<%s>(\d+)</%s>" % (key, key), found[0]) for key in (b"offset", b"length")]
        if all(numbers):
            offset, length = (int(number[1]) for number in numbers if number)
            content = partial(_xar_content, heap[offset : offset + length])
            yield Part("heap", content, partial(_with_xar_content, whole, table, heap, found[0]), 3)


def _xar_content(raw: bytes) -> bytes:
    return zlib.decompress(raw) if raw[:1] == b"\x78" else raw


def _with_xar_content(
    whole: Callable[[bytes, bytes], bytes], table: bytes, heap: bytes, entry: bytes, content: bytes
) -> bytes:
    packed = zlib.compress(content, 1) if b"gzip" in entry else content
    new = entry
    for key, value in ((b"offset", len(heap)), (b"length", len(packed)), (b"size", len(content))):
        new = re.sub(rb"<%s>\d+</%s>" % (key, key), b"<%s>%d</%s>" % (key, value, key), new, count=1)
    return whole(table.replace(entry, new, 1), heap + packed)


def _stream_parts(data: bytes) -> Iterator[Part]:
    """Find a compressed stream that goes to the end, as in packages of Linux."""
    for magic, unpack, pack in _STREAMS:
        at = data.find(magic, 0, 1 << 20)
        if at == 0 or (at > 0 and data.startswith(b"\xed\xab\xee\xdb")):
            yield Part("stream", partial(unpack, data[at:]), partial(_with_stream, data[:at], pack), 4)
            if at:
                yield Part("head", partial(_slice, data, 0, at), partial(_with_slice, data, 0, at), 6)
            return


def _with_stream(head: bytes, pack: Callable[[bytes], bytes], content: bytes) -> bytes:
    return head + pack(content)


def _with_slice(data: bytes, start: int, end: int, content: bytes) -> bytes:
    return data[:start] + content + data[end:]


_STREAMS: tuple[tuple[bytes, Callable[[bytes], bytes], Callable[[bytes], bytes]], ...] = (
    (
        b"\x1f\x8b\x08",
        lambda data: zlib.decompressobj(31).decompress(data, MAX_PART),
        partial(gzip.compress, compresslevel=1, mtime=0),
    ),
    (b"\xfd7zXZ\0", lambda data: lzma.LZMADecompressor().decompress(data, MAX_PART), partial(lzma.compress, preset=0)),
    (
        b"\x28\xb5\x2f\xfd",
        lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
        zstandard.ZstdCompressor(1).compress,
    ),
    (b"BZh", lambda data: bz2.BZ2Decompressor().decompress(data, MAX_PART), partial(bz2.compress, compresslevel=1)),
)


def _base64_parts(data: bytes) -> Iterator[Part]:
    """Find what property lists keep as base64."""
    if len(data) > MAX_PART or b"<data>" not in data:
        return
    for found in re.finditer(rb"<data>([A-Za-z0-9+/=\s]{8,})</data>", data):
        start, end = found.span(1)
        yield Part("base64", partial(base64.b64decode, found[1]), partial(_with_base64, data, start, end))
    yield Part("around base64", partial(bytes, data), bytes, 3)


def _with_base64(data: bytes, start: int, end: int, content: bytes) -> bytes:
    return _with_slice(data, start, end, base64.b64encode(content))


_CONTAINERS: tuple[
    Callable[[bytes], Iterator[tuple[str, Callable[[], bytes], Callable[[bytes], bytes], float]]], ...
] = (
    _zip_parts,
    _ar_parts,
    _tar_parts,
    _xar_parts,
    _stream_parts,
    png_parts,
    disk_parts,
    _base64_parts,
)
