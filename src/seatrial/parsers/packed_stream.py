"""Payloads of Linux packages: streams without a directory, read from their start and no further than a limit."""

from collections.abc import Callable, Iterable, Iterator
from typing import IO, BinaryIO, cast

from seatrial.parsers.unpacking import PackedDataInvalid, Puller, unbzip2, unxz, unzlib

_READ = 128 << 10
_WINDOW = 32 << 20
"""Largest Zstandard window (RFC 8878, 3.1.1.1.2): enough for level 19, the highest that packers use unasked."""


class StreamTooLong(Exception):
    """The stream unpacks to more than its reader allows."""


def opened(file: BinaryIO, method: str, limit: int) -> Puller | None:
    """Unpack a file from its place on; `None` for a method that is not known.

    Methods are named as file endings are: `gz`, `xz`, `lzma`, `bz2`, `zst`, and the empty one for plain data. Reading
    raises `PackedDataInvalid`, and `StreamTooLong` as soon as more than `limit` bytes have come out.
    """
    unpack = _METHODS.get(method)
    return Puller(_bounded(unpack(_pieces(file)), limit)) if unpack else None


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    at = file.tell()
    while piece := file.read(_READ):
        at += len(piece)
        yield piece
        file.seek(at)  # the file may have been read elsewhere in between


def _bounded(pieces: Iterable[bytes], limit: int) -> Iterator[bytes]:
    left = limit
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise StreamTooLong
        yield piece


def _unzstd(pieces: Iterable[bytes]) -> Iterator[bytes]:
    import zstandard

    try:
        unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
        source = cast("IO[bytes]", _Source(pieces))  # of a file it needs `read` alone
        with unpacker.stream_reader(source, read_across_frames=True, closefd=False) as reader:
            while piece := reader.read(_READ):
                yield piece
    except zstandard.ZstdError as problem:
        raise PackedDataInvalid(f"the packed data are damaged ({problem})") from None


class _Source:
    """Pieces as the file that the Zstandard library asks for."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._puller = Puller(pieces)

    def read(self, size: int) -> bytes:
        return self._puller.read(size)


_METHODS: dict[str, Callable[[Iterable[bytes]], Iterable[bytes]]] = {
    "": iter,
    "gz": unzlib,
    "xz": unxz,
    "lzma": unxz,
    "bz2": unbzip2,
    "zst": _unzstd,
}
