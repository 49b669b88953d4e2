"""What a parser read in a stranger's file, kept on both databases whatever it is."""

from dataclasses import replace

import pytest

from seatrial.domain.build import BuildStatus
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from tests.services.rooms import ANDROID, Reader, Rooms

NUL, LONG = "1\0.2", "\N{ROCKET}" * 5000


@pytest.mark.parametrize("text", [NUL, LONG, "\ufeff\u202e\uffff", "%s ' \" \\"], ids=["nul", "long", "odd", "quotes"])
def test_a_version_and_everything_else_may_be_anything(rooms: Rooms, text: str) -> None:
    build = rooms.upload()
    info = replace(
        ANDROID,
        version_name=text,
        version_code=text,
        display_name=text,
        identifier=text,
        localized_names={"en": text},
        android={text: text},
        plist={text: [text, {text: text}]},
        warnings=(text,),
    )
    rooms.processing(Reader(info)).run(build.id, 1)
    done = rooms.get(build.id)
    assert done.status is BuildStatus.PROCESSED
    assert done.version_name == done.version_code == text.replace("\0", "\ufffd")[:255]
    assert done.info is not None
    assert (done.info.version_name, done.info.plist) == (text, info.plist)


def test_a_sentence_may_quote_anything(rooms: Rooms) -> None:
    build = rooms.upload()
    rooms.processing(Reader(BuildFileInvalid(ProcessingCode.MANIFEST_INVALID, f"The key {NUL} is odd."))).run(
        build.id, 1
    )
    done = rooms.get(build.id)
    assert (done.status, done.error) == (BuildStatus.ERROR, "The key 1\ufffd.2 is odd.")
