"""Multipart bodies for tests, and a reader set up for them."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ThreadPoolExecutor

from seatrial.domain.ids import new_file_id
from seatrial.storage import BlobWriter
from seatrial.storage.memory import MemoryBlobStore
from seatrial.web.multipart import FormLimits, OpenFile, read_form

BOUNDARY = b"-----------RubyMultipartPost-b6250cd284d19f8d"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY.decode()}"


def part(name: str, data: bytes, filename: str | None = None, headers: Iterable[bytes] = ()) -> bytes:
    """Write one part as curl does."""
    disposition = f'Content-Disposition: form-data; name="{name}"'
    if filename is not None:
        disposition += f'; filename="{filename}"'
    return raw_part(disposition.encode(), data, headers)


def raw_part(disposition: bytes, data: bytes, headers: Iterable[bytes] = ()) -> bytes:
    """Write one part with a header of its own."""
    return b"\r\n".join([b"--" + BOUNDARY, disposition, *headers, b"", data]) + b"\r\n"


def body(*parts: bytes) -> bytes:
    """Write a whole form."""
    return b"".join(parts) + b"--" + BOUNDARY + b"--\r\n"


async def chunks(data: bytes, size: int) -> AsyncIterator[bytes]:
    """Cut a body into chunks."""
    for start in range(0, len(data), size):
        yield data[start : start + size]


Received = tuple[list[tuple[str, str]], list[tuple[str, str, str, bytes | None]]]
"""Fields, and files as name, file name, media type and bytes; `None` where they were dropped."""


def receive(
    data: bytes,
    *,
    store: MemoryBlobStore | None = None,
    size: int = 256_000,
    limits: FormLimits | None = None,
    drop: Iterable[str] = (),
    content_type: str = CONTENT_TYPE,
    content_length: int | None = None,
) -> Received:
    """Read a form into a store and give it back in plain values."""
    blobs = store or MemoryBlobStore()

    def open_file(name: str, _filename: str, _content_type: str) -> BlobWriter | None:
        return None if name in drop else blobs.writer(f"form/{new_file_id()}")

    return asyncio.run(
        receive_from(chunks(data, size), open_file, limits or FormLimits(), blobs, content_type, content_length)
    )


async def receive_from(
    stream: AsyncIterator[bytes],
    open_file: OpenFile,
    limits: FormLimits,
    store: MemoryBlobStore,
    content_type: str = CONTENT_TYPE,
    content_length: int | None = None,
) -> Received:
    """Read a form from a stream, commit its files and give everything back in plain values."""
    with ThreadPoolExecutor(2) as threads:
        form = await read_form(stream, content_type, content_length, open_file, limits=limits, threads=threads)
        async with form:
            files = []
            for each in form.files:
                data = None
                if each.writer is not None:
                    blob = each.writer.commit()
                    assert blob.size == each.size
                    with store.open(blob.key) as file:
                        data = file.read()
                files.append((each.name, each.filename, each.content_type, data))
        return form.fields, files
