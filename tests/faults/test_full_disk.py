"""A disk that is full: 507 in the contract's form, nothing left behind, and a server that goes on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.faults.aftermath import assert_sound, assert_untouched, rows, settle
from tests.faults.raw_http import answer_on, chunked, connected, end, head, part
from tests.faults.small_disk import mounted
from tests.server import Server

MIB = 1 << 20
DISK = 20 * MIB


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Give a small file system of a test's own."""
    with mounted(tmp_path / "disk", DISK) as place:
        yield place


@pytest.fixture
def server(start_server: StartServer, disk: Path) -> Iterator[Server]:
    own = start_server({"SEATRIAL_STORAGE__DIRECTORY": str(disk / "blobs"), "SEATRIAL_STORAGE__RESERVE": "0"})
    yield own
    own.close()


def chunked_upload(server: Server, path: str, size: int) -> tuple[int, int]:
    """Upload without saying how much it will be; gives status and code."""
    body = (part("file" if path.endswith("files") else "build", bytes(size)), end())
    with connected(server) as connection:
        connection.sendall(head(server, path, Transfer_Encoding="chunked", Connection="close"))
        with suppress(ConnectionError):  # it may be refused while we are sending
            connection.sendall(chunked(*body) + b"0\r\n\r\n")
        answer = answer_on(connection)
    assert answer is not None
    return answer.status, answer.body["error"]["code"] if answer.status >= 400 else 0


def test_a_disk_that_fills_up_under_an_upload(server: Server, disk: Path) -> None:
    assert chunked_upload(server, "/builds", DISK + MIB) == (507, 1507)
    assert_untouched(server)
    assert list((disk / "blobs").rglob("*")) == []
    assert chunked_upload(server, "/builds", DISK + MIB) == (507, 1507)
    build = server.processed()
    assert chunked_upload(server, f"/builds/{build['id']}/files", DISK) == (507, 1507)
    assert server.build(build["id"])["files"] == build["files"]
    settle(server)
    assert_sound(server.data_dir, disk / "blobs")


def test_uploads_that_are_too_much_together(server: Server, disk: Path) -> None:
    """Each of them would fit alone; those that do not are gone without a trace, those that do are whole."""
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: chunked_upload(server, "/builds", 6 * MIB), range(6)))
    assert set(answers) <= {(200, 0), (507, 1507)}
    assert (507, 1507) in answers
    settle(server)
    assert_sound(server.data_dir, disk / "blobs")
    assert rows(server.data_dir, "SELECT count(*) FROM builds") == [(answers.count((200, 0)),)]


def test_an_upload_larger_than_the_disk_is_refused_before_it_is_read(server: Server, disk: Path) -> None:
    with connected(server) as connection:
        request = head(server, "/builds", Content_Length=DISK + MIB, Expect="100-continue")
        connection.sendall(request)
        answer = answer_on(connection)
    assert answer is not None
    assert (answer.status, answer.body["error"]["code"]) == (507, 1507)
    assert_untouched(server)


def test_what_is_reserved_is_not_filled(start_server: StartServer, disk: Path) -> None:
    server = start_server(
        {"SEATRIAL_STORAGE__DIRECTORY": str(disk / "blobs"), "SEATRIAL_STORAGE__RESERVE": str(DISK - 2 * MIB)}
    )
    refused = server.ci.post("/builds", files={"build": ("a.zip", bytes(3 * MIB))})
    assert (refused.status_code, refused.json()["error"]["code"]) == (507, 1507)
    assert server.processed()["status"] == "processed"
    server.close()


def test_a_full_disk_keeps_nobody_from_reading_and_deleting(server: Server, disk: Path) -> None:
    build = server.processed()
    filler = disk / "filler"
    with pytest.raises(OSError, match="No space left"):
        filler.write_bytes(bytes(DISK))
    assert server.ci.get("/builds").status_code == 200
    answer = server.anyone.get(f"/v1/download/{server.token(build['id'])}", follow_redirects=True)
    assert answer.status_code == 200
    refused = server.ci.post("/builds", files={"build": ("a.apk", b"PK")})
    assert (refused.status_code, refused.json()["error"]["code"]) == (507, 1507)
    assert server.ci.delete(f"/builds/{build['id']}").status_code == 200
    filler.unlink()
    server.processed()
