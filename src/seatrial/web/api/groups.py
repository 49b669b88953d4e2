"""Groups: list, make, show, edit, forget; who is in them."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.auth import from_organization_path
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import reply
from seatrial.wire.groups import (
    group_changes,
    group_json,
    group_people,
    groups_query,
    members_query,
    person_json,
    wanted_group,
)
from seatrial.wire.pages import page_json


async def search(request: Request) -> Response:
    """List an organization's groups, the newest first."""
    context, scope = context_of(request), await from_organization_path(request)
    query = groups_query(request.query_params.multi_items())
    page = await context.read(lambda: context.groups.search(scope, query))
    return reply(page_json(page, [group_json(group) for group in page.items]))


async def create(request: Request) -> Response:
    """Make a group."""
    context, scope = context_of(request), await from_organization_path(request)
    wanted = wanted_group(await json_body(request))
    group = await context.write(lambda: context.groups.create(scope, wanted.name, wanted.description))
    return reply(group_json(group))


async def show(request: Request) -> Response:
    """Show one group."""
    context, scope = context_of(request), await from_organization_path(request)
    group = await context.read(lambda: context.groups.get(scope, request.path_params["group"]))
    return reply(group_json(group))


async def update(request: Request) -> Response:
    """Rename or describe a group."""
    context, scope = context_of(request), await from_organization_path(request)
    changes = group_changes(await json_body(request))
    group = await context.write(lambda: context.groups.update(scope, request.path_params["group"], changes))
    return reply(group_json(group))


async def remove(request: Request) -> Response:
    """Forget a group."""
    context, scope = context_of(request), await from_organization_path(request)
    await context.write(lambda: context.groups.delete(scope, request.path_params["group"]))
    return reply({"deleted": True})


async def members(request: Request) -> Response:
    """List who is in a group."""
    context, scope = context_of(request), await from_organization_path(request)
    query = members_query(request.query_params.multi_items())
    page = await context.read(lambda: context.groups.members(scope, request.path_params["group"], query))
    return reply(page_json(page, [person_json(person) for person in page.items]))


async def add(request: Request) -> Response:
    """Put people into a group."""
    context, scope = context_of(request), await from_organization_path(request)
    people = group_people(await json_body(request))
    group = await context.write(lambda: context.groups.add(scope, request.path_params["group"], people))
    return reply(group_json(group))


async def take_out(request: Request) -> Response:
    """Take people out of a group."""
    context, scope = context_of(request), await from_organization_path(request)
    people = group_people(await json_body(request))
    group = await context.write(lambda: context.groups.remove(scope, request.path_params["group"], people))
    return reply(group_json(group))
