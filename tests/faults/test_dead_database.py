"""A database that does not answer: 503, nothing left behind, and all is well when it is back (decision 39)."""

import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.faults.aftermath import assert_sound, assert_untouched, settle
from tests.server import DEMO_APK, Server, environment
from tests.worker.watching import wait_for

BUSY = {"SEATRIAL_DATABASE_BUSY_SECONDS": "1"}
"""Longer than others on this machine keep a disk busy: nobody may be sent away but by the lock."""


@pytest.fixture
def server(start_server: StartServer) -> Server:
    server = start_server(BUSY)
    assert server.ci.get("/builds").status_code == 200
    return server


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Hold the write lock, as a backup or a stuck administrator would."""
    with closing(sqlite3.connect(data_dir / "seatrial.db", isolation_level=None, timeout=10)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def test_an_upload_is_told_to_come_back(server: Server) -> None:
    with locked(server.data_dir):
        for _ in range(2):
            refused = server.ci.post("/builds", files={"build": ("a.apk", DEMO_APK.read_bytes())})
            assert refused.status_code == 503
            assert refused.json()["error"]["code"] == 1503
            assert int(refused.headers["retry-after"]) > 0
        assert server.ci.get("/builds").status_code == 200  # looking goes on
    assert_untouched(server)
    assert server.processed()["status"] == "processed"


def test_many_uploads_at_once_are_told_to_come_back(server: Server) -> None:
    """More callers than connections: those who wait for one are told the same."""
    statuses: list[int] = []

    def upload() -> None:
        statuses.append(server.ci.post("/builds", files={"build": ("a.apk", b"PK")}).status_code)

    with locked(server.data_dir):
        threads = [threading.Thread(target=upload) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert statuses == [503] * 12
    assert_untouched(server)


def test_a_database_that_dies_under_an_upload(server: Server) -> None:
    """The bytes are in already when the lock comes: they go again."""
    reached, go_on = threading.Event(), threading.Event()

    def slowly() -> Iterator[bytes]:
        body = DEMO_APK.read_bytes()
        yield b'--b\r\nContent-Disposition: form-data; name="build"; filename="a.apk"\r\n\r\n' + body[:1000]
        reached.set()
        go_on.wait(30)
        yield body[1000:] + b"\r\n--b--\r\n"

    answers: list[int] = []

    def upload() -> None:
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        answers.append(server.ci.post("/builds", content=slowly(), headers=headers).status_code)

    thread = threading.Thread(target=upload)
    thread.start()
    assert reached.wait(30)
    wait_for(lambda: list((server.data_dir / "blobs").rglob("*.part")))
    with locked(server.data_dir):
        go_on.set()
        thread.join()
    assert answers == [503]
    server.kill()  # what a lock kept from being tidied up is tidied up by the next start
    server.start()
    assert_untouched(server)


def test_every_change_is_told_to_come_back(server: Server) -> None:
    build = server.processed()
    with locked(server.data_dir):
        answers = [
            server.ci.put(f"/builds/{build['id']}", json={"changelog": "x"}),
            server.ci.delete(f"/builds/{build['id']}"),
            server.ci.post(f"/builds/{build['id']}/files", files={"file": ("a", b"x")}),
            server.ops.get(f"/builds/{build['id']}/downloadToken"),
        ]
    assert [answer.status_code for answer in answers] == [503] * 4
    assert {answer.json()["error"]["code"] for answer in answers} == {1503}
    settle(server)
    assert_sound(server.data_dir)
    assert server.build(build["id"]) == build


def test_processing_waits_for_the_database(start_server: StartServer) -> None:
    server = start_server(BUSY, ["--no-worker"])
    ids = [server.upload()["id"] for _ in range(5)]
    server.stop()
    server.arguments = ()
    server.start()
    for _ in range(2):  # a third failure would be tried again after a minute
        with locked(server.data_dir):
            time.sleep(1.5)
    for build_id in ids:
        assert server.wait_for(build_id)["status"] == "processed"
    settle(server)
    assert_sound(server.data_dir)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed (scripts/test-tools.sh)")
def test_curl_retries_and_makes_one_build(server: Server) -> None:
    """Decision 39: 503, 503, 200 is one build."""

    def answered(times: int) -> bool:
        return server.log.read_text().count('"status": 503') >= times

    command = [
        "curl", "-sS", "--retry", "5", "--fail", "--retry-delay", "1",
        "-H", f"Authorization: Bearer {server.app_token}",
        "-F", f"build=@{DEMO_APK}", f"{server.base_url}/v1/integrations/builds",
    ]  # fmt: skip
    with locked(server.data_dir):
        client = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        wait_for(lambda: answered(2))
    output, errors = client.communicate(timeout=60)
    assert client.returncode == 0, errors
    assert '"status":"pending"' in output
    settle(server)
    assert_sound(server.data_dir)
    assert server.ci.get("/builds").json()["data"]["totalDocs"] == 1
