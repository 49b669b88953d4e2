"""Members' roles in single apps: list, add, change, remove (contract 2.5)."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.auth import from_organization_path, from_workspace_path
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import reply
from seatrial.wire.app_collaborators import (
    app_collaborator_json,
    app_collaborators_query,
    new_app_collaborator,
    wanted_role,
)
from seatrial.wire.pages import page_json


async def search_everywhere(request: Request) -> Response:
    """List the roles in all apps of an organization, the newest first."""
    context, scope = context_of(request), await from_organization_path(request)
    query = app_collaborators_query(request.query_params.multi_items())
    page = await context.read(lambda: context.app_collaborators.search(scope, query))
    return reply(page_json(page, [app_collaborator_json(found) for found in page.items]))


async def search(request: Request) -> Response:
    """List the roles in an app, the newest first."""
    context, scope = context_of(request), await from_workspace_path(request)
    query = app_collaborators_query(request.query_params.multi_items())
    page = await context.read(lambda: context.app_collaborators.search(scope, query))
    return reply(page_json(page, [app_collaborator_json(found) for found in page.items]))


async def create(request: Request) -> Response:
    """Give a member a role in an app."""
    context, scope = context_of(request), await from_workspace_path(request)
    person, role = new_app_collaborator(await json_body(request))
    found = await context.write(lambda: context.app_collaborators.add(scope, person, role))
    return reply(app_collaborator_json(found))


async def show(request: Request) -> Response:
    """Show a member's role in an app."""
    context, scope = context_of(request), await from_workspace_path(request)
    found = await context.read(lambda: context.app_collaborators.get(scope, request.path_params["user"]))
    return reply(app_collaborator_json(found))


async def update(request: Request) -> Response:
    """Give a member another role in an app."""
    context, scope = context_of(request), await from_workspace_path(request)
    role = wanted_role(await json_body(request))
    found = await context.write(lambda: context.app_collaborators.update(scope, request.path_params["user"], role))
    return reply(app_collaborator_json(found))


async def remove(request: Request) -> Response:
    """Take a member's role in an app away."""
    context, scope = context_of(request), await from_workspace_path(request)
    await context.write(lambda: context.app_collaborators.remove(scope, request.path_params["user"]))
    return reply({"deleted": True})
