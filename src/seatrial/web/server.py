"""The HTTP server around the application; another ASGI server is a change of this file alone."""

import asyncio
import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from seatrial.web.allocator import keep_heap_warm
from seatrial.web.protocol import SeatrialProtocol

SWITCH_SECONDS = 0.0005
"""How long a thread may keep the others from the interpreter; Python's own 5 ms add up over the hops of a request."""
KEEP_ALIVE_SECONDS = 65
"""Longer than the usual 60 s of a proxy in front, so that it is the proxy that closes."""


LOOPBACK_PROXIES = ("127.0.0.1", "::1")


class _Server(uvicorn.Server):
    """Says when it accepts requests."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], None], delay_seconds: float
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._stopping = stopping
        self._delay = delay_seconds
        self._asked = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            # What is loaded stays: looking through all of it for garbage stopped every request for a tenth of a second.
            gc.collect()
            gc.freeze()
            self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  # uvicorn's signature
        """Begin to stop, after the delay in which balancers learn of it; a second signal does not wait for that.

        A second SIGINT waits for nothing.

        uvicorn's own remembers the signal and raises it again at the end, which would kill the process before the
        worker has drained and the database is closed.
        """
        self.force_exit = self.force_exit or (self._asked and sig == signal.SIGINT)
        if self._asked or not self._delay:
            self.should_exit = True
        else:
            timer = threading.Timer(self._delay, setattr, (self, "should_exit", True))
            timer.daemon = True
            timer.start()
        self._asked = True
        self._stopping()


def run(
    app: ASGIApp,
    listening: socket.socket,
    *,
    head_bytes: int,
    drain_seconds: float,
    ready: Callable[[], None],
    stopping: Callable[[], None] = lambda: None,
    delay_seconds: float = 0,
    trusted_proxies: Sequence[object] | None = None,
) -> None:
    """Serve on a listening socket until SIGTERM or SIGINT, then let running requests end for `drain_seconds`.

    `stopping` is called when the end begins: what would go on for ever must end then. For `delay_seconds` after that
    requests are still taken.

    `trusted_proxies` are addresses and networks whose `X-Forwarded-Proto` and `X-Forwarded-For` are believed; `None`
    stands for loopback.
    """
    keep_heap_warm()
    sys.setswitchinterval(SWITCH_SECONDS)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=SeatrialProtocol.with_limits(head_bytes=head_bytes, head_seconds=30),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=[str(one) for one in (LOOPBACK_PROXIES if trusted_proxies is None else trusted_proxies)],
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=round(drain_seconds) or None,
    )
    server = _Server(config, ready, stopping, delay_seconds)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve([listening]))
