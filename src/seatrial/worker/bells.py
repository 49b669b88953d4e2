"""Bells by which this process wakes the engine's queues, so that looking on the off chance can be rare.

The engine looks for jobs again and again, and has no call to make it look now. Its looks cost two milliseconds each, so
ten a second for every queue are half of what a small machine has left. Here each of its threads waits on a bell that
rings when a job was committed in this process, or one has ended; for a while after that it looks as often as the queue
says. Other processes ring by `callers`, where the database can pass that on.
"""

import threading
import time
from typing import TYPE_CHECKING

import dbos._queue as engine_queues

if TYPE_CHECKING:
    from dbos import DBOS, Queue

LIVELY_SECONDS = 1.0
"""For how long after a bell a queue is looked at as often as it says."""
QUIET_SECONDS = 1.0
"""How often it is looked at otherwise, or less often: jobs of other processes, and those whose time has come, have no
bell."""
_LONGER = 4
"""How much longer a queue is left alone that is looked at rarely anyway."""


class Bell(threading.Event):
    """What a queue's thread waits for."""

    is_ours = False
    """Whether it was rung by this process, where more is likely to follow."""


_bells: dict[str, Bell] = {}
_look = engine_queues.queue_worker_thread


def hang() -> None:
    """Have the queues of this process listen to their bells; to be called before the engine is launched."""
    engine_queues.queue_worker_thread = _look_when_rung


def take_down() -> None:
    """Let the queues look on the off chance again."""
    engine_queues.queue_worker_thread = _look
    _bells.clear()


def ring(queue: str) -> None:
    """Have a queue looked at now; does nothing where this process looks at none."""
    bell = _bells.get(queue)
    if bell is not None:
        bell.is_ours = True
        bell.set()


def call(queue: str) -> None:
    """Have a queue looked at once, for a job that another process has added."""
    bell = _bells.get(queue)
    if bell is not None:
        bell.set()


class Patience(threading.Event):
    """What a queue's thread waits with: until the end, the bell, or the time for a look."""

    def __init__(self, end: threading.Event, bell: Bell) -> None:
        super().__init__()
        self._end, self._bell = end, bell
        self._lively_until = time.monotonic() + LIVELY_SECONDS  # what waited for this process

    def is_set(self) -> bool:
        """Whether this is the end."""
        return self._end.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait as long as the queue says while it is lively, and longer otherwise; true at the end."""
        seconds = timeout or 0.0
        if time.monotonic() >= self._lively_until:
            seconds = max(seconds * _LONGER, QUIET_SECONDS)
        if self._bell.wait(seconds):
            self._bell.clear()
            if self._bell.is_ours:
                self._bell.is_ours = False
                self._lively_until = time.monotonic() + LIVELY_SECONDS
        return self.is_set()


def _look_when_rung(stop_event: threading.Event, dbos: "DBOS", queue: "Queue") -> None:
    bell = _bells.setdefault(queue.name, Bell())

    def ring_at_the_end() -> None:
        stop_event.wait()
        bell.set()

    threading.Thread(target=ring_at_the_end, name=f"end-of-{queue.name}", daemon=True).start()
    _look(Patience(stop_event, bell), dbos, queue)
