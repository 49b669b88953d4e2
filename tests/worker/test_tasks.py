"""Tasks as jobs: with their transaction, once per turn, after their delay, tried again, given up, and never in the way."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import text

from seatrial.db.engine import Database
from seatrial.domain.clock import utc_now
from seatrial.services.jobs import Task
from seatrial.worker.jobs import EngineJobs
from seatrial.worker.workflows import TaskCalls
from tests.worker.conftest import StartWorker
from tests.worker.watching import BUILD, engine_table, job_states, wait_for

SUBJECT = "6b013db13d3958c8eb1e8665"


def ask(database: Database, jobs: EngineJobs, task: Task = Task.NOTIFY, turn: int = 0, delay: float = 0) -> None:
    with database.transaction() as tx:
        jobs.request(tx, task, SUBJECT, turn, delay)


def test_a_task_exists_if_the_caller_commits_and_once_per_turn(database: Database, jobs: EngineJobs) -> None:
    with database.transaction() as tx:
        jobs.request(tx, Task.NOTIFY, SUBJECT)
        tx.rollback()
    assert job_states(database) == {}
    ask(database, jobs)
    ask(database, jobs)
    ask(database, jobs, turn=1)
    assert len(job_states(database)) == 2


@pytest.mark.parametrize("task", list(Task))
def test_every_task_is_performed(task: Task, database: Database, jobs: EngineJobs, start_worker: StartWorker) -> None:
    done: list[str] = []
    ask(database, jobs, task)
    start_worker(lambda *_: None, tasks={task: TaskCalls(done.append, done.append)})
    wait_for(lambda: set(job_states(database).values()) == {"SUCCESS"})
    assert done == [SUBJECT]


def test_a_delay_is_waited_out(database: Database, jobs: EngineJobs, start_worker: StartWorker) -> None:
    began: list[float] = []
    start_worker(lambda *_: None, tasks={Task.NOTIFY: TaskCalls(lambda _: began.append(time.time()), lambda _: None)})
    asked = time.time()
    ask(database, jobs, delay=1.0)
    wait_for(lambda: bool(began))
    assert began[0] - asked >= 1.0


def test_who_waits_by_a_clock_that_was_ahead_waits_no_longer(database: Database, jobs: EngineJobs) -> None:
    ask(database, jobs, delay=100)
    now = utc_now()
    assert jobs.hurry(now) == 0
    assert jobs.hurry(now - timedelta(days=1)) == 1
    with database.read() as tx:
        until = tx.scalar(text(f"SELECT delay_until_epoch_ms FROM {engine_table(database, 'workflow_status')}"))
    assert until / 1000 <= time.time()


def test_failures_are_tried_again_and_then_given_up(
    database: Database, jobs: EngineJobs, start_worker: StartWorker
) -> None:
    tries: list[str] = []
    given_up: list[str] = []

    def fail(subject: str) -> None:
        tries.append(subject)
        raise OSError("the mail server is away")

    start_worker(lambda *_: None, tasks={Task.NOTIFY: TaskCalls(fail, given_up.append)}, back_off_seconds=(0.05, 0.05))
    ask(database, jobs)
    wait_for(lambda: bool(given_up))
    assert (len(tries), given_up) == (3, [SUBJECT])


def test_a_worker_that_does_not_know_a_task_leaves_it(
    database: Database, jobs: EngineJobs, start_worker: StartWorker
) -> None:
    ask(database, jobs)
    with database.transaction() as tx:
        jobs.process_build(tx, BUILD, 1)
    start_worker(lambda *_: None)
    wait_for(lambda: job_states(database)[f"{BUILD}:1"] == "SUCCESS")
    assert sorted(job_states(database).values()) == ["ENQUEUED", "SUCCESS"]


def test_receivers_that_do_not_answer_hold_up_neither_mails_nor_builds(
    database: Database, jobs: EngineJobs, start_worker: StartWorker
) -> None:
    answer = threading.Event()
    done: list[str] = []

    def never_answer(_subject: str) -> None:
        answer.wait(60)

    start_worker(
        lambda build_id, _: done.append(build_id),
        tasks={
            Task.DELIVER_WEBHOOK: TaskCalls(never_answer, lambda _: None),
            Task.SEND_MAILS: TaskCalls(done.append, done.append),
        },
    )
    for turn in range(20):
        ask(database, jobs, Task.DELIVER_WEBHOOK, turn)
    ask(database, jobs, Task.SEND_MAILS)
    with database.transaction() as tx:
        jobs.process_build(tx, BUILD, 1)
    try:
        wait_for(lambda: len(done) == 2)
    finally:
        answer.set()
    assert sorted(done) == sorted([SUBJECT, BUILD])
