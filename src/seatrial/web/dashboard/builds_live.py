"""The list of builds while it stays open: rows as they become, in a stream of server-sent events."""

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial

from starlette.responses import Response, StreamingResponse

from seatrial.domain.access import AppScope
from seatrial.domain.app import AppOverview
from seatrial.domain.clock import utc_now
from seatrial.domain.ids import BuildId
from seatrial.domain.search import BuildLine
from seatrial.web.context import Context
from seatrial.web.dashboard.door import Visitor
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.one_app import APP, OneApp, one_app
from seatrial.web.dashboard.view import render
from seatrial.web.live import BEAT, MOST_SEEN, WINDOW, event

FULL_SECONDS = 30


@signed_in
async def follow(visitor: Visitor) -> Response:
    """Send the rows of builds that change, and how many builds there are."""
    if visitor.context.live.is_full:
        return Response(status_code=503, headers={"Retry-After": str(FULL_SECONDS)})
    subject = await one_app(visitor)
    # A proxy that collects an answer before it passes it on would make the stream useless.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    if visitor.request.method == "HEAD":
        return Response(media_type="text/event-stream", headers=headers)
    return StreamingResponse(_events(visitor, subject), media_type="text/event-stream", headers=headers)


async def _events(visitor: Visitor, subject: OneApp) -> AsyncIterator[bytes]:
    context, scope = visitor.context, subject.scope

    async def look() -> Mapping[str, int]:
        since = utc_now() - WINDOW
        seen = await context.read(lambda: context.build_lists.changed_since(scope, since, MOST_SEEN))
        return {str(build_id): revision for build_id, revision in seen.items()}

    yield BEAT
    async for changed in context.live.changes(scope.app_id, look):
        if changed is None:
            yield BEAT
            continue
        lines, overview = await context.read(partial(_now, context, scope, changed))
        told = visitor.language.count("{n} build", "{n} builds", overview.builds)
        # Oldest first, so that the newest ends up on top.
        for line in sorted(lines, key=lambda line: (line.created_at, line.id)):
            html = render(visitor, "dashboard/build_row.html", line=line, subject=subject)
            yield event("build", {"id": line.id, "revision": line.revision, "row": html, "count": told})


def _now(context: Context, scope: AppScope, changed: Sequence[str]) -> tuple[list[BuildLine], AppOverview]:
    return context.build_lists.lines(scope, [BuildId(one) for one in changed]), context.apps.get(scope)


ROUTES = (("GET", f"{APP}/events", follow),)
