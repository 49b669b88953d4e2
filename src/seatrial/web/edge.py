"""Around every request: its id, one spelling of its path, the answer to a fault of ours, figures, access log."""

import re
import time
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from seatrial.domain.ids import new_entity_id
from seatrial.log import redact
from seatrial.meter import NO_ROUTE, Meter
from seatrial.tracing import Traces
from seatrial.web.protections import missing
from seatrial.web.replies import envelope
from seatrial.wire.errors import internal_error

QUIET_PATHS: Final = frozenset({"/healthz", "/readyz", "/metrics"})
SANE_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
"""An `X-Request-Id` that is taken over from whoever sent the request."""

log = structlog.get_logger()


class Edge:
    """Wraps every request."""

    def __init__(self, app: ASGIApp, meter: Meter) -> None:
        self._app = app
        self._meter = meter

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
        self._meter.running.inc()
        with bound_contextvars(request_id=exchange.id):
            try:
                if self._meter.traces is None:
                    await self._app(scope, exchange.receive, exchange.send)
                else:
                    await self._traced(self._meter.traces, exchange)
            except ClientDisconnect:
                exchange.status = 499
            except Exception:
                log.exception("request_failed", method=scope["method"], path=exchange.shown_path())
                await exchange.fail()
            finally:
                self._meter.running.dec()
                exchange.count(self._meter)
                exchange.write_log()

    async def _traced(self, traces: Traces, exchange: "_Exchange") -> None:
        """Serve a request within a span, which is named for its route and tells nothing that was asked for."""
        scope, method = exchange.scope, exchange.scope["method"]
        with traces.span("request", method, Headers(scope=scope).get("traceparent", "")) as span:
            try:
                await self._app(scope, exchange.receive, exchange.send)
            except ClientDisconnect:
                raise
            except Exception:
                span.failed()
                raise
            finally:
                if exchange.status >= 500:
                    span.failed()
                facts = {"http.request.method": method, "http.route": exchange.route, "request.id": exchange.id}
                answered = {"http.response.status_code": exchange.status} if exchange.status else {}
                span.named(f"{method} {exchange.route}", facts | answered)


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.id = _request_id(scope)
        self.scope = scope
        self.path = scope["path"]
        self._receive = receive
        self.status = 0
        self._send = send
        self._began = time.perf_counter()
        self._received = self._sent = 0

    async def receive(self) -> Message:
        """Take a piece of the body, and note how long it is."""
        message = await self._receive()
        self._received += len(message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        """Pass an answer on, with the headers that every answer has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(raw=message["headers"])
            headers["X-Request-Id"] = self.id
            message["headers"] = [*headers.raw, *missing(self.scope, headers.raw, self._hsts_seconds())]
        else:
            self._sent += len(message.get("body", b""))
        await self._send(message)

    async def fail(self) -> None:
        """Answer a fault of ours, if nothing was answered yet."""
        if self.status == 0:
            status, body, headers = internal_error(self.id)
            await envelope(body, status, headers)(self.scope, self._receive, self.send)

    def _hsts_seconds(self) -> int:
        seconds: int = self.scope["app"].state.context.urls.hsts_seconds
        return seconds

    @property
    def route(self) -> str:
        """Give the template of the route that fits, once it is found."""
        return str(getattr(self.scope.get("route"), "path", NO_ROUTE))

    def shown_path(self) -> str:
        """Give the path without what is secret in it: by its look, and by the name that a route gives it."""
        secret = self.scope.get("path_params", {}).get("token")
        path = self.path.replace(f"/{secret}", "/…") if secret else self.path
        return redact(path)

    def count(self, meter: Meter) -> None:
        """Add this request to the figures, under its route's template and not under what was asked for."""
        seconds = time.perf_counter() - self._began
        meter.answered(self.route, self.scope["method"], self.status, seconds, self._received, self._sent)

    def write_log(self) -> None:
        """Leave a line about the request: no query, because signatures travel there."""
        if self.path not in QUIET_PATHS:
            log.info(
                "request",
                method=self.scope["method"],
                path=self.shown_path(),
                status=self.status,
                ms=round((time.perf_counter() - self._began) * 1000, 1),
                client=(self.scope.get("client") or ("",))[0],
                agent=Headers(scope=self.scope).get("user-agent", "")[:200],
            )


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            return value.decode() if SANE_ID.fullmatch(value) else new_entity_id()
    return new_entity_id()
