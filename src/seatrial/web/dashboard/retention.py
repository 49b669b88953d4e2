"""What the rules of retention would do, pins, and the trash with the way back out of it."""

from starlette.responses import RedirectResponse, Response

from seatrial.domain.access import Permission
from seatrial.domain.app import AppSettings
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.listing import ListQuery
from seatrial.domain.retention import RetentionQuery, Rule, read_back
from seatrial.web.dashboard.door import Visitor, form_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.listing import page_number, page_url
from seatrial.web.dashboard.one_app import APP, app_path, one_app, scope_of
from seatrial.web.dashboard.rules import in_words
from seatrial.web.dashboard.settings import rule_number
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of
from seatrial.wire import fields
from seatrial.wire.retention import REASON_LIMIT

PAGE = 50


@signed_in
async def preview(visitor: Visitor) -> Response:
    """Say of every build why it stays or goes, under the saved rule or one that is tried."""
    return await _preview(visitor, {}, {})


@signed_in
async def change(visitor: Visitor) -> Response:
    """Change the app's own rule."""
    context, scope, asked = visitor.context, scope_of(visitor), await form_of(visitor.request)
    scope.require(Permission.RETENTION_RULE_UPDATE)
    try:
        settings = AppSettings(
            build_retention_days=rule_number(asked, "ownDays"),
            builds_retained_per_publication=rule_number(asked, "ownPerPublication"),
        )
        await context.write(lambda: context.apps.update(scope, settings))
    except InvalidRequest as invalid:
        return await _preview(visitor, asked, in_words(visitor.language, invalid))
    return RedirectResponse(f"{app_path(visitor)}/retention?saved=1", 303)


async def _preview(visitor: Visitor, asked: dict[str, str], wrong: dict[str, str]) -> Response:
    context, request, subject = visitor.context, visitor.request, await one_app(visitor)
    said = {name: request.query_params.get(name, "") for name in ("verdict", "days", "perPublication")}
    query = RetentionQuery(
        goes={"goes": True, "stays": False}.get(said["verdict"]),
        tried=Rule(_tried(visitor, said, "days", wrong), _tried(visitor, said, "perPublication", wrong)),
        page=page_number(request),
        limit=PAGE,
    )
    found = await context.read(lambda: context.retention.preview(subject.scope, query))
    return show(
        visitor,
        "dashboard/retention.html",
        400 if wrong else 200,
        subject=subject,
        picture=subject.picture,
        preview=found,
        asked=asked,
        saved=bool(request.query_params.get("saved")),
        page_url=page_url(request),
        said=said,
        wrong=wrong,
        base=links_of(request).api,
    )


@signed_in
async def trash(visitor: Visitor) -> Response:
    """List the builds that can be brought back."""
    context, request, subject = visitor.context, visitor.request, await one_app(visitor)
    query = ListQuery(sort="trashedAt", page=page_number(request), limit=PAGE)
    page = await context.read(lambda: context.trash.search(subject.scope, query))
    return show(
        visitor,
        "dashboard/trash.html",
        read_back=read_back,
        subject=subject,
        page=page,
        page_url=page_url(request),
        base=links_of(request).api,
    )


@signed_in
async def restore(visitor: Visitor) -> Response:
    """Bring a build back."""
    context, scope, path = visitor.context, scope_of(visitor), visitor.request.path_params
    build = await context.write(lambda: context.trash.restore(scope, path["trashed"]))
    return RedirectResponse(f"{app_path(visitor)}/builds/{build.id}", 303)


@signed_in
async def purge(visitor: Visitor) -> Response:
    """Remove a build from the trash, and its files, for good."""
    context, scope, path = visitor.context, scope_of(visitor), visitor.request.path_params
    await context.store(lambda: context.trash.purge(scope, path["trashed"]))
    return RedirectResponse(f"{app_path(visitor)}/trash", 303)


@signed_in
async def throw_away(visitor: Visitor) -> Response:
    """Put a build into the trash, and say so where the app's builds are listed."""
    context, scope, path = visitor.context, scope_of(visitor), visitor.request.path_params
    await context.write(lambda: context.trash.put(scope, path["build"]))
    return RedirectResponse(f"{app_path(visitor)}?trashed={path['build']}", 303)


@signed_in
async def pin(visitor: Visitor) -> Response:
    """Keep a build whatever the rules say, or no longer."""
    context, scope, path = visitor.context, scope_of(visitor), visitor.request.path_params
    said = await form_of(visitor.request)
    if said.get("pinned") == "false":
        await context.write(lambda: context.pins.remove(scope, path["build"]))
    else:
        reason = fields.one_line("reason", said.get("reason", ""), REASON_LIMIT)
        await context.write(lambda: context.pins.put(scope, path["build"], reason))
    return RedirectResponse(f"{app_path(visitor)}/builds/{path['build']}", 303)


def _tried(visitor: Visitor, said: dict[str, str], name: str, wrong: dict[str, str]) -> int | None:
    try:
        return rule_number(said, name)
    except InvalidRequest as invalid:
        wrong.update(in_words(visitor.language, invalid))
    return None


ROUTES = (
    ("GET", f"{APP}/retention", preview),
    ("POST", f"{APP}/retention", change),
    ("GET", f"{APP}/trash", trash),
    ("POST", f"{APP}/trash/{{trashed}}/restore", restore),
    ("POST", f"{APP}/trash/{{trashed}}/purge", purge),
    ("POST", f"{APP}/builds/{{build}}/trash", throw_away),
    ("POST", f"{APP}/builds/{{build}}/pin", pin),
)
