"""`seatrial serve` and `seatrial worker`: the long-running commands."""

import gc
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seatrial import __version__
from seatrial.cli.output import fail
from seatrial.cli.workspace import DataDir

if TYPE_CHECKING:
    from seatrial.config import Settings


def serve(
    data_dir: DataDir = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free one.")] = 8080,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Leave processing to `seatrial worker`.")] = False,
) -> None:
    """Serve the API and, unless told otherwise, process builds."""
    gc.disable()  # nothing of what is loaded is garbage: seatrial.web.server looks for it from then on
    from seatrial import log

    settings = _settings(data_dir)
    log.configure(settings.log_level, settings.log_format)
    listening = _handed_over() or _listen(host, port)
    # Only now: these load everything, and a wrong setting or a taken port is told at once.
    from seatrial.bootstrap import open_server
    from seatrial.web.server import ConnectionLimits, run

    with listening, open_server(settings, host, with_worker=not no_worker) as server:
        address = _address(host, listening)
        if server.setup.is_open():
            base = settings.public_url or f"http://{address}"
            print(f"Create the owner, once, at {base}/setup/{server.setup.link_secret()}", flush=True)
        server.note_address(address)
        run(
            server.app,
            listening,
            limits=ConnectionLimits(
                head_bytes=int(settings.limits.header_block),
                headers=settings.limits.headers,
                head_seconds=settings.limits.head_seconds,
                keep_alive=settings.limits.keep_alive,
                connections=settings.limits.connections,
                uploads=settings.limits.uploads,
            ),
            drain_seconds=settings.worker.drain_seconds,
            stopping=server.begin_to_stop,
            delay_seconds=settings.shutdown_delay,
            trusted_proxies=settings.trusted_proxies,
            ready=lambda: print(f"Seatrial {__version__} ready on http://{address}", flush=True),
        )
    _leave(server.house.is_drained)


def worker(data_dir: DataDir = None) -> None:
    """Process builds, without serving the API."""
    gc.disable()  # until all is loaded
    from seatrial import log
    from seatrial.bootstrap import open_door, open_worker

    settings = _settings(data_dir)
    log.configure(settings.log_level, settings.log_format)
    with _told_to_stop() as told, open_worker(settings) as house, open_door(house) as door:
        where = f", watched on http://{door.address}" if door else ""
        gc.freeze()
        gc.enable()
        print(f"Seatrial {__version__} worker ready{where}", flush=True)
        told.recv(1)
        house.readiness.draining.set()
    _leave(house.is_drained)


@contextmanager
def _told_to_stop() -> Iterator[socket.socket]:
    """Give what can be read from once the process was told to stop.

    Not an event: one who is about to wait for it when the signal comes would wait for the next signal.
    """
    told, tell = socket.socketpair()
    with told, tell:
        tell.setblocking(False)
        signal.set_wakeup_fd(tell.fileno())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        try:
            yield told
        finally:
            signal.set_wakeup_fd(-1)


def _leave(is_drained: bool) -> None:
    """End for good where jobs did not finish in time: their threads would keep the interpreter, their rows are safe."""
    if not is_drained:
        os._exit(0)


def _settings(data_dir: Path | None) -> "Settings":
    from seatrial.config import load

    return load(data_dir)


def _handed_over() -> socket.socket | None:
    """Take over the socket that systemd, or another parent, listens on, so that nobody is refused over a restart.

    The protocol is sd_listen_fds(3): descriptor 3, for the process that is named.
    """
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
        os.environ.pop(name, None)
    return socket.socket(fileno=3)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        listening.listen(2048)
    except OSError as error:
        fail(f"Cannot listen on {host}:{port}: {error.strerror or error}.")
    return listening


def _address(host: str, listening: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{listening.getsockname()[1]}"
