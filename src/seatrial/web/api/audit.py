"""The record of who did what."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.auth import from_organization_path
from seatrial.web.context import context_of
from seatrial.web.replies import reply
from seatrial.wire.audit import audit_json, audit_query
from seatrial.wire.pages import page_json


async def search(request: Request) -> Response:
    """List an organization's record, the newest first."""
    context, scope = context_of(request), await from_organization_path(request)
    query = audit_query(request.query_params.multi_items())
    page = await context.read(lambda: context.audit.search(scope, query))
    return reply(page_json(page, [audit_json(entry) for entry in page.items]))
