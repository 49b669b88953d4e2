"""xar archives, the container of flat macOS installers: a compressed XML table of contents, then the files' bytes.

Layout: the `xar` project's wiki ("xarformat"): magic `xar!`, header size, version, lengths of the table packed and
unpacked (64 bits each), checksum algorithm, all big-endian. Offsets in the table count from its end.
"""

import binascii
import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers.archive import shown
from seatrial.parsers.unpacking import PackedDataInvalid, unbzip2, unxz, unzlib
from seatrial.parsers.xml_events import XmlUnreadable, read_xml

MAX_TABLE = 16 << 20
"""Bytes of the table of contents after unpacking; about 1 kB for each file."""
MAX_CERTIFICATES = 20
MAX_PATH = 4096
MAX_TEXT = 16 << 10
"""Characters of one text in the table that are kept; certificates are the longest."""

_HEADER = struct.Struct(">4s2H2QL")
_READ = 64 << 10


class XarFile(NamedTuple):
    """One file of the archive; `offset` is where its bytes are in the archive's file."""

    path: str
    size: int
    packed_size: int
    offset: int
    encoding: str


class XarSignature(NamedTuple):
    """One signature of the table of contents: `RSA` (over its checksum) or `CMS`."""

    style: str
    certificates: tuple[bytes, ...]
    """DER bytes, the signer's own first."""


class Xar:
    """The table of contents, and the bytes of the files on demand."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, 2)
        file.seek(0)
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size or header[:4] != b"xar!":
            raise _corrupt("The file is no xar archive; build the installer again.")
        _, header_size, _, packed, unpacked, _ = _HEADER.unpack(header)
        heap = header_size + packed
        if heap > self._size:
            raise _corrupt("The installer's table of contents is cut off; upload the file again.")
        if unpacked > MAX_TABLE or packed > MAX_TABLE:
            raise _bomb()
        table = _Table(heap, self._size)
        try:
            read_xml(_bounded(unzlib(self._slice(header_size, packed)), MAX_TABLE), table)
        except (PackedDataInvalid, XmlUnreadable) as problem:
            raise _corrupt(f"The installer's table of contents cannot be read: {problem}.") from None
        table.finish()
        self.files = table.files
        """Files by their full names, in the table's order."""
        self.signatures = tuple(table.signatures)
        self.outside = table.outside
        """Names of files whose bytes are not in the archive."""

    def stream(self, entry: XarFile) -> Iterator[bytes]:
        """Unpack a file in pieces; raise `PackedDataInvalid` for damage."""
        pieces = self._slice(entry.offset, entry.packed_size)
        if entry.encoding == "application/x-bzip2":
            return unbzip2(pieces)
        if entry.encoding in {"application/x-gzip", "application/zlib"}:
            return unzlib(pieces)
        return unxz(pieces) if entry.encoding in {"application/x-xz", "application/x-lzma"} else pieces

    def read(self, entry: XarFile, limit: int) -> bytes:
        """Unpack a whole file of at most `limit` bytes; raise `BuildFileInvalid` for a larger or damaged one."""
        try:
            return b"".join(_bounded(self.stream(entry), limit, entry.path))
        except PackedDataInvalid as problem:
            raise _corrupt(f"“{shown(entry.path)}” in the installer cannot be read: {problem}.") from None

    def _slice(self, start: int, size: int) -> Iterator[bytes]:
        position, end = start, start + size
        while position < end:
            self._file.seek(position)
            data = self._file.read(min(_READ, end - position))
            if not data:
                return
            position += len(data)
            yield data


class _Table:
    """Reads the table of contents as its tags come."""

    def __init__(self, heap: int, end: int) -> None:
        self.files: dict[str, XarFile] = {}
        self.signatures: list[XarSignature] = []
        self.outside: list[str] = []
        self._heap, self._end = heap, end
        self._tags: list[str] = []
        self._entries: list[_Entry] = []
        self._open: list[_Entry] = []
        self._style = ""
        self._certificates: list[bytes] = []
        self._text: list[str] = []
        self._length = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._tags.append(tag)
        self._text, self._length = [], 0
        if tag == "file":
            entry = _Entry(self._open[-1] if self._open else None)
            self._entries.append(entry)
            self._open.append(entry)
        elif tag == "encoding" and self._open and self._tags[-2:-1] == ["data"]:
            self._open[-1].values["encoding"] = attributes.get("style", "")
        elif tag in {"signature", "x-signature"}:
            self._style, self._certificates = attributes.get("style", "")[:40], []

    def data(self, text: str) -> None:
        if self._length < MAX_TEXT:
            self._text.append(text)
            self._length += len(text)

    def end(self, tag: str) -> None:
        self._tags.pop()
        text = "".join(self._text).strip()
        self._text, self._length = [], 0
        parent = self._tags[-1] if self._tags else ""
        if tag == "file":
            self._open.pop()
        elif self._open and ((tag in {"name", "type"} and parent == "file") or (tag in _DATA and parent == "data")):
            self._open[-1].values[tag] = text
        elif tag == "X509Certificate" and len(self._certificates) < MAX_CERTIFICATES:
            try:
                self._certificates.append(binascii.a2b_base64(text))
            except binascii.Error:
                self._certificates.append(b"")
        elif tag in {"signature", "x-signature"}:
            self.signatures.append(XarSignature(self._style, tuple(self._certificates)))

    def finish(self) -> None:
        """Put the paths together; a folder's name may stand behind the files in it."""
        for entry in self._entries:
            values = entry.values
            if values.get("type", "file") != "file" or "offset" not in values:
                continue
            name = entry.path()
            numbers = [values.get(key, "") for key in ("size", "length", "offset")]
            size, packed, offset = (int(n) if n.isascii() and n.isdigit() and len(n) < 19 else -1 for n in numbers)
            if min(size, packed, offset) < 0 or self._heap + offset + packed > self._end:
                self.outside.append(name)
                continue
            found = XarFile(name, size, packed, self._heap + offset, values.get("encoding", ""))
            self.files.setdefault(name, found)


class _Entry:
    """A file or folder as the table names it, with the folder around it."""

    __slots__ = ("folder", "values")

    def __init__(self, folder: "_Entry | None") -> None:
        self.folder = folder
        self.values: dict[str, str] = {}

    def path(self) -> str:
        names: list[str] = []
        entry: _Entry | None = self
        while entry is not None:  # the depth is that of the XML, which is bounded
            names.append(entry.values.get("name", ""))
            entry = entry.folder
        return "/".join(reversed(names))[:MAX_PATH]


_DATA = frozenset({"size", "length", "offset"})


def _bounded(pieces: Iterable[bytes], limit: int, name: str = "") -> Iterator[bytes]:
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > limit:
            raise _bomb(name)
        yield piece


def _bomb(name: str = "") -> BuildFileInvalid:
    what = f"“{shown(name)}” in the installer" if name else "The installer's table of contents"
    return BuildFileInvalid(ProcessingCode.ARCHIVE_BOMB, f"{what} unpacks to more than is allowed for it.")


def _corrupt(sentence: str) -> BuildFileInvalid:
    return BuildFileInvalid(ProcessingCode.CORRUPT_ARCHIVE, sentence)
