"""kill -9 of enqueuing and working processes, at random instants: nothing lost, stuck, or done by two at once."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from seatrial.db.engine import Database
from tests.databases import KINDS, migrated_database
from tests.faults.extent import times
from tests.worker.watching import engine_table

ROOT = Path(__file__).parents[2]
KILLS = times(30, 100)


@dataclass(frozen=True)
class Scene:
    """What the campaign left behind: files, and a database."""

    folder: Path
    database: Database

    def __truediv__(self, name: str) -> Path:
        return self.folder / name


@pytest.fixture(scope="module", params=KINDS)
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    data_dir = tmp_path_factory.mktemp("engine")
    url = migrated_database(request)
    seed = int(os.environ.get("ENGINE_KILLS_SEED", "0")) or random.SystemRandom().getrandbits(31)
    sys.stdout.write(f"ENGINE_KILLS_SEED={seed}\n")
    command = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "tests.faults.engine_campaign",
        str(data_dir),
        url,
        str(seed),
        str(KILLS),
    ]
    campaign = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280 * KILLS / 30, check=False)
    assert campaign.returncode == 0, f"seed {seed}\n{campaign.stderr[-4000:]}"
    database = Database(url)
    yield Scene(data_dir, database)
    database.close()


def lines(scene: Scene, kind: str) -> list[str]:
    path = scene / kind
    return path.read_text().splitlines() if path.exists() else []


def rows(scene: Scene, sql: str) -> list[tuple[Any, ...]]:
    with scene.database.read() as tx:
        return [tuple(row) for row in tx.execute(text(sql))]


def deaths(scene: Scene) -> dict[str, float]:
    died_at = {pid: float(moment) for pid, moment in (line.split() for line in lines(scene, "killed"))}
    return {executor: died_at[pid] for executor, pid in map(str.split, lines(scene, "started")) if pid in died_at}


@pytest.mark.slow
def test_processes_were_killed_at_work(scene: Scene) -> None:
    assert len(lines(scene, "killed")) >= KILLS
    assert len(lines(scene, "acknowledged")) > KILLS
    assert lines(scene, "rolled_back")
    interrupted = rows(scene, "SELECT count(*) FROM runs WHERE ended IS NULL")
    assert interrupted[0][0] > 0


@pytest.mark.slow
def test_every_acknowledged_job_was_done(scene: Scene) -> None:
    done = {order for (order,) in rows(scene, "SELECT id FROM orders WHERE outcome IS NOT NULL AND steps >= 3")}
    assert set(lines(scene, "acknowledged")) <= done


@pytest.mark.slow
def test_a_job_exists_exactly_where_its_row_was_committed(scene: Scene) -> None:
    committed = {f"{order}:1" for (order,) in rows(scene, "SELECT id FROM orders")}
    assert {
        job for (job,) in rows(scene, f"SELECT workflow_uuid FROM {engine_table(scene.database, 'workflow_status')}")
    } == committed
    assert not committed & {f"{order}:1" for order in lines(scene, "rolled_back")}


@pytest.mark.slow
def test_nothing_is_stuck_and_nothing_failed(scene: Scene) -> None:
    assert rows(scene, f"SELECT DISTINCT status FROM {engine_table(scene.database, 'workflow_status')}") == [
        ("SUCCESS",)
    ]
    assert rows(scene, "SELECT count(*) FROM orders WHERE outcome IS NULL") == [(0,)]
    assert not lines(scene, "given_up")


@pytest.mark.slow
def test_a_job_is_run_again_only_after_the_death_of_who_ran_it(scene: Scene) -> None:
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
def test_the_dead_leave_neither_rows_nor_locks(scene: Scene) -> None:
    assert rows(scene, "SELECT count(*) FROM executors") == [(0,)]
    assert list((scene / "run").iterdir()) == []
