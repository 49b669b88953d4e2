"""The durable engine (DBOS) as this house runs it: its tables in our database, its threads in our process.

Why, and what was measured: docs/decisions/0003-job-engine.md.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer
from sqlalchemy import (
    BigInteger,
    ColumnClause,
    Engine,
    TableClause,
    Text,
    column,
    create_engine,
    event,
    func,
    literal_column,
    select,
    table,
)

from seatrial.db.engine import Database, well_connected
from seatrial.services.jobs import Task
from seatrial.worker import bells

APPLICATION = "seatrial"
APPLICATION_VERSION = "1"
"""Pinned: the engine's default is a hash of the code, and an upgrade would strand every job that waits.

Raise it only if a job's arguments change so that the new code cannot take the old ones.
"""
QUEUE = "builds"
PROCESS_BUILD = "process_build"
ATTACHMENTS_QUEUE = "attachments"
"""A queue of its own: a worker of a version that does not know these jobs does not take them either."""
UNDERSTAND_ATTACHMENT = "understand_attachment"


@dataclass(frozen=True, slots=True)
class TaskQueue:
    """Tasks that share a limit: how many one worker runs at a time."""

    name: str
    concurrency: int


# Receivers of webhooks may be slow, and mail servers too: none of them may hold up the other, or a build.
_MAILS, _WEBHOOKS = TaskQueue("mails", 2), TaskQueue("webhooks", 8)
TASK_QUEUES: Mapping[Task, TaskQueue] = {
    Task.NOTIFY: _MAILS,
    Task.SEND_MAILS: _MAILS,
    Task.DELIVER_WEBHOOK: _WEBHOOKS,
}

QUEUES = (QUEUE, ATTACHMENTS_QUEUE, *sorted({queue.name for queue in TASK_QUEUES.values()}))

POLLING_SECONDS = 0.09
"""How often a worker looks for jobs: half of it is the mean wait, and every look costs about 2 ms of one core."""
ATTACHMENTS_POLLING_SECONDS = 0.5
"""The same for attachments, for which nobody waits."""
TASKS_POLLING_SECONDS = 0.5
"""The same for mails and webhooks: whoever waits for those is a person, or another server."""
_LISTENER_SECONDS = 0.25
"""How often an unused listener of the engine looks up; it bounds how long a shutdown waits for that thread."""
_SCHEDULER_SECONDS = 3600.0
"""How often the engine's own scheduler, which has nothing to do here, looks for schedules."""
_SCHEMA = "dbos"
"""Where the engine keeps its tables on PostgreSQL, unless told otherwise."""
_PUT_OFF: ColumnClause[str] = literal_column("'DELAYED'", Text)
"""The engine's word for a job whose time has not come, spelled out as in the condition of its index."""
_POOL_SIZE = 4
_POOL_OVERFLOW = 16
_POOL_OVERFLOW_POSTGRESQL = 4


def connections(database: Database) -> Engine:
    """Open connections for the engine itself, beside our one writer and few readers.

    On SQLite they must not begin with BEGIN IMMEDIATE as ours do, or each look for work would take the write lock; the
    driver's own transaction control in IMMEDIATE mode locks at the first change instead, and reads without locking.
    """
    if not database.is_sqlite:
        return well_connected(
            create_engine(
                database.url,
                pool_size=_POOL_SIZE,
                max_overflow=_POOL_OVERFLOW_POSTGRESQL,
                pool_timeout=database.busy_seconds,
            ),
            database.pulse,
            database.longest,
        )
    engine = create_engine(
        database.url,
        pool_size=_POOL_SIZE,
        max_overflow=_POOL_OVERFLOW,
        pool_timeout=database.busy_seconds,
        connect_args={"check_same_thread": False, "timeout": database.busy_seconds},
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = "IMMEDIATE"
        # The journal mode is the file's, and the house has set it to WAL; the other two are each connection's own.
        for pragma in ("synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def workflow_status(engine: Engine) -> TableClause:
    """Give the engine's table of jobs where it is: in a schema of its own on PostgreSQL."""
    schema = None if engine.dialect.name == "sqlite" else _SCHEMA
    return table(
        "workflow_status",
        column("queue_name", Text),
        column("status", Text),
        column("executor_id", Text),
        column("created_at", BigInteger),
        column("delay_until_epoch_ms", BigInteger),
        schema=schema,
    )


def delays(engine: Engine) -> dict[str, float]:
    """Give the seconds until the first of each queue's jobs is due that were put off; less than 0 for one that was."""
    jobs = workflow_status(engine)
    first = select(jobs.c.queue_name, func.min(jobs.c.delay_until_epoch_ms)).where(jobs.c.status == _PUT_OFF)
    with engine.connect() as connection:
        found = connection.execute(first.group_by(jobs.c.queue_name)).all()
    return {name: moment / 1000 - time.time() for name, moment in found}


def client(engine: Engine) -> DBOSClient:
    """Speak to the engine's tables without running any job; connects when it is first used."""
    _quiet()
    return DBOSClient(
        system_database_engine=engine,
        serializer=DBOSPortableJSONSerializer(),
        application_name=APPLICATION,
        lazy=True,
        retry_connection_errors=False,
    )


def migrate(database: Database) -> None:
    """Make or upgrade the engine's own tables (their names do not meet ours); nothing to do takes milliseconds."""
    _quiet()
    DBOS.migrate(database.url)


def launch(
    engine: Engine,
    run: Callable[[str, int, int], None],
    understand: Callable[[str, int], None] | None = None,
    tasks: Mapping[Task, Callable[[str, int], None]] | None = None,
    *,
    executor_id: str,
    concurrency: int,
    polling_seconds: float = POLLING_SECONDS,
    has_bells: bool = False,
    told: threading.Event | None = None,
) -> None:
    """Start the engine's threads in this process; there is one engine in a process at most.

    `run` is called in a thread of its own with a build's id, its attempt, and how often this attempt has failed;
    `understand` with an attachment's id and how often that has failed, and each of `tasks` with its subject likewise.
    What is not given is left to others. With bells, jobs of this process are taken at once, and those of others within
    a second, or when a bell is rung for them, which somebody is trusted with as long as `told` is set.
    """
    _quiet()
    # A queue's settings go by way of the database; each worker reads there what it has just written (`bells`).
    client(engine).register_queue(QUEUE, worker_concurrency=concurrency, polling_interval_sec=polling_seconds)

    if understand is not None:
        client(engine).register_queue(
            ATTACHMENTS_QUEUE,
            worker_concurrency=concurrency,
            polling_interval_sec=ATTACHMENTS_POLLING_SECONDS,
        )

    queues = [QUEUE] if understand is None else [QUEUE, ATTACHMENTS_QUEUE]
    for queue in {TASK_QUEUES[task] for task in tasks or {}}:
        client(engine).register_queue(
            queue.name, worker_concurrency=queue.concurrency, polling_interval_sec=TASKS_POLLING_SECONDS
        )
        queues.append(queue.name)

    # Never dead-letter: a build that kills its workers is counted and ended by the service, which can tell people why.
    @DBOS.workflow(name=PROCESS_BUILD, max_recovery_attempts=None)
    def process_build(build_id: str, attempt: int, failures: int) -> None:
        run(build_id, attempt, failures)

    @DBOS.workflow(name=UNDERSTAND_ATTACHMENT, max_recovery_attempts=None)
    def understand_attachment(file_id: str, failures: int) -> None:
        assert understand is not None
        understand(file_id, failures)

    for task, perform in (tasks or {}).items():
        DBOS.workflow(name=task.value, max_recovery_attempts=None)(_function(perform))

    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_engine": engine,
        "application_version": APPLICATION_VERSION,
        "executor_id": executor_id,
        # JSON, not pickle: whoever can write a row must not be able to run code by it.
        "serializer": DBOSPortableJSONSerializer(),
        "log_level": "WARNING",
        "enable_otlp": False,
        "use_listen_notify": False,
        "notification_listener_polling_interval_sec": _LISTENER_SECONDS,
        "scheduler_polling_interval_sec": _SCHEDULER_SECONDS,
    }
    if has_bells:
        bells.hang(queues, told, lambda: delays(engine))
    DBOS(config=config)
    DBOS.listen_queues(queues)
    DBOS.launch()


def _function(perform: Callable[[str, int], None]) -> Callable[[str, int], None]:
    """Make a function of its own for each task: the engine keeps what it knows of a workflow on the function."""

    def run_task(subject: str, failures: int) -> None:
        perform(subject, failures)

    return run_task


def shut_down() -> None:
    """Stop the engine's threads; jobs that run go on running, and their results are still recorded."""
    DBOS.destroy(destroy_registry=True)
    bells.take_down()


def _quiet() -> None:
    """Let the engine log through the standard library only: given a handler, it does not add one to the console."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.setLevel(logging.WARNING)
