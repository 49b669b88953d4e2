"""Uploads whose parts a client sends to the app's object store itself, by links that it gets here."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.access import AppScope
from seatrial.domain.upload import NewUpload, Promise
from seatrial.services.direct_uploads import DirectUpload
from seatrial.web.api.tus import build_of
from seatrial.web.auth import Face
from seatrial.web.context import context_of
from seatrial.web.digests import idempotency_key, repeated
from seatrial.web.disposition import safe_name
from seatrial.web.json_body import json_body
from seatrial.web.replies import links_of, reply
from seatrial.wire import direct_uploads as wire
from seatrial.wire import tus
from seatrial.wire.builds import build_json
from seatrial.wire.uploads import submission


@dataclass(frozen=True, slots=True)
class DirectUploadRoutes:
    """The same handlers on both faces."""

    face: Face

    def routes(self) -> tuple[tuple[str, str, Callable[[Request], Awaitable[Response]]], ...]:
        """Give methods, paths and what answers them."""
        every = f"{self.face.prefix}/directUploads"
        one = f"{every}/{{upload}}"
        return (
            ("POST", every, self.create),
            ("GET", one, self.show),
            ("DELETE", one, self.terminate),
            ("POST", f"{one}/complete", self.complete),
        )

    async def create(self, request: Request) -> Response:
        """Begin an upload and hand out links for its parts."""
        context, scope = context_of(request), await self.face.scope(request)
        said = wire.announcement(await json_body(request))
        submission(said.fields)  # refused now, and not when all bytes are there
        new = NewUpload(
            length=said.length,
            metadata=tus.write_metadata(said.fields),
            promise=Promise(idempotency_key(request.headers), said.claims),
            meant=tus.meant(said.fields),
        )
        made = await context.store(lambda: context.direct_uploads.announce(scope, new))
        return await self._shown(request, scope, made)

    async def show(self, request: Request) -> Response:
        """Show an upload with fresh links, or with its build."""
        context, scope, upload_id = context_of(request), await self.face.scope(request), request.path_params["upload"]
        found = await context.store(lambda: context.direct_uploads.find(scope, upload_id))
        return await self._shown(request, scope, found)

    async def complete(self, request: Request) -> Response:
        """Make a build of the parts that were sent."""
        context, scope, upload_id = context_of(request), await self.face.scope(request), request.path_params["upload"]
        etags = wire.etags(await json_body(request))
        service = context.direct_uploads
        found = await context.store(lambda: service.find(scope, upload_id))
        fields = tus.metadata(found.upload.metadata)
        said, name = submission(fields), safe_name(tus.file_name(fields))
        build = await context.store(lambda: service.complete(scope, upload_id, etags, said, name))
        return reply(build_json(build, links_of(request)))

    async def terminate(self, request: Request) -> Response:
        """Forget an upload and its parts."""
        context, scope, upload_id = context_of(request), await self.face.scope(request), request.path_params["upload"]
        await context.store(lambda: context.direct_uploads.terminate(scope, upload_id))
        return reply({"deleted": True})

    async def _shown(self, request: Request, scope: AppScope, found: DirectUpload) -> Response:
        context = context_of(request)
        build = await context.read(lambda: build_of(context, scope, found.upload))
        shown = build_json(build, links_of(request)) if build else None
        links = ((link.number, link.size, link.url) for link in found.links)
        shown = wire.direct_json(found.upload, found.part_size, links, shown)
        return reply(shown, headers=repeated(found.upload.is_repeated))
