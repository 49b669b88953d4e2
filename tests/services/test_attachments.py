"""What is found out about attachments is written once, whatever fails on the way, and never costs the build anything."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from seatrial.domain.attachment import Attachment, AttachmentKind, SymbolFile
from seatrial.domain.build import Build, BuildQuery, BuildRef, FileType
from seatrial.domain.buildinfo import Format
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode, ServiceUnavailable
from seatrial.domain.ids import FileId
from seatrial.parsers.isolation import ParserDied, ParserUnavailable
from seatrial.services.attachments import MAX_READER_DEATHS, Attachments
from tests.services.rooms import Rooms

SYMBOLS = Attachment(
    kind=AttachmentKind.DSYM,
    summary="Debug symbols.",
    symbols=(SymbolFile(name="Wallet é", architecture="arm64", id="0B3A1C5E-7F2D-4A86-9C11-5D3E8F607A4B"),),
    facts={"width": 3, "seconds": 1.5, "debugInfo": True, "name": "a\N{ROCKET}"},
    counts={"dsyms": 1},
    matches=True,
    match_note="It fits.",
    warnings=("odd",),
)


@dataclass
class Reader:
    """Answers what its script says, one entry for each call, the last one for all that follow."""

    script: list[Attachment | Exception]
    asked: list[tuple[bytes, bytes | None, Format | None]] = field(default_factory=list)

    def attachment(self, path: Path, build: Path | None, build_format: Format | None) -> Attachment:
        self.asked.append((path.read_bytes(), build.read_bytes() if build else None, build_format))
        step = self.script[0] if len(self.script) == 1 else self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        return step


def service(rooms: Rooms, *script: Attachment | Exception) -> tuple[Attachments, Reader]:
    reader = Reader(list(script))
    return Attachments(rooms.db, rooms.blobs, reader), reader


def attached(rooms: Rooms, content: bytes = b"symbols") -> tuple[Build, FileId]:
    build = rooms.attach(rooms.processed(b"PK build").id, content)
    return build, details_of(build)[-1][0]


def details_of(build: Build) -> list[tuple[FileId, Attachment | None]]:
    return [(file.id, file.details) for file in build.files if file.type is FileType.ATTACHMENT]


def refs(rooms: Rooms) -> list[BuildRef]:
    return list(rooms.builds.search(rooms.scope, BuildQuery(), lambda _app, found, _load: found).items)


def test_an_attachment_asks_to_be_looked_into(rooms: Rooms) -> None:
    build = rooms.attach(rooms.processed().id, b"one", b"two")
    assert rooms.queue.attachments == [file_id for file_id, _ in details_of(build)]
    assert [found for _, found in details_of(build)] == [None, None]


def test_an_upload_that_cannot_ask_takes_nothing_in(rooms: Rooms) -> None:
    build = rooms.processed()
    rooms.queue.failure = RuntimeError("no queue")
    with pytest.raises(RuntimeError, match="no queue"):
        rooms.attach(build.id, b"one")
    assert details_of(rooms.get(build.id)) == []


def test_what_is_found_is_kept_as_it_is(rooms: Rooms) -> None:
    build, file_id = attached(rooms)
    before = refs(rooms)
    attachments, reader = service(rooms, SYMBOLS)
    attachments.understand(file_id)
    assert details_of(rooms.get(build.id)) == [(file_id, SYMBOLS)]
    assert reader.asked == [(b"symbols", b"PK build", Format.APK)]
    assert [(ref.id, ref.revision + 1) for ref in before] == [(ref.id, ref.revision) for ref in refs(rooms)]
    assert rooms.get(build.id).updated_at == build.updated_at


def test_it_is_found_out_once(rooms: Rooms) -> None:
    _, file_id = attached(rooms)
    attachments, reader = service(rooms, SYMBOLS)
    attachments.understand(file_id)
    after = refs(rooms)
    attachments.understand(file_id)
    attachments.give_up(file_id)
    assert (len(reader.asked), refs(rooms)) == (1, after)


def test_only_attachments_are_looked_into(rooms: Rooms) -> None:
    build = rooms.processed()
    attachments, reader = service(rooms, SYMBOLS)
    for file in build.files:
        attachments.understand(file.id)
    attachments.understand(FileId("0" * 24))
    assert reader.asked == []
    assert {file.details for file in rooms.get(build.id).files} == {None}


def test_a_build_may_go_away_meanwhile(rooms: Rooms) -> None:
    build, file_id = attached(rooms)

    class Deleting(Reader):
        def attachment(self, path: Path, beside: Path | None, build_format: Format | None) -> Attachment:
            rooms.builds.delete(rooms.scope, build.id)
            return SYMBOLS

    Attachments(rooms.db, rooms.blobs, Deleting([])).understand(file_id)
    service(rooms, SYMBOLS)[0].understand(file_id)
    assert refs(rooms) == []


def test_a_file_that_kills_its_reader_is_left_alone_after_a_few_times(rooms: Rooms) -> None:
    build, file_id = attached(rooms)
    attachments, reader = service(rooms, ParserDied("killed"))
    attachments.understand(file_id)
    [(_, found)] = details_of(rooms.get(build.id))
    assert found is not None
    assert (found.kind, found.matches) == (AttachmentKind.OTHER, None)
    assert "killed the reading process" in found.warnings[0]
    assert len(reader.asked) == MAX_READER_DEATHS


def test_a_reader_that_dies_once_is_no_reason(rooms: Rooms) -> None:
    build, file_id = attached(rooms)
    service(rooms, ParserDied("killed"), SYMBOLS)[0].understand(file_id)
    assert details_of(rooms.get(build.id)) == [(file_id, SYMBOLS)]


@pytest.mark.parametrize("code", [ProcessingCode.PROCESSING_TIMEOUT, ProcessingCode.INTERNAL])
def test_what_it_took_to_read_it_is_told(rooms: Rooms, code: ProcessingCode) -> None:
    build, file_id = attached(rooms)
    service(rooms, BuildFileInvalid(code, "It took \0 too long."))[0].understand(file_id)
    [(_, found)] = details_of(rooms.get(build.id))
    assert found is not None
    assert found.warnings == ("It took \ufffd too long.",)


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (ParserUnavailable("none"), ServiceUnavailable),
        (BuildFileInvalid(ProcessingCode.STORAGE_UNAVAILABLE, "gone"), OSError),
    ],
)
def test_trouble_of_the_house_is_tried_again_later(rooms: Rooms, problem: Exception, expected: type[Exception]) -> None:
    build, file_id = attached(rooms)
    attachments, _ = service(rooms, problem, SYMBOLS)
    with pytest.raises(expected):
        attachments.understand(file_id)
    assert details_of(rooms.get(build.id)) == [(file_id, None)]
    attachments.understand(file_id)
    assert details_of(rooms.get(build.id)) == [(file_id, SYMBOLS)]


def test_giving_up_says_so(rooms: Rooms) -> None:
    build, file_id = attached(rooms)
    give_up: Callable[[FileId], None] = service(rooms, SYMBOLS)[0].give_up
    give_up(file_id)
    [(_, found)] = details_of(rooms.get(build.id))
    assert found is not None
    assert "again and again" in found.warnings[0]
