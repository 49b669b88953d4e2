"""The server itself: processes, queue, storage, mails, and what somebody should look at."""

from starlette.responses import Response

from seatrial.domain.clock import utc_now
from seatrial.domain.finding import Finding
from seatrial.web.dashboard.door import HOME, Visitor
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.view import show
from seatrial.web.lane import in_thread


@signed_in
async def look(visitor: Visitor) -> Response:
    """Show how the server is."""
    return await _show(visitor, None)


@signed_in
async def examine(visitor: Visitor) -> Response:
    """Let the doctor look at everything, and show what was found."""
    context = visitor.context
    # In a thread that nobody else waits for: it comes back to this server through the street.
    return await _show(
        visitor, await in_thread(context.threads.upload, lambda: context.doctor.examine_for(visitor.scope))
    )


async def _show(visitor: Visitor, findings: list[Finding] | None) -> Response:
    context = visitor.context
    health = await context.read(lambda: context.health.look(visitor.scope))
    return show(visitor, "dashboard/system.html", health=health, findings=findings, now=utc_now())


PATH = f"{HOME}/{{organization}}/system"
ROUTES = (("GET", PATH, look), ("POST", PATH, examine))
