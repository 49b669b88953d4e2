"""Employees of the store: find, take in, edit, forget."""

from starlette.responses import RedirectResponse, Response

from seatrial.domain.build import UNSET
from seatrial.domain.employee import Employee, EmployeeChanges, NewEmployee
from seatrial.domain.errors import Conflict, InvalidRequest
from seatrial.domain.group import Group, group_key
from seatrial.domain.listing import ListQuery
from seatrial.web.dashboard.door import Visitor, form_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.listing import back_to, page_number, page_url
from seatrial.web.dashboard.people import PAGE, PEOPLE, text_of
from seatrial.web.dashboard.rules import in_words
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of
from seatrial.wire import bodies, tags
from seatrial.wire.employees import email

EMPLOYEES = f"{PEOPLE}/employees"
ONE = f"{EMPLOYEES}/{{employee}}"
SORTS = {"email": False, "createdAt": True}
"""By what the list can be sorted, and whether that goes downwards."""
MOST_GROUPS_OFFERED = 1000


@signed_in
async def search(visitor: Visitor) -> Response:
    """List the employees."""
    return await _list(visitor, {}, {})


@signed_in
async def create(visitor: Visitor) -> Response:
    """Take somebody into the store."""
    context, said = visitor.context, await form_of(visitor.request)
    name = bodies.line(bodies.NAME_LIMIT)
    try:
        new = NewEmployee(
            email=email("email", said.get("email")),
            first_name=name("firstName", said.get("firstName")),
            last_name=name("lastName", said.get("lastName")),
            language=bodies.language("language", said.get("language")),
            tags=tags.from_json(said.get("tags", "")),
        )
        await context.write(lambda: context.employees.create(visitor.scope, new))
    except InvalidRequest as invalid:
        return await _list(visitor, said, in_words(visitor.language, invalid), 400)
    except Conflict:
        return await _list(visitor, said, {"email": _taken(visitor)}, 409)
    return back_to(visitor.request, _path(visitor), "added")


@signed_in
async def one(visitor: Visitor) -> Response:
    """Show one employee."""
    return await _one(visitor, {}, {})


@signed_in
async def change(visitor: Visitor) -> Response:
    """Change what is known of an employee."""
    context, employee_id = visitor.context, visitor.request.path_params["employee"]
    said = await form_of(visitor.request)
    name = bodies.line(bodies.NAME_LIMIT)
    try:
        before = await context.read(lambda: context.employees.get(visitor.scope, employee_id))
        wanted = tags.from_json(said.get("tags", ""))
        changes = EmployeeChanges(
            email=email("email", said.get("email")),
            first_name=name("firstName", said.get("firstName")),
            last_name=name("lastName", said.get("lastName")),
            language=bodies.language("language", said.get("language")),
            # Groups that an identity provider gave become ours only where somebody touches the field.
            tags=UNSET if _keys(wanted) == _keys(before.tags) else wanted,
            disabled=said.get("disabled") == "true",
        )
        await context.write(lambda: context.employees.update(visitor.scope, employee_id, changes))
    except InvalidRequest as invalid:
        return await _one(visitor, said, in_words(visitor.language, invalid), 400)
    except Conflict:
        return await _one(visitor, said, {"email": _taken(visitor)}, 409)
    return RedirectResponse(f"{_path(visitor)}/{employee_id}?done=saved", 303)


@signed_in
async def remove(visitor: Visitor) -> Response:
    """Forget an employee."""
    context, employee_id = visitor.context, visitor.request.path_params["employee"]
    await context.write(lambda: context.employees.delete(visitor.scope, employee_id))
    return back_to(visitor.request, _path(visitor), "removed")


async def groups_of(visitor: Visitor) -> list[Group]:
    """Read the groups to choose from, by name."""
    context = visitor.context
    query = ListQuery(sort="name", descending=False, limit=MOST_GROUPS_OFFERED)
    page = await context.read(lambda: context.groups.search(visitor.scope, query))
    return list(page.items)


def _path(visitor: Visitor) -> str:
    return f"{visitor.home}/people/employees"


def _keys(names: tuple[str, ...]) -> set[str]:
    return {group_key(name) for name in names}


def _taken(visitor: Visitor) -> str:
    return visitor.language.say("is an employee already.")


async def _list(visitor: Visitor, said: dict[str, str], wrong: dict[str, str], status: int = 200) -> Response:
    context, request = visitor.context, visitor.request
    text, group = text_of(visitor, "q"), text_of(visitor, "group")
    sort = request.query_params.get("sort", "")
    sort = sort if sort in SORTS else "email"
    query = ListQuery(
        text=text or None,
        group=group or None,
        sort=sort,
        descending=SORTS[sort],
        page=page_number(request),
        limit=PAGE,
    )
    page = await context.read(lambda: context.employees.search(visitor.scope, query))
    return show(
        visitor,
        "dashboard/employees.html",
        status,
        page=page,
        page_url=page_url(request, _path(visitor)),
        address=_path(visitor),
        text=text,
        group=group,
        sort=sort,
        groups=await groups_of(visitor),
        done=request.query_params.get("done", ""),
        said=said,
        wrong=wrong,
        base=links_of(request).api,
    )


async def _one(visitor: Visitor, said: dict[str, str], wrong: dict[str, str], status: int = 200) -> Response:
    context, request = visitor.context, visitor.request
    employee_id = request.path_params["employee"]
    found: Employee = await context.read(lambda: context.employees.get(visitor.scope, employee_id))
    return show(
        visitor,
        "dashboard/employee.html",
        status,
        employee=found,
        parent=_path(visitor),
        address=f"{_path(visitor)}/{found.id}",
        groups=await groups_of(visitor),
        done=request.query_params.get("done", ""),
        said=said,
        wrong=wrong,
        base=links_of(request).api,
    )


ROUTES = (
    ("GET", EMPLOYEES, search),
    ("POST", EMPLOYEES, create),
    ("GET", ONE, one),
    ("POST", ONE, change),
    ("POST", f"{ONE}/remove", remove),
)
