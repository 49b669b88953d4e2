"""Retention: what rules would do, pins, and the trash."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.auth import from_organization_path, from_workspace_path
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import links_of, reply
from seatrial.wire.builds import build_json
from seatrial.wire.pages import page_json
from seatrial.wire.queries import retention_query
from seatrial.wire.retention import pin_json, pin_reason, preview_json, trash_query, trashed_json


async def preview(request: Request) -> Response:
    """Say for an app's builds which stay and which go, and why."""
    context, scope = context_of(request), await from_workspace_path(request)
    query = retention_query(request.query_params.multi_items())
    # With a million builds this takes seconds: it waits among the uploads, so that no list waits behind it.
    found = await context.store(lambda: context.retention.preview(scope, query))
    return reply(preview_json(found))


async def preview_all(request: Request) -> Response:
    """Say it for all of an organization's apps."""
    context, scope = context_of(request), await from_organization_path(request)
    query = retention_query(request.query_params.multi_items())
    found = await context.store(lambda: context.retention.preview_all(scope, query))
    return reply(preview_json(found))


async def show_pin(request: Request) -> Response:
    """Show why, by whom and since when a build is kept."""
    context, scope = context_of(request), await from_workspace_path(request)
    pin = await context.read(lambda: context.pins.get(scope, request.path_params["build"]))
    return reply(pin_json(pin))


async def pin(request: Request) -> Response:
    """Keep a build whatever the rules say."""
    context, scope = context_of(request), await from_workspace_path(request)
    reason = pin_reason(await json_body(request))
    kept = await context.write(lambda: context.pins.put(scope, request.path_params["build"], reason))
    return reply(pin_json(kept))


async def unpin(request: Request) -> Response:
    """Take a pin away."""
    context, scope = context_of(request), await from_workspace_path(request)
    await context.write(lambda: context.pins.remove(scope, request.path_params["build"]))
    return reply({"deleted": True})


async def throw_away(request: Request) -> Response:
    """Remove a build so that it can be brought back."""
    context, scope = context_of(request), await from_workspace_path(request)
    trashed = await context.write(lambda: context.trash.put(scope, request.path_params["build"]))
    return reply(trashed_json(trashed))


async def search_trash(request: Request) -> Response:
    """List an app's removed builds, the last removed first."""
    context, scope = context_of(request), await from_workspace_path(request)
    query = trash_query(request.query_params.multi_items())
    page = await context.read(lambda: context.trash.search(scope, query))
    return reply(page_json(page, [trashed_json(one) for one in page.items]))


async def restore(request: Request) -> Response:
    """Bring a build back as it was."""
    context, scope = context_of(request), await from_workspace_path(request)
    build = await context.write(lambda: context.trash.restore(scope, request.path_params["build"]))
    return reply(build_json(build, links_of(request)))


async def purge(request: Request) -> Response:
    """Remove a build from the trash, and its files, for good."""
    context, scope = context_of(request), await from_workspace_path(request)
    await context.store(lambda: context.trash.purge(scope, request.path_params["build"]))
    return reply({"deleted": True})
