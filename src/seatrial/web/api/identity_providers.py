"""Identity providers: list, make, show, edit, remove."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.auth import from_organization_path
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import reply
from seatrial.wire.identity_providers import (
    identity_provider_json,
    identity_provider_settings,
    identity_providers_query,
)
from seatrial.wire.pages import page_json


async def search(request: Request) -> Response:
    """List an organization's identity providers, newest first."""
    context, scope = context_of(request), await from_organization_path(request)
    query = identity_providers_query(request.query_params.multi_items())
    page = await context.read(lambda: context.identity_providers.search(scope, query))
    return reply(page_json(page, [identity_provider_json(one) for one in page.items]))


async def create(request: Request) -> Response:
    """Make an identity provider."""
    context, scope = context_of(request), await from_organization_path(request)
    said = identity_provider_settings(await json_body(request))
    return reply(identity_provider_json(await context.write(lambda: context.identity_providers.create(scope, said))))


async def show(request: Request) -> Response:
    """Show one identity provider."""
    context, scope, path = context_of(request), await from_organization_path(request), request.path_params
    found = await context.read(lambda: context.identity_providers.get(scope, path["provider"]))
    return reply(identity_provider_json(found))


async def update(request: Request) -> Response:
    """Edit an identity provider."""
    context, scope, path = context_of(request), await from_organization_path(request), request.path_params
    said = identity_provider_settings(await json_body(request))
    changed = await context.write(lambda: context.identity_providers.update(scope, path["provider"], said))
    return reply(identity_provider_json(changed))


async def remove(request: Request) -> Response:
    """Forget an identity provider."""
    context, scope, path = context_of(request), await from_organization_path(request), request.path_params
    await context.write(lambda: context.identity_providers.remove(scope, path["provider"]))
    return reply({"deleted": True})
