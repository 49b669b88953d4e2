"""Multipart forms (RFC 7578) read as they arrive: fields into memory, files into writers, a few MiB held at most.

The bytes of a file go in batches of 1 MiB, or less where many are under way, to threads that hash and write them while
the next one is received. A form
is whole or it is an error: then every writer that was opened is cancelled before the error leaves `read_form`.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Self

import structlog
from multipart import (  # type: ignore[import-untyped]  # the module ships no types
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
)

from seatrial.domain.errors import InvalidRequest, PayloadTooLarge
from seatrial.storage import BlobWriter
from seatrial.storage.portion import MOST
from seatrial.web.disposition import boundary_of, parse, text_of
from seatrial.web.lane import Lane, in_thread

BATCH_PIECES = 512
"""A batch ends here too, so that a body in pieces of a few bytes costs no memory."""

_log = structlog.get_logger()

OpenFile = Callable[[str, str, str], BlobWriter | None]
"""From a file part's name, file name and media type to where its bytes go; `None` drops them. Runs in a thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormLimits:
    """How much of everything a form may hold; sizes in bytes."""

    body: int = 20 << 30
    files: int = 16
    fields: int = 200
    field: int = 64 << 10
    long_field: int = 1 << 20
    long_fields: frozenset[str] = frozenset({"changelog", "metadata", "defaultScripts"})
    """Fields that may be long, the ones below them (`defaultScripts.audit`, `metadata[a]`) included."""
    all_fields: int = 4 << 20

    def of_field(self, name: str) -> int:
        """Give the longest value that a field may have."""
        root = name.partition("[")[0].partition(".")[0]
        return self.long_field if root in self.long_fields else self.field


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file as it was received: `writer` holds its bytes, not committed yet; `None` where they were dropped."""

    name: str
    filename: str
    """The last part of the client's path, safe to show and to save; may be empty."""
    content_type: str
    """What the client says; empty where it says nothing. Not to be believed."""
    size: int
    writer: BlobWriter | None


@dataclass(frozen=True, slots=True)
class Form:
    """A whole form. As an async context manager it cancels, at its end, every writer that was not committed."""

    fields: list[tuple[str, str]]
    """Names and texts in the order they came; a name may come again."""
    files: list[FilePart]
    threads: Executor = field(repr=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await in_thread(self.threads, self.cancel)

    def cancel(self) -> None:
        """Cancel every writer that was not committed; blocks."""
        _cancel([part.writer for part in self.files if part.writer is not None])


async def read_form(
    stream: AsyncIterator[bytes],
    content_type: str,
    content_length: int | None,
    open_file: OpenFile,
    *,
    limits: FormLimits,
    threads: Executor,
    batch: Callable[[], int] = lambda: MOST,
) -> Form:
    """Read a form to the end of its body.

    Raises UnsupportedMediaType where the body is no form, PayloadTooLarge, InvalidRequest where the body is cut or
    malformed or has too much of something, whatever `open_file` or a writer raises, and what the stream raises.
    """
    boundary = boundary_of(content_type)
    if content_length is not None and content_length > limits.body:
        raise PayloadTooLarge(limits.body)
    reader = _FormReader(boundary, open_file, limits, threads, batch)
    try:
        async for chunk in stream:
            await reader.feed(chunk)
        return await reader.finish()
    except BaseException:
        await reader.abandon()
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()  # now, and not when the collector finds it
        raise


class _IncomingField:
    """A text on its way into memory."""

    def __init__(self, name: str, charset: str | None, limit: int) -> None:
        self.name = name
        self.charset = charset
        self.limit = limit
        self.data = bytearray()

    def add(self, data: bytes) -> None:
        self.data += data
        if len(self.data) > self.limit:
            raise InvalidRequest({self.name: f"must be a text of at most {self.limit} bytes; a file needs a filename"})

    def text(self) -> str:
        text = text_of(bytes(self.data), self.charset)
        if "\0" in text:
            raise InvalidRequest({self.name: "must not contain NUL characters"})
        return text


class _IncomingFile:
    """A file on its way into a writer: pieces are collected until there is enough to be worth a thread's time."""

    def __init__(
        self, name: str, filename: str, content_type: str, writer: BlobWriter | None, batch: Callable[[], int]
    ) -> None:
        self.name = name
        self._batch = batch
        self.filename = filename
        self.content_type = content_type
        self.writer = writer
        self.size = 0
        self.pieces: list[bytes] = []
        self.collected = 0

    def add(self, data: bytes) -> bool:
        """Take bytes; whether there is enough to be written."""
        self.size += len(data)
        if self.writer is None:
            return False
        self.pieces.append(data)
        self.collected += len(data)
        return self.collected >= self._batch() or len(self.pieces) >= BATCH_PIECES

    def take(self) -> list[bytes]:
        pieces, self.pieces, self.collected = self.pieces, [], 0
        return pieces

    def part(self) -> FilePart:
        return FilePart(self.name, self.filename, self.content_type, self.size, self.writer)


class _FormReader:
    """The state of one body between two chunks."""

    def __init__(
        self, boundary: bytes, open_file: OpenFile, limits: FormLimits, threads: Executor, batch: Callable[[], int]
    ) -> None:
        self._batch = batch
        # Latin-1 gives the headers' bytes back unchanged, for clients that send file names in whatever they have.
        self._parser = PushMultipartParser(boundary, header_charset="latin-1")
        self._open_file = open_file
        self._limits = limits
        self._lane = Lane(threads)
        self._received = 0
        self._text_bytes = 0
        self._writers: list[BlobWriter] = []
        self._form = Form([], [], threads)
        self._part: _IncomingField | _IncomingFile | None = None
        self._nameless: MultipartSegment | None = None

    async def feed(self, chunk: bytes) -> None:
        self._received += len(chunk)
        if self._received > self._limits.body:
            raise PayloadTooLarge(self._limits.body)
        if not chunk:
            return
        try:
            for event in self._parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    await self._begin(event)
                elif event is None:
                    await self._end()
                else:
                    await self._add(event)
        except MultipartError as error:
            raise InvalidRequest({"body": f"not a valid multipart form: {error.args[0]}"}) from error

    async def finish(self) -> Form:
        try:
            self._parser.close()
        except MultipartError as error:
            raise InvalidRequest({"body": "the form ends early: its final boundary is missing"}) from error
        await self._lane.finish()
        return self._form

    async def abandon(self) -> None:
        await self._lane.abandon(lambda: _cancel(self._writers))

    async def _begin(self, segment: MultipartSegment) -> None:
        _check_encoding(segment)
        disposition = parse(segment.header("Content-Disposition", ""))
        if disposition.filename is None:
            if len(self._form.fields) == self._limits.fields:
                raise InvalidRequest({"body": f"at most {self._limits.fields} fields are allowed"})
            self._part = _IncomingField(disposition.name, segment.charset, self._limits.of_field(disposition.name))
        elif disposition.filename:
            self._part = await self._open(disposition.name, disposition.filename, segment.content_type)
        else:
            self._nameless = segment  # a browser's way to say that no file was chosen, unless bytes follow

    async def _add(self, data: bytes) -> None:
        if self._nameless is not None:
            segment, self._nameless = self._nameless, None
            name = parse(segment.header("Content-Disposition", "")).name
            self._part = await self._open(name, "", segment.content_type)
        part = self._part
        if isinstance(part, _IncomingFile):
            if part.add(data):
                await self._flush(part)
        elif part is not None:
            self._text_bytes += len(data)
            if self._text_bytes > self._limits.all_fields:
                raise InvalidRequest({"body": f"all fields together may have {self._limits.all_fields} bytes"})
            part.add(data)

    async def _end(self) -> None:
        part, self._part, self._nameless = self._part, None, None
        if isinstance(part, _IncomingFile):
            await self._flush(part)
            self._form.files.append(part.part())
        elif part is not None:
            self._form.fields.append((part.name, part.text()))

    async def _open(self, name: str, filename: str, content_type: str | None) -> _IncomingFile:
        if len(self._form.files) == self._limits.files:
            raise InvalidRequest({"body": f"at most {self._limits.files} files are allowed"})
        media_type = content_type or ""

        def open_file() -> BlobWriter | None:
            writer = self._open_file(name, filename, media_type)
            if writer is not None:
                self._writers.append(writer)  # here, where no cancellation can come between
            return writer

        return _IncomingFile(name, filename, media_type, await self._lane.ask(open_file), self._batch)

    async def _flush(self, part: _IncomingFile) -> None:
        if part.writer is not None and part.pieces:
            await self._lane.put(partial(_write, part.writer, part.take()))


def _write(writer: BlobWriter, pieces: list[bytes]) -> None:
    for piece in pieces:
        writer.write(piece)


def _cancel(writers: list[BlobWriter]) -> None:
    for writer in writers:
        try:
            writer.cancel()
        except OSError:
            _log.exception("upload.cancel_failed", key=writer.key)


def _check_encoding(segment: MultipartSegment) -> None:
    encoding = segment.header("Content-Transfer-Encoding", "binary").strip().lower()
    if encoding not in {"binary", "8bit", "7bit"}:
        raise InvalidRequest({"body": f"Content-Transfer-Encoding {encoding[:40]!r} is not supported; send binary"})
