"""The page behind the link in every mail about builds: what to hear of, without signing in.

A `POST` with `List-Unsubscribe=One-Click` is a mail program's button (RFC 8058) and needs no page. A `GET` changes
nothing: scanners of mails open every link.
"""

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.errors import EntityNotFound, InvalidRequest
from seatrial.domain.mail import Delivery
from seatrial.mail.catalog import words
from seatrial.services.mail_preferences import Wishes
from seatrial.web.body import read_body
from seatrial.web.context import context_of
from seatrial.web.pages.rendering import page
from seatrial.web.speech import language_of

_FORM_BYTES = 16 << 10


async def show(request: Request) -> Response:
    """Ask what the person wants to hear of."""
    context, token = context_of(request), request.path_params["token"]
    try:
        wishes = await context.read(lambda: context.mail_preferences.of_link(token))
    except EntityNotFound:
        return page(request, "unsubscribe_over.html", 404, words=words(language_of(request).tag))
    return _page(request, wishes, is_saved=False)


async def choose(request: Request) -> Response:
    """Write down what the person wants, or what their mail program's button means."""
    context, token = context_of(request), request.path_params["token"]
    body = await read_body(request, _FORM_BYTES, context.body_limits.idle_read)
    said = dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=20))
    everything, wish = said.get("scope") == "all", Delivery.NONE
    # A mail program may send its one field as multipart/form-data, too (RFC 8058, section 3.2).
    if b"List-Unsubscribe" not in body:
        if said.get("delivery", "") not in set(Delivery):
            raise InvalidRequest({"delivery": f"must be one of {', '.join(Delivery)}"})
        wish = Delivery(said["delivery"])
    try:
        wishes = await context.write(lambda: context.mail_preferences.choose(token, wish, everything=everything))
    except EntityNotFound:
        return page(request, "unsubscribe_over.html", 404, words=words(language_of(request).tag))
    return _page(request, wishes, is_saved=True)


def _page(request: Request, wishes: Wishes, *, is_saved: bool) -> Response:
    return page(request, "unsubscribe.html", wishes=wishes, words=words(wishes.subscriber.language), is_saved=is_saved)
