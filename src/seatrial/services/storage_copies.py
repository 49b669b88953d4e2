"""Moving files from one storage provider to another while the server runs."""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from seatrial.db import storage_copies, storage_providers
from seatrial.db.engine import Database
from seatrial.db.storage_copies import Movable
from seatrial.domain.errors import Conflict, InvalidRequest, SeatrialError
from seatrial.domain.ids import OrganizationId
from seatrial.domain.place import LOCAL_ID, Place
from seatrial.services.blob_stores import OpenStores
from seatrial.services.loose_blobs import LooseBlobs
from seatrial.storage import BlobStore

log = structlog.get_logger()

CHUNK_BYTES = 8 << 20
PATIENCE_SECONDS = 120
"""How long it is waited for what a run that was killed elsewhere has left to be removed by those who serve."""
LOOK_SECONDS = 0.2
UNDER_WAY = "Another copy between these places is under way."


@dataclass(frozen=True, slots=True)
class Copied:
    """One object that was copied, or why it was not."""

    key: str
    size: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class StorageCopies:
    """Copies objects one after another; each is compared, then its files are said to be there, then it is removed here.

    A kill at any moment leaves every file in exactly one place, and the next run goes on with what is left.
    """

    db: Database
    stores: OpenStores
    loose: LooseBlobs
    lock: Path
    pause: Callable[[float], None] = time.sleep
    _left: list[tuple[float, str]] = field(default_factory=list)

    def named(self, said: str, organization_id: OrganizationId) -> BlobStore:
        """Give a store by `local`, `default` (the server's own), an organization's provider's id or name.

        Raises InvalidRequest, StorageUnavailable.
        """
        if said in {"local", LOCAL_ID}:
            return self.stores.at(LOCAL_ID)
        if said == "default":
            return self.stores.home
        with self.db.read() as tx:
            kept = storage_providers.of_organizations(tx, [organization_id])[organization_id]
        found = [one for one in kept if said in {one.id, one.name}]
        if len(found) != 1:
            names = ", ".join(one.name for one in kept) or "none of the organization's own"
            raise InvalidRequest({said: f"must be local, default, or one of: {names}"})
        return self.stores.at(found[0].id)

    def totals(self, source: BlobStore, organization_id: OrganizationId | None) -> tuple[int, int]:
        """Count what there is to copy: objects and bytes."""
        with self.db.read() as tx:
            return storage_copies.totals(tx, source.provider.id, organization_id)

    def copy(
        self, source: BlobStore, target: BlobStore, organization_id: OrganizationId | None, keep_seconds: float
    ) -> Iterator[Copied]:
        """Copy everything; what is read from the source by links that are out stays there for so many seconds.

        Raises InvalidRequest for one and the same store, Conflict where another copy between them is under way.
        """
        if source.provider.id == target.provider.id:
            raise InvalidRequest({"to": "must be another place than `from`"})
        with self._alone():
            self._await_others(source, target)
            yield from self._all(source, target, organization_id, keep_seconds)

    def _all(
        self, source: BlobStore, target: BlobStore, organization_id: OrganizationId | None, keep_seconds: float
    ) -> Iterator[Copied]:
        passed: list[str] = []
        while True:
            with self.db.read() as tx:
                movable = storage_copies.next_movable(tx, source.provider.id, organization_id, passed)
            if not movable:
                break
            for one in movable:
                error = self._copy(one, source, target, keep_seconds)
                if error:
                    passed.append(one.key)
                yield Copied(one.key, one.size, error)
        self._remove_left(wait=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one copy run at a time on this machine: of two, one would write over what the other one has written."""
        self.lock.parent.mkdir(parents=True, exist_ok=True)
        with self.lock.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Conflict(UNDER_WAY) from error
            yield

    def _await_others(self, source: BlobStore, target: BlobStore) -> None:
        """Wait until nobody is about to remove what is copied now: that is what befalls the bytes of a killed run."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.loose.sweep()
            with self.db.read() as tx:
                others = storage_copies.writers(tx, source.provider.id, target.provider.id)
            if not others:
                return
            if time.monotonic() >= until:
                raise Conflict(UNDER_WAY)
            self.pause(LOOK_SECONDS)

    def _copy(self, one: Movable, source: BlobStore, target: BlobStore, keep_seconds: float) -> str:
        self._remove_left(wait=False)
        loose_id = self.loose.reserve([Place(target.provider.id, one.key)])
        try:
            _transfer(one, source, target)
            left = self._switch(one, source, target, loose_id)
        except (SeatrialError, OSError) as error:
            self.loose.discard(loose_id)
            return _sentence(error)
        except BaseException:
            self.loose.discard(loose_id)
            raise
        if left is None:
            self.loose.discard(loose_id)
        else:
            self.loose.settle(loose_id)
            self._left.append((time.monotonic() + keep_seconds, left))
        return ""

    def _switch(self, one: Movable, source: BlobStore, target: BlobStore, loose_id: str) -> str | None:
        """Say that an object is elsewhere; `None` where it was deleted while it was copied."""
        with self.db.transaction() as tx:
            if not storage_copies.switch(tx, one.key, source.provider.id, target.provider):
                return None
            self.loose.adopt(tx, loose_id)
            return self.loose.give_up(tx, [Place(source.provider.id, one.key)])

    def _remove_left(self, *, wait: bool) -> None:
        while self._left:
            due, loose_id = self._left[0]
            rest = due - time.monotonic()
            if rest > 0 and not wait:
                return
            if rest > 0:
                self.pause(rest)
            self.loose.discard(loose_id)
            self._left.pop(0)


def _transfer(one: Movable, source: BlobStore, target: BlobStore) -> None:
    try:
        writer = target.writer(one.key)
    except FileExistsError:
        target.delete(one.key)  # no file is in it: a run that was killed has left it
        writer = target.writer(one.key)
    try:
        with source.open(one.key) as file:
            while piece := file.read(CHUNK_BYTES):
                writer.write(piece)
        stored = writer.commit()
    finally:
        writer.cancel()
    if (stored.size, stored.sha256) != (one.size, one.checksum):
        raise SeatrialError("What the source gives is not what was stored there: the size or the SHA-256 is another.")


def _sentence(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "The source does not have it."
    return error.message if isinstance(error, SeatrialError) else f"{type(error).__name__}: {error}"
