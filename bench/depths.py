"""Lists from a thousand builds to ten million: the first page, the pages after it, and one asked for from far away."""

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.filling import fill
from bench.lists import QUERIES, SAMPLE
from bench.processed import settled
from bench.server import seatrial
from bench.table import Row
from seatrial.db import builds
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope
from seatrial.domain.build import BuildQuery
from seatrial.domain.clock import utc_now
from seatrial.services.identity import Identity
from tests import postgres

SIZES = tuple(int(each) for each in os.environ.get("SEATRIAL_BENCH_BUILDS", "1000,100000,10000000").split(","))
LOOKS = 200
PAGES = 40
"""How far a chain of `nextPage` is followed."""
FAR = 1000
KNOWN = 200_000
"""Of how many of the newest builds, which is where all of these pages are, the rows are complete."""


def measure() -> list[Row]:
    """Measure on both databases, on the disk that temporary files are on (20 GB for ten million)."""
    rows: list[Row] = []
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="seatrial-bench-", dir=os.environ.get("SEATRIAL_BENCH_DIR")) as name:
            data = Path(name, "data")
            rows += _measure(f"{size:,} builds, SQLite", data, f"sqlite:///{data / 'seatrial.db'}", size)
        with (
            postgres.running() as server,
            tempfile.TemporaryDirectory(prefix="seatrial-bench-", dir=os.environ.get("SEATRIAL_BENCH_DIR")) as name,
        ):
            rows += _measure(f"{size:,} builds, PostgreSQL", Path(name, "data"), server.fresh_database(), size)
    return rows


def _measure(what: str, data: Path, url: str, size: int) -> list[Row]:
    with seatrial(data, database_url=url) as server:
        template, token = settled(server, SAMPLE), server.token
    database = Database(url)
    try:
        fill(database, template, size, whole=False, known=KNOWN)
        print(f"{what}: filled", file=sys.stderr)
        scope = Identity(database, "bench", utc_now).app(token)
        return list(_rows(database, scope, what, size))
    finally:
        database.close()
        shutil.rmtree(data)


def _rows(database: Database, scope: AppScope, what: str, size: int) -> Iterator[Row]:
    for name, query in QUERIES.items():
        first = _timed(database, scope, lambda _, query=query: query)  # type: ignore[misc]
        yield _row(f"page 1 of {what}, {name}: p99 in the database", first, 10)
    if size >= PAGES * 100:
        chain = _timed(database, scope, lambda look: BuildQuery(page=1 + look % PAGES))
        yield _row(f"pages 1 to {PAGES} of {what}: p99 in the database", chain, 10)
    if size >= FAR * 100:
        far = _timed(database, scope, lambda _: BuildQuery(page=FAR))
        yield _row(f"page {FAR:,} of {what}, asked for directly: p99 in the database", far, 50)


def _timed(database: Database, scope: AppScope, query: Callable[[int], BuildQuery]) -> float:
    """Give the 99th percentile of a page in milliseconds."""
    samples: list[float] = []
    for look in range(LOOKS):
        began = time.perf_counter()
        with database.read() as tx:
            _, page = builds.search(tx, scope, query(look))
        samples.append((time.perf_counter() - began) * 1000)
        assert page.items
    return statistics.quantiles(samples, n=100)[98]


def _row(what: str, p99: float, most: float) -> Row:
    return Row(what=what, goal=f"below {most:g} ms", unit="ms", ours=[round(p99, 2)], most=most)


if __name__ == "__main__":
    for row in measure():
        print(" | ".join(row.cells()))
