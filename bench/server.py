"""The servers that are measured: the real one, and the upload pipeline alone."""

import http.client
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAM = str(Path(sys.executable).with_name("seatrial"))
READY = re.compile(r"ready on http://127\.0\.0\.1:(\d+)")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and the credential of one app."""

    pid: int
    port: int
    token: str

    def call(self, method: str, path: str) -> dict[str, object]:
        """Make one call and give the envelope's data."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        try:
            connection.request(method, path, headers={"Authorization": f"Bearer {self.token}"})
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        assert answer["status"] is True, answer
        data: dict[str, object] = answer["data"]
        return data

    def pin(self, cores: Iterable[int]) -> None:
        """Let all threads of the server, those that are to come too, run on these cores alone."""
        for thread in Path(f"/proc/{self.pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), cores)

    def memory(self, what: str) -> int:
        """Give an amount of the server's memory in bytes by the kernel's accounting: `VmRSS`, or its peak `VmHWM`."""
        match = re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        assert match
        return int(match[1]) << 10


@contextmanager
def seatrial(
    data: Path, *options: str, database_url: str | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Make a workspace in an empty folder and serve it on a free port."""
    command = [PROGRAM, "init", "--data-dir", str(data), "--json"]
    made = subprocess.run(command, check=True, capture_output=True, text=True, env=_settings(database_url))
    with serving(
        data, json.loads(made.stdout)["appToken"], *options, database_url=database_url, settings=settings
    ) as server:
        yield server


@contextmanager
def serving(
    data: Path,
    token: str,
    *options: str,
    database_url: str | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Serve a workspace that is there already."""
    command = [PROGRAM, "serve", "--data-dir", str(data), "--port", "0", *options]
    with _running(command, database_url, settings) as (pid, port):
        yield Server(pid, port, token)


@contextmanager
def pipeline(data: Path) -> Iterator[Server]:
    """Serve the upload pipeline without rules and database, for finding out where the time goes."""
    with _running([sys.executable, "-m", "bench.pipeline", str(data)]) as (pid, port):
        yield Server(pid, port, "none")


def _settings(database_url: str | None) -> dict[str, str]:
    chosen = {"SEATRIAL_DATABASE_URL": database_url} if database_url else {}
    # One credential asks here as often as it can.
    return {**os.environ, "SEATRIAL_LOG_LEVEL": "WARNING", "SEATRIAL_RATES__TOKEN": "0", **chosen}


@contextmanager
def _running(
    command: list[str], database_url: str | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[tuple[int, int]]:
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**_settings(database_url), **(settings or {})}
    )
    try:
        assert process.stdout
        for line in process.stdout:
            if match := READY.search(line):
                yield process.pid, int(match[1])
                return
        raise RuntimeError(f"{' '.join(command)} ended before it was ready")
    finally:
        process.terminate()
        process.wait()
        if process.stdout:
            process.stdout.close()
