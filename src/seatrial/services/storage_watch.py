"""Whether the store answers: asked by whoever wants to know, at most once every few seconds."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from seatrial.domain.errors import SeatrialError
from seatrial.storage import BlobStore

KEPT_SECONDS = 5.0
"""A store elsewhere takes money and time for each question, and balancers ask every second."""


@dataclass(slots=True, eq=False)
class StorageWatch:
    """Looks at one store; an answer is kept for a moment where asking costs something."""

    blobs: BlobStore
    kept_seconds: float = 0.0
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _known: tuple[float, bool] | None = None

    def is_up(self) -> bool:
        """Whether the store answered; while somebody else asks one that is slow, what was known before."""
        known = self._known
        if not self._lock.acquire(blocking=known is None):
            return known is not None and known[1]
        try:
            if self._known is None or self.clock() - self._known[0] >= self.kept_seconds:
                is_up = self._ask()
                self._known = (self.clock(), is_up)
            return self._known[1]
        finally:
            self._lock.release()

    def free_bytes(self) -> int | None:
        """Tell how much fits above the reserve; `None` where that has no end, or nobody knows."""
        try:
            return self.blobs.free_bytes()
        except OSError:
            return None

    def _ask(self) -> bool:
        try:
            self.blobs.ping()
        except (SeatrialError, OSError):
            return False
        return True
