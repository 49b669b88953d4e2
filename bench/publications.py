"""Publications among a million builds: from a publication to the builds that it gives, in the database."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, text

from bench.filling import fill
from bench.table import Row
from seatrial.db import publications, resolution, schema
from seatrial.db.builds import insert_build
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope
from seatrial.domain.build import BuildStatus
from seatrial.domain.clock import utc_now
from seatrial.domain.publication import (
    BuildFilter,
    FilterType,
    Publication,
    PublicationSettings,
    Security,
    Visibility,
)
from seatrial.services.publications import Publications
from tests import postgres
from tests.db.sample_rows import add_app, new_build

MANY = 1_000_000
LOOKS = 300
FILTERS = {
    "last": BuildFilter(type=FilterType.LAST),
    "last, one system": BuildFilter(type=FilterType.LAST, systems=("ios",)),
    "a branch of every build": BuildFilter(type=FilterType.GIT_BRANCH, value="main"),
    "a branch of one old build": BuildFilter(type=FilterType.GIT_BRANCH, value="old"),
    "a branch of no processed build": BuildFilter(type=FilterType.GIT_BRANCH, value="broken"),
    "a branch that is not there": BuildFilter(type=FilterType.GIT_BRANCH, value="nowhere"),
    "a git tag of one build": BuildFilter(type=FilterType.GIT_TAG, value="v1"),
    "a tag of every build": BuildFilter(type=FilterType.TAG, value="staging"),
    "a tag of some builds": BuildFilter(type=FilterType.TAG, value="some"),
    "a tag that is not there": BuildFilter(type=FilterType.TAG, value="nowhere"),
}


def measure() -> list[Row]:
    """Measure on both databases."""
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as name:
        rows = _measure("SQLite", f"sqlite:///{Path(name) / 'seatrial.db'}")
    with postgres.running() as server:
        return rows + _measure("PostgreSQL", server.fresh_database())


def _measure(kind: str, url: str) -> list[Row]:
    database = Database(url)
    schema.upgrade(database)
    with database.transaction() as tx:
        scope = add_app(tx)
    _fill(database, scope)
    made = {what: _publish(database, scope, number, chosen) for number, (what, chosen) in enumerate(FILTERS.items())}
    rows = [
        Row(
            what=f"a publication among {MANY:,} builds {doing}, {kind}: the slowest kind of filter ({what}), p99",
            goal="below 10 ms",
            unit="ms",
            ours=[p99],
            most=10,
        )
        for doing, work in WORK.items()
        for p99, what in [max((_p99(database, work, one), what) for what, one in made.items())]
    ]
    database.close()
    return rows


def _fill(database: Database, scope: AppScope) -> None:
    new = new_build()
    with database.transaction() as tx:
        insert_build(tx, scope, new)
        tx.execute(text("UPDATE builds SET git_branch = 'main', status = :status"), {"status": BuildStatus.PROCESSED})
    fill(database, new.id, MANY, whole=False, tagged=True)
    into = "INSERT INTO build_lanes (build_id, kind, value, app_id, os, created_at)"
    columns = "b.app_id, b.os, b.created_at FROM builds b"
    live = "b.status = 'processed' AND NOT b.disabled"
    changes = (
        "UPDATE builds SET git_branch = 'old', git_tag = 'v1' WHERE id = :old",
        "UPDATE builds SET git_branch = 'broken' WHERE status = 'error'",
        "UPDATE builds SET disabled = :yes WHERE version_code LIKE '99____'",  # ten thousand of the newest
        "UPDATE build_tags SET tag = 'some' WHERE tag = 'sprint-1'",
        f"{into} SELECT b.id, 'last', '', {columns} WHERE {live}",
        f"{into} SELECT b.id, 'gitBranch', b.git_branch, {columns} WHERE {live}",
        f"{into} SELECT b.id, 'gitTag', b.git_tag, {columns} WHERE b.git_tag <> '' AND {live}",
        f"{into} SELECT b.id, 'tag', t.tag, {columns} JOIN build_tags t ON t.build_id = b.id WHERE {live}",
    )
    with database.transaction() as tx:
        if not database.is_sqlite:
            tx.execute(text("SET LOCAL statement_timeout = 0"))
        for change in changes:
            values = {"old": f"{7:024x}", "yes": True}
            tx.execute(text(change), {key: value for key, value in values.items() if f":{key}" in change})


def _publish(database: Database, scope: AppScope, number: int, chosen: BuildFilter) -> Publication:
    said = PublicationSettings(
        slug=f"bench-{number}", security=Security.PUBLIC, visibility=Visibility.ACTIVE, filter=chosen
    )
    return Publications(database, utc_now).create(scope, said)[0]


def _by_slug(tx: Connection, one: Publication) -> object:
    found = publications.find_by_slug(tx, one.settings.slug)
    assert found is not None
    return resolution.resolve(tx, [resolution.candidate(found)])


def _p99(database: Database, work: Callable[[Connection, Publication], object], one: Publication) -> float:
    samples = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        with database.read() as tx:
            work(tx, one)
        samples.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(samples, n=100)[98]


WORK = {
    "resolved": lambda tx, one: resolution.resolve(tx, [resolution.candidate(one)]),
    "by its slug, resolved": _by_slug,
    "20 older builds": lambda tx, one: resolution.history(tx, one, "android", 20),
}
