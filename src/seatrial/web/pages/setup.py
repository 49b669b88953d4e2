"""The page behind the one-time link: create the owner, then see the first credentials once."""

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.errors import EntityNotFound, InvalidRequest
from seatrial.domain.member import SHORTEST_PASSWORD
from seatrial.web.body import read_body
from seatrial.web.context import context_of
from seatrial.web.pages.rendering import page
from seatrial.web.replies import links_of

FORM_BYTES = 16 << 10
FIELDS = ("organization", "app", "email", "password")


async def show(request: Request) -> Response:
    """Ask for the owner."""
    context, token = context_of(request), request.path_params["token"]
    try:
        await context.read(lambda: context.setup.check(token))
    except EntityNotFound:
        return page("setup_over.html", 404)
    return _form({}, {})


async def create(request: Request) -> Response:
    """Create the owner and show the credentials, this once."""
    context, token = context_of(request), request.path_params["token"]
    body = await read_body(request, FORM_BYTES, context.body_limits.idle_read)
    said = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20))
    given = {name: said.get(name, "") for name in FIELDS}
    try:
        made = await context.write(lambda: context.setup.create(token, **given))
    except EntityNotFound:
        return page("setup_over.html", 404)
    except InvalidRequest as invalid:
        return _form(given, invalid.fields, 400)
    return page("setup_done.html", made=made, base=links_of(request).api)


def _form(given: dict[str, str], wrong: dict[str, str], status: int = 200) -> Response:
    # Named as the service names them; an app's name is called `name` there.
    wrong = {("app" if name == "name" else name): text for name, text in wrong.items()}
    return page("setup.html", status, given=given, wrong=wrong, shortest=SHORTEST_PASSWORD)
