"""Uploads: builds and the files beside them (contract 1.1, 1.4)."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.errors import PayloadTooLarge
from seatrial.domain.upload import Promise
from seatrial.services.uploads import Intake
from seatrial.storage.portion import portion
from seatrial.web.auth import Face
from seatrial.web.body import body_chunks, content_length
from seatrial.web.context import Context, context_of
from seatrial.web.digests import Digests, idempotency_key, repeated
from seatrial.web.multipart import Form, read_form
from seatrial.web.replies import links_of, reply
from seatrial.wire.builds import build_json
from seatrial.wire.uploads import attachment, submission


@dataclass(frozen=True, slots=True)
class UploadRoutes:
    """The same handlers on both faces."""

    face: Face

    async def create(self, request: Request) -> Response:
        """Take a build in; the answer comes when its bytes are safe, its processing follows."""
        context, scope = context_of(request), await self.face.scope(request)
        length, key = content_length(request.headers), idempotency_key(request.headers)
        async with _received(request, context, lambda: context.uploads.begin(scope, length, key)) as (
            intake,
            form,
            promise,
        ):
            said = submission(form.fields)
            build = await context.store(lambda: context.uploads.accept(intake, said, promise))
        return reply(build_json(build, links_of(request)), headers=repeated(intake.is_repeated))

    async def attach(self, request: Request) -> Response:
        """Put one or more files beside a processed build."""
        context, scope = context_of(request), await self.face.scope(request)
        build_id, length = request.path_params["build"], content_length(request.headers)
        key = idempotency_key(request.headers)
        async with _received(
            request, context, lambda: context.uploads.begin_attachments(scope, build_id, length, key)
        ) as (intake, form, promise):
            description = attachment(form.fields)
            build = await context.store(lambda: context.uploads.attach(intake, description, promise))
        return reply(build_json(build, links_of(request)), headers=repeated(intake.is_repeated))


@asynccontextmanager
async def _received(
    request: Request, context: Context, begin: Callable[[], Intake]
) -> AsyncIterator[tuple[Intake, Form, Promise]]:
    """Stream a form's files into storage; whatever goes wrong from here on leaves nothing of them."""
    limits, digests = context.form_limits, Digests(request.headers)
    if (content_length(request.headers) or 0) > limits.body:
        raise PayloadTooLarge(limits.body)
    with context.upload_places.one():
        intake = await context.write(begin)
        try:
            form = await read_form(
                digests.watch(body_chunks(request, context.body_limits.idle_read), context.threads.upload),
                request.headers.get("content-type", ""),
                content_length(request.headers),
                lambda name, file_name, _media_type: intake.open(name, file_name),
                limits=limits,
                threads=context.threads.upload,
                batch=lambda: portion(context.upload_places.taken),
            )
            yield intake, form, Promise(idempotency_key(request.headers), digests.left_for_the_file())
        except BaseException:
            await context.store(lambda: context.uploads.abandon(intake))
            raise
