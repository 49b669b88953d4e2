import asyncio
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from seatrial.web.protocol import SeatrialProtocol
from tests.web.serving import exchange, read_to_end, serving

INVALID: dict[str, Any] = {"status": False, "error": {"code": 1000, "message": "Invalid Request"}}
TOO_LARGE = {
    "status": False,
    "error": {"code": 1013, "message": "Payload Too Large", "data": {"limit": 4096}},
}


async def count_body(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the number of bytes in the body; `/early` answers first."""
    assert scope["type"] == "http"
    size = 0
    if scope["path"] == "/early":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})
        await send({"type": "http.response.body", "body": b"12345", "more_body": True})
    message: Message = {"more_body": True}
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message.get("body", b""))
    body = str(size).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


async def answer_slowly(_scope: Scope, _receive: Receive, send: Send) -> None:
    await asyncio.sleep(1)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
    await send({"type": "http.response.body", "body": b"slow"})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    few = SeatrialProtocol.with_limits(head_bytes=4096, head_seconds=1, most_headers=5000)
    with serving(count_body, few) as number:
        yield number


@pytest.fixture(scope="module")
def patient_port() -> Iterator[int]:
    with serving(count_body, SeatrialProtocol.with_limits(head_bytes=4096, head_seconds=60)) as number:
        yield number


def parsed(answer: bytes) -> tuple[int, dict[str, str], Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert int(headers["content-length"]) == len(body)
    return int(status.split()[1]), headers, json.loads(body)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad header\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    ids=lambda value: repr(value[:20]),
)
def test_what_is_not_http_gets_the_contracts_json(port: int, request_bytes: bytes) -> None:
    status, headers, body = parsed(exchange(port, request_bytes))
    assert status == 400
    assert headers["content-type"] == "application/json"
    assert headers["connection"] == "close"
    assert body == INVALID


def test_requests_that_are_fine_go_through(port: int) -> None:
    answer = exchange(
        port,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n"
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * 3900 + b"\r\nConnection: close\r\n\r\n",
    )
    assert [part[-1:] for part in answer.split(b"HTTP/1.1 200 OK")[1:]] == [b"3", b"4", b"0"]


def test_large_bodies_do_not_count_as_heads(port: int) -> None:
    body = b"x" * 3_000_000
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        for _ in range(2):
            connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n" + body)
            assert connection.recv(65536).endswith(b"3000000")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * 5000 + b"\r\n\r\n",
        b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(1000)) + b"\r\n",
    ],
    ids=["one header", "the path", "many headers"],
)
def test_a_head_over_the_limit_is_413_with_the_limit(port: int, request_bytes: bytes) -> None:
    status, headers, body = parsed(exchange(port, request_bytes))
    assert (status, body) == (413, TOO_LARGE)
    assert headers["connection"] == "close"


def send_much(connection: socket.socket) -> None:
    for _ in range(100_000):
        connection.sendall(b"x" * 1000)


@pytest.mark.parametrize("start", [b"GET /", b"GET / HTTP/1.1\r\nX: ", b"GET / HTTP/1.1\r\nX"])
def test_a_head_without_end_is_stopped(port: int, start: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(start)
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            send_much(connection)


def test_the_answer_to_a_head_without_end_can_be_read(patient_port: int) -> None:
    with socket.create_connection(("127.0.0.1", patient_port), timeout=20) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX: ")
        for _ in range(20):
            connection.sendall(b"x" * 1000)
        assert parsed(read_to_end(connection))[2] == TOO_LARGE


def test_a_head_that_does_not_come_is_not_waited_for(port: int) -> None:
    assert exchange(port, b"") == b""
    assert exchange(port, b"\r\n\r\n") == b""
    status, _, body = parsed(exchange(port, b"GET / HTTP/1.1\r\nHost:"))
    assert status == 400
    assert body == {
        "status": False,
        "error": {
            "code": 1000,
            "message": "Invalid Request",
            "data": {"fields": {"headers": "must arrive within 1 seconds"}},
        },
    }


def test_blank_lines_do_not_hold_a_connection_after_an_answer(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert connection.recv(65536).endswith(b"0")
        connection.sendall(b"\r\n")
        assert read_to_end(connection) == b""


def test_a_slow_answer_comes_before_the_next_head_is_late() -> None:
    with serving(answer_slowly, SeatrialProtocol.with_limits(head_bytes=4096, head_seconds=0.2)) as port:
        _, first, second = exchange(port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HT").split(b"HTTP/1.1 ")
    assert first.startswith(b"200")
    assert first.endswith(b"slow")
    assert second.startswith(b"400")


def test_a_broken_body_gets_the_contracts_json(port: int) -> None:
    request = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n"
    assert parsed(exchange(port, request))[2] == INVALID


def test_no_second_answer_is_written_into_a_first_one(port: int) -> None:
    request = b"POST /early HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        assert connection.recv(65536).endswith(b"12345")
        connection.sendall(b"zz\r\n")
        assert read_to_end(connection) == b""


def test_more_headers_than_allowed_are_refused_with_their_number() -> None:
    few = SeatrialProtocol.with_limits(head_bytes=4096, head_seconds=60, most_headers=20)
    lines = b"".join(b"X-%d: 1\r\n" % n for n in range(20))
    with serving(count_body, few) as port:
        assert exchange(port, b"GET / HTTP/1.1\r\nConnection: close\r\n" + lines[9:] + b"\r\n").endswith(b"0")
        status, headers, body = parsed(exchange(port, b"GET / HTTP/1.1\r\nHost: a\r\n" + lines + b"\r\n"))
    assert (status, headers["connection"]) == (400, "close")
    assert body["error"] == INVALID["error"] | {"data": {"fields": {"headers": "at most 20 are allowed"}}}


def test_connections_beyond_the_bound_are_told_to_come_back() -> None:
    few = SeatrialProtocol.with_limits(head_bytes=4096, head_seconds=60, most_connections=2)
    with serving(count_body, few) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as first, ExitStack() as stack:
            second = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            for one in (first, second):
                one.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                assert one.recv(65536).endswith(b"0")
            status, headers, body = parsed(exchange(port, b""))
            assert (status, headers["retry-after"], body["error"]["code"]) == (503, "2", 1503)
        answer = exchange(port, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200")
