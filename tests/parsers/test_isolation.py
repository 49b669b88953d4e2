import contextlib
import errno
import os
import random
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from seatrial.domain.buildinfo import BuildInfo
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import isolation, parse
from seatrial.parsers.isolation import ParseFailed, ParseLimits, ParsePool, ParserDied
from seatrial.parsers.limits import ParserLimits
from tests.parsers import attachment_files as made
from tests.parsers.apk_files import DEMO as DEMO_APK
from tests.parsers.ipa_files import DEMO, ENTERPRISE, ipa

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
PATIENCE = 30.0


@pytest.fixture(scope="module")
def pool() -> Iterator[ParsePool]:
    with ParsePool(2) as shared:
        yield shared


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A file whose reading never ends: a pipe that nobody writes to."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def slow_to_unpack(path: Path) -> Path:
    """Make a gzip file that takes seconds to unpack, has to be unpacked to its end, and is still no bomb."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    start = packer.compress(made.mapping(None)) + packer.flush(zlib.Z_FULL_FLUSH)
    noise = random.Random(1).randbytes(16 << 10).hex().encode() + b"\n"
    lines = packer.compress(noise + b"  a -> b\n" * (110 << 10)) + packer.flush(zlib.Z_FULL_FLUSH)
    path.write_bytes(start + lines * 500)
    return path


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


@contextlib.contextmanager
def held_open(pipe: Path) -> Iterator[None]:
    """Wait until a child opens the pipe, and keep it waiting for bytes."""
    writers: list[int] = []

    def opened() -> bool:
        try:
            writers.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        except OSError as problem:
            if problem.errno != errno.ENXIO:  # no reader yet
                raise
        return bool(writers)

    eventually(opened)
    try:
        yield
    finally:
        os.close(writers[0])


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def refusal(pool: ParsePool, path: Path) -> BuildFileInvalid:
    with pytest.raises(BuildFileInvalid) as caught:
        pool.parse(path)
    return caught.value


def test_the_answer_of_a_child_is_that_of_the_parser(pool: ParsePool) -> None:
    for path in (DEMO, ENTERPRISE, DEMO_APK):
        assert pool.parse(path) == parse(path)
    signing = pool.parse(DEMO).signing
    assert signing is not None
    assert signing.profile is not None
    assert signing.profile.expires == datetime(2036, 1, 1, tzinfo=UTC)


def test_a_bad_file_is_refused_and_the_child_lives_on(pool: ParsePool, tmp_path: Path) -> None:
    eventually(lambda: len(pool.pids) == 2)
    before = pool.pids
    path = tmp_path / "empty.apk"
    path.write_bytes(b"")
    for _ in range(5):
        problem = refusal(pool, path)
        assert problem.code is ProcessingCode.EMPTY_FILE
        assert not isinstance(problem, ParseFailed)
    assert pool.pids == before


def test_many_threads_share_few_children(pool: ParsePool) -> None:
    paths = [DEMO, ENTERPRISE, DEMO_APK] * 20
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(pool.parse, paths))
    expected = {path: parse(path) for path in set(paths)}
    assert found == [expected[path] for path in paths]


def test_an_absent_file_is_the_storage_s_fault(pool: ParsePool, tmp_path: Path) -> None:
    problem = refusal(pool, tmp_path / "gone")
    assert problem.code is ProcessingCode.STORAGE_UNAVAILABLE
    assert isinstance(problem, ParseFailed)
    assert "FileNotFoundError" in problem.detail


def test_wall_time_ends_a_file_and_the_next_one_is_served(slow: Path) -> None:
    with ParsePool(1, ParseLimits(wall_seconds=0.5)) as pool:
        assert refusal(pool, slow).code is ProcessingCode.PROCESSING_TIMEOUT
        assert _patiently(pool).identifier == "org.seatrial.demo"


def _patiently(pool: ParsePool) -> BuildInfo:
    # Half a second is short for a busy machine; what counts is that a fresh child answers in the end.
    for _ in range(20):
        with contextlib.suppress(BuildFileInvalid):
            return pool.parse(DEMO)
    raise AssertionError("no child answers any more")


@linux
def test_cpu_time_ends_a_file(tmp_path: Path) -> None:
    heavy = slow_to_unpack(tmp_path / "mapping.gz")
    with ParsePool(1, ParseLimits(cpu_seconds=0)) as pool:
        with pytest.raises(BuildFileInvalid) as caught:
            pool.attachment(heavy, None, None)
        assert caught.value.code is ProcessingCode.PROCESSING_TIMEOUT
        assert pool.parse(DEMO).identifier == "org.seatrial.demo"


@linux
def test_memory_ends_a_file(tmp_path: Path) -> None:
    heavy = tmp_path / "heavy.ipa"  # its sizes are honest and allowed
    text = random.Random(1).randbytes(5 << 20).hex().encode()
    heavy.write_bytes(ipa(b"<plist><dict><key>a</key><string>" + text + b"</string></dict></plist>").getvalue())
    with ParsePool(1) as pool:
        pool.parse(DEMO)
        (pid,) = pool.pids
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        enough = (int(status.split("VmPeak:")[1].split()[0]) >> 10) + 6
    with ParsePool(1, ParseLimits(memory=enough << 20)) as pool:
        pool.parse(DEMO)
        (before,) = pool.pids
        problem = refusal(pool, heavy)
        assert problem.code is ProcessingCode.ARCHIVE_BOMB
        assert isinstance(problem, ParseFailed)
        assert f"{enough} MiB" in problem.sentence
        assert pool.parse(DEMO).identifier == "org.seatrial.demo"
        assert before not in pool.pids


@linux
def test_a_killed_child_is_told_and_replaced(slow: Path) -> None:
    with ParsePool(1) as pool, ThreadPoolExecutor(1) as thread:
        pool.parse(DEMO)
        (victim,) = pool.pids
        waiting = thread.submit(pool.parse, slow)
        with held_open(slow):
            os.kill(victim, signal.SIGKILL)
            with pytest.raises(ParserDied, match="SIGKILL"):
                waiting.result(PATIENCE)
        assert pool.parse(DEMO).identifier == "org.seatrial.demo"
        assert victim not in pool.pids


@linux
def test_a_child_that_died_idle_is_replaced_unseen() -> None:
    with ParsePool(1) as pool:
        pool.parse(DEMO)
        (victim,) = pool.pids
        os.kill(victim, signal.SIGKILL)
        eventually(lambda: not alive(victim))
        assert pool.parse(DEMO).identifier == "org.seatrial.demo"
        assert victim not in pool.pids


@linux
@pytest.mark.parametrize("limits", [ParseLimits(served=2), ParseLimits(growth=-1)])
def test_a_child_is_replaced_when_it_has_served_or_grown_enough(limits: ParseLimits) -> None:
    seen: set[int] = set()
    with ParsePool(1, limits) as pool:
        for _ in range(4):
            pool.parse(DEMO)
            eventually(lambda: len(pool.pids) == 1)
            seen |= pool.pids
    assert len(seen) >= 3
    assert not any(alive(pid) for pid in seen)


@linux
def test_nothing_is_left_after_closing(slow: Path) -> None:
    pool = ParsePool(2)
    pool.parse(DEMO)
    eventually(lambda: len(pool.pids) == 2)
    pids = pool.pids
    files = len(list(Path("/proc/self/fd").iterdir()))
    with ThreadPoolExecutor(1) as thread:
        busy = thread.submit(pool.parse, slow)
        with held_open(slow):
            pool.close()
            with pytest.raises(ParserDied):
                busy.result(PATIENCE)
    assert not any(alive(pid) for pid in pids)
    assert len(list(Path("/proc/self/fd").iterdir())) == files - 4
    with pytest.raises(ParserDied, match="closed"):
        pool.parse(DEMO)


@linux
def test_children_know_no_secret_and_no_file_of_the_parent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SEATRIAL_SECRET_KEY", "tell nobody")
    with (tmp_path / "open").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        with ParsePool(1) as pool:
            pool.parse(DEMO)
            (pid,) = pool.pids
            proc = Path(f"/proc/{pid}")
            assert b"SEATRIAL" not in (proc / "environ").read_bytes()
            opened = {str(link.readlink()) for link in (proc / "fd").iterdir()}
            assert {name.split(":")[0] for name in opened} == {"/dev/null", "pipe"}
            limits = (proc / "limits").read_text(encoding="ascii")
    settings = {line[:26].strip(): line[26:].split()[:2] for line in limits.splitlines()}
    assert settings["Max core file size"] == ["0", "0"]
    assert settings["Max file size"] == ["0", "0"]
    assert settings["Max address space"] == [str(2 << 30)] * 2


@linux
@pytest.mark.parametrize("reading", [True, False], ids=["reading", "idle"])
def test_children_die_with_their_parent(slow: Path, reading: bool) -> None:
    script = (
        "import sys, threading; from pathlib import Path; from seatrial.parsers.isolation import ParsePool\n"
        "pool = ParsePool(1); pool.parse(Path(sys.argv[1]))\n"
        "if sys.argv[3] == 'True': threading.Thread(target=pool.parse, args=[Path(sys.argv[2])], daemon=True).start()\n"
        "print(*pool.pids, flush=True); threading.Event().wait()\n"
    )
    command = [sys.executable, "-c", script, str(DEMO), str(slow), str(reading)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        with held_open(slow) if reading else contextlib.nullcontext():
            parent.kill()
            eventually(lambda: not alive(child))


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (r"printf '\377\377\377\377'", "too long"),
        (r"printf '\0\0\0\2{}'", "no sense"),
        (r"printf '\0\0\0\50{\"type\":\"ready\",'", "ended with status"),
        ("exit 7", "status 7"),
    ],
)
def test_nonsense_from_a_child_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, output: str, reason: str
) -> None:
    fake = tmp_path / "python"
    fake.write_text(f"#!/bin/sh\n{output}\n")
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fake))
    with ParsePool(1) as pool:
        for _ in range(2):
            with pytest.raises(ParserDied, match=reason):
                pool.parse(DEMO)


def test_an_interpreter_that_is_gone_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone"))
    with ParsePool(1) as pool, pytest.raises(ParserDied, match="cannot be started"):
        pool.parse(DEMO)


def test_a_defect_of_a_parser_is_told_with_its_traceback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "seatrial"
    source = Path(isolation.__file__).parents[1]
    broken.mkdir()
    for name in source.iterdir():
        if name.name != "parsers":
            (broken / name.name).symlink_to(name)
    (broken / "parsers").mkdir()
    for name in (source / "parsers").glob("*.py"):
        if name.name != "detect.py":
            (broken / "parsers" / name.name).symlink_to(name)
    (broken / "parsers" / "detect.py").write_text("def recognise(file: object) -> None:\n    raise KeyError('oops')\n")
    monkeypatch.setattr("seatrial.__file__", str(broken / "__init__.py"))
    with ParsePool(1) as pool:
        problem = refusal(pool, DEMO)
    assert problem.code is ProcessingCode.INTERNAL
    assert isinstance(problem, ParseFailed)
    assert "KeyError: 'oops'" in problem.detail
    assert "oops" not in problem.sentence


def test_importing_starts_nothing() -> None:
    script = (
        "import subprocess, threading\n"
        "subprocess.Popen = None\n"
        "import seatrial.parsers.isolation\n"
        "print(threading.active_count())"
    )
    shown = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "1"


def test_the_child_needs_nothing_of_the_server() -> None:
    script = (
        "import sys, seatrial.parsers.isolation_child\n"
        "rooms = ('seatrial.web', 'seatrial.db', 'seatrial.config', 'seatrial.services', 'seatrial.worker')\n"
        "print([name for name in sys.modules if name.startswith((*rooms, 'sqlalchemy', 'starlette', 'dbos'))])"
    )
    shown = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "[]"


def test_waiting_callers_wake_up_when_the_pool_closes(slow: Path) -> None:
    pool = ParsePool(1)
    reasons: list[str] = []

    def wait() -> None:
        try:
            pool.parse(slow)
        except ParserDied as death:
            reasons.append(death.reason)

    threads = [Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    with held_open(slow):
        pool.close()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(reasons) == 3


def test_the_operators_limits_hold_in_the_child() -> None:
    with ParsePool(1, ParseLimits(readers=ParserLimits(entries=3))) as pool:
        problem = refusal(pool, DEMO)
    assert problem.code is ProcessingCode.ARCHIVE_BOMB
    assert "3" in problem.sentence
