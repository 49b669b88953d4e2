"""Apps: list, make, show, edit, and their picture (contract 2.2)."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.auth import from_organization_path, from_workspace_path
from seatrial.web.context import context_of
from seatrial.web.digests import idempotency_key, repeated
from seatrial.web.json_body import json_body
from seatrial.web.replies import links_of, reply
from seatrial.wire.apps import app_json, app_settings, apps_query, picture_source
from seatrial.wire.pages import page_json


async def search(request: Request) -> Response:
    """List an organization's apps, newest first."""
    context, scope = context_of(request), await from_organization_path(request)
    query = apps_query(request.query_params.multi_items())
    page = await context.read(lambda: context.apps.search(scope, query))
    return reply(page_json(page, [app_json(overview, links_of(request)) for overview in page.items]))


async def create(request: Request) -> Response:
    """Make an app."""
    context, scope = context_of(request), await from_organization_path(request)
    settings = app_settings(await json_body(request))
    made = await context.write(lambda: context.apps.create(scope, settings))
    return reply(app_json(made, links_of(request)))


async def show(request: Request) -> Response:
    """Show one app."""
    context, scope = context_of(request), await from_workspace_path(request)
    found = await context.read(lambda: context.apps.get(scope))
    return reply(app_json(found, links_of(request)))


async def update(request: Request) -> Response:
    """Change what the body names; the rest stays."""
    context, scope = context_of(request), await from_workspace_path(request)
    settings = app_settings(await json_body(request))
    changed = await context.write(lambda: context.apps.update(scope, settings))
    return reply(app_json(changed, links_of(request)))


async def set_picture(request: Request) -> Response:
    """Make a build's icon the app's picture."""
    context, scope = context_of(request), await from_workspace_path(request)
    build_id = picture_source(await json_body(request))
    key = idempotency_key(request.headers)
    is_repeated = await context.store(lambda: context.app_pictures.take_from_build(scope, build_id, key))
    found = await context.read(lambda: context.apps.get(scope))
    return reply(app_json(found, links_of(request)), headers=repeated(is_repeated))
