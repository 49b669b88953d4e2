"""Kills processes that enqueue and work, at random instants, and reports what they did. Run by test_engine_kills.py.

A process of its own, because it forks: every node is a fork of one interpreter that has imported everything, so that 30
deaths cost seconds. It starts no thread and opens no database before it forks.

    python -m tests.faults.engine_campaign DATA_DIR DATABASE_URL SEED KILLS
"""

import itertools
import os
import random
import signal
import sys
import threading
import time
import traceback
from pathlib import Path

from sqlalchemy import Column, Float, Integer, MetaData, String, Table, func, insert, select, update

from seatrial.db import tables
from seatrial.db.engine import Database
from seatrial.db.executors import ExecutorRole
from seatrial.domain.clock import utc_now
from seatrial.domain.ids import BuildId, new_entity_id
from seatrial.worker.executors import Executors
from seatrial.worker.jobs import EngineJobs
from seatrial.worker.worker import Worker

LIFE_SECONDS = (0.05, 0.9)
AT_WORK_SECONDS = 60.0
"""How long it is waited for somebody to be at work before a kill, on a machine that is busy with something else."""
STEPS = 3
IDLE_DEADLINE_SECONDS = 120.0

metadata = MetaData()
orders = Table(
    "orders",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("steps", Integer, nullable=False, default=0),
    Column("outcome", String(24)),
)
runs = Table(
    "runs",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("order_id", String(24), nullable=False),
    Column("executor", String(24), nullable=False),
    Column("started", Float, nullable=False),
    Column("ended", Float),
)


class Node:
    """One server with its worker: it adds jobs with rows of its own, and works them off."""

    def __init__(self, data_dir: Path, url: str, seed: int, *, enqueues: bool) -> None:
        self.id = new_entity_id()
        self.random = random.Random(seed)
        self.enqueues = enqueues
        self.data_dir = data_dir
        self.database = Database(url)
        self.stopping = threading.Event()

    def run(self) -> None:
        make_tables(self.database)
        jobs = EngineJobs(self.database)
        jobs.ready()
        executors = Executors(
            self.database,
            self.data_dir,
            self.id,
            ExecutorRole.API,
            now=utc_now,
            on_death=[jobs.take_over],
            owners=jobs.owners,
            beat_seconds=0.3,
            sweep_seconds=0.3,
        )
        executors.start()
        self.note("started", f"{self.id} {os.getpid()}")
        worker = Worker(jobs, self.id, self.process, self.give_up, now=utc_now, concurrency=2, audit_seconds=1.0)
        worker.start()
        if self.enqueues:
            self.enqueue_for_ever(jobs)
        self.wait_until_idle(jobs)
        worker.stop(10)
        executors.stop()

    def enqueue_for_ever(self, jobs: EngineJobs) -> None:
        while True:
            order_id = BuildId(new_entity_id())
            with self.database.transaction() as tx:
                tx.execute(insert(orders).values(id=order_id))
                jobs.process_build(tx, order_id, 1)
                if refused := self.random.random() < 0.2:
                    self.note("rolled_back", order_id)
                    tx.rollback()
            if not refused:
                self.note("acknowledged", order_id)
            time.sleep(self.random.uniform(0.0, 0.06))

    def process(self, order_id: str, attempt: int) -> None:
        run_id = new_entity_id()
        with self.database.transaction() as tx:
            tx.execute(insert(runs).values(id=run_id, order_id=order_id, executor=self.id, started=time.monotonic()))
        for _ in range(STEPS):
            time.sleep(self.random.uniform(0.002, 0.02))
            with self.database.transaction() as tx:
                tx.execute(update(orders).where(orders.c.id == order_id).values(steps=orders.c.steps + 1))
        with self.database.transaction() as tx:
            tx.execute(update(orders).where(orders.c.id == order_id, orders.c.outcome.is_(None)).values(outcome=run_id))
            tx.execute(update(runs).where(runs.c.id == run_id).values(ended=time.monotonic()))

    def give_up(self, order_id: str, attempt: int, error: Exception) -> None:
        self.note("given_up", f"{order_id} {attempt} {error!r}")

    def wait_until_idle(self, jobs: EngineJobs) -> None:
        deadline = time.monotonic() + IDLE_DEADLINE_SECONDS
        while time.monotonic() < deadline:
            with self.database.read() as tx:
                if not tx.scalar(select(func.count()).where(orders.c.outcome.is_(None))) and not jobs.owners():
                    return
            time.sleep(0.05)

    def note(self, kind: str, text: str) -> None:
        """Append a line beside the database; a write that a kill -9 cannot undo, as the page cache survives it."""
        descriptor = os.open(self.data_dir / kind, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, f"{text}\n".encode())
        os.close(descriptor)


def make_tables(database: Database) -> None:
    with database.transaction() as tx:
        if not database.is_sqlite:  # nodes may start together, as after an upgrade of the whole house
            tx.execute(select(func.pg_advisory_xact_lock(1)))
        tables.executors.create(tx, checkfirst=True)
        metadata.create_all(tx)


def fork_node(data_dir: Path, url: str, seed: int, *, enqueues: bool) -> int:
    child = os.fork()
    if child:
        return child
    try:
        Node(data_dir, url, seed, enqueues=enqueues).run()
        os._exit(0)
    finally:  # a fork must never return into its parent's loop
        traceback.print_exc()
        os._exit(1)


def kill(data_dir: Path, victim: int) -> None:
    os.kill(victim, signal.SIGKILL)
    _, status = os.waitpid(victim, 0)
    if not os.WIFSIGNALED(status):
        raise RuntimeError("a node ended by itself")
    with (data_dir / "killed").open("a") as file:
        file.write(f"{victim} {time.monotonic()}\n")


def run_alone(data_dir: Path, url: str, seed: int) -> None:
    _, status = os.waitpid(fork_node(data_dir, url, seed, enqueues=False), 0)
    if status:
        raise RuntimeError("a node failed")


def acknowledged(data_dir: Path) -> int:
    path = data_dir / "acknowledged"
    return len(path.read_text().splitlines()) if path.exists() else 0


def await_work(data_dir: Path, before: int) -> None:
    deadline = time.monotonic() + AT_WORK_SECONDS
    while acknowledged(data_dir) <= before and time.monotonic() < deadline:
        time.sleep(0.005)


def main(data_dir: Path, url: str, seed: int, kills: int) -> None:
    chance = random.Random(seed)
    run_alone(data_dir, url, seed)  # makes the database
    alive: list[int] = []
    try:
        for killed in itertools.count():
            done = acknowledged(data_dir)
            if killed >= kills and done > kills:
                break
            while len(alive) < chance.choice((1, 1, 2)):
                alive.append(fork_node(data_dir, url, chance.getrandbits(32), enqueues=True))
            if chance.random() < 0.5:  # the other half may die before they have begun, on a busy machine all of them
                await_work(data_dir, done)
            time.sleep(chance.uniform(*LIFE_SECONDS))
            kill(data_dir, alive.pop(chance.randrange(len(alive))))
    finally:
        for survivor in alive:
            kill(data_dir, survivor)
    run_alone(data_dir, url, seed)  # does what is left


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
