"""Who asks whether the store answers, and how often."""

import threading

import pytest

from seatrial.domain.errors import StorageUnavailable
from seatrial.services.storage_watch import StorageWatch
from seatrial.storage.memory import MemoryBlobStore


class Store(MemoryBlobStore):
    """One that can be away, and counts who asks."""

    asked = 0
    away = False
    answering = threading.Event()

    def ping(self) -> None:
        self.asked += 1
        self.answering.wait(60)
        if self.away:
            raise StorageUnavailable("Harbour", "cannot be reached")


@pytest.fixture
def store() -> Store:
    store = Store()
    store.answering = threading.Event()
    store.answering.set()
    return store


def test_an_answer_is_kept_for_a_moment(store: Store) -> None:
    now = 0.0
    watch = StorageWatch(store, 5, lambda: now)
    assert watch.is_up()
    store.away = True
    now = 4.9
    assert watch.is_up()
    now = 5.0
    assert not watch.is_up()
    assert store.asked == 2


def test_nobody_waits_for_a_slow_store_twice(store: Store) -> None:
    watch = StorageWatch(store, 0)
    assert watch.is_up()
    store.answering.clear()
    store.away = True
    asking = threading.Thread(target=watch.is_up)
    asking.start()
    while store.asked < 2:
        pass
    assert watch.is_up(), "what was known before"
    store.answering.set()
    asking.join()
    assert not watch.is_up()
