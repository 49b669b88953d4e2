"""Builds that are read again, and how long things took whatever the clock says."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from seatrial.db import tables
from seatrial.domain.access import Permission
from seatrial.domain.build import BuildStatus, FileType, Submission
from seatrial.domain.buildinfo import BuildInfo
from seatrial.domain.errors import BuildFileInvalid, BuildNotProcessed, EntityNotFound, Forbidden, ProcessingCode
from tests.services.rooms import ANDROID, PNG, Reader, Rooms

BROKEN = BuildFileInvalid(ProcessingCode.CORRUPT_ARCHIVE, "It is broken.")
NEWER = replace(ANDROID, version_name="1.3", icon_png=PNG + b" drawn better")
MADE = [FileType.ORIGINAL, FileType.PACKAGE, FileType.ICON]


def lanes(rooms: Rooms) -> int:
    with rooms.db.read() as tx:
        return len(tx.execute(select(tables.build_lanes.c.build_id)).all())


def test_a_build_in_error_is_read_again_and_its_times_are_of_this_reading(rooms: Rooms) -> None:
    build = rooms.upload()
    rooms.processing(Reader(BROKEN)).run(build.id, 1)
    assert rooms.get(build.id).error_code == "CORRUPT_ARCHIVE"
    rooms.later(3600)
    waiting = rooms.reprocessing.again(rooms.scope, build.id)
    assert (waiting.status, waiting.error, waiting.error_code) == (BuildStatus.PENDING, "", "")
    assert rooms.queue.taken == [(build.id, 1), (build.id, 2)]

    def slow() -> BuildInfo:
        rooms.later(2)
        return ANDROID

    rooms.later(5)
    rooms.processing(Reader(slow)).run(build.id, 1)  # the first attempt, delivered once more
    rooms.processing(Reader(slow)).run(build.id, 2)
    done = rooms.get(build.id)
    assert (done.status, done.queued_ms, done.process_ms) == (BuildStatus.PROCESSED, 5000, 2000)
    assert [file.type for file in done.files] == MADE


def test_what_was_made_before_stays_until_the_new_outcome_takes_its_place(rooms: Rooms) -> None:
    before = rooms.processed()
    attached = rooms.attach(before.id, b"a report").files[-1]
    icon = before.file(FileType.ICON)
    assert icon is not None
    rooms.reprocessing.again(rooms.scope, before.id)
    assert lanes(rooms) == 0
    assert [file.id for file in rooms.get(before.id).files] == [*(file.id for file in before.files), attached.id]
    rooms.processing(Reader(NEWER)).run(before.id, 2)
    after = rooms.get(before.id)
    assert after.version_name == "1.3"
    assert sorted(file.type for file in after.files) == sorted([*MADE, FileType.ATTACHMENT])
    newer = after.file(FileType.ICON)
    assert newer is not None
    assert rooms.blobs.open(newer.key).read() == PNG + b" drawn better"
    assert not rooms.has(icon.key)
    assert rooms.has(after.files[0].key)
    assert rooms.reservations() == []
    assert lanes(rooms) == 1


def test_the_uploaders_label_stays_and_a_worse_outcome_counts(rooms: Rooms) -> None:
    build = rooms.upload(said=Submission(version_name="RC-1"))
    rooms.processing(Reader(ANDROID)).run(build.id, 1)
    rooms.reprocessing.again(rooms.scope, build.id)
    rooms.processing(Reader(BROKEN)).run(build.id, 2)
    ended = rooms.get(build.id)
    assert (ended.status, ended.version_name, ended.info) == (BuildStatus.ERROR, "RC-1", None)
    assert [file.type for file in ended.files] == [FileType.ORIGINAL]
    assert rooms.has(ended.files[0].key)
    assert rooms.reservations() == []


def test_only_what_is_finished_and_only_by_who_may(rooms: Rooms) -> None:
    build = rooms.upload()
    with pytest.raises(BuildNotProcessed):
        rooms.reprocessing.again(rooms.scope, build.id)
    rooms.processing(Reader(ANDROID)).run(build.id, 1)
    reading = replace(rooms.scope.principal, permissions=frozenset(Permission) - {Permission.BUILD_UPDATE})
    with pytest.raises(Forbidden):
        rooms.reprocessing.again(replace(rooms.scope, principal=reading), build.id)
    with pytest.raises(EntityNotFound):
        rooms.reprocessing.again(rooms.scope, "0" * 24)
    assert rooms.queue.taken == [(build.id, 1)]


def test_batches_end(rooms: Rooms) -> None:
    builds = [rooms.processed().id for _ in range(3)]
    broken = rooms.upload()
    rooms.processing(Reader(BROKEN)).run(broken.id, 1)
    rooms.later(1)
    now = rooms.now()
    rooms.later(1)
    rooms.processed()  # came later
    assert rooms.reprocessing.batch(rooms.scope, None, "", now, 10) == [*builds, broken.id]
    assert rooms.reprocessing.batch(rooms.scope, BuildStatus.ERROR, "", now, 10) == [broken.id]
    first = rooms.reprocessing.batch(rooms.scope, BuildStatus.PROCESSED, "", now, 2)
    for each in first:
        rooms.reprocessing.again(rooms.scope, each)
    assert rooms.reprocessing.unfinished(rooms.scope, [*first, "0" * 24]) == 2
    assert rooms.reprocessing.batch(rooms.scope, BuildStatus.PROCESSED, first[-1], now, 2) == builds[2:]


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_a_clock_that_jumps_changes_no_outcome(rooms: Rooms, jump: float) -> None:
    build = rooms.upload()
    rooms.jump(jump)

    def slow() -> BuildInfo:
        rooms.later(2)
        rooms.jump(-2 * jump)
        return ANDROID

    rooms.processing(Reader(slow)).run(build.id, 1)
    done = rooms.get(build.id)
    assert (done.status, done.process_ms) == (BuildStatus.PROCESSED, 2000)
    assert done.queued_ms == max(0, int(jump * 1000))
    assert [file.type for file in done.files] == MADE


def test_the_time_of_a_reading_that_was_taken_over_counts_from_its_beginning(rooms: Rooms) -> None:
    build = rooms.upload()
    rooms.later(4)

    def dies() -> BuildInfo:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rooms.processing(Reader(dies)).run(build.id, 1)
    rooms.later(30)
    rooms.processing(Reader(ANDROID)).run(build.id, 1)
    done = rooms.get(build.id)
    assert (done.queued_ms, done.process_ms) == (4000, 30_000)
