"""The digests of a whole APK that its signatures are about, in one pass and constant memory.

Format: source.android.com, "APK signature scheme v2", "Integrity-protected contents": the bytes before the signing
block, the central directory, and the end record with the block's start where the directory's offset stands. The
`verity` digest is the root of a hash tree as fs-verity and dm-verity have it (4,096-byte blocks, SHA-256).
"""

import hashlib
import struct
from collections.abc import Collection, Iterator
from typing import BinaryIO, Protocol

CHUNK = 1 << 20
_PAGE = 4096
_SALT = bytes(8)


class _Digest(Protocol):
    def start_section(self) -> None:
        """Begin another of the three sections."""

    def add(self, chunk: bytes) -> None:
        """Take a section's next bytes, `CHUNK` of them or the section's rest."""

    def result(self) -> bytes:
        """Return what the signature's digest is compared with."""


def content_digests(
    file: BinaryIO, block_start: int, directory: int, end: tuple[int, bytes], wanted: Collection[str]
) -> dict[str, bytes]:
    """Digest the whole file by the `wanted` algorithms of `sha256`, `sha512` and `verity`.

    `block_start` and `directory` are the places of the signing block and of the central directory, `end` is the end
    record's place and bytes. Raise `ValueError` where the file ends early.
    """
    place, record = end
    record = record[:16] + struct.pack("<I", block_start) + record[20:]
    digests: dict[str, _Digest] = {}
    for name in wanted:
        digests[name] = _Verity() if name == "verity" else _Chunked(name)
    for section in (_pieces(file, 0, block_start), _pieces(file, directory, place), iter([record])):
        for digest in digests.values():
            digest.start_section()
        for chunk in section:
            for digest in digests.values():
                digest.add(chunk)
    return {name: digest.result() for name, digest in digests.items()}


def _pieces(file: BinaryIO, position: int, end: int) -> Iterator[bytes]:
    while position < end:
        file.seek(position)
        chunk = file.read(min(CHUNK, end - position))
        while len(chunk) < min(CHUNK, end - position):  # readers over a network give what they have
            more = file.read(min(CHUNK, end - position) - len(chunk))
            if not more:
                raise ValueError("the file ends early")
            chunk += more
        yield chunk
        position += len(chunk)


class _Chunked:
    """The digest of the digests of 1 MiB chunks."""

    def __init__(self, algorithm: str) -> None:
        self._algorithm = algorithm
        self._chunks = bytearray()

    def start_section(self) -> None:
        """Chunks never span sections, and one is handed over at a time: nothing is left."""

    def add(self, chunk: bytes) -> None:
        digest = hashlib.new(self._algorithm, b"\xa5" + struct.pack("<I", len(chunk)))
        digest.update(chunk)
        self._chunks += digest.digest()

    def result(self) -> bytes:
        digest = hashlib.new(self._algorithm)
        count = len(self._chunks) // digest.digest_size
        digest.update(b"\x5a" + struct.pack("<I", count))
        digest.update(self._chunks)
        return digest.digest()


class _Verity:
    """The root of the hash tree over all sections as one, then their length."""

    def __init__(self) -> None:
        self._size = 0
        self._rest = b""
        self._salted = hashlib.sha256(_SALT)
        # The page that each level of the tree is filling; a full one waits until there is more, as the
        # level that fits one page is the root.
        self._levels: list[bytearray] = []

    def start_section(self) -> None:
        """Sections follow each other without a gap here."""

    def add(self, chunk: bytes) -> None:
        self._size += len(chunk)
        data = memoryview(self._rest + chunk if self._rest else chunk)
        whole = len(data) - len(data) % _PAGE
        for at in range(0, whole, _PAGE):
            self._push(0, data[at : at + _PAGE])
        self._rest = bytes(data[whole:])

    def result(self) -> bytes:
        if self._rest:
            self._push(0, self._rest.ljust(_PAGE, b"\0"))
        level = 0
        while level + 1 < len(self._levels):
            self._push(level + 1, self._levels[level].ljust(_PAGE, b"\0"))
            level += 1
        root = self._hash(self._levels[level].ljust(_PAGE, b"\0")) if self._levels else bytes(32)
        return root + struct.pack("<Q", self._size)

    def _push(self, level: int, page: bytes | bytearray | memoryview) -> None:
        if level == len(self._levels):
            self._levels.append(bytearray())
        filling = self._levels[level]
        if len(filling) == _PAGE:
            self._push(level + 1, filling)
            filling.clear()
        filling += self._hash(page)

    def _hash(self, page: bytes | bytearray | memoryview) -> bytes:
        digest = self._salted.copy()
        digest.update(page)
        return digest.digest()
