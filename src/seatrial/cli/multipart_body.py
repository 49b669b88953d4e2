"""A multipart/form-data body read from disk as it is sent: its length known ahead, its memory constant (RFC 7578)."""

import hashlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

READ_BYTES = 1 << 20


class FileChanged(Exception):
    """A file became shorter while it was being sent."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file of a form."""

    name: str
    path: Path


@dataclass(slots=True)
class MultipartBody:
    """One sending of a form; a repetition needs a new one.

    `advance` is told how many bytes more have been handed to the connection.

    Raises OSError, here and while it is read, where a file cannot be.
    """

    fields: Sequence[tuple[str, str]]
    files: Sequence[FilePart]
    advance: Callable[[int], None] = lambda _count: None
    boundary: str = field(default_factory=lambda: f"seatrial-{secrets.token_hex(16)}")
    sent: bool = False
    """Whether the last byte went to the connection: before that no server can have taken the form for whole."""
    sha256: dict[Path, str] = field(default_factory=dict)
    """Lower-case hex, of each file that has been read to its end."""
    _fields: bytes = field(init=False)
    _heads: list[tuple[FilePart, bytes, int]] = field(init=False)

    def __post_init__(self) -> None:
        self._fields = b"".join(self._head(_disposition(name)) + text.encode() + b"\r\n" for name, text in self.fields)
        self._heads = [
            (part, self._head(_disposition(part.name, part.path.name), is_file=True), part.path.stat().st_size)
            for part in self.files
        ]

    @property
    def content_type(self) -> str:
        """The header that goes with the body."""
        return f"multipart/form-data; boundary={self.boundary}"

    def __len__(self) -> int:
        """Count the bytes of the whole body."""
        return len(self._fields) + sum(len(head) + size + 2 for _, head, size in self._heads) + len(self._end)

    def __iter__(self) -> Iterator[bytes]:
        """Give the body once, in pieces of at most 1 MiB of a file.

        Raises FileChanged, OSError.
        """
        for piece in self._pieces():
            yield piece
            self.advance(len(piece))
        self.sent = True

    @property
    def _end(self) -> bytes:
        return f"--{self.boundary}--\r\n".encode()

    def _pieces(self) -> Iterator[bytes]:
        if self._fields:
            yield self._fields
        for part, head, size in self._heads:
            yield head
            yield from self._content(part.path, size)
            yield b"\r\n"
        yield self._end

    def _content(self, path: Path, size: int) -> Iterator[bytes]:
        digest = hashlib.sha256()
        with path.open("rb", buffering=0) as file:
            left = size
            while left:
                piece = file.read(min(left, READ_BYTES))
                if not piece:
                    raise FileChanged(f"{path.name} became shorter while it was being sent")
                digest.update(piece)
                left -= len(piece)
                yield piece
        self.sha256[path] = digest.hexdigest()

    def _head(self, disposition: str, *, is_file: bool = False) -> bytes:
        kind = "Content-Type: application/octet-stream\r\n" if is_file else ""
        return f"--{self.boundary}\r\n{disposition}\r\n{kind}\r\n".encode("utf-8", "replace")


def _disposition(name: str, filename: str | None = None) -> str:
    """Write a part's header; quotes and line ends are escaped as browsers do (WHATWG HTML, 4.10.21.8)."""
    said = f'; filename="{_escaped(filename)}"' if filename is not None else ""
    return f'Content-Disposition: form-data; name="{_escaped(name)}"{said}'


def _escaped(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
