from datetime import timedelta

from sqlalchemy import text

from seatrial.db.engine import Database
from seatrial.domain.clock import utc_now
from seatrial.services.jobs import Jobs
from seatrial.worker.jobs import EngineJobs
from tests.worker.conftest import StartWorker
from tests.worker.watching import BUILD, engine_table, job_states, wait_for


def test_a_job_exists_if_the_caller_commits(database: Database, jobs: EngineJobs) -> None:
    with database.transaction() as tx:
        jobs.process_build(tx, BUILD, 1)
    assert job_states(database) == {f"{BUILD}:1": "ENQUEUED"}


def test_a_job_does_not_exist_if_the_caller_rolls_back(database: Database, jobs: EngineJobs) -> None:
    with database.transaction() as tx:
        jobs.process_build(tx, BUILD, 1)
        tx.rollback()
    assert job_states(database) == {}


def test_an_attempt_is_made_once_however_often_it_is_asked_for(
    database: Database, jobs: EngineJobs, start_worker: StartWorker
) -> None:
    made: list[tuple[str, int]] = []
    with database.transaction() as tx:
        jobs.process_build(tx, BUILD, 1)
        jobs.process_build(tx, BUILD, 1)
    start_worker(lambda build_id, attempt: made.append((build_id, attempt)))
    wait_for(lambda: job_states(database) == {f"{BUILD}:1": "SUCCESS"})
    with database.transaction() as tx:
        jobs.process_build(tx, BUILD, 1)
        jobs.process_build(tx, BUILD, 2)
    wait_for(lambda: job_states(database) == {f"{BUILD}:1": "SUCCESS", f"{BUILD}:2": "SUCCESS"})
    assert made == [(BUILD, 1), (BUILD, 2)]


def test_it_fits_the_door_of_the_services(database: Database, jobs: EngineJobs) -> None:
    door: Jobs = jobs
    with database.transaction() as tx:
        door.process_build(tx, BUILD, 3)
    assert job_states(database) == {f"{BUILD}:3": "ENQUEUED"}


def test_ready_may_be_called_by_every_process_that_starts(jobs: EngineJobs, database: Database) -> None:
    with database.transaction() as tx:
        jobs.process_build(tx, BUILD, 1)
    jobs.ready()
    assert job_states(database) == {f"{BUILD}:1": "ENQUEUED"}


def test_prune_forgets_ended_jobs_only_and_only_old_ones(
    database: Database, jobs: EngineJobs, start_worker: StartWorker
) -> None:
    with database.transaction() as tx:
        jobs.process_build(tx, BUILD, 1)
    worker = start_worker(lambda *_: None)
    wait_for(lambda: job_states(database) == {f"{BUILD}:1": "SUCCESS"})
    worker.stop(10)
    with database.transaction() as tx:
        jobs.process_build(tx, BUILD, 2)
    assert jobs.prune(utc_now() - timedelta(days=7)) == 0
    assert jobs.prune(utc_now() + timedelta(seconds=1)) == 1
    assert job_states(database) == {f"{BUILD}:2": "ENQUEUED"}
    with database.read() as tx:
        assert tx.scalar(text(f"SELECT count(*) FROM {engine_table(database, 'workflow_input')}")) == 1
        assert tx.scalar(text(f"SELECT count(*) FROM {engine_table(database, 'workflow_output')}")) == 0
