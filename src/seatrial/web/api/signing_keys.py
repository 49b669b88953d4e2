"""The key that an app's bundles are signed with: show, make, bring one's own."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.auth import from_workspace_path
from seatrial.web.context import context_of
from seatrial.web.digests import idempotency_key, repeated
from seatrial.web.json_body import json_body
from seatrial.web.replies import reply
from seatrial.wire.signing_keys import brought_key, signing_key_json


async def show(request: Request) -> Response:
    """Show the key by its fingerprints."""
    context, scope = context_of(request), await from_workspace_path(request)
    key = await context.read(lambda: context.signing_keys.get(scope))
    return reply(signing_key_json(key))


async def ensure(request: Request) -> Response:
    """Make the key unless there is one."""
    context, scope = context_of(request), await from_workspace_path(request)
    key = await context.compare(lambda: context.signing_keys.ensure(scope))
    return reply(signing_key_json(key))


async def bring(request: Request) -> Response:
    """Take the team's own key."""
    context, scope = context_of(request), await from_workspace_path(request)
    said = brought_key(await json_body(request))
    word = idempotency_key(request.headers)
    key, is_repeated = await context.compare(
        lambda: context.signing_keys.once(scope, said.pkcs12, said.password, word, replace=said.replace)
    )
    return reply(signing_key_json(key), headers=repeated(is_repeated))
