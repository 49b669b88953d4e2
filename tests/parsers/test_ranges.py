import io
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import parse_file
from seatrial.parsers.ranges import BLOCK, CACHED, READ_AHEAD, TAIL, RangeReader
from seatrial.parsers.window import Window
from tests.parsers.apk_files import DEMO
from tests.parsers.corpus_manifest import CORPUS, Row, rows


def over(data: bytes) -> RangeReader:
    return RangeReader(lambda start, length: data[start : start + length], len(data))


class FarBytes(io.BytesIO):
    """A file in memory that says, as a stored one does, that it should not be read as a whole."""

    is_remote = True


def outcome(file: io.BytesIO | RangeReader) -> object:
    try:
        return parse_file(file)
    except BuildFileInvalid as problem:
        return problem.code, problem.sentence


NUMBERS = bytes(range(251)) * (6 * BLOCK // 251 + TAIL // 251)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, len(NUMBERS)),
    st.lists(st.tuples(st.sampled_from(["set", "end", "on"]), st.integers(0, len(NUMBERS)), st.integers(-1, 700_000))),
)
def test_it_reads_as_a_file_does(size: int, steps: list[tuple[str, int, int]]) -> None:
    data = NUMBERS[:size]
    ours, theirs = over(data), io.BytesIO(data)
    for kind, place, length in steps:
        if kind == "set":
            assert ours.seek(place) == theirs.seek(place)
        elif kind == "end":
            assert ours.seek(-min(place, size), 2) == theirs.seek(-min(place, size), 2)
        assert ours.read(length) == theirs.read(length)
        assert ours.tell() == theirs.tell()


def test_what_a_file_can_do() -> None:
    file = over(NUMBERS)
    assert (file.readable(), file.seekable(), file.writable(), file.is_remote) == (True, True, False, True)
    assert file.seek(5, 1) == 5
    with pytest.raises(OSError, match="before the start"):
        file.seek(-1)
    buffer = bytearray(10)
    assert file.readinto(buffer) == 10
    assert bytes(buffer) == NUMBERS[5:15]
    assert over(b"").read() == b""


def test_the_end_comes_by_one_request_and_blocks_by_one_each() -> None:
    file = over(NUMBERS)
    assert file.requests == 0
    file.seek(-22, 2)
    file.read(22)
    file.seek(-TAIL, 2)
    file.read(100)
    assert file.requests == 1
    assert TAIL <= file.fetched <= TAIL + BLOCK
    file.seek(3 * BLOCK + 7)
    file.read(100)
    file.read(1000)
    file.seek(3 * BLOCK)
    file.read(5)
    assert file.requests == 2
    file.seek(0)
    file.read(3 * BLOCK)
    assert file.requests == 3


def test_reading_on_asks_for_more_and_more() -> None:
    data = bytes(30 << 20)
    file = over(data)
    while file.read(64 << 10):
        pass
    assert file.fetched == len(data)
    assert file.requests <= 12
    asked: list[int] = []

    def read_range(start: int, length: int) -> bytes:
        asked.append(length)
        return data[start : start + length]

    reader = RangeReader(read_range, len(data))
    while reader.read(64 << 10):
        pass
    assert max(asked) <= READ_AHEAD


def test_no_more_is_kept_than_is_allowed() -> None:
    file = over(bytes(40 << 20))
    for place in range(0, 39 << 20, 2 * BLOCK):
        file.seek(place)
        file.read(1)
    assert sum(map(len, file._blocks.values())) <= CACHED
    file.seek(0)
    assert len(file.read()) == 40 << 20
    assert sum(map(len, file._blocks.values())) <= CACHED


def test_a_store_that_gives_too_little_is_an_error() -> None:
    file = RangeReader(lambda start, length: bytes(length - 1), 100)
    with pytest.raises(OSError, match="99 bytes of the 100"):
        file.read(1)


def test_a_window_is_a_file_of_its_own() -> None:
    outer = over(NUMBERS)
    window = Window(outer, 1000, 500)
    assert window.is_remote
    assert window.seek(-10, 2) == 490
    assert window.read() == NUMBERS[1490:1500]
    assert window.read(5) == b""
    assert window.seek(0) == 0
    assert (window.read(3), window.tell()) == (NUMBERS[1000:1003], 3)
    assert not Window(io.BytesIO(), 0, 0).is_remote


@pytest.mark.parametrize("row", rows("apk", "ipa", "aab", "appimage", "deb", "rpm", "other"))
def test_real_files_read_the_same_from_afar(row: Row) -> None:
    data = row.file.read_bytes()
    file = over(data)
    local = outcome(FarBytes(data))
    assert outcome(file) == local
    megabytes = len(data) / 1e6
    # No more than eight round trips for a large app; the bytes of a small file all come with its end.
    assert file.requests <= (1 if len(data) <= TAIL else 8), (file.requests, megabytes)


class _Store(BaseHTTPRequestHandler):
    """Answers ranges of one file, as object stores do."""

    data = b""
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.headers["Range"])
        first, _, last = self.headers["Range"].removeprefix("bytes=").partition("-")
        part = self.data[int(first) : int(last) + 1]
        self.send_response(206)
        self.send_header("Content-Length", str(len(part)))
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(self.data)}")
        self.end_headers()
        self.wfile.write(part)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@contextmanager
def store(data: bytes) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    handler = type("Store", (_Store,), {"data": data, "asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/build", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def largest() -> Path:
    apks = list((CORPUS / "apk").glob("*.apk"))
    return max(apks, key=lambda path: path.stat().st_size) if apks else DEMO


def test_a_build_is_read_over_http() -> None:
    path = largest()
    data = path.read_bytes()
    with store(data) as (address, asked):

        def read_range(start: int, length: int) -> bytes:
            request = urllib.request.Request(address, headers={"Range": f"bytes={start}-{start + length - 1}"})
            with urllib.request.urlopen(request, timeout=10) as answer:
                content: bytes = answer.read()
            return content

        file = RangeReader(read_range, len(data))
        assert parse_file(file) == parse_file(FarBytes(data))
    assert len(asked) == file.requests <= 8
    assert file.fetched <= max(len(data) // 2, 2 * TAIL)
