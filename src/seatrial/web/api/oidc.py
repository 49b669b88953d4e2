"""To an identity provider and back (OpenID Connect, authorization code)."""

import hashlib

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from seatrial.domain.errors import EntityNotFound, InvalidRequest, SeatrialError, ServiceUnavailable, SignInRefused
from seatrial.domain.sign_in import Arrival, SignInTarget
from seatrial.services.oidc import LIFE, OTHER_BROWSER
from seatrial.web import errors
from seatrial.web.arrivals import HOME, SESSION_COOKIE, checked_scheme, keep, path_of_ours, to_app, to_page
from seatrial.web.auth import agent_of
from seatrial.web.context import context_of
from seatrial.web.pages.rendering import page
from seatrial.web.replies import links_of, reply
from seatrial.web.speech import language_of
from seatrial.wire.errors import error_body
from seatrial.wire.fields import word
from seatrial.wire.sessions import session_json

COOKIE_PATH = "/v1/auth/oidc"


async def start(request: Request) -> Response:
    """Send a browser to the identity provider."""
    context, provider, said = context_of(request), request.path_params["provider"], request.query_params
    try:
        target = SignInTarget(word("target", said.get("target", SignInTarget.API), SignInTarget))
        scheme = checked_scheme(said.get("scheme", ""))
        if bool(scheme) != (target is SignInTarget.SDK):
            raise InvalidRequest({"scheme": "goes with the target sdk"})
        back = f"{links_of(request).api}{COOKIE_PATH}/{provider}/callback"
        path = path_of_ours(said.get("next", ""))
        url, kept = await context.store(lambda: context.oidc.begin(provider, back, target, scheme=scheme, path=path))
    except SeatrialError as error:
        return _failed(request, error)
    answer = RedirectResponse(url, 302, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    state = url.partition("state=")[2].partition("&")[0]
    keep(request, answer, _cookie(state), kept, int(LIFE.total_seconds()), COOKIE_PATH)
    return answer


async def callback(request: Request) -> Response:
    """Take somebody back from the identity provider, and sign them in."""
    try:
        arrival = await _arrival(request)
    except SeatrialError as error:
        return _failed(request, error)
    answer = _go_on(request, arrival)
    answer.delete_cookie(_cookie(arrival.voyage.state), COOKIE_PATH)
    return answer


async def _arrival(request: Request) -> Arrival:
    context, provider, said = context_of(request), request.path_params["provider"], request.query_params
    state, agent = said.get("state", ""), agent_of(request)
    kept = request.cookies.get(_cookie(state), "")
    if not kept:
        raise SignInRefused(OTHER_BROWSER)
    voyage = context.oidc.opened(kept, state)
    if "error" in said:
        reason = said["error"][:64]
        is_word = reason.isascii() and reason.replace("_", "").isalnum()
        raise SignInRefused(f"the identity provider let nobody in ({reason if is_word else 'no reason'})")
    code = said.get("code", "")
    return await context.store(lambda: context.oidc.finish(voyage, provider, code, agent))


def _go_on(request: Request, arrival: Arrival) -> Response:
    voyage = arrival.voyage
    if arrival.member_session is not None:
        if voyage.target is SignInTarget.SDK:
            return to_app(voyage.scheme, arrival.member_session)
        return to_page(request, arrival.member_session, voyage.path or "/")
    assert arrival.session is not None, "an arrival has one of the two"
    if voyage.target is SignInTarget.API:
        return reply(session_json(arrival.session))
    answer = RedirectResponse(voyage.path or HOME, 303, {"Cache-Control": "no-store"})
    rules = context_of(request).sessions.rules
    keep(request, answer, SESSION_COOKIE, arrival.session.access_token, int(rules.refresh_life.total_seconds()))
    return answer


def _failed(request: Request, error: SeatrialError) -> Response:
    """Tell a browser by a page, and a program by JSON."""
    if "text/html" not in request.headers.get("accept", ""):
        return errors.answer(error)
    status, _body, _headers = error_body(error)
    reason = _reason(error)
    told = language_of(request).retell(reason)
    return page(request, "sign_in_failed.html", status, reason=_sentence(told or reason), is_told=told is not None)


def _reason(error: SeatrialError) -> str:
    match error:
        case SignInRefused():
            return error.reason
        case InvalidRequest():
            return str(error)
        case EntityNotFound():
            return "there is no such way to sign in here"
        case ServiceUnavailable():
            return error.message
        case _:
            return "it did not work; begin again"


def _sentence(said: str) -> str:
    return said[:1].upper() + said[1:].rstrip(".") + "."


def _cookie(state: str) -> str:
    """Name the cookie of one sign-in: several may be under way in the tabs of one browser."""
    return f"seatrial_oidc_{hashlib.sha256(state.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
