"""Uploads from the page: the API's own upload, for the session in the cookie."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.access import AppScope
from seatrial.domain.errors import SeatrialError
from seatrial.web.api.uploads import UploadRoutes
from seatrial.web.auth import Face
from seatrial.web.dashboard.door import Visitor, in_app, visitor_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.one_app import APP, scope_of
from seatrial.web.errors import answer


async def _from_cookie(request: Request) -> AppScope:
    return scope_of(await in_app(await visitor_of(request)))


uploads = UploadRoutes(Face("dashboard", APP, _from_cookie, is_workspace=True))


@signed_in
async def upload(visitor: Visitor) -> Response:
    """Take a build in as the API does, with its answer; the proof against forgery comes in a header."""
    try:
        return await uploads.create(visitor.request)
    except SeatrialError as error:
        return answer(error)


ROUTES = (("POST", f"{APP}/upload", upload),)
