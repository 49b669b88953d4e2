"""Disk images and pictures taken apart for `containers`."""

import io
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache, partial

from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers.disk import DiskUnreadable
from seatrial.parsers.udif import UdifImage
from tests.parsers.disk_files import BLOCK, RAW, SECTOR, ZLIB, fletcher, udif

MAX_DISK = 8 << 20
"""Bytes of the largest disk that is unpacked from an image."""

Taken = tuple[str, Callable[[], bytes], Callable[[bytes], bytes], float]
"""The fields of `containers.Part`."""


def disk_parts(data: bytes) -> Iterator[Taken]:
    """Unpack the disk of an image, so that its volume can be damaged."""
    if data[-512:-508] != b"koly" or len(data) > MAX_DISK:
        return
    disk = _disk(data)
    if disk:
        yield "disk", lambda: disk, partial(_packed, disk), 3
    start, size = struct.unpack_from(">2Q", data, len(data) - 512 + 216)
    table = data[start : start + size]
    if table:
        yield "tables", lambda: table, partial(_with_table, data, start, size), 2
        yield "trailer", lambda: data[-512:], lambda new: data[:-512] + new[:512].ljust(512, b"\0"), 1


@lru_cache(4)
def _disk(data: bytes) -> bytes:
    try:
        image = UdifImage(io.BytesIO(data))
        return image.read_at(0, image.size) if image.size <= MAX_DISK else b""
    except (BuildFileInvalid, DiskUnreadable):
        return b""


def _packed(before: bytes, disk: bytes) -> bytes:
    """Make an image again; blocks of APFS get their checksums right."""
    if b"NXSB" in before[: 1 << 16]:
        whole = bytearray(disk)
        for at in range(0, min(len(before), len(disk)) - BLOCK + 1, BLOCK):
            old = before[at : at + BLOCK]
            if disk[at : at + BLOCK] != old and any(old) and fletcher(old) == old:
                whole[at : at + BLOCK] = fletcher(bytes(whole[at : at + BLOCK]))
        disk = bytes(whole)
    return udif(disk + bytes(-len(disk) % SECTOR), ZLIB if len(disk) > 1 << 20 else RAW, 512)


def _with_table(data: bytes, start: int, size: int, table: bytes) -> bytes:
    tail = bytearray(data[-512:])
    struct.pack_into(">2Q", tail, 216, start, len(table))
    return data[:start] + table + data[start + size : -512] + bytes(tail)


def png_parts(data: bytes) -> Iterator[Taken]:
    """Damage chunks and keep their checksums right; what is packed in them too."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return
    at = 8
    while at + 12 <= len(data):
        (size,) = struct.unpack_from(">L", data, at)
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        name = re.sub(rb"\W", b"?", kind).decode("ascii", "replace")
        yield name, partial(bytes, content), partial(_with_chunk, data, at, size, kind), 2
        if kind == b"IDAT" and content[:1] == b"\x78":
            yield name, partial(_inflated, content), partial(_with_deflated, data, at, size), 1
        at += 12 + size


def _inflated(content: bytes) -> bytes:
    return zlib.decompressobj().decompress(content, MAX_DISK)


def _with_chunk(data: bytes, at: int, size: int, kind: bytes, content: bytes) -> bytes:
    whole = kind + content
    return (
        data[:at]
        + struct.pack(">L", len(content))
        + whole
        + struct.pack(">L", zlib.crc32(whole))
        + data[at + 12 + size :]
    )


def _with_deflated(data: bytes, at: int, size: int, content: bytes) -> bytes:
    return _with_chunk(data, at, size, b"IDAT", zlib.compress(content, 1))
