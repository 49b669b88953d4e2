"""Bytes without an owner: reserved before they are written, adopted by a row, or removed."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import Connection

from seatrial.db import app_files, build_files, feedbacks, loose_blobs, trash
from seatrial.db.engine import Database
from seatrial.domain.errors import SeatrialError, ServiceUnavailable, StorageUnavailable
from seatrial.domain.ids import new_entity_id
from seatrial.domain.place import Place
from seatrial.storage import BlobStores

log = structlog.get_logger()

Also = Callable[[Connection, str], None]

SWEPT = "The upload took part in a fail-over and was removed. Send it again."


@dataclass(frozen=True, slots=True)
class LooseBlobs:
    """Keeps account of keys from their first byte to the row that owns them, so that no death leaves a stray file."""

    db: Database
    blobs: BlobStores
    executor_id: str
    now: Callable[[], datetime]
    _active: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reserve(self, places: Sequence[Place], also: Also | None = None) -> str:
        """Write down that bytes may appear in these places; gives the reservation's id.

        `also` takes part in the transaction, and gets the id.
        """
        loose = loose_blobs.LooseBlobs(new_entity_id(), self.executor_id, tuple(places))
        with self._lock:
            self._active.add(loose.id)
        try:
            with self.db.transaction() as tx:
                loose_blobs.insert_loose(tx, loose, self.now())
                if also is not None:
                    also(tx, loose.id)
        except BaseException:
            self._forget(loose.id)
            raise
        return loose.id

    def adopt(self, tx: Connection, loose_id: str) -> None:
        """Hand the reserved keys over to rows of the caller's transaction.

        Raises ServiceUnavailable where others believed this process dead and have removed the bytes.
        """
        if not loose_blobs.release(tx, loose_id, self.executor_id):
            raise ServiceUnavailable(SWEPT)

    def settle(self, loose_id: str) -> None:
        """Note that the transaction with `adopt` is committed."""
        self._forget(loose_id)

    def is_open(self, loose_id: str) -> bool:
        """Whether a reservation still waits, which means that no transaction adopted it."""
        with self.db.transaction() as tx:
            return loose_blobs.find(tx, loose_id, hold=True) is not None

    def discard(self, loose_id: str) -> None:
        """Remove the bytes of a reservation; what cannot be removed now is left to `sweep`."""
        try:
            with self.db.read() as tx:
                loose = loose_blobs.find(tx, loose_id)
            if loose is not None:
                self._remove(loose)
        except (SeatrialError, OSError) as error:
            log.warning("loose blobs are left to the next sweep", loose_id=loose_id, reason=repr(error))
        finally:
            self._forget(loose_id)

    def give_up(self, tx: Connection, places: Sequence[Place]) -> str:
        """Take places from their owner in the transaction that deletes it; `discard` the result after the commit."""
        loose = loose_blobs.LooseBlobs(new_entity_id(), self.executor_id, tuple(places))
        loose_blobs.insert_loose(tx, loose, self.now())
        return loose.id

    def sweep(self, dead_executor: str | None = None) -> int:
        """Remove what dead processes and failed attempts of this one have left behind; gives how many of them.

        Raises ServiceUnavailable. A blob that the store does not let go of is logged and left to the next call.
        """
        executors = {self.executor_id, dead_executor or self.executor_id}
        stubborn: set[str] = set()
        down: set[str] = set()
        swept = 0
        while True:
            with self._lock:
                active = {*self._active, *stubborn}
            with self.db.read() as tx:
                abandoned = loose_blobs.abandoned(tx, executors, active)
            if not abandoned:
                return swept
            with self._lock:
                # What was reserved between the two looks is in use; what was settled since then has its owner by now.
                active = {*self._active, *stubborn}
            for loose in abandoned:
                if loose.id in active:
                    continue
                stores = {place.provider_id for place in loose.places}
                if stores & down:
                    stubborn.add(loose.id)  # one wait for a store that does not answer is enough
                    continue
                try:
                    self._remove(loose)
                    swept += 1
                except (OSError, StorageUnavailable) as error:
                    log.warning("loose blobs are left to the next sweep", loose_id=loose.id, reason=repr(error))
                    stubborn.add(loose.id)
                    if isinstance(error, StorageUnavailable):
                        down |= stores

    def _remove(self, loose: loose_blobs.LooseBlobs) -> None:
        # It becomes ours first: were its process alive after all, it could adopt the bytes while we delete them.
        with self.db.transaction() as tx:
            if not loose_blobs.take(tx, loose, self.executor_id):
                return
            owned = build_files.places_in_use(tx, loose.places) | app_files.places_in_use(tx, loose.places)
            owned |= trash.places_in_use(tx, loose.places)
            owned |= feedbacks.places_in_use(tx, loose.places)
        for place in loose.places:
            if place not in owned:
                self.blobs.at(place.provider_id).delete(place.key)
        with self.db.transaction() as tx:
            loose_blobs.release(tx, loose.id, self.executor_id)

    def _forget(self, loose_id: str) -> None:
        with self._lock:
            self._active.discard(loose_id)
