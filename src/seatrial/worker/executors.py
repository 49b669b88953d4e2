"""Who serves and works, who of them is dead, and the handing over of what a dead one left.

Every process that serves or works has a row with a heartbeat and holds a lock on a file. The lock tells at once, on the
same machine, what a heartbeat tells only after a while: the kernel lets go of it with the process, however it ends.
"""

import fcntl
import os
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import structlog

from seatrial.db import executors as rows
from seatrial.db.engine import Database
from seatrial.db.executors import Executor, ExecutorRole

BEAT_SECONDS = 2.0
SWEEP_SECONDS = 5.0
TTL_SECONDS = 15.0
"""Silence after which a process of another machine counts as dead."""
_LOCK_TRIES = 100
_LOCK_WAIT_SECONDS = 0.01

log = structlog.get_logger(__name__)


class Executors:
    """This process among the others: it reports itself, and buries those that died."""

    def __init__(
        self,
        database: Database,
        data_dir: Path,
        executor_id: str,
        role: ExecutorRole,
        *,
        now: Callable[[], datetime],
        on_death: Sequence[Callable[[str], None]],
        owners: Callable[[], Collection[str]] = lambda: (),
        beat_seconds: float = BEAT_SECONDS,
        sweep_seconds: float = SWEEP_SECONDS,
        ttl_seconds: float = TTL_SECONDS,
    ) -> None:
        """Take what happens at a death, and who is named as the owner of work, registered or not.

        Each of `on_death` is called with a dead executor's id by one living process at a time, and again if any of them
        failed; it must not mind being called twice.
        """
        self.id = executor_id
        self._role = role
        self._database = database
        self._locks = data_dir / "run"
        self._host = socket.gethostname()
        self._now = now
        self._on_death = on_death
        self._owners = owners
        self._ttl_seconds = ttl_seconds
        self._lock: int | None = None
        self._last_heard: dict[str, tuple[datetime, float]] = {}
        self._stopping = threading.Event()
        # Two, for a burial may wait for what the dead has locked: whoever is silent meanwhile is taken for dead, too.
        self._threads = [
            threading.Thread(
                target=self._again, args=(beat_seconds, self._beat), name="executor-heartbeat", daemon=True
            ),
            threading.Thread(target=self._again, args=(sweep_seconds, self.sweep), name="executor-sweep", daemon=True),
        ]

    def start(self) -> None:
        """Register, bury those who are known to be dead already, and go on giving signs of life and burying."""
        self._locks.mkdir(parents=True, exist_ok=True)
        self._lock = _make_lock(self._lock_file(self.id))
        self._register()
        beating, sweeping = self._threads
        beating.start()
        self.sweep()
        sweeping.start()

    def stop(self) -> None:
        """Deregister; where work is left that this process took, leave that to its end and to those who come after."""
        self._stopping.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()
        if self._lock is None:
            return
        try:
            if self.id in self._owners():
                return
            with self._database.transaction() as tx:
                rows.remove(tx, self.id)
        except Exception:
            log.exception("executor_not_deregistered", executor_id=self.id)
            return
        self._lock_file(self.id).unlink(missing_ok=True)
        os.close(self._lock)
        self._lock = None

    def _dead_among(self, everybody: list[Executor]) -> list[Executor]:
        """List those that are dead: their lock is free on this machine, or they have been silent for too long.

        A heartbeat is compared with itself as time goes by here, so that clocks may differ between machines.
        """
        others = [executor for executor in everybody if executor.id != self.id]
        here = time.monotonic()
        self._last_heard = {
            other.id: heard
            if (heard := self._last_heard.get(other.id)) and heard[0] == other.beat_at
            else (other.beat_at, here)
            for other in others
        }
        return [other for other in others if self._is_dead(other, here - self._last_heard[other.id][1])]

    def sweep(self) -> None:
        """Hand over what the dead left, and forget them; a failure is logged and made good by the next sweep."""
        try:
            owners = set(self._owners())  # first, as whoever takes work has registered before
            everybody = self._everybody()
            everybody += self._register_ghosts(owners.difference(executor.id for executor in everybody))
            dead = self._dead_among(everybody)
            self._remove_stray_locks({executor.id for executor in everybody})
        except Exception:
            log.exception("executor_sweep_failed")
            return
        for executor in dead:
            try:
                self._bury(executor)
            except Exception:
                log.exception("executor_burial_failed", executor_id=executor.id)

    def _is_dead(self, other: Executor, silent_seconds: float) -> bool:
        unknown = other.role is ExecutorRole.UNKNOWN
        path = self._lock_file(other.id)
        if path.exists() and (unknown or other.host == self._host):
            with _locked(path) as ours:
                return ours
        return unknown or silent_seconds >= self._ttl_seconds

    def _bury(self, dead: Executor) -> None:
        path = self._lock_file(dead.id)
        with _locked(path):
            with self._database.transaction() as tx:
                if not rows.claim_estate(tx, dead, self._now()):
                    return
            log.warning("executor_died", executor_id=dead.id, host=dead.host, role=dead.role.value)
            for settle in self._on_death:
                settle(dead.id)
            with self._database.transaction() as tx:
                rows.remove(tx, dead.id)
            path.unlink(missing_ok=True)

    def _register(self) -> None:
        now = self._now()
        with self._database.transaction() as tx:
            rows.register(tx, Executor(id=self.id, host=self._host, role=self._role, started_at=now, beat_at=now))

    def _everybody(self) -> list[Executor]:
        with self._database.look_up() as tx:
            return rows.everybody(tx)

    def _register_ghosts(self, unknown: Collection[str]) -> list[Executor]:
        ghosts = []
        for executor_id in unknown:
            now = self._now()
            ghost = Executor(id=executor_id, host="", role=ExecutorRole.UNKNOWN, started_at=now, beat_at=now)
            with self._database.transaction() as tx:
                rows.register(tx, ghost)
            ghosts.append(ghost)
        return ghosts

    def _remove_stray_locks(self, registered: Collection[str]) -> None:
        """Remove lock files whose process died before it could register."""
        for path in self._locks.glob("*.lock"):
            if path.stem not in registered:
                with _locked(path) as ours:
                    if ours:
                        path.unlink(missing_ok=True)

    def _beat(self) -> None:
        try:
            with self._database.transaction() as tx:
                known = rows.beat(tx, self.id, self._now())
            if not known:
                # We were silent for so long that we were buried alive: what we ran is others' now, what comes is ours.
                log.warning("executor_registered_again", executor_id=self.id)
                self._register()
        except Exception:
            log.exception("executor_heartbeat_failed")

    def _again(self, seconds: float, act: Callable[[], None]) -> None:
        while not self._stopping.wait(seconds):
            act()

    def _lock_file(self, executor_id: str) -> Path:
        return self._locks / f"{executor_id}.lock"


def _make_lock(path: Path) -> int:
    """Create and lock a file of our own; again, if another's sweep takes it for a stray one in between."""
    for _ in range(_LOCK_TRIES):
        path.touch(mode=0o600)
        descriptor = _try_lock(path)
        if descriptor is not None:
            if _is_at(path, descriptor):
                return descriptor
            os.close(descriptor)
        time.sleep(_LOCK_WAIT_SECONDS)
    raise RuntimeError(f"another process holds {path.name}")


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _try_lock(path: Path) -> int | None:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        # flock, not lockf: it also keeps apart two executors of one process, and closing another descriptor of the file
        # does not let go of it. Descriptors are not inherited by programs that this process starts (PEP 446).
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    descriptor = _try_lock(path)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)
