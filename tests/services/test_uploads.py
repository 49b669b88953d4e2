"""Taking bytes in: whole or not at all."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from seatrial.db import builds as build_rows
from seatrial.domain.access import TOKEN_SCOPE_PERMISSIONS, AppScope, TokenScope
from seatrial.domain.build import BuildStatus, FileType, Submission
from seatrial.domain.errors import (
    BuildFileMissing,
    BuildNotProcessed,
    EntityNotFound,
    Forbidden,
    InsufficientStorage,
    InvalidRequest,
    PayloadTooLarge,
    SeatrialError,
    ServiceUnavailable,
)
from seatrial.services.uploads import ATTACHMENT_PART, BUILD_PART, ICON_PART, MAX_ICON_BYTES, Intake, Uploads
from seatrial.storage import BlobWriter, StoredBlob
from tests.services.rooms import EXECUTOR, OnlyStore, Rooms


def assert_empty(rooms: Rooms) -> None:
    assert rooms.blobs.holds_nothing()
    assert rooms.reservations() == []
    assert rooms.owned_keys() == set()
    assert rooms.queue.taken == []


def intake_with(rooms: Rooms, parts: dict[str, bytes]) -> Intake:
    intake = rooms.uploads.begin(rooms.scope, None)
    for name, content in parts.items():
        writer = intake.open(name, "a.apk")
        if writer is not None:
            writer.write(content)
    return intake


def failing(rooms: Rooms, error: type[SeatrialError], parts: dict[str, bytes]) -> None:
    """Do what the web does with an upload that fails."""
    intake = intake_with(rooms, parts)
    with pytest.raises(error):
        rooms.uploads.accept(intake, Submission())
    rooms.uploads.abandon(intake)
    rooms.uploads.abandon(intake)
    assert_empty(rooms)


def test_what_was_accepted_is_there_and_is_abandoned_in_vain(rooms: Rooms) -> None:
    intake = intake_with(rooms, {BUILD_PART: b"PK bytes"})
    build = rooms.uploads.accept(intake, Submission(version_name="1", tags=("b", "a")))
    rooms.uploads.abandon(intake)  # the client went away before the answer
    assert rooms.get(build.id) == build
    assert (build.size, build.tags, build.status) == (8, ("b", "a"), BuildStatus.PENDING)
    assert rooms.blobs.open(build.files[0].key).read() == b"PK bytes"
    assert rooms.queue.taken == [(build.id, 1)]
    assert rooms.reservations() == []


@pytest.mark.parametrize("parts", [{}, {BUILD_PART: b""}, {ICON_PART: b"png"}, {"other": b"PK"}])
def test_an_upload_without_a_build_is_none(rooms: Rooms, parts: dict[str, bytes]) -> None:
    failing(rooms, BuildFileMissing, parts)


def test_an_icon_may_not_be_huge(rooms: Rooms) -> None:
    failing(rooms, PayloadTooLarge, {BUILD_PART: b"PK", ICON_PART: bytes(MAX_ICON_BYTES + 1)})


def test_a_job_that_cannot_be_added_takes_the_build_with_it(rooms: Rooms) -> None:
    rooms.queue.failure = ServiceUnavailable()
    failing(rooms, ServiceUnavailable, {BUILD_PART: b"PK", ICON_PART: b"png"})


def test_a_row_that_cannot_be_written_takes_the_bytes_with_it(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise ServiceUnavailable

    monkeypatch.setattr(build_rows, "insert_build", away)
    failing(rooms, ServiceUnavailable, {BUILD_PART: b"PK"})


def test_a_commit_that_fails_on_its_way_back_is_a_success(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in the database decides: a 503 here would make two builds of one (decision 39)."""
    intake = intake_with(rooms, {BUILD_PART: b"PK"})
    commit = type(rooms.db).transaction

    class Cut:
        def __init__(self) -> None:
            self.inner = commit(rooms.db)

        def __enter__(self) -> object:
            return self.inner.__enter__()

        def __exit__(self, *error: object) -> None:
            monkeypatch.undo()
            self.inner.__exit__(None, None, None)
            raise ServiceUnavailable("the connection broke")

    monkeypatch.setattr(type(rooms.db), "transaction", lambda _self: Cut())
    build = rooms.uploads.accept(intake, Submission())
    rooms.uploads.abandon(intake)
    assert rooms.get(build.id) == build
    assert rooms.blobs.open(build.files[0].key).read() == b"PK"


def test_bytes_that_others_removed_are_to_be_sent_again(rooms: Rooms) -> None:
    """This process was believed dead while it received."""
    intake = intake_with(rooms, {BUILD_PART: b"PK"})
    rooms.register("other")
    rooms.loose_of("other").sweep(EXECUTOR)
    with pytest.raises(ServiceUnavailable, match="again"):
        rooms.uploads.accept(intake, Submission())
    rooms.uploads.abandon(intake)
    assert_empty(rooms)


@dataclass
class SweptAfterwards:
    """A writer after whose commit others take this process for dead, and remove what it has written."""

    inner: BlobWriter
    sweep: Callable[[], object]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def commit(self) -> StoredBlob:
        stored = self.inner.commit()
        self.sweep()
        return stored


@pytest.mark.parametrize("kind", [BUILD_PART, ATTACHMENT_PART])
def test_bytes_that_others_removed_are_not_acknowledged(rooms: Rooms, kind: str) -> None:
    """They were whole, and gone before a row could own them: to be sent again, and no reason to look for the build."""
    build = rooms.processed()
    is_build = kind == BUILD_PART
    intake = (
        rooms.uploads.begin(rooms.scope, None)
        if is_build
        else rooms.uploads.begin_attachments(rooms.scope, build.id, None)
    )
    writer = intake.open(kind, "a.apk")
    assert writer is not None
    writer.write(b"PK bytes")
    swept = SweptAfterwards(writer, lambda: rooms.loose_of("other").sweep(EXECUTOR))
    intake.parts = [replace(intake.parts[0], writer=cast("BlobWriter", swept))]
    with pytest.raises(ServiceUnavailable, match="again"):
        rooms.uploads.accept(intake, Submission()) if is_build else rooms.uploads.attach(intake, "")
    rooms.uploads.abandon(intake)
    assert rooms.get(build.id) == build
    assert rooms.reservations() == []


def test_a_store_that_is_full_at_the_end_keeps_nothing(rooms: Rooms) -> None:
    small = OnlyStore(capacity=100)
    rooms.blobs = small
    rooms.loose = replace(rooms.loose, blobs=small)
    rooms.uploads = replace(rooms.uploads, blobs=small, loose=rooms.loose)
    intake = rooms.uploads.begin(rooms.scope, None)
    writer = intake.open(BUILD_PART, "a.apk")
    assert writer is not None
    with pytest.raises(InsufficientStorage):
        writer.write(bytes(101))
    rooms.uploads.abandon(intake)
    assert_empty(rooms)
    with pytest.raises(InsufficientStorage):
        rooms.uploads.begin(rooms.scope, 101)
    assert rooms.reservations() == []


def test_a_second_file_of_a_name_and_unknown_names_are_dropped(rooms: Rooms) -> None:
    intake = rooms.uploads.begin(rooms.scope, None)
    assert intake.open(BUILD_PART, "a.apk") is not None
    assert intake.open(BUILD_PART, "b.apk") is None
    assert intake.open("mapping", "c.txt") is None
    rooms.uploads.abandon(intake)
    assert_empty(rooms)


def test_attachments_come_one_or_several_at_a_time(rooms: Rooms) -> None:
    build = rooms.processed()
    rooms.later(9)
    once = rooms.attach(build.id, b"one", b"two")
    twice = rooms.attach(build.id, b"three")
    contents = [rooms.blobs.open(file.key).read() for file in twice.files if file.type is FileType.ATTACHMENT]
    assert contents == [b"one", b"two", b"three"]
    assert once.updated_at == rooms.time
    assert {file.description for file in twice.files[3:]} == {"a report"}
    assert rooms.reservations() == []


def test_no_more_attachments_at_a_time_than_the_limit(rooms: Rooms) -> None:
    build = rooms.processed()
    intake = rooms.uploads.begin_attachments(rooms.scope, build.id, None)
    assert [intake.open(ATTACHMENT_PART, "x") is not None for _ in range(3)] == [True, True, False]
    rooms.uploads.abandon(intake)
    assert rooms.reservations() == []


def test_an_attachment_needs_a_processed_build(rooms: Rooms) -> None:
    with pytest.raises(EntityNotFound):
        rooms.uploads.begin_attachments(rooms.scope, "0" * 24, None)
    build = rooms.upload()
    with pytest.raises(BuildNotProcessed):
        rooms.uploads.begin_attachments(rooms.scope, build.id, None)
    assert rooms.reservations() == []


def test_an_attachment_to_a_build_that_is_deleted_meanwhile_leaves_nothing(rooms: Rooms) -> None:
    build = rooms.processed()
    intake = rooms.uploads.begin_attachments(rooms.scope, build.id, None)
    writer = intake.open(ATTACHMENT_PART, "x")
    assert writer is not None
    writer.write(b"late")
    rooms.builds.delete(rooms.scope, build.id)
    with pytest.raises(EntityNotFound):
        rooms.uploads.attach(intake, "")
    rooms.uploads.abandon(intake)
    assert rooms.blobs.holds_nothing()
    assert rooms.reservations() == []


def test_an_attach_without_a_file_is_told_so(rooms: Rooms) -> None:
    build = rooms.processed()
    intake = rooms.uploads.begin_attachments(rooms.scope, build.id, None)
    with pytest.raises(InvalidRequest) as refused:
        rooms.uploads.attach(intake, "")
    rooms.uploads.abandon(intake)
    assert ATTACHMENT_PART in refused.value.fields
    assert rooms.reservations() == []


def scoped(rooms: Rooms, scope: TokenScope) -> AppScope:
    principal = replace(rooms.scope.principal, permissions=TOKEN_SCOPE_PERMISSIONS[scope])
    return replace(rooms.scope, principal=principal)


@pytest.mark.parametrize(
    "call",
    [
        lambda uploads, scope, build: uploads.begin(scope, 1),
        lambda uploads, scope, build: uploads.begin_attachments(scope, build, 1),
    ],
)
def test_a_token_that_ships_inside_apps_uploads_nothing(
    rooms: Rooms, call: Callable[[Uploads, AppScope, str], Intake]
) -> None:
    """Decision 48."""
    build = rooms.processed()
    with pytest.raises(Forbidden):
        call(rooms.uploads, scoped(rooms, TokenScope.SDK), build.id)
    assert rooms.reservations() == []


def test_a_deleted_build_takes_every_byte_with_it(rooms: Rooms) -> None:
    build = rooms.upload(b"PK", b"icon")
    rooms.builds.delete(rooms.scope, build.id)
    processed = rooms.processed()
    rooms.attach(processed.id, b"one")
    rooms.builds.delete(rooms.scope, processed.id)
    assert rooms.blobs.holds_nothing()
    assert rooms.reservations() == []
    with pytest.raises(EntityNotFound):
        rooms.builds.delete(rooms.scope, processed.id)
