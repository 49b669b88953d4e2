"""Who downloaded an app's builds, when, and from where."""

from starlette.responses import Response, StreamingResponse

from seatrial.domain.download import DownloadQuery
from seatrial.domain.errors import InvalidRequest
from seatrial.web.api.download_log import CSV, lines_of
from seatrial.web.charts import bars
from seatrial.web.dashboard.door import Visitor
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.listing import page_number, page_url
from seatrial.web.dashboard.one_app import APP, one_app, scope_of
from seatrial.web.dashboard.rules import in_words
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of
from seatrial.wire.timestamps import read_timestamp

PAGE = 50
DAYS = 30


@signed_in
async def search(visitor: Visitor) -> Response:
    """Show the log, newest first, and how many there were on each day."""
    context, request, subject = visitor.context, visitor.request, await one_app(visitor)
    said = {name: request.query_params.get(name, "") for name in ("email", "iniDate", "endDate")}
    try:
        since = read_timestamp("iniDate", said["iniDate"]) if said["iniDate"] else None
        until = read_timestamp("endDate", said["endDate"], end_of_day=True) if said["endDate"] else None
        wrong: dict[str, str] = {}
    except InvalidRequest as invalid:
        since, until, wrong = None, None, in_words(visitor.language, invalid)
    query = DownloadQuery(email=said["email"] or None, since=since, until=until, page=page_number(request), limit=PAGE)
    page = await context.read(lambda: context.download_log.search(subject.scope, None, query))
    days = await context.read(lambda: context.numbers.days(subject.scope, DAYS))
    return show(
        visitor,
        "dashboard/downloads.html",
        subject=subject,
        page=page,
        page_url=page_url(request),
        chart=bars([(day.date.isoformat(), day.downloads) for day in days]),
        said=said,
        wrong=wrong,
        base=links_of(request).api,
    )


@signed_in
async def export(visitor: Visitor) -> Response:
    """Give the whole log as CSV."""
    context, scope = visitor.context, scope_of(visitor)
    await context.read(lambda: context.download_log.begin_export(scope, None))
    lines = lines_of(context, scope, None, DownloadQuery())
    name = f"downloads-{visitor.request.path_params['app']}.csv"
    return StreamingResponse(lines, media_type=CSV, headers={"Content-Disposition": f'attachment; filename="{name}"'})


ROUTES = (("GET", f"{APP}/downloads", search), ("GET", f"{APP}/downloads.csv", export))
