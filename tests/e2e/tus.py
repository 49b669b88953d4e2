"""Requests of tus as a client would make them, one by one."""

import base64
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

import httpx

from tests.server import Server

VERSION = {"Tus-Resumable": "1.0.0"}
BYTES = {"Content-Type": "application/offset+octet-stream"}


def metadata(**fields: str) -> dict[str, str]:
    pairs = (f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in fields.items())
    return {"Upload-Metadata": ",".join(pairs)}


def create(client: httpx.Client, length: int, said: Mapping[str, str] | None = None) -> httpx.Response:
    return client.post("/uploads", headers=VERSION | {"Upload-Length": str(length)} | dict(said or {}))


def created(server: Server, length: int, said: Mapping[str, str] | None = None) -> str:
    answer = create(server.ci, length, said)
    assert answer.status_code == 201, answer.text
    location: str = answer.headers["location"]
    return location


def send(
    client: httpx.Client, url: str, offset: int, content: bytes, said: Mapping[str, str] | None = None
) -> httpx.Response:
    return client.patch(
        url, content=content, headers=VERSION | BYTES | {"Upload-Offset": str(offset)} | dict(said or {})
    )


def offset_of(client: httpx.Client, url: str) -> int:
    answer = client.head(url, headers=VERSION)
    assert answer.status_code == 200
    return int(answer.headers["upload-offset"])


@contextmanager
def line_of(server: Server, url: str, offset: int, content: bytes, said: int) -> Iterator[socket.socket]:
    """Begin to send more bytes than come: the first ones when the server has asked for them."""
    path = url.removeprefix(server.base_url)
    head = {"Host": f"127.0.0.1:{server.port}", "Authorization": f"Bearer {server.app_token}"} | VERSION | BYTES
    head |= {"Upload-Offset": str(offset), "Content-Length": str(said), "Expect": "100-continue"}
    text = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    with closing(socket.create_connection(("127.0.0.1", server.port))) as line:
        line.sendall(f"PATCH {path} HTTP/1.1\r\n{text}\r\n".encode())
        asked = b""
        while b"\r\n\r\n" not in asked and (byte := line.recv(1)):
            asked += byte
        if b" 100 " in asked:
            line.sendall(content)
        yield line
