"""App tokens: list, make, show, rotate, revoke (contract 2.2)."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.services.app_tokens import NewAppToken
from seatrial.web.auth import from_workspace_path
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import reply
from seatrial.wire.app_tokens import app_token_json, app_tokens_query, wanted_token
from seatrial.wire.pages import page_json
from seatrial.wire.service_accounts import overlap


async def search(request: Request) -> Response:
    """List an app's tokens without their secrets, newest first."""
    context, scope = context_of(request), await from_workspace_path(request)
    query = app_tokens_query(request.query_params.multi_items())
    page = await context.read(lambda: context.app_tokens.search(scope, query))
    return reply(page_json(page, [app_token_json(token) for token in page.items]))


async def create(request: Request) -> Response:
    """Make a token; this answer is the only one with its secret."""
    context, scope = context_of(request), await from_workspace_path(request)
    wanted = wanted_token(await json_body(request))
    new = NewAppToken(description=wanted.description, scopes=wanted.scopes, expires_at=wanted.expires_at)
    token, secret = await context.write(lambda: context.app_tokens.create(scope, new))
    return reply(app_token_json(token, secret))


async def show(request: Request) -> Response:
    """Show one token without its secret."""
    context, scope = context_of(request), await from_workspace_path(request)
    token = await context.read(lambda: context.app_tokens.get(scope, request.path_params["app_token"]))
    return reply(app_token_json(token))


async def rotate(request: Request) -> Response:
    """Give a token another secret; this answer is the only one with it."""
    context, scope = context_of(request), await from_workspace_path(request)
    both_for = overlap(await json_body(request))
    token, secret = await context.write(
        lambda: context.app_tokens.rotate(scope, request.path_params["app_token"], both_for)
    )
    return reply(app_token_json(token, secret))


async def revoke(request: Request) -> Response:
    """End a token at once and for good."""
    context, scope = context_of(request), await from_workspace_path(request)
    await context.write(lambda: context.app_tokens.revoke(scope, request.path_params["app_token"]))
    return reply({"deleted": True})
