"""Processes of `seatrial` that begin where everything is imported: that is most of what a start costs.

A process of its own, the nursery, imports the program once and is forked for each command. What comes of it has its own
pid, environment, folder and streams, runs the same `main` and ends as every process does; only passwords cost it little.
Where `exec` itself matters, or memory from the first byte on, a test takes `subprocess.Popen`.
This file runs on the standard library and `seatrial` alone: it is the nursery's program too.
"""

import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TextIO

_REQUEST_BYTES = 1 << 17
_BEFORE_PYTHON = ("LD_", "PYTHON", "MALLOC_")
"""Settings that are heeded before the first line of Python: a fork would come too late for them."""


def can_fork(env: Mapping[str, str]) -> bool:
    """Say whether a forked process would be as an executed one in this environment."""
    return sys.platform == "linux" and not any(name.startswith(_BEFORE_PYTHON) for name in env)


class Forked:
    """A command whose process is a child of the nursery, with as much of `subprocess.Popen` as the tests use."""

    def __init__(
        self, command: Sequence[object], env: Mapping[str, str], out: int | None, err: int, cwd: Path | None = None
    ) -> None:
        """Start it; its standard output goes to the descriptor, or with none into `stdout`, to be read here."""
        self.returncode: int | None = None
        self.stdout: TextIO | None = None
        written = out
        if written is None:
            reading, written = os.pipe()
            self.stdout = os.fdopen(reading, encoding="utf-8")
        nothing = os.open(os.devnull, os.O_RDONLY)
        wanted = {"command": list(map(str, command)), "env": dict(env), "cwd": str(cwd or Path.cwd())}
        try:
            self.pid: int = _ask(wanted, [nothing, written, err])
        finally:
            os.close(nothing)
            if out is None:
                os.close(written)

    def poll(self) -> int | None:
        """Give the exit code, negative for a signal, if it has ended."""
        if self.returncode is None and (status := _ask({"ended": self.pid})) is not None:
            self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Wait for its end; `subprocess.TimeoutExpired` after that many seconds."""
        if self.poll() is None:
            process = os.pidfd_open(self.pid)  # it stays ours, dead or alive, until `poll` has seen its end
            try:
                select.select([process], [], [], timeout)
            finally:
                os.close(process)
        if (code := self.poll()) is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        return code

    def terminate(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


_line = threading.Lock()


def _ask(wanted: Mapping[str, Any], streams: Sequence[int] = ()) -> Any:
    with _line:
        here = _nursery()
        socket.send_fds(here, [json.dumps(wanted).encode()], streams)
        return json.loads(here.recv(_REQUEST_BYTES))


@cache
def _nursery() -> socket.socket:
    """Start the one of this process; it ends with it."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with there:
        command = [sys.executable, "-P", __file__, str(there.fileno())]
        process = subprocess.Popen(command, pass_fds=[there.fileno()], stdin=subprocess.DEVNULL)
    atexit.register(process.wait)
    atexit.register(here.close)
    return here


def _next_command(asked: socket.socket) -> dict[str, Any] | None:
    """Fork for each command: give it, in the process that is to run it, or nothing at the end of the nursery."""
    children: set[int] = set()
    while True:
        request, streams, *_ = socket.recv_fds(asked, _REQUEST_BYTES, 3)
        if not request:
            for child in children:
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            return None
        wanted: dict[str, Any] = json.loads(request)
        answer: int | None
        if "ended" in wanted:
            pid, status = os.waitpid(wanted["ended"], os.WNOHANG)
            children.discard(pid)
            answer = status if pid else None
        else:
            answer = os.fork()
            for place, stream in enumerate(streams):
                if not answer:
                    os.dup2(stream, place)
                os.close(stream)
            if not answer:
                return wanted
            children.add(answer)
        asked.send(json.dumps(answer).encode())


def _main() -> None:
    gc.disable()
    import argon2

    import seatrial.bootstrap
    import seatrial.cli.main
    import seatrial.web.server
    from seatrial.services import passwords

    # In a millisecond instead of 200 of a core: how much it costs is not what the tests that log in are about.
    passwords._hasher = argon2.PasswordHasher(time_cost=1, memory_cost=64)
    assert threading.active_count() == 1, "a fork would lose threads"
    gc.freeze()  # else the first collection of each child writes to all that it shares
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        wanted = _next_command(asked)
    if wanted is None:
        return
    os.environ.clear()
    os.environ.update(wanted["env"])
    time.tzset()
    os.chdir(wanted["cwd"])
    sys.argv = wanted["command"]
    gc.enable()
    seatrial.cli.main.run()


if __name__ == "__main__":
    _main()
