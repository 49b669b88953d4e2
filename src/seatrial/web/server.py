"""The HTTP server around the application; another ASGI server is a change of this file alone."""

import asyncio
import gc
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType

import structlog
import uvicorn
from starlette.types import ASGIApp

from seatrial.web.allocator import keep_heap_warm
from seatrial.web.protocol import SeatrialProtocol

SWITCH_SECONDS = 0.0005
"""How long a thread may keep the others from the interpreter; Python's own 5 ms add up over the hops of a request."""
FILES_OF_UPLOAD = 8
"""Descriptors that an upload holds: its file, the folders down to it, its connection."""
FEWEST_CONNECTIONS = 64
OTHER_FILES = 256
"""Descriptors for everything else: the database, downloads, children."""

log = structlog.get_logger()

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
            # Not even once: that took a tenth of a start, to find a megabyte.
            gc.freeze()
            gc.enable()
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """What connections may cost; times in seconds."""

    head_bytes: int
    headers: int
    head_seconds: float
    keep_alive: int
    connections: int
    uploads: int


def _affordable(connections: int, uploads: int) -> int:
    """Have the system let this process open enough files; gives how many connections there can be beside uploads."""
    wanted = connections + uploads * FILES_OF_UPLOAD + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return connections
    affordable = max(FEWEST_CONNECTIONS, soft - uploads * FILES_OF_UPLOAD - OTHER_FILES)
    log.warning("fewer connections than wanted", wanted=connections, possible=affordable, open_files=soft)
    return affordable


def run(
    app: ASGIApp,
    listening: socket.socket,
    *,
    limits: ConnectionLimits,
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
        http=SeatrialProtocol.with_limits(
            head_bytes=limits.head_bytes,
            head_seconds=limits.head_seconds,
            most_headers=limits.headers,
            most_connections=_affordable(limits.connections, limits.uploads),
        ),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=[str(one) for one in (LOOPBACK_PROXIES if trusted_proxies is None else trusted_proxies)],
        timeout_keep_alive=limits.keep_alive,
        timeout_graceful_shutdown=round(drain_seconds) or None,
    )
    server = _Server(config, ready, stopping, delay_seconds)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve([listening]))
