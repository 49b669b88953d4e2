"""Brings a backup back, into a database of either kind that has nothing yet, and says whether one is still good."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec

from seatrial.db import copying, schema, storage_copies
from seatrial.db.copying import TableShape
from seatrial.db.engine import Database
from seatrial.domain.errors import Conflict, StorageUnavailable
from seatrial.services.blob_stores import OpenStores
from seatrial.storage import BlobStore
from seatrial.storage.parcel import (
    BLOBS,
    OBJECTS,
    TABLES,
    Manifest,
    ParcelDamaged,
    digest_of,
    read_lines,
    read_manifest,
)


def newest(backup: Path) -> Path:
    """Give a snapshot: the one that is named, or the newest of a backup's folder.

    Raises ParcelDamaged where there is none.
    """
    if (backup / "manifest.json").exists():
        return backup
    found = sorted(path.parent for path in backup.glob("*/manifest.json") if path.parent.suffix != ".part")
    if not found:
        raise ParcelDamaged(f"There is no whole backup in {backup}")
    return found[-1]


def damages(snapshot: Path) -> Iterator[str]:
    """Read a whole snapshot; name each file that is missing or was changed."""
    try:
        read_manifest(snapshot)
    except ParcelDamaged as error:
        yield str(error)
        return
    for key, size, digest, _ in _objects(snapshot):
        path = snapshot.parent / BLOBS / key
        if not path.is_file():
            yield f"{path} is missing"
        elif path.stat().st_size != size or digest_of(path) != digest:
            yield f"{path} was changed"


def bring_back_secrets(snapshot: Path, data_dir: Path) -> None:
    """Put keys and settings back, where the snapshot has them and nobody has put others there."""
    if (snapshot / "keys").is_dir() and not (data_dir / "keys").exists():
        shutil.copytree(snapshot / "keys", data_dir / "keys")
        (data_dir / "keys").chmod(0o700)
    if (snapshot / "seatrial.toml").is_file() and not (data_dir / "seatrial.toml").exists():
        shutil.copy2(snapshot / "seatrial.toml", data_dir / "seatrial.toml")


@dataclass(frozen=True, slots=True)
class Restoring:
    """Fills an empty database, and the stores that files were in.

    Where a store of the backup is none of this server's, its files go to where this server keeps its own.
    """

    db: Database
    blobs: OpenStores

    def bring_back(self, snapshot: Path) -> Manifest:
        """Bring back all rows in one transaction, then the schema up to this program's version, then the objects.

        Raises Conflict for a database that has something, ParcelDamaged, ServiceUnavailable.
        """
        manifest = read_manifest(snapshot)
        if schema.current(self.db) is not None:
            raise Conflict("The database is not empty; a backup is restored into an empty one only.")
        schema.upgrade_to(self.db, manifest.schema)
        shapes = [TableShape(name, columns) for name, columns in manifest.tables]
        own = [shape for shape in shapes if shape.name not in copying.ENGINE_TABLES]
        with self.db.transaction() as tx:
            copying.clear(tx, own)
            for shape in own:
                self._fill(manifest, snapshot, shape, copying.load(tx, shape, self._lines(snapshot, shape)))
            copying.go_on_counting(tx)
        schema.upgrade(self.db)
        # Behind the rows, which say what stores there are besides the server's own.
        self._bring_objects(snapshot)
        return manifest

    def bring_back_jobs(self, snapshot: Path, manifest: Manifest) -> None:
        """Bring back the jobs that had not ended, once the engine's tables are there."""
        shapes = [TableShape(name, columns) for name, columns in manifest.tables if name in copying.ENGINE_TABLES]
        with self.db.transaction() as tx:
            for shape in shapes:
                copying.load(tx, shape, self._lines(snapshot, shape))

    def _bring_objects(self, snapshot: Path) -> None:
        objects = _objects(snapshot)
        with self.db.transaction() as tx:
            storage_copies.forget_loose(tx, lambda provider_id: not self.blobs.is_known(provider_id))
        while batch := list(islice(objects, copying.BATCH)):
            elsewhere: list[tuple[str, str]] = []
            stores = {provider_id: self._store(provider_id) for *_, provider_id in batch}
            for key, size, digest, provider_id in batch:
                store = stores[provider_id]
                self._object(snapshot.parent / BLOBS / key, key, size, digest, store)
                if store.provider.id != provider_id:
                    elsewhere.append((key, provider_id))
            if not elsewhere:
                continue
            with self.db.transaction() as tx:
                for key, provider_id in elsewhere:
                    storage_copies.switch(tx, key, provider_id, self.blobs.home.provider)

    def _store(self, provider_id: str) -> BlobStore:
        try:
            return self.blobs.at(provider_id) if self.blobs.is_known(provider_id) else self.blobs.home
        except StorageUnavailable as error:
            keys = "Restore with your copy of keys/ in the data directory: it may have that, and nothing else yet"
            raise Conflict(f"{error.message} {keys}.") from error

    def _object(self, source: Path, key: str, size: int, digest: str, store: BlobStore) -> None:
        if _has(store, key):
            return  # a bucket that was not lost
        writer = store.writer(key)
        try:
            with source.open("rb") as file:
                while piece := file.read(1 << 20):
                    writer.write(piece)
            stored = writer.commit()
        except FileNotFoundError as error:
            writer.cancel()
            raise ParcelDamaged(f"{source} is missing") from error
        except BaseException:
            writer.cancel()
            raise
        if (stored.size, stored.sha256) != (size, digest):
            raise ParcelDamaged(f"{source} was changed")

    def _lines(self, snapshot: Path, shape: TableShape) -> Iterator[bytes]:
        return read_lines(snapshot / TABLES / f"{shape.name}.jsonl.gz")

    def _fill(self, manifest: Manifest, snapshot: Path, shape: TableShape, rows: int) -> None:
        if rows != manifest.rows[shape.name]:
            raise ParcelDamaged(f"{snapshot / TABLES} has another number of rows for {shape.name} than it says")


def _has(store: BlobStore, key: str) -> bool:
    try:
        store.open(key).close()
    except FileNotFoundError:
        return False
    return True


def _objects(snapshot: Path) -> Iterator[tuple[str, int, str, str]]:
    for line in read_lines(snapshot / OBJECTS):
        key, size, digest, provider_id = msgspec.json.decode(line)
        yield key, size, digest, provider_id
