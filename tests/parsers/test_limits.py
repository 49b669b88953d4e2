import io
import zipfile

import pytest

from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import limits
from seatrial.parsers.archive import Archive


def archive(count: int, size: int = 0) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for number in range(count):
            written.writestr(str(number), bytes(size))
    return out


@pytest.mark.parametrize(
    ("kept", "broken", "few"),
    [
        (limits.ParserLimits(entries=5), archive(6), archive(5)),
        (limits.ParserLimits(directory_bytes=300), archive(7), archive(6)),
        (limits.ParserLimits(ratio=10, ratio_free_bytes=1000), archive(1, 100_000), archive(1, 1000)),
        (limits.ParserLimits(unpacked_bytes=1999), archive(2, 1000), archive(1, 1000)),
    ],
    ids=["entries", "directory", "ratio", "all together"],
)
def test_archives_keep_the_limits_of_their_process(
    kept: limits.ParserLimits, broken: io.BytesIO, few: io.BytesIO
) -> None:
    before = limits.current()
    Archive.open(broken)
    limits.use(kept)
    try:
        assert limits.current() is kept
        Archive.open(few)
        with pytest.raises(BuildFileInvalid) as caught:
            Archive.open(broken)
    finally:
        limits.use(before)
    assert caught.value.code is ProcessingCode.ARCHIVE_BOMB
