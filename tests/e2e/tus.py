"""Requests of tus as a client would make them, one by one."""

import base64
from collections.abc import Mapping

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
