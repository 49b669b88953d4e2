"""The description of the API, for programs."""

import hashlib

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.context import context_of
from seatrial.web.openapi.document import OWN_ADDRESS, kept
from seatrial.web.replies import links_of


async def show(request: Request) -> Response:
    """Send the OpenAPI document, or say that the copy at hand is good (RFC 9110, section 13.1.2)."""
    body = kept(context_of(request).urls).replace(OWN_ADDRESS.encode(), links_of(request).api.encode())
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    at_hand = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if at_hand & {etag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
