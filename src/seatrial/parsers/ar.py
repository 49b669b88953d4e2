"""The `ar` archive around a Debian package: what lies in it and where, without reading it.

Format: ar(5), the common variant; file names as GNU and BSD write them. Header: name 16, date 12, owner 6, group 6,
mode 8, size 10, magic 2 bytes; data are padded to an even length.
"""

from typing import BinaryIO, NamedTuple

from seatrial.parsers.archive import corrupt, shown

MAGIC = b"!<arch>\n"
MAX_MEMBERS = 100
"""A package has three, and one more for every signature."""

_HEADER = 60


class Piece(NamedTuple):
    """A member: `size` bytes from `offset` in the file."""

    name: str
    offset: int
    size: int


def members(file: BinaryIO) -> list[Piece]:
    """List the members in their order; raise `BuildFileInvalid` for a damaged or incomplete archive."""
    end = file.seek(0, 2)
    found: list[Piece] = []
    at = len(MAGIC)
    while at + 1 < end:  # one byte may be left over as padding
        file.seek(at)
        header = file.read(_HEADER)
        size = header[48:58].strip()
        if len(header) < _HEADER or header[58:] != b"`\n" or not size.isdigit():
            raise corrupt("The package is damaged or incomplete between its parts; upload it again.")
        piece = _named(file, header[:16], Piece("", at + _HEADER, int(size)))
        if piece.offset + piece.size > end or piece.size < 0:
            raise corrupt(f"The file ends inside “{shown(piece.name)}”; upload it again.")
        found.append(piece)
        if len(found) > MAX_MEMBERS:
            raise corrupt(f"The package has more than {MAX_MEMBERS} parts; a Debian package has three.")
        at = piece.offset + piece.size
        at += at % 2
    return found


def _named(file: BinaryIO, field: bytes, piece: Piece) -> Piece:
    name = field.decode("utf-8", "replace").rstrip()
    if name.startswith("#1/") and name[3:].isdecimal() and len(name) <= 6:  # BSD: the name is the data's beginning
        length = int(name[3:])
        long = file.read(length).decode("utf-8", "replace").rstrip("\0")
        return Piece(long, piece.offset + length, piece.size - length)
    return Piece(name.removesuffix("/"), piece.offset, piece.size)
