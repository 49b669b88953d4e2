"""Finds bytes that nobody owns, and rows whose bytes are gone; removes the first, reports the second.

Uploads reserve their keys before the first byte, so leftovers are usually found by a query, at every start. This walks
the disk: for what somebody copied there, a restored backup left, or a fault of ours.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from os import stat_result
from pathlib import Path
from typing import Protocol, TypeVar

from seatrial.db import copying
from seatrial.db.engine import Database
from seatrial.services.loose_blobs import LooseBlobs
from seatrial.storage import BlobStores

T = TypeVar("T")
YOUNG_SECONDS = 3600
"""What is younger is left alone, whatever the database says: somebody may be about to name it."""
STALE_SECONDS = 24 * 3600


class Walked(Protocol):
    """A store that can say what it has."""

    def walk(self) -> Iterator[tuple[str, stat_result, bool]]:
        """Give every file's key and what the system says of it, and whether it is one that is not whole yet."""

    def delete(self, key: str) -> None:
        """Remove a blob and whatever an unfinished writer left under its key; a missing key is fine."""


@dataclass(slots=True)
class Garbage:
    """What was found: files by their keys or paths, with their sizes."""

    orphans: dict[str, int] = field(default_factory=dict)
    """Bytes that no row names."""
    unfinished: dict[str, int] = field(default_factory=dict)
    """The beginnings of uploads that ended long ago."""
    temporary: dict[str, int] = field(default_factory=dict)
    """Other things that a killed process left in the data directory."""
    missing: list[str] = field(default_factory=list)
    """Keys that rows name and that the store does not have; nothing is done about them."""
    swept: int = 0
    """Reservations of processes that are no more, whose bytes were removed."""

    @property
    def octets(self) -> int:
        """How much would be, or is, free by this."""
        return sum(sum(each.values()) for each in (self.orphans, self.unfinished, self.temporary))


@dataclass(frozen=True, slots=True)
class Collector:
    """Walks the store and the database."""

    db: Database
    disk: Walked
    blobs: BlobStores
    loose: LooseBlobs
    data_dir: Path
    clock: Callable[[], float] = time.time

    def collect(self, *, dry_run: bool) -> Garbage:
        """Look at everything, and remove what nobody owns unless this is a dry run."""
        found = Garbage()
        if not dry_run:
            found.swept = self.loose.sweep()
        self._walk(found)
        self._missing(found)
        for path in self._temporary():
            found.temporary[str(path.relative_to(self.data_dir))] = _size(path)
        if not dry_run:
            for key in (*found.orphans, *found.unfinished):
                # The key may have been reserved since: what is in use is not removed.
                if not self._in_use([key]):
                    self.disk.delete(key)
            for name in found.temporary:
                _remove(self.data_dir / name)
        return found

    def _walk(self, found: Garbage) -> None:
        old = self.clock() - YOUNG_SECONDS
        seen = ((key, about.st_size, is_part) for key, about, is_part in self.disk.walk() if about.st_mtime < old)
        for batch in _batches(seen):
            used = self._in_use([key for key, _, _ in batch])
            for key, size, is_part in batch:
                if key not in used:
                    (found.unfinished if is_part else found.orphans)[key] = size

    def _in_use(self, keys: list[str]) -> set[str]:
        with self.db.read() as tx:
            return copying.named(tx, keys) | (copying.reserved(tx) & set(keys))

    def _missing(self, found: Garbage) -> None:
        with self.db.read() as tx:
            named = {blob.key: blob.provider_id for blob in copying.blobs(tx)}
        gone = [key for key in sorted(named) if not self._is_there(named[key], key)]
        for batch in _batches(iter(gone)):
            with self.db.read() as tx:
                found.missing += sorted(copying.named(tx, batch))

    def _is_there(self, provider_id: str, key: str) -> bool:
        try:
            self.blobs.at(provider_id).open(key).close()
        except FileNotFoundError:
            return False
        return True

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
