"""Audiences: who is meant by groups and by name, and who that is right now."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from seatrial.domain.access import Permission
from seatrial.domain.audience import MOST_SINGLE_PEOPLE, Audience, AudienceSettings
from seatrial.domain.build import Page
from seatrial.domain.employee import Employee
from seatrial.domain.errors import Conflict, InvalidRequest
from seatrial.domain.group import Conditions, group_key
from seatrial.domain.listing import ListQuery
from seatrial.web.dashboard.door import Visitor, form_lists
from seatrial.web.dashboard.employees import MOST_GROUPS_OFFERED, groups_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.groups import people_in
from seatrial.web.dashboard.listing import back_to, page_number, page_url
from seatrial.web.dashboard.people import PAGE, PEOPLE, text_of
from seatrial.web.dashboard.rules import in_words
from seatrial.web.dashboard.view import page as send
from seatrial.web.dashboard.view import render, show
from seatrial.web.replies import links_of
from seatrial.wire import bodies, groups

AUDIENCES = f"{PEOPLE}/audiences"
ONE = f"{AUDIENCES}/{{audience}}"
PEOPLE_SHOWN = 20
"""How many people a preview names; the others it counts."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form: as it was typed, row by row."""

    name: str = ""
    description: str = ""
    rows: tuple[str, ...] = ("",)
    people: str = ""


@signed_in
async def search(visitor: Visitor) -> Response:
    """List the audiences."""
    context, request, text = visitor.context, visitor.request, text_of(visitor, "q")
    query = ListQuery(name=text or None, sort="name", descending=False, page=page_number(request), limit=PAGE)
    page = await context.read(lambda: context.audiences.search(visitor.scope, query))
    return show(
        visitor,
        "dashboard/audiences.html",
        page=page,
        page_url=page_url(request, _path(visitor)),
        address=_path(visitor),
        text=text,
        done=request.query_params.get("done", ""),
        base=links_of(request).api,
    )


@signed_in
async def new(visitor: Visitor) -> Response:
    """Ask what a new audience is to be."""
    visitor.scope.require(Permission.AUDIENCE_CREATE)
    return await _form(visitor, Draft())


@signed_in
async def create(visitor: Visitor) -> Response:
    """Make an audience; a look at who would be in it, or one more row, changes nothing."""
    context, draft, asked = visitor.context, await _draft(visitor), await _asked(visitor)
    if asked is not None:
        visitor.scope.require(Permission.AUDIENCE_CREATE)
        return await _form(visitor, asked)
    try:
        settings = _settings(draft)
        made = await context.write(lambda: context.audiences.create(visitor.scope, settings))
    except InvalidRequest as invalid:
        return await _form(visitor, draft, wrong=in_words(visitor.language, invalid), status=400)
    except Conflict:
        return await _form(visitor, draft, wrong={"name": _taken(visitor)}, status=409)
    return RedirectResponse(f"{_path(visitor)}/{made.id}?done=saved", 303)


@signed_in
async def one(visitor: Visitor) -> Response:
    """Show one audience."""
    found = await _found(visitor)
    return await _form(visitor, _draft_of(found), found)


@signed_in
async def change(visitor: Visitor) -> Response:
    """Change an audience; a look at who would be in it, or one more row, changes nothing."""
    context, draft, found = visitor.context, await _draft(visitor), await _found(visitor)
    asked = await _asked(visitor)
    if asked is not None:
        visitor.scope.require(Permission.AUDIENCE_UPDATE)
        return await _form(visitor, asked, found)
    try:
        settings = _settings(draft)
        await context.write(lambda: context.audiences.update(visitor.scope, found.id, settings))
    except InvalidRequest as invalid:
        return await _form(visitor, draft, found, wrong=in_words(visitor.language, invalid), status=400)
    except Conflict:
        return await _form(visitor, draft, found, wrong={"name": _taken(visitor)}, status=409)
    return RedirectResponse(f"{_path(visitor)}/{found.id}?done=saved", 303)


@signed_in
async def remove(visitor: Visitor) -> Response:
    """Forget an audience."""
    context, audience_id = visitor.context, visitor.request.path_params["audience"]
    await context.write(lambda: context.audiences.delete(visitor.scope, audience_id))
    return back_to(visitor.request, _path(visitor), "removed")


@signed_in
async def preview(visitor: Visitor) -> Response:
    """Show who would be in an audience by what stands in the form now."""
    visitor.scope.require(Permission.AUDIENCE_LIST)
    values = await _preview(visitor, await _draft(visitor))
    return send(visitor.request, render(visitor, "dashboard/audience_preview.html", **values))


def _path(visitor: Visitor) -> str:
    return f"{visitor.home}/people/audiences"


def _taken(visitor: Visitor) -> str:
    return visitor.language.say("is taken already.")


async def _found(visitor: Visitor) -> Audience:
    context, audience_id = visitor.context, visitor.request.path_params["audience"]
    return await context.read(lambda: context.audiences.get(visitor.scope, audience_id))


async def _draft(visitor: Visitor) -> Draft:
    said = await form_lists(visitor.request)
    last = {name: values[-1] for name, values in said.items()}
    rows = tuple(said.get("row", []))[: groups.COUNT_LIMIT]
    return Draft(last.get("name", ""), last.get("description", ""), rows or ("",), last.get("people", ""))


async def _asked(visitor: Visitor) -> Draft | None:
    """Give the form to show again where somebody did not press the button that saves."""
    draft = await _draft(visitor)
    match (await form_lists(visitor.request)).get("action", [""])[-1]:
        case "row":
            return Draft(draft.name, draft.description, (*draft.rows, ""), draft.people)
        case "look":
            return draft
        case _:
            return None


def _draft_of(audience: Audience) -> Draft:
    rows = tuple(", ".join(clause) for clause in audience.conditions)
    return Draft(
        audience.name, audience.description, rows or ("",), "\n".join(email for _, email in audience.employees)
    )


def _settings(draft: Draft) -> AudienceSettings:
    return AudienceSettings(
        name=bodies.line(bodies.NAME_LIMIT)("name", draft.name),
        description=bodies.text(groups.DESCRIPTION_LIMIT)("description", draft.description),
        conditions=_conditions(draft),
        employees=people_in("employees", draft.people, MOST_SINGLE_PEOPLE),
    )


def _conditions(draft: Draft) -> Conditions:
    return groups.from_json("conditions", [row.split(",") for row in draft.rows])


async def _preview(visitor: Visitor, draft: Draft) -> dict[str, object]:
    """Give who is in it now, and the groups in it that nobody has made."""
    context = visitor.context
    page: Page[Employee] | None = None
    unknown: Sequence[str] = ()
    if Permission.EMPLOYEE_LIST in visitor.scope.principal.permissions:
        query = ListQuery(sort="email", descending=False, limit=PEOPLE_SHOWN)
        try:
            conditions = _conditions(draft)
            people = people_in("employees", draft.people, MOST_SINGLE_PEOPLE)
        except InvalidRequest:
            conditions, people = (), ()  # what is wrong is said beside the field when the form is saved
        page = await context.read(lambda: context.audiences.preview(visitor.scope, conditions, people, query))
        offered = await groups_of(visitor)
        if len(offered) < MOST_GROUPS_OFFERED:
            known = {group_key(group.name) for group in offered}
            names = dict.fromkeys(name for clause in conditions for name in clause)
            unknown = [name for name in names if group_key(name) not in known]
    return {"who": page, "unknown": unknown}


async def _form(
    visitor: Visitor,
    draft: Draft,
    found: Audience | None = None,
    *,
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    request, path = visitor.request, _path(visitor)
    permission = Permission.AUDIENCE_UPDATE if found else Permission.AUDIENCE_CREATE
    return show(
        visitor,
        "dashboard/audience.html",
        status,
        audience=found,
        draft=draft,
        groups=await groups_of(visitor),
        may_change=permission in visitor.scope.principal.permissions,
        parent=path,
        address=f"{path}/{found.id}" if found else path,
        at=f"{path}/{found.id}" if found else f"{path}/new",
        done=request.query_params.get("done", ""),
        wrong=wrong or {},
        base=links_of(request).api,
        **await _preview(visitor, draft),
    )


ROUTES = (
    ("GET", AUDIENCES, search),
    ("GET", f"{AUDIENCES}/new", new),
    ("POST", AUDIENCES, create),
    ("POST", f"{AUDIENCES}/preview", preview),
    ("GET", ONE, one),
    ("POST", ONE, change),
    ("POST", f"{ONE}/remove", remove),
)
