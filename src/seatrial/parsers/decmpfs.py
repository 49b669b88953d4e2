"""Files that HFS+ and APFS volumes keep packed, behind the attribute `com.apple.decmpfs`.

Layout: the open source of Apple's AppleFSCompression and xnu (`bsd/sys/decmpfs.h`): a header of 16 bytes (magic, type,
unpacked size), then the content itself, or chunks of 64 KiB in the resource fork.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise

from seatrial.parsers import apple_compression
from seatrial.parsers.apple_compression import CompressionUnreadable
from seatrial.parsers.disk import DiskUnreadable
from seatrial.parsers.unpacking import Puller

ATTRIBUTE = "com.apple.decmpfs"
CHUNK = 64 << 10
MAX_CHUNKS = 65_536
_HEADER = struct.Struct("<4sLQ")
_MAGIC = b"fpmc"
_DAMAGED = "a packed file on it is damaged"
_ZLIB, _LZVN, _STORED, _LZFSE = "zlib", "lzvn", "stored", "lzfse"
# Type: how it is packed, and whether its chunks are in the resource fork.
_TYPES = {
    1: (_STORED, False),
    3: (_ZLIB, False),
    4: (_ZLIB, True),
    7: (_LZVN, False),
    8: (_LZVN, True),
    9: (_STORED, False),
    10: (_STORED, True),
    11: (_LZFSE, False),
    12: (_LZFSE, True),
}
_BARE = {_ZLIB: 0xFF, _LZVN: 0x06, _STORED: 0xCC, _LZFSE: 0xFF}
"""First bytes of chunks that are not packed after all."""


def size_of(attribute: bytes) -> int:
    """Give the unpacked size that the attribute states; 0 for one that is none."""
    if len(attribute) < _HEADER.size or attribute[:4] != _MAGIC:
        return 0
    return int(_HEADER.unpack_from(attribute)[2])


def unpack(attribute: bytes, resources: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    """Give a packed file's content in pieces; `resources` gives its resource fork. Raise `DiskUnreadable`."""
    if len(attribute) < _HEADER.size or attribute[:4] != _MAGIC:
        raise DiskUnreadable(_DAMAGED)
    _, kind, size = _HEADER.unpack_from(attribute)
    if kind not in _TYPES:
        raise DiskUnreadable(f"a file on it is packed in a way that is not known here (type {kind})")
    method, forked = _TYPES[kind]
    if not forked:
        if size > CHUNK:
            raise DiskUnreadable(_DAMAGED)
        content = attribute[_HEADER.size :]
        yield content[:size] if kind == 1 else _chunk(content, method, size)
        return
    source = Puller(resources())
    done = 0
    for length in _lengths(source, method):
        if length > 2 * CHUNK:
            raise DiskUnreadable(_DAMAGED)
        chunk = _chunk(source.read(length), method, min(CHUNK, size - done))
        done += len(chunk)
        yield chunk
    if done != size:
        raise DiskUnreadable(_DAMAGED)


def _lengths(source: Puller, method: str) -> Iterator[int]:
    """Read the table of chunks; leave the source at the first one."""
    if method == _ZLIB:  # a resource fork with one resource: a count, then places counted from there
        source.skip(int.from_bytes(source.read(4)) - 4 + 4)
        count = int.from_bytes(source.read(4), "little")
        if count > MAX_CHUNKS:
            raise DiskUnreadable(_DAMAGED)
        table = source.read(8 * count)
        if len(table) < 8 * count:
            raise DiskUnreadable(_DAMAGED)
        return iter([length for _, length in struct.iter_unpack("<2L", table)])
    first = int.from_bytes(source.read(4), "little")  # the first place is also the table's length
    if not 4 <= first <= 4 * MAX_CHUNKS or first % 4:
        raise DiskUnreadable(_DAMAGED)
    places = [first, *(each for (each,) in struct.iter_unpack("<L", source.read(first - 4)))]
    lengths = [end - start for start, end in pairwise(places)]
    if any(length < 0 for length in lengths):
        raise DiskUnreadable(_DAMAGED)
    return iter(lengths)


def _chunk(data: bytes, method: str, size: int) -> bytes:
    if size <= 0 or len(data) > 2 * CHUNK:
        raise DiskUnreadable(_DAMAGED)
    if data[:1] and (data[0] == _BARE[method] or (method == _ZLIB and data[0] & 0xF == 0xF)):
        return data[1 : 1 + size]
    try:
        if method == _ZLIB:
            found = zlib.decompressobj().decompress(data, size)
        else:
            found = apple_compression.unpacked(data, size)
    except (zlib.error, CompressionUnreadable):
        raise DiskUnreadable(_DAMAGED) from None
    if len(found) < size:
        raise DiskUnreadable(_DAMAGED)
    return found
