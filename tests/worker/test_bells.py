"""Jobs of this process start at once however rarely the queue is looked at, and nothing waits for ever without a bell."""

import threading
import time
from functools import partial

import pytest
from sqlalchemy import text

from seatrial.db.engine import Database, after_commit
from seatrial.domain.ids import BuildId, new_entity_id
from seatrial.worker import bells, callers, engine
from seatrial.worker.jobs import EngineJobs
from tests.worker.conftest import StartWorker
from tests.worker.watching import job_states, wait_for

NEVER = 1000.0


def settled(
    monkeypatch: pytest.MonkeyPatch, start_worker: StartWorker, quiet_seconds: float, told_seconds: float | None = None
) -> list[str]:
    """Start a worker, let its first looks be over, and give the list of what it does."""
    done: list[str] = []
    monkeypatch.setattr(bells, "QUIET_SECONDS", quiet_seconds)
    monkeypatch.setattr(bells, "TOLD_SECONDS", told_seconds or quiet_seconds)
    waits = watched(monkeypatch)
    start_worker(lambda build_id, _: done.append(build_id), has_bells=True)
    least = (told_seconds or quiet_seconds) / 2
    wait_for(lambda: waits.get(bells._bells.get("builds"), 0.0) >= least)
    return done


def watched(monkeypatch: pytest.MonkeyPatch) -> "dict[bells.Bell | None, float]":
    """Give, and keep up to date, for how long each queue is left alone."""
    waits: dict[bells.Bell | None, float] = {}
    seconds = bells.Patience._seconds

    def noted(patience: bells.Patience, said: float) -> float:
        waits[patience._bell] = found = seconds(patience, said)
        return found

    monkeypatch.setattr(bells.Patience, "_seconds", noted)
    return waits


def add(database: Database, jobs: EngineJobs, count: int) -> list[str]:
    ids = [new_entity_id() for _ in range(count)]
    with database.transaction() as tx:
        for build_id in ids:
            jobs.process_build(tx, BuildId(build_id), 1)
    return ids


def test_jobs_of_this_process_need_no_look_on_the_off_chance(
    database: Database, jobs: EngineJobs, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = settled(monkeypatch, start_worker, NEVER)
    added: list[str] = []
    for count in (1, 7):  # more than run at a time: each that ends makes room for the next
        added += add(database, jobs, count)
        wait_for(partial(set(added).issubset, done))
        time.sleep(0.5)
    wait_for(lambda: set(job_states(database).values()) == {"SUCCESS"})


def test_jobs_of_other_processes_are_found_by_looking(
    database: Database, jobs: EngineJobs, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = settled(monkeypatch, start_worker, 0.2)
    monkeypatch.setattr("seatrial.worker.jobs.after_commit", lambda _tx, _call: None)
    ids = add(database, jobs, 3)
    wait_for(lambda: set(ids) <= set(done))


def test_a_worker_stops_at_once_however_patient_it_is(
    start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bells, "QUIET_SECONDS", NEVER)
    monkeypatch.setattr(bells, "TOLD_SECONDS", NEVER)
    waits = watched(monkeypatch)
    worker = start_worker(lambda *_: None, has_bells=True)
    wait_for(lambda: waits.get(bells._bells.get("builds"), 0.0) >= NEVER / 2)
    assert worker.stop(1)
    # One that has not ended after ten seconds is left behind by the engine.
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("queue-worker-")]


def test_what_is_to_follow_a_commit_does_not_follow_a_roll_back(database: Database) -> None:
    rung: list[str] = []

    def ring() -> None:
        rung.append("bell")

    def fail() -> None:
        with database.transaction() as tx:
            after_commit(tx, ring)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.transaction():
        assert rung == []
    assert rung == []
    with database.transaction() as tx:
        after_commit(tx, ring)
        after_commit(tx, ring)
        assert rung == []
    assert rung == ["bell"]


def test_the_database_passes_on_what_other_processes_add(
    database: Database, jobs: EngineJobs, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.is_sqlite:
        pytest.skip("only PostgreSQL can pass anything on")
    done = settled(monkeypatch, start_worker, NEVER)
    monkeypatch.setattr("seatrial.worker.jobs.after_commit", lambda _tx, _call: None)  # as in another process
    for _ in range(2):
        ids = add(database, jobs, 3)
        wait_for(partial(set(ids).issubset, done))
        time.sleep(0.3)


def test_who_is_told_no_longer_looks_again_soon(
    database: Database, jobs: EngineJobs, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.is_sqlite:
        pytest.skip("only PostgreSQL can pass anything on")
    monkeypatch.setattr(callers, "_AGAIN_SECONDS", NEVER)
    done = settled(monkeypatch, start_worker, 0.1, told_seconds=NEVER)
    monkeypatch.setattr("seatrial.worker.jobs._announce", lambda _tx, _queue: None)
    ids = add(database, jobs, 3)
    time.sleep(0.5)
    assert done == []
    cut_listeners(database)
    wait_for(lambda: set(ids) <= set(done))


def test_a_job_that_was_put_off_begins_when_it_is_due(
    database: Database, jobs: EngineJobs, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bells, "QUIET_SECONDS", NEVER)
    monkeypatch.setattr(bells, "TOLD_SECONDS", NEVER)
    tries: list[float] = []

    def fail(_build_id: str, _attempt: int) -> None:
        tries.append(time.monotonic())
        raise ZeroDivisionError

    start_worker(fail, has_bells=True, back_off_seconds=(0.2, 0.4))
    add(database, jobs, 1)
    wait_for(lambda: len(tries) == 3)
    assert tries[1] - tries[0] >= 0.2
    assert tries[2] - tries[1] >= 0.4


def cut_listeners(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = :said"),
            {"said": f"LISTEN {callers.CHANNEL}"},
        )


def test_who_listens_goes_on_when_its_connection_broke(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    if database.is_sqlite:
        pytest.skip("only PostgreSQL can pass anything on")
    monkeypatch.setattr(callers, "_AGAIN_SECONDS", 0.05)
    heard: list[str] = []
    changes: list[bool] = []
    connections = engine.connections(database)
    listener = callers.Listener(connections, heard.append, lambda: changes.append(listener.listening.is_set()))
    listener.start()
    try:
        wait_for(listener.listening.is_set)
        cut_listeners(database)

        def is_heard() -> bool:
            with database.transaction() as tx:
                callers.tell(tx, "builds")
            return "builds" in heard

        wait_for(is_heard)
    finally:
        listener.stop()
        connections.dispose()
    assert changes == [True, False, True, False]
