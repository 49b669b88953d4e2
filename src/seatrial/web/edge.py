"""Around every request: its id, one spelling of its path, the answer to a fault of ours, and the access log."""

import time
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seatrial.domain.ids import new_entity_id
from seatrial.log import redact
from seatrial.web.replies import envelope
from seatrial.wire.errors import internal_error

QUIET_PATHS: Final = frozenset({"/healthz"})

log = structlog.get_logger()


class Edge:
    """Wraps every request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send)
        path = scope["path"]
        if len(path) > 1 and path.endswith("/"):
            # Clients call with and without the slash; a redirect would lose their Authorization header.
            scope["path"] = path.rstrip("/") or "/"
            scope["raw_path"] = scope["path"].encode()
        try:
            await self._app(scope, receive, exchange.send)
        except ClientDisconnect:
            exchange.status = 499
        except Exception:
            log.exception("request_failed", request_id=exchange.id, method=scope["method"], path=redact(path))
            await exchange.fail()
        finally:
            exchange.write_log()


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.id = new_entity_id()
        self.scope = scope
        self.path = scope["path"]
        self._receive = receive
        self.status = 0
        self._send = send
        self._began = time.perf_counter()

    async def send(self, message: Message) -> None:
        """Pass an answer on, with the headers that every answer has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(raw=message["headers"])
            headers["X-Request-Id"] = self.id
            headers.setdefault("X-Content-Type-Options", "nosniff")
            headers.setdefault("Cache-Control", "no-store")
            message["headers"] = headers.raw
        await self._send(message)

    async def fail(self) -> None:
        """Answer a fault of ours, if nothing was answered yet."""
        if self.status == 0:
            status, body, headers = internal_error(self.id)
            await envelope(body, status, headers)(self.scope, self._receive, self.send)

    def write_log(self) -> None:
        """Leave a line about the request: no query, because signatures travel there."""
        if self.path not in QUIET_PATHS:
            log.info(
                "request",
                request_id=self.id,
                method=self.scope["method"],
                path=redact(self.path),
                status=self.status,
                ms=round((time.perf_counter() - self._began) * 1000, 1),
                client=(self.scope.get("client") or ("",))[0],
                agent=Headers(scope=self.scope).get("user-agent", "")[:200],
            )
