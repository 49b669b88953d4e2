"""The server itself: processes, queue, storage, mails, and what somebody should look at."""

from starlette.responses import Response

from seatrial.domain.clock import utc_now
from seatrial.web.dashboard.door import HOME, Visitor
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.view import show


@signed_in
async def look(visitor: Visitor) -> Response:
    """Show how the server is."""
    context = visitor.context
    health = await context.read(lambda: context.health.look(visitor.scope))
    return show(visitor, "dashboard/system.html", health=health, now=utc_now())


ROUTES = (("GET", f"{HOME}/{{organization}}/system", look),)
