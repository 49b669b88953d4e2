"""Files move from one store to another, each in exactly one of them at any time."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from seatrial.db import build_files, executors, trash
from seatrial.db.executors import Executor, ExecutorRole
from seatrial.domain.build import Build, StorageProvider
from seatrial.domain.errors import Conflict
from seatrial.domain.place import Place
from seatrial.services.blob_stores import OpenStores
from seatrial.services.loose_blobs import LooseBlobs
from seatrial.services.storage_copies import Copied, StorageCopies
from seatrial.services.trash import Trash
from seatrial.storage.memory import MemoryBlobStore
from seatrial.storage.sealing import Sealer
from tests.services.rooms import EXECUTOR, PNG, OnlyStore, Rooms


class Elsewhere(MemoryBlobStore):
    provider = StorageProvider(id="e" * 24, name="elsewhere", region="far", bucket="away")


@pytest.fixture
def there() -> Iterator[Elsewhere]:
    with Elsewhere() as store:
        yield store


@pytest.fixture
def copies(rooms: Rooms, there: Elsewhere, tmp_path: Path) -> StorageCopies:
    own = {there.provider.id: there}
    stores = OpenStores(rooms.db, Sealer([b"k" * 32]), rooms.blobs, own, lambda *_: there)
    return StorageCopies(rooms.db, stores, LooseBlobs(rooms.db, stores, EXECUTOR, rooms.now), tmp_path / "run/lock")


def moved(copies: StorageCopies, here: OnlyStore, there: Elsewhere) -> list[Copied]:
    return list(copies.copy(here, there, None, 0))


def places(build: Build) -> set[tuple[str, str, str]]:
    return {(file.storage_provider_id, file.bucket, file.region) for file in build.files}


def test_all_files_of_builds_move_and_nothing_is_left(rooms: Rooms, there: Elsewhere, copies: StorageCopies) -> None:
    before = rooms.processed()
    objects = {file.key for file in before.files}
    assert copies.totals(rooms.blobs, None)[0] == len(objects)
    done = moved(copies, rooms.blobs, there)
    assert {one.key for one in done} == objects
    assert [one.error for one in done] == [""] * len(objects)
    after = rooms.get(before.id)
    assert places(after) == {("e" * 24, "away", "far")}
    assert after.storage_provider.name == "elsewhere"
    assert rooms.blobs.holds_nothing()
    assert there.open(after.files[0].key).read() == b"PK bytes"
    assert rooms.reservations() == []
    assert moved(copies, rooms.blobs, there) == []


def test_what_is_not_what_was_stored_stays_where_it_is(rooms: Rooms, there: Elsewhere, copies: StorageCopies) -> None:
    build = rooms.upload()
    key = build.files[0].key
    rooms.blobs.delete(key)
    rooms.write(key, b"other bytes")
    (one,) = moved(copies, rooms.blobs, there)
    assert "SHA-256" in one.error
    assert there.holds_nothing()
    assert places(rooms.get(build.id)) != {("e" * 24, "away", "far")}
    assert rooms.reservations() == []


def test_what_a_killed_run_has_left_is_written_anew(rooms: Rooms, there: Elsewhere, copies: StorageCopies) -> None:
    build = rooms.upload()
    writer = there.writer(build.files[0].key)
    writer.write(b"PK by")
    writer.commit()
    (one,) = moved(copies, rooms.blobs, there)
    assert one.error == ""
    assert there.open(build.files[0].key).read() == b"PK bytes"


def test_a_build_that_is_deleted_while_it_is_copied_leaves_nothing(
    rooms: Rooms, there: Elsewhere, copies: StorageCopies, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = rooms.upload()
    look = rooms.blobs.open

    def gone_meanwhile(key: str) -> object:
        found = look(key)
        rooms.builds.delete(rooms.scope, build.id)
        return found

    monkeypatch.setattr(rooms.blobs, "open", gone_meanwhile)
    (one,) = moved(copies, rooms.blobs, there)
    assert one.error == ""
    assert there.holds_nothing()
    assert rooms.blobs.holds_nothing()
    with rooms.db.read() as tx:
        assert build_files.places_in_use(tx, [build.files[0].place]) == set()


def test_builds_in_the_trash_move_too_and_come_back_whole(
    rooms: Rooms, there: Elsewhere, copies: StorageCopies
) -> None:
    bin_, build = Trash(rooms.db, rooms.loose, rooms.now), rooms.processed()
    keys = {file.key for file in build.files}
    bin_.put(rooms.scope, build.id)
    assert copies.totals(rooms.blobs, rooms.scope.organization_id) == (
        len(keys),
        sum({file.key: file.size for file in build.files}.values()),
    )
    done = list(copies.copy(rooms.blobs, there, rooms.scope.organization_id, 0))
    assert ({one.key for one in done}, {one.error for one in done}) == (keys, {""})
    assert rooms.blobs.holds_nothing()
    assert copies.totals(rooms.blobs, None) == (0, 0)
    with rooms.db.read() as tx:
        assert trash.places_in_use(tx, [Place(there.provider.id, key) for key in keys]) == {
            Place(there.provider.id, key) for key in keys
        }
    back = bin_.restore(rooms.scope, build.id)
    assert places(back) == {("e" * 24, "away", "far")}
    assert back.storage_provider == there.provider
    assert there.open(back.files[0].key).read() == b"PK bytes"
    assert [file.checksum for file in back.files] == [file.checksum for file in build.files]
    assert rooms.reservations() == []


@pytest.mark.parametrize("way", ["there", "and back"])
def test_a_build_that_goes_to_the_trash_or_comes_back_while_it_is_copied(
    rooms: Rooms, there: Elsewhere, copies: StorageCopies, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    bin_, build = Trash(rooms.db, rooms.loose, rooms.now), rooms.processed()
    if way == "and back":
        bin_.put(rooms.scope, build.id)
    look, changed = rooms.blobs.open, list[str]()

    def meanwhile(key: str) -> object:
        found = look(key)
        if not changed:
            changed.append(key)
            (bin_.put if way == "there" else bin_.restore)(rooms.scope, build.id)
        return found

    monkeypatch.setattr(rooms.blobs, "open", meanwhile)
    assert {one.error for one in moved(copies, rooms.blobs, there)} == {""}
    assert rooms.blobs.holds_nothing()
    back = bin_.restore(rooms.scope, build.id) if way == "there" else rooms.get(build.id)
    assert places(back) == {("e" * 24, "away", "far")}
    assert {there.open(file.key).read()[:2] for file in back.files} == {b"PK", PNG[:2]}
    assert rooms.reservations() == []


def test_it_waits_for_what_is_about_to_be_removed_and_for_nobody_for_ever(
    rooms: Rooms, there: Elsewhere, copies: StorageCopies
) -> None:
    key, waited = rooms.upload().files[0].key, list[float]()
    other = LooseBlobs(rooms.db, copies.stores, "executor-two", rooms.now)
    with rooms.db.transaction() as tx:
        now = rooms.now()
        executor = Executor(id="executor-two", host="h", role=ExecutorRole.API, started_at=now, beat_at=now)
        executors.register(tx, executor)
    loose_id = other.reserve([Place(there.provider.id, key)])

    def pause(seconds: float) -> None:
        waited.append(seconds)
        other.discard(loose_id)

    (one,) = moved(replace(copies, pause=pause), rooms.blobs, there)
    assert (one.error, len(waited)) == ("", 1)
    for _ in copies.copy(there, rooms.blobs, None, 0):
        with pytest.raises(Conflict, match="under way"):
            list(copies.copy(there, rooms.blobs, None, 0))
