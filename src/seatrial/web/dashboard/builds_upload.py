"""Uploads from the page, for the session in the cookie: the API's own upload, and its uploads that can go on.

The second is what the page's script uses. Its answers are the API's, also to somebody who was signed out meanwhile: a
script that is sent to the sign-in takes that page for an answer. What is wrong with a field is said in the visitor's
language, for the page shows it.
"""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.access import AppScope
from seatrial.domain.errors import Forbidden, InvalidRequest, SeatrialError
from seatrial.web.api.tus import TusRoutes
from seatrial.web.api.uploads import UploadRoutes
from seatrial.web.auth import Face
from seatrial.web.dashboard.door import Visitor, in_app, is_proof, same_origin, visitor_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.one_app import APP, scope_of
from seatrial.web.dashboard.rules import in_words
from seatrial.web.errors import answer
from seatrial.web.speech import language_of


async def _from_cookie(request: Request) -> AppScope:
    return scope_of(await in_app(await visitor_of(request)))


async def _from_script(request: Request) -> AppScope:
    """Find the app for a script that shows, before it changes anything, that a page of this session runs it."""
    visitor = await visitor_of(request)
    if request.method not in {"GET", "HEAD"}:
        said = request.headers.get("x-csrf-token", "")
        if not same_origin(request) or not is_proof(visitor.secret, said):
            raise Forbidden
    return scope_of(await in_app(visitor))


def _in_their_words(request: Request, error: SeatrialError) -> SeatrialError:
    return InvalidRequest(in_words(language_of(request), error)) if isinstance(error, InvalidRequest) else error


uploads = UploadRoutes(Face("dashboard", APP, _from_cookie, is_workspace=True))
resumable = TusRoutes(Face("dashboard", APP, _from_script, is_workspace=True, is_page=True), _in_their_words)


@signed_in
async def upload(visitor: Visitor) -> Response:
    """Take a build in as the API does, with its answer; the proof against forgery comes in a header."""
    try:
        return await uploads.create(visitor.request)
    except SeatrialError as error:
        return answer(_in_their_words(visitor.request, error))


ROUTES = (("POST", f"{APP}/upload", upload), *resumable.routes())
