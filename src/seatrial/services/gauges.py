"""Figures that every process of a server would tell alike: read from the database and the storage when asked for."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from seatrial import __version__
from seatrial.db import work
from seatrial.db.engine import Database
from seatrial.domain.errors import SeatrialError
from seatrial.services.storage_watch import StorageWatch

KEPT_SECONDS = 10.0
"""Who asks more often gets the same figures again: counting all mails is not free."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Jobs of one queue that nobody has taken yet: how many, and since when the oldest waits, in seconds."""

    queue: str
    waiting: int
    running: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class _Read:
    at: float
    up: bool
    families: tuple[Metric, ...] = ()


@dataclass(slots=True, eq=False)
class Gauges:
    """A source of a meter."""

    db: Database
    storage: StorageWatch
    queues: Callable[[], Sequence[Waiting]]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _kept: _Read | None = None

    def describe(self) -> Iterator[Metric]:
        """Tell nothing beforehand, or registering would ask the database."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Give the figures; those of a database that is away are missing, and `seatrial_database_up` is 0."""
        with self._lock:
            if self._kept is None or time.monotonic() - self._kept.at >= KEPT_SECONDS:
                self._kept = self._look()
            kept = self._kept
        yield _family("seatrial_info", "The program's version.", "version", {__version__: 1})
        yield _family("seatrial_database_up", "Whether the database answers.", "", {"": int(kept.up)})
        yield from kept.families
        pools = self.db.pools()
        yield _family("seatrial_database_connections", "Connections open.", "pool", {n: p.opened for n, p in pools})
        yield _family("seatrial_database_connections_used", "And in use.", "pool", {n: p.used for n, p in pools})
        yield _family("seatrial_database_connections_most", "Most there can be.", "pool", {n: p.most for n, p in pools})
        yield from self._storage()

    def _look(self) -> _Read:
        try:
            with self.db.read() as tx:
                builds, mails, hooks = work.builds(tx), work.mail_states(tx), work.delivery_states(tx)
                processes, loose = work.processes(tx), work.reservations(tx)
            queues = self.queues()
        except (SeatrialError, OSError):
            return _Read(time.monotonic(), up=False)
        families = (
            _family("seatrial_builds", "Builds by status.", "status", builds),
            _family("seatrial_mails", "Mails by state.", "state", mails),
            _family("seatrial_webhook_deliveries", "Deliveries of webhooks by status.", "status", hooks),
            _family("seatrial_processes", "Processes that serve or work.", "role", processes),
            _family("seatrial_loose_blobs", "Uploads on their way, and removals.", "", {"": loose}),
            _family("seatrial_queue_waiting", "Jobs not taken yet.", "queue", {q.queue: q.waiting for q in queues}),
            _family("seatrial_queue_running", "Jobs taken.", "queue", {q.queue: q.running for q in queues}),
            _family(
                "seatrial_queue_oldest_seconds",
                "How long the oldest waits.",
                "queue",
                {q.queue: q.oldest_seconds for q in queues},
            ),
        )
        return _Read(time.monotonic(), up=True, families=families)

    def _storage(self) -> Iterator[Metric]:
        is_up = self.storage.is_up()
        yield _family("seatrial_storage_up", "Whether the storage answers.", "", {"": int(is_up)})
        free = self.storage.free_bytes()
        if free is not None:
            yield _family("seatrial_storage_free_bytes", "Room above the reserve; negative below it.", "", {"": free})


def _family(name: str, text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label] if label else [])
    for word, value in values.items():
        family.add_metric([word] if label else [], value)
    return family
