"""The pages behind the one-time link: create the owner, be signed in, and see the first credentials once."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.errors import EntityNotFound, InvalidRequest
from seatrial.domain.member import LONGEST_PASSWORD, SHORTEST_PASSWORD, OpenedSession
from seatrial.services.sessions import LoginRequest
from seatrial.web.auth import address_of, agent_of
from seatrial.web.context import context_of
from seatrial.web.dashboard.door import COOKIE, HOME, form_of, keep
from seatrial.web.dashboard.rules import rule
from seatrial.web.dashboard.view import show_outside
from seatrial.web.replies import links_of
from seatrial.web.speech import language_of

FIELDS = ("organization", "app", "email", "password")


async def show(request: Request) -> Response:
    """Ask for the owner."""
    context, token = context_of(request), request.path_params["token"]
    try:
        await context.read(lambda: context.setup.check(token))
    except EntityNotFound:
        return show_outside(request, "dashboard/setup_over.html", 404)
    return _form(request, {}, {})


async def create(request: Request) -> Response:
    """Create the owner, sign them in, and show the credentials, this once."""
    context, token, form = context_of(request), request.path_params["token"], await form_of(request)
    said = {name: form.get(name, "") for name in FIELDS}
    try:
        made = await context.write(lambda: context.setup.create(token, **said))
    except EntityNotFound:
        return show_outside(request, "dashboard/setup_over.html", 404)
    except InvalidRequest as invalid:
        return _form(request, said, invalid.fields, 400)
    path = f"{HOME}/{made.organization.slug}/apps/{made.app.slug}"
    answer = show_outside(request, "dashboard/setup_done.html", made=made, base=links_of(request).api, start=path)
    wanted = LoginRequest(
        email=made.user.email, password=said["password"], address=address_of(request), user_agent=agent_of(request)
    )
    opened = await context.compare(lambda: context.sign_in_steps.begin(wanted))
    if isinstance(opened, OpenedSession):
        keep(answer, request, COOKIE, opened.access_token, int(context.sessions.rules.refresh_life.total_seconds()))
    return answer


def _form(request: Request, said: dict[str, str], wrong: dict[str, str], status: int = 200) -> Response:
    # Named as the service names them; an app's name is called `name` there.
    language = language_of(request)
    told = {("app" if name == "name" else name): rule(language, text) for name, text in wrong.items()}
    return show_outside(
        request,
        "dashboard/setup.html",
        status,
        said=said,
        wrong=told,
        shortest=SHORTEST_PASSWORD,
        longest=LONGEST_PASSWORD,
    )
