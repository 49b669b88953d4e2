"""Bells by which this process wakes the engine's threads, so that looking on the off chance can be rare.

The engine looks for jobs again and again, and has no call to make it look now. Its looks cost two milliseconds each, so
ten a second for every queue are half of what a small machine has left. Here each of its threads waits on a bell that
rings when a job was committed in this process, when one has ended, or when one that was put off is due. Other processes
ring by `callers`, where the database can pass that on; as long as it does, looks are rarer still.
"""

import random
import threading
import time
from collections.abc import Callable, Collection
from types import ModuleType
from typing import TYPE_CHECKING

import dbos._dbos as engine_itself
import dbos._queue as engine_queues
import structlog
from dbos._core import ActiveWorkflowById
from dbos._scheduler import dynamic_scheduler_loop
from dbos._workflow_commands import background_jobs_thread

if TYPE_CHECKING:
    from dbos import DBOS, Queue
    from dbos._core import QueueBucket

QUIET_SECONDS = 1.0
"""How often a queue is looked at without a bell, or less often: for jobs of other processes."""
TOLD_SECONDS = 10.0
"""The same while the database passes on all that is added: for what went wrong at a look, and for nothing else."""
DELAYS = "delays"
"""The bell that rings when a job was put off: somebody has to know when it is due."""
_LONGER = 4
"""How much longer a queue is left alone that is looked at rarely anyway."""
_BETWEEN_DELAYS_SECONDS = 0.2
"""How long jobs that are due one after the other wait for each other."""
_UNUSED_SECONDS = 60.0
"""How often a queue of the engine's own is looked at, into which nothing is put."""

log = structlog.get_logger()


class Bell(threading.Event):
    """What a thread waits for."""


_bells: dict[str, Bell] = {}
_look, _start_looking = engine_queues.queue_worker_thread, engine_queues.queue_thread
_ENGINE: dict[tuple[ModuleType, str], object] = {
    (engine_queues, "queue_worker_thread"): _look,
    (engine_itself, "queue_thread"): _start_looking,
    (engine_itself, "background_jobs_thread"): background_jobs_thread,
    (engine_itself, "dynamic_scheduler_loop"): dynamic_scheduler_loop,
    (engine_itself, "ActiveWorkflowById"): ActiveWorkflowById,
}
"""The private names of the engine that are used here, as they are without us."""


class _RunningJobs(ActiveWorkflowById):
    """The engine's list of what runs here; whoever leaves it makes room for the next one of its queue."""

    def _remove(self, key: str, bucket: "QueueBucket") -> None:
        super()._remove(key, bucket)
        if bucket is not None:
            ring(bucket[0])


def hang(queues: Collection[str], told: threading.Event | None, due: Callable[[], dict[str, float]]) -> None:
    """Have the engine's threads listen to bells; to be called before there is an engine.

    `told` is set while the database passes on all that other processes add; `due` gives for each queue the seconds
    until the first of the jobs that were put off.
    """
    hooks = _Hooks(frozenset(queues), told, due)
    ours = (hooks.look, hooks.start_looking, hooks.end_delays, _keep_no_schedules, _RunningJobs)
    for (module, name), value in zip(_ENGINE, ours, strict=True):
        setattr(module, name, value)


def take_down() -> None:
    """Let the engine look on the off chance again."""
    for (module, name), value in _ENGINE.items():
        setattr(module, name, value)
    _bells.clear()


def ring(name: str) -> None:
    """Have a queue looked at now; does nothing where this process looks at none."""
    bell = _bells.get(name)
    if bell is not None:
        bell.set()


def ring_all() -> None:
    """Have everything looked at: it may be that something was not heard."""
    for bell in list(_bells.values()):
        bell.set()


class Patience(threading.Event):
    """What a queue's thread waits with: until the end, the bell, or the time for a look."""

    def __init__(self, end: threading.Event, bell: Bell, told: threading.Event | None, least: float = 0.0) -> None:
        super().__init__()
        self._end, self._bell, self._told, self._least = end, bell, told, least
        self._has_looked = False
        self._was_rung = False

    def is_set(self) -> bool:
        """Whether this is the end."""
        return self._end.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait as long as the queue says for the first look, and longer later; true at the end."""
        if self._bell.wait(self._seconds(timeout or 0.0)):
            self._bell.clear()
            self._was_rung = True
        else:
            self._was_rung = False
        self._has_looked = True
        return self.is_set()

    def _seconds(self, said: float) -> float:
        if not self._has_looked:
            return said  # what waited for this process
        if self._told is not None and self._told.is_set() and not self._was_rung:
            return max(TOLD_SECONDS * random.uniform(0.9, 1.1), self._least)  # noqa: S311  # not all at once
        # Also once more after a bell: the look that followed it may have met a database that was away.
        return max(said * _LONGER, QUIET_SECONDS, self._least)


class _Stretched(threading.Event):
    """The end of the engine's thread that looks for new queues, who needs not look once all of ours are looked at."""

    def __init__(self, end: threading.Event, queues: Collection[str]) -> None:
        super().__init__()
        self._end, self._queues = end, queues

    def is_set(self) -> bool:
        return self._end.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        is_all = timeout is not None and _bells.keys() >= set(self._queues)
        return self._end.wait(_UNUSED_SECONDS if is_all else timeout)


def _keep_no_schedules(stop_event: threading.Event, _seconds: float) -> None:
    stop_event.wait()


class _Hooks:
    """What stands in for the engine's own threads in one process."""

    def __init__(
        self, queues: frozenset[str], told: threading.Event | None, due: Callable[[], dict[str, float]]
    ) -> None:
        self._queues, self._told, self._due = queues, told, due

    def start_looking(self, stop_event: threading.Event, dbos: "DBOS") -> None:
        """Start a thread for each queue."""
        _start_looking(_Stretched(stop_event, self._queues), dbos)

    def look(self, stop_event: threading.Event, dbos: "DBOS", queue: "Queue") -> None:
        """Look at a queue for ever."""
        bell = _hung(queue.name, stop_event)
        # Its row would otherwise be read again for each look. What it says was written by this process at its start.
        queue.database_backed_queue = False
        least = 0.0 if queue.name in self._queues else _UNUSED_SECONDS
        _look(Patience(stop_event, bell, self._told, least), dbos, queue)

    def end_delays(self, stop_event: threading.Event, dbos: "DBOS") -> None:
        """Let jobs that were put off wait for a worker once they are due; there is nothing else to do beside it here.

        The engine looks for them every second in one of all processes. Here each process knows when the next is due.
        """
        bell = _hung(DELAYS, stop_event)
        known: dict[str, float] = {}
        while not stop_event.is_set():
            bell.clear()
            # Others may have been quicker: what was expected for now is looked for, whether it still waits or not.
            due = {name for name, moment in known.items() if moment <= time.monotonic()}
            try:
                known = {name: time.monotonic() + seconds for name, seconds in self._due().items()}
                overdue = {name for name, moment in known.items() if moment <= time.monotonic()}
                if overdue:
                    dbos._sys_db.transition_delayed_workflows()  # noqa: SLF001
            except Exception as error:  # noqa: BLE001  # whatever it is, nobody else would start them
                log.warning("jobs that are due are not started", reason=str(error).partition("\n")[0])
                overdue = set()
            for name in due | overdue:
                ring(name)
            if stop_event.wait(_BETWEEN_DELAYS_SECONDS):
                return
            is_told = self._told is not None and self._told.is_set()
            latest = time.monotonic() + (TOLD_SECONDS if is_told else QUIET_SECONDS)
            bell.wait(max(0.0, min([latest, *known.values()]) - time.monotonic()))


def _hung(name: str, end: threading.Event) -> Bell:
    """Hang a bell that rings at the end, too."""
    bell = _bells.setdefault(name, Bell())

    def ring_at_the_end() -> None:
        end.wait()
        bell.set()

    threading.Thread(target=ring_at_the_end, name=f"end-of-{name}", daemon=True).start()
    return bell
