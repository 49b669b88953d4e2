"""Organizations: which are mine, their name and switches (contract 2.2; decision 40)."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.auth import bearer
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import reply
from seatrial.wire.organizations import organization_changes, organization_json, organizations_query
from seatrial.wire.pages import page_json


async def search(request: Request) -> Response:
    """List the organizations that the credential belongs to."""
    context, secret = context_of(request), bearer(request)
    scopes = await context.read(lambda: context.identity.organizations(secret))
    query = organizations_query(request.query_params.multi_items())
    page = await context.read(lambda: context.organizations.search(scopes, query))
    return reply(page_json(page, [organization_json(organization) for organization in page.items]))


async def update(request: Request) -> Response:
    """Rename an organization, or switch one of its APIs; a session is let in even when the Workspace API is off."""
    context, secret, path = context_of(request), bearer(request), request.path_params
    scope = await context.read(
        lambda: context.identity.organization(secret, path["organization"], even_switched_off=True)
    )
    changes = organization_changes(await json_body(request))
    changed = await context.write(lambda: context.organizations.update(scope, changes))
    return reply(organization_json(changed))
