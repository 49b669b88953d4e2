"""The page behind the link of a mail: choose another password."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.errors import EntityNotFound, InvalidRequest
from seatrial.domain.member import SHORTEST_PASSWORD
from seatrial.web.auth import address_of
from seatrial.web.context import context_of
from seatrial.web.dashboard.rules import in_words
from seatrial.web.pages.forms import small_form
from seatrial.web.pages.rendering import page
from seatrial.web.speech import language_of


async def show(request: Request) -> Response:
    """Ask for another password."""
    context, token = context_of(request), request.path_params["token"]
    try:
        await context.read(lambda: context.password_resets.check(token))
    except EntityNotFound:
        return page(request, "password_over.html", 404)
    return page(request, "password.html", wrong="", shortest=SHORTEST_PASSWORD)


async def change(request: Request) -> Response:
    """Take the other password; the link is over with it."""
    context, token, address = context_of(request), request.path_params["token"], address_of(request)
    said = await small_form(request)
    try:
        await context.compare(lambda: context.password_resets.reset(token, said.get("password", ""), address))
    except EntityNotFound:
        return page(request, "password_over.html", 404)
    except InvalidRequest as invalid:
        return page(
            request,
            "password.html",
            400,
            wrong=in_words(language_of(request), invalid)["password"],
            shortest=SHORTEST_PASSWORD,
        )
    return page(request, "password_done.html")
