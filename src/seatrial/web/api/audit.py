"""The record of who did what."""

from collections.abc import AsyncIterator, Iterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from seatrial.domain.audit import Link
from seatrial.web.auth import from_organization_path
from seatrial.web.context import Context, context_of
from seatrial.web.replies import reply
from seatrial.wire.audit import (
    audit_json,
    audit_query,
    export_lines,
    export_query,
    verification_json,
    verification_query,
)
from seatrial.wire.pages import page_json


async def search(request: Request) -> Response:
    """List an organization's record, the newest first."""
    context, scope = context_of(request), await from_organization_path(request)
    query = audit_query(request.query_params.multi_items())
    page = await context.read(lambda: context.audit.search(scope, query))
    return reply(page_json(page, [audit_json(entry) for entry in page.items]))


async def verify(request: Request) -> Response:
    """Look through the whole record, and say whether it is as it was written."""
    context, scope = context_of(request), await from_organization_path(request)
    known = verification_query(request.query_params.multi_items())
    found = await context.store(lambda: context.audit.verify(scope, known))
    return reply(verification_json(found))


async def export(request: Request) -> Response:
    """Give the whole record, a line for each entry, the oldest first."""
    context, scope = context_of(request), await from_organization_path(request)
    after = export_query(request.query_params.multi_items())
    batches = context.audit.export(scope, after)
    headers = {"Content-Disposition": 'attachment; filename="audit-log.jsonl"'}
    return StreamingResponse(_lines(context, batches), media_type="application/x-ndjson", headers=headers)


async def _lines(context: Context, batches: Iterator[list[tuple[str, Link]]]) -> AsyncIterator[bytes]:
    while (batch := await context.read(lambda: next(batches, None))) is not None:
        yield export_lines(batch)
