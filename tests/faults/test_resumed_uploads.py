"""`seatrial upload` through a network that cuts connections, and over the death of the server."""

import hashlib
import json
import random
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.e2e.tus import VERSION, created, line_of, metadata, offset_of, send
from tests.faults.cutting_proxy import cutting
from tests.server import DEMO_APK, Server, Workspace, seatrial

SIZE = 12 << 20


def checksums(server: Server) -> list[str]:
    items = server.ci.get("/builds").json()["data"]["items"]
    return [one["file"]["checksum"] for build in items for one in build["files"] if one["type"] == "original"]


def test_it_goes_on_over_cut_connections_and_a_killed_server(start_server: StartServer, tmp_path: Path) -> None:
    server, chance = start_server(), random.Random(7)
    file = tmp_path / "app.zip"
    with zipfile.ZipFile(file, "w") as made:  # something that is understood: the build may be read before it is shown
        made.writestr("content.bin", chance.randbytes(SIZE))
    content = file.read_bytes()

    def kill_and_restart(count: int) -> None:
        if count == 3:
            server.kill()
            server.start()

    with cutting(lambda: server.port, lambda: chance.randrange(1 << 20, 4 << 20), kill_and_restart) as proxy:
        settings = {"SEATRIAL_SERVER": proxy.url, "SEATRIAL_TOKEN": server.app_token}
        done = seatrial("upload", file, "--json", "--retries", "9", "--version-name", "once", settings=settings)
        assert done.returncode == 0, done.stderr
        assert proxy.cuts >= 3
    assert "Going on at" in done.stderr
    build = json.loads(done.stdout)
    assert build["versionName"] == "once"
    assert checksums(server) == [hashlib.sha256(content).hexdigest()]
    assert list((server.data_dir / "blobs" / "unfinished").iterdir()) == []


def test_the_same_file_sent_twice_at_once_is_two_builds(start_server: StartServer) -> None:
    server = start_server()
    settings = {"SEATRIAL_SERVER": server.base_url, "SEATRIAL_TOKEN": server.app_token}
    with ThreadPoolExecutor(2) as threads:
        both = list(threads.map(lambda _: seatrial("upload", DEMO_APK, "--quiet", settings=settings), range(2)))
    assert [done.returncode for done in both] == [0, 0]
    assert len({done.stdout for done in both}) == 2
    assert len(checksums(server)) == 2


@pytest.fixture
def pair(workspace: Workspace, tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    shared = workspace.copied_to(tmp_path)
    one, two = Server(shared, tmp_path / "one.log"), Server(shared, tmp_path / "two.log")
    yield one, two
    two.close()
    one.close()


def test_two_servers_share_an_upload(pair: tuple[Server, Server]) -> None:
    one, two = pair
    content = random.Random(9).randbytes(3 << 20)
    url = created(one, len(content), metadata(filename="a.bin"))
    there = url.replace(f":{one.port}/", f":{two.port}/")
    assert send(one.ci, url, 0, content[: 1 << 20]).status_code == 204
    with line_of(one, url, 1 << 20, content[1 << 20 : 2 << 20], 2 << 20) as line:
        offset = offset_of(two.ci, there)  # the first one lets it go
        assert b" 423 " in line.recv(4096)
    assert 1 << 20 <= offset <= 2 << 20
    done = send(two.ci, there, offset, content[offset:])
    assert checksums(one) == [hashlib.sha256(content).hexdigest()]
    assert one.ci.head(url, headers=VERSION).headers["seatrial-build-id"] == done.headers["seatrial-build-id"]
