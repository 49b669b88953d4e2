"""ISO 9660 images with Rock Ridge names and zisofs packing, as AppImages of type 1 are.

Format: ECMA-119 (volume descriptor 8.4, directory record 9.1); IEEE P1281 (SUSP) and P1282 (Rock Ridge: NM, SL);
zisofs as the Linux kernel's fs/isofs/compress.c reads it (ZF).
"""

import struct
import zlib
from itertools import pairwise
from typing import BinaryIO, NamedTuple

from seatrial.parsers.file_tree import MAX_LINK, MAX_NAMES, ImageUnreadable

SECTOR = 2048
DESCRIPTOR = 16 * SECTOR
"""Where the first volume descriptor is."""
MAX_FOLDER = 4 << 20

MAX_FIELDS = 1_000_000
"""Rock Ridge fields that are looked at, all names together; each name has about six."""

_FOLDER = 0x02
_MAX_CONTINUATIONS = 8
_ZISOFS = b"\x37\xe4\x53\x96\xc9\xdb\xd6\x07"


class Record(NamedTuple):
    """A file, folder or link."""

    extent: int
    size: int
    is_folder: bool
    link: str | None
    packed: bool


class Iso9660:
    """An image in a file, from its start on; raises `ImageUnreadable` for whatever is wrong with it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._names = self._fields = 0
        descriptor = self._at(DESCRIPTOR, SECTOR)
        if len(descriptor) < SECTOR or descriptor[1:6] != b"CD001" or descriptor[128:130] != b"\0\x08":
            raise ImageUnreadable("it is no ISO 9660 image with sectors of 2,048 bytes")
        extent, size = struct.unpack_from("<I4xI", descriptor, 158)  # in the root's record, which starts at 156
        self._root = Record(extent, size, is_folder=True, link=None, packed=False)

    @property
    def root(self) -> Record:
        """The folder at the top."""
        return self._root

    def children(self, node: Record) -> dict[str, Record]:
        """List a folder; nothing for what is no folder."""
        if not node.is_folder:
            return {}
        if node.size > MAX_FOLDER:
            raise ImageUnreadable("a folder has too many entries")
        data = self._at(node.extent * SECTOR, node.size)
        found: dict[str, Record] = {}
        at = 0
        while at < len(data):
            length = data[at]
            if length == 0:  # records do not cross sectors
                at = (at // SECTOR + 1) * SECTOR
                continue
            record = data[at : at + length]
            self._names += 1
            if length < 34 or len(record) < length or self._names > MAX_NAMES:
                raise ImageUnreadable("a folder is damaged or has too many entries")
            if record[32:34] not in {b"\x01\0", b"\x01\x01"}:  # the folder itself, and the one above
                name, child = self._record(record)
                found[name] = child
            at += length
        return found

    def target(self, node: Record) -> str | None:
        """Give where a symbolic link leads; `None` for what is none."""
        return node.link

    def content(self, node: Record, limit: int) -> bytes:
        """Read a file of at most `limit` bytes."""
        if node.is_folder or node.link is not None:
            raise ImageUnreadable("what should be a file is none")
        if node.size > limit:
            raise ImageUnreadable(f"a file has {node.size:,} bytes; {limit:,} are allowed")
        data = self._at(node.extent * SECTOR, node.size)
        if len(data) < node.size:
            raise ImageUnreadable("it ends inside a file")
        return _unpacked(data, limit) if node.packed and data.startswith(_ZISOFS) else data

    def _record(self, record: bytes) -> tuple[str, Record]:
        extent, size = struct.unpack_from("<I4xI", record, 2)
        end = 33 + record[32]
        plain = record[33:end].decode("ascii", "replace").partition(";")[0].rstrip(".").lower()
        name, link, packed = self._extensions(record[end + (1 - record[32] % 2) :])
        return name or plain, Record(extent, size, bool(record[25] & _FOLDER), link, packed)

    def _extensions(self, area: bytes) -> tuple[str, str | None, bool]:
        """Read Rock Ridge fields: name, link, and whether the file is packed."""
        name, links, packed = b"", _Link(), False
        for _ in range(_MAX_CONTINUATIONS):
            following: bytes | None = None
            while len(area) >= 4 and 4 <= area[2] <= len(area):
                kind, field = area[:2], area[4 : area[2]]
                self._fields += 1
                if self._fields > MAX_FIELDS:
                    raise ImageUnreadable("its names are damaged")
                if kind == b"NM" and len(field) > 1 and not field[0] & 0x06:  # not a name for `.` or `..`
                    name += field[1:]
                elif kind == b"SL":
                    links.add(field[1:])
                elif kind == b"ZF":
                    packed = packed or field.startswith(b"pz")
                elif kind == b"CE" and len(field) >= 24:
                    block, offset, size = (int.from_bytes(field[i : i + 4], "little") for i in (0, 8, 16))
                    following = self._at(block * SECTOR + min(offset, SECTOR), min(size, SECTOR))
                area = area[area[2] :]
            if following is None:
                break
            area = following
        return name[:MAX_LINK].decode("utf-8", "replace"), links.path(), packed

    def _at(self, offset: int, size: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(size)


class _Link:
    """Puts the parts of a symbolic link together (P1282, 4.1.3)."""

    def __init__(self) -> None:
        self._parts: list[str] | None = None
        self._goes_on = False

    def add(self, components: bytes) -> None:
        parts = self._parts = self._parts or []
        at = 0
        while at + 2 <= len(components) and len(parts) < MAX_LINK // 2:
            flags, length = components[at], components[at + 1]
            text = components[at + 2 : at + 2 + length].decode("utf-8", "replace")
            special = "." if flags & 2 else ".." if flags & 4 else "" if flags & 8 else None
            if self._goes_on and parts and special is None:
                parts[-1] += text
            else:
                parts.append(text if special is None else special)
            self._goes_on = bool(flags & 1)
            at += 2 + length

    def path(self) -> str | None:
        return "/".join(self._parts)[:MAX_LINK] if self._parts is not None else None


def _unpacked(data: bytes, limit: int) -> bytes:
    """Unpack zisofs: a header, the places of all blocks, and blocks of zlib data; an empty one is all zeros."""
    size, header, block_log = struct.unpack_from("<I2B", data.ljust(16, b"\0"), 8)
    if size > limit or not 15 <= block_log <= 17:
        raise ImageUnreadable("a packed file is too large, or damaged")
    block = 1 << block_log
    count = -(-size // block)
    start, table = header * 4, 4 * (count + 1)
    if start + table > len(data):
        raise ImageUnreadable("a packed file is damaged")
    places = struct.unpack_from(f"<{count + 1}I", data, start)
    parts: list[bytes] = []
    for number, (here, following) in enumerate(pairwise(places)):
        length = min(block, size - number * block)
        try:
            part = zlib.decompressobj().decompress(data[here:following], length) if following > here else bytes(length)
        except zlib.error as problem:
            raise ImageUnreadable(f"a packed file is damaged ({problem})") from None
        parts.append(part)
    return b"".join(parts)
