"""The page behind the link of a mail: choose another password."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.errors import EntityNotFound, InvalidRequest
from seatrial.domain.member import SHORTEST_PASSWORD
from seatrial.web.auth import address_of
from seatrial.web.context import context_of
from seatrial.web.pages.forms import small_form
from seatrial.web.pages.rendering import page


async def show(request: Request) -> Response:
    """Ask for another password."""
    context, token = context_of(request), request.path_params["token"]
    try:
        await context.read(lambda: context.password_resets.check(token))
    except EntityNotFound:
        return page("password_over.html", 404)
    return page("password.html", wrong="", shortest=SHORTEST_PASSWORD)


async def change(request: Request) -> Response:
    """Take the other password; the link is over with it."""
    context, token, address = context_of(request), request.path_params["token"], address_of(request)
    said = await small_form(request)
    try:
        await context.compare(lambda: context.password_resets.reset(token, said.get("password", ""), address))
    except EntityNotFound:
        return page("password_over.html", 404)
    except InvalidRequest as invalid:
        return page("password.html", 400, wrong=invalid.fields["password"], shortest=SHORTEST_PASSWORD)
    return page("password_done.html")
