"""What many machines cost: four servers and four workers beside one of each, on PostgreSQL and an object store."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.client import post_form
from bench.processed import real_apk
from bench.server import PROGRAM, Server, seatrial, serving
from bench.table import Row
from bench.upload import UPLOAD
from tests import postgres
from tests.object_stores import ACCESS_KEY, SECRET_KEY, ObjectServer, make_bucket, seaweedfs

BUILDS, WARM_UP, CLIENTS, ROUNDS = 60, 16, 4, 3
_TICKS = os.sysconf("SC_CLK_TCK")


def measure() -> list[Row]:
    """Upload the same builds to both set-ups in turn, and count the processor's time until all are processed."""
    with postgres.running() as database, seaweedfs() as store:
        one: list[float] = []
        four: list[float] = []
        for number in range(ROUNDS):
            for machines, into in ((1, one), (4, four)) if number % 2 else ((4, four), (1, one)):
                bucket = make_bucket(store, f"bench-{number}-{machines}")
                into.append(_cost(database, store, bucket, machines))
    return [
        Row(
            what="processor time for a build, database included, with 4 servers and 4 workers",
            goal="at most 1.25 x that with 1 and 1",
            unit="s",
            ours=four,
            most=1.25,
            reference_name="1 server and 1 worker",
            reference=one,
        )
    ]


def _cost(database: postgres.Postgres, store: ObjectServer, bucket: str, machines: int) -> float:
    """Give the seconds of processor time for a build."""
    settings = {
        "SEATRIAL_STORAGE__PROVIDER": "s3",
        "SEATRIAL_STORAGE__BUCKET": bucket,
        "SEATRIAL_STORAGE__REGION": "us-east-1",
        "SEATRIAL_STORAGE__ENDPOINT": store.endpoint,
        "SEATRIAL_STORAGE__ACCESS_KEY": ACCESS_KEY,
        "SEATRIAL_STORAGE__SECRET_KEY": SECRET_KEY,
    }
    url, apk = database.fresh_database(), real_apk()
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as name, ExitStack() as stack:
        data = Path(name, "data")
        first = stack.enter_context(seatrial(data, "--no-worker", database_url=url, settings=settings))
        servers = [first]
        for _ in range(1, machines):
            again = serving(data, first.token, "--no-worker", database_url=url, settings=settings)
            servers.append(stack.enter_context(again))
        workers = [stack.enter_context(_worker(data, url, settings)) for _ in range(machines)]
        processes = [*(server.pid for server in servers), *workers]
        for number in range(WARM_UP):  # what only the first ones cost each process
            _build(servers, number, apk)
        _wait(first, WARM_UP)
        before = _used(processes) + _used([database.pid])
        with ThreadPoolExecutor(CLIENTS) as threads:
            list(threads.map(lambda number: _build(servers, number, apk), range(BUILDS)))
        _wait(first, BUILDS + WARM_UP)
        return (_used(processes) + _used([database.pid]) - before) / BUILDS


def _build(servers: list[Server], number: int, apk: Path) -> None:
    server = servers[number % len(servers)]
    answer = post_form(server.port, UPLOAD, server.token, apk)
    assert answer.status == 200, answer.body


def _wait(server: Server, count: int) -> None:
    while server.call("GET", f"{UPLOAD}?status=processed&limit=1")["totalDocs"] != count:
        time.sleep(0.05)


@contextmanager
def _worker(data: Path, url: str, settings: dict[str, str]) -> Iterator[int]:
    environment = {**os.environ, "SEATRIAL_LOG_LEVEL": "WARNING", "SEATRIAL_DATABASE_URL": url, **settings}
    command = [PROGRAM, "worker", "--data-dir", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        try:
            yield process.pid
        finally:
            process.terminate()


@dataclass(frozen=True)
class _Process:
    parent: int
    seconds: float
    """Of its own and of those children of its that have ended."""


def _used(roots: list[int]) -> float:
    """Give the processor time of processes and of all that they have started, in seconds."""
    found: dict[int, _Process] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended since
                continue
            found[int(folder.name)] = _Process(int(fields[1]), sum(map(int, fields[11:15])) / _TICKS)
    family = set(roots)
    while grown := {pid for pid, process in found.items() if process.parent in family} - family:
        family |= grown
    return sum(found[pid].seconds for pid in family if pid in found)


if __name__ == "__main__":
    for row in measure():
        print(" | ".join(row.cells()))
