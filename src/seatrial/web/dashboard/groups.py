"""Groups: how many are in each, making, renaming and forgetting them, and who is in one."""

import re

from starlette.responses import RedirectResponse, Response

from seatrial.domain.access import Permission
from seatrial.domain.errors import Conflict, InvalidRequest
from seatrial.domain.group import GroupChanges, GroupPeople
from seatrial.domain.listing import ListQuery
from seatrial.domain.membership import MemberKind
from seatrial.web.dashboard.door import Visitor, form_lists, form_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.listing import back_to, kept, page_number, page_url
from seatrial.web.dashboard.people import PAGE, PEOPLE, text_of
from seatrial.web.dashboard.rules import in_words
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of
from seatrial.wire import bodies, fields
from seatrial.wire.groups import DESCRIPTION_LIMIT, GROUP_LIMIT, PEOPLE_LIMIT

GROUPS = f"{PEOPLE}/groups"
ONE = f"{GROUPS}/{{group}}"
_SEPARATOR = re.compile(r"[\s,;]+")


@signed_in
async def search(visitor: Visitor) -> Response:
    """List the groups."""
    return await _list(visitor)


@signed_in
async def create(visitor: Visitor) -> Response:
    """Make a group and go to it."""
    context, said = visitor.context, await form_of(visitor.request)
    try:
        name, description = _named(said)
        made = await context.write(lambda: context.groups.create(visitor.scope, name, description))
    except InvalidRequest as invalid:
        return await _list(visitor, said, in_words(visitor.language, invalid), 400)
    except Conflict:
        return await _list(visitor, said, {"name": _taken(visitor)}, 409)
    return RedirectResponse(f"{_path(visitor)}/{made.id}?done=made", 303)


@signed_in
async def one(visitor: Visitor) -> Response:
    """Show one group and who is in it."""
    return await _one(visitor)


@signed_in
async def change(visitor: Visitor) -> Response:
    """Rename or describe a group."""
    context, said, group_id = visitor.context, await form_of(visitor.request), visitor.request.path_params["group"]
    try:
        name, description = _named(said)
        changes = GroupChanges(name=name, description=description)
        await context.write(lambda: context.groups.update(visitor.scope, group_id, changes))
    except InvalidRequest as invalid:
        return await _one(visitor, said=said, wrong=in_words(visitor.language, invalid), status=400)
    except Conflict:
        return await _one(visitor, said=said, wrong={"name": _taken(visitor)}, status=409)
    return back_to(visitor.request, f"{_path(visitor)}/{group_id}", "saved")


@signed_in
async def remove(visitor: Visitor) -> Response:
    """Forget a group."""
    context, group_id = visitor.context, visitor.request.path_params["group"]
    try:
        await context.write(lambda: context.groups.delete(visitor.scope, group_id))
    except Conflict:
        over = visitor.language.say("An audience names this group: take it out there first.")
        return await _one(visitor, over=over, status=409)
    return RedirectResponse(f"{_path(visitor)}?done=removed", 303)


@signed_in
async def add(visitor: Visitor) -> Response:
    """Put people into a group."""
    context, said, group_id = visitor.context, await form_of(visitor.request), visitor.request.path_params["group"]
    try:
        kind = MemberKind(fields.word("kind", said.get("kind", ""), MemberKind))
        people = _people(kind, people_in("people", said.get("people", ""), PEOPLE_LIMIT))
        await context.write(lambda: context.groups.add(visitor.scope, group_id, people))
    except InvalidRequest as invalid:
        # The rule is about who was named, whichever of the two lists they were looked for in.
        text = next(iter(in_words(visitor.language, invalid).values()))
        return await _one(visitor, said=said, wrong={"people": text}, status=400)
    return back_to(visitor.request, f"{_path(visitor)}/{group_id}", "added")


@signed_in
async def take_out(visitor: Visitor) -> Response:
    """Take people out of a group."""
    context, said, group_id = visitor.context, await form_lists(visitor.request), visitor.request.path_params["group"]
    people = GroupPeople(employees=tuple(said.get("employees", [])), users=tuple(said.get("users", [])))
    await context.write(lambda: context.groups.remove(visitor.scope, group_id, people))
    return back_to(visitor.request, f"{_path(visitor)}/{group_id}", "takenOut")


def people_in(name: str, text: str, most: int) -> tuple[str, ...]:
    """Read e-mail addresses with blanks, commas or line breaks between them.

    Raises InvalidRequest.
    """
    return bodies.names(most)(name, [one for one in _SEPARATOR.split(text) if one])


def _people(kind: MemberKind, named: tuple[str, ...]) -> GroupPeople:
    if not named:
        raise InvalidRequest({"people": "is required"})
    return GroupPeople(employees=named) if kind is MemberKind.EMPLOYEE else GroupPeople(users=named)


def _named(said: dict[str, str]) -> tuple[str, str]:
    return (
        bodies.line(GROUP_LIMIT)("name", said.get("name")),
        bodies.text(DESCRIPTION_LIMIT)("description", said.get("description")),
    )


def _path(visitor: Visitor) -> str:
    return f"{visitor.home}/people/groups"


def _taken(visitor: Visitor) -> str:
    return visitor.language.say("is taken already.")


async def _list(
    visitor: Visitor, said: dict[str, str] | None = None, wrong: dict[str, str] | None = None, status: int = 200
) -> Response:
    context, request, text = visitor.context, visitor.request, text_of(visitor, "q")
    query = ListQuery(name=text or None, sort="name", descending=False, page=page_number(request), limit=PAGE)
    page = await context.read(lambda: context.groups.search(visitor.scope, query))
    return show(
        visitor,
        "dashboard/groups.html",
        status,
        page=page,
        page_url=page_url(request, _path(visitor)),
        address=_path(visitor),
        text=text,
        done=request.query_params.get("done", ""),
        said=said or {},
        wrong=wrong or {},
        base=links_of(request).api,
    )


async def _one(
    visitor: Visitor,
    *,
    said: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
    over: str = "",
    status: int = 200,
) -> Response:
    context, request, group_id = visitor.context, visitor.request, visitor.request.path_params["group"]
    group = await context.read(lambda: context.groups.get(visitor.scope, group_id))
    address = f"{_path(visitor)}/{group.id}"
    query = ListQuery(sort="email", descending=False, page=page_number(request), limit=PAGE)
    sees_people = Permission.EMPLOYEE_LIST in visitor.scope.principal.permissions
    page = await context.read(lambda: context.groups.members(visitor.scope, group_id, query)) if sees_people else None
    return show(
        visitor,
        "dashboard/group.html",
        status,
        group=group,
        page=page,
        page_url=page_url(request, address),
        address=address,
        at=address,
        parent=_path(visitor),
        query=kept(request),
        done=request.query_params.get("done", ""),
        over=over,
        said=said or {},
        wrong=wrong or {},
        base=links_of(request).api,
    )


ROUTES = (
    ("GET", GROUPS, search),
    ("POST", GROUPS, create),
    ("GET", ONE, one),
    ("POST", ONE, change),
    ("POST", f"{ONE}/remove", remove),
    ("POST", f"{ONE}/members", add),
    ("POST", f"{ONE}/members/remove", take_out),
)
