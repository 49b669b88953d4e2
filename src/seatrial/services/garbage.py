"""Finds bytes that nobody owns, and rows whose bytes are gone; removes the first, reports the second.

Uploads reserve their keys before the first byte, so leftovers are usually found by a query, at every start. This walks
the stores: for what somebody copied there, a restored backup left, or a fault of ours.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar

from seatrial.db import copying, organizations
from seatrial.db.engine import Database
from seatrial.domain.errors import StorageUnavailable
from seatrial.domain.place import LOCAL_ID, Place
from seatrial.services import direct_uploads
from seatrial.services.loose_blobs import LooseBlobs
from seatrial.storage import BlobStores, FoundBlob, keys

T = TypeVar("T")
YOUNG_SECONDS = 3600
"""What is younger is left alone, whatever the database says: somebody may be about to name it."""
STALE_SECONDS = 24 * 3600


class Stores(BlobStores, Protocol):
    """The places that files are in, and which there are."""

    def provider_ids(self) -> list[str]:
        """Name all stores there are, of the server and of organizations."""


@dataclass(slots=True)
class Garbage:
    """What was found: files by their places or paths, with their sizes."""

    orphans: dict[str, int] = field(default_factory=dict)
    """Bytes that no row names."""
    unfinished: dict[str, int] = field(default_factory=dict)
    """The beginnings of uploads that ended long ago; 0 bytes where a store does not tell."""
    temporary: dict[str, int] = field(default_factory=dict)
    """Other things that a killed process left in the data directory."""
    missing: list[str] = field(default_factory=list)
    """Keys that rows name and that the store does not have; nothing is done about them."""
    unavailable: dict[str, str] = field(default_factory=dict)
    """Stores, by their ids, that could not be looked at, or not to the end, and why."""
    swept: int = 0
    """Reservations of processes that are no more, whose bytes were removed."""

    @property
    def octets(self) -> int:
        """How much would be, or is, free by this."""
        return sum(sum(each.values()) for each in (self.orphans, self.unfinished, self.temporary))


@dataclass(frozen=True, slots=True)
class Collector:
    """Walks the stores and the database."""

    db: Database
    blobs: Stores
    loose: LooseBlobs
    data_dir: Path
    clock: Callable[[], float] = time.time

    def collect(self, *, dry_run: bool, with_buckets: bool = False) -> Garbage:
        """Look at everything, and remove what nobody owns unless this is a dry run.

        A disk is ours alone. Of buckets that is not known: they are looked at where the caller says so, and only for
        files of organizations that are here.
        """
        found = Garbage()
        if not dry_run:
            found.swept = self.loose.sweep()
        for provider_id in self.blobs.provider_ids() if with_buckets else [LOCAL_ID]:
            try:
                self._tidy(provider_id, found, dry_run=dry_run)
            except StorageUnavailable as error:
                found.unavailable[provider_id] = error.message
        self._missing(found)
        for path in self._temporary():
            found.temporary[str(path.relative_to(self.data_dir))] = _size(path)
            if not dry_run:
                _remove(path)
        return found

    def _tidy(self, provider_id: str, found: Garbage, *, dry_run: bool) -> None:
        store, old = self.blobs.at(provider_id), self.clock() - YOUNG_SECONDS
        ours = None if provider_id == LOCAL_ID else self._organizations()

        def is_meant(one: FoundBlob) -> bool:
            return one.written_at < old and (ours is None or keys.organization_of(one.key) in ours)

        nobodys: list[FoundBlob] = []
        for batch in _batches(filter(is_meant, store.walk())):
            used = self._in_use([one.key for one in batch])
            nobodys += [one for one in batch if one.key not in used]
        for one in nobodys:
            # The key may have been reserved since: what is in use is not removed.
            if not dry_run and not self._in_use([one.key]):
                store.delete(one.key)
            (found.orphans if one.is_whole else found.unfinished)[str(Place(provider_id, one.key))] = one.size

    def _organizations(self) -> set[str]:
        with self.db.read() as tx:
            return {one.id for one in organizations.list_all(tx)}

    def _in_use(self, wanted: list[str]) -> set[str]:
        """Tell which keys are in use in whatever store: two providers may be names of one bucket."""
        with self.db.read() as tx:
            underway = copying.reserved(tx) | direct_uploads.keys_under_way(tx)
            return copying.named(tx, wanted) | (underway & set(wanted))

    def _missing(self, found: Garbage) -> None:
        with self.db.read() as tx:
            named = {blob.key: blob.provider_id for blob in copying.blobs(tx)}
        gone = (key for key in sorted(named) if self._is_gone(named[key], key, found))
        for batch in _batches(gone):
            with self.db.read() as tx:
                found.missing += sorted(copying.named(tx, batch))

    def _is_gone(self, provider_id: str, key: str, found: Garbage) -> bool:
        if provider_id in found.unavailable:
            return False
        try:
            self.blobs.at(provider_id).open(key).close()
        except FileNotFoundError:
            return True
        except StorageUnavailable as error:
            found.unavailable[provider_id] = error.message
        return False

    def _temporary(self) -> Iterator[Path]:
        old = self.clock() - STALE_SECONDS
        for pattern in ("run/conversions/*", ".doctor-*", "keys/.*"):
            for path in self.data_dir.glob(pattern):
                if path.lstat().st_mtime < old:
                    yield path


def _batches(items: Iterator[T]) -> Iterator[list[T]]:
    while batch := list(islice(items, copying.BATCH)):
        yield batch


def _size(path: Path) -> int:
    if path.is_dir() and not path.is_symlink():
        return sum(each.lstat().st_size for each in path.rglob("*") if each.is_file())
    return path.lstat().st_size


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
