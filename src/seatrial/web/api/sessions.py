"""Sessions of people: login, refresh, logout (contract 2.3; decisions 32 and 37)."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.services.sessions import LoginRequest
from seatrial.web.auth import bearer
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import reply
from seatrial.wire.sessions import credentials, refresh_token, session_json


async def login(request: Request) -> Response:
    """Open a session for an e-mail address and a password."""
    context = context_of(request)
    said = credentials(await json_body(request))
    wanted = LoginRequest(
        email=said.email,
        password=said.password,
        address=request.client.host if request.client else "",
        user_agent=request.headers.get("user-agent", ""),
    )
    return reply(session_json(await context.compare(lambda: context.sessions.login(wanted))))


async def refresh(request: Request) -> Response:
    """Trade a refresh token in for the next pair."""
    context = context_of(request)
    secret = refresh_token(await json_body(request))
    return reply(session_json(await context.write(lambda: context.sessions.refresh(secret))))


async def logout(request: Request) -> Response:
    """End the session of the access token in the header."""
    context, secret = context_of(request), bearer(request)
    await context.write(lambda: context.sessions.logout(secret))
    return reply({"loggedOut": True})
