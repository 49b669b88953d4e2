"""What a job does: call the service, within our own limit, and try again later when it fails."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from dbos import DBOS
from structlog.contextvars import bound_contextvars

from seatrial.domain.errors import StorageUnavailable
from seatrial.domain.ids import FileId
from seatrial.meter import Meter
from seatrial.services.jobs import Task
from seatrial.worker.jobs import EngineJobs

BACK_OFF_SECONDS = (2.0, 10.0, 60.0, 300.0)
"""Waits after the first, second ... failure of an attempt; there is one try more than waits."""

PATIENT_TRIES = 288
"""Tries beyond those where nothing but the store is away: at the longest wait, a day. That is no fault of the job's."""

log = structlog.get_logger(__name__)


class Unfinished(BaseException):
    """A job is left as it is, neither done nor failed, so that another executor or a later look takes it up.

    Not an Exception: the engine records every Exception as the job's end.
    """


class Slots:
    """How many jobs this process runs at a time, whatever the queue in the database says, and which ones."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._admitting = True
        self._open = True
        self._running: Counter[str] = Counter()
        self._held: Counter[str] = Counter()
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, job_id: str) -> Iterator[None]:
        """Wait for a slot and keep it for the block.

        Raises Unfinished if the process stops before there is one.
        """
        with self._changed:
            self._held[job_id] += 1
            self._changed.wait_for(lambda: not self._open or (self._admitting and self._free > 0))
            self._held -= Counter((job_id,))
            if not self._open:
                raise Unfinished
            self._free -= 1
            self._running[job_id] += 1
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._running -= Counter((job_id,))
                self._changed.notify_all()

    def known(self) -> set[str]:
        """Name the jobs that run here or wait for a slot."""
        with self._changed:
            return set(self._running) | set(self._held)

    def running(self) -> set[str]:
        """Name the jobs that run here."""
        with self._changed:
            return set(self._running)

    def stop_admitting(self) -> set[str]:
        """Let no further job begin; name those that run."""
        with self._changed:
            self._admitting = False
            return set(self._running)

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait for the jobs that run; false if some still do when the time is over."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, timeout=seconds)

    @property
    def closed(self) -> bool:
        """Whether the process has stopped, with or without the jobs that ran."""
        return not self._open

    def close(self) -> None:
        """Send the jobs away that wait for a slot."""
        with self._changed:
            self._open = False
            self._changed.notify_all()


class _Trial:
    """One try of a job within our own limit; an error of ours is tried again after a wait, as a job of its own."""

    def __init__(self, job: str, slots: Slots, back_off_seconds: tuple[float, ...], meter: Meter) -> None:
        self._job = job
        self._slots = slots
        self._back_off = back_off_seconds
        self._meter = meter

    def run(
        self,
        work: Callable[[], None],
        retry: Callable[[int, float], None],
        on_exhausted: Callable[[Exception], None],
        failures: int,
        facts: Mapping[str, object],
    ) -> None:
        """Do the work; call `retry` with the failures so far and a wait, or `on_exhausted` after the last one."""
        job_id = DBOS.workflow_id or ""
        with self._slots.hold(job_id), bound_contextvars(job_id=job_id, **facts):
            began = time.perf_counter()
            try:
                self._work(work, job_id, facts)
            except Exception as error:
                if self._slots.closed:
                    # The house was closed over the job: that is no failure of the file's.
                    raise Unfinished from error
                self._meter.worked(self._job, "failed", time.perf_counter() - began)
                told = {**facts, "failures": failures + 1}
                log.exception("job_failed", **told)
                try:
                    more = PATIENT_TRIES if isinstance(error, StorageUnavailable) else 0
                    if failures < len(self._back_off) + more:
                        retry(failures + 1, self._back_off[min(failures, len(self._back_off) - 1)])
                    else:
                        on_exhausted(error)
                except Exception as second:
                    # Most likely the database is away. Had the engine recorded an end now, nobody would come back.
                    log.exception("job_failure_not_recorded", **told)
                    raise Unfinished from second
            else:
                seconds = time.perf_counter() - began
                self._meter.worked(self._job, "done", seconds)
                log.info("job_done", job=self._job, ms=round(seconds * 1000, 1))

    def _work(self, work: Callable[[], None], job_id: str, facts: Mapping[str, object]) -> None:
        if self._meter.traces is None:
            work()
            return
        with self._meter.traces.span("job", self._job) as span:
            span.named(self._job, {"job.id": job_id} | {name: str(value) for name, value in facts.items()})
            try:
                work()
            except Exception:
                span.failed()
                raise


class ProcessBuild:
    """The job `process_build`."""

    def __init__(
        self,
        jobs: EngineJobs,
        slots: Slots,
        process: Callable[[str, int], None],
        on_exhausted: Callable[[str, int, Exception], None],
        back_off_seconds: tuple[float, ...] = BACK_OFF_SECONDS,
        meter: Meter | None = None,
    ) -> None:
        self._jobs = jobs
        self._process = process
        self._on_exhausted = on_exhausted
        self._trial = _Trial("process_build", slots, back_off_seconds, meter or Meter())

    def run(self, build_id: str, attempt: int, failures: int) -> None:
        """Process one attempt of a build."""
        self._trial.run(
            lambda: self._process(build_id, attempt),
            lambda count, delay: self._jobs.retry_build(build_id, attempt, count, delay),
            lambda error: self._on_exhausted(build_id, attempt, error),
            failures,
            {"build_id": build_id, "attempt": attempt},
        )


@dataclass(frozen=True, slots=True)
class AttachmentCalls:
    """What a service does for attachments: look into one, which may be called again, and give it up."""

    understand: Callable[[FileId], None]
    give_up: Callable[[FileId], None]


class UnderstandAttachment:
    """The job `understand_attachment`."""

    def __init__(
        self,
        jobs: EngineJobs,
        slots: Slots,
        calls: AttachmentCalls,
        back_off_seconds: tuple[float, ...] = BACK_OFF_SECONDS,
        meter: Meter | None = None,
    ) -> None:
        self._jobs = jobs
        self._calls = calls
        self._trial = _Trial("understand_attachment", slots, back_off_seconds, meter or Meter())

    def run(self, file_id: str, failures: int) -> None:
        """Look into one attachment."""
        self._trial.run(
            lambda: self._calls.understand(FileId(file_id)),
            lambda count, delay: self._jobs.retry_attachment(file_id, count, delay),
            lambda _error: self._calls.give_up(FileId(file_id)),
            failures,
            {"file_id": file_id},
        )


@dataclass(frozen=True, slots=True)
class TaskCalls:
    """What a service does for a task: perform it, which may be called again, and give a subject up."""

    perform: Callable[[str], None]
    give_up: Callable[[str], None]


class PerformTask:
    """The job behind every task."""

    def __init__(
        self,
        jobs: EngineJobs,
        slots: Slots,
        task: Task,
        calls: TaskCalls,
        back_off_seconds: tuple[float, ...] = BACK_OFF_SECONDS,
        meter: Meter | None = None,
    ) -> None:
        self._jobs = jobs
        self._task = task
        self._calls = calls
        self._trial = _Trial(task.value, slots, back_off_seconds, meter or Meter())

    def run(self, subject: str, failures: int) -> None:
        """Perform the task for one subject."""
        job_id = DBOS.workflow_id or ""
        self._trial.run(
            lambda: self._calls.perform(subject),
            lambda count, delay: self._jobs.retry_task(job_id, self._task, subject, count, delay),
            lambda _error: self._calls.give_up(subject),
            failures,
            {"task": self._task.value, "subject": subject},
        )
