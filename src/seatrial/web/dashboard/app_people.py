"""People of one app: members with a role there, beyond what they are to the organization."""

from starlette.responses import Response

from seatrial.domain.access import AppRole, AppScope, Permission
from seatrial.domain.errors import Conflict, InvalidRequest
from seatrial.domain.listing import ListQuery
from seatrial.domain.member import Member
from seatrial.web.dashboard.door import HOME, Visitor, form_of
from seatrial.web.dashboard.files import picture_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.listing import back_to, kept, page_number, page_url
from seatrial.web.dashboard.one_app import app_path, scope_of
from seatrial.web.dashboard.people import PAGE
from seatrial.web.dashboard.rules import in_words
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of
from seatrial.wire import bodies, fields

PEOPLE = f"{HOME}/{{organization}}/apps/{{app}}/people"
ONE = f"{PEOPLE}/{{user}}"
MOST_OFFERED = 1000


@signed_in
async def search(visitor: Visitor) -> Response:
    """List who has a role in the app."""
    return await _list(visitor, scope_of(visitor))


@signed_in
async def add(visitor: Visitor) -> Response:
    """Give a member a role in the app."""
    context, scope, said = visitor.context, scope_of(visitor), await form_of(visitor.request)
    try:
        person, role = _named(said), _role(said)
        await context.write(lambda: context.app_collaborators.add(scope, person, role))
    except InvalidRequest as invalid:
        return await _list(visitor, scope, said=said, wrong=in_words(visitor.language, invalid), status=400)
    except Conflict:
        there = {"user": visitor.language.say("has a role in this app already.")}
        return await _list(visitor, scope, said=said, wrong=there, status=409)
    return back_to(visitor.request, _path(visitor), "added")


@signed_in
async def change(visitor: Visitor) -> Response:
    """Give a collaborator another role in the app."""
    context, scope, said = visitor.context, scope_of(visitor), await form_of(visitor.request)
    user_id = visitor.request.path_params["user"]
    try:
        role = _role(said)
        await context.write(lambda: context.app_collaborators.update(scope, user_id, role))
    except InvalidRequest as invalid:
        wrong = {user_id: in_words(visitor.language, invalid)["role"]}
        return await _list(visitor, scope, wrong=wrong, status=400)
    return back_to(visitor.request, _path(visitor), "role")


@signed_in
async def remove(visitor: Visitor) -> Response:
    """Take a member's role in the app away."""
    context, scope, user_id = visitor.context, scope_of(visitor), visitor.request.path_params["user"]
    await context.write(lambda: context.app_collaborators.remove(scope, user_id))
    return back_to(visitor.request, _path(visitor), "removed")


def _path(visitor: Visitor) -> str:
    return f"{app_path(visitor)}/people"


def _named(said: dict[str, str]) -> str:
    person = bodies.line(bodies.NAME_LIMIT)("user", said.get("user"))
    if not person:
        raise InvalidRequest({"user": "is required"})
    return person


def _role(said: dict[str, str]) -> AppRole:
    return AppRole(fields.word("role", said.get("role", ""), AppRole))


async def _offered(visitor: Visitor, scope: AppScope) -> list[Member]:
    """Read the members of the organization to choose from, as far as somebody may see them."""
    if Permission.COLLABORATOR_LIST not in scope.principal.permissions:
        return []
    query = ListQuery(sort="email", descending=False, limit=MOST_OFFERED)
    page = await visitor.context.read(lambda: visitor.context.users.search(visitor.scope, query))
    return list(page.items)


async def _list(
    visitor: Visitor,
    scope: AppScope,
    *,
    said: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    context, request = visitor.context, visitor.request
    query = ListQuery(page=page_number(request), limit=PAGE)
    page = await context.read(lambda: context.app_collaborators.search(scope, query))
    found = await context.read(lambda: context.apps.get(scope))
    allowed = scope.principal.permissions
    return show(
        visitor,
        "dashboard/app_people.html",
        status,
        app=found.app,
        picture=await picture_of(visitor, found.app),
        page=page,
        page_url=page_url(request, _path(visitor)),
        address=_path(visitor),
        at=_path(visitor),
        query=kept(request),
        offered=await _offered(visitor, scope),
        roles=list(AppRole),
        may_add=Permission.APP_COLLABORATOR_CREATE in allowed,
        may_change=Permission.APP_COLLABORATOR_UPDATE in allowed,
        may_remove=Permission.APP_COLLABORATOR_DELETE in allowed,
        done=request.query_params.get("done", ""),
        said=said or {},
        wrong=wrong or {},
        base=links_of(request).api,
    )


ROUTES = (
    ("GET", PEOPLE, search),
    ("POST", PEOPLE, add),
    ("POST", ONE, change),
    ("POST", f"{ONE}/remove", remove),
)
