"""The door `services.jobs.Jobs` as the durable engine keeps it, usable with and without a worker in the process."""

import time
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial

from dbos import DBOSClient, EnqueueOptions, WorkflowStatus
from sqlalchemy import Connection, func, select

from seatrial.db import build_queue
from seatrial.db.engine import Database, after_commit
from seatrial.domain.errors import ServiceUnavailable
from seatrial.domain.ids import BuildId, FileId
from seatrial.services.gauges import Waiting
from seatrial.services.jobs import Task
from seatrial.worker import bells, callers, engine
from seatrial.worker.engine import workflow_status

_CLAIMED = "PENDING"
"""The engine's word for a job that an executor has taken, whether or not that executor still lives."""
_WAITING = "ENQUEUED"
"""Its word for one that nobody has taken."""
_DELAYED = "DELAYED"
"""Its word for one whose time has not come."""
_SKEW = timedelta(minutes=1)
"""So much may the clocks of processes differ."""
_FINISHED = ["SUCCESS", "ERROR", "CANCELLED"]
_PRUNE_BATCH = 500
_ATTACHMENT = "attachment:"
"""What the ids of jobs about attachments begin with."""
_TASK = "task:"
"""What the ids of tasks begin with, before the task's name; all others are about builds."""
_RING = {name: partial(bells.ring, name) for name in (*engine.QUEUES, bells.DELAYS)}
"""One and the same call for each queue, so that a transaction with many jobs rings once."""


def _announce(tx: Connection, queue: str) -> None:
    """Have a queue looked at here and elsewhere as soon as the transaction is committed."""
    after_commit(tx, _RING[queue])
    callers.tell(tx, queue)


class EngineJobs:
    """Jobs in the engine's tables: added in the caller's transaction, handed over when their executor dies."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.connections = engine.connections(database)
        """For the worker of this process too."""
        self._client: DBOSClient = engine.client(self.connections)

    def ready(self) -> None:
        """Make the engine's tables, or bring them to this program's version; the house's own schema comes first."""
        engine.migrate(self._database)

    def process_build(self, tx: Connection, build_id: BuildId, attempt: int) -> None:
        """Add the processing of a build to the caller's transaction: it exists if and only if the caller commits.

        A build is processed once per attempt; a second request for the same attempt changes nothing. Apps take turns.
        """
        options = _options(f"{build_id}:{attempt}")
        if place := build_queue.join(tx, build_id):
            options["priority"] = place
        self._client.enqueue_in_transaction(tx, options, build_id, attempt, 0)
        _announce(tx, engine.QUEUE)

    def retry_build(self, build_id: str, attempt: int, failures: int, delay_seconds: float) -> None:
        """Let an attempt that failed be made again after a while, at once durable and without holding a worker.

        It has had its turn, so then it comes before those that wait for theirs.
        """
        self._put_off(_options(f"{build_id}:{attempt}:{failures}"), delay_seconds, build_id, attempt, failures)

    def understand_attachment(self, tx: Connection, file_id: FileId) -> None:
        """Add the recognition of an attached file to the caller's transaction; a second request changes nothing."""
        self._client.enqueue_in_transaction(tx, _options(f"{_ATTACHMENT}{file_id}"), file_id, 0)
        _announce(tx, engine.ATTACHMENTS_QUEUE)

    def retry_attachment(self, file_id: str, failures: int, delay_seconds: float) -> None:
        """Let a recognition that failed be made again after a while."""
        self._put_off(_options(f"{_ATTACHMENT}{file_id}:{failures}"), delay_seconds, file_id, failures)

    def request(self, tx: Connection, task: Task, subject: str, turn: int = 0, delay_seconds: float = 0) -> None:
        """Add a task to the caller's transaction; a second request for the same turn changes nothing."""
        options = _options(f"{_TASK}{task.value}:{subject}:{turn}", task)
        if delay_seconds > 0:
            options["delay_seconds"] = delay_seconds
        self._client.enqueue_in_transaction(tx, options, subject, 0)
        _announce(tx, bells.DELAYS if delay_seconds > 0 else engine.TASK_QUEUES[task].name)

    def retry_task(self, job_id: str, task: Task, subject: str, failures: int, delay_seconds: float) -> None:
        """Let a task that failed be tried again after a while."""
        self._put_off(_options(f"{job_id.partition('!')[0]}!{failures}", task), delay_seconds, subject, failures)

    def claimed_by(self, executor_id: str) -> dict[str, int]:
        """Name the jobs that an executor took and has not finished, each with the time of taking it (ms since 1970)."""
        return {job.workflow_id: job.dequeued_at or 0 for job in self._claimed(executor_id)}

    def owners(self) -> Collection[str]:
        """Name the executors, dead or alive, that hold jobs."""
        table = workflow_status(self.connections)
        statement = select(table.c.executor_id).distinct().where(table.c.status == _CLAIMED)
        with self.connections.connect() as connection:
            return {name for name in connection.scalars(statement) if name}

    def take_over(self, executor_id: str) -> None:
        """Put a dead executor's unfinished jobs back into the queue; the living take them within a polling interval."""
        self.give_back(self.claimed_by(executor_id))

    def give_back(self, job_ids: Collection[str]) -> None:
        """Put jobs back into the queue that their executor holds and does not run.

        They keep to the queue's limits. An executor that runs one of them after all can no longer record its end.
        """
        queues: dict[str, list[str]] = {}
        for job_id in job_ids:
            queues.setdefault(_queue_of(job_id), []).append(job_id)
        for queue, jobs in queues.items():
            self._client.resume_workflows(jobs, queue_name=queue)
            with self._database.transaction() as tx:
                _announce(tx, queue)

    def hurry(self, now: datetime) -> int:
        """Let jobs go on that wait by a clock that was ahead of this one; gives how many.

        Else what was to be tried again in a minute would be when the clock is where it was, perhaps in a day.
        """
        ahead = self._client.list_workflows(
            status=_DELAYED, start_time=(now + _SKEW).isoformat(), load_input=False, load_output=False
        )
        for job in ahead:
            self._client.set_workflow_delay(job.workflow_id, delay_seconds=0)
        return len(ahead)

    def prune(self, completed_before: datetime) -> int:
        """Forget jobs that ended before a moment, a batch at a time; the number says how many there were."""
        total = 0
        while True:
            batch = self._client.list_workflows(
                status=_FINISHED,
                completed_before=completed_before.isoformat(),
                limit=_PRUNE_BATCH,
                load_input=False,
                load_output=False,
            )
            if not batch:
                return total
            self._client.delete_workflows([job.workflow_id for job in batch])
            total += len(batch)

    def waiting(self) -> list[Waiting]:
        """Count the jobs of each queue that wait and that run; those whose time has not come wait for nobody."""
        table = workflow_status(self.connections)
        statement = (
            select(table.c.queue_name, table.c.status, func.count(), func.min(table.c.created_at))
            .where(table.c.status.in_((_WAITING, _CLAIMED)))
            .group_by(table.c.queue_name, table.c.status)
        )
        with self.connections.connect() as connection:
            rows = {(row[0], row[1]): (int(row[2]), int(row[3])) for row in connection.execute(statement)}
        found = []
        for queue in engine.QUEUES:
            many, since = rows.get((queue, _WAITING), (0, 0))
            running = rows.get((queue, _CLAIMED), (0, 0))[0]
            oldest = max(0.0, time.time() - since / 1000) if many else 0.0
            found.append(Waiting(queue, many, running, oldest))
        return found

    def _put_off(self, options: EnqueueOptions, delay_seconds: float, *arguments: object) -> None:
        """Add a job that is due after a while, and tell those who know when the next one is.

        Who is not told, because the database fails just then, finds it when it next looks on the off chance.
        """
        options["delay_seconds"] = delay_seconds
        self._client.enqueue(options, *arguments)
        try:
            with self._database.transaction() as tx:
                _announce(tx, bells.DELAYS)
        except ServiceUnavailable:
            bells.ring(bells.DELAYS)

    def close(self) -> None:
        """Give the engine's connections back."""
        self._client.destroy()
        self.connections.dispose()

    def _claimed(self, executor_id: str) -> list[WorkflowStatus]:
        return self._client.list_workflows(
            status=_CLAIMED,
            name=[engine.PROCESS_BUILD, engine.UNDERSTAND_ATTACHMENT, *(task.value for task in Task)],
            executor_id=executor_id,
            load_input=False,
            load_output=False,
        )


def _options(job_id: str, task: Task | None = None) -> EnqueueOptions:
    about_attachment = job_id.startswith(_ATTACHMENT)
    name = engine.UNDERSTAND_ATTACHMENT if about_attachment else engine.PROCESS_BUILD
    return {
        "workflow_name": task.value if task else name,
        "queue_name": _queue_of(job_id),
        "workflow_id": job_id,
        "app_version": engine.APPLICATION_VERSION,
    }


def _queue_of(job_id: str) -> str:
    if job_id.startswith(_TASK):
        return engine.TASK_QUEUES[Task(job_id.split(":")[1])].name
    return engine.ATTACHMENTS_QUEUE if job_id.startswith(_ATTACHMENT) else engine.QUEUE
