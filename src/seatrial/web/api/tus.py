"""Uploads that go on where they stopped: the tus protocol, under the API's own credentials, ending in the API's build.

A body is written while it arrives. Whatever of it came before the connection was lost counts, unless the request says
by a checksum that it is all or nothing. A client that comes back while the server still waits for its old connection
gets that one's place: who writes looks once a second whether somebody else wants to.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.access import AppScope
from seatrial.domain.build import Build
from seatrial.domain.errors import (
    ChecksumMismatch,
    EntityNotFound,
    InvalidRequest,
    PayloadTooLarge,
    SeatrialError,
    UnknownProtocol,
    UnsupportedMediaType,
    UploadInUse,
)
from seatrial.domain.upload import Concatenation, NewUpload, Promise, UnfinishedUpload
from seatrial.services.receiving import Receiving
from seatrial.storage.portion import portion
from seatrial.web.auth import Face
from seatrial.web.body import body_chunks, content_length
from seatrial.web.context import Context, T, context_of
from seatrial.web.digests import file_claims, idempotency_key, repeated
from seatrial.web.disposition import safe_name
from seatrial.web.errors import answer
from seatrial.web.lane import Lane
from seatrial.web.multipart import BATCH_PIECES
from seatrial.web.replies import links_of, reply
from seatrial.wire import tus
from seatrial.wire.builds import build_json
from seatrial.wire.uploads import submission

CONTENT_TYPE = "application/offset+octet-stream"
LOOK_SECONDS = 1.0
"""How often who writes looks whether somebody else wants to."""
PATIENCE_SECONDS = 5.0
"""How long a request waits until another one has let an upload go."""
TRY_SECONDS = 0.1

Act = Callable[["TusRoutes", Request, AppScope], Awaitable[Response]]


def _as_it_is(_request: Request, error: SeatrialError) -> SeatrialError:
    return error


@dataclass(frozen=True, slots=True)
class TusRoutes:
    """The same handlers on every face."""

    face: Face
    put: Callable[[Request, SeatrialError], SeatrialError] = _as_it_is
    """Puts what is refused into other words."""

    def routes(self) -> tuple[tuple[str, str, Callable[[Request], Awaitable[Response]]], ...]:
        """Give methods, paths and what answers them; HEAD is no GET without a body here."""
        every, one = f"{self.face.prefix}/uploads", f"{self.face.prefix}/uploads/{{upload}}"
        return (
            ("OPTIONS", every, self.options),
            ("POST", every, self.create),
            ("HEAD", one, self.tell),
            ("GET", one, self.show),
            ("PATCH", one, self.receive),
            ("DELETE", one, self.terminate),
            ("POST", one, self.instead),
        )

    async def options(self, request: Request) -> Response:
        """Tell which version and extensions are spoken, and how large an upload may be."""
        limit = context_of(request).form_limits.body
        headers = {
            "Tus-Version": tus.VERSION,
            "Tus-Extension": tus.EXTENSIONS,
            "Tus-Max-Size": str(limit),
            "Tus-Checksum-Algorithm": ",".join(tus.ALGORITHMS),
        }
        return _spoken(Response(status_code=204, headers=headers))

    async def create(self, request: Request) -> Response:
        """Announce an upload; its first bytes may come along."""
        return await self._speak(request, TusRoutes._create)

    async def tell(self, request: Request) -> Response:
        """Tell how far an upload is."""
        return await self._speak(request, TusRoutes._tell)

    async def receive(self, request: Request) -> Response:
        """Take the next bytes; the last one makes the build."""
        return await self._speak(request, TusRoutes._receive)

    async def terminate(self, request: Request) -> Response:
        """Forget an upload."""
        return await self._speak(request, TusRoutes._terminate)

    async def instead(self, request: Request) -> Response:
        """Do what `X-Http-Method-Override` says, for clients that cannot say it themselves."""
        meant = {"PATCH": self.receive, "DELETE": self.terminate, "HEAD": self.tell}
        act = meant.get(request.headers.get("x-http-method-override", "").strip().upper())
        return await (act or self._nothing)(request)

    async def show(self, request: Request) -> Response:
        """Show an upload, with its build once there is one, as the API shows things."""
        context, scope, upload_id = context_of(request), await self.face.scope(request), request.path_params["upload"]
        upload = await context.read(lambda: context.resumable_uploads.find(scope, upload_id))
        build = await context.read(lambda: build_of(context, scope, upload))
        shown = build_json(build, links_of(request)) if build else None
        return reply(tus.upload_json(upload, shown), headers={"Tus-Resumable": tus.VERSION} | tus.headers(upload))

    async def _nothing(self, request: Request) -> Response:
        await self.face.scope(request)
        raise InvalidRequest({"X-Http-Method-Override": "must be PATCH, DELETE or HEAD"})

    async def _speak(self, request: Request, act: Act) -> Response:
        try:
            scope = await self.face.scope(request)
            if request.headers.get("tus-resumable", "").strip() != tus.VERSION:
                raise UnknownProtocol(tus.VERSION)
            return _spoken(await act(self, request, scope))
        except SeatrialError as error:
            return _spoken(answer(self.put(request, error)))

    async def _create(self, request: Request, scope: AppScope) -> Response:
        context, said = context_of(request), request.headers
        kind, parts = tus.concatenation(said.get("upload-concat"))
        text = said.get("upload-metadata", "")
        fields = tus.metadata(text)
        submission(fields)  # refused now, and not when all bytes are here
        new = NewUpload(
            length=0 if parts else tus.whole_number("Upload-Length", said.get("upload-length")),
            metadata=text,
            concatenation=kind,
            parts=said.get("upload-concat", "").partition(";")[2].strip() if parts else "",
            promise=Promise(idempotency_key(said), file_claims(said)),
            meant=tus.meant(fields),
        )
        service = context.resumable_uploads
        if parts:
            name = safe_name(tus.file_name(fields))
            upload, _ = await _patiently(
                context, lambda: service.concatenate(scope, new, parts, submission(fields), name)
            )
            return self._created(request, upload)
        digest = tus.checksum(said.get("upload-checksum"))
        upload = await context.write(lambda: service.announce(scope, new))
        if _is_upload(request) and content_length(said) != 0 and upload.offset == 0:
            try:
                taken = await self._take(request, scope, upload.id, 0, digest)
                upload = replace(taken, is_repeated=upload.is_repeated)
            except ChecksumMismatch:
                # Nobody was told where it is.
                await context.store(lambda: service.terminate(scope, upload.id))
                raise
        return self._created(request, upload)

    async def _tell(self, request: Request, scope: AppScope) -> Response:
        context, upload_id = context_of(request), request.path_params["upload"]
        upload = await _patiently(context, lambda: context.resumable_uploads.settled(scope, upload_id))
        return Response(status_code=200, headers=tus.description(upload))

    async def _receive(self, request: Request, scope: AppScope) -> Response:
        said, upload_id = request.headers, request.path_params["upload"]
        if not _is_upload(request):
            raise UnsupportedMediaType(f"The Content-Type must be {CONTENT_TYPE}.")
        offset = tus.whole_number("Upload-Offset", said.get("upload-offset"))
        digest = tus.checksum(said.get("upload-checksum"))
        upload = await self._take(request, scope, upload_id, offset, digest)
        return Response(status_code=204, headers=tus.headers(upload))

    async def _terminate(self, request: Request, scope: AppScope) -> Response:
        context, upload_id = context_of(request), request.path_params["upload"]
        await _patiently(context, lambda: context.resumable_uploads.terminate(scope, upload_id))
        return Response(status_code=204)

    async def _take(
        self, request: Request, scope: AppScope, upload_id: str, offset: int, digest: tuple[str, bytes] | None
    ) -> UnfinishedUpload:
        context, service = context_of(request), context_of(request).resumable_uploads
        with context.upload_places.one():
            receiving = await _patiently(context, lambda: service.receive(scope, upload_id, offset, digest))
            return await self._fill(request, scope, receiving)

    async def _fill(self, request: Request, scope: AppScope, receiving: Receiving) -> UnfinishedUpload:
        context, service, upload_id = context_of(request), context_of(request).resumable_uploads, receiving.upload.id
        lane = Lane(context.threads.upload)
        try:
            if (content_length(request.headers) or 0) > receiving.room:
                raise PayloadTooLarge(receiving.upload.length)
            try:
                await _pour(request, context, receiving, lane)
            except BaseException:
                await lane.abandon(receiving.break_off)
                raise
            await lane.ask(receiving.settle)
            if receiving.is_whole and receiving.upload.concatenation is not Concatenation.PARTIAL:
                fields = tus.metadata(receiving.upload.metadata)
                said, name = submission(fields), safe_name(tus.file_name(fields))
                await context.store(lambda: service.complete(scope, receiving, said, name))
                return await context.read(lambda: service.find(scope, upload_id))
            return receiving.upload
        finally:
            await lane.abandon(receiving.close)

    def _created(self, request: Request, upload: UnfinishedUpload) -> Response:
        path = f"{request.url.path.rstrip('/')}/{upload.id}"
        base = "" if self.face.is_page else links_of(request).upload
        headers = {"Location": f"{base}{path}"} | repeated(upload.is_repeated)
        return Response(status_code=201, headers=headers | tus.headers(upload))


async def _pour(request: Request, context: Context, receiving: Receiving, lane: Lane) -> None:
    """Write a body as it arrives; what has arrived is written whatever ends it.

    Raises UploadInUse where somebody else wants to go on.
    """
    batch: list[bytes] = []
    collected = 0
    try:
        async with asyncio.timeout(None) as deadline, _watched(context, receiving, deadline):
            async for chunk in body_chunks(request, context.body_limits.idle_read):
                batch.append(chunk)
                collected += len(chunk)
                if collected >= portion(context.upload_places.taken) or len(batch) >= BATCH_PIECES:
                    full, batch, collected = batch, [], 0
                    await lane.put(_writing(receiving, full))
    except TimeoutError as error:
        raise UploadInUse from error
    finally:
        await lane.put(_writing(receiving, batch))
        await lane.finish()


@asynccontextmanager
async def _watched(context: Context, receiving: Receiving, deadline: asyncio.Timeout) -> AsyncIterator[None]:
    """Look now and then whether somebody else waits for the upload, and let time be over then."""

    async def watch() -> None:
        wanted = False
        while not wanted:
            await asyncio.sleep(LOOK_SECONDS)
            wanted = await context.store(lambda: receiving.file.is_wanted)
        deadline.reschedule(asyncio.get_running_loop().time())

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()


def _writing(receiving: Receiving, batch: list[bytes]) -> Callable[[], None]:
    return lambda: receiving.write(batch)


async def _patiently(context: Context, call: Callable[[], T]) -> T:
    """Do what needs an upload for itself, waiting a little until another request has let it go."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return await context.store(call)
        except UploadInUse:
            if time.monotonic() >= until:
                raise
        await asyncio.sleep(TRY_SECONDS)


def build_of(context: Context, scope: AppScope, upload: UnfinishedUpload) -> Build | None:
    """Show what an upload has become, as long as it is there."""
    if upload.build_id is None:
        return None
    try:
        return context.uploads.get(scope, upload.build_id)
    except EntityNotFound:
        return None  # deleted since


def _is_upload(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == CONTENT_TYPE


def _spoken(response: Response) -> Response:
    response.headers["Tus-Resumable"] = tus.VERSION
    return response
