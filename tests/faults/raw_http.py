"""Requests by hand, for clients that misbehave."""

import json
import re
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tests.server import PATIENCE_SECONDS, Json, Server

BOUNDARY = b"------------------------2f1d8c9b7a6e5d4c"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY.decode()}"


def part(name: str, content: bytes, filename: str = "a.apk") -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'.encode()
    return b"--" + BOUNDARY + b"\r\n" + head + content + b"\r\n"


def end() -> bytes:
    return b"--" + BOUNDARY + b"--\r\n"


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


def head(server: Server, path: str, token: str | None = None, **headers: object) -> bytes:
    """Write the head of a POST to the Integrations face; header names with underscores for hyphens."""
    lines = [
        f"POST /v1/integrations{path} HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        f"Authorization: Bearer {server.app_token if token is None else token}",
        f"Content-Type: {CONTENT_TYPE}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


@contextmanager
def connected(server: Server) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_SECONDS) as connection:
        yield connection


def reset(connection: socket.socket) -> None:
    """Close as a machine does that lost its power and came back: with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Json


def answer_on(connection: socket.socket, *, to_the_end: bool = False) -> Answer | None:
    """Read one answer, which must be the last one on this connection; `None` where there is none.

    Whoever has it says that nothing more will be sent, else the server waits five seconds to be sure that it came; to
    the end of that is only waited where one asks for it.
    """
    received = bytearray()
    while data := connection.recv(65536):
        received += data
        top, has_ended, body = bytes(received).partition(b"\r\n\r\n")
        announced = re.search(rb"(?i)\r\ncontent-length: *(\d+)", top)
        if not to_the_end and has_ended and announced and len(body) >= int(announced[1]):
            with suppress(OSError):  # it was closed already
                connection.shutdown(socket.SHUT_WR)
    if not received:
        return None
    text, _, body = bytes(received).partition(b"\r\n\r\n")
    status, *lines = text.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    assert headers["connection"] == "close"
    assert headers["content-type"] == "application/json"
    return Answer(int(status.split()[1]), headers, json.loads(body))
