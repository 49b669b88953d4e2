"""Getting in and out, and what the pages look like to somebody."""

from contextlib import suppress
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from seatrial.domain.errors import (
    Forbidden,
    InvalidToken,
    SecondFactorNeeded,
    SignInRefused,
    TokenExpired,
    TooManyRequests,
    WrongCredentials,
)
from seatrial.domain.member import LONGEST_PASSWORD, OpenedSession
from seatrial.domain.sign_in import SignInTarget
from seatrial.services.sessions import LoginRequest
from seatrial.services.sign_in_steps import LIFE
from seatrial.web import arrivals
from seatrial.web.auth import address_of, agent_of
from seatrial.web.context import context_of
from seatrial.web.dashboard.door import (
    COOKIE,
    HOME,
    LOGIN,
    THEME_COOKIE,
    THEMES,
    Visitor,
    form_of,
    keep,
    safe_next,
    same_origin,
)
from seatrial.web.dashboard.gate import check_form, signed_in, to_login
from seatrial.web.dashboard.view import failure_outside, show_outside
from seatrial.web.locale import languages
from seatrial.web.speech import LANGUAGE_COOKIE, language_of

YEAR = 365 * 24 * 3600
CODE = f"{LOGIN}/code"
STEP_COOKIE = "seatrial_sign_in"
"""Who had the right password a moment ago, sealed, while their code is asked for."""
LONGEST_EMAIL, LONGEST_CODE = 256, 64


async def ask(request: Request) -> Response:
    """Ask who it is."""
    said = request.query_params
    return await _form(request, safe_next(said.get("next", HOME)), email=said.get("email", "")[:LONGEST_EMAIL])


async def enter(request: Request) -> Response:
    """Open a session and go on to where somebody wanted to go; with a second factor, to the page that asks for it."""
    if not same_origin(request):
        return failure_outside(request, Forbidden())
    context, said = context_of(request), await form_of(request)
    say, target = language_of(request).say, safe_next(said.get("next", HOME))
    wanted = LoginRequest(
        email=said.get("email", "").strip()[:LONGEST_EMAIL],
        password=said.get("password", "")[: LONGEST_PASSWORD + 1],
        address=address_of(request),
        user_agent=agent_of(request),
    )
    try:
        begun = await context.compare(lambda: context.sign_in_steps.begin(wanted))
    except TooManyRequests as error:
        return await _form(request, target, 429, email=wanted.email, wrong=_wait(request, error))
    except SignInRefused:
        told = say("Your organization lets people in by its identity provider only.")
        return await _form(request, target, 401, email=wanted.email, wrong=told)
    except WrongCredentials:
        told = say("The e-mail address or the password is wrong.")
        return await _form(request, target, 401, email=wanted.email, wrong=told)
    if isinstance(begun, OpenedSession):
        return await _arrived(request, begun, target)
    answer = RedirectResponse(f"{CODE}?{urlencode({'next': target})}", 303)
    arrivals.keep(request, answer, STEP_COOKIE, begun, int(LIFE.total_seconds()), LOGIN)
    return answer


async def ask_code(request: Request) -> Response:
    """Ask for the code, of whoever had the right password."""
    target = safe_next(request.query_params.get("next", HOME))
    if not request.cookies.get(STEP_COOKIE):
        return _again(target)
    return show_outside(request, "dashboard/login_code.html", next=target, wrong="")


async def enter_code(request: Request) -> Response:
    """Open a session for the right code."""
    if not same_origin(request):
        return failure_outside(request, Forbidden())
    context, said, say = context_of(request), await form_of(request), language_of(request).say
    target, kept = safe_next(said.get("next", HOME)), request.cookies.get(STEP_COOKIE, "")
    code, address, agent = said.get("code", "")[:LONGEST_CODE], address_of(request), agent_of(request)
    status, wrong = 401, ""
    try:
        opened = await context.write(lambda: context.sign_in_steps.finish(kept, code, address, agent))
    except TooManyRequests as error:
        status, wrong = 429, _wait(request, error)
    except SecondFactorNeeded:
        wrong = say("The code is wrong, or was used before.")
    except (WrongCredentials, SignInRefused):
        return _again(target)
    else:
        return await _arrived(request, opened, target)
    return show_outside(request, "dashboard/login_code.html", status, next=target, wrong=wrong)


async def leave(request: Request) -> Response:
    """End the session: also of somebody to whom no organization shows its pages."""
    context, secret = context_of(request), arrivals.kept(request, COOKIE)
    if not secret:
        return to_login(request)
    try:
        await check_form(request, secret)
    except Forbidden as error:
        return failure_outside(request, error)
    with suppress(InvalidToken, TokenExpired):  # it has ended already
        await context.write(lambda: context.sessions.logout(secret))
    answer = RedirectResponse(LOGIN, 303)
    arrivals.forget(request, answer, COOKIE)
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


async def _arrived(request: Request, opened: OpenedSession, target: str) -> Response:
    """Go on with a new session; the one that the browser had before ends."""
    context, before = context_of(request), arrivals.kept(request, COOKIE)
    if before:
        with suppress(InvalidToken, TokenExpired):
            await context.write(lambda: context.sessions.logout(before))
    answer = RedirectResponse(target, 303)
    keep(answer, request, COOKIE, opened.access_token, int(context.sessions.rules.refresh_life.total_seconds()))
    answer.delete_cookie(STEP_COOKIE, path=LOGIN)
    return answer


async def _form(request: Request, target: str, status: int = 200, *, email: str = "", wrong: str = "") -> Response:
    context = context_of(request)
    offered = await context.read(lambda: context.identity_providers.offered(_organization_of(target)))
    way = urlencode({"target": SignInTarget.DASHBOARD.value, "next": target})
    return show_outside(
        request,
        "dashboard/login.html",
        status,
        next=target,
        email=email,
        wrong=wrong,
        providers=[(one.name, f"/v1/auth/oidc/{one.id}/start?{way}") for one in offered],
    )


def _organization_of(path: str) -> str:
    """Name the organization whose pages somebody wants to see."""
    parts = path.partition("?")[0].split("/")
    return parts[2] if len(parts) > 2 and f"/{parts[1]}" == HOME else ""


def _again(target: str) -> Response:
    answer = RedirectResponse(f"{LOGIN}?{urlencode({'next': target})}", 303)
    answer.delete_cookie(STEP_COOKIE, path=LOGIN)
    return answer


def _wait(request: Request, error: TooManyRequests) -> str:
    say = language_of(request).say
    return say("Too many attempts. Try again in {seconds} seconds.", seconds=error.retry_after)


ROUTES = (
    ("GET", LOGIN, ask),
    ("POST", LOGIN, enter),
    ("GET", CODE, ask_code),
    ("POST", CODE, enter_code),
    ("POST", f"{HOME}/logout", leave),
    ("POST", f"{HOME}/look", look),
)
