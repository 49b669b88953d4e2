"""A build that kills its whole worker, each time anew, ends in `error`, and its neighbours do not."""

import subprocess
import sys
import time

from seatrial.services.processing import MAX_CLAIMS
from tests.conftest import StartServer
from tests.server import PATIENCE_SECONDS, environment

POISON = b"poison"
WORKER = """
import os, signal
from seatrial.parsers.isolation import ParsePool
parse = ParsePool.parse
def deadly(self, path):
    if path.read_bytes() == b"poison":
        os.kill(os.getpid(), signal.SIGKILL)
    return parse(self, path)
ParsePool.parse = deadly
from seatrial.cli.main import app
app()
"""


def test_a_build_that_kills_its_worker_ends_in_error(start_server: StartServer) -> None:
    server = start_server({}, ["--no-worker"])
    poison, healthy = server.upload(POISON)["id"], server.upload()["id"]
    # It has killed nearly as many as it may already: each death costs the start of a process.
    server.write("UPDATE builds SET claims = ? WHERE id = ?", MAX_CLAIMS - 1, poison)
    command = [sys.executable, "-c", WORKER, "worker", "--data-dir", str(server.data_dir)]
    deaths = 0
    while True:
        worker = subprocess.Popen(
            command, env=environment(server.settings), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while worker.poll() is None:
                if server.build(poison)["status"] == "error":
                    break
                time.sleep(0.1)
            if worker.poll() is None:
                break
            assert worker.returncode == -9
            deaths += 1
        finally:
            if server.build(poison)["status"] == "error":
                server.wait_for(healthy)
            worker.terminate()
            worker.wait(PATIENCE_SECONDS)
    ended = server.build(poison)
    assert (deaths, ended["status"], ended["errorCode"]) == (1, "error", "INTERNAL")
    assert server.build(healthy)["status"] == "processed"
    # Whoever knows better may have it read again; now by a worker that survives it.
    assert server.ci.post(f"/builds/{poison}/reprocess").json()["data"]["status"] == "pending"
    server.arguments = ()
    server.restart()
    assert server.wait_for(poison)["errorCode"] == "UNRECOGNISED_FORMAT"
