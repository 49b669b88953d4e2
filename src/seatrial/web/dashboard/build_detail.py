"""One build: everything that is known about it, editing what people say of it, and putting it beside another."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial

from starlette.responses import RedirectResponse, Response

from seatrial.domain.access import Permission
from seatrial.domain.browser import Browser
from seatrial.domain.build import Build, BuildChanges, BuildQuery, BuildStatus, FileType
from seatrial.domain.clock import utc_now
from seatrial.domain.comparison import compare
from seatrial.domain.download import DownloaderType, DownloadOrigin, DownloadType, Holder
from seatrial.domain.errors import EntityNotFound, InvalidRequest
from seatrial.domain.install_verdict import needs, verdicts
from seatrial.domain.retention import Place
from seatrial.web.charts import bars, treemap
from seatrial.web.dashboard.builds_upload import uploads
from seatrial.web.dashboard.door import Visitor, form_of
from seatrial.web.dashboard.files import icon_url
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.one_app import APP, app_path, scope_of
from seatrial.web.dashboard.rules import in_words
from seatrial.web.dashboard.view import show
from seatrial.web.pages.store_view import qr_code
from seatrial.web.replies import links_of
from seatrial.wire import fields, tags

ONE_BUILD = f"{APP}/builds/{{build}}"
NEIGHBOURS = 50
DAYS = 30


@signed_in
async def detail(visitor: Visitor) -> Response:
    """Show one build."""
    return await _detail(visitor, {}, {})


@signed_in
async def edit(visitor: Visitor) -> Response:
    """Change what people say of a build."""
    context, request, scope = visitor.context, visitor.request, scope_of(visitor)
    said = await form_of(request)
    try:
        changes = BuildChanges(
            version_name=fields.one_line("versionName", said.get("versionName", ""), fields.VERSION_NAME_LIMIT),
            tags=tags.collect(tags.split(said.get("tags", ""))),
            changelog=fields.bounded("changelog", said.get("changelog", ""), fields.CHANGELOG_LIMIT),
        )
    except InvalidRequest as invalid:
        return await _detail(visitor, said, in_words(visitor.language, invalid), 400)
    build = await context.write(lambda: context.builds.update(scope, request.path_params["build"], changes))
    return RedirectResponse(_path(visitor, build), 303)


@signed_in
async def switch(visitor: Visitor) -> Response:
    """Disable a build, or enable it again."""
    context, request, scope = visitor.context, visitor.request, scope_of(visitor)
    disabled = (await form_of(request)).get("disabled") == "true"
    build = await context.write(
        lambda: context.builds.update(scope, request.path_params["build"], BuildChanges(disabled=disabled))
    )
    return RedirectResponse(_path(visitor, build), 303)


@signed_in
async def reprocess(visitor: Visitor) -> Response:
    """Have a build read again."""
    context, request, scope = visitor.context, visitor.request, scope_of(visitor)
    build = await context.write(lambda: context.reprocessing.again(scope, request.path_params["build"]))
    return RedirectResponse(_path(visitor, build), 303)


@signed_in
async def fetch(visitor: Visitor) -> Response:
    """Hand a file of the build out: by the same single-use token that the API gives."""
    context, request, scope = visitor.context, visitor.request, scope_of(visitor)
    file_id = request.query_params.get("file") or None
    kind = DownloadType.AAB if request.query_params.get("type") == "aab" else DownloadType.FILE
    scope.require(Permission.BUILD_GET)
    holder = Holder(origin=DownloadOrigin.DASHBOARD, type=DownloaderType.USER, person=visitor.scope.principal.person)
    token = await context.write(
        lambda: context.downloads.issue_to(scope, request.path_params["build"], holder, file_id=file_id, kind=kind)
    )
    return RedirectResponse(links_of(request).redeem(token.secret), 303)


@signed_in
async def attach(visitor: Visitor) -> Response:
    """Put files beside the build as the API does; the proof against forgery comes in a header."""
    await uploads.attach(visitor.request)
    return RedirectResponse(f"{app_path(visitor)}/builds/{visitor.request.path_params['build']}", 303)


@signed_in
async def beside(visitor: Visitor) -> Response:
    """Put two builds of the app side by side."""
    context, request, scope = visitor.context, visitor.request, scope_of(visitor)
    first, second = request.path_params["build"], request.path_params["other"]
    one = await context.read(lambda: context.builds.get(scope, first))
    other = await context.read(lambda: context.builds.get(scope, second))
    return show(
        visitor,
        "dashboard/compare.html",
        build=one,
        app=one.application,
        comparison=compare(one, other),
        icons={each.id: icon_url(visitor, each) for each in (one, other)},
    )


@signed_in
async def choose_other(visitor: Visitor) -> Response:
    """Go to the comparison with the build that a form names."""
    context, scope, request = visitor.context, scope_of(visitor), visitor.request
    build = await context.read(lambda: context.builds.get(scope, request.path_params["build"]))
    other = await context.read(lambda: context.builds.get(scope, request.query_params.get("with", "")))
    return RedirectResponse(f"{_path(visitor, build)}/compare/{other.id}", 303)


async def _others(visitor: Visitor, build: Build) -> list[Build]:
    """Name builds to compare one with: the newest that could be read, those of its own system first."""
    context, scope, found = visitor.context, scope_of(visitor), dict[str, Build]()
    for system in dict.fromkeys((build.os or None, None)):
        query = BuildQuery(os=system, status=BuildStatus.PROCESSED, limit=NEIGHBOURS)
        found |= {one.id: one for one in await context.read(partial(context.builds.neighbours, scope, query))}
    return [other for other in found.values() if other.id != build.id]


async def _detail(visitor: Visitor, said: dict[str, str], wrong: dict[str, str], status: int = 200) -> Response:
    context, request, scope = visitor.context, visitor.request, scope_of(visitor)
    build = await context.read(lambda: context.builds.get(scope, request.path_params["build"]))
    per_day: list[tuple[str, int]] = []
    if visitor.may(Permission.DOWNLOAD_LIST):
        counted = await context.read(
            lambda: context.download_log.per_day(scope, build.id, utc_now() - timedelta(days=DAYS))
        )
        per_day = _days(counted)
    others = await _others(visitor, build)
    places: tuple[Place, ...] = ()
    if visitor.may(Permission.PUBLICATION_LIST):
        places = await context.read(lambda: context.publications.of_build(scope, build.id))
    pin = None
    if visitor.may(Permission.RETENTION_LIST):
        with suppress(EntityNotFound):
            pin = await context.read(lambda: context.pins.get(scope, build.id))
    shown, base = build.info, links_of(request).api
    install = _install(base, build, places)
    return show(
        visitor,
        "dashboard/build.html",
        status,
        build=build,
        info=shown,
        app=build.application,
        icon_url=icon_url(visitor, build),
        tiles=treemap(list(shown.sizes.items())) if shown else [],
        downloads=bars(per_day),
        others=others,
        attachments=[file for file in build.files if file.type is FileType.ATTACHMENT],
        own_files=[file for file in build.files if file.type in {FileType.ORIGINAL, FileType.PACKAGE}],
        places=places,
        pin=pin,
        verdicts=verdicts(build, Browser(), utc_now(), is_secure=base.startswith("https:")),
        needed=needs(shown),
        install=install,
        qr_code=qr_code(install),
        is_open=build.status in {BuildStatus.PENDING, BuildStatus.IN_PROGRESS},
        now=utc_now(),
        said=said,
        wrong=wrong,
        base=base,
    )


def _install(base: str, build: Build, places: Sequence[Place]) -> str:
    """Give the address to install a build from: a publication's page that gives it, or the build's own."""
    shown = next((place.publication for place in places if place.rank in {None, 1}), None)
    return f"{base}/{shown}?build={build.id}" if shown else f"{base}/builds/{build.id}/install"


def _days(counted: dict[str, int]) -> list[tuple[str, int]]:
    today = utc_now().date()
    days = [(today - timedelta(days=back)).isoformat() for back in range(DAYS - 1, -1, -1)]
    return [(day, counted.get(day, 0)) for day in days]


def _path(visitor: Visitor, build: Build) -> str:
    return f"{visitor.home}/apps/{build.application.slug}/builds/{build.id}"


ROUTES = (
    ("GET", ONE_BUILD, detail),
    ("POST", f"{ONE_BUILD}/attach", attach),
    ("POST", ONE_BUILD, edit),
    ("POST", f"{ONE_BUILD}/switch", switch),
    ("POST", f"{ONE_BUILD}/reprocess", reprocess),
    ("GET", f"{ONE_BUILD}/download", fetch),
    ("GET", f"{ONE_BUILD}/compare", choose_other),
    ("GET", f"{ONE_BUILD}/compare/{{other}}", beside),
)
