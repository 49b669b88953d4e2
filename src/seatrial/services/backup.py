"""Copies everything while it is used: first the rows, as of one moment, then the objects that they name.

The bytes of an object are there before a row names it, never change, and are removed only after no row does. So what
the rows of a moment name is there right after it, but for what was being deleted.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from seatrial import __version__
from seatrial.db import copying, schema
from seatrial.db.copying import Blob
from seatrial.db.engine import Database
from seatrial.storage import BlobStores
from seatrial.storage.parcel import (
    MANIFEST,
    OBJECTS,
    TABLES,
    Manifest,
    Parcel,
    ParcelDamaged,
    digest_of,
    read_lines,
    write_lines,
)


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup did: the snapshot, and how much of it was new."""

    snapshot: Path
    manifest: Manifest
    copied: int
    octets: int


@dataclass(slots=True)
class _Count:
    objects: int = 0
    octets: int = 0
    copied: int = 0
    copied_octets: int = 0


@dataclass(frozen=True, slots=True)
class Backup:
    """Makes backups; `secrets` are files and folders that go along only where they are asked for."""

    db: Database
    blobs: BlobStores
    secrets: tuple[Path, ...]
    now: Callable[[], datetime]

    def make(self, target: Path, *, with_keys: bool = False, link: bool = False) -> Made:
        """Copy the rows, then what is new of the objects.

        Raises BlockingIOError where another backup runs there, ParcelDamaged for an object that came out changed,
        ServiceUnavailable.
        """
        parcel = Parcel(target)
        with parcel.held():
            folder = parcel.begin(f"{self.now():%Y%m%dT%H%M%SZ}")
            try:
                return self._fill(parcel, folder, with_keys=with_keys, link=link)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise

    def _fill(self, parcel: Parcel, folder: Path, *, with_keys: bool, link: bool) -> Made:
        known = _known(parcel)
        rows: dict[str, int] = {}
        moment = self.now()
        with self.db.read() as tx:
            shapes = [*copying.ours(), *copying.engines(tx)]
            for shape in shapes:
                rows[shape.name] = write_lines(folder / TABLES / f"{shape.name}.jsonl.gz", copying.lines(tx, shape))
            wanted = {blob.key: blob for blob in copying.blobs(tx)}
            at = schema.current(self.db) or ""
        count, missing = _Count(), list[str]()
        objects = self._objects(parcel, wanted, known, count, missing, link=link)
        write_lines(folder / OBJECTS, objects)
        if with_keys:
            for path in self.secrets:
                if path.is_dir():
                    shutil.copytree(path, folder / path.name)
                elif path.exists():
                    shutil.copy2(path, folder / path.name)
        files = {str(path.relative_to(folder)): digest_of(path) for path in sorted(folder.rglob("*")) if path.is_file()}
        manifest = Manifest(
            version=__version__,
            schema=at,
            database="sqlite" if self.db.is_sqlite else "postgresql",
            made_at=moment.isoformat(timespec="seconds"),
            tables=[(shape.name, dict(shape.columns)) for shape in shapes],
            rows=rows,
            objects=count.objects,
            octets=count.octets,
            missing=missing,
            with_keys=with_keys,
            files=files,
        )
        (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
        return Made(parcel.finish(folder), manifest, count.copied, count.copied_octets)

    def _objects(
        self,
        parcel: Parcel,
        wanted: dict[str, Blob],
        known: dict[str, tuple[int, str]],
        count: _Count,
        missing: list[str],
        *,
        link: bool,
    ) -> Iterator[bytes]:
        gone: list[Blob] = []
        for blob in wanted.values():
            line = self._object(parcel, blob, known.get(blob.key), count, link=link)
            if line is None:
                gone.append(blob)
                continue
            count.objects += 1
            yield line
        # What somebody deleted meanwhile is named by nobody any more; what still is, is lost.
        for start in range(0, len(gone), copying.BATCH):
            keys = [blob.key for blob in gone[start : start + copying.BATCH]]
            with self.db.read() as tx:
                missing += sorted(copying.named(tx, keys))

    def _object(
        self, parcel: Parcel, blob: Blob, known: tuple[int, str] | None, count: _Count, *, link: bool
    ) -> bytes | None:
        size, digest = known or (blob.size, blob.sha256)
        if size is None or not digest or not parcel.has(blob.key, size):
            try:
                size, digest = self._copy(parcel, blob, link=link)
            except FileNotFoundError:
                return None
            count.copied += 1
            count.copied_octets += size
        if blob.sha256 and digest != blob.sha256:
            raise ParcelDamaged(f"The storage has other bytes under {blob.key} than were uploaded")
        count.octets += size
        return msgspec.json.encode([blob.key, size, digest, blob.provider_id]) + b"\n"

    def _copy(self, parcel: Parcel, blob: Blob, *, link: bool) -> tuple[int, str]:
        store = self.blobs.at(blob.provider_id)
        if link and blob.sha256 and blob.size is not None:
            path = store.path(blob.key)
            if path is not None and path.stat().st_size == blob.size and parcel.link(blob.key, path):
                return blob.size, blob.sha256
        with store.open(blob.key) as source:
            return parcel.put(blob.key, source)


def _known(parcel: Parcel) -> dict[str, tuple[int, str]]:
    """Read what the newest snapshot says of objects, so that none is read again."""
    for snapshot in reversed(parcel.snapshots()):
        try:
            lines = [msgspec.json.decode(line) for line in read_lines(snapshot / OBJECTS)]
        except (OSError, EOFError, msgspec.DecodeError):
            continue
        return {key: (size, digest) for key, size, digest, _ in lines}
    return {}
