"""Audiences: list, make, show, edit, forget; who is in them now."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.auth import from_organization_path
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import reply
from seatrial.wire.audiences import audience_json, audience_settings, audiences_query
from seatrial.wire.employees import employee_json, employees_query
from seatrial.wire.pages import page_json


async def search(request: Request) -> Response:
    """List an organization's audiences, the newest first."""
    context, scope = context_of(request), await from_organization_path(request)
    query = audiences_query(request.query_params.multi_items())
    page = await context.read(lambda: context.audiences.search(scope, query))
    return reply(page_json(page, [audience_json(audience) for audience in page.items]))


async def create(request: Request) -> Response:
    """Make an audience."""
    context, scope = context_of(request), await from_organization_path(request)
    settings = audience_settings(await json_body(request))
    audience = await context.write(lambda: context.audiences.create(scope, settings))
    return reply(audience_json(audience))


async def show(request: Request) -> Response:
    """Show one audience."""
    context, scope = context_of(request), await from_organization_path(request)
    audience = await context.read(lambda: context.audiences.get(scope, request.path_params["audience"]))
    return reply(audience_json(audience))


async def update(request: Request) -> Response:
    """Change an audience."""
    context, scope = context_of(request), await from_organization_path(request)
    settings = audience_settings(await json_body(request))
    audience = await context.write(lambda: context.audiences.update(scope, request.path_params["audience"], settings))
    return reply(audience_json(audience))


async def remove(request: Request) -> Response:
    """Forget an audience."""
    context, scope = context_of(request), await from_organization_path(request)
    await context.write(lambda: context.audiences.delete(scope, request.path_params["audience"]))
    return reply({"deleted": True})


async def employees(request: Request) -> Response:
    """List who is in an audience now."""
    context, scope = context_of(request), await from_organization_path(request)
    query = employees_query(request.query_params.multi_items())
    page = await context.read(lambda: context.audiences.employees(scope, request.path_params["audience"], query))
    return reply(page_json(page, [employee_json(employee) for employee in page.items]))
