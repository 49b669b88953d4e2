"""Storage providers: list, make, show, edit, try out, remove."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.auth import from_organization_path
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import reply
from seatrial.wire.pages import page_json
from seatrial.wire.storage_providers import (
    provider_settings,
    storage_provider_json,
    storage_providers_query,
    trial_json,
)


async def search(request: Request) -> Response:
    """List an organization's storage providers, newest first."""
    context, scope = context_of(request), await from_organization_path(request)
    query = storage_providers_query(request.query_params.multi_items())
    page = await context.read(lambda: context.storage_providers.search(scope, query))
    return reply(page_json(page, [storage_provider_json(one) for one in page.items]))


async def create(request: Request) -> Response:
    """Make a storage provider."""
    context, scope = context_of(request), await from_organization_path(request)
    said = provider_settings(await json_body(request))
    return reply(storage_provider_json(await context.write(lambda: context.storage_providers.create(scope, said))))


async def show(request: Request) -> Response:
    """Show one storage provider, and what is in it."""
    context, scope, path = context_of(request), await from_organization_path(request), request.path_params
    found, use = await context.read(lambda: context.storage_providers.get(scope, path["storage"]))
    return reply(storage_provider_json(found, use))


async def update(request: Request) -> Response:
    """Edit a storage provider."""
    context, scope, path = context_of(request), await from_organization_path(request), request.path_params
    said = provider_settings(await json_body(request))
    changed = await context.write(lambda: context.storage_providers.update(scope, path["storage"], said))
    return reply(storage_provider_json(changed))


async def remove(request: Request) -> Response:
    """Forget a storage provider that nothing is in."""
    context, scope, path = context_of(request), await from_organization_path(request), request.path_params
    await context.write(lambda: context.storage_providers.remove(scope, path["storage"]))
    return reply({"deleted": True})


async def test(request: Request) -> Response:
    """Try a storage provider out with a small file, step by step."""
    context, scope, path = context_of(request), await from_organization_path(request), request.path_params
    results = await context.store(lambda: context.storage_providers.try_out(scope, path["storage"]))
    return reply(trial_json(results))
