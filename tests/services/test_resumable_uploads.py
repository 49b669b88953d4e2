"""Uploads bit by bit: what is refused, what expires, and what a last step that fails leaves."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from seatrial.domain.build import Submission
from seatrial.domain.errors import (
    Conflict,
    EntityNotFound,
    InsufficientStorage,
    QuotaExceeded,
    ServiceUnavailable,
    TooManyRequests,
    UploadInUse,
)
from seatrial.domain.quota import Item
from seatrial.domain.upload import Concatenation, NewUpload, UnfinishedUpload
from seatrial.services.resumable_uploads import ResumableUploads
from seatrial.storage.local import LocalBlobStore
from seatrial.storage.spool import Spool
from seatrial.storage.whole_files import WholeFileWriter
from tests.services.rooms import Rooms
from tests.services.test_numbers import whole
from tests.services.test_quotas import used
from tests.services.test_side_by_side import together

CONTENT = bytes(range(256)) * 16
NEW = NewUpload(length=len(CONTENT), metadata="")


@pytest.fixture
def uploads(rooms: Rooms, tmp_path: Path) -> ResumableUploads:
    return ResumableUploads(
        db=rooms.db,
        uploads=rooms.uploads,
        spool=Spool(tmp_path / "unfinished", 0),
        idempotency=rooms.idempotency,
        life=timedelta(hours=24),
        max_length=1 << 40,
        max_open=2,
        now=rooms.now,
    )


def receive(uploads: ResumableUploads, rooms: Rooms, upload_id: str, offset: int, content: bytes) -> None:
    receiving = uploads.receive(rooms.scope, upload_id, offset, None)
    try:
        receiving.write([content])
        receiving.settle()
        if receiving.is_whole and receiving.upload.concatenation is not Concatenation.PARTIAL:
            uploads.complete(rooms.scope, receiving, Submission(), "a.apk")
    finally:
        receiving.close()


def test_a_last_step_that_fails_is_one_byte_away_from_a_build(uploads: ResumableUploads, rooms: Rooms) -> None:
    upload = uploads.announce(rooms.scope, NEW)
    rooms.queue.failure = ServiceUnavailable()
    with pytest.raises(ServiceUnavailable):
        receive(uploads, rooms, upload.id, 0, CONTENT)
    assert uploads.settled(rooms.scope, upload.id).offset == len(CONTENT) - 1
    assert rooms.blobs.holds_nothing()
    assert rooms.reservations() == []
    rooms.queue.failure = None
    receive(uploads, rooms, upload.id, len(CONTENT) - 1, CONTENT[-1:])
    found = uploads.find(rooms.scope, upload.id)
    assert found.build_id is not None
    assert rooms.blobs.open(rooms.get(found.build_id).files[0].key).read() == CONTENT
    assert list(uploads.spool.names()) == []


def test_there_must_be_room_for_all_of_it(uploads: ResumableUploads, rooms: Rooms) -> None:
    with pytest.raises(InsufficientStorage):
        uploads.announce(rooms.scope, replace(NEW, length=1 << 39))
    full = replace(uploads, spool=Spool(uploads.spool.path(""), 1 << 60))
    with pytest.raises(InsufficientStorage):
        full.announce(rooms.scope, replace(NEW, length=1))


def test_nobody_begins_any_number_of_them(uploads: ResumableUploads, rooms: Rooms) -> None:
    first = uploads.announce(rooms.scope, NEW)
    uploads.announce(rooms.scope, NEW)
    with pytest.raises(TooManyRequests):
        uploads.announce(rooms.scope, NEW)
    uploads.terminate(rooms.scope, first.id)
    uploads.announce(rooms.scope, NEW)


@pytest.mark.parametrize(("item", "room"), [(Item.STORAGE, 3 * len(CONTENT)), (Item.BUILDS, 3)])
def test_what_is_announced_at_once_stays_within_a_quota(
    uploads: ResumableUploads, rooms: Rooms, item: Item, room: int
) -> None:
    many = replace(uploads, max_open=99)
    rooms.quotas.grant(whole(rooms.scope), {item: room})
    results = together([lambda: many.announce(rooms.scope, NEW)] * 10)
    announced = [one for one in results if isinstance(one, UnfinishedUpload)]
    assert len(announced) == 3
    assert sum(isinstance(one, QuotaExceeded) for one in results) == 7
    one = room // 3
    assert used(rooms, item) == (room, room)
    with pytest.raises(QuotaExceeded):
        rooms.upload(b"x")  # nor does a form get their room
    receive(many, rooms, announced[0].id, 0, CONTENT)  # the last byte of what had room has it
    assert used(rooms, item) == (room, room)
    many.terminate(rooms.scope, announced[1].id)
    assert used(rooms, item) == (room - one, room - one)
    rooms.later(25 * 3600)
    assert many.sweep() == 1
    assert used(rooms, item) == (one, one)
    many.announce(rooms.scope, NEW)


def test_pieces_count_once_and_become_one_build(uploads: ResumableUploads, rooms: Rooms) -> None:
    many = replace(uploads, max_open=99)
    rooms.quotas.grant(rooms.scope, {Item.STORAGE: len(CONTENT), Item.BUILDS: 1})
    half = len(CONTENT) // 2
    piece = NewUpload(length=half, metadata="", concatenation=Concatenation.PARTIAL)
    pieces = [many.announce(rooms.scope, piece).id for _ in range(2)]
    with pytest.raises(QuotaExceeded):
        many.announce(rooms.scope, replace(piece, length=1))
    for number, upload_id in enumerate(pieces):
        receive(many, rooms, upload_id, 0, CONTENT[number * half :][:half])
    joined = NewUpload(length=0, metadata="", concatenation=Concatenation.FINAL, parts="named")
    _, build = many.concatenate(rooms.scope, joined, pieces, Submission(), "a.apk")
    assert build.size == len(CONTENT)
    assert (used(rooms, Item.STORAGE)[0], used(rooms, Item.BUILDS)[0]) == (len(CONTENT), 1)
    assert list(many.spool.names()) == []


def test_what_nobody_continues_is_removed_and_so_are_strays(uploads: ResumableUploads, rooms: Rooms) -> None:
    old, young = uploads.announce(rooms.scope, NEW), uploads.announce(rooms.scope, NEW)
    receive(uploads, rooms, old.id, 0, CONTENT[:9])
    rooms.later(20 * 3600)
    receive(uploads, rooms, young.id, 0, CONTENT[:9])
    uploads.spool.path("0" * 24).write_bytes(b"of an app that was deleted")
    rooms.later(5 * 3600)
    assert uploads.sweep() == 2
    assert list(uploads.spool.names()) == [young.id]
    with pytest.raises(EntityNotFound):
        uploads.find(rooms.scope, old.id)
    assert uploads.find(rooms.scope, young.id).offset == 9
    assert uploads.sweep() == 0


def test_one_writes_at_a_time_and_learns_that_others_want_to(uploads: ResumableUploads, rooms: Rooms) -> None:
    upload = uploads.announce(rooms.scope, NEW)
    receiving = uploads.receive(rooms.scope, upload.id, 0, None)
    before: bool = receiving.file.is_wanted
    assert not before
    for call in (uploads.settled, uploads.terminate):
        with pytest.raises(UploadInUse):
            call(rooms.scope, upload.id)
    wanted: bool = receiving.file.is_wanted
    assert wanted
    receiving.write([CONTENT[:9]])
    receiving.break_off()
    receiving.close()
    assert uploads.settled(rooms.scope, upload.id).offset == 9
    with pytest.raises(Conflict):
        uploads.receive(rooms.scope, upload.id, 0, None)


def test_bytes_beyond_what_was_acknowledged_are_cut_off(uploads: ResumableUploads, rooms: Rooms) -> None:
    """A process that was killed has written more than it wrote down."""
    upload = uploads.announce(rooms.scope, NEW)
    receive(uploads, rooms, upload.id, 0, CONTENT[:9])
    with uploads.spool.path(upload.id).open("ab") as file:
        file.write(b"never acknowledged")
    receive(uploads, rooms, upload.id, 9, CONTENT[9:])
    found = uploads.find(rooms.scope, upload.id)
    assert found.build_id is not None
    assert rooms.blobs.open(rooms.get(found.build_id).files[0].key).read() == CONTENT


def test_a_file_on_the_same_disk_is_linked_and_not_copied(tmp_path: Path) -> None:
    path = tmp_path / "whole"
    path.write_bytes(CONTENT)
    store = LocalBlobStore(tmp_path / "blobs", 0)
    stored = WholeFileWriter(store, "builds/o/a/b/f", path, len(CONTENT), None).commit()
    assert store.path("builds/o/a/b/f").stat().st_ino == path.stat().st_ino
    assert (stored.size, stored.head) == (len(CONTENT), CONTENT)
    assert store.path("builds/o/a/b/f").read_bytes() == CONTENT
