"""Bytes without an owner: every way in which a reservation can end."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from seatrial.db import build_files, builds, loose_blobs
from seatrial.domain.build import FileType
from seatrial.domain.errors import ServiceUnavailable
from seatrial.domain.place import LOCAL_ID, Place
from tests.db.sample_rows import file_row, new_build
from tests.services.rooms import EXECUTOR, Rooms


def places(*keys: str) -> list[Place]:
    return [Place(LOCAL_ID, key) for key in keys]


def own(rooms: Rooms, tx: Connection, key: str) -> None:
    """Give a key an owner: a file of a new build."""
    new = new_build()
    builds.insert_build(tx, rooms.scope, new)
    build_files.insert_files(tx, [file_row(new.id, FileType.ATTACHMENT, key)])


def test_a_reservation_is_known_before_the_first_byte_and_gone_with_its_owner(rooms: Rooms) -> None:
    loose_id = rooms.loose.reserve(places("builds/a", "builds/b"))
    assert rooms.reservations() == [(EXECUTOR, ["builds/a", "builds/b"])]
    assert rooms.loose.is_open(loose_id)
    rooms.write("builds/a")
    with rooms.db.transaction() as tx:
        rooms.loose.adopt(tx, loose_id)
        own(rooms, tx, "builds/a")
    rooms.loose.settle(loose_id)
    assert not rooms.loose.is_open(loose_id)
    assert rooms.loose.sweep() == 0
    assert rooms.has("builds/a")
    assert rooms.reservations() == []


def test_what_is_discarded_leaves_neither_bytes_nor_a_row(rooms: Rooms) -> None:
    loose_id = rooms.loose.reserve(places("builds/a", "builds/never-written"))
    rooms.write("builds/a")
    rooms.loose.discard(loose_id)
    rooms.loose.discard(loose_id)
    assert rooms.blobs.holds_nothing()
    assert rooms.reservations() == []


def test_an_owner_that_was_not_committed_owns_nothing(rooms: Rooms) -> None:
    loose_id = rooms.loose.reserve(places("builds/a"))
    rooms.write("builds/a")
    with rooms.db.transaction() as tx:
        rooms.loose.adopt(tx, loose_id)
        own(rooms, tx, "builds/a")
        tx.rollback()
    assert rooms.loose.is_open(loose_id)
    rooms.loose.discard(loose_id)
    assert rooms.blobs.holds_nothing()


def test_a_discard_after_the_adoption_takes_nothing_away(rooms: Rooms) -> None:
    loose_id = rooms.loose.reserve(places("builds/a"))
    rooms.write("builds/a")
    with rooms.db.transaction() as tx:
        rooms.loose.adopt(tx, loose_id)
        own(rooms, tx, "builds/a")
    rooms.loose.discard(loose_id)
    assert rooms.has("builds/a")


def test_a_sweep_leaves_alone_what_is_being_written(rooms: Rooms) -> None:
    rooms.loose.reserve(places("builds/a"))
    rooms.write("builds/a")
    assert rooms.loose.sweep() == 0
    assert rooms.has("builds/a")


def test_a_sweep_leaves_alone_what_is_reserved_while_it_looks(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    look = loose_blobs.abandoned
    made: list[str] = []

    def look_late(*arguments: Any, **named: Any) -> Any:
        if not made:
            made.append(rooms.loose.reserve(places("builds/a")))
            rooms.write("builds/a")
        return look(*arguments, **named)

    monkeypatch.setattr(loose_blobs, "abandoned", look_late)
    assert rooms.loose.sweep() == 0
    assert rooms.has("builds/a")
    assert rooms.loose.is_open(made[0])


def test_a_sweep_leaves_alone_what_gets_its_owner_while_it_looks(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    loose_id = rooms.loose.reserve(places("builds/a"))
    rooms.write("builds/a")
    rooms.loose.settle(loose_id)  # as if the sweep had looked a moment earlier
    look = loose_blobs.abandoned

    def adopted_after_the_look(*arguments: Any, **named: Any) -> Any:
        found = look(*arguments, **named)
        if found:
            with rooms.db.transaction() as tx:
                rooms.loose.adopt(tx, loose_id)
                own(rooms, tx, "builds/a")
        return found

    monkeypatch.setattr(loose_blobs, "abandoned", adopted_after_the_look)
    rooms.loose.sweep()
    assert rooms.has("builds/a")


def left_by_a_dead_process(rooms: Rooms) -> str:
    """Make what a process leaves that is killed between its bytes and their owner."""
    rooms.register("dead")
    loose_id = rooms.loose_of("dead").reserve(places("builds/stray"))
    rooms.write("builds/stray")
    return loose_id


def test_the_bytes_of_a_dead_process_go_when_it_is_buried(rooms: Rooms) -> None:
    left_by_a_dead_process(rooms)
    assert rooms.loose.sweep() == 0
    assert rooms.has("builds/stray")
    assert rooms.loose.sweep("dead") == 1
    assert not rooms.has("builds/stray")
    assert rooms.reservations() == []


def test_the_bytes_of_a_process_that_nobody_knows_go_at_once(rooms: Rooms) -> None:
    rooms.loose_of("nobody").reserve(places("builds/stray"))
    rooms.write("builds/stray")
    assert rooms.loose.sweep() == 1
    assert not rooms.has("builds/stray")


def test_a_process_that_was_buried_alive_learns_that_its_bytes_are_gone(rooms: Rooms) -> None:
    loose_id = left_by_a_dead_process(rooms)
    rooms.loose.sweep("dead")
    with pytest.raises(ServiceUnavailable), rooms.db.transaction() as tx:
        rooms.loose_of("dead").adopt(tx, loose_id)


def test_bytes_have_one_owner_even_while_they_are_removed(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that was believed dead adopts at the very moment when the sweep deletes."""
    loose_id = left_by_a_dead_process(rooms)
    delete = rooms.blobs.delete

    def adopted_meanwhile(key: str) -> None:
        with pytest.raises(ServiceUnavailable), rooms.db.transaction() as tx:
            rooms.loose_of("dead").adopt(tx, loose_id)
        delete(key)

    monkeypatch.setattr(rooms.blobs, "delete", adopted_meanwhile)
    assert rooms.loose.sweep("dead") == 1
    assert rooms.reservations() == []


def failing_once(call: Callable[[str], None], bad: str) -> Callable[[str], None]:
    failed: list[str] = []

    def delete(key: str) -> None:
        if key == bad and not failed:
            failed.append(key)
            raise PermissionError(key)
        call(key)

    return delete


def test_a_blob_that_stays_keeps_no_other_from_going(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("builds/a", "builds/b", "builds/c"):
        rooms.loose.settle(rooms.loose.reserve(places(key)))
        rooms.write(key)
    monkeypatch.setattr(rooms.blobs, "delete", failing_once(rooms.blobs.delete, "builds/a"))
    assert rooms.loose.sweep() == 2
    assert [keys for _, keys in rooms.reservations()] == [["builds/a"]]
    assert rooms.loose.sweep() == 1
    assert rooms.blobs.holds_nothing()


def test_a_discard_that_fails_is_made_good_by_the_sweep(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    loose_id = rooms.loose.reserve(places("builds/a"))
    rooms.write("builds/a")
    monkeypatch.setattr(rooms.blobs, "delete", failing_once(rooms.blobs.delete, "builds/a"))
    rooms.loose.discard(loose_id)
    assert rooms.has("builds/a")
    assert rooms.loose.sweep() == 1
    assert rooms.blobs.holds_nothing()


def test_keys_given_up_go_after_the_commit_and_not_before(rooms: Rooms) -> None:
    build = rooms.processed()
    with rooms.db.transaction() as tx:
        rooms.loose.give_up(tx, [build.files[0].place])
        tx.rollback()
    assert rooms.loose.sweep() == 0
    assert rooms.has(build.files[0].key)


def test_a_deleted_build_leaves_nothing_even_if_its_server_dies_at_once(rooms: Rooms) -> None:
    build = rooms.processed()
    with rooms.db.transaction() as tx:
        _, gone = builds.delete_build(tx, rooms.scope, build.id)
        rooms.loose.give_up(tx, gone)
    assert not rooms.blobs.holds_nothing()
    rooms.loose.sweep()
    assert rooms.blobs.holds_nothing()


def test_many_reservations_are_swept_in_one_go(rooms: Rooms) -> None:
    for number in range(510):
        rooms.loose.settle(rooms.loose.reserve(places(f"builds/{number}")))
    assert rooms.loose.sweep() == 510
    assert rooms.reservations() == []
