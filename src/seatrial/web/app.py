"""The ASGI application: every route in one look."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from seatrial import __version__
from seatrial.web import errors
from seatrial.web.api import downloads, openapi
from seatrial.web.api.builds import BuildRoutes
from seatrial.web.api.uploads import UploadRoutes
from seatrial.web.auth import FACES, WORKSPACE, Face
from seatrial.web.body import UnreadBodies
from seatrial.web.context import Context, context_of
from seatrial.web.edge import Edge
from seatrial.web.pages import docs, setup
from seatrial.web.pages.rendering import STATIC
from seatrial.web.replies import reply

Handler = Callable[[Request], Awaitable[Response]]


def create_app(context: Context) -> FastAPI:
    """Build the application around its services."""
    app = FastAPI(
        title="Seatrial", version=__version__, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    app.state.context = context
    for face in FACES:
        _add_face(app, face)
    _get(app, f"{WORKSPACE.prefix}/builds/{{build}}/downloadToken", downloads.issue)
    _get(app, f"{WORKSPACE.prefix}/builds/{{build}}/downloads", downloads.search)
    # A HEAD must neither use a token up nor hand out where it leads.
    _add(app, "HEAD", "/v1/download/{token}", downloads.peek)
    _add(app, "GET", "/v1/download/{token}", downloads.redeem)
    _get(app, "/v1/download/{token}/manifest.plist", downloads.manifest)
    _get(app, "/v1/files/{file}/{name:path}", downloads.read)
    _get(app, "/healthz", health)
    _get(app, "/openapi.json", openapi.show)
    _get(app, "/docs", docs.show)
    _get(app, "/setup/{token}", setup.show)
    _add(app, "POST", "/setup/{token}", setup.create)
    app.mount("/static", StaticFiles(directory=STATIC))
    errors.install(app)
    app.add_middleware(Edge)
    app.add_middleware(
        UnreadBodies, drain_bytes=context.body_limits.refused, drain_seconds=context.body_limits.refused_seconds
    )
    return app


async def health(request: Request) -> Response:
    """Tell a load balancer whether this process can serve."""
    context = context_of(request)
    await context.read(context.is_healthy)
    return reply({"version": __version__})


def _add_face(app: FastAPI, face: Face) -> None:
    builds, uploads = BuildRoutes(face), UploadRoutes(face)
    _get(app, f"{face.prefix}/builds", builds.search)
    _add(app, "POST", f"{face.prefix}/builds", uploads.create)
    _get(app, f"{face.prefix}/builds/{{build}}", builds.show)
    _add(app, "PUT", f"{face.prefix}/builds/{{build}}", builds.update)
    _add(app, "DELETE", f"{face.prefix}/builds/{{build}}", builds.delete)
    _add(app, "POST", f"{face.prefix}/builds/{{build}}/files", uploads.attach)


def _get(app: FastAPI, path: str, handler: Handler) -> None:
    _add(app, "GET", path, handler)
    _add(app, "HEAD", path, handler)


def _add(app: FastAPI, method: str, path: str, handler: Handler) -> None:
    app.add_api_route(path, handler, methods=[method], response_model=None, include_in_schema=method != "HEAD")
