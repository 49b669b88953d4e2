"""A backup on a disk: snapshots, each with its tables and a list of objects, and one store of objects for all of them.

TARGET/
  blobs/{key}                 each object once; never changed
  20261129T031500Z/           one snapshot; it has this name when it is whole
    manifest.json             what it is, and the digest of every other file
    tables/{name}.jsonl.gz    rows
    objects.jsonl.gz          [key, size, SHA-256, store] of every object that the rows name
    keys/, seatrial.toml      where they were asked for
"""

import fcntl
import gzip
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

BLOBS, MANIFEST, OBJECTS, TABLES = "blobs", "manifest.json", "objects.jsonl.gz", "tables"
PIECE = 1 << 20


class ParcelDamaged(Exception):
    """A backup that is not what it was when it was made; the sentence says where."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot is."""

    format: int = 1
    version: str
    schema: str
    database: str
    made_at: str
    tables: list[tuple[str, dict[str, str]]]
    """In the order in which they are to be filled."""
    rows: dict[str, int]
    objects: int
    octets: int
    missing: list[str]
    """Objects that the rows name and that the storage did not have."""
    with_keys: bool
    files: dict[str, str]
    """SHA-256 of each file of the snapshot."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """The folder of a backup."""

    root: Path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let one process at a time write here; what a killed one left of a snapshot is removed.

        Raises BlockingIOError where another one writes.
        """
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for stale in self.root.glob("*.part"):
                shutil.rmtree(stale)
            (self.root / BLOBS).mkdir(mode=0o700, exist_ok=True)
            yield

    def snapshots(self) -> list[Path]:
        """Give the whole ones, the newest last."""
        return sorted(path.parent for path in self.root.glob(f"*/{MANIFEST}") if path.parent.suffix != ".part")

    def begin(self, stamp: str) -> Path:
        """Make the folder of a snapshot that is not whole yet."""
        folder = self.root / f"{stamp}.part"
        (folder / TABLES).mkdir(mode=0o700, parents=True)
        folder.chmod(0o700)
        return folder

    def finish(self, folder: Path) -> Path:
        """Give a whole snapshot its name; it is there after a power cut, too."""
        for each in sorted(folder.rglob("*")):
            sync(each)
        sync(folder)
        final, number = folder.with_suffix(""), 1
        while final.exists():
            number += 1
            final = folder.with_name(f"{folder.stem}-{number}")
        folder.rename(final)
        sync(self.root)
        return final

    def has(self, key: str, size: int | None) -> bool:
        """Whether an object is here already; they never change, so its size is enough."""
        try:
            found = (self.root / BLOBS / key).stat().st_size
        except FileNotFoundError:
            return False
        return size is None or found == size

    def put(self, key: str, source: BinaryIO) -> tuple[int, str]:
        """Copy an object in; gives its size and digest."""
        place = self.root / BLOBS / key
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = place.with_name(f"{place.name}.part")
        size, digest = 0, hashlib.sha256()
        with draft.open("wb") as copy:
            while piece := source.read(PIECE):
                copy.write(piece)
                digest.update(piece)
                size += len(piece)
            copy.flush()
            os.fsync(copy.fileno())
        draft.rename(place)
        return size, digest.hexdigest()

    def link(self, key: str, path: Path) -> bool:
        """Give an object another name here instead of copying it; false where that is another disk."""
        place = self.root / BLOBS / key
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        try:
            os.link(path, place)
        except OSError:
            return False
        return True


def digest_of(path: Path) -> str:
    """Read a file and give its SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_lines(path: Path, lines: Iterable[bytes]) -> int:
    """Write lines, compressed; gives how many there were."""
    many = 0
    with gzip.open(path, "wb", compresslevel=1) as file:
        for line in lines:
            file.write(line)
            many += 1
    return many


def read_lines(path: Path) -> Iterator[bytes]:
    """Read them again."""
    with gzip.open(path, "rb") as file:
        yield from file


def read_manifest(snapshot: Path) -> Manifest:
    """Read what a snapshot is, and see that its own files are as they were.

    Raises ParcelDamaged.
    """
    try:
        manifest = msgspec.json.decode((snapshot / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise ParcelDamaged(f"{snapshot} is no backup of Seatrial, or its {MANIFEST} is damaged") from error
    for name, digest in manifest.files.items():
        path = snapshot / name
        if not path.is_file() or digest_of(path) != digest:
            raise ParcelDamaged(f"{path} is missing or was changed")
    return manifest


def sync(path: Path) -> None:
    """Put a file or folder on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
