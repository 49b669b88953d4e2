"""Uploads that end badly leave nothing: no build, no blob, no reserved byte; and the server goes on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.aftermath import assert_sound, rows, settle
from tests.faults.raw_http import answer_on, chunked, connected, end, head, part, reset
from tests.server import Server, Workspace
from tests.worker.watching import wait_for

BODY = part("build", bytes(3 << 20)) + part("file", bytes(2 << 20)) + end()
"""Good for builds and for attachments: each takes the part that it knows."""
CUTS = (1, 60, 200, 70_000, 1_500_000, len(BODY) - 100, len(BODY) - 30, len(BODY) - 5)


@pytest.fixture(scope="module")
def server(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("broken")
    settings = {"SEATRIAL_LIMITS__IDLE_READ": "1", "SEATRIAL_LIMITS__REFUSED_SECONDS": "0.2"}
    server = Server(workspace.copied_to(folder), folder / "server.log", settings)
    yield server
    server.close()


@pytest.fixture(scope="module")
def build_id(server: Server) -> str:
    identifier: str = server.processed()["id"]
    return identifier


@pytest.fixture(params=["builds", "files"])
def path(request: pytest.FixtureRequest, server: Server, build_id: str) -> Iterator[str]:
    """Give both paths that take bytes, and look afterwards whether anything came of it."""
    before, posts = everything(server), posts_in(server)
    yield "/builds" if request.param == "builds" else f"/builds/{build_id}/files"
    wait_for(lambda: posts_in(server) > posts)
    settle(server)
    assert_sound(server.data_dir)
    assert everything(server) == before
    assert server.ci.get("/builds").json()["data"]["totalDocs"] == 1
    assert "Traceback" not in server.log.read_text()


def posts_in(server: Server) -> int:
    """Count the uploads that the server is done with, by its access log."""
    return server.log.read_text().count("POST")


def everything(server: Server) -> list[Any]:
    queries = (
        "SELECT id, status, updated_at FROM builds ORDER BY id",
        "SELECT id FROM build_files ORDER BY id",
        "SELECT workflow_uuid FROM workflow_status",
    )
    return [rows(server.data_dir, query) for query in queries]


@pytest.mark.parametrize("cut", CUTS)
def test_a_dropped_connection(server: Server, path: str, cut: int) -> None:
    with connected(server) as connection:
        connection.sendall(head(server, path, Content_Length=len(BODY)) + BODY[:cut])


@pytest.mark.parametrize("cut", CUTS[2:5])
def test_a_reset_connection(server: Server, path: str, cut: int) -> None:
    with connected(server) as connection:
        connection.sendall(head(server, path, Content_Length=len(BODY)) + BODY[:cut])
        reset(connection)


def test_an_early_end(server: Server, path: str) -> None:
    with connected(server) as connection:
        connection.sendall(head(server, path, Content_Length=len(BODY) + 10) + BODY)
        connection.shutdown(1)  # no more from here, but still listening
        answer = answer_on(connection)
    assert answer is None or answer.body["error"]["code"] == 1000


@pytest.mark.parametrize("missing", [1 + len(end()), 60, 2 << 20])
def test_a_missing_final_boundary(server: Server, path: str, missing: int) -> None:
    body = BODY[:-missing]
    with connected(server) as connection:
        connection.sendall(head(server, path, Content_Length=len(body), Connection="close") + body)
        answer = answer_on(connection)
    assert answer is not None
    assert (answer.status, answer.body["error"]["code"]) == (400, 1000)
    assert "boundary" in answer.body["error"]["data"]["fields"]["body"]


def test_chunks_without_an_end(server: Server, path: str) -> None:
    with connected(server) as connection:
        connection.sendall(head(server, path, Transfer_Encoding="chunked") + chunked(BODY[:70_000], BODY[70_000:]))


def test_chunks_that_end_before_the_form_does(server: Server, path: str) -> None:
    request = head(server, path, Transfer_Encoding="chunked", Connection="close")
    with connected(server) as connection:
        connection.sendall(request + chunked(BODY[:70_000]) + b"0\r\n\r\n")
        answer = answer_on(connection)
    assert answer is not None
    assert (answer.status, answer.body["error"]["code"]) == (400, 1000)


def test_a_chunk_that_is_none(server: Server, path: str) -> None:
    with connected(server) as connection:
        connection.sendall(head(server, path, Transfer_Encoding="chunked") + chunked(BODY[:70_000]) + b"zz\r\n")
        answer = answer_on(connection)
    assert answer is None or answer.status == 400


def test_a_stalled_body(server: Server, path: str) -> None:
    with connected(server) as connection:
        connection.sendall(head(server, path, Content_Length=len(BODY)) + BODY[:1_500_000])
        answer = answer_on(connection)  # the client waits; the server does not for ever
    assert answer is not None
    assert (answer.status, answer.body["error"]["code"]) == (400, 1000)
    assert "1 seconds" in answer.body["error"]["data"]["fields"]["body"]


def test_a_form_without_the_file_that_is_asked_for(server: Server, path: str) -> None:
    body = part("something", bytes(1 << 20)) + end()
    with connected(server) as connection:
        connection.sendall(head(server, path, Content_Length=len(body), Connection="close") + body)
        answer = answer_on(connection)
    assert answer is not None
    assert answer.status == 400
    assert answer.body["error"]["code"] == (5006 if path == "/builds" else 1000)


@pytest.mark.parametrize("field", [("deployer.info.buildUrl", "x" * 70_000), ("buildPlatform", "amiga")])
def test_a_field_that_is_refused_after_the_file(server: Server, path: str, field: tuple[str, str]) -> None:
    name, value = field
    refused = server.ci.post(
        path,
        files={"build": ("a.apk", b"PK" * 70_000), "file": ("a", b"x")},
        data={name: value, "description": "x" * 9999},
    )
    assert refused.status_code == 400


def test_an_attachment_to_no_build(server: Server, path: str) -> None:
    answer = server.ci.post(f"/builds/{'0' * 24}/files", files={"file": ("a", bytes(3 << 20))})
    assert answer.status_code == 404
    assert not (path and list(Path(server.data_dir, "blobs").rglob("*.part")))
