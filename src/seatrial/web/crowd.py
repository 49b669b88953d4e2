"""How many may be in at once: whoever comes too many is told to come back, before any work is done for them.

A server that takes in everybody collapses for all; one that says 503 at the door stays quick for those inside.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from seatrial.domain.errors import ServiceUnavailable
from seatrial.web.edge import QUIET_PATHS
from seatrial.web.errors import answer

REQUEST_SECONDS = 1
"""After how many to come back."""


class Crowd:
    """ASGI middleware that bounds how many requests are worked on at once."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self._app = app
        self._most = most
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or turn it away."""
        if scope["type"] != "http" or scope["path"] in QUIET_PATHS:
            # What says how the server is must say so above all when it is crowded.
            await self._app(scope, receive, send)
            return
        if self._inside >= self._most:
            crowded = ServiceUnavailable("Too many requests at once", retry_after=REQUEST_SECONDS)
            await answer(crowded)(scope, receive, send)
            return
        self._inside += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._inside -= 1
