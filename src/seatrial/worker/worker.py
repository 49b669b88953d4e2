"""A worker: threads that take jobs and run them, embedded in a server or alone in a process."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog

from seatrial.meter import Meter
from seatrial.services.jobs import Task
from seatrial.worker import bells, engine
from seatrial.worker.callers import Listener
from seatrial.worker.jobs import EngineJobs
from seatrial.worker.workflows import (
    BACK_OFF_SECONDS,
    AttachmentCalls,
    PerformTask,
    ProcessBuild,
    Slots,
    TaskCalls,
    UnderstandAttachment,
)

AUDIT_SECONDS = 10.0
RETENTION = timedelta(days=7)
_PRUNE_SECONDS = 3600.0
_SETTLE_SECONDS = 5.0

log = structlog.get_logger(__name__)


class Worker:
    """Runs jobs in this process; there is one at most. Its executor must be registered before it starts."""

    def __init__(
        self,
        jobs: EngineJobs,
        executor_id: str,
        process: Callable[[str, int], None],
        on_exhausted: Callable[[str, int, Exception], None],
        attachments: AttachmentCalls | None = None,
        tasks: Mapping[Task, TaskCalls] | None = None,
        *,
        now: Callable[[], datetime],
        concurrency: int = 2,
        polling_seconds: float = engine.POLLING_SECONDS,
        has_bells: bool = False,
        audit_seconds: float = AUDIT_SECONDS,
        retention: timedelta = RETENTION,
        back_off_seconds: tuple[float, ...] = BACK_OFF_SECONDS,
        meter: Meter | None = None,
    ) -> None:
        """Take the service's calls: `process(build_id, attempt)`, and `on_exhausted(build_id, attempt, error)`.

        `process` may be called again for what it has done already. `on_exhausted` is called when the last try failed.
        Without calls for attachments or for a task, those are left to other workers. `has_bells` is for a process that
        jobs come from, or that is told of others' by the database: it takes those at once, and others within a second
        (within ten, while it is told).
        """
        self._jobs = jobs
        self._executor_id = executor_id
        self._now = now
        self._concurrency = concurrency
        self._polling_seconds = polling_seconds
        self._has_bells = has_bells
        self._audit_seconds = audit_seconds
        self._retention = retention
        self._slots = Slots(concurrency)
        self._job = ProcessBuild(jobs, self._slots, process, on_exhausted, back_off_seconds, meter)
        self._attachment = (
            UnderstandAttachment(jobs, self._slots, attachments, back_off_seconds, meter) if attachments else None
        )
        self._task_slots = {
            queue: Slots(queue.concurrency) for queue in {engine.TASK_QUEUES[task] for task in tasks or {}}
        }
        self._tasks = {
            task: PerformTask(jobs, self._task_slots[engine.TASK_QUEUES[task]], task, calls, back_off_seconds, meter)
            for task, calls in (tasks or {}).items()
        }
        self._stopping = threading.Event()
        self._housekeeping = threading.Thread(target=self._keep_house, name="worker-housekeeping", daemon=True)
        self._suspects: dict[str, int] = {}
        told = has_bells and jobs.connections.dialect.name == "postgresql"
        self._listener = Listener(jobs.connections, bells.ring, bells.ring_all) if told else None

    def start(self) -> None:
        """Begin to take jobs."""
        engine.launch(
            self._jobs.connections,
            self._job.run,
            self._attachment.run if self._attachment else None,
            {task: performing.run for task, performing in self._tasks.items()},
            executor_id=self._executor_id,
            concurrency=self._concurrency,
            polling_seconds=self._polling_seconds,
            has_bells=self._has_bells,
            told=self._listener.listening if self._listener is not None else None,
        )
        if self._listener is not None:
            self._listener.start()
        self._housekeeping.start()

    def stop(self, drain_seconds: float) -> bool:
        """Take no more jobs and wait for those that run; give back what was taken and not begun.

        False if jobs still run when the time is over. Their threads keep the interpreter from exiting, so the process
        must then end by `os._exit`, and the next executor takes its jobs over.
        """
        self._stopping.set()
        if self._listener is not None:
            self._listener.stop()
        if self._housekeeping.ident is not None:
            self._housekeeping.join()
        begun = set().union(*(slots.stop_admitting() for slots in self._all_slots()))
        deadline = time.monotonic() + drain_seconds
        drained = True
        for slots in self._all_slots():
            drained &= slots.wait_until_idle(max(0.0, deadline - time.monotonic()))
        with _logged("job_ends_not_awaited"):
            self._await_recorded(begun)
        engine.shut_down()
        for slots in self._all_slots():
            slots.close()
        with _logged("jobs_not_given_back"):
            self._jobs.give_back(set(self._jobs.claimed_by(self._executor_id)) - self._running())
        return drained

    def audit(self) -> None:
        """Put back jobs that this executor holds and does not run, seen so twice.

        The engine leaves such jobs behind where the database failed it between taking a job and starting it, or when it
        recorded the end. Nobody else would take them as long as this process lives.
        """
        idle = {
            job_id: taken_at
            for job_id, taken_at in self._jobs.claimed_by(self._executor_id).items()
            if not any(job_id in slots.known() for slots in self._all_slots())
        }
        lost = {job_id for job_id, taken_at in idle.items() if self._suspects.get(job_id) == taken_at}
        if lost:
            log.warning("jobs_put_back", job_ids=sorted(lost))
            self._jobs.give_back(lost)
        self._suspects = {job_id: taken_at for job_id, taken_at in idle.items() if job_id not in lost}

    def _all_slots(self) -> list[Slots]:
        return [self._slots, *self._task_slots.values()]

    def _running(self) -> set[str]:
        return set().union(*(slots.running() for slots in self._all_slots()))

    def _await_recorded(self, job_ids: set[str]) -> None:
        """Give the engine the moment it needs to note that jobs have ended."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while (job_ids - self._running()) & set(self._jobs.claimed_by(self._executor_id)):
            if time.monotonic() > deadline:
                return
            time.sleep(0.01)

    def _keep_house(self) -> None:
        pruned = 0.0
        while not self._stopping.wait(self._audit_seconds):
            with _logged("worker_housekeeping_failed"):
                self.audit()
                if hurried := self._jobs.hurry(self._now()):
                    log.warning("the clock was set back", jobs_that_waited=hurried)
                if not pruned or time.monotonic() - pruned >= _PRUNE_SECONDS:
                    self._jobs.prune(self._now() - self._retention)
                    pruned = time.monotonic()


@contextmanager
def _logged(event: str) -> Iterator[None]:
    """Go on without what may fail when the database is away: the next look, or the next executor, makes it good."""
    try:
        yield
    except Exception:
        log.exception(event)
