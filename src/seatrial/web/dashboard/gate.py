"""The gate before every page: to the sign-in without a session; forged forms and failures are answered in words."""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from seatrial.domain.errors import Forbidden, InvalidToken, NotAuthenticated, SeatrialError, SignInRule, TokenExpired
from seatrial.web.dashboard.door import HOME, LOGIN, Visitor, form_of, in_app, is_proof, same_origin, visitor_of
from seatrial.web.dashboard.view import failure, failure_outside

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
            return to_login(request)
        except SeatrialError as error:
            if isinstance(error, SignInRule) and error.rule == "twoFactor":
                # The page of one's own account is where it is set up, and says why.
                return RedirectResponse(f"{HOME}/account", 303)
            return failure_outside(request, error)
        try:
            if request.method not in {"GET", "HEAD"}:
                await check_form(request, visitor.secret)
            visitor = await in_app(visitor)
            return await page(visitor)
        except SeatrialError as error:
            return failure(visitor, error)

    handle.__name__ = page.__name__
    handle.__doc__ = page.__doc__
    return handle


async def check_form(request: Request, secret: str) -> None:
    """Let a form go on only if a page that was made for this session sent it.

    Raises Forbidden.
    """
    if not same_origin(request):
        raise Forbidden
    said = request.headers.get("x-csrf-token")
    if said is None:
        said = (await form_of(request)).get("csrf", "")
    if not is_proof(secret, said):
        raise Forbidden


def to_login(request: Request) -> Response:
    """Ask somebody to sign in, and let them come back to where they wanted to go."""
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.headers.get("hx-request"):
        # A fragment must not become the sign-in page: the whole page goes there.
        return Response(status_code=204, headers={"HX-Redirect": LOGIN})
    target = LOGIN if request.method != "GET" else f"{LOGIN}?next={quote(path, safe='')}"
    return RedirectResponse(target, 303)
