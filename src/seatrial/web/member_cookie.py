"""The cookie of who is signed in to the store: the secret of a member's session."""

from urllib.parse import quote

from starlette.requests import Request

from seatrial.domain.errors import InvalidToken, TokenExpired
from seatrial.domain.membership import MemberIdentity
from seatrial.web.arrivals import MEMBER_COOKIE, kept
from seatrial.web.context import context_of


async def member_of(request: Request) -> MemberIdentity | None:
    """Find who is signed in to the store; nobody where the cookie is missing, or good for nothing any more."""
    context, secret = context_of(request), kept(request, MEMBER_COOKIE)
    if not secret:
        return None
    try:
        return await context.read(lambda: context.member_sessions.find(secret))
    except (InvalidToken, TokenExpired):
        return None


def login_path(organization: str, then: str) -> str:
    """Give the path of the page where members of an organization sign in, to go on from there to a path of ours."""
    return f"/login/{organization}?next={quote(then, safe='')}"
