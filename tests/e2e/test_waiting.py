"""Waiting for a build: one answer when it is finished, or a stream of its steps; across processes, and until SIGTERM."""

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from tests.conftest import StartServer
from tests.e2e.refusals import invalid, refused
from tests.server import PATIENCE_SECONDS, SEATRIAL, Json, Server, environment


@pytest.fixture(scope="module")
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


@contextmanager
def worker(server: Server) -> Iterator[None]:
    process = subprocess.Popen(
        [SEATRIAL, "worker", "--data-dir", server.data_dir],
        env=environment(server.settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def events(answer: httpx.Response, begun: Callable[[], object] = lambda: None) -> list[tuple[str, Json]]:
    """Read a stream to its end: the key and the data of each event."""
    found: list[tuple[str, Json]] = []
    key = ""
    for line in answer.iter_lines():
        name, _, value = line.partition(": ")
        if name == "id":
            key = value
        elif name == "data":
            found.append((key, json.loads(value)))
            begun()
    return found


def follow(server: Server, build_id: str, begun: threading.Event) -> list[tuple[str, Json]]:
    with server.ops.stream("GET", f"/builds/{build_id}/events") as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["x-accel-buffering"] == "no"
        return events(answer, begun.set)


def waiting(server: Server, threads: ThreadPoolExecutor, build_id: str) -> "Future[httpx.Response]":
    return threads.submit(server.ci.get, f"/builds/{build_id}", params={"wait": "60"})


def test_whoever_waits_hears_of_what_another_process_did(
    start_server: StartServer, threads: ThreadPoolExecutor
) -> None:
    server = start_server({}, ["--no-worker"])
    build, broken, gone = (server.upload(), server.upload(b"no build at all"), server.upload())
    assert server.ci.get(f"/builds/{build['id']}", params={"wait": "1"}).json()["data"]["status"] == "pending"
    begun = threading.Event()
    stream = threads.submit(follow, server, build["id"], begun)
    answers = [waiting(server, threads, one["id"]) for one in (build, broken, gone)]
    assert begun.wait(PATIENCE_SECONDS)
    server.ci.delete(f"/builds/{gone['id']}")
    refused(answers[2].result(PATIENCE_SECONDS), 404, 3001)
    asked = time.time()
    with worker(server):
        assert answers[0].result(PATIENCE_SECONDS).json()["data"]["status"] == "processed"
        failed = answers[1].result(PATIENCE_SECONDS).json()["data"]
        assert (failed["status"], failed["errorCode"]) == ("error", "UNRECOGNISED_FORMAT")
        told = stream.result(PATIENCE_SECONDS)
    # Its worker came late, and that is what it says.
    done = server.build(build["id"])
    assert done["queuedTime"] >= 1000
    assert done["processTime"] <= (time.time() - asked) * 1000
    statuses = [data["status"] for _, data in told]
    assert (statuses[0], statuses[-1]) == ("pending", "processed")
    assert set(statuses) <= {"pending", "in_progress", "processed"}
    keys = [int(key) for key, _ in told]
    assert keys == sorted(set(keys))
    path = f"/builds/{build['id']}/events"
    known = server.ci.get(path, headers={"Last-Event-ID": told[-1][0]})
    assert (known.status_code, known.content) == (204, b"")
    [(_, again)] = events(server.ci.get(path))
    assert again == {"id": build["id"], "status": "processed", "step": ""}
    [(_, error)] = events(server.ci.get(f"/builds/{broken['id']}/events", headers={"Last-Event-ID": "1"}))
    assert error["errorCode"] == "UNRECOGNISED_FORMAT"
    for wrong in ("61", "-1", "soon", "1.5"):
        invalid(server.ci.get(f"/builds/{build['id']}", params={"wait": wrong}), "wait")
    # A server that stops lets everybody go.
    late = server.upload()["id"]
    begun.clear()
    answer = waiting(server, threads, late)
    stream = threads.submit(follow, server, late, begun)
    assert begun.wait(PATIENCE_SECONDS)
    server.stop()
    assert [data["status"] for _, data in stream.result(PATIENCE_SECONDS)] == ["pending"]
    assert answer.result(PATIENCE_SECONDS).json()["data"]["status"] == "pending"
