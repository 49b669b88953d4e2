"""The page behind an invitation's link: names and a password, without a script."""

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.errors import Conflict, EntityNotFound, InvalidRequest, TooManyRequests, WrongCredentials
from seatrial.domain.invitation import InvitationStatus, OpenInvitation
from seatrial.domain.member import LONGEST_PASSWORD, SHORTEST_PASSWORD
from seatrial.services.invitations import OVER
from seatrial.web.auth import address_of
from seatrial.web.body import read_body
from seatrial.web.context import context_of
from seatrial.web.dashboard.rules import in_words
from seatrial.web.pages.rendering import page
from seatrial.web.speech import language_of
from seatrial.wire.envelope import encode
from seatrial.wire.invitations import acceptance

FORM_BYTES = 16 << 10
FIELDS = ("firstName", "lastName", "password")


async def show(request: Request) -> Response:
    """Ask whoever has the link for a name and a password."""
    context, token = context_of(request), request.path_params["token"]
    found = await context.read(lambda: _look(request, token))
    if not isinstance(found, OpenInvitation):
        return found
    given = {"firstName": found.invitation.first_name, "lastName": found.invitation.last_name}
    return _form(request, found, given, {})


async def accept(request: Request) -> Response:
    """Make them a member."""
    context, token, address = context_of(request), request.path_params["token"], address_of(request)
    body = await read_body(request, FORM_BYTES, context.body_limits.idle_read)
    said = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20))
    given, say = {name: said.get(name, "") for name in FIELDS}, language_of(request).say
    found = await context.read(lambda: _look(request, token))
    if not isinstance(found, OpenInvitation):
        return found
    try:
        wanted = acceptance(encode(given))
        done = await context.compare(lambda: context.invitations.accept(token, wanted, address))
    except InvalidRequest as invalid:
        return _form(request, found, given, in_words(language_of(request), invalid), 400)
    except WrongCredentials:
        return _form(request, found, given, {"password": say("is not that of your account")}, 401)
    except TooManyRequests:
        return _form(request, found, given, {"password": say("was tried too often; try again in some minutes")}, 429)
    except Conflict as over:
        return page(request, "invitation_over.html", 410, why=_over(request, over.message))
    return page(request, "invitation_done.html", found=done)


def _look(request: Request, token: str) -> OpenInvitation | Response:
    """Give an invitation that can be accepted, or the page that says why there is none."""
    try:
        found = context_of(request).invitations.look(token)
    except EntityNotFound:
        return page(
            request,
            "invitation_over.html",
            404,
            why=language_of(request).say("It is not complete, or it never was one. Open it as it stands in the mail."),
        )
    if found.status is not InvitationStatus.PENDING:
        return page(request, "invitation_over.html", 410, why=_over(request, OVER[found.status]))
    return found


def _over(request: Request, why: str) -> str:
    """Say in the visitor's language what has become of an invitation."""
    return language_of(request).retell(why) or why


def _form(
    request: Request, found: OpenInvitation, given: dict[str, str], wrong: dict[str, str], status: int = 200
) -> Response:
    return page(
        request,
        "invitation.html",
        status,
        found=found,
        given=given,
        wrong=wrong,
        shortest=SHORTEST_PASSWORD,
        longest=LONGEST_PASSWORD,
    )
