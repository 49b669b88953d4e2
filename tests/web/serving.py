"""A real uvicorn on a real port, and raw sockets to it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from seatrial.web.protocol import SeatrialProtocol


@contextmanager
def serving(app: ASGIApp, protocol: type[SeatrialProtocol] = SeatrialProtocol) -> Iterator[int]:
    """Serve an application on a free port of this machine and give the port."""
    config = uvicorn.Config(app, http=protocol, lifespan="off", log_config=None, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def read_to_end(connection: socket.socket) -> bytes:
    """Read until the server closes the connection."""
    received = bytearray()
    while data := connection.recv(65536):
        received += data
    return bytes(received)


def exchange(port: int, request: bytes, timeout: float = 20) -> bytes:
    """Send bytes and read until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(request)
        return read_to_end(connection)
