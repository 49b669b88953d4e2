import threading
import time
from collections import Counter

import pytest

from seatrial.db.engine import Database
from seatrial.domain.ids import BuildId, new_entity_id
from seatrial.worker.jobs import EngineJobs
from seatrial.worker.workflows import Slots, Unfinished
from tests.worker.conftest import StartWorker
from tests.worker.watching import BUILD, job_states, wait_for


def enqueue(database: Database, jobs: EngineJobs, count: int = 1) -> list[str]:
    build_ids = [str(BUILD)] if count == 1 else [new_entity_id() for _ in range(count)]
    with database.transaction() as tx:
        for build_id in build_ids:
            jobs.process_build(tx, BuildId(build_id), 1)
    return build_ids


def test_an_error_is_tried_again_and_the_last_one_is_reported_once(
    database: Database, jobs: EngineJobs, start_worker: StartWorker
) -> None:
    tries: list[int] = []
    reported: list[tuple[str, int, str]] = []

    def fail(build_id: str, attempt: int) -> None:
        tries.append(attempt)
        raise OSError(f"try {len(tries)}")

    enqueue(database, jobs)
    start_worker(
        fail,
        lambda build_id, attempt, error: reported.append((build_id, attempt, str(error))),
        back_off_seconds=(0.01, 0.01),
    )
    wait_for(lambda: reported)
    wait_for(lambda: set(job_states(database).values()) == {"SUCCESS"})
    assert tries == [1, 1, 1]
    assert reported == [(BUILD, 1, "try 3")]


def test_waiting_for_a_retry_holds_up_nobody_else(
    database: Database, jobs: EngineJobs, start_worker: StartWorker
) -> None:
    done: list[str] = []

    def process(build_id: str, attempt: int) -> None:
        if build_id == BUILD:
            raise OSError("not now")
        done.append(build_id)

    enqueue(database, jobs)
    others = enqueue(database, jobs, 5)
    start_worker(process, concurrency=1, back_off_seconds=(600.0,))
    wait_for(lambda: sorted(done) == sorted(others))
    assert job_states(database)[f"{BUILD}:1:1"] == "DELAYED"


def test_a_failure_that_cannot_be_noted_is_not_an_end(
    database: Database, jobs: EngineJobs, start_worker: StartWorker
) -> None:
    calls: list[str] = []

    def fail(build_id: str, attempt: int) -> None:
        raise OSError("no")

    def report(build_id: str, attempt: int, error: Exception) -> None:
        calls.append(build_id)
        if len(calls) < 3:
            raise ConnectionError("the database is away")

    enqueue(database, jobs)
    start_worker(fail, report)
    wait_for(lambda: job_states(database) == {f"{BUILD}:1": "SUCCESS"})
    assert calls == [BUILD] * 3


def test_never_more_jobs_at_a_time_than_allowed_even_after_a_takeover(
    database: Database, jobs: EngineJobs, start_worker: StartWorker
) -> None:
    lock = threading.Lock()
    now_running: Counter[str] = Counter()
    most = [0]
    seen: list[str] = []
    both = threading.Barrier(2, timeout=60)

    def process(build_id: str, attempt: int) -> None:
        with lock:
            now_running["jobs"] += 1
            most[0] = max(most[0], now_running["jobs"])
        both.wait()  # two at a time there must be
        time.sleep(0.02)  # in which a third one would show
        with lock:
            now_running["jobs"] -= 1
            seen.append(build_id)

    def die(build_id: str, attempt: int) -> None:
        raise Unfinished

    build_ids = enqueue(database, jobs, 12)
    doomed = start_worker(die, executor_id="doomed", concurrency=12)
    wait_for(lambda: len(jobs.claimed_by("doomed")) == 12)
    doomed.stop(10)
    jobs.take_over("doomed")
    start_worker(process, concurrency=2)
    wait_for(lambda: sorted(seen) == sorted(build_ids))
    assert most[0] == 2


def test_stop_waits_for_what_runs_and_gives_back_what_has_not_begun(
    database: Database, jobs: EngineJobs, start_worker: StartWorker
) -> None:
    begun, let_go = threading.Event(), threading.Event()
    done: list[str] = []

    def slow(build_id: str, attempt: int) -> None:
        begun.set()
        assert let_go.wait(30)
        done.append(build_id)

    build_ids = enqueue(database, jobs, 4)
    worker = start_worker(slow, concurrency=1, executor_id="first")
    assert begun.wait(30)
    threading.Timer(1.0, let_go.set).start()
    assert worker.stop(30)
    assert len(done) == 1
    assert not jobs.claimed_by("first")
    assert Counter(job_states(database).values()) == {"SUCCESS": 1, "ENQUEUED": 3}

    start_worker(lambda build_id, _: done.append(build_id))
    wait_for(lambda: sorted(done) == sorted(build_ids))


def test_a_job_that_outlasts_the_stop_is_left_to_the_next_executor_and_not_blamed(
    database: Database, jobs: EngineJobs, start_worker: StartWorker
) -> None:
    begun, let_go = threading.Event(), threading.Event()
    reported: list[str] = []

    def slow(build_id: str, attempt: int) -> None:
        begun.set()
        assert let_go.wait(30)
        raise OSError("its files were closed under it")

    enqueue(database, jobs)
    worker = start_worker(slow, lambda build_id, *_: reported.append(build_id), executor_id="first")
    assert begun.wait(30)
    assert not worker.stop(0.05)
    let_go.set()
    wait_for(lambda: not [thread for thread in threading.enumerate() if "dbos-executor" in thread.name])
    assert not reported
    assert set(jobs.claimed_by("first")) == {f"{BUILD}:1"}

    jobs.take_over("first")
    start_worker(lambda *_: None)
    wait_for(lambda: job_states(database) == {f"{BUILD}:1": "SUCCESS"})


def test_a_job_that_the_engine_dropped_is_put_back(
    database: Database, jobs: EngineJobs, start_worker: StartWorker
) -> None:
    calls: list[str] = []

    def dropped_once(build_id: str, attempt: int) -> None:
        calls.append(build_id)
        if len(calls) == 1:
            raise Unfinished

    enqueue(database, jobs)
    start_worker(dropped_once)
    wait_for(lambda: job_states(database) == {f"{BUILD}:1": "SUCCESS"})
    assert len(calls) == 2


def test_a_long_job_is_not_taken_for_a_dropped_one(
    database: Database, jobs: EngineJobs, start_worker: StartWorker
) -> None:
    calls: list[str] = []

    def long(build_id: str, attempt: int) -> None:
        calls.append(build_id)
        time.sleep(0.8)  # eight audits

    enqueue(database, jobs)
    start_worker(long)
    wait_for(lambda: job_states(database) == {f"{BUILD}:1": "SUCCESS"})
    assert len(calls) == 1


def test_slots_send_those_away_who_wait_when_the_process_stops() -> None:
    slots = Slots(1)
    slots.stop_admitting()
    threading.Timer(0.05, slots.close).start()
    with pytest.raises(Unfinished), slots.hold("a"):
        pytest.fail("it was let in")
    assert slots.known() == set()
