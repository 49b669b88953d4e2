"""Apps take turns: one app's flood holds no other app's build up."""

from seatrial.db import build_queue, builds, processing
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope
from seatrial.domain.clock import utc_now
from seatrial.domain.ids import BuildId
from seatrial.worker.jobs import EngineJobs
from tests.db.sample_rows import add_app, new_build
from tests.worker.conftest import StartWorker
from tests.worker.watching import wait_for

FLOOD = 20


def upload(database: Database, jobs: EngineJobs, scope: AppScope, count: int) -> list[str]:
    made = [new_build() for _ in range(count)]
    for each in made:
        with database.transaction() as tx:
            builds.insert_build(tx, scope, each)
            jobs.process_build(tx, each.id, 1)
    return [each.id for each in made]


def test_a_flood_is_interrupted_by_whoever_comes(
    database: Database, jobs: EngineJobs, start_worker: StartWorker
) -> None:
    with database.transaction() as tx:
        flooding, quiet, late = add_app(tx), add_app(tx), add_app(tx)
    flood = upload(database, jobs, flooding, FLOOD)
    [first, second] = upload(database, jobs, quiet, 2)
    taken: list[str] = []
    latecomers: list[str] = []

    def process(build_id: str, _attempt: int) -> None:
        if len(taken) == FLOOD // 2:
            latecomers.extend(upload(database, jobs, late, 1))
        taken.append(build_id)
        with database.transaction() as tx:
            assert processing.claim(tx, BuildId(build_id), 1, utc_now()) is not None

    start_worker(process, concurrency=1)
    wait_for(lambda: len(taken) == FLOOD + 3)
    assert taken.index(first) <= 2
    assert taken.index(second) <= 4
    assert taken.index(latecomers[0]) <= FLOOD // 2 + 3
    assert [each for each in taken if each in set(flood)] == flood


def test_a_hundred_of_one_app_leave_the_front_to_another(database: Database) -> None:
    with database.transaction() as tx:
        flooding, other = add_app(tx), add_app(tx)
        places = []
        for _ in range(100):
            each = new_build()
            builds.insert_build(tx, flooding, each)
            places.append(build_queue.join(tx, each.id))
        assert places == list(range(1, 101))
        theirs = new_build()
        builds.insert_build(tx, other, theirs)
        assert build_queue.join(tx, theirs.id) == 1
        assert build_queue.join(tx, BuildId("0" * 24)) == 0
