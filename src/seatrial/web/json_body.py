"""Small bodies of requests to the JSON API."""

from starlette.requests import Request

from seatrial.web.body import read_body
from seatrial.web.context import context_of


async def json_body(request: Request) -> bytes:
    """Read the body of a request within the operator's limits.

    Raises PayloadTooLarge, InvalidRequest.
    """
    limits = context_of(request).body_limits
    return await read_body(request, limits.json, limits.idle_read)
