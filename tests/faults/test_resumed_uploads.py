"""`seatrial upload` through a network that cuts connections, and over the death of the server."""

import hashlib
import json
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.conftest import StartServer
from tests.faults.cutting_proxy import cutting
from tests.server import DEMO_APK, Server, seatrial

SIZE = 12 << 20


def checksums(server: Server) -> list[str]:
    items = server.ci.get("/builds").json()["data"]["items"]
    return [one["file"]["checksum"] for build in items for one in build["files"] if one["type"] == "original"]


def test_it_goes_on_over_cut_connections_and_a_killed_server(start_server: StartServer, tmp_path: Path) -> None:
    server, chance = start_server(), random.Random(7)
    content = chance.randbytes(SIZE)
    file = tmp_path / "app.bin"
    file.write_bytes(content)

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
