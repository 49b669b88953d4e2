"""Lists of many builds: over HTTP with authentication, while uploads run, and at a million in the database."""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from bench.client import post_form
from bench.filling import fill
from bench.processed import settled
from bench.server import Server, seatrial, serving
from bench.table import Row, Unavailable
from bench.upload import UPLOAD
from seatrial.db import builds
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope
from seatrial.domain.build import BuildQuery, BuildStatus
from seatrial.domain.clock import utc_now
from seatrial.services.identity import Identity
from tests import postgres

SAMPLE = Path(__file__).parents[1] / "tests/fixtures/ipa/demo.ipa"
MANY, VERY_MANY = 100_000, 1_000_000
FILTERS = {
    "no filter": "",
    "status": "?status=processed",
    "os": "?os=ios",
    "os and status": "?os=android&status=error",
    "version": "?versionName=v3.12",
    "page 50": "?page=50",
}
QUERIES = {
    "no filter": BuildQuery(),
    "status": BuildQuery(status=BuildStatus.PROCESSED),
    "os": BuildQuery(os="ios"),
    "os and status": BuildQuery(os="android", status=BuildStatus.ERROR),
    "version": BuildQuery(version_name="v3.12"),
    "version, os and status": BuildQuery(version_name="v3.12", os="ios", status=BuildStatus.PROCESSED),
}
SECONDS = 4
CONNECTIONS = 4
LOOKS = 300


def measure() -> list[Row]:
    """Measure on both databases, the server on one core and its clients on the other."""
    if shutil.which("wrk") is None:
        raise Unavailable("the load generator `wrk` is not installed")
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as name:
        rows = _measure(Path(name), "SQLite", lambda data: f"sqlite:///{data / 'seatrial.db'}")
    with postgres.running() as server, tempfile.TemporaryDirectory(prefix="seatrial-bench-") as name:
        urls = {which: server.fresh_database() for which in ("many", "very-many")}
        rows += _measure(Path(name), "PostgreSQL", lambda data: urls[data.name])
    return rows


def _measure(folder: Path, kind: str, url_of: Callable[[Path], str]) -> list[Row]:
    rows: list[Row] = []
    many, very_many = folder / "many", folder / "very-many"
    token = _fill(many, url_of(many), MANY)
    with serving(many, token, database_url=url_of(many)) as server:
        server.pin({0})
        rows += [row for what, query in FILTERS.items() for row in _over_http(server, f"{kind}, {what}", query)]
        rows.append(_during_uploads(server, folder, kind))
    shutil.rmtree(many)
    token = _fill(very_many, url_of(very_many), VERY_MANY, whole=False)
    database = Database(url_of(very_many))
    try:
        scope = Identity(database, "bench", utc_now).app(token)
        rows += [_first_page(database, scope, f"{kind}, {what}", query) for what, query in QUERIES.items()]
    finally:
        database.close()
    return rows


def _fill(data: Path, url: str, count: int, *, whole: bool = True) -> str:
    """Make a workspace with many builds; gives its app token."""
    with seatrial(data, database_url=url) as server:
        build = settled(server, SAMPLE)
    database = Database(url)
    fill(database, build, count, whole=whole)
    database.close()
    return server.token


def _over_http(server: Server, what: str, query: str) -> list[Row]:
    found = load(server, UPLOAD + query, SECONDS)
    rows = [
        Row(
            what=f"list 100 of {MANY:,} builds over HTTP, {what}: time of a request at {CONNECTIONS} connections, p99",
            goal="below 20 ms",
            unit="ms",
            ours=[found.p99],
            most=20,
        )
    ]
    if what.startswith("SQLite"):
        rows.append(
            Row(
                what=f"the same, {what}: one core's time for a request",
                goal="at most 2 ms (500 requests/s)",
                unit="ms",
                ours=[1000 / found.per_second],
                most=2,
            )
        )
    return rows


def _during_uploads(server: Server, folder: Path, kind: str) -> Row:
    big = folder / "big.bin"
    with big.open("wb") as file:
        for _ in range(256):
            file.write(os.urandom(1 << 20))
    stopping = threading.Event()

    def upload() -> None:
        while not stopping.is_set():
            post_form(server.port, UPLOAD, server.token, big)

    uploads = [threading.Thread(target=upload) for _ in range(4)]
    server.pin(range(os.cpu_count() or 1))
    for thread in uploads:
        thread.start()
    try:
        found = load(server, UPLOAD, 2 * SECONDS, connections=1)
    finally:
        stopping.set()
        for thread in uploads:
            thread.join()
    return Row(
        what=f"list 100 of {MANY:,} builds while four uploads run, {kind}: p99",
        goal="below 50 ms",
        unit="ms",
        ours=[found.p99],
        most=50,
    )


class Load:
    """What a run of the load generator found."""

    def __init__(self, output: str) -> None:
        p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)\b", output)
        rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
        assert p99, output
        assert rate, output
        assert "Non-2xx" not in output, output
        self.p99 = float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]]
        self.per_second = float(rate[1])


def load(server: Server, path: str, seconds: int, connections: int = CONNECTIONS) -> Load:
    """Ask for one path as fast as so many connections can, from the other core."""
    url = f"http://127.0.0.1:{server.port}{path}"
    command = ["wrk", "-t1", f"-c{connections}", "--latency", "-H", f"Authorization: Bearer {server.token}"]
    if sys.platform == "linux" and (os.cpu_count() or 1) > 1:
        command = ["taskset", "-c", "1", *command]
    subprocess.run([*command, "-d1", url], check=True, capture_output=True)
    return Load(subprocess.run([*command, f"-d{seconds}", url], check=True, capture_output=True, text=True).stdout)


def _first_page(database: Database, scope: AppScope, what: str, query: BuildQuery) -> Row:
    samples: list[float] = []
    totals: set[int] = set()
    for _ in range(LOOKS):
        began = time.perf_counter()
        with database.read() as tx:
            totals.add(builds.search(tx, scope, query)[1].total)
        samples.append((time.perf_counter() - began) * 1000)
    with database.read() as tx:
        exact = tx.execute(
            text(
                "SELECT count(*) FROM builds WHERE app_id = :app AND (:status = '' OR status = :status)"
                " AND (:os = '' OR os = :os) AND (:version = '' OR version_name = :version)"
            ),
            {
                "app": scope.app_id,
                "status": query.status.value if query.status else "",
                "os": query.os or "",
                "version": query.version_name or "",
            },
        ).scalar_one()
    assert totals == {exact}, f"the totals say {totals}, there are {exact}"
    return Row(
        what=f"page 1 of {VERY_MANY:,} builds, {what}: p99 in the database, total exact",
        goal="below 10 ms",
        unit="ms",
        ours=[statistics.quantiles(samples, n=100)[98]],
        most=10,
    )
