"""The people of an organization: the way to the lists, and its collaborators with their roles."""

from starlette.responses import RedirectResponse, Response

from seatrial.domain.access import MemberRole, Permission
from seatrial.domain.errors import Conflict, Forbidden, InvalidRequest
from seatrial.domain.listing import ListQuery
from seatrial.domain.member import MemberChanges
from seatrial.web.dashboard.door import HOME, Visitor, form_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.listing import back_to, kept, page_number, page_url
from seatrial.web.dashboard.rules import in_words
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of
from seatrial.wire import fields

PEOPLE = f"{HOME}/{{organization}}/people"
COLLABORATORS = f"{PEOPLE}/collaborators"
PAGE = 50
TEXT_LIMIT = 255
TABS = (
    ("collaborators", Permission.COLLABORATOR_LIST),
    ("employees", Permission.EMPLOYEE_LIST),
    ("devices", Permission.DEVICE_LIST),
    ("groups", Permission.GROUP_LIST),
)
"""The lists that somebody may be led to, those that show the most first."""


@signed_in
async def first(visitor: Visitor) -> Response:
    """Go to the first list that somebody may see."""
    for name, permission in TABS:
        if permission in visitor.scope.principal.permissions:
            return RedirectResponse(f"{visitor.home}/people/{name}", 303)
    raise Forbidden(Permission.GROUP_LIST.value)


@signed_in
async def search(visitor: Visitor) -> Response:
    """List the collaborators."""
    return await _list(visitor, {})


@signed_in
async def change(visitor: Visitor) -> Response:
    """Give a collaborator another role."""
    context, user_id = visitor.context, visitor.request.path_params["user"]
    said = await form_of(visitor.request)
    try:
        changes = MemberChanges(role=MemberRole(fields.word("role", said.get("role", ""), MemberRole)))
        await context.write(lambda: context.users.update(visitor.scope, user_id, changes))
    except InvalidRequest as invalid:
        return await _list(visitor, {user_id: in_words(visitor.language, invalid)["role"]}, 400)
    except Conflict:
        return await _list(visitor, {user_id: _last_owner(visitor)}, 409)
    return back_to(visitor.request, _path(visitor), "role")


@signed_in
async def remove(visitor: Visitor) -> Response:
    """End somebody's membership."""
    context, user_id = visitor.context, visitor.request.path_params["user"]
    try:
        await context.write(lambda: context.users.remove(visitor.scope, user_id))
    except Conflict:
        return await _list(visitor, {user_id: _last_owner(visitor)}, 409)
    return back_to(visitor.request, _path(visitor), "removed")


def text_of(visitor: Visitor, name: str) -> str:
    """Read a filter of a list; what no name can be filters nothing."""
    said = visitor.request.query_params.get(name, "").replace("\0", "").strip()
    return said[:TEXT_LIMIT].encode("utf-8", "replace").decode()


def _path(visitor: Visitor) -> str:
    return f"{visitor.home}/people/collaborators"


def _last_owner(visitor: Visitor) -> str:
    return visitor.language.say("An organization needs an owner, and this is the last one.")


async def _list(visitor: Visitor, wrong: dict[str, str], status: int = 200) -> Response:
    context, request, text = visitor.context, visitor.request, text_of(visitor, "q")
    query = ListQuery(text=text or None, sort="email", descending=False, page=page_number(request), limit=PAGE)
    page = await context.read(lambda: context.users.search(visitor.scope, query))
    return show(
        visitor,
        "dashboard/collaborators.html",
        status,
        page=page,
        page_url=page_url(request, _path(visitor)),
        address=_path(visitor),
        at=_path(visitor),
        query=kept(request),
        text=text,
        done=request.query_params.get("done", ""),
        wrong=wrong,
        roles=list(MemberRole),
        base=links_of(request).api,
    )


ROUTES = (
    ("GET", PEOPLE, first),
    ("GET", COLLABORATORS, search),
    ("POST", f"{COLLABORATORS}/{{user}}", change),
    ("POST", f"{COLLABORATORS}/{{user}}/remove", remove),
)
