import asyncio
import select
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from seatrial.domain.errors import InvalidRequest, PayloadTooLarge
from seatrial.web.body import UnreadBodies, body_chunks, read_body
from tests.web.serving import exchange, read_to_end, serving


async def refuse(_request: Request) -> Response:
    return PlainTextResponse("no", 401)


async def refuse_half_way(request: Request) -> Response:
    async for _ in request.stream():
        return PlainTextResponse("half", 400)
    raise AssertionError


async def refuse_haltingly(scope: Scope, _receive: Receive, send: Send) -> None:
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 401, "headers": [(b"content-length", b"2")]})
    await asyncio.sleep(0.05)
    await send({"type": "http.response.body", "body": b"no"})


async def echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await read_body(request, 1 << 30))))


async def _tell(_request: Request, error: Exception) -> Response:
    return PlainTextResponse(str(error), 400)


HANDLERS: dict[Any, Any] = {InvalidRequest: _tell}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    routes = [
        Route(path, handler, methods=["GET", "POST"])
        for path, handler in {"/refuse": refuse, "/half": refuse_half_way, "/echo": echo}.items()
    ]
    with serving(UnreadBodies(Starlette(routes=routes), drain_bytes=4 << 20, drain_seconds=1)) as number:
        yield number


def post(path: str, length: int, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: a", f"Content-Length: {length}", *headers, "", ""]
    return "\r\n".join(lines).encode()


def test_a_client_that_sends_everything_first_sees_the_refusal(port: int) -> None:
    body = b"x" * (3 << 20)
    for path, status in (("/refuse", b"401"), ("/half", b"400"), ("/none", b"404")):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(post(path, len(body)) + body)
            answer = connection.recv(65536)
            assert answer.split()[1] == status
            assert b"connection: close" not in answer.lower()  # the body is out of the way
            connection.sendall(post("/echo", 5, "Connection: close") + b"12345")
            assert read_to_end(connection).endswith(b"5")


def test_a_refusal_that_cuts_an_upload_off_comes_in_one_piece() -> None:
    """Behind a proxy with HTTP/2 the client stops at the head, the proxy gives up, and a body that comes later is lost."""
    with (
        serving(UnreadBodies(refuse_haltingly, drain_bytes=1, drain_seconds=1)) as number,
        socket.create_connection(("127.0.0.1", number), timeout=20) as connection,
    ):
        connection.sendall(post("/", 1 << 30) + b"x" * 1000)
        assert connection.recv(65536).endswith(b"\r\n\r\nno")


def test_decision_51_no_more_than_the_bound_is_read_and_the_connection_closed(port: int) -> None:
    sent = 0
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(post("/refuse", 1 << 40))
        try:
            while sent < 200 << 20:
                connection.sendall(b"x" * 65536)
                sent += 65536
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert 4 << 20 <= sent < 64 << 20


def test_the_answer_outlives_a_client_that_was_still_sending(port: int) -> None:
    """As a proxy does it: send until there is something to read, then read; a reset would have thrown it away."""
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(post("/refuse", 1 << 40))
            while not select.select([connection], [], [], 0)[0]:
                if select.select([], [connection], [], 0.1)[1]:
                    connection.send(b"x" * 65536)
            answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 401")
        assert answer.endswith(b"no")


def test_decision_51_a_body_that_stalls_is_waited_for_a_moment_only(port: int) -> None:
    answer = exchange(port, post("/refuse", 1 << 30) + b"some bytes")
    assert answer.startswith(b"HTTP/1.1 401")
    assert b"connection: close" in answer.lower()
    assert answer.endswith(b"no")


def test_who_asks_before_sending_is_answered_at_once(port: int) -> None:
    answer = exchange(port, post("/refuse", 1 << 30, "Expect: 100-continue"))
    assert answer.startswith(b"HTTP/1.1 401")
    assert b"connection: close" in answer.lower()


def test_who_asks_before_sending_is_told_to_go_on_where_the_body_is_wanted(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(post("/echo", 3, "Expect: 100-continue", "Connection: close"))
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"abc")
        assert read_to_end(connection).endswith(b"3")


def test_an_answer_to_a_request_without_body_keeps_the_connection(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        for _ in range(2):
            connection.sendall(b"GET /refuse HTTP/1.1\r\nHost: a\r\n\r\n")
            answer = connection.recv(65536)
            assert answer.endswith(b"no")
            assert b"connection: close" not in answer.lower()


def test_a_chunked_body_is_dropped_too(port: int) -> None:
    answer = exchange(
        port,
        b"POST /refuse HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        + post("/echo", 1, "Connection: close")
        + b"z",
    )
    assert b"HTTP/1.1 401" in answer
    assert answer.endswith(b"1")


def request_of(messages: AsyncIterator[Message], **headers: str) -> Request:
    encoded = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]

    async def receive() -> Message:
        return await anext(messages)

    return Request({"type": "http", "method": "PUT", "path": "/", "headers": encoded}, receive)


async def pieces(*sizes: int) -> AsyncIterator[Message]:
    for size in sizes:
        yield {"type": "http.request", "body": b"x" * size, "more_body": True}
    yield {"type": "http.request", "body": b"", "more_body": False}


def test_a_small_body_is_read_whole() -> None:
    assert asyncio.run(read_body(request_of(pieces(3, 0, 4)), 7)) == b"xxxxxxx"


def test_a_body_over_the_limit_is_told_the_limit() -> None:
    with pytest.raises(PayloadTooLarge) as declared:
        asyncio.run(read_body(request_of(pieces(), content_length="8"), 7))
    with pytest.raises(PayloadTooLarge) as undeclared:
        asyncio.run(read_body(request_of(pieces(4, 4)), 7))
    assert declared.value.limit == undeclared.value.limit == 7


def test_a_stalled_body_is_an_error_that_says_so() -> None:
    async def stalling() -> AsyncIterator[Message]:
        yield {"type": "http.request", "body": b"x", "more_body": True}
        await asyncio.Event().wait()

    async def receive_all() -> list[bytes]:
        return [chunk async for chunk in body_chunks(request_of(stalling()), 0.05)]

    with pytest.raises(InvalidRequest) as error:
        asyncio.run(receive_all())
    assert error.value.fields == {"body": "nothing arrived for 0.05 seconds"}


def test_a_body_that_trickles_is_given_up_and_a_slow_one_is_not() -> None:
    routes = [Route("/echo", echo, methods=["POST"])]
    patient = UnreadBodies(Starlette(routes=routes, exception_handlers=HANDLERS), slow_rate=1000, slow_seconds=1.5)
    with serving(patient) as number, socket.create_connection(("127.0.0.1", number), timeout=20) as connection:
        connection.sendall(post("/echo", 20_000))
        for _ in range(20):
            connection.sendall(b"x" * 1000)
            select.select([connection], [], [], 0.1)
        assert connection.recv(65536).endswith(b"20000")
        connection.sendall(post("/echo", 100))
        while not select.select([connection], [], [], 0.02)[0]:
            connection.sendall(b"x")
        answer = read_to_end(connection)
    assert b" 400 " in answer.partition(b"\r\n")[0]
    assert b"at least 1000 bytes a second are expected, averaged over 1.5 seconds" in answer
