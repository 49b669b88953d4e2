"""A PostgreSQL that goes away under a server, or freezes: 503, and everything as before when it is back.

Frozen it keeps its connections open, takes further ones and answers on none of them, so that nothing breaks by itself.
Then all is to go on as well: what was under way, builds that were being read, commits that were perhaps made.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.faults.extent import times
from tests.postgres import Postgres, running
from tests.server import DEMO_APK, Server, Workspace, init
from tests.worker.watching import wait_for

CONTENT = DEMO_APK.read_bytes()
AT_ONCE = times(60, 300)
"""Far more than there are threads for them: those who wait for their turn must not add up."""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running() as own:
        yield own


@pytest.fixture(scope="module")
def server(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("outage")
    url = postgres.fresh_database()
    made = init(folder / "data", {"SEATRIAL_DATABASE_URL": url})
    settings = {"SEATRIAL_DATABASE_SILENT_SECONDS": "2"}
    server = Server(Workspace(folder / "data", made, url), folder / "server.log", settings)
    yield server
    server.close()


def assert_told_to_come_back(answer: httpx.Response) -> None:
    body = answer.json()
    assert (answer.status_code, body["status"], body["error"]["code"]) == (503, False, 1503), answer.text
    assert int(answer.headers["retry-after"]) > 0


def send(server: Server, key: str) -> httpx.Response:
    files = {"build": ("a.apk", CONTENT)}
    return server.ci.post("/builds", files=files, headers={"Idempotency-Key": key})


class Upload:
    """An upload whose body stops half-way until it may go on."""

    def __init__(self, server: Server) -> None:
        self._half, self._go_on = threading.Event(), threading.Event()
        headers = {"Content-Type": "multipart/form-data; boundary=b", "Idempotency-Key": "halved"}
        self._threads = ThreadPoolExecutor(1)
        self._answer = self._threads.submit(server.ci.post, "/builds", content=self._body(), headers=headers)
        assert self._half.wait(60)
        wait_for(lambda: list((server.data_dir / "blobs").rglob("*.part")))

    def finish(self) -> httpx.Response:
        self._go_on.set()
        with self._threads:
            return self._answer.result()

    def _body(self) -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="build"; filename="a.apk"\r\n\r\n' + CONTENT[:1000]
        self._half.set()
        self._go_on.wait(60)
        yield CONTENT[1000:] + b"\r\n--b--\r\n"


def test_a_restart_of_the_database(server: Server, postgres: Postgres) -> None:
    before = server.processed()
    postgres.stop()
    try:
        for _ in range(2):
            assert server.anyone.get("/healthz").status_code == 503
            assert_told_to_come_back(server.ci.get("/builds"))
            assert_told_to_come_back(send(server, "away"))
    finally:
        postgres.start()
    wait_for(lambda: server.anyone.get("/healthz").status_code == 200)
    assert server.build(before["id"]) == before
    assert server.processed()["status"] == "processed"
    assert server.ci.get("/builds").json()["data"]["totalDocs"] == 2


def test_a_frozen_one_tells_everybody_to_come_back_and_all_goes_on_without_hands(
    server: Server, postgres: Postgres
) -> None:
    before = {build["id"] for build in server.ci.get("/builds").json()["data"]["items"]}
    known = server.processed()
    upload = Upload(server)
    waiting = [server.upload()["id"] for _ in range(3)]  # acknowledged, and perhaps being read when it freezes
    with postgres.frozen():
        with ThreadPoolExecutor(AT_ONCE) as threads:
            answers = [threads.submit(server.ci.get, "/builds") for _ in range(AT_ONCE - 3)]
            answers += [threads.submit(send, server, "whole")]
            answers += [threads.submit(server.ops.get, f"/builds/{known['id']}/downloadToken")]
            answers += [threads.submit(server.ci.put, f"/builds/{known['id']}", json={"changelog": "x"})]
            for answer in answers:
                assert_told_to_come_back(answer.result())
        assert_told_to_come_back(upload.finish())
        ready = server.anyone.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["error"]["data"]["checks"]["database"] == "does not answer"
        assert server.anyone.get("/healthz").status_code == 503
        assert "seatrial_database_up 0.0" in server.anyone.get("/metrics").text

    wait_for(lambda: server.anyone.get("/readyz").status_code == 200)
    for build_id in waiting:
        assert server.wait_for(build_id)["status"] == "processed"
    # Each was perhaps done after all; sent again under its key it is one build.
    again = [send(server, key).json()["data"]["id"] for key in ("whole", "whole")]
    assert again[0] == again[1]
    server.wait_for(again[0])
    ids = {build["id"] for build in server.ci.get("/builds", params={"limit": 100}).json()["data"]["items"]}
    assert {*before, known["id"], *waiting, again[0]} <= ids
    assert len(ids - before) <= len({"known", *waiting, "whole", "halved"}), "more than was sent"
    assert server.processed()["status"] == "processed"


@pytest.mark.parametrize("number", range(times(1, 10)))
def test_a_commit_that_nobody_heard_of_is_whole_or_nothing(server: Server, postgres: Postgres, number: int) -> None:
    """Uploads run on while it freezes, so that some are caught between their statements and their commit."""
    answers: dict[str, int] = {}
    stop = threading.Event()

    def go_on(name: str) -> None:
        turn = 0
        while not stop.is_set():
            key = f"{number}-{name}-{turn}"
            answers[key] = send(server, key).status_code
            turn += 1
            stop.wait(0.2 if answers[key] == 503 else 0)

    with ThreadPoolExecutor(4) as threads:
        try:
            running_uploads = [threads.submit(go_on, name) for name in "abcd"]
            wait_for(lambda: len(answers) > 8)
            with postgres.frozen():
                wait_for(lambda: server.anyone.get("/readyz").status_code == 503)
                wait_for(lambda: 503 in answers.values())
                stop.set()
            wait_for(lambda: server.anyone.get("/readyz").status_code == 200)
        finally:
            stop.set()
        for one in running_uploads:
            one.result()
    assert set(answers.values()) == {200, 503}
    ids = {key: send(server, key).json()["data"]["id"] for key in answers}
    assert len(set(ids.values())) == len(answers), "two keys lead to one build"
    for build_id in ids.values():
        assert server.wait_for(build_id)["status"] == "processed"  # its bytes are there
    assert _missing_files(server) == []


def _missing_files(server: Server) -> list[str]:
    """Name the files of builds whose bytes cannot be had."""
    missing = []
    reader = server.client("", server.app_token)
    for build in server.ci.get("/builds", params={"limit": 1000}).json()["data"]["items"]:
        original = next(one["file"] for one in build["files"] if one["type"] == "original")
        if reader.get(original["location"]).content != CONTENT:
            missing.append(build["id"])
    return missing


def test_a_server_ends_in_order_and_does_not_start_for_ever(server: Server, postgres: Postgres) -> None:
    with postgres.frozen():
        server.stop()
        with pytest.raises(AssertionError, match="it ended with 1 before it was ready"):
            server.start()
    server.start()
    assert server.processed()["status"] == "processed"
