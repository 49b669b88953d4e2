"""Durability of an upload as the order of the server's system calls: a kill leaves the page cache alive, so it cannot
show that acknowledged bytes survive a power cut. This can.
"""

import hashlib
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.e2e.tus import created, send
from tests.server import DEMO_APK, PATIENCE_SECONDS, Server

CALLS = "openat,write,writev,pwrite64,fdatasync,fsync,rename,renameat,renameat2,sendto,sendmsg"
LINE = re.compile(r"^(\d+) +(?:(\w+)\((.*)|<\.\.\. (\w+) resumed>(.*))$")


@dataclass
class Call:
    """A system call; `began` and `ended` are lines of the trace."""

    name: str
    text: str
    began: int
    ended: int


@contextmanager
def traced(server: Server, trace: Path, status: int = 200) -> Iterator[None]:
    command = ["strace", "-f", "-y", "-s", "8192", "-o", str(trace), "-e", f"trace={CALLS}", "-p", str(server.pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        assert strace.stderr is not None
        first = strace.stderr.readline()
        if "attached" not in first:
            strace.wait()
            pytest.skip(f"strace may not trace here: {first.strip()}")
        try:
            yield
            wait_until_written(trace, status)
        finally:
            strace.send_signal(signal.SIGINT)
            strace.communicate(timeout=PATIENCE_SECONDS)


def wait_until_written(trace: Path, status: int) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while f"HTTP/1.1 {status}" not in trace.read_text():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def calls_in(trace: Path) -> list[Call]:
    calls: list[Call] = []
    open_calls: dict[str, Call] = {}
    for number, line in enumerate(trace.read_text().splitlines()):
        match = LINE.match(line)
        if match is None:
            continue
        process, name, arguments, resumed, rest = match.groups()
        if resumed:
            if process in open_calls:
                call = open_calls.pop(process)
                call.ended = number
                call.text += rest
            continue
        call = Call(name, arguments, number, number)
        calls.append(call)
        if "<unfinished ...>" in line:
            call.ended = 1 << 60
            open_calls[process] = call
    return calls


def only(calls: list[Call], wanted: Callable[[Call], bool]) -> Call:
    found = [call for call in calls if wanted(call)]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed (scripts/test-tools.sh)")
def test_an_upload_is_on_the_disk_before_it_is_acknowledged(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server(arguments=["--no-worker"])
    server.ci.get("/builds")  # notes the token's use, which would be one more change later on
    with traced(server, tmp_path / "trace"):
        build = server.upload()
    key = build["files"][0]["file"]["key"]
    checksum = hashlib.sha256(DEMO_APK.read_bytes()).hexdigest()
    blobs = server.data_dir.resolve() / "blobs"
    journal = f"{server.data_dir.resolve()}/seatrial.db-wal>"
    calls = calls_in(tmp_path / "trace")

    def synced(path: object, after: Call, before: Call) -> Call:
        """Find a sync that began after one call had ended and was over before another one began."""
        names, place = {"fsync", "fdatasync"}, f"<{path}>" if not str(path).endswith(">") else f"<{path}"
        found = [
            call
            for call in calls
            if call.name in names and place in call.text and after.ended < call.began and call.ended < before.began
        ]
        assert found, f"{path} was not synced in time"
        return found[0]

    answer = only(calls, lambda call: "HTTP/1.1 200" in call.text)
    unfinished = f"{key.rpartition('/')[2]}.part"
    opened = only(calls, lambda call: call.name == "openat" and f'"{unfinished}"' in call.text)
    reserved = min(
        (call for call in calls if call.name == "pwrite64" and journal in call.text and key in call.text),
        key=lambda call: call.began,
    )
    synced(journal, reserved, opened)  # a stray file has a row before it has a byte

    written = [call for call in calls if call.name in {"write", "writev"} and f"{blobs}/{key}.part>" in call.text]
    renamed = only(calls, lambda call: call.name.startswith("rename") and f'"{unfinished}"' in call.text)
    recorded = min(
        (call for call in calls if call.name == "pwrite64" and journal in call.text and checksum in call.text),
        key=lambda call: call.began,
    )
    synced(blobs / f"{key}.part", written[-1], renamed)
    for folder in [blobs / key, *(blobs / key).parents][1:6]:
        synced(folder, renamed, recorded)
    assert (blobs / key).parents[4] == blobs
    synced(journal, recorded, answer)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed (scripts/test-tools.sh)")
def test_an_offset_is_on_the_disk_before_it_is_told(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server(arguments=["--no-worker"])
    url = created(server, 9_000_000)
    with traced(server, tmp_path / "trace", 204):
        assert send(server.ci, url, 0, bytes(3_000_000)).status_code == 204
    data = server.data_dir.resolve()
    file, journal = f"<{data}/blobs/unfinished/{url.rpartition('/')[2]}>", f"<{data}/seatrial.db-wal>"
    calls = calls_in(tmp_path / "trace")
    written = max((c for c in calls if c.name == "write" and file in c.text), key=lambda call: call.ended)
    synced = [c for c in calls if c.name in {"fsync", "fdatasync"} and file in c.text and c.began > written.ended]
    assert synced, "the bytes were not synced"
    noted = [c for c in calls if c.name == "pwrite64" and journal in c.text and c.began > synced[0].ended]
    assert noted, "the offset was written down before the bytes were safe"
    kept = [c for c in calls if c.name in {"fsync", "fdatasync"} and journal in c.text and c.began > noted[0].ended]
    answer = only(calls, lambda call: "HTTP/1.1 204" in call.text)
    assert kept
    assert kept[0].ended < answer.began
