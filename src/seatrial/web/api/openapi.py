"""The description of the API, for programs."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.context import context_of
from seatrial.web.openapi.document import rendered
from seatrial.web.replies import links_of


async def show(request: Request) -> Response:
    """Send the OpenAPI document, or say that the copy at hand is good (RFC 9110, section 13.1.2)."""
    found = rendered(context_of(request).urls, links_of(request))
    headers = {"ETag": found.etag, "Cache-Control": "no-cache"}
    at_hand = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if at_hand & {found.etag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(found.body, media_type="application/json", headers=headers)
