"""The processes that read files: killed while they wait, and out of time, in a real server."""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.faults.aftermath import assert_sound, settle
from tests.server import Server
from tests.worker.watching import wait_for


def parsers_of(server: Server) -> set[int]:
    found = set[int]()
    for thread in Path(f"/proc/{server.pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # threads and children end while one looks
            for child in map(int, (thread / "children").read_text().split()):
                with suppress(FileNotFoundError, ProcessLookupError):
                    if b"isolation_child" in Path(f"/proc/{child}/cmdline").read_bytes():
                        found.add(child)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="finds child processes in /proc")
def test_readers_that_are_killed_are_replaced_unnoticed(start_server: StartServer) -> None:
    server = start_server()
    server.processed()
    for _ in range(3):
        wait_for(lambda: parsers_of(server))
        for child in parsers_of(server):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        server.processed()
    settle(server)
    assert_sound(server.data_dir)


@pytest.mark.skipif(sys.platform != "linux", reason="finds child processes in /proc")
def test_readers_do_not_outlive_a_server_that_is_killed(start_server: StartServer) -> None:
    server = start_server()
    server.processed()
    wait_for(lambda: len(parsers_of(server)) == 2)
    children = parsers_of(server)
    server.kill()
    wait_for(lambda: not [child for child in children if is_alive(child)])


def is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_file_that_takes_too_long_says_so_and_is_kept(start_server: StartServer) -> None:
    server = start_server({"SEATRIAL_PARSING__WALL_SECONDS": "0.000001"})
    build = server.wait_for(server.upload()["id"])
    assert (build["status"], build["errorCode"]) == ("error", "PROCESSING_TIMEOUT")
    assert build["error"]
    assert [each["type"] for each in build["files"]] == ["original"]
    settle(server)
    assert_sound(server.data_dir)
    server.stop()
    server.settings = {}
    server.start()
    assert server.processed()["status"] == "processed"
    assert server.build(build["id"])["status"] == "error"
