"""The builds of an app: a list that is searched, filtered, sorted and walked, and filters that people keep."""

import base64
import binascii
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import msgspec
from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from seatrial.domain.build import BuildStatus, SortField
from seatrial.domain.ids import is_entity_id
from seatrial.domain.search import LONGEST_WORD, SORTABLE, BuildFilter, Cursor
from seatrial.services.build_lists import MOST_CHANGED
from seatrial.web.dashboard.door import Visitor, form_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.one_app import APP, app_path, one_app, scope_of
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of

SORTS = tuple(f"{sign}{field.value}" for field in SortField for sign in ("-", ""))
_FILTERS = ("q", "status", "os", "tag", "branch", "sort")
_LONGEST = 255


@signed_in
async def search(visitor: Visitor) -> Response:
    """Show one page of an app's builds."""
    context, request = visitor.context, visitor.request
    subject = await one_app(visitor)
    wanted = filter_of(request.query_params)
    lines = await context.read(lambda: context.build_lists.find(subject.scope, wanted))
    choices = await context.read(lambda: context.build_lists.choices(subject.scope))
    saved = await context.read(lambda: context.build_lists.saved(subject.scope))
    said = {name: request.query_params.get(name, "") for name in _FILTERS}
    return show(
        visitor,
        "dashboard/builds.html",
        subject=subject,
        app=subject.app,
        lines=lines,
        wanted=wanted,
        choices=choices,
        saved=saved,
        said=said,
        statuses=list(BuildStatus),
        query=urlencode([(name, value) for name, value in said.items() if value]),
        url=lambda **changes: _url(request.url.path, said, changes),
        place=_place,
        sortable=SORTABLE,
        stayed=_count(request.query_params.get("stayed", "")),
        trashed=[one for one in request.query_params.get("trashed", "").split(",")[:MOST_CHANGED] if is_entity_id(one)],
        is_live=wanted.cursor is None and not wanted.is_narrow and said["sort"] in {"", "-createdAt"},
        base=links_of(request).api,
    )


@signed_in
async def save(visitor: Visitor) -> Response:
    """Keep the filter that is looked at, or forget one."""
    context, scope = visitor.context, scope_of(visitor)
    said = await form_of(visitor.request)
    query = urlencode([(name, value) for name, value in parse_qsl(said.get("query", "")) if name in _FILTERS and value])
    if said.get("forget"):
        await context.write(lambda: context.build_lists.forget(scope, said["forget"]))
    else:
        await context.write(lambda: context.build_lists.save(scope, said.get("name", ""), query))
    path = app_path(visitor)
    return RedirectResponse(f"{path}?{query}" if query else path, 303)


def filter_of(query: QueryParams) -> BuildFilter:
    """Read which builds an address asks for; what makes no sense in it is as if it were not there."""
    said = {name: query.get(name, "").strip()[:_LONGEST] for name in ("status", "os", "tag", "branch")}
    sort = query.get("sort", "") if query.get("sort", "") in SORTS else "-createdAt"
    wanted = BuildFilter(
        words=query.get("q", "")[: LONGEST_WORD * 12],
        status=BuildStatus(said["status"]) if said["status"] in set(BuildStatus) else None,
        os=said["os"],
        tag=said["tag"],
        branch=said["branch"],
        sort=SortField(sort.removeprefix("-")),
        descending=sort.startswith("-"),
    )
    cursor = _cursor(query.get("place", ""))
    return replace(wanted, cursor=cursor) if cursor and wanted.fits(cursor) else wanted


def _place(cursor: Cursor) -> str:
    raw = msgspec.json.encode([cursor.forward, *cursor.values])
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _cursor(said: str) -> Cursor | None:
    try:
        raw = base64.urlsafe_b64decode(said.encode() + b"=" * (-len(said) % 4))
        forward, *values = msgspec.json.decode(raw, type=list[bool | int | str])
    except (ValueError, binascii.Error, msgspec.DecodeError):
        return None
    if not isinstance(forward, bool) or any(isinstance(value, bool) for value in values):
        return None
    return Cursor(tuple(values), forward)


def _url(path: str, said: dict[str, str], changes: dict[str, str]) -> str:
    query = urlencode([(name, value) for name, value in (said | changes).items() if value])
    return f"{path}?{query}" if query else path


def _count(said: str) -> int:
    return int(said) if said.isascii() and said.isdigit() and len(said) < 5 else 0


ROUTES = (
    ("GET", APP, search),
    ("GET", f"{APP}/builds", search),
    ("POST", f"{APP}/filters", save),
)
