"""The log of downloads, of an app or of one build: a page of it, or all as a table; and erasing somebody from it."""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from seatrial.domain.access import AppScope
from seatrial.domain.download import DownloadQuery
from seatrial.domain.ids import BuildId
from seatrial.web.auth import from_organization_path, from_workspace_path
from seatrial.web.context import Context, context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import reply
from seatrial.wire.download_csv import csv_head, csv_lines
from seatrial.wire.downloads import download_json, erased_email
from seatrial.wire.pages import page_json
from seatrial.wire.queries import downloads_list_query

CSV = "text/csv"


async def search(request: Request) -> Response:
    """Give one page; the whole log as a table to who accepts nothing but that."""
    if request.headers.get("accept", "").partition(";")[0].strip().lower() == CSV:
        return await export(request)
    context, scope = context_of(request), await from_workspace_path(request)
    query = downloads_list_query(request.query_params.multi_items())
    page = await context.read(lambda: context.download_log.search(scope, request.path_params.get("build"), query))
    return reply(page_json(page, [download_json(download) for download in page.items]))


async def export(request: Request) -> Response:
    """Give all that matches as a table, line by line; pages and limits say nothing."""
    context, scope = context_of(request), await from_workspace_path(request)
    query = downloads_list_query(request.query_params.multi_items())
    build = await context.read(lambda: context.download_log.begin_export(scope, request.path_params.get("build")))
    headers = {"Content-Disposition": 'attachment; filename="downloads.csv"'}
    return StreamingResponse(lines_of(context, scope, build, query), media_type=CSV, headers=headers)


async def erase(request: Request) -> Response:
    """Take one person out of the organization's downloads and feedback."""
    context, scope = context_of(request), await from_organization_path(request)
    email = erased_email(await json_body(request))
    erased = await context.write(lambda: context.download_log.erase(scope, email))
    return reply({"downloads": erased.downloads, "feedbacks": erased.feedbacks, "devices": erased.devices})


async def lines_of(
    context: Context, scope: AppScope, build: BuildId | None, query: DownloadQuery
) -> AsyncIterator[bytes]:
    """Give the log as a table, piece by piece."""
    yield csv_head()
    batches = context.download_log.batches(scope, build, query)
    while (batch := await context.read(lambda: next(batches, None))) is not None:
        yield csv_lines(batch)
