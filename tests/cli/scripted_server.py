"""A server that answers each request by a script, and remembers what it was asked."""

import io
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate

from multipart import MultipartParser, parse_options_header  # type: ignore[import-untyped]  # the reader that the real server uses too


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    line: str
    headers: dict[str, str]
    body: bytes

    def parts(self) -> list[tuple[str, str | None, bytes]]:
        """Take a form apart: name, file name, content."""
        _, options = parse_options_header(self.headers["content-type"])
        parser = MultipartParser(io.BytesIO(self.body), options["boundary"], len(self.body))
        return [(part.name, part.filename, part.raw) for part in parser]


Step = Callable[[Asked], bytes | None]
"""What to answer; `None` closes the connection without an answer."""


@dataclass(slots=True)
class ScriptedServer:
    """Where it is, and what it was asked."""

    url: str
    asked: list[Asked] = field(default_factory=list)

    def lines(self) -> list[str]:
        """List the requests as `POST /v1/...`."""
        return [one.line.rpartition(" ")[0] for one in self.asked]


def answer(status: int, body: object, headers: Mapping[str, str] | None = None) -> bytes:
    """Write an answer: JSON, or bytes as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"Content-Length": str(len(content)), "Date": formatdate(usegmt=True), "Connection": "close"}
    head = "".join(f"{name}: {value}\r\n" for name, value in (lines | dict(headers or {})).items())
    return f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + content


def says(status: int, body: object, headers: Mapping[str, str] | None = None) -> Step:
    """Give a step that always answers the same."""
    return lambda _asked: answer(status, body, headers)


def ok(data: object) -> Step:
    """Give a step that answers as the API does."""
    return says(200, {"status": True, "data": data})


def hangs_up(_asked: Asked) -> None:
    """Close the connection when the whole request is there."""


@contextmanager
def scripted(steps: Sequence[Step]) -> Iterator[ScriptedServer]:
    """Serve the steps, one a request; a request too many is answered 418."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = ScriptedServer(f"http://127.0.0.1:{listening.getsockname()[1]}")
        left = list(steps)

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    asked = _read(connection)
                    if asked is None:
                        return
                    server.asked.append(asked)
                    if len(asked.body) < int(asked.headers.get("content-length", "0")):
                        continue
                    said = (left.pop(0) if left else says(418, b"too many requests"))(asked)
                    if said is not None:
                        with suppress(ConnectionError):  # whoever has heard enough hangs up
                            connection.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server
        finally:
            socket.create_connection(listening.getsockname()).close()  # an empty request ends the thread
            thread.join()


def _read(connection: socket.socket) -> Asked | None:
    data = bytearray()
    while b"\r\n\r\n" not in data:
        if not (more := connection.recv(65536)):
            return None
        data += more
    head, _, body = bytes(data).partition(b"\r\n\r\n")
    line, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
    received = bytearray(body)
    while len(received) < int(headers.get("content-length", "0")):
        if not (more := connection.recv(1 << 20)):
            return Asked(line, headers, bytes(received))
        received += more
    return Asked(line, headers, bytes(received))
