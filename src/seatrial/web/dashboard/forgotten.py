"""For who forgot their password: a mail with a link to choose another one."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.errors import Forbidden, TooManyRequests
from seatrial.web.auth import address_of
from seatrial.web.context import context_of
from seatrial.web.dashboard.door import HOME, form_of, same_origin
from seatrial.web.dashboard.view import failure_outside, show_outside
from seatrial.web.replies import links_of
from seatrial.web.speech import language_of

PATH = f"{HOME}/forgot"
LONGEST_EMAIL = 256


async def ask(request: Request) -> Response:
    """Ask for the e-mail address."""
    return show_outside(request, "dashboard/forgot.html", is_sent=False, email="", wrong="")


async def send(request: Request) -> Response:
    """Send a link to whoever has the address; neither the answer nor its time says whether somebody does."""
    if not same_origin(request):
        return failure_outside(request, Forbidden())
    context, say = context_of(request), language_of(request).say
    email = (await form_of(request)).get("email", "").strip()[:LONGEST_EMAIL]
    address, base = address_of(request), links_of(request).api
    if not email:
        return show_outside(request, "dashboard/forgot.html", 400, is_sent=False, email="", wrong=say("is required."))
    try:
        await context.write(lambda: context.password_resets.admit(email, address))
    except TooManyRequests as error:
        wait = say("Too many attempts. Try again in {seconds} seconds.", seconds=error.retry_after)
        return show_outside(request, "dashboard/forgot.html", 429, is_sent=False, email=email, wrong=wait)
    context.later(lambda: context.password_resets.send(email, address, lambda said: f"{base}/password/{said}"))
    return show_outside(request, "dashboard/forgot.html", is_sent=True, email="", wrong="")


ROUTES = (("GET", PATH, ask), ("POST", PATH, send))
