"""kill -9 of enqueuing and working processes, 30 times at random instants: nothing lost, stuck, or done by two at once."""

import os
import random
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
KILLS = 30


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("engine")
    seed = int(os.environ.get("ENGINE_KILLS_SEED", "0")) or random.SystemRandom().getrandbits(31)
    sys.stdout.write(f"ENGINE_KILLS_SEED={seed}\n")
    command = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "tests.faults.engine_campaign",
        str(data_dir),
        str(seed),
        str(KILLS),
    ]
    campaign = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert campaign.returncode == 0, f"seed {seed}\n{campaign.stderr[-4000:]}"
    return data_dir


def lines(scene: Path, kind: str) -> list[str]:
    path = scene / kind
    return path.read_text().splitlines() if path.exists() else []


def rows(scene: Path, sql: str) -> list[Any]:
    connection = sqlite3.connect(scene / "seatrial.db")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def deaths(scene: Path) -> dict[str, float]:
    died_at = {pid: float(moment) for pid, moment in (line.split() for line in lines(scene, "killed"))}
    return {executor: died_at[pid] for executor, pid in map(str.split, lines(scene, "started")) if pid in died_at}


@pytest.mark.slow
def test_processes_were_killed_at_work(scene: Path) -> None:
    assert len(lines(scene, "killed")) >= KILLS
    assert len(lines(scene, "acknowledged")) > KILLS
    assert lines(scene, "rolled_back")
    interrupted = rows(scene, "SELECT count(*) FROM runs WHERE ended IS NULL")
    assert interrupted[0][0] > 0


@pytest.mark.slow
def test_every_acknowledged_job_was_done(scene: Path) -> None:
    done = {order for (order,) in rows(scene, "SELECT id FROM orders WHERE outcome IS NOT NULL AND steps >= 3")}
    assert set(lines(scene, "acknowledged")) <= done


@pytest.mark.slow
def test_a_job_exists_exactly_where_its_row_was_committed(scene: Path) -> None:
    committed = {f"{order}:1" for (order,) in rows(scene, "SELECT id FROM orders")}
    assert {job for (job,) in rows(scene, "SELECT workflow_uuid FROM workflow_status")} == committed
    assert not committed & {f"{order}:1" for order in lines(scene, "rolled_back")}


@pytest.mark.slow
def test_nothing_is_stuck_and_nothing_failed(scene: Path) -> None:
    assert rows(scene, "SELECT DISTINCT status FROM workflow_status") == [("SUCCESS",)]
    assert rows(scene, "SELECT count(*) FROM orders WHERE outcome IS NULL") == [(0,)]
    assert not lines(scene, "given_up")


@pytest.mark.slow
def test_a_job_is_run_again_only_after_the_death_of_who_ran_it(scene: Path) -> None:
    died_at = deaths(scene)
    last: dict[str, str] = {}
    for order, executor, started, _ in rows(
        scene, "SELECT order_id, executor, started, ended FROM runs ORDER BY started"
    ):
        if (before := last.get(order)) is not None:
            assert before in died_at, f"{order} was run again although {before} was never killed"
            assert started > died_at[before], f"{order} ran twice at the same time"
        last[order] = executor
    unended = {executor for (executor,) in rows(scene, "SELECT executor FROM runs WHERE ended IS NULL")}
    assert unended <= set(died_at)


@pytest.mark.slow
def test_the_dead_leave_neither_rows_nor_locks(scene: Path) -> None:
    assert rows(scene, "SELECT count(*) FROM executors") == [(0,)]
    assert list((scene / "run").iterdir()) == []
