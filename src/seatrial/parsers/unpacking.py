"""Compressed streams, unpacked in pieces of bounded size: gzip, bzip2, xz, and Apple's pbzx.

Sources: RFC 1952, the bzip2 and xz file formats as the standard library reads them, and for pbzx the layout that
Apple's own `pkgbuild` writes: `pbzx`, the usual size of a chunk (64 bits, big-endian), then chunks, each with its
unpacked size, its packed size, and xz data, or the bare bytes where both sizes are equal.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Protocol

PIECE = 256 << 10
"""Bytes that a decompressor hands out at once, at most."""
MAX_XZ_MEMORY = 80 << 20
"""What one xz stream may ask for: enough for `xz -9`, whose dictionary is of 64 MiB."""


class PackedDataInvalid(Exception):
    """Compressed data that are damaged, cut off, or ask for more memory than allowed."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    @property
    def needs_input(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...


class _Zlib:
    """zlib's object behind the interface that the other two share."""

    def __init__(self, window: int) -> None:
        self._inflater = zlib.decompressobj(window)
        self._pending = b""
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inflater.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflater.unused_data

    def decompress(self, data: bytes, max_length: int = 0) -> bytes:
        part = self._inflater.decompress(self._pending + data if self._pending else data, max_length)
        self._pending = self._inflater.unconsumed_tail
        self.needs_input = not self._pending and len(part) < max_length
        return part


def unzlib(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack zlib or gzip data, whichever they are; several gzip members may follow each other."""
    return _unpacked(pieces, lambda: _Zlib(zlib.MAX_WBITS | 32))


def unbzip2(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack bzip2 data of one or more streams."""
    return _unpacked(pieces, bz2.BZ2Decompressor)


def unxz(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack xz data (or the older `.lzma`) of one or more streams."""
    return _unpacked(pieces, lambda: lzma.LZMADecompressor(memlimit=MAX_XZ_MEMORY))


def unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack whatever the first bytes say it is; bytes of no known kind are handed on as they are.

    Nothing is read before the first piece is asked for, so that damage is met where the pieces are used.
    """
    iterator = iter(pieces)
    head = b""
    while len(head) < 6 and (piece := next(iterator, b"")):
        head += piece
    whole = chain((head,), iterator)
    for magic, unpack in _KINDS:
        if head.startswith(magic):
            yield from unpack(whole)
            return
    yield from whole


def unpbzx(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack the chunks of a pbzx stream one after the other."""
    source = Puller(pieces)
    if source.read(12)[:4] != b"pbzx":
        raise PackedDataInvalid("the data do not start as a pbzx stream")
    while header := source.read(16):
        if len(header) < 16:
            raise PackedDataInvalid("the data are cut off")
        size, packed = int.from_bytes(header[:8]), int.from_bytes(header[8:])
        chunk = source.pieces(packed)
        yield from chunk if packed == size else unxz(chunk)
        for _ in chunk:  # what a decompressor had no use for
            pass


def _unpacked(pieces: Iterable[bytes], make: Callable[[], _Decompressor]) -> Iterator[bytes]:
    decompressor = make()
    started = False
    try:
        for piece in pieces:
            data = piece
            while data or not decompressor.needs_input:
                part = decompressor.decompress(data, PIECE)
                started = True
                data = b""
                if part:
                    yield part
                if decompressor.eof:
                    data = decompressor.unused_data.lstrip(b"\0")  # padding between streams
                    decompressor = make()
                    started = False
        if started and not decompressor.eof:
            raise PackedDataInvalid("the packed data end too early")
    except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError) as error:
        raise PackedDataInvalid(f"the packed data are damaged ({error})") from None


class Puller:
    """Reads exact numbers of bytes from pieces of any size."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._piece = memoryview(b"")
        self.position = 0
        """Bytes read or skipped so far."""

    def read(self, size: int) -> bytes:
        """Give the next `size` bytes, fewer only where the data end."""
        return b"".join(self.pieces(size))

    def skip(self, size: int) -> int:
        """Pass over bytes; give the number of those that there were."""
        return sum(map(len, self._views(size)))

    def pieces(self, size: int) -> Iterator[bytes]:
        """Give the next `size` bytes in the pieces that they come in."""
        return map(bytes, self._views(size))

    def _views(self, size: int) -> Iterator[memoryview]:
        left = size
        while left > 0:
            if not self._piece:
                piece = next(self._pieces, None)
                if piece is None:
                    return
                self._piece = memoryview(piece)
                continue
            part, self._piece = self._piece[:left], self._piece[left:]
            left -= len(part)
            self.position += len(part)
            yield part


_KINDS: tuple[tuple[bytes, Callable[[Iterable[bytes]], Iterator[bytes]]], ...] = (
    (b"\x1f\x8b", unzlib),
    (b"BZh", unbzip2),
    (b"\xfd7zXZ\0", unxz),
    (b"pbzx", unpbzx),
)
