import pytest

from seatrial.domain.errors import InsufficientStorage
from seatrial.storage.memory import MemoryBlobStore


def test_a_store_with_an_end_says_so() -> None:
    store = MemoryBlobStore(capacity=10)
    assert store.free_bytes() == 10
    writer = store.writer("a")
    writer.write(b"12345678")
    assert store.free_bytes() == 2
    with pytest.raises(InsufficientStorage):
        writer.write(b"123")
    writer.cancel()
    assert store.free_bytes() == 10
    assert store.holds_nothing()


def test_a_store_without_end_has_no_number() -> None:
    assert MemoryBlobStore().free_bytes() is None


def test_copies_go_with_their_block() -> None:
    store = MemoryBlobStore()
    store.writer("a/b").commit()
    with store.local_path("a/b") as path:
        assert path.exists()
    assert not path.exists()
