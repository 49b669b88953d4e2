"""What nobody owns in object stores, real ones: it goes, and nothing that is somebody's does."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.domain.ids import new_entity_id
from seatrial.domain.place import LOCAL_ID, Place
from seatrial.domain.storage_provider import Bucket, ProviderKind
from seatrial.services.blob_stores import OpenStores
from seatrial.services.garbage import Collector
from seatrial.services.loose_blobs import LooseBlobs
from seatrial.services.storage_copies import StorageCopies
from seatrial.storage import BlobStore
from seatrial.storage.local import LocalBlobStore
from seatrial.storage.object_store import PART_BYTES, ObjectBlobStore
from seatrial.storage.sealing import Sealer
from tests.object_stores import BUCKET, ObjectServer, bucket_of, make_bucket, store_in
from tests.services.rooms import Rooms

COLLECTOR, AN_HOUR_AND_MORE = "the collector", 3700


@pytest.fixture(params=["s3", "azure"])
def kind(request: pytest.FixtureRequest) -> ProviderKind:
    return ProviderKind(request.param)


@pytest.fixture
def server(kind: ProviderKind, request: pytest.FixtureRequest) -> ObjectServer:
    found: ObjectServer = request.getfixturevalue("seaweedfs" if kind is ProviderKind.S3 else "azurite")
    return found


@pytest.fixture
def bucket(kind: ProviderKind, server: ObjectServer) -> Bucket:
    """Give a place of the test's own; for S3 without a prefix, in a bucket where nobody else sends anything."""
    if kind is ProviderKind.S3:
        return bucket_of(server, kind, make_bucket(server, f"garbage-{new_entity_id()}"))
    return bucket_of(server, kind, BUCKET, prefix=f"garbage/{new_entity_id()}")


@pytest.fixture
def store(kind: ProviderKind, server: ObjectServer, bucket: Bucket, tmp_path: Path) -> Iterator[ObjectBlobStore]:
    with store_in(server, kind, tmp_path / "copies", bucket=bucket) as store:
        yield store


@pytest.fixture
def stores(rooms: Rooms, store: ObjectBlobStore, tmp_path: Path) -> OpenStores:
    own: dict[str, BlobStore] = {LOCAL_ID: LocalBlobStore(tmp_path / "blobs"), rooms.blobs.provider.id: rooms.blobs}
    return OpenStores(rooms.db, Sealer([b"k" * 32]), store, own, lambda *_: store)


@pytest.fixture
def collector(rooms: Rooms, stores: OpenStores, tmp_path: Path) -> Collector:
    loose = LooseBlobs(rooms.db, stores, COLLECTOR, rooms.now)
    return Collector(rooms.db, stores, loose, tmp_path, lambda: time.time() + AN_HOUR_AND_MORE)


def put(store: ObjectBlobStore, key: str, content: bytes = b"whoever wrote this is gone") -> None:
    writer = store.writer(key)
    writer.write(content)
    writer.commit()


def is_there(store: ObjectBlobStore, key: str) -> bool:
    try:
        store.open(key).close()
    except FileNotFoundError:
        return False
    return True


def test_what_nobody_owns_in_a_bucket_goes_and_all_else_stays(
    rooms: Rooms, stores: OpenStores, store: ObjectBlobStore, collector: Collector, kind: ProviderKind, tmp_path: Path
) -> None:
    build = rooms.processed()
    copies = StorageCopies(rooms.db, stores, collector.loose, tmp_path / "lock")
    assert not [one.error for one in copies.copy(rooms.blobs, store, None, 0) if one.error]
    mine = f"builds/{rooms.scope.organization_id}/{rooms.scope.app_id}/{new_entity_id()}"
    orphan, reserved, foreign = f"{mine}/orphan", f"{mine}/reserved", f"builds/{new_entity_id()}/a/b/theirs"
    for key in (orphan, reserved, foreign):
        put(store, key)
    rooms.loose.reserve([Place(store.provider.id, reserved)])
    begun = store.writer(f"{mine}/begun")
    begun.write(b"x" * (2 * PART_BYTES))

    found = collector.collect(dry_run=True)
    assert found.orphans == {}, "nobody has said that buckets are to be looked at"
    for is_trial in (True, False):
        found = collector.collect(dry_run=is_trial, with_buckets=True)
        assert found.orphans == {f"{store.provider.id}:{orphan}": 26}
        # Azure names none: it forgets them by itself.
        told = {f"{store.provider.id}:{mine}/begun": 0} if kind is ProviderKind.S3 else {}
        assert found.unfinished == told
        assert found.missing == []
        assert found.unavailable == {}
        assert is_there(store, orphan) is is_trial
    assert is_there(store, reserved)
    assert is_there(store, foreign)
    assert [is_there(store, file.key) for file in build.files] == [True] * len(build.files)
    again = collector.collect(dry_run=True, with_buckets=True)
    assert (again.orphans, again.unfinished) == ({}, {})
    begun.cancel()


def test_what_is_young_is_left_alone(rooms: Rooms, stores: OpenStores, store: ObjectBlobStore, tmp_path: Path) -> None:
    key = f"apps/{rooms.scope.organization_id}/{rooms.scope.app_id}/picture"
    put(store, key)
    now = Collector(rooms.db, stores, LooseBlobs(rooms.db, stores, COLLECTOR, rooms.now), tmp_path)
    assert now.collect(dry_run=False, with_buckets=True).orphans == {}
    assert is_there(store, key)


def test_a_store_that_refuses_is_named_and_the_others_are_looked_at(
    rooms: Rooms, seaweedfs: ObjectServer, tmp_path: Path
) -> None:
    left = tmp_path / "blobs/builds/0/0/0/orphan"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"12345")
    disk = LocalBlobStore(tmp_path / "blobs")
    with store_in(seaweedfs, ProviderKind.S3, tmp_path / "copies", secret="of somebody else") as closed:
        stores = OpenStores(rooms.db, Sealer([b"k" * 32]), closed, {LOCAL_ID: disk}, lambda *_: closed)
        loose = LooseBlobs(rooms.db, stores, COLLECTOR, rooms.now)
        later = Collector(rooms.db, stores, loose, tmp_path, lambda: time.time() + AN_HOUR_AND_MORE)
        found = later.collect(dry_run=False, with_buckets=True)
    assert found.orphans == {"builds/0/0/0/orphan": 5}
    assert not left.exists()
    assert closed.provider.name in found.unavailable[closed.provider.id]
