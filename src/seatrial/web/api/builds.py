"""Builds: list, show, update, delete (contract 1.2, 1.3, 2.1)."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from seatrial.domain.build import Progress
from seatrial.domain.errors import ServiceUnavailable
from seatrial.services.reprocessing import OPEN
from seatrial.web.auth import Face
from seatrial.web.body import read_body
from seatrial.web.context import Context, context_of
from seatrial.web.digests import idempotency_key, repeated
from seatrial.web.live import BEAT, event
from seatrial.web.replies import links_of, reply
from seatrial.wire.builds import build_json, progress_json
from seatrial.wire.pages import page_json
from seatrial.wire.queries import build_query, wait_query
from seatrial.wire.updates import build_changes

FULL_SECONDS = 5


@dataclass(frozen=True, slots=True)
class BuildRoutes:
    """The same handlers on both faces."""

    face: Face

    async def search(self, request: Request) -> Response:
        """List an app's builds, newest first."""
        context, scope = context_of(request), await self.face.scope(request)
        query = build_query(request.query_params.multi_items())
        show = partial(context.rendered.render, links_of(request))
        page = await context.read(lambda: context.builds.search(scope, query, show))
        return reply(page_json(page, page.items))

    async def show(self, request: Request) -> Response:
        """Show one build with its files, on request once it is finished."""
        context, scope = context_of(request), await self.face.scope(request)
        seconds, build_id = wait_query(request.query_params.multi_items()), request.path_params["build"]
        build = await context.read(lambda: context.builds.get(scope, build_id))
        if seconds and build.status in OPEN:
            await context.watch.until_finished(build.id, seconds)
            build = await context.read(lambda: context.builds.get(scope, build_id))
        return reply(build_json(build, links_of(request)))

    async def follow(self, request: Request) -> Response:
        """Send what happens to a build as it happens, until it is finished."""
        context, scope = context_of(request), await self.face.scope(request)
        build_id, now = await context.read(lambda: context.builds.progress_of(scope, request.path_params["build"]))
        is_known = request.headers.get("last-event-id") == str(now.revision)
        if is_known and now.is_finished:
            return Response(status_code=204)  # a browser's EventSource asks no more
        if context.watch.is_full:
            raise ServiceUnavailable("Too many requests wait.", FULL_SECONDS)
        # A proxy that collects an answer before it passes it on would make the stream useless.
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        if request.method == "HEAD":
            return Response(media_type="text/event-stream", headers=headers)
        steps = _steps(context, build_id, now, is_known=is_known)
        return StreamingResponse(steps, media_type="text/event-stream", headers=headers)

    async def update(self, request: Request) -> Response:
        """Change the fields that the body names; the others stay."""
        context, scope = context_of(request), await self.face.scope(request)
        body = await read_body(request, context.body_limits.json, context.body_limits.idle_read)
        changes = build_changes(body, self.face.is_workspace)
        build = await context.write(lambda: context.builds.update(scope, request.path_params["build"], changes))
        return reply(build_json(build, links_of(request)))

    async def reprocess(self, request: Request) -> Response:
        """Have a finished build read again."""
        context, scope = context_of(request), await self.face.scope(request)
        build_id, key = request.path_params["build"], idempotency_key(request.headers)
        build, is_repeated = await context.write(lambda: context.reprocessing.once(scope, build_id, key))
        return reply(build_json(build, links_of(request)), headers=repeated(is_repeated))

    async def delete(self, request: Request) -> Response:
        """Delete a build and its files for good."""
        context, scope = context_of(request), await self.face.scope(request)
        await context.store(lambda: context.builds.delete(scope, request.path_params["build"]))
        return reply({"deleted": True})


async def _steps(context: Context, build_id: str, now: Progress, *, is_known: bool) -> AsyncIterator[bytes]:
    yield BEAT if is_known else _told(build_id, now)
    if now.is_finished:
        return
    async with aclosing(context.watch.steps(build_id, now)) as steps:
        async for step in steps:
            yield BEAT if step is None else _told(build_id, step)


def _told(build_id: str, progress: Progress) -> bytes:
    return event("status", progress_json(build_id, progress), str(progress.revision))
