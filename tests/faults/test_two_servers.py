"""Several processes on one data directory: each build is processed once, and who dies is replaced."""

import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.faults.aftermath import assert_sound, rows, settle
from tests.server import DEMO_APK, PATIENCE_SECONDS, SEATRIAL, Server, Workspace, environment
from tests.worker.watching import wait_for


@pytest.fixture
def pair(workspace: Workspace, tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    shared = workspace.copied_to(tmp_path)
    one = Server(shared, tmp_path / "one.log")
    two = Server(shared, tmp_path / "two.log")
    yield one, two
    two.close()
    one.close()


def assert_each_processed_once(server: Server, ids: list[str]) -> None:
    settle(server)
    assert_sound(server.data_dir)
    page = server.ci.get("/builds", params={"limit": 1000}).json()["data"]
    assert sorted(build["id"] for build in page["items"]) == sorted(ids)
    for build in page["items"]:
        assert build["status"] == "processed", build
        assert Counter(each["type"] for each in build["files"]) == {"original": 1, "package": 1, "icon": 1}


def test_uploads_to_two_servers_are_processed_once(pair: tuple[Server, Server]) -> None:
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda number: pair[number % 2].upload(), range(40)))
    assert_each_processed_once(pair[0], [build["id"] for build in made])
    assert pair[0].ci.get("/builds").json()["data"]["totalDocs"] == 40
    assert pair[1].ci.get("/builds").json()["data"]["totalDocs"] == 40
    done = [server.log.read_text().count('"build processed"') for server in pair]
    assert sum(done) == 40
    assert min(done) > 0, "one of them did all the work"


def test_the_survivor_takes_over(pair: tuple[Server, Server]) -> None:
    one, two = pair
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda number: pair[number % 2].upload(), range(40)))
    two.kill()
    assert_each_processed_once(one, [build["id"] for build in made])
    wait_for(lambda: len(rows(one.data_dir, "SELECT id FROM executors")) == 1)
    assert len(list((one.data_dir / "run").iterdir())) == 1


def test_what_a_dead_server_was_receiving_goes_without_a_restart(pair: tuple[Server, Server]) -> None:
    one, two = pair

    def half() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="build"; filename="a.apk"\r\n\r\n' + bytes(3 << 20)
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not list((one.data_dir / "blobs").rglob("*.part")):
            assert time.monotonic() < give_up
            time.sleep(0.01)
        two.kill()
        yield bytes(8 << 20)

    with pytest.raises(Exception, match=r"(?i)disconnected|reset|broken|closed"):
        two.ci.post("/builds", content=half(), headers={"Content-Type": "multipart/form-data; boundary=b"})
    settle(one)
    assert list((one.data_dir / "blobs").rglob("*")) == []


@contextmanager
def worker(data_dir: Path, log: Path) -> Iterator[subprocess.Popen[str]]:
    with log.open("a") as errors:
        process = subprocess.Popen(
            [SEATRIAL, "worker", "--data-dir", data_dir],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    with process:
        assert process.stdout is not None
        assert "worker ready" in process.stdout.readline(), log.read_text()
        try:
            yield process
        finally:
            process.terminate()
            assert process.wait(PATIENCE_SECONDS) in {0, -9}, log.read_text()


def test_a_server_without_a_worker_and_a_worker_without_a_server(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server(arguments=["--no-worker"])
    ids = [server.upload()["id"] for _ in range(10)]
    time.sleep(0.5)
    assert {server.build(build_id)["status"] for build_id in ids} == {"pending"}
    with worker(server.data_dir, tmp_path / "first.log") as first:
        server.wait_for(ids[0])
        first.kill()
        first.wait()
        with worker(server.data_dir, tmp_path / "second.log"):
            ids.append(server.upload(DEMO_APK)["id"])
            assert_each_processed_once(server, ids)
