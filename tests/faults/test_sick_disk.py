"""A disk that takes nothing any more, and one that takes its time."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.faults.aftermath import assert_sound, settle
from tests.faults.small_disk import mounted, read_only
from tests.server import DEMO_APK, PATIENCE_SECONDS, Server

DISK = 20 << 20
DELAY = "300ms"
"""Added to each sync: a disk of spinning rust under somebody else's backup may take that long."""


def test_a_disk_that_became_read_only(start_server: StartServer, tmp_path: Path) -> None:
    """As kernels do it after an error. What is there can be had; uploads are told, and go again without a restart."""
    with mounted(tmp_path / "disk", DISK) as disk:
        server = start_server({"SEATRIAL_STORAGE__DIRECTORY": str(disk / "blobs")})
        build = server.processed()
        with read_only(disk):
            for path, field in (("/builds", "build"), (f"/builds/{build['id']}/files", "file")):
                refused = server.ci.post(path, files={field: ("a.apk", DEMO_APK.read_bytes())})
                assert (refused.status_code, refused.json()["error"]["code"]) == (503, 1503)
                assert int(refused.headers["retry-after"]) > 0
            answer = server.anyone.get(f"/v1/download/{server.token(build['id'])}", follow_redirects=True)
            assert answer.content == DEMO_APK.read_bytes()
            assert server.ci.get("/builds").json()["data"]["totalDocs"] == 1
        assert server.processed()["status"] == "processed"
        server.stop()
        server.start()  # what could not be tidied up then is looked for at a start, and from time to time
        settle(server)
        assert_sound(server.data_dir, disk / "blobs")
        server.close()


@contextmanager
def slow_syncs(server: Server) -> Iterator[None]:
    """Let each fsync of a server take its time."""
    inject = f"inject=fsync,fdatasync:delay_enter={DELAY}"
    command = ["strace", "-f", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", inject, "-p", str(server.pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        assert strace.stderr is not None
        first = strace.stderr.readline()
        if "attached" not in first:
            strace.wait()
            pytest.skip(f"strace may not trace here: {first.strip()}")
        try:
            yield
        finally:
            strace.send_signal(signal.SIGINT)
            strace.communicate(timeout=PATIENCE_SECONDS)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_disk_that_takes_its_time(start_server: StartServer) -> None:
    """Uploads wait for it, readers do not, and it all ends well."""
    server = start_server()
    server.processed()
    with slow_syncs(server), ThreadPoolExecutor(3) as threads:
        uploads = [threads.submit(server.upload) for _ in range(3)]
        looks = 0
        while not all(upload.done() for upload in uploads):
            assert server.ci.get("/builds").status_code == 200
            looks += 1
        builds = [upload.result() for upload in uploads]
    assert looks > 10, "lists waited for the disk"
    settle(server)
    assert {server.build(build["id"])["status"] for build in builds} == {"processed"}
    assert_sound(server.data_dir)
