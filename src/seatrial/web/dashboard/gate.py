"""The gate before every page: to the sign-in without a session; forged forms and failures are answered in words."""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from seatrial.domain.errors import Forbidden, InvalidToken, NotAuthenticated, SeatrialError, TokenExpired
from seatrial.web.dashboard.door import LOGIN, Visitor, form_of, is_proof, same_origin, visitor_of
from seatrial.web.dashboard.view import failure

Page = Callable[[Visitor], Awaitable[Response]]
Handler = Callable[[Request], Awaitable[Response]]


def signed_in(page: Page) -> Handler:
    """Make a handler of a page for people who are signed in; all others are sent to the sign-in first.

    The path's `organization` is the one that is looked at; without it, the first one of the person.
    """

    async def handle(request: Request) -> Response:
        try:
            visitor = await visitor_of(request)
        except (NotAuthenticated, InvalidToken, TokenExpired):
            return _to_login(request)
        if request.method not in {"GET", "HEAD"} and not await _is_ours(visitor, request):
            raise Forbidden
        try:
            return await page(visitor)
        except SeatrialError as error:
            return failure(visitor, error)

    handle.__name__ = page.__name__
    handle.__doc__ = page.__doc__
    return handle


async def _is_ours(visitor: Visitor, request: Request) -> bool:
    if not same_origin(request):
        return False
    said = request.headers.get("x-csrf-token")
    if said is None:
        form = await form_of(request)
        said = form.get("csrf", "")
    return is_proof(visitor.secret, said)


def _to_login(request: Request) -> Response:
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.headers.get("hx-request"):
        # A fragment must not become the sign-in page: the whole page goes there.
        return Response(status_code=204, headers={"HX-Redirect": LOGIN})
    target = LOGIN if request.method != "GET" else f"{LOGIN}?next={quote(path, safe='')}"
    return RedirectResponse(target, 303)
