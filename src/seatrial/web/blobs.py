"""Files as answers: conditions and parts once, then the bytes by the proxy in front, by the kernel, or by ourselves."""

import os
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from seatrial.domain.errors import EntityNotFound
from seatrial.domain.file_names import content_disposition
from seatrial.services.downloads import Readable
from seatrial.web.conditions import has_changed, has_preconditions, http_date, wants_part
from seatrial.web.context import Context, context_of
from seatrial.web.handover import Handover
from seatrial.web.ranges import satisfiable, span
from seatrial.web.zero_copy import SENDFILE, Channel

CHUNK_BYTES = 1 << 20
_FORWARDED = ("x-forwarded-for", "x-forwarded-proto")
"""A proxy in front sets these. Who comes without them comes directly, and could do nothing with a path."""


async def send(request: Request, found: Readable) -> Response:
    """Answer a file, a part of it, or that the client has it already.

    Raises EntityNotFound, PreconditionFailed, RangeNotSatisfiable.
    """
    context, asked, file = context_of(request), request.headers, found.file
    known = await _known(context, found)
    etag, modified = f'"{file.checksum}"', int(known.st_mtime if known else file.created_at.timestamp())
    headers = {
        "ETag": etag,
        "Last-Modified": http_date(modified),
        "Cache-Control": "private, max-age=31536000, immutable" if found.is_picture else "private",
    }
    if not has_changed(asked, etag, modified):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = content_disposition(file.original_name, inline=found.is_picture)
    headers["X-Content-Type-Options"] = "nosniff"
    # A range is defined for GET alone (RFC 9110, section 14.2).
    has_range = request.method == "GET" and wants_part(asked, etag, modified)
    part = satisfiable(asked["range"], file.size) if has_range else None
    if known is None or found.path is None:
        return await distant(request, found, file.mimetype, headers, part)
    place = _place(context.handover, request, found.path, part)
    if place is not None:
        headers[place[0]] = place[1]
        return Response(headers=headers, media_type=file.mimetype)
    return BlobResponse(context, found.path, file.mimetype, known, headers, part)


async def _known(context: Context, found: Readable) -> os.stat_result | None:
    """Look at a file of this machine; `None` for one that is elsewhere."""
    if found.path is None:
        return None
    try:
        return await context.store(partial(os.stat, found.path))
    except FileNotFoundError:
        raise EntityNotFound from None


async def distant(
    request: Request, found: Readable, media_type: str, headers: dict[str, str], part: str | None = None
) -> Response:
    """Answer a file of a distant store, a piece at a time; several parts at once are answered with the whole.

    Raises EntityNotFound, StorageUnavailable: the store is asked before the answer begins.
    """
    context, size = context_of(request), found.file.size
    wanted = span(part, size) if part else None
    start, stop = wanted or (0, size)
    headers |= {"Accept-Ranges": "bytes", "Content-Length": str(stop - start)}
    if wanted is not None:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    status = 200 if wanted is None else 206
    opened = await context.store(found.open)
    if request.method == "HEAD":
        opened.close()
        return Response(None, status, headers, media_type)
    return StreamingResponse(_pieces(context, opened, start, stop), status, headers, media_type)


async def _pieces(context: Context, opened: BinaryIO, start: int, stop: int) -> AsyncIterator[bytes]:
    with opened:
        opened.seek(start)
        while start < stop:
            piece = await context.store(partial(opened.read, min(CHUNK_BYTES, stop - start)))
            if not piece:
                raise EOFError("the object is shorter than it was")
            start += len(piece)
            yield piece


class BlobResponse(FileResponse):
    """A file, or a part of it, from this process."""

    chunk_size = CHUNK_BYTES
    """Large enough that the disk, not the interpreter, sets the pace, where the kernel does not do it all."""

    def __init__(
        self,
        context: Context,
        path: Path,
        media_type: str,
        known: os.stat_result,
        headers: dict[str, str],
        part: str | None,
    ) -> None:
        super().__init__(path, media_type=media_type, headers=headers, stat_result=known)
        self._context = context
        self._size = known.st_size
        self._part = part

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        ends = (0, self._size) if self._part is None else span(self._part, self._size)
        channel = scope.get("extensions", {}).get(SENDFILE)
        if channel is not None and ends is not None and scope["method"] == "GET":
            await self._send_span(*ends, channel["send"], send)
            return
        kept = [pair for pair in scope["headers"] if pair[0] not in {b"range", b"if-range"}]
        part = [] if self._part is None else [(b"range", self._part.encode())]
        await super().__call__({**scope, "headers": kept + part}, receive, send)

    async def _send_span(self, first: int, end: int, channel: Channel, send: Send) -> None:
        run = self._context.store
        file = await run(partial(os.open, self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC))
        try:
            status = 200
            if self._part is not None:
                status = 206
                self.headers["content-range"] = f"bytes {first}-{end - 1}/{self._size}"
                self.headers["content-length"] = str(end - first)
            await send({"type": "http.response.start", "status": status, "headers": self.raw_headers})
            if end > first:
                await channel(file, first, end - first, run)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            os.close(file)


def _place(handover: Handover | None, request: Request, path: Path, part: str | None) -> tuple[str, str] | None:
    """Say how to leave a file to the proxy; `None` where only we can answer exactly what was asked."""
    asked = request.headers
    # A proxy sends a whole file or one part; it reads the request's `Range` itself, and knows the file's version by
    # what we say of it only after it has compared.
    is_plain = "range" not in asked or (part is not None and "," not in part and part == asked["range"].strip())
    direct = not any(name in asked for name in _FORWARDED)
    if handover is None or request.method != "GET" or direct or not is_plain or has_preconditions(asked):
        return None
    place = handover.place(path)
    return None if place is None else (handover.header.value, place)
