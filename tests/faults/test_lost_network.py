"""Two servers and two workers, a database and files elsewhere; one of each is cut off in the middle of the work."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.faults.extent import times
from tests.faults.networks import Machine, Network, network
from tests.object_stores import ACCESS_KEY, SECRET_KEY, make_bucket, seaweedfs
from tests.postgres import Postgres
from tests.server import DEMO_APK, SEATRIAL, Json, Workspace, environment, init

ROOT = Path(__file__).parents[2]
BUILDS = times(30, 200)
CUT_AFTER, WITHOUT = BUILDS // 8, BUILDS // 4
"""How many are acknowledged before the cables are pulled, and how many must be while they are."""
UNDER_WAY = 3
"""Answers that may have been on their way when a cable was pulled: as many as the pipeline uploads at a time."""
PATIENCE_SECONDS = 200
PORT = 8080


@dataclass
class Node:
    """A process of Seatrial on a machine of its own."""

    machine: Machine
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://{self.machine.address}:{PORT}"


@contextmanager
def node(net: Network, label: str, workspace: Workspace, settings: dict[str, str], *command: str) -> Iterator[Node]:
    """Run a process on a machine of its own, with nothing of the workspace's but its keys and what is elsewhere."""
    machine = net.machine(label)
    own = workspace.data_dir.parent / label
    shutil.copytree(workspace.data_dir / "keys", own / "keys")
    log = own / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            machine.command(SEATRIAL, command[0], "--data-dir", own, *command[1:]),
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        wait_for(lambda: b"ready" in log.read_bytes() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield Node(machine, process, log)
    finally:
        process.kill()
        process.wait()


def wait_for(is_so: Callable[[], object]) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < give_up, "it did not come to that"
        time.sleep(0.1)


class Caller:
    """Somebody on a machine of their own: this process may call nobody beyond its loopback."""

    def __init__(self, machine: Machine, token: str) -> None:
        self._machine = machine
        self._token = token

    def get(self, url: str) -> Json:
        """Give the answer's JSON; an empty one where nobody answers."""
        command = ["curl", "-s", "--max-time", "20", "-H", f"Authorization: Bearer {self._token}", url]
        done = subprocess.run(self._machine.command(*command), capture_output=True, check=False)
        answer: Json = json.loads(done.stdout) if done.stdout else {}
        return answer

    @contextmanager
    def uploading(self, nodes: list[Node], acknowledged: Path) -> Iterator[subprocess.Popen[bytes]]:
        """Let a pipeline upload."""
        arguments = [str(DEMO_APK), self._token, str(BUILDS), *(each.url for each in nodes)]
        with acknowledged.open("wb") as output:
            process = subprocess.Popen(
                self._machine.command(sys.executable, "-m", "tests.faults.network_client", *arguments),
                cwd=ROOT,
                env=environment({"PYTHONPATH": str(ROOT)}),
                stdin=subprocess.DEVNULL,
                stdout=output,
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_one_server_and_one_worker_are_cut_off(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.fresh_database()
    made = Workspace(tmp_path / "data", init(tmp_path / "data", {"SEATRIAL_DATABASE_URL": url}), url)
    with ExitStack() as stack:
        net = stack.enter_context(network())
        store = stack.enter_context(seaweedfs())
        port = net.offer(urlsplit(url).port or 0)
        settings = {
            "SEATRIAL_DATABASE_URL": url.replace(f"127.0.0.1:{urlsplit(url).port}", f"{net.address}:{port}"),
            "SEATRIAL_STORAGE__PROVIDER": "s3",
            "SEATRIAL_STORAGE__BUCKET": make_bucket(store, "builds"),
            "SEATRIAL_STORAGE__REGION": "us-east-1",
            "SEATRIAL_STORAGE__ENDPOINT": f"http://{net.address}:{net.offer(urlsplit(store.endpoint).port or 0)}",
            "SEATRIAL_STORAGE__ACCESS_KEY": ACCESS_KEY,
            "SEATRIAL_STORAGE__SECRET_KEY": SECRET_KEY,
            "SEATRIAL_WORKER__DEAD_AFTER": "3",
            "SEATRIAL_ALLOWED_HOSTS": '["*"]',
        }
        serve = ("serve", "--no-worker", "--host", "0.0.0.0", "--port", str(PORT))  # its own namespace
        servers = [stack.enter_context(node(net, f"api{n}", made, settings, *serve)) for n in (1, 2)]
        workers = [stack.enter_context(node(net, f"work{n}", made, settings, "worker")) for n in (1, 2)]
        caller = Caller(net.machine("ci"), made.printed["appToken"])
        acknowledged = tmp_path / "acknowledged"

        def taken() -> list[Json]:
            return [json.loads(line) for line in acknowledged.read_text().splitlines()]

        def builds(server: Node) -> dict[str, Json]:
            listed = caller.get(f"{server.url}/v1/integrations/builds?limit=1000").get("data", {})
            return {build["id"]: build for build in listed.get("items", ())}

        with caller.uploading(servers, acknowledged) as pipeline:
            wait_for(lambda: len(taken()) >= CUT_AFTER)
            for lost in (servers[0], workers[0]):
                lost.machine.cut_off()
            before = len(taken())
            wait_for(lambda: len(taken()) >= before + UNDER_WAY + WITHOUT)
            assert {one["server"] for one in taken()[before + UNDER_WAY :]} == {servers[1].url}
            known = [one["id"] for one in taken()]
            wait_for(lambda: set(known) <= {each for each, build in builds(servers[1]).items() if _is_processed(build)})
            assert caller.get(f"{servers[0].url}/healthz") == {}
            for lost in (servers[0], workers[0]):
                lost.machine.plug_in()
            assert pipeline.wait(PATIENCE_SECONDS) == 0

        ids = [one["id"] for one in taken()]
        assert len(set(ids)) == BUILDS
        wait_for(lambda: len(builds(servers[0])) >= BUILDS)
        wait_for(lambda: all(map(_is_processed, builds(servers[0]).values())))
        shown = builds(servers[0])
        assert sorted(shown) == sorted(ids), "each build is there, and none twice"
        for one in taken():
            assert {f["file"]["checksum"] for f in shown[one["id"]]["files"] if f["type"] == "original"} == {
                one["sha256"]
            }
        assert [each.process.poll() for each in (*servers, *workers)] == [None] * 4


def _is_processed(build: Json) -> bool:
    is_so: bool = build["status"] == "processed"
    return is_so
