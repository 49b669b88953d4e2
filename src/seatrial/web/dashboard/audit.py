"""The record of who did what, for people."""

from starlette.responses import Response

from seatrial.domain.audit import Verification
from seatrial.domain.errors import InvalidRequest
from seatrial.web.dashboard.door import HOME, Visitor
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.listing import page_number, page_url
from seatrial.web.dashboard.rules import in_words
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of
from seatrial.wire.audit import audit_query

PAGE = 100
FILTERS = ("action", "principal", "target", "iniDate", "endDate")


@signed_in
async def search(visitor: Visitor) -> Response:
    """Show the record, the newest first."""
    return await _page(visitor)


@signed_in
async def verify(visitor: Visitor) -> Response:
    """Look through the whole record, and say what came of it."""
    context = visitor.context
    return await _page(visitor, await context.store(lambda: context.audit.verify(visitor.scope)))


async def _page(visitor: Visitor, found: Verification | None = None) -> Response:
    context, request = visitor.context, visitor.request
    said = {name: request.query_params.get(name, "") for name in FILTERS}
    paging = [("page", str(page_number(request))), ("limit", str(PAGE))]
    try:
        query, wrong = audit_query([*said.items(), *paging]), {}
    except InvalidRequest as invalid:
        query, wrong = audit_query(paging), in_words(visitor.language, invalid)
    page = await context.read(lambda: context.audit.search(visitor.scope, query))
    state = await context.read(lambda: context.audit.state(visitor.scope))
    return show(
        visitor,
        "dashboard/audit.html",
        found=found,
        state=state,
        page=page,
        said=said,
        wrong=wrong,
        page_url=page_url(request),
        base=links_of(request).api,
    )


ROUTES = (
    ("GET", f"{HOME}/{{organization}}/audit", search),
    ("POST", f"{HOME}/{{organization}}/audit", verify),
)
