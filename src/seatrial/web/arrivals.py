"""Where somebody goes who has just signed in, and what their browser keeps."""

import re
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from seatrial.domain.errors import InvalidRequest
from seatrial.domain.membership import OpenedMemberSession
from seatrial.web.context import context_of

MEMBER_COOKIE = "seatrial_member"
"""The secret of a member's session, for the store's pages."""
SESSION_COOKIE = "seatrial_session"
"""The access token of a person's session, for the dashboard's pages."""
_HOST_ONLY = frozenset({MEMBER_COOKIE, SESSION_COOKIE})
HOME = "/dashboard"
SCHEME = re.compile(r"applivery-[A-Za-z0-9-]{1,200}|[A-Za-z][A-Za-z0-9_.-]{0,200}\.applivery\.auth")
"""The URL schemes of apps with an SDK: `applivery-<bundle id with dashes>` on iOS, `<package>.applivery.auth` on
Android. No other one is followed: a session must not go to whoever asks."""


def checked_scheme(said: str) -> str:
    """Read the URL scheme of an app; nothing said is none.

    Raises InvalidRequest.
    """
    if said and not SCHEME.fullmatch(said):
        raise InvalidRequest({"scheme": "must be applivery-<bundle id with dashes>, or <package>.applivery.auth"})
    return said


def path_of_ours(said: str) -> str:
    """Give a path of this server to go on to; empty for anything that could lead elsewhere."""
    is_path = said.startswith("/") and not said.startswith("//") and "\\" not in said and said.isprintable()
    return said if is_path and len(said) <= 2000 else ""


def is_own_origin(request: Request) -> bool:
    """Whether the browser says that a page of this server sent the form; one that says nothing is believed."""
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}
    return urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()


def to_app(scheme: str, opened: OpenedMemberSession) -> Response:
    """Go back to an app, as its SDK expects: it reads `bearer` from the query of any URL of its scheme."""
    return RedirectResponse(
        f"{scheme}://auth?bearer={quote(opened.secret, safe='')}",
        303,
        {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
    )


def own_name(request: Request, name: str) -> str:
    """Give the name of a cookie as the browser has it.

    Over https those that sign somebody in begin with `__Host-`: then no other host of the domain can have set them.
    """
    return f"__Host-{name}" if name in _HOST_ONLY and request.url.scheme == "https" else name


def kept(request: Request, name: str) -> str:
    """Read a cookie of ours; empty for none."""
    return request.cookies.get(own_name(request, name), "")


def forget(request: Request, response: Response, name: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(own_name(request, name), path="/", secure=request.url.scheme == "https", httponly=True)


def keep(request: Request, response: Response, name: str, value: str, seconds: int, path: str = "/") -> None:
    """Set a cookie that scripts cannot read and foreign forms do not bring along."""
    response.set_cookie(
        own_name(request, name),
        value,
        max_age=seconds,
        path=path,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def to_page(request: Request, opened: OpenedMemberSession, path: str) -> Response:
    """Go on to a page, signed in to the store."""
    answer = RedirectResponse(path, 303, {"Cache-Control": "no-store"})
    keep(request, answer, MEMBER_COOKIE, opened.secret, context_of(request).member_sessions.seconds)
    return answer
