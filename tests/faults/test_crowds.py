"""Crowds: many uploads, many idle connections, many who want the same thing. Nobody is failed, and memory is bounded."""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.conftest import StartServer
from tests.databases import KINDS
from tests.faults.aftermath import assert_sound, rows, settle
from tests.faults.crowd import Reply, ask, during, get, idle_connections, memory, patiently, upload
from tests.faults.raw_http import connected, end, head, part
from tests.server import Server, Workspace

MIB = 1 << 20
UPLOADS = 200
SIZES = (1, 4 << 10, 64 << 10, 700 << 10, 2 * MIB, 6 * MIB)
UPLOADS_MEMORY = 320 * MIB
IDLE = 2000
IDLE_MEMORY = 64 * MIB
REDEMPTIONS = 1000

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads the kernel's accounting in /proc")


@pytest.fixture(scope="module")
def crowded(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server as it is by default, except that nobody processes what is uploaded: that is not looked at here."""
    folder = tmp_path_factory.mktemp("crowds")
    own = Server(workspace.copied_to(folder), folder / "server.log", None, ["--no-worker"])
    yield own
    own.close()


async def look_around(server: Server) -> None:
    health, listed = await asyncio.gather(
        ask(server, get("/healthz")), ask(server, get("/v1/integrations/builds?limit=1", server.app_token))
    )
    assert (health.status, listed.status) == (200, 200)


def test_two_hundred_uploads_at_once_are_all_taken_in(crowded: Server) -> None:
    crowded.upload(b"the first one warms up")
    before, drawn = memory(crowded), random.Random(7)
    contents = [drawn.randbytes(SIZES[number % len(SIZES)]) for number in range(UPLOADS)]
    replies: list[Reply] = []

    async def send_all() -> None:
        replies.extend(await asyncio.gather(*(ask(crowded, upload(crowded, content)) for content in contents)))

    looks = asyncio.run(during(send_all(), lambda: look_around(crowded)))
    assert [reply.status for reply in replies] == [200] * UPLOADS
    assert looks > 1
    assert memory(crowded, "VmHWM") - before < UPLOADS_MEMORY
    stored = rows(crowded.data_dir, "SELECT size FROM builds")
    assert sorted(size for (size,) in stored) == sorted([22, *map(len, contents)])


def test_two_hundred_uploads_that_stall_take_little_memory_and_no_thread(crowded: Server) -> None:
    before = memory(crowded)
    with ExitStack() as stack:
        for _ in range(UPLOADS):
            connection = stack.enter_context(connected(crowded))
            body = part("build", bytes(2 * MIB), "a.bin") + end()
            connection.sendall(head(crowded, "/builds", Content_Length=len(body)) + body[:MIB])
        asyncio.run(look_around(crowded))
        assert memory(crowded) - before < UPLOADS_MEMORY
    settle_uploads(crowded)


def settle_uploads(server: Server) -> None:
    while rows(server.data_dir, "SELECT id FROM loose_blobs"):
        asyncio.run(look_around(server))


def test_two_thousand_idle_connections_are_held_and_the_service_goes_on(crowded: Server) -> None:
    before = memory(crowded)
    idle = idle_connections(crowded, IDLE)
    try:
        asyncio.run(look_around(crowded))
        assert memory(crowded) - before < IDLE_MEMORY
        assert crowded.upload(b"in the middle of it")["status"] == "pending"
    finally:
        for connection in idle:
            connection.close()


def test_uploads_beyond_the_bound_come_later_and_reads_do_not_wait(start_server: StartServer) -> None:
    server = start_server({"SEATRIAL_LIMITS__UPLOADS": "2", "SEATRIAL_LIMITS__REFUSED_SECONDS": "0.2"})
    with ExitStack() as stack:
        held = [stack.enter_context(connected(server)) for _ in range(2)]
        body = part("build", b"12345", "a.bin") + end()
        for connection in held:
            connection.sendall(head(server, "/builds", Content_Length=len(body), Connection="close") + body[:10])
        wait_for_uploads(server, 2)
        refused = asyncio.run(ask(server, upload(server, b"one too many")))
        assert (refused.status, refused.json["error"]["code"], refused.headers["retry-after"]) == (503, 1503, "5")
        assert refused.json["error"]["message"] == "Too many uploads at once"
        asyncio.run(look_around(server))
        for connection in held:
            connection.sendall(body[10:])
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    reply, _ = asyncio.run(patiently(server, upload(server, b"one too many")))
    assert reply.status == 200
    settle(server)
    assert_sound(server.data_dir)


def wait_for_uploads(server: Server, count: int) -> None:
    while len(rows(server.data_dir, "SELECT id FROM loose_blobs")) < count:
        assert asyncio.run(ask(server, get("/healthz"))).status == 200


def test_requests_beyond_the_bound_are_sent_away_and_health_is_not(start_server: StartServer) -> None:
    server = start_server({"SEATRIAL_LIMITS__REQUESTS": "4", "SEATRIAL_LIMITS__REFUSED_SECONDS": "0.2"})
    with ExitStack() as stack:
        for _ in range(4):
            connection = stack.enter_context(connected(server))
            connection.sendall(head(server, "/builds", Content_Length=1000))
        wait_for_uploads(server, 4)
        reply = asyncio.run(ask(server, get("/v1/integrations/builds", server.app_token)))
        assert (reply.status, reply.json["error"]["code"], reply.headers["retry-after"]) == (503, 1503, "1")
        assert asyncio.run(ask(server, get("/healthz"))).status == 200
    reply, _ = asyncio.run(patiently(server, get("/v1/integrations/builds", server.app_token)))
    assert reply.status == 200


@pytest.mark.parametrize("database_kind", KINDS, indirect=True)
def test_of_a_thousand_who_redeem_a_token_at_once_one_is_let_in(server: Server) -> None:
    build = server.processed()
    request = get(f"/v1/download/{server.token(build['id'])}")

    async def redeem() -> list[Reply]:
        return await asyncio.gather(*(ask(server, request) for _ in range(REDEMPTIONS)))

    replies = asyncio.run(redeem())
    assert Counter(reply.status for reply in replies) == {302: 1, 401: REDEMPTIONS - 1}
    assert {reply.json["error"]["code"] for reply in replies if reply.status == 401} == {4005}
    log = server.ops.get(f"/builds/{build['id']}/downloads").json()["data"]
    assert log["totalDocs"] == 1
