"""Attachments as jobs: as durable as builds, tried again, given up in the end, and in a queue of their own."""

from sqlalchemy import text

from seatrial.db.engine import Database
from seatrial.domain.ids import FileId
from seatrial.services.jobs import Jobs
from seatrial.worker.jobs import EngineJobs
from seatrial.worker.workflows import AttachmentCalls
from tests.worker.conftest import StartWorker
from tests.worker.watching import BUILD, engine_table, job_states, wait_for

FILE = FileId("2SWkDbddHBNUaVImZINcZzVN")


def ask(database: Database, jobs: Jobs) -> None:
    with database.transaction() as tx:
        jobs.understand_attachment(tx, FILE)


def queues(database: Database) -> dict[str, str]:
    statement = f"SELECT workflow_uuid, queue_name FROM {engine_table(database, 'workflow_status')}"
    with database.read() as tx:
        return {row[0]: row[1] for row in tx.execute(text(statement))}


def test_a_job_exists_if_the_caller_commits_and_once(database: Database, jobs: EngineJobs) -> None:
    with database.transaction() as tx:
        jobs.understand_attachment(tx, FILE)
        tx.rollback()
    assert job_states(database) == {}
    ask(database, jobs)
    ask(database, jobs)
    assert job_states(database) == {f"attachment:{FILE}": "ENQUEUED"}


def test_attachments_and_builds_are_done_by_one_worker(
    database: Database, jobs: EngineJobs, start_worker: StartWorker
) -> None:
    done: list[str] = []
    ask(database, jobs)
    with database.transaction() as tx:
        jobs.process_build(tx, BUILD, 1)
    start_worker(lambda build_id, _: done.append(build_id), attachments=AttachmentCalls(done.append, done.append))
    wait_for(lambda: set(job_states(database).values()) == {"SUCCESS"})
    assert sorted(done) == sorted([FILE, BUILD])


def test_a_worker_that_does_not_know_attachments_leaves_them(
    database: Database, jobs: EngineJobs, start_worker: StartWorker
) -> None:
    ask(database, jobs)
    with database.transaction() as tx:
        jobs.process_build(tx, BUILD, 1)
    start_worker(lambda *_: None)
    wait_for(lambda: job_states(database)[f"{BUILD}:1"] == "SUCCESS")
    assert job_states(database)[f"attachment:{FILE}"] == "ENQUEUED"


def test_failures_are_tried_again_and_then_given_up(
    database: Database, jobs: EngineJobs, start_worker: StartWorker
) -> None:
    tried: list[str] = []
    given_up: list[str] = []

    def fail(file_id: FileId) -> None:
        tried.append(file_id)
        raise OSError("no storage")

    ask(database, jobs)
    calls = AttachmentCalls(fail, given_up.append)
    start_worker(lambda *_: None, attachments=calls, back_off_seconds=(0.01, 0.01))
    wait_for(lambda: given_up)
    assert tried == [FILE] * 3
    wait_for(lambda: set(job_states(database).values()) == {"SUCCESS"})
    assert given_up == [FILE]


def test_the_living_take_over_what_the_dead_left(
    database: Database, jobs: EngineJobs, start_worker: StartWorker
) -> None:
    ask(database, jobs)
    with database.transaction() as tx:
        jobs.process_build(tx, BUILD, 1)
        claimed = "status = 'PENDING', executor_id = 'dead', started_at_epoch_ms = 1"
        tx.execute(text(f"UPDATE {engine_table(database, 'workflow_status')} SET {claimed}"))
    assert set(jobs.claimed_by("dead")) == {f"attachment:{FILE}", f"{BUILD}:1"}
    jobs.take_over("dead")
    assert queues(database) == {f"attachment:{FILE}": "attachments", f"{BUILD}:1": "builds"}
    done: list[str] = []
    start_worker(lambda build_id, _: done.append(build_id), attachments=AttachmentCalls(done.append, done.append))
    wait_for(lambda: set(job_states(database).values()) == {"SUCCESS"})
    assert sorted(done) == sorted([FILE, BUILD])
