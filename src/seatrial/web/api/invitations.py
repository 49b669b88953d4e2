"""Invitations: list, send, show, send once more, take back; and what their holders ask."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.auth import address_of, from_organization_path
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import links_of, reply
from seatrial.wire.invitations import (
    acceptance,
    invitation_json,
    invitations_query,
    new_invitation,
    open_invitation_json,
)
from seatrial.wire.pages import page_json


async def search(request: Request) -> Response:
    """List an organization's invitations, the newest first."""
    context, scope = context_of(request), await from_organization_path(request)
    query = invitations_query(request.query_params.multi_items())
    page = await context.read(lambda: context.invitations.search(scope, query))
    now = context.invitations.now()
    return reply(page_json(page, [invitation_json(invitation, now) for invitation in page.items]))


async def create(request: Request) -> Response:
    """Invite somebody; this answer is the only one with the link."""
    context, scope = context_of(request), await from_organization_path(request)
    new, base = new_invitation(await json_body(request)), links_of(request).api
    made, link = await context.write(
        lambda: context.invitations.create(scope, new, lambda secret: f"{base}/invitation/{secret}")
    )
    return reply(invitation_json(made, context.invitations.now(), link))


async def show(request: Request) -> Response:
    """Show one invitation without its link."""
    context, scope = context_of(request), await from_organization_path(request)
    found = await context.read(lambda: context.invitations.get(scope, request.path_params["invitation"]))
    return reply(invitation_json(found, context.invitations.now()))


async def resend(request: Request) -> Response:
    """Send another link; the old one is over."""
    context, scope = context_of(request), await from_organization_path(request)
    base, invitation = links_of(request).api, request.path_params["invitation"]
    found, link = await context.write(
        lambda: context.invitations.resend(scope, invitation, lambda secret: f"{base}/invitation/{secret}")
    )
    return reply(invitation_json(found, context.invitations.now(), link))


async def remove(request: Request) -> Response:
    """Take an invitation back."""
    context, scope = context_of(request), await from_organization_path(request)
    await context.write(lambda: context.invitations.revoke(scope, request.path_params["invitation"]))
    return reply({"deleted": True})


async def look(request: Request) -> Response:
    """Show an invitation to whoever has its link."""
    context = context_of(request)
    found = await context.read(lambda: context.invitations.look(request.path_params["token"]))
    return reply(open_invitation_json(found))


async def accept(request: Request) -> Response:
    """Accept an invitation by its link."""
    context, address = context_of(request), address_of(request)
    said = acceptance(await json_body(request))
    found = await context.compare(lambda: context.invitations.accept(request.path_params["token"], said, address))
    return reply(open_invitation_json(found))
