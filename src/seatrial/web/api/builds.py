"""Builds: list, show, update, delete (contract 1.2, 1.3, 2.1)."""

from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.auth import Face
from seatrial.web.body import read_body
from seatrial.web.context import context_of
from seatrial.web.replies import links_of, reply
from seatrial.wire.builds import build_json
from seatrial.wire.pages import page_json
from seatrial.wire.queries import build_query
from seatrial.wire.updates import build_changes


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
        """Show one build with its files."""
        context, scope = context_of(request), await self.face.scope(request)
        build = await context.read(lambda: context.builds.get(scope, request.path_params["build"]))
        return reply(build_json(build, links_of(request)))

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
        build = await context.write(lambda: context.reprocessing.again(scope, request.path_params["build"]))
        return reply(build_json(build, links_of(request)))

    async def delete(self, request: Request) -> Response:
        """Delete a build and its files for good."""
        context, scope = context_of(request), await self.face.scope(request)
        await context.write(lambda: context.builds.delete(scope, request.path_params["build"]))
        return reply({"deleted": True})
