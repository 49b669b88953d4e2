"""What ends soon in an organization's published builds."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.auth import from_organization_path
from seatrial.web.context import context_of
from seatrial.web.replies import links_of, reply
from seatrial.wire.expirations import expiration_json, expirations_query
from seatrial.wire.pages import page_json


async def search(request: Request) -> Response:
    """List profiles and certificates by the day on which they end."""
    context, scope, links = context_of(request), await from_organization_path(request), links_of(request)
    query = expirations_query(request.query_params.multi_items())
    page = await context.read(lambda: context.expirations.search(scope, query))
    now = context.expirations.now()
    return reply(page_json(page, [expiration_json(one, now, links) for one in page.items]))
