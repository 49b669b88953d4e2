"""4 GiB through a real server: its memory by the kernel's account, never by time."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.faults.aftermath import settle
from tests.faults.raw_http import BOUNDARY, end, head, part

SIZE = 4 << 30
FREE_DISK = 8 << 30
"""What the upload takes, the server's reserve of at most 2 GiB, and some air."""

CLIENT = """
import socket, sys
port, size, head, tail = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].encode(), sys.argv[4].encode()
with open(sys.argv[5], "rb") as file, socket.create_connection(("127.0.0.1", port)) as server:
    server.sendall(head)
    assert server.sendfile(file) == size
    server.sendall(tail)
    answer = b""
    while data := server.recv(65536):
        answer += data
print(answer.decode())
"""


def peak_memory(pid: int) -> int:
    match = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert match is not None
    return int(match[1]) << 10


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the kernel's accounting in /proc")
def test_four_gibibytes_cost_less_than_64_mebibytes(start_server: StartServer, tmp_path: Path) -> None:
    if shutil.disk_usage(tmp_path).free < FREE_DISK:
        pytest.skip(f"an upload of 4 GiB needs {FREE_DISK >> 30} GiB of free disk at {tmp_path}")
    server = start_server()
    server.processed()  # whatever is loaded late is loaded now
    sparse = tmp_path / "sparse"
    with sparse.open("wb") as file:
        file.truncate(SIZE)
    before, _, after = (part("build", b"\0", "huge.bin") + end()).partition(b"\0")
    assert BOUNDARY in after
    length = len(before) + SIZE + len(after)
    request = head(server, "/builds", Content_Length=length, Connection="close") + before
    peak = peak_memory(server.pid)
    client = subprocess.run(
        [sys.executable, "-c", CLIENT, str(server.port), str(SIZE), request.decode(), after.decode(), str(sparse)],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    growth = peak_memory(server.pid) - peak
    sys.stdout.write(f"grew by {growth >> 10} KiB\n")
    assert client.stdout.startswith("HTTP/1.1 200 "), client.stdout + client.stderr
    page = server.ci.get("/builds").json()["data"]["items"]
    (huge,) = (build for build in page if build["size"] == SIZE)
    server.wait_for(huge["id"])
    assert growth < 64 << 20
    assert server.ci.delete(f"/builds/{huge['id']}").status_code == 200
    settle(server)
    left = sum(path.stat().st_size for path in (server.data_dir / "blobs").rglob("*") if path.is_file())
    assert left < 1 << 20
