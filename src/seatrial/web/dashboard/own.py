"""The gate before one's own account: open to every session, whatever organizations it opens, or none.

Who must set up a second factor before an organization lets them in does that here.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.errors import (
    EntityNotFound,
    InvalidToken,
    NotAuthenticated,
    SeatrialError,
    SignInRule,
    TokenExpired,
)
from seatrial.services.identity import SignedIn
from seatrial.web import arrivals
from seatrial.web.context import Context, context_of
from seatrial.web.dashboard.door import COOKIE, HOME, Visitor, proof, visitor_of
from seatrial.web.dashboard.gate import Handler, check_form, to_login
from seatrial.web.dashboard.view import show, show_outside
from seatrial.web.locale import Language
from seatrial.web.speech import language_of
from seatrial.wire.errors import error_body

ACCOUNT = f"{HOME}/account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Self:
    """Somebody who looks at their own account."""

    request: Request
    context: Context
    secret: str
    me: SignedIn
    visitor: Visitor | None
    """In the first of their organizations; none where no organization lets them in."""
    rule: str
    """What an organization asks for before it does: `twoFactor` or `identityProvider`; empty for nothing."""
    language: Language


OwnPage = Callable[[Self], Awaitable[Response]]


def for_oneself(page: OwnPage) -> Handler:
    """Make a handler of a page about somebody's own account; who is not signed in is sent to the sign-in first."""

    async def handle(request: Request) -> Response:
        try:
            oneself = await _oneself(request)
        except (NotAuthenticated, InvalidToken, TokenExpired):
            return to_login(request)
        try:
            if request.method not in {"GET", "HEAD"}:
                await check_form(request, oneself.secret)
            return await page(oneself)
        except SeatrialError as error:
            return _failure(oneself, error)

    handle.__name__ = page.__name__
    handle.__doc__ = page.__doc__
    return handle


def show_own(oneself: Self, template: str, status: int = 200, /, **values: object) -> Response:
    """Render a page about somebody's own account, in the frame of an organization where there is one."""
    if oneself.visitor is not None:
        return show(oneself.visitor, template, status, **values)
    return show_outside(oneself.request, template, status, visitor=None, csrf=proof(oneself.secret), **values)


async def _oneself(request: Request) -> Self:
    context, secret = context_of(request), arrivals.kept(request, COOKIE)
    if not secret:
        raise NotAuthenticated
    me = await context.read(lambda: context.identity.person(secret))
    visitor, rule = None, ""
    try:
        visitor = await visitor_of(request)
    except SignInRule as broken:
        rule = broken.rule
    except EntityNotFound:
        pass  # who belongs to no organization (any more) still has an account
    return Self(
        request=request,
        context=context,
        secret=secret,
        me=me,
        visitor=visitor,
        rule=rule,
        language=language_of(request),
    )


def _failure(oneself: Self, error: SeatrialError) -> Response:
    status, _body, headers = error_body(error)
    answer = show_own(oneself, "dashboard/own_failure.html", status, error=error)
    answer.headers.update({name: value for name, value in headers.items() if name != "WWW-Authenticate"})
    return answer
