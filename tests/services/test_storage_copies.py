"""Files move from one store to another, each in exactly one of them at any time."""

from collections.abc import Iterator

import pytest

from seatrial.db import build_files
from seatrial.domain.build import Build, StorageProvider
from seatrial.services.blob_stores import OpenStores
from seatrial.services.loose_blobs import LooseBlobs
from seatrial.services.storage_copies import Copied, StorageCopies
from seatrial.storage.memory import MemoryBlobStore
from seatrial.storage.sealing import Sealer
from tests.services.rooms import EXECUTOR, OnlyStore, Rooms


class Elsewhere(MemoryBlobStore):
    provider = StorageProvider(id="e" * 24, name="elsewhere", region="far", bucket="away")


@pytest.fixture
def there() -> Iterator[Elsewhere]:
    with Elsewhere() as store:
        yield store


def copies_of(rooms: Rooms, there: Elsewhere) -> StorageCopies:
    own = {there.provider.id: there}
    stores = OpenStores(rooms.db, Sealer([b"k" * 32]), rooms.blobs, own, lambda *_: there)
    return StorageCopies(rooms.db, stores, LooseBlobs(rooms.db, stores, EXECUTOR, rooms.now))


def moved(copies: StorageCopies, here: OnlyStore, there: Elsewhere) -> list[Copied]:
    return list(copies.copy(here, there, None, 0))


def places(build: Build) -> set[tuple[str, str, str]]:
    return {(file.storage_provider_id, file.bucket, file.region) for file in build.files}


def test_all_files_of_builds_move_and_nothing_is_left(rooms: Rooms, there: Elsewhere) -> None:
    before = rooms.processed()
    copies = copies_of(rooms, there)
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


def test_what_is_not_what_was_stored_stays_where_it_is(rooms: Rooms, there: Elsewhere) -> None:
    build = rooms.upload()
    key = build.files[0].key
    rooms.blobs.delete(key)
    rooms.write(key, b"other bytes")
    (one,) = moved(copies_of(rooms, there), rooms.blobs, there)
    assert "SHA-256" in one.error
    assert there.holds_nothing()
    assert places(rooms.get(build.id)) != {("e" * 24, "away", "far")}
    assert rooms.reservations() == []


def test_what_a_killed_run_has_left_is_written_anew(rooms: Rooms, there: Elsewhere) -> None:
    build = rooms.upload()
    writer = there.writer(build.files[0].key)
    writer.write(b"PK by")
    writer.commit()
    (one,) = moved(copies_of(rooms, there), rooms.blobs, there)
    assert one.error == ""
    assert there.open(build.files[0].key).read() == b"PK bytes"


def test_a_build_that_is_deleted_while_it_is_copied_leaves_nothing(
    rooms: Rooms, there: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = rooms.upload()
    look = rooms.blobs.open

    def gone_meanwhile(key: str) -> object:
        found = look(key)
        rooms.builds.delete(rooms.scope, build.id)
        return found

    monkeypatch.setattr(rooms.blobs, "open", gone_meanwhile)
    (one,) = moved(copies_of(rooms, there), rooms.blobs, there)
    assert one.error == ""
    assert there.holds_nothing()
    assert rooms.blobs.holds_nothing()
    with rooms.db.read() as tx:
        assert build_files.places_in_use(tx, [build.files[0].place]) == set()
