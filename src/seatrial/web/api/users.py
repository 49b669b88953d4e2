"""People of an organization: list, take in, show, edit, remove (contract 2.5)."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.auth import from_organization_path
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import reply
from seatrial.wire.pages import page_json
from seatrial.wire.users import member_changes, member_json, members_query, new_member


async def search(request: Request) -> Response:
    """List an organization's people, who came last first."""
    context, scope = context_of(request), await from_organization_path(request)
    query = members_query(request.query_params.multi_items())
    page = await context.read(lambda: context.users.search(scope, query))
    return reply(page_json(page, [member_json(member) for member in page.items]))


async def create(request: Request) -> Response:
    """Take a person in."""
    context, scope = context_of(request), await from_organization_path(request)
    new = new_member(await json_body(request))
    member = await context.compare(lambda: context.users.create(scope, new))
    return reply(member_json(member))


async def show(request: Request) -> Response:
    """Show one member."""
    context, scope = context_of(request), await from_organization_path(request)
    member = await context.read(lambda: context.users.get(scope, request.path_params["user"]))
    return reply(member_json(member))


async def update(request: Request) -> Response:
    """Change a member's role, tags, name or password."""
    context, scope = context_of(request), await from_organization_path(request)
    changes = member_changes(await json_body(request))
    member = await context.compare(lambda: context.users.update(scope, request.path_params["user"], changes))
    return reply(member_json(member))


async def remove(request: Request) -> Response:
    """End a membership."""
    context, scope = context_of(request), await from_organization_path(request)
    await context.write(lambda: context.users.remove(scope, request.path_params["user"]))
    return reply({"deleted": True})
