"""Request bodies: bounded in size and in time, and never left half-read on a connection that goes on.

Decision 51: of a refused body at most 64 MiB or 5 s are read and dropped, so that clients that send all before they
read get to see the answer; then the connection is closed. A client that asked first (`Expect: 100-continue`) and was
not told to go on sends nothing, so there is nothing to wait for.

A body may neither stop (`idle_seconds`) nor trickle: a client that sends one byte a minute would hold a connection, and
an upload's place, for as long as it likes.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seatrial.domain.errors import InvalidRequest, PayloadTooLarge

CORK = "seatrial.cork"
"""The ASGI extension whose `set` has the connection hold back what is sent, or let it go in one packet."""
IDLE_SECONDS = 60.0
SLOW_RATE = 1024
SLOW_SECONDS = 60.0
DRAIN_BYTES = 64 << 20
DRAIN_SECONDS = 5.0
LINGER_BYTES = 1 << 20
LINGER_SECONDS = 5.0
"""How much is still read, and for how long the connection is still held, when the answer is out and bytes keep coming.

A connection closed over unread bytes is reset, and a reset overtakes the answer: a proxy that is busy sending would
report that the server is gone.
"""


async def body_chunks(request: Request, idle_seconds: float = IDLE_SECONDS) -> AsyncIterator[bytes]:
    """Yield the body as it arrives, without empty chunks.

    Raises InvalidRequest when nothing arrives for `idle_seconds`, Starlette's ClientDisconnect when the client is gone.
    """
    async with aclosing(request.stream()) as stream:
        while True:
            try:
                async with asyncio.timeout(idle_seconds):
                    chunk = await anext(stream, None)
            except TimeoutError as error:
                raise InvalidRequest({"body": f"nothing arrived for {idle_seconds:g} seconds"}) from error
            if chunk is None:
                return
            if chunk:
                yield chunk


async def read_body(request: Request, limit: int, idle_seconds: float = IDLE_SECONDS) -> bytes:
    """Read a whole body of at most `limit` bytes into memory.

    Raises PayloadTooLarge, and what `body_chunks` raises.
    """
    declared = content_length(request.headers)
    if declared is not None and declared > limit:
        raise PayloadTooLarge(limit)
    body = bytearray()
    async for chunk in body_chunks(request, idle_seconds):
        body += chunk
        if len(body) > limit:
            raise PayloadTooLarge(limit)
    return bytes(body)


def content_length(headers: Headers) -> int | None:
    """Give the declared size of a body, where one is declared."""
    value = headers.get("content-length", "")
    return int(value) if value.isascii() and value.isdigit() else None


class UnreadBodies:
    """ASGI middleware that deals with whatever part of a body the application did not read.

    Before the answer goes out, the rest is read and dropped within the bounds of decision 51; where that did not reach
    the body's end, the answer says `Connection: close`, and its last bit waits for the client to hang up. To be put
    around everything else, the error handlers included.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        drain_bytes: int = DRAIN_BYTES,
        drain_seconds: float = DRAIN_SECONDS,
        slow_rate: int = SLOW_RATE,
        slow_seconds: float = SLOW_SECONDS,
    ) -> None:
        self._app = app
        self._drain_bytes = drain_bytes
        self._drain_seconds = drain_seconds
        self._slow_rate = slow_rate
        self._slow_seconds = slow_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        incoming = _Incoming(receive, headers, self._slow_rate, self._slow_seconds)
        cut_off = False
        cork = scope.get("extensions", {}).get(CORK, {}).get("set", lambda _: None)

        async def answer(message: Message) -> None:
            nonlocal cut_off
            if message["type"] == "http.response.start" and not incoming.ended:
                if incoming.is_on_its_way:
                    await incoming.drain(self._drain_bytes, self._drain_seconds)
                if not incoming.ended:
                    message.setdefault("headers", [])
                    MutableHeaders(scope=message)["connection"] = "close"
                    cut_off = True
                    # A proxy that passes on the head alone loses the body: its client stops sending at once, which it
                    # takes for a failure.
                    cork(True)
            if cut_off and message["type"] == "http.response.body" and not message.get("more_body", False):
                await send({**message, "more_body": True})
                cork(False)
                await incoming.outlast(LINGER_BYTES, LINGER_SECONDS)
                message = {"type": "http.response.body"}
            await send(message)

        await self._app(scope, incoming.receive, answer)


class _Incoming:
    """A body and how much of it has been taken."""

    def __init__(self, receive: Receive, headers: Headers, slow_rate: int, slow_seconds: float) -> None:
        self._receive = receive
        self._slow_rate = slow_rate
        self._slow_seconds = slow_seconds
        self._waited = 0.0
        self._brought = 0
        self._begun = False
        self._asked_first = headers.get("expect", "").strip().lower() == "100-continue"
        self.ended = "transfer-encoding" not in headers and not content_length(headers)

    @property
    def is_on_its_way(self) -> bool:
        """Whether the client is sending, not waiting for leave to do so."""
        return self._begun or not self._asked_first

    async def receive(self) -> Message:
        began = time.monotonic()
        message = await self._take()
        if not self.ended:
            self._hurry(time.monotonic() - began, len(message.get("body", b"")))
        return message

    async def _take(self) -> Message:
        self._begun = True
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            self.ended = True
        return message

    def _hurry(self, waited: float, brought: int) -> None:
        """Give up on a body that trickles: only the time in which we waited for it counts, not that of our own disk.

        Raises InvalidRequest.
        """
        self._waited += waited
        self._brought += brought
        if self._waited < self._slow_seconds:
            return
        if self._brought < self._slow_rate * self._waited:
            raise InvalidRequest(
                {
                    "body": f"came too slowly: at least {self._slow_rate} bytes a second are expected, "
                    f"averaged over {self._slow_seconds:g} seconds"
                }
            )
        self._waited, self._brought = 0.0, 0

    async def drain(self, most_bytes: int, most_seconds: float) -> None:
        dropped = 0
        try:
            async with asyncio.timeout(most_seconds):
                while not self.ended and dropped < most_bytes:
                    dropped += len((await self._take()).get("body", b""))
        except TimeoutError:
            return

    async def outlast(self, most_bytes: int, most_seconds: float) -> None:
        """Wait for the client to hang up; what it sends beyond `most_bytes` stops in the buffers between us."""
        dropped = 0
        try:
            async with asyncio.timeout(most_seconds):
                while not self.ended and dropped < most_bytes:
                    dropped += len((await self._take()).get("body", b""))
                if not self.ended:
                    await asyncio.sleep(most_seconds)
        except TimeoutError:
            return
