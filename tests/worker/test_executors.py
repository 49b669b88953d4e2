import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from seatrial.db import executors as rows
from seatrial.db.engine import Database
from seatrial.db.executors import Executor, ExecutorRole
from seatrial.domain.clock import utc_now
from seatrial.worker.executors import Executors
from tests.worker.watching import wait_for

Start = Callable[..., Executors]
LOCK_AND_SLEEP = "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX); print(1, flush=True); time.sleep(60)"


@pytest.fixture
def deaths() -> list[str]:
    return []


@pytest.fixture
def start(database: Database, tmp_path: Path, deaths: list[str]) -> Iterator[Start]:
    with ExitStack() as stack:

        def start(
            executor_id: str,
            *,
            owners: Callable[[], Collection[str]] = lambda: (),
            on_death: Callable[[str], None] = deaths.append,
            ttl_seconds: float = 60.0,
            sweep_seconds: float = 0.05,
        ) -> Executors:
            executors = Executors(
                database,
                tmp_path,
                executor_id,
                ExecutorRole.API,
                now=utc_now,
                on_death=[on_death],
                owners=owners,
                beat_seconds=0.05,
                sweep_seconds=sweep_seconds,
                ttl_seconds=ttl_seconds,
            )
            executors.start()
            stack.callback(executors.stop)
            return executors

        yield start


def registered(database: Database) -> list[str]:
    with database.read() as tx:
        return [executor.id for executor in rows.everybody(tx)]


def register(
    database: Database, executor_id: str, *, host: str = "elsewhere", role: ExecutorRole = ExecutorRole.WORKER
) -> None:
    moment = utc_now() - timedelta(days=1)
    with database.transaction() as tx:
        rows.register(
            tx,
            Executor(id=executor_id, host=host, role=role, started_at=moment, beat_at=moment),
        )


def test_a_process_is_registered_while_it_lives(database: Database, tmp_path: Path, start: Start) -> None:
    executors = start("a")
    assert registered(database) == ["a"]
    executors.stop()
    assert registered(database) == []
    assert list((tmp_path / "run").iterdir()) == []


def test_a_process_killed_on_this_machine_is_dead_at_once(
    database: Database, tmp_path: Path, start: Start, deaths: list[str]
) -> None:
    host = os.uname().nodename
    (tmp_path / "run").mkdir()
    lock = tmp_path / "run" / "victim.lock"
    victim = subprocess.Popen([sys.executable, "-c", LOCK_AND_SLEEP, lock], stdout=subprocess.PIPE)
    with victim:
        assert victim.stdout is not None
        assert victim.stdout.readline()
        register(database, "victim", host=host)
        survivor = start("survivor", ttl_seconds=0.0)
        survivor.sweep()
        assert deaths == [], "its lock is held, so it lives however long it is silent"
        victim.send_signal(signal.SIGKILL)
    wait_for(lambda: deaths == ["victim"])
    wait_for(lambda: registered(database) == ["survivor"])
    wait_for(lambda: not lock.exists())  # the last thing that is done


def test_the_dead_are_buried_before_start_returns(
    database: Database, tmp_path: Path, start: Start, deaths: list[str]
) -> None:
    register(database, "before", host=os.uname().nodename)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "before.lock").touch()
    start("after")
    assert deaths == ["before"]
    assert registered(database) == ["after"]


def test_a_silent_process_elsewhere_dies_after_the_time_to_live_whatever_its_clock_says(
    database: Database, start: Start, deaths: list[str]
) -> None:
    register(database, "silent")
    watcher = start("watcher", ttl_seconds=3600.0)
    watcher.sweep()
    assert deaths == [], "its beat is a day old by its own clock, and that says nothing"
    watcher.stop()
    start("impatient", ttl_seconds=0.2)
    wait_for(lambda: deaths == ["silent"])


def test_a_process_elsewhere_that_beats_lives(database: Database, start: Start, deaths: list[str]) -> None:
    register(database, "far")
    start("watcher", ttl_seconds=2.0)  # longer than a busy machine keeps anybody waiting
    for _ in range(50):
        with database.transaction() as tx:
            assert rows.beat(tx, "far", utc_now())
        time.sleep(0.05)
    assert deaths == []


def test_who_waits_for_what_the_dead_has_locked_goes_on_giving_signs_of_life(database: Database, start: Start) -> None:
    is_waiting, is_free = threading.Event(), threading.Event()

    def settle(_executor_id: str) -> None:
        is_waiting.set()
        is_free.wait(60)

    def signs() -> datetime:
        with database.read() as tx:
            return next(one.beat_at for one in rows.everybody(tx) if one.id == "patient")

    start("patient", on_death=settle)
    register(database, "dead", role=ExecutorRole.UNKNOWN)
    assert is_waiting.wait(60)
    try:
        last = signs()
        wait_for(lambda: signs() > last)
    finally:
        is_free.set()


def test_one_of_many_takes_over(database: Database, start: Start) -> None:
    settled: list[str] = []
    watchers = [start(f"watcher{number}", on_death=settled.append, sweep_seconds=3600.0) for number in range(4)]
    register(database, "dead", role=ExecutorRole.UNKNOWN)
    threads = [threading.Thread(target=watcher.sweep) for watcher in watchers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert settled == ["dead"]


def test_a_takeover_that_failed_is_made_good(database: Database, start: Start) -> None:
    calls: list[str] = []

    def settle(executor_id: str) -> None:
        calls.append(executor_id)
        if len(calls) < 3:
            raise ConnectionError("the store is away")

    register(database, "dead")
    start("watcher", on_death=settle, ttl_seconds=0.1)
    wait_for(lambda: len(calls) == 3)
    wait_for(lambda: registered(database) == ["watcher"])


def test_work_of_an_executor_that_nobody_knows_is_taken_over(start: Start, deaths: list[str]) -> None:
    start("watcher", owners=lambda: () if deaths else ("forgotten", "watcher"))
    assert deaths == ["forgotten"]


def test_who_leaves_work_behind_stays_registered_until_it_is_gone(
    database: Database, tmp_path: Path, start: Start
) -> None:
    executors = start("busy", owners=lambda: ("busy",))
    executors.stop()
    assert registered(database) == ["busy"]
    assert (tmp_path / "run" / "busy.lock").exists()


def test_who_was_buried_alive_registers_again(database: Database, start: Start) -> None:
    start("suspended")
    with database.transaction() as tx:
        rows.remove(tx, "suspended")
    wait_for(lambda: registered(database) == ["suspended"])


def test_stray_lock_files_are_removed(tmp_path: Path, start: Start) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "stray.lock").touch()
    start("tidy")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["tidy.lock"]
