"""Small forms of pages."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from seatrial.domain.errors import InvalidRequest
from seatrial.web.body import read_body
from seatrial.web.context import context_of

FORM_BYTES = 16 << 10
MOST_FIELDS = 20


async def small_form(request: Request) -> dict[str, str]:
    """Read a form's fields; of a field that comes more than once the last one counts.

    Raises PayloadTooLarge, InvalidRequest.
    """
    body = await read_body(request, FORM_BYTES, context_of(request).body_limits.idle_read)
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise InvalidRequest({"form": f"must have at most {MOST_FIELDS} fields"}) from None
