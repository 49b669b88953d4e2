"""Getting in and out, and what the pages look like to somebody."""

from contextlib import suppress

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from seatrial.domain.errors import Forbidden, InvalidToken, TokenExpired, TooManyRequests, WrongCredentials
from seatrial.services.sessions import LoginRequest
from seatrial.web.context import context_of
from seatrial.web.dashboard.door import (
    COOKIE,
    HOME,
    LANGUAGE_COOKIE,
    LOGIN,
    THEME_COOKIE,
    THEMES,
    Visitor,
    form_of,
    keep,
    language_of,
    safe_next,
    same_origin,
)
from seatrial.web.dashboard.gate import check_form, signed_in, to_login
from seatrial.web.dashboard.view import failure_outside, show_outside
from seatrial.web.locale import languages

YEAR = 365 * 24 * 3600


async def ask(request: Request) -> Response:
    """Ask who it is."""
    return _form(request, safe_next(request.query_params.get("next", HOME)))


async def enter(request: Request) -> Response:
    """Open a session and go on to where somebody wanted to go."""
    if not same_origin(request):
        raise Forbidden
    context, said = context_of(request), await form_of(request)
    say = language_of(request).say
    target = safe_next(said.get("next", HOME))
    wanted = LoginRequest(
        email=said.get("email", ""),
        password=said.get("password", ""),
        address=request.client.host if request.client else "",
        user_agent=request.headers.get("user-agent", ""),
    )
    try:
        opened = await context.compare(lambda: context.sessions.login(wanted))
    except TooManyRequests as error:
        wait = say("Too many attempts. Try again in {seconds} seconds.", seconds=error.retry_after)
        return _form(request, target, 429, email=wanted.email, wrong=wait)
    except WrongCredentials:
        return _form(
            request, target, 401, email=wanted.email, wrong=say("The e-mail address or the password is wrong.")
        )
    answer = RedirectResponse(target, 303)
    keep(answer, request, COOKIE, opened.access_token, context.sessions.rules.refresh_life.days * 24 * 3600)
    return answer


async def leave(request: Request) -> Response:
    """End the session: also of somebody to whom no organization shows its pages."""
    context, secret = context_of(request), request.cookies.get(COOKIE, "")
    if not secret:
        return to_login(request)
    try:
        await check_form(request, secret)
    except Forbidden as error:
        return failure_outside(request, error)
    with suppress(InvalidToken, TokenExpired):  # it has ended already
        await context.write(lambda: context.sessions.logout(secret))
    answer = RedirectResponse(LOGIN, 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


@signed_in
async def look(visitor: Visitor) -> Response:
    """Keep the theme or the language that somebody chose."""
    request, said = visitor.request, await form_of(visitor.request)
    answer = RedirectResponse(safe_next(said.get("next", HOME)), 303)
    if said.get("theme") in THEMES:
        keep(answer, request, THEME_COOKIE, said["theme"], YEAR)
    if said.get("language") in languages():
        keep(answer, request, LANGUAGE_COOKIE, said["language"], YEAR)
    return answer


def _form(request: Request, target: str, status: int = 200, *, email: str = "", wrong: str = "") -> Response:
    return show_outside(
        request,
        "dashboard/login.html",
        status,
        next=target,
        email=email,
        wrong=wrong,
        asks_code=False,
        providers=[],
    )


ROUTES = (
    ("GET", LOGIN, ask),
    ("POST", LOGIN, enter),
    ("POST", f"{HOME}/logout", leave),
    ("POST", f"{HOME}/look", look),
)
