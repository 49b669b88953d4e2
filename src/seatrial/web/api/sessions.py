"""Sessions of people: login, refresh, logout (contract 2.3 and 2.6; decisions 32 and 37)."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.membership import MemberOrigin
from seatrial.domain.tokens import TokenKind, kind_of
from seatrial.services.member_logins import MemberLogin
from seatrial.services.sessions import LoginRequest
from seatrial.web.auth import address_of, agent_of, bearer, from_app_token
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import envelope, reply
from seatrial.wire.member_sessions import member_login_json
from seatrial.wire.sessions import Credentials, credentials, refresh_token, session_json


async def login(request: Request) -> Response:
    """Open a session for an e-mail address and a password: of the dashboard, or in an app's SDK, by the body."""
    context, said = context_of(request), credentials(await json_body(request))
    if said.is_sdk:
        return await _member_login(request, said)
    wanted = LoginRequest(
        email=said.email,
        password=said.password,
        code=said.code,
        address=address_of(request),
        user_agent=agent_of(request),
    )
    return reply(session_json(await context.compare(lambda: context.sessions.login(wanted))))


async def refresh(request: Request) -> Response:
    """Trade a refresh token in for the next pair."""
    context = context_of(request)
    secret = refresh_token(await json_body(request))
    return reply(session_json(await context.write(lambda: context.sessions.refresh(secret))))


async def logout(request: Request) -> Response:
    """End the session of the secret in the header: a person's, or a member's."""
    context, secret = context_of(request), bearer(request)
    if kind_of(secret) is TokenKind.MEMBER:
        await context.write(lambda: context.member_sessions.revoke(secret))
    else:
        await context.write(lambda: context.sessions.logout(secret))
    return reply({"loggedOut": True})


async def _member_login(request: Request, said: Credentials) -> Response:
    context, scope = context_of(request), await from_app_token(request)
    wanted = MemberLogin(
        organization_id=scope.organization_id,
        app_id=scope.app_id,
        email=said.email,
        password=said.password,
        code=said.code,
        origin=MemberOrigin.SDK,
        address=address_of(request),
        user_agent=agent_of(request),
    )
    opened = await context.compare(lambda: context.member_logins.login(wanted))
    return envelope(member_login_json(opened), 200)
