"""HTTP/1.1 below the application: what uvicorn answers or waits for by itself, in the contract's form and with bounds.

uvicorn's protocol answers unparsable requests with plain text, takes a head of any length and waits for one as long as
it likes. Its callbacks (`on_message_begin`, `on_url`, `on_header`, `on_headers_complete`) and `send_400_response` are
the seams used here, and a request's cycle: whether it is `disconnected`, and the `expected_content_length` left;
`tests/web/test_protocol.py` holds them on a real socket.
"""

import socket
from asyncio import TimerHandle, Transport
from functools import partial
from http import HTTPStatus
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from seatrial.domain.errors import InvalidRequest, PayloadTooLarge, SeatrialError, ServiceUnavailable
from seatrial.web.body import CORK
from seatrial.web.zero_copy import SENDFILE, Run, send_file
from seatrial.wire.envelope import encode
from seatrial.wire.errors import error_body

HEAD_BYTES = 64 << 10
HEAD_SECONDS = 30.0
HEADERS = 100
CONNECTIONS = 8000
LINGER_SECONDS = 2.0
LINGER_BYTES = 1 << 20
"""How long and how much a refused client is read and dropped, so that a reset does not overtake the answer."""


TURNED_AWAY = 64
"""Connections beyond the bound that are told so at a time; the rest is cut."""
CROWDED = "Too many connections"
LATER_SECONDS = 2

_TCP_CORK = getattr(socket, "TCP_CORK", None)  # Linux


class SeatrialProtocol(HttpToolsProtocol):
    """uvicorn's protocol with the contract's errors, a bounded head and a time for it to arrive.

    To be given to `uvicorn.Config(http=...)`; `with_limits` makes one with other bounds.
    """

    head_bytes = HEAD_BYTES
    head_seconds = HEAD_SECONDS
    most_headers = HEADERS
    most_connections = CONNECTIONS

    _head_open = False
    """Whether a request has begun whose head is not whole."""
    _head_fields = 0
    """Bytes of the request line and the headers that are whole."""
    _headers_seen = 0
    _head_pieces = 0
    """Bytes of the pieces since the one in which the head began: what a header without end is caught by."""
    _refused = False
    _dropped = 0
    _head_timer: TimerHandle | None = None

    @classmethod
    def with_limits(
        cls,
        *,
        head_bytes: int,
        head_seconds: float,
        most_headers: int = HEADERS,
        most_connections: int = CONNECTIONS,
    ) -> type["SeatrialProtocol"]:
        """Make a protocol with other bounds of a request's head, and of connections open at once."""
        return type(
            cls.__name__,
            (cls,),
            {
                "head_bytes": head_bytes,
                "head_seconds": head_seconds,
                "most_headers": most_headers,
                "most_connections": most_connections,
            },
        )

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Begin to wait for a head."""
        super().connection_made(transport)
        over = len(self.connections) - self.most_connections
        if over > TURNED_AWAY:
            self.transport.abort()  # those who are being told already are as many as we can afford
        elif over > 0:
            self._refuse(ServiceUnavailable(CROWDED, retry_after=LATER_SECONDS))
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes from the socket."""
        if self._refused:
            self._dropped += len(data)
            if self._dropped > LINGER_BYTES:
                self.transport.close()
            return
        was_open, was_idle = self._head_open, self._unanswered() is None
        super().data_received(data)
        if not self._is_open():
            return
        # All of it is head, where nothing was under way before it and no request was complete in it.
        if self._head_open and (was_open or (was_idle and self._unanswered() is None)):
            self._head_pieces += len(data)
            if self._head_pieces > self.head_bytes:
                self._refuse(PayloadTooLarge(self.head_bytes))
        elif not self._head_open and self._unanswered() is None and self.timeout_keep_alive_task is None:
            self._await_head()  # blank lines between two requests have stopped uvicorn's own timer

    def on_message_begin(self) -> None:
        """Count a new head from nothing."""
        super().on_message_begin()
        self.scope["extensions"] = {CORK: {"set": self._cork}}
        self._head_open = True
        self._head_fields = self._head_pieces = self._headers_seen = 0
        self._await_head()

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request line."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._count(len(name) + len(value) + 4)
        self._headers_seen += 1
        if self._headers_seen > self.most_headers:
            raise InvalidRequest({"headers": f"at most {self.most_headers} are allowed"})  # as above
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Go on to the body."""
        self._head_open = False
        self._stop_waiting()
        super().on_headers_complete()
        self.scope["extensions"][SENDFILE] = {"send": partial(self._send_file, self.cycle)}

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's signature
        """Answer what is not HTTP: called by uvicorn, also for an error raised by `_count`."""
        if self._head_fields > self.head_bytes:
            self._refuse(PayloadTooLarge(self.head_bytes))
        elif self._headers_seen > self.most_headers:
            self._refuse(InvalidRequest({"headers": f"at most {self.most_headers} are allowed"}))
        else:
            self._refuse(InvalidRequest({}))

    async def _send_file(self, cycle: RequestResponseCycle, file: int, first: int, count: int, run: Run) -> None:
        """Write a part of a file as the rest of an answer's body, in uvicorn's place."""

        def is_gone() -> bool:
            return cycle.disconnected or self.transport.is_closing()

        if await send_file(self.transport, file, first, count, run, is_gone):
            cycle.expected_content_length -= count

    def _cork(self, closed: bool) -> None:  # as a cork is
        """Hold small writes back, or let them go in one packet: uvicorn writes head and body one after the other."""
        connection = self.transport.get_extra_info("socket")
        if _TCP_CORK is not None and connection is not None and not self.transport.is_closing():
            connection.setsockopt(socket.IPPROTO_TCP, _TCP_CORK, int(closed))

    def _count(self, size: int) -> None:
        self._head_fields += size
        if self._head_fields > self.head_bytes:
            raise PayloadTooLarge(self.head_bytes)  # stops the parser; uvicorn then calls send_400_response

    def _is_open(self) -> bool:
        return not self._refused and not self.transport.is_closing()

    def _unanswered(self) -> RequestResponseCycle | None:
        cycle = cast("RequestResponseCycle | None", self.cycle)  # uvicorn declares it without the None it begins with
        return None if cycle is None or cycle.response_complete else cycle

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.head_seconds, self._head_is_late)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self.transport.is_closing():
            return
        if self._unanswered() is not None:
            self._await_head()  # a pipelined request: the answer before it goes first
        elif self._head_open:
            self._refuse(InvalidRequest({"headers": f"must arrive within {self.head_seconds:g} seconds"}))
        else:
            self.transport.close()

    def _refuse(self, error: SeatrialError) -> None:
        """Answer in place of the application and close, once the client has had time to read it."""
        self._refused = True
        self._stop_waiting()
        if self.transport.is_closing():
            return
        cycle = self._unanswered()
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.transport.close()  # an answer is on its way: cut it, rather than write another one into it
                return
        status, body, headers = error_body(error)
        self.transport.write(_response(status, encode(body), headers))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)


def _response(status: int, body: bytes, headers: dict[str, str]) -> bytes:
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        "connection: close",
        *(f"{name.lower()}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
