"""kill -9 in the middle of a run of retention, and two runs at once: each build is here or in the trash, and counted."""

import subprocess
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, update

from seatrial.db import build_counts, builds
from seatrial.db.engine import Database
from seatrial.db.tables import build_counts as counts
from seatrial.db.tables import builds as rows
from seatrial.db.tables import trash, trash_keys, trash_rows
from seatrial.domain.access import AppScope
from seatrial.domain.clock import utc_now
from seatrial.domain.ids import AppId, OrganizationId
from tests.db.sample_rows import SOMEBODY, new_build
from tests.server import PATIENCE_SECONDS, SEATRIAL, Workspace, environment

BUILDS = 120
ENOUGH = 10
"""Builds in the trash before the kill."""


def fill(database: Database, scope: AppScope) -> set[str]:
    """Add builds that are all old, and all but the newest to go."""
    made = [new_build(now=utc_now() - timedelta(days=100, seconds=number)) for number in range(BUILDS)]
    with database.transaction() as tx:
        for one in made:
            builds.insert_build(tx, scope, one)
        ids = [one.id for one in made]
        tx.execute(update(rows).where(rows.c.id.in_(ids)).values(status="processed"))
        pending = build_counts.Counted(scope.app_id, "", "pending", "android")
        for _ in made:
            build_counts.move(tx, pending, build_counts.Counted(scope.app_id, "", "processed", "android"))
    return set(ids)


def assert_sound(database: Database, ids: set[str]) -> int:
    """Find each build in one place, with all of its rows and counted there; tells how many are in the trash."""
    with database.read() as tx:
        here, gone = (set(tx.execute(select(column)).scalars()) for column in (rows.c.id, trash.c.build_id))
        assert (here | gone, here & gone) == (ids, set())
        assert tx.execute(select(func.sum(counts.c.builds))).scalar_one() == len(here)
        for table in (trash_keys, trash_rows):
            assert set(tx.execute(select(table.c.build_id)).scalars()) == gone
        per_build = select(func.count()).select_from(trash_rows).group_by(trash_rows.c.build_id)
        assert set(tx.execute(per_build).scalars()) <= {3}, "its own row, that of its file, and that of its words"
    return len(gone)


def test_a_killed_run_leaves_each_build_whole_and_the_next_ones_end_it(workspace: Workspace, tmp_path: Path) -> None:
    own = workspace.copied_to(tmp_path)
    database = Database(own.database_url or f"sqlite:///{own.data_dir / 'seatrial.db'}")
    organization, app = own.printed["organization"]["id"], own.printed["app"]["id"]
    ids = fill(database, AppScope(organization_id=OrganizationId(organization), app_id=AppId(app), principal=SOMEBODY))
    command = [SEATRIAL, "admin", "retention", "run", "--app", app, "--days", "30", "--data-dir", own.data_dir]

    def run() -> "subprocess.Popen[bytes]":
        return subprocess.Popen(command, env=environment(own.settings), stdout=subprocess.DEVNULL)

    victim, patience = run(), time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < patience:
        with database.read() as tx:
            if tx.execute(select(func.count()).select_from(trash)).scalar_one() >= ENOUGH:
                break
        time.sleep(0.002)
    victim.kill()
    victim.wait()
    assert ENOUGH <= assert_sound(database, ids) < BUILDS - 1
    both = [run(), run()]
    assert [one.wait(PATIENCE_SECONDS) for one in both] == [0, 0]
    assert assert_sound(database, ids) == BUILDS - 1
    database.close()
