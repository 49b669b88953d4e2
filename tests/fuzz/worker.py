"""A process that reads one damaged file after another under limits, and what its parent learns of it.

The child dies by SIGPROF when a file has taken too much processor time, with a traceback of where it was; when it
takes too much memory it says so and ends, so that the next file starts from a fresh copy of the warm parent.
"""

import ctypes
import faulthandler
import gc
import json
import mmap
import os
import random
import resource
import select
import signal
import struct
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.fuzz.targets import exercise

ROOM = 512 << 20
"""Address space beyond that of the warm process, in bytes; what is over that raises MemoryError."""
_STUCK = 20.0  # seconds without processor time that count as stuck, on machines that do other things too
_STALE = 24 << 20  # memory kept with which a child is replaced


class Limits(NamedTuple):
    """What one file may take: seconds of processor time, bytes of resident memory above the warm process."""

    cpu: float = 2.0
    memory: int = 64 << 20


class Candidate(NamedTuple):
    """A damaged file; `number` and the seed of the run make it again."""

    number: int
    kind: str
    name: str
    data: bytes


class Finding(NamedTuple):
    """What went wrong, in one line that is the same for the same defect, and in full."""

    number: int
    summary: str
    detail: str


class Progress:
    """Numbers that parent and child share: the candidate in work, how many are done, the most time and memory."""

    _LAYOUT = struct.Struct("<qqddqq")

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, self._LAYOUT.size)
        self.write(-1, 0, 0.0, 0.0, 0, 0)

    def write(self, number: int, done: int, slowest: float, total: float, largest: int, refused: int) -> None:
        self._LAYOUT.pack_into(self._memory, 0, number, done, slowest, total, largest, refused)

    def read(self) -> tuple[int, int, float, float, int, int]:
        number, done, slowest, total, largest, refused = self._LAYOUT.unpack_from(self._memory)
        return number, done, slowest, total, largest, refused


def run(
    candidates: Callable[[int], Iterator[Candidate]], first: int, limits: Limits, progress: Progress
) -> list[Finding]:
    """Fork a child that reads the candidates from `first` on until they end; give what it found.

    It ends earlier after a death or much memory; `progress` says how far it came.
    """
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        try:
            _work(candidates(first), limits, progress, tell)
        finally:
            os._exit(0)
    os.close(tell)
    said = _listened(told, child, progress)
    _, status = os.waitpid(child, 0)
    os.close(told)
    findings = [Finding(*json.loads(line)) for line in said.splitlines() if line.startswith(b"[")]
    if status != 0:
        trace = b"\n".join(line for line in said.splitlines() if not line.startswith(b"[")).decode("utf-8", "replace")
        end = (
            f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"status {os.waitstatus_to_exitcode(status)}"
        )
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGPROF:
            end = f"over {limits.cpu} s of processor time"
        place = next((line.strip() for line in trace.splitlines() if "/seatrial/" in line), "")
        findings.append(Finding(progress.read()[0], f"{end} at {_relative(place)}", trace))
    return findings


def _listened(told: int, child: int, progress: Progress) -> bytes:
    said = bytearray()
    before, since = progress.read()[0], time.monotonic()
    while True:
        ready, _, _ = select.select([told], [], [], 1.0)
        if ready:
            data = os.read(told, 1 << 16)
            if not data:
                return bytes(said)
            said += data
        now = progress.read()[0]
        if now != before:
            before, since = now, time.monotonic()
        elif time.monotonic() - since > _STUCK:
            os.kill(child, signal.SIGABRT)
            since = time.monotonic()


def _work(candidates: Iterator[Candidate], limits: Limits, progress: Progress, tell: int) -> None:
    faulthandler.enable(tell)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    faulthandler.register(signal.SIGPROF, tell, chain=True)
    _confine()
    release = _release()
    start = _memory("VmRSS")
    _, done, slowest, total, largest, refused = progress.read()
    for candidate in candidates:
        progress.write(candidate.number, done, slowest, total, largest, refused)
        release()
        Path("/proc/self/clear_refs").write_bytes(b"5")
        began = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, limits.cpu)
        problem = None
        try:
            outcome = exercise(candidate.kind, candidate.data, random.Random(candidate.number))
            refused += outcome in {"refused", "other"}
        except BaseException as error:
            problem = error
        signal.setitimer(signal.ITIMER_PROF, 0)
        taken, grown = time.process_time() - began, _memory("VmHWM") - start - len(candidate.data)
        slowest, total, largest, done = max(slowest, taken), total + taken, max(largest, grown), done + 1
        progress.write(candidate.number, done, slowest, total, largest, refused)
        if problem is not None:
            _say(tell, candidate, f"{type(problem).__name__} at {_innermost(problem)}", _traceback(problem))
            if isinstance(problem, MemoryError):
                return
        if grown > limits.memory:
            _say(tell, candidate, f"{grown >> 20} MiB more memory", candidate.name)
        problem = None
        release()
        if _memory("VmRSS") - start > _STALE:
            return


def _confine() -> None:
    size = _memory("VmSize")
    for kind, value in ((resource.RLIMIT_AS, size + ROOM), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
        resource.setrlimit(kind, (value, value))
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)


def _release() -> Callable[[], None]:
    """Give a function that hands unused memory back to the system, so that growth can be seen."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)

    def release() -> None:
        gc.collect(0)
        if trim is not None:
            trim(0)

    return release


def _memory(field: str) -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) << 10
    return 0


def _say(tell: int, candidate: Candidate, summary: str, detail: str) -> None:
    os.write(tell, (json.dumps([candidate.number, summary, detail[-8000:]]) + "\n").encode())


def _traceback(problem: BaseException) -> str:
    return "".join(traceback.format_exception(problem, limit=-12))


def _innermost(problem: BaseException) -> str:
    frames = traceback.extract_tb(problem.__traceback__)
    own = [frame for frame in frames if "/seatrial/" in frame.filename] or frames
    return _relative(f"{own[-1].filename}:{own[-1].lineno}") if own else "?"


def _relative(place: str) -> str:
    return place.rpartition("/seatrial/")[2]


if sys.platform != "linux":
    raise SystemExit("The fuzzer reads memory from /proc, so it runs on Linux only.")
