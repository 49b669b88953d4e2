"""Many at once on the same few builds: every counter right, nothing counted or numbered twice, nobody turned away."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from sqlalchemy import Connection, func, select

from seatrial.db import build_files, builds, processing, tables
from seatrial.db.engine import Database
from seatrial.db.processing import Verdict
from seatrial.domain.access import AppScope
from seatrial.domain.build import BuildChanges, BuildQuery, BuildStatus, FileType, Submission
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import BuildId
from tests.databases import KINDS, migrated_database
from tests.db.sample_rows import add_app, at, file_row, new_build

THREADS, ROUNDS = 6, 60
VERSIONS = ("1.0", "2.0", "3.0")


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    database = Database(migrated_database(request))
    yield database
    database.close()


class Crowd:
    """Threads that do what requests and jobs do, each in a transaction of its own."""

    def __init__(self, database: Database, scope: AppScope) -> None:
        self.database = database
        self.scope = scope
        self.ids: list[BuildId] = []
        self.failures: list[BaseException] = []

    def run(self, seed: int) -> None:
        chance = random.Random(seed)
        acts: list[Callable[[Connection, BuildId, random.Random], object]] = [
            self.upload, self.rename, self.claim, self.finish, self.attach, self.delete,
        ]  # fmt: skip
        for _ in range(ROUNDS):
            act = chance.choices(acts, (3, 4, 3, 3, 2, 2))[0]
            build_id = chance.choice(self.ids[-6:])
            try:
                with self.database.transaction() as tx:
                    act(tx, build_id, chance)
            except EntityNotFound:
                continue
            except BaseException as failure:
                self.failures.append(failure)
                return

    def upload(self, tx: Connection, build_id: BuildId, chance: random.Random) -> None:
        new = new_build(Submission(version_name=chance.choice(VERSIONS)), os=chance.choice(("ios", "android")))
        builds.insert_build(tx, self.scope, new)
        self.ids.append(new.id)

    def rename(self, tx: Connection, build_id: BuildId, chance: random.Random) -> None:
        builds.update_build(tx, self.scope, build_id, BuildChanges(version_name=chance.choice(VERSIONS)), at(1))

    def claim(self, tx: Connection, build_id: BuildId, chance: random.Random) -> None:
        processing.claim(tx, build_id, 1, at(2))

    def finish(self, tx: Connection, build_id: BuildId, chance: random.Random) -> None:
        status = chance.choice((BuildStatus.PROCESSED, BuildStatus.ERROR))
        verdict = Verdict(status=status, os=chance.choice(("ios", "android")), version_name="9")
        processing.finish(tx, build_id, 1, verdict, at(3))

    def attach(self, tx: Connection, build_id: BuildId, chance: random.Random) -> None:
        builds.get(tx, self.scope, build_id, hold=True)
        build_files.insert_files(tx, [file_row(build_id, FileType.ATTACHMENT) for _ in range(2)])

    def delete(self, tx: Connection, build_id: BuildId, chance: random.Random) -> None:
        builds.delete_build(tx, self.scope, build_id)


def test_a_crowd_leaves_every_counter_right(database: Database) -> None:
    with database.transaction() as tx:
        crowd = Crowd(database, add_app(tx))
        for _ in range(6):
            crowd.upload(tx, BuildId(""), random.Random(0))
    run_together([partial(crowd.run, seed) for seed in range(THREADS)])
    assert crowd.failures == []
    with database.read() as tx:
        columns = tables.builds.c
        rows = tx.execute(select(columns.status, columns.os, columns.version_name)).all()
        counters, by_version = tables.build_counts.c, tables.build_version_counts.c
        assert {
            (r.status, r.os): r.builds for r in tx.execute(select(counters.status, counters.os, counters.builds))
        } == (Counter((row.status, row.os) for row in rows))
        found = tx.execute(select(by_version.version_name, by_version.status, by_version.os, by_version.builds))
        assert {(r.version_name, r.status, r.os): r.builds for r in found} == (
            Counter((row.version_name, row.status, row.os) for row in rows)
        )
        positions = tx.execute(select(tables.build_files.c.build_id, tables.build_files.c.position)).all()
        assert len(positions) == len(set(positions))


def test_a_page_and_its_total_are_of_one_moment(database: Database) -> None:
    with database.transaction() as tx:
        scope = add_app(tx)
    stopping = threading.Event()
    seen: list[tuple[int, int]] = []

    def add() -> None:
        for _ in range(60):
            with database.transaction() as tx:
                builds.insert_build(tx, scope, new_build())
        stopping.set()

    def look() -> None:
        while not stopping.is_set():
            with database.read() as tx:
                _, page = builds.search(tx, scope, BuildQuery(limit=1000))
                counted = tx.scalar(select(func.count()).where(tables.builds.c.app_id == scope.app_id))
                seen.append((len(page.items), page.total))
                assert counted == page.total

    run_together([add, look, look])
    assert seen
    assert all(items == total for items, total in seen)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_looking_cannot_change_anything(database: Database) -> None:
    with database.read() as tx:
        assert tx.exec_driver_sql("SHOW transaction_read_only").scalar() == "on"
    with database.transaction() as tx:
        assert tx.exec_driver_sql("SHOW transaction_read_only").scalar() == "off"
        assert tx.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"


def test_a_total_is_counted_by_nobody_twice(database: Database) -> None:
    """Eight delete the same build: one succeeds, and it is counted out once."""
    with database.transaction() as tx:
        scope = add_app(tx)
        kept, lost = new_build(), new_build()
        builds.insert_build(tx, scope, kept)
        builds.insert_build(tx, scope, lost)
    outcomes: list[str] = []

    def delete() -> None:
        try:
            with database.transaction() as tx:
                builds.delete_build(tx, scope, lost.id)
            outcomes.append("deleted")
        except EntityNotFound:
            outcomes.append("gone")

    run_together([delete] * 8)
    assert sorted(outcomes) == ["deleted"] + ["gone"] * 7
    with database.read() as tx:
        assert builds.search(tx, scope, BuildQuery())[1].total == 1


def run_together(calls: list[Callable[[], object]]) -> None:
    failures: list[BaseException] = []
    together = threading.Barrier(len(calls))

    def guarded(call: Callable[[], object]) -> None:
        together.wait()
        try:
            call()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
