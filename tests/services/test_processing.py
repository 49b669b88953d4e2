"""What becomes of a build, with a parser that does as told."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from seatrial.db import processing as rows
from seatrial.db import tables
from seatrial.db.processing import Verdict
from seatrial.domain.build import Build, BuildStatus, FileType, Submission
from seatrial.domain.buildinfo import BuildInfo, Format, Os
from seatrial.domain.errors import BuildFileInvalid, EntityNotFound, ProcessingCode, ServiceUnavailable
from seatrial.domain.ids import BuildId
from seatrial.parsers.isolation import ParseLimits, ParsePool, ParserDied, PoolClosed
from seatrial.services.processing import MAX_CLAIMS, MAX_PARSER_DEATHS
from tests.services.rooms import ANDROID, PNG, Reader, Rooms

DEATH = ParserDied("killed by SIGSEGV")


def column(rooms: Rooms, build_id: str, name: str) -> object:
    with rooms.db.read() as tx:
        return tx.execute(select(tables.builds.c[name]).where(tables.builds.c.id == build_id)).scalar_one()


def assert_nothing_loose(rooms: Rooms) -> None:
    assert rooms.reservations() == []
    assert rooms.loose.sweep() == 0
    for key in rooms.owned_keys():
        assert rooms.has(key)


def test_a_build_is_pending_then_in_progress_then_processed(rooms: Rooms) -> None:
    build = rooms.upload()
    assert (build.status, build.files[0].type, rooms.queue.taken) == (
        BuildStatus.PENDING,
        FileType.ORIGINAL,
        [(build.id, 1)],
    )
    seen: list[BuildStatus] = []

    def look() -> BuildInfo:
        seen.append(rooms.get(build.id).status)
        rooms.later(2.5)
        return ANDROID

    rooms.later(4)
    rooms.processing(Reader(look)).run(build.id, 1)
    done = rooms.get(build.id)
    assert seen == [BuildStatus.IN_PROGRESS]
    assert (done.status, done.os, done.version_name, done.version_code) == (
        BuildStatus.PROCESSED,
        "android",
        "1.2",
        "12",
    )
    assert (done.queued_ms, done.process_ms) == (4000, 2500)
    assert [file.type for file in done.files] == [FileType.ORIGINAL, FileType.PACKAGE, FileType.ICON]
    assert {file.checksum for file in done.files[:2]} == {build.files[0].checksum}
    assert rooms.blobs.open(done.files[2].key).read() == PNG
    assert_nothing_loose(rooms)


def test_what_is_done_is_not_done_again(rooms: Rooms) -> None:
    build = rooms.processed()
    reader = Reader(BuildFileInvalid(ProcessingCode.CORRUPT_ARCHIVE, "no"))
    for attempt in (1, 0, 2):
        rooms.processing(reader).run(build.id, attempt)
    assert reader.calls == 0
    assert rooms.get(build.id) == build


def test_of_two_that_process_the_same_build_one_writes_and_the_other_leaves_nothing(rooms: Rooms) -> None:
    build = rooms.upload()

    def overtaken() -> BuildInfo:
        rooms.processing(Reader(ANDROID)).run(build.id, 1)
        return ANDROID

    rooms.processing(Reader(overtaken)).run(build.id, 1)
    done = rooms.get(build.id)
    assert [file.type for file in done.files] == [FileType.ORIGINAL, FileType.PACKAGE, FileType.ICON]
    assert_nothing_loose(rooms)


def test_a_build_that_is_deleted_meanwhile_stays_deleted(rooms: Rooms) -> None:
    build = rooms.upload()

    def deleted() -> BuildInfo:
        rooms.builds.delete(rooms.scope, build.id)
        return ANDROID

    rooms.processing(Reader(deleted)).run(build.id, 1)
    rooms.processing(Reader(ANDROID)).run(build.id, 1)
    with pytest.raises(EntityNotFound):
        rooms.get(build.id)
    assert rooms.blobs.holds_nothing()
    assert rooms.reservations() == []


def test_a_file_that_kills_its_reader_is_given_three_chances(rooms: Rooms) -> None:
    poison, healthy = rooms.upload(b"PK poison"), rooms.upload(b"PK healthy")
    reader = Reader(DEATH)
    rooms.processing(reader).run(poison.id, 1)
    rooms.processing(Reader(ANDROID)).run(healthy.id, 1)
    ended = rooms.get(poison.id)
    assert reader.calls == MAX_PARSER_DEATHS == 3
    assert (ended.status, ended.error_code) == (BuildStatus.ERROR, "INTERNAL")
    assert "3 times" in ended.error
    assert [file.type for file in ended.files] == [FileType.ORIGINAL]
    assert rooms.has(ended.files[0].key)
    assert rooms.get(healthy.id).status is BuildStatus.PROCESSED
    assert_nothing_loose(rooms)


def test_a_reader_that_dies_twice_and_then_reads_is_forgiven(rooms: Rooms) -> None:
    build = rooms.upload()
    rooms.processing(Reader(DEATH, DEATH, ANDROID)).run(build.id, 1)
    assert rooms.get(build.id).status is BuildStatus.PROCESSED
    assert column(rooms, build.id, "parser_deaths") == 0


def test_deaths_are_counted_across_the_deaths_of_servers(rooms: Rooms) -> None:
    build = rooms.upload()
    reader = Reader(DEATH, KeyError("the server dies here"), DEATH, DEATH)
    with pytest.raises(KeyError):
        rooms.processing(reader).run(build.id, 1)
    assert column(rooms, build.id, "parser_deaths") == 1
    rooms.processing(reader).run(build.id, 1)
    assert rooms.get(build.id).error_code == "INTERNAL"
    assert reader.calls == 4


def test_the_end_of_the_server_is_no_fault_of_the_file(rooms: Rooms) -> None:
    build = rooms.upload()
    with pytest.raises(ServiceUnavailable):
        rooms.processing(Reader(PoolClosed("the pool is closed"))).run(build.id, 1)
    assert rooms.get(build.id).status is BuildStatus.IN_PROGRESS
    assert column(rooms, build.id, "parser_deaths") == 0
    rooms.processing(Reader(ANDROID)).run(build.id, 1)
    assert rooms.get(build.id).status is BuildStatus.PROCESSED


def test_a_pool_that_is_closed_under_a_reader_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.apk").write_bytes(b"PK")
    pool = ParsePool(1, ParseLimits())
    pool.close()
    with pytest.raises(PoolClosed):
        pool.parse(tmp_path / "a.apk")


def test_a_build_that_takes_server_after_server_with_it_is_given_up(rooms: Rooms) -> None:
    build = rooms.upload()
    reader = Reader(KeyError("the server dies here"))
    for _ in range(MAX_CLAIMS):
        with pytest.raises(KeyError):
            rooms.processing(reader).run(build.id, 1)
    assert rooms.get(build.id).status is BuildStatus.IN_PROGRESS
    rooms.processing(reader).run(build.id, 1)
    assert (rooms.get(build.id).status, rooms.get(build.id).error_code) == (BuildStatus.ERROR, "INTERNAL")
    assert reader.calls == MAX_CLAIMS


def test_a_suspect_is_read_alone(rooms: Rooms) -> None:
    suspect, others = rooms.upload(), [rooms.upload() for _ in range(3)]
    crash = Reader(KeyError("the server dies here"))
    for _ in range(2):
        with pytest.raises(KeyError):
            rooms.processing(crash).run(suspect.id, 1)
    running, together = set[str](), list[set[str]]()
    lock = threading.Lock()

    class Watching(Reader):
        def parse(self, _path: Path) -> BuildInfo:
            build_id = threading.current_thread().name
            with lock:
                running.add(build_id)
                together.append(set(running))
            threading.Event().wait(0.05)
            with lock:
                running.remove(build_id)
            return ANDROID

    processing = rooms.processing(Watching(ANDROID))
    threads = [
        threading.Thread(target=processing.run, args=(build.id, 1), name=build.id)
        for build in (others[0], suspect, *others[1:])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(company == {suspect.id} for company in together if suspect.id in company)
    assert {rooms.get(build.id).status for build in (suspect, *others)} == {BuildStatus.PROCESSED}


@pytest.mark.parametrize("code", [code for code in ProcessingCode if code is not ProcessingCode.STORAGE_UNAVAILABLE])
def test_a_verdict_on_the_file_is_final_and_says_why(rooms: Rooms, code: ProcessingCode) -> None:
    build = rooms.upload()
    reader = Reader(BuildFileInvalid(code, "Upload another one."))
    rooms.processing(reader).run(build.id, 1)
    ended = rooms.get(build.id)
    assert (ended.status, ended.error_code, ended.error) == (BuildStatus.ERROR, code.value, "Upload another one.")
    assert rooms.has(ended.files[0].key)
    assert reader.calls == 1
    assert_nothing_loose(rooms)


def test_storage_that_is_away_is_not_the_files_fault(rooms: Rooms) -> None:
    build = rooms.upload()
    away = BuildFileInvalid(ProcessingCode.STORAGE_UNAVAILABLE, "cannot be read")
    with pytest.raises(OSError, match="cannot be read"):
        rooms.processing(Reader(away)).run(build.id, 1)
    assert rooms.get(build.id).status is BuildStatus.IN_PROGRESS
    rooms.processing(Reader(ANDROID)).fail(build.id, 1, ProcessingCode.STORAGE_UNAVAILABLE)
    assert rooms.get(build.id).error_code == "STORAGE_UNAVAILABLE"


def test_an_icon_whose_verdict_cannot_be_written_goes_again(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    build = rooms.upload()

    def away(*_: object) -> bool:
        raise ServiceUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(rows, "finish", away)
        with pytest.raises(ServiceUnavailable):
            rooms.processing(Reader(ANDROID)).run(build.id, 1)
    assert [file.type for file in rooms.get(build.id).files] == [FileType.ORIGINAL]
    assert_nothing_loose(rooms)


CUSTOM = Submission(build_platform="ps5", package_name="com.acme.game", package_version="7.1")
UNKNOWN = BuildFileInvalid(ProcessingCode.UNRECOGNISED_FORMAT, "unknown")


def test_four_fields_describe_what_cannot_be_read(rooms: Rooms) -> None:
    build = rooms.upload(b"opaque", b"icon as sent", CUSTOM)
    reader = Reader(UNKNOWN)
    reader.pictures.append(PNG)
    rooms.processing(reader).run(build.id, 1)
    done = rooms.get(build.id)
    assert (done.status, done.os, done.version_name) == (BuildStatus.PROCESSED, "ps5", "7.1")
    assert done.info is not None
    assert done.info.identifier == "com.acme.game"
    icon = done.file(FileType.ICON)
    assert icon is not None
    assert rooms.blobs.open(icon.key).read() == PNG


def test_fields_that_are_missing_are_named(rooms: Rooms) -> None:
    said = Submission(build_platform="switch", package_name="com.acme.game")
    build = rooms.upload(b"opaque", None, said)
    rooms.processing(Reader(UNKNOWN)).run(build.id, 1)
    ended = rooms.get(build.id)
    assert (ended.status, ended.error_code) == (BuildStatus.ERROR, "PLATFORM_FIELDS_MISSING")
    assert "packageVersion" in ended.error
    assert "packageIcon" in ended.error
    assert "packageName" not in ended.error


def test_an_icon_that_is_no_picture_is_named(rooms: Rooms) -> None:
    build = rooms.upload(b"opaque", b"no picture", CUSTOM)
    reader = Reader(UNKNOWN)
    reader.pictures.append(BuildFileInvalid(ProcessingCode.ICON_INVALID, "it is neither PNG nor JPEG"))
    rooms.processing(reader).run(build.id, 1)
    assert rooms.get(build.id).error_code == "ICON_INVALID"
    assert "packageIcon" in rooms.get(build.id).error


def test_what_the_file_says_wins_over_the_uploader_except_the_version_name(rooms: Rooms) -> None:
    said = Submission(build_platform="ps5", package_name="x", package_version="9", version_name="mine")
    build = rooms.upload(b"PK", b"icon", said)
    rooms.processing(Reader(ANDROID)).run(build.id, 1)
    done = rooms.get(build.id)
    assert (done.os, done.build_platform, done.version_name) == ("android", "android", "mine")
    assert done.info is not None
    assert done.info.identifier == "com.acme.wallet"


def test_a_known_archive_without_fields_is_processed_with_a_warning(rooms: Rooms) -> None:
    build = rooms.upload(b"PK zip", extension="zip")
    info = BuildInfo(format=Format.ZIP, warnings=("The archive says nothing about itself.",))
    rooms.processing(Reader(info)).run(build.id, 1)
    done = rooms.get(build.id)
    assert (done.status, done.warnings) == (BuildStatus.PROCESSED, info.warnings)


def test_a_plain_archive_that_was_sent_as_an_apk_lacks_its_manifest(rooms: Rooms) -> None:
    build = rooms.upload(b"PK zip", extension="apk")
    rooms.processing(Reader(BuildInfo(format=Format.ZIP))).run(build.id, 1)
    done = rooms.get(build.id)
    assert (done.status, done.error_code) == (BuildStatus.ERROR, "MANIFEST_MISSING")
    assert "AndroidManifest.xml" in done.error


def _bundle_processed(rooms: Rooms) -> Build:
    build = rooms.upload(b"PK aab", extension="aab")
    rooms.processing(Reader(BUNDLE)).run(build.id, 1)
    return rooms.get(build.id)


BUNDLE = BuildInfo(format=Format.AAB, os=Os.ANDROID, identifier="com.acme.wallet")


def test_without_the_extra_an_app_bundle_says_what_to_install(rooms: Rooms) -> None:
    build = rooms.upload(b"PK aab", extension="aab")
    rooms.processing(Reader(BUNDLE)).run(build.id, 1)
    done = rooms.get(build.id)
    assert [file.type for file in done.files] == [FileType.ORIGINAL]
    assert done.status is BuildStatus.PROCESSED
    assert "bundletool.jar" in done.warnings[-1]


def test_an_app_bundle_becomes_an_apk_signed_by_the_apps_own_key(rooms: Rooms) -> None:
    rooms.converter.apk = b"a universal apk"
    _bundle_processed(rooms)
    done = _bundle_processed(rooms)
    package = done.file(FileType.PACKAGE)
    assert package is not None
    assert (package.original_name, package.mimetype) == ("build.apk", "application/vnd.android.package-archive")
    assert rooms.blobs.open(package.key).read() == b"a universal apk"
    first, second = rooms.converter.keystores
    assert first == second
    assert done.warnings == ()
    assert_nothing_loose(rooms)


def test_a_bundle_that_cannot_be_converted_is_kept_and_says_why(rooms: Rooms) -> None:
    rooms.converter.refusal = "a module is missing"
    build = rooms.upload(b"PK aab", extension="aab")
    rooms.processing(Reader(BUNDLE)).run(build.id, 1)
    done = rooms.get(build.id)
    assert [file.type for file in done.files] == [FileType.ORIGINAL]
    assert (done.status, "a module is missing" in done.warnings[-1]) == (BuildStatus.PROCESSED, True)
    assert_nothing_loose(rooms)


def test_a_verdict_is_written_once(rooms: Rooms) -> None:
    build = rooms.upload()
    with rooms.db.transaction() as tx:
        assert rows.claim(tx, build.id, 2, rooms.now()) is None
        assert rows.claim(tx, BuildId("0" * 24), 1, rooms.now()) is None
        first = rows.claim(tx, build.id, 1, rooms.now())
        again = rows.claim(tx, build.id, 1, rooms.now())
        assert first is not None
        assert again is not None
        assert (first.claims, again.claims) == (1, 2)
        assert not rows.finish(tx, build.id, 2, Verdict(status=BuildStatus.ERROR), rooms.now())
        assert rows.finish(tx, build.id, 1, Verdict(status=BuildStatus.PROCESSED), rooms.now())
        assert not rows.finish(tx, build.id, 1, Verdict(status=BuildStatus.ERROR), rooms.now())
        assert rows.claim(tx, build.id, 1, rooms.now()) is None
    assert rooms.get(build.id).status is BuildStatus.PROCESSED


SLOW = Path(__file__).parents[1] / "fixtures" / "apk" / "demo.apk"


def test_a_file_that_takes_too_long_says_so(rooms: Rooms) -> None:
    """With the real pool: the wall is so near that any file is too slow."""
    build = rooms.upload(SLOW.read_bytes())
    with ParsePool(1, ParseLimits(wall_seconds=0.0)) as pool:
        rooms.processing(pool).run(build.id, 1)
    ended = rooms.get(build.id)
    assert (ended.status, ended.error_code) == (BuildStatus.ERROR, "PROCESSING_TIMEOUT")
    assert_nothing_loose(rooms)
