"""What every `BlobStore` promises, run on each adapter."""

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.domain.ids import AppId, BuildId, OrganizationId, new_entity_id, new_file_id
from seatrial.domain.storage_provider import ProviderKind
from seatrial.storage import BlobStore, keys
from seatrial.storage.local import LocalBlobStore
from seatrial.storage.memory import MemoryBlobStore
from seatrial.storage.object_store import ObjectBlobStore
from tests.object_stores import store_in


@pytest.fixture(params=["local", "memory", "s3", "gcs", "azure"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BlobStore]:
    opened: LocalBlobStore | MemoryBlobStore | ObjectBlobStore
    match request.param:
        case "local":
            opened = LocalBlobStore(tmp_path / "blobs")
        case "memory":
            opened = MemoryBlobStore()
        case kind:
            server = request.getfixturevalue("azurite" if kind == "azure" else "seaweedfs")
            opened = store_in(server, ProviderKind(kind), tmp_path / "copies")
    with opened:
        yield opened


def a_key() -> str:
    ids = [new_entity_id() for _ in range(3)]
    return keys.build_file(OrganizationId(ids[0]), AppId(ids[1]), BuildId(ids[2]), new_file_id())


def put(store: BlobStore, key: str, data: bytes) -> None:
    writer = store.writer(key)
    writer.write(data)
    writer.commit()


def is_absent(store: BlobStore, key: str) -> bool:
    with pytest.raises(FileNotFoundError):
        store.open(key)
    with pytest.raises(FileNotFoundError), store.local_path(key):
        pass
    with pytest.raises(FileNotFoundError):
        store.open(key).read()
    return True


def test_a_committed_blob_reads_back_whole(store: BlobStore) -> None:
    key = a_key()
    pieces = [b"", b"x", os.urandom(3 << 20), b"", os.urandom(70_000), b"end"]
    whole = b"".join(pieces)
    writer = store.writer(key)
    for piece in pieces:
        writer.write(piece)
    assert writer.size == len(whole)
    blob = writer.commit()
    assert blob.key == key
    assert blob.size == len(whole)
    assert blob.sha256 == hashlib.sha256(whole).hexdigest()
    assert blob.head == whole[: 64 << 10]
    with store.open(key) as file:
        assert file.read() == whole
        file.seek(-3, os.SEEK_END)
        assert file.read() == b"end"
    with store.local_path(key) as path:
        assert path.read_bytes() == whole
    assert store.path(key) in {path, None}
    assert path.exists() is (store.path(key) is not None)


def test_it_gives_a_sign_of_life(store: BlobStore) -> None:
    store.ping()


def test_a_walk_names_what_is_stored(store: BlobStore) -> None:
    began, key, gone = time.time(), a_key(), a_key()
    put(store, key, b"0123456789")
    put(store, gone, b"gone")
    store.delete(gone)
    found = {one.key: one for one in store.walk() if one.is_whole}
    assert found[key].size == 10
    assert began - 5 < found[key].written_at < time.time() + 5  # clocks may tell whole seconds
    assert gone not in found


def test_every_kind_of_bytes_can_be_written(store: BlobStore) -> None:
    key = a_key()
    writer = store.writer(key)
    reused = bytearray(b"two")
    writer.write(b"one ")
    writer.write(reused)
    reused[:] = b"***"
    writer.write(memoryview(b" three"))
    writer.commit()
    with store.open(key) as file:
        assert file.read() == b"one two three"


def test_an_empty_blob_is_a_blob(store: BlobStore) -> None:
    key = a_key()
    blob = store.writer(key).commit()
    assert (blob.size, blob.head) == (0, b"")
    assert blob.sha256 == hashlib.sha256(b"").hexdigest()
    with store.open(key) as file:
        assert file.read() == b""


def test_bytes_are_invisible_until_commit(store: BlobStore) -> None:
    key = a_key()
    writer = store.writer(key)
    writer.write(os.urandom(2 << 20))
    assert is_absent(store, key)
    writer.commit()
    store.open(key).close()


def test_cancel_leaves_nothing_and_may_be_repeated(store: BlobStore) -> None:
    key = a_key()
    writer = store.writer(key)
    writer.write(os.urandom(2 << 20))
    writer.cancel()
    writer.cancel()
    assert is_absent(store, key)
    put(store, key, b"the place is free again")


def test_cancel_after_commit_changes_nothing(store: BlobStore) -> None:
    key = a_key()
    writer = store.writer(key)
    writer.write(b"kept")
    writer.commit()
    writer.cancel()
    with store.open(key) as file:
        assert file.read() == b"kept"


def test_a_finished_writer_takes_no_more_bytes(store: BlobStore) -> None:
    committed, cancelled = store.writer(a_key()), store.writer(a_key())
    committed.commit()
    cancelled.cancel()
    for writer in (committed, cancelled):
        with pytest.raises(ValueError, match="after commit or cancel"):
            writer.write(b"late")
        with pytest.raises(ValueError, match="after commit or cancel"):
            writer.commit()


def test_a_key_is_written_once(store: BlobStore) -> None:
    key = a_key()
    put(store, key, b"first")
    with pytest.raises(FileExistsError):
        store.writer(key)
    with store.open(key) as file:
        assert file.read() == b"first"


def test_a_key_has_one_writer_at_a_time(store: BlobStore) -> None:
    key = a_key()
    writer = store.writer(key)
    writer.write(b"mine")
    with pytest.raises(FileExistsError):
        store.writer(key)
    assert writer.commit().size == 4


def test_delete_removes_a_blob_and_forgives_a_missing_one(store: BlobStore) -> None:
    key = a_key()
    put(store, key, b"bytes")
    store.delete(key)
    assert is_absent(store, key)
    store.delete(key)
    store.delete(a_key())


def test_delete_removes_what_an_unfinished_writer_left(store: BlobStore) -> None:
    key = a_key()
    writer = store.writer(key)
    writer.write(os.urandom(2 << 20))
    store.delete(key)
    with pytest.raises(FileNotFoundError):
        writer.commit()
    assert is_absent(store, key)
    put(store, key, b"a new start")


def test_what_is_above_or_below_a_blob_is_none(store: BlobStore) -> None:
    key = a_key()
    put(store, key, b"a")
    above, below = key.rpartition("/")[0], f"{key}/below"
    for other in (above, below):
        assert is_absent(store, other)
        store.delete(other)
    with store.open(key) as file:
        assert file.read() == b"a"


def test_deleting_one_blob_keeps_its_neighbours(store: BlobStore) -> None:
    key = a_key()
    neighbour = keys.check(key.rpartition("/")[0] + "/" + new_file_id())
    put(store, key, b"a")
    put(store, neighbour, b"b")
    store.delete(key)
    with store.open(neighbour) as file:
        assert file.read() == b"b"


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "/etc/passwd",
        "../outside",
        "builds/../../outside",
        "builds//x",
        "builds/.",
        "builds/x.part",
        "a/\0",
        "a\n",
    ],
)
def test_only_keys_of_plain_words_are_taken(store: BlobStore, key: str) -> None:
    for act in (store.writer, store.open, store.local_path, store.delete):
        with pytest.raises(ValueError, match="object key"):
            act(key)


def test_writers_and_deletes_of_many_threads_do_not_disturb_each_other(store: BlobStore) -> None:
    prefix = a_key().rpartition("/")[0]
    errors: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(40):
                key = f"{prefix}/{new_file_id()}"
                put(store, key, b"here")
                with store.open(key) as file:
                    assert file.read() == b"here"
                store.delete(key)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_the_provider_is_what_a_build_shows(store: BlobStore) -> None:
    provider = store.provider
    assert len(bytes.fromhex(provider.id)) == 12
    assert provider.name
    assert provider.region
    assert provider.bucket
