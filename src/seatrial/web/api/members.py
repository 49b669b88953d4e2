"""What an app's SDK asks about who uses it (contract 2.6)."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.errors import NotAuthenticated
from seatrial.domain.tokens import TokenKind, kind_of
from seatrial.services.member_logins import NamedMember
from seatrial.web.auth import address_of, agent_of, bearer, from_app_token, from_session, sdk_member
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import envelope, links_of, reply
from seatrial.wire.accounts import profile_json
from seatrial.wire.member_sessions import member_login_json, member_profile_json, named_member


async def profile(request: Request) -> Response:
    """Show who is signed in: by a session, a member's secret, or an SDK's header `x-sdk-auth-token`."""
    context, secret = context_of(request), bearer(request)
    match kind_of(secret):
        case TokenKind.APP:
            member = await sdk_member(request, await from_app_token(request))
            if member is None:
                raise NotAuthenticated
        case TokenKind.MEMBER:
            member = await context.read(lambda: context.member_sessions.find(secret))
        case _:
            me = await from_session(request)
            state = await context.read(lambda: context.second_factors.state(me.user))
            return reply(profile_json(me.user, state))
    return reply(member_profile_json(member))


async def custom_login(request: Request) -> Response:
    """Open a session for whom the app names."""
    context, scope = context_of(request), await from_app_token(request)
    said = named_member(await json_body(request))
    named = NamedMember(email=said.email, first_name=said.first_name, last_name=said.last_name, tags=said.tags)
    address, agent = address_of(request), agent_of(request)
    opened = await context.write(lambda: context.member_logins.named_by_app(scope, named, address, agent))
    return envelope(member_login_json(opened), 200)


async def redirect(request: Request) -> Response:
    """Tell where the app's users sign in; the SDKs append `?scheme=...`, so the URL has no query of its own."""
    context, scope = context_of(request), await from_app_token(request)
    organization = await context.read(lambda: context.organizations.known(scope.organization_id))
    return reply({"redirectUrl": f"{links_of(request).api}/login/{organization.slug}"})
