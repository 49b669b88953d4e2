"""A package inside an archive as a file of its own: in place if it is stored, else unpacked into bounded memory."""

import io
from typing import BinaryIO

from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import limits
from seatrial.parsers.archive import Archive, Member, shown
from seatrial.parsers.archive_refusals import corrupt
from seatrial.parsers.window import Window

_STORED = 0
_LOCAL_HEADER = 30  # APPNOTE.TXT, 4.3.7


def open_member(file: BinaryIO, archive: Archive, member: Member) -> BinaryIO | None:
    """Make a file of a member of `file`; `None` for a packed one that would take too much memory.

    Raise `BuildFileInvalid` where the archive is damaged there.
    """
    if member.method == _STORED and member.size == member.compressed_size:
        file.seek(member.offset)
        header = file.read(_LOCAL_HEADER)
        if len(header) < _LOCAL_HEADER or header[:4] != b"PK\3\4":
            raise corrupt(f"The archive's entry for “{shown(member.name)}” points at no file header.")
        name, extra = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
        return Window(file, member.offset + _LOCAL_HEADER + name + extra, member.size)
    most = limits.current().nested_bytes
    if member.size > most:
        return None
    try:
        return io.BytesIO(archive.read(member, most))
    except BuildFileInvalid:
        return None  # it has lied about its size
