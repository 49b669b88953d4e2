"""Bounded, random-access reading of ZIP archives from strangers.

Format: APPNOTE.TXT 6.3.10 (PKWARE), sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14-4.3.16
(the end records). The standard library's reader is not used: it trusts declared sizes, does not see
overlapping members in every version, and builds an object graph per entry. Leniency follows Android's installer,
which ignores the encryption bit and takes unknown compression methods as stored; what could make two tools see
different content is refused. Nothing is ever written to disk, so names cannot lead anywhere.
"""

import io
import struct
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple, Self

from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import limits
from seatrial.parsers.archive_index import LOCAL, U16, U32, Directory, read_index, widened
from seatrial.parsers.archive_refusals import corrupt, overlapping, shown

__all__ = ["Archive", "Member", "corrupt", "overlapping", "shown"]

_CHUNK = 64 << 10
_OUTPUT = 256 << 10
_LARGE = 1 << 20
_MOST_DEFLATED = 1032  # bytes that one byte of Deflate can stand for; what is said beyond is a lie
_END = struct.Struct("<4s4H2LH")  # 4.3.16
_END64 = struct.Struct("<4sQ2H2L4Q")  # 4.3.14
_LOCATOR64 = struct.Struct("<4sLQL")  # 4.3.15
_ENTRY = struct.Struct("<8x2H4x3L3H8xL")  # 4.3.12, only what is used
_STORED, _DEFLATED = 0, 8


class Member(NamedTuple):
    """One entry of the central directory; `offset` is the local header's place in the file."""

    name: str
    size: int
    compressed_size: int
    method: int
    offset: int
    flags: int
    crc: int


class Archive:
    """A ZIP file: its directory in memory, its members read on demand.

    `warnings` collects sentences for people about what was odd but readable; reading members may add some.
    """

    def __init__(self, file: BinaryIO, file_size: int, directory: Directory, warnings: list[str]) -> None:
        self._file = file
        self.file_size = file_size
        self.central_directory_offset = directory.offset
        self.warnings = warnings
        file.seek(directory.offset)
        self._directory = file.read(directory.size)
        self._shift = directory.shift
        # Most members are never asked for: their entries stay bytes until they are.
        index = read_index(self._directory, directory, warnings)
        self._entries, self._packed, self._starts = index.entries, index.packed, index.starts
        _check_ratio(index.declared, file_size)

    @classmethod
    def open(cls, file: BinaryIO) -> Self:
        """Read the directory of a seekable file; raise `BuildFileInvalid` for damage and for bombs."""
        file_size = file.seek(0, 2)
        warnings: list[str] = []
        directory = _find_directory(file, file_size, warnings)
        return cls(file, file_size, directory, warnings)

    def names(self) -> Iterable[str]:
        """Give the names of all members, in the directory's order."""
        return self._entries.keys()

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Give the name and the packed bytes of each member, in the directory's order; quicker than `find` for all."""
        if len(self._packed) == len(self._entries):
            return zip(self._entries, self._packed, strict=True)
        members = map(self.find, self._entries)  # a folder is listed twice
        return ((member.name, member.compressed_size) for member in members if member)

    def find(self, name: str) -> Member | None:
        """Look a member up by its exact name."""
        at = self._entries.get(name)
        if at is None:
            return None
        flags, method, crc, packed, size, name_length, extra_length, _, offset = _ENTRY.unpack_from(self._directory, at)
        if U32 in {size, packed, offset}:
            extra = at + _ENTRY.size + name_length
            size, packed, offset = widened(self._directory[extra : extra + extra_length], size, packed, offset)
        return Member(name, size, packed, method, offset + self._shift, flags, crc)

    def read(self, member: str | Member, limit: int) -> bytes:
        """Unpack a whole member of at most `limit` bytes, whatever its declared size says."""
        found = self.find(member) if isinstance(member, str) else member
        if found is None:
            raise corrupt(f"The archive has no member “{shown(str(member))}”.")
        whole = io.BytesIO()  # joined parts would take their memory twice
        if _LARGE < found.size <= min(limit, found.compressed_size * _MOST_DEFLATED):
            whole.seek(found.size - 1)  # room at once: memory that grows piece by piece leaves gaps
            whole.write(b"\0")
            whole.seek(0)
        for part in self.stream(found):
            if whole.tell() + len(part) > limit:
                raise BuildFileInvalid(
                    ProcessingCode.ARCHIVE_BOMB,
                    f"“{shown(found.name)}” unpacks to more than the {limit:,} bytes allowed for it.",
                )
            whole.write(part)
        whole.truncate()
        return whole.getvalue()

    def stream(self, member: Member) -> Iterator[bytes]:
        """Unpack a member in pieces of at most 256 KiB; the caller decides when it has had enough.

        A checksum or size that does not fit adds a warning at the end of the stream, as Android reads on too.
        """
        start = self._data_start(member)
        method = member.method
        if method not in {_STORED, _DEFLATED}:
            if member.size != member.compressed_size:
                raise corrupt(f"“{shown(member.name)}” is packed by the unknown method {method}.")
            method = _STORED
        crc = size = 0
        for part in self._raw(member, start) if method == _STORED else self._inflated(member, start):
            crc = zlib.crc32(part, crc)
            size += len(part)
            yield part
        if crc != member.crc or size != member.size:
            self._warn(f"“{shown(member.name)}” does not have the size or checksum that the archive declares.")

    def _data_start(self, member: Member) -> int:
        self._file.seek(member.offset)
        header = self._file.read(LOCAL.size)
        if len(header) < LOCAL.size or header[:4] != b"PK\3\4":
            raise corrupt(f"The archive's entry for “{shown(member.name)}” points at no file header.")
        name_length, extra_length = struct.unpack_from("<2H", header, 26)
        start = member.offset + LOCAL.size + int(name_length) + int(extra_length)
        following = bisect_right(self._starts, member.offset)
        end = self._starts[following] if following < len(self._starts) else self.central_directory_offset
        if start + member.compressed_size > end:
            raise overlapping()
        return start

    def _raw(self, member: Member, start: int) -> Iterator[bytes]:
        position, end = start, start + member.compressed_size
        while position < end:
            self._file.seek(position)  # the caller may have read another member between two pieces
            data = self._file.read(min(_CHUNK, end - position))
            if not data:
                raise corrupt(f"The file ends inside “{shown(member.name)}”; upload it again.")
            position += len(data)
            yield data

    def _inflated(self, member: Member, start: int) -> Iterator[bytes]:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            for data in self._raw(member, start):
                pending = data
                while pending and not inflater.eof:
                    part = inflater.decompress(pending, _OUTPUT)
                    pending = inflater.unconsumed_tail
                    if part:
                        yield part
                if inflater.eof:
                    return
            while part := inflater.decompress(b"", _OUTPUT):
                yield part
        except zlib.error as error:
            raise corrupt(f"The packed data of “{shown(member.name)}” are damaged ({error}).") from None
        if not inflater.eof:
            raise corrupt(f"The packed data of “{shown(member.name)}” end too early; upload the file again.")

    def _warn(self, sentence: str) -> None:
        if sentence not in self.warnings:
            self.warnings.append(sentence)


def _find_directory(file: BinaryIO, file_size: int, warnings: list[str]) -> Directory:
    start = max(0, file_size - _END.size - U16 - _LOCATOR64.size)
    file.seek(start)
    tail = file.read(file_size - start)
    at = len(tail)
    while (at := tail.rfind(b"PK\5\6", 0, at + 3 if at < len(tail) else at)) >= 0:
        directory = _directory_at(file, tail, start, at)
        if directory is not None:
            if start + at + _END.size + int.from_bytes(tail[at + 20 : at + 22], "little") != file_size:
                warnings.append("There are bytes after the end of the archive; Android refuses such files.")
            if directory.shift:
                warnings.append("There are bytes before the start of the archive; some tools refuse such files.")
            return directory
    raise corrupt("The file has no readable ZIP directory: it is damaged or incomplete. Upload it again.")


def _directory_at(file: BinaryIO, tail: bytes, tail_start: int, at: int) -> Directory | None:
    """Read the end record at `tail[at:]`; `None` when no directory is where it says."""
    if at + _END.size > len(tail):
        return None
    _, _, _, _, count, size, offset, comment = _END.unpack_from(tail, at)
    end, wide = tail_start + at, False
    if end + _END.size + comment > tail_start + len(tail):
        return None
    if at >= _LOCATOR64.size and tail.startswith(b"PK\6\7", at - _LOCATOR64.size):
        found = _wide_end(file, tail, at - _LOCATOR64.size, end)
        for narrow, broad, limit in zip((count, size, offset), found[:3], (U16, U32, U32), strict=True):
            if narrow not in {broad, limit}:
                raise corrupt("The archive has two directories that disagree; it is refused.")
        count, size, offset, end = found
        wide = True
    most = limits.current().directory_bytes
    if size > most:
        raise BuildFileInvalid(
            ProcessingCode.ARCHIVE_BOMB, f"The archive's directory has more than the {most:,} bytes allowed for it."
        )
    # Usually the directory ends where its end record starts; gaps, missing bytes and leading junk are told.
    for place in (offset, end - size):
        if 0 <= place <= end and _is_directory(file, place, size):
            return Directory(place, min(size, end - place), count, place - offset, wide)
    return None


def _is_directory(file: BinaryIO, place: int, size: int) -> bool:
    if size == 0:
        return True
    file.seek(place)
    return file.read(4) == b"PK\1\2"


def _wide_end(file: BinaryIO, tail: bytes, at: int, end: int) -> tuple[int, int, int, int]:
    """Read the ZIP64 end record: entry count, directory size, directory offset, own place."""
    _, _, place, _ = _LOCATOR64.unpack_from(tail, at)
    if place + _END64.size > end:
        raise corrupt("The archive's ZIP64 end record lies outside the file.")
    file.seek(place)
    record = file.read(_END64.size)
    if len(record) < _END64.size or record[:4] != b"PK\6\6":
        raise corrupt("The archive's ZIP64 end record is not where its locator says.")
    count, size, offset = _END64.unpack(record)[7:]
    return count, size, offset, place


def _check_ratio(declared: int, file_size: int) -> None:
    allowed = limits.current()
    if declared > max(allowed.ratio_free_bytes, allowed.ratio * file_size):
        raise BuildFileInvalid(
            ProcessingCode.ARCHIVE_BOMB,
            f"The archive says that it unpacks to {declared:,} bytes, over {allowed.ratio} times its own size.",
        )
    if declared > allowed.unpacked_bytes:
        raise BuildFileInvalid(
            ProcessingCode.ARCHIVE_BOMB,
            f"The archive says that it unpacks to {declared:,} bytes; {allowed.unpacked_bytes:,} are allowed.",
        )
