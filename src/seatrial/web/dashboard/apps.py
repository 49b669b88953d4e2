"""Apps: the grid of all, and making one."""

from starlette.responses import RedirectResponse, Response

from seatrial.domain.app import AppSettings
from seatrial.domain.build import UNSET
from seatrial.domain.clock import utc_now
from seatrial.domain.errors import InvalidRequest, SlugTaken
from seatrial.domain.listing import ListQuery
from seatrial.web.dashboard.door import HOME, Visitor, form_of
from seatrial.web.dashboard.files import pictures_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.home import ending_soon
from seatrial.web.dashboard.listing import page_number, page_url
from seatrial.web.dashboard.rules import in_words
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of

ORGANIZATION = f"{HOME}/{{organization}}"
PAGE = 60


@signed_in
async def first(visitor: Visitor) -> Response:
    """Go to the first of somebody's organizations."""
    return RedirectResponse(visitor.home, 303)


@signed_in
async def search(visitor: Visitor) -> Response:
    """Show an organization's apps."""
    return await _grid(visitor, {}, {})


@signed_in
async def create(visitor: Visitor) -> Response:
    """Make an app and go to it."""
    context, said = visitor.context, await form_of(visitor.request)
    settings = AppSettings(name=said.get("name", ""), slug=said.get("slug", "").strip() or UNSET)
    try:
        made = await context.write(lambda: context.apps.create(visitor.scope, settings))
    except InvalidRequest as invalid:
        return await _grid(visitor, said, in_words(visitor.language, invalid), 400)
    except SlugTaken:
        return await _grid(visitor, said, {"slug": visitor.language.say("is taken already.")}, 400)
    return RedirectResponse(f"{visitor.home}/apps/{made.app.slug}", 303)


async def _grid(visitor: Visitor, said: dict[str, str], wrong: dict[str, str], status: int = 200) -> Response:
    context, request = visitor.context, visitor.request
    name = request.query_params.get("name", "").strip()
    query = ListQuery(name=name or None, page=page_number(request), limit=PAGE)
    page = await context.read(lambda: context.apps.search(visitor.scope, query))
    return show(
        visitor,
        "dashboard/apps.html",
        status,
        page=page,
        name=name,
        pictures=await pictures_of(visitor, [one.app for one in page.items]),
        failed=await context.read(lambda: context.numbers.failed(visitor.scope)),
        newest=await context.read(lambda: context.numbers.newest(visitor.scope, page.items)),
        ending=await context.read(lambda: ending_soon(visitor)),
        now=utc_now(),
        said=said,
        wrong=wrong,
        page_url=page_url(request),
        base=links_of(request).api,
    )


ROUTES = (
    ("GET", HOME, first),
    ("GET", f"{ORGANIZATION}/apps", search),
    ("POST", f"{ORGANIZATION}/apps", create),
)
