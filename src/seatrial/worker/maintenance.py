"""What has to be done now and then, in a thread that outlives every failure of it."""

import threading
from collections.abc import Callable, Sequence

import structlog

log = structlog.get_logger()


class Maintenance:
    """Calls each chore once an interval until it is stopped."""

    def __init__(self, chores: Sequence[Callable[[], object]], interval_seconds: float = 60) -> None:
        self._chores = chores
        self._interval = interval_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="maintenance", daemon=True)

    def start(self) -> None:
        """Begin, with a first round at once."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the chore that runs and end."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            for chore in self._chores:
                try:
                    chore()
                except Exception:
                    log.exception("maintenance_failed")
            if self._stopping.wait(self._interval):
                return
