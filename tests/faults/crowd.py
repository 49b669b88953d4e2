"""Many clients at once, each with a connection of its own."""

import asyncio
import json
import re
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faults.raw_http import end, head, part
from tests.server import PATIENCE_SECONDS, Json, Server

MOST_TRIES = 60


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        answer: Json = json.loads(self.body)
        return answer


async def ask(server: Server, request: bytes) -> Reply:
    """Send one request on a connection of its own and read to the connection's end."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        try:
            writer.write(request)
            await writer.drain()
            received = await reader.read(-1)
        finally:
            writer.close()
    top, _, body = received.partition(b"\r\n\r\n")
    status, *lines = top.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Reply(int(status.split()[1]), headers, body)


def get(path: str, token: str = "") -> bytes:
    credential = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{credential}Connection: close\r\n\r\n".encode()


def upload(server: Server, content: bytes, name: str = "build") -> bytes:
    body = part(name, content, "a.bin") + end()
    return head(server, "/builds", Content_Length=len(body), Connection="close") + body


async def patiently(server: Server, request: bytes) -> tuple[Reply, int]:
    """Ask as a client does that honours `Retry-After`; gives the last answer, and how often it was sent away."""
    for refused in range(MOST_TRIES):
        reply = await ask(server, request)
        if reply.status != 503:
            return reply, refused
        await asyncio.sleep(int(reply.headers["retry-after"]))
    raise AssertionError(f"sent away {MOST_TRIES} times")


async def during(work: Awaitable[object], look: Callable[[], Awaitable[None]]) -> int:
    """Look again and again while work goes on; gives how often."""
    task, looks = asyncio.ensure_future(work), 0
    while not task.done():
        await look()
        looks += 1
        await asyncio.sleep(0.05)
    await task
    return looks


def memory(server: Server, what: str = "VmRSS") -> int:
    """Read what a server's process has in memory, or had at most (`VmHWM`), in bytes."""
    found = re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{server.pid}/status").read_text())
    assert found
    return int(found[1]) << 10


def idle_connections(server: Server, count: int) -> list[socket.socket]:
    return [socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_SECONDS) for _ in range(count)]
