import logging
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from seatrial.db.engine import Database
from seatrial.db.tables import metadata
from seatrial.worker import engine
from seatrial.worker.jobs import EngineJobs
from tests.worker.conftest import StartWorker
from tests.worker.test_worker import enqueue
from tests.worker.watching import engine_table, job_states, wait_for

QUIET = """
import os
import sys
from pathlib import Path
from seatrial.db import schema
from seatrial.db.engine import Database
from seatrial.domain.clock import utc_now
from seatrial.worker.jobs import EngineJobs
from seatrial.worker.worker import Worker
database = Database(f"sqlite:///{sys.argv[1]}/seatrial.db")
schema.upgrade(database)
jobs = EngineJobs(database)
jobs.ready()
worker = Worker(jobs, "quiet", lambda *_: None, lambda *_: None, now=utc_now)
worker.start()
sockets = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
mine = {os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}")}
assert not [line for line in sockets if f"socket:[{line[9]}]" in mine], "the engine opened a network socket"
assert worker.stop(5)
"""


def test_the_engine_is_silent_and_speaks_to_nobody(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", QUIET, tmp_path], capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_its_warnings_go_to_the_house_log(jobs: EngineJobs) -> None:
    logger = logging.getLogger("dbos")
    assert logger.propagate
    assert all(isinstance(handler, logging.NullHandler) for handler in logger.handlers)


def test_jobs_wait_for_no_particular_build_of_the_program(
    database: Database, jobs: EngineJobs, start_worker: StartWorker
) -> None:
    enqueue(database, jobs)
    with database.read() as tx:
        status, given = engine_table(database, "workflow_status"), engine_table(database, "workflow_input")
        statement = f"SELECT application_version, i.inputs FROM {status} JOIN {given} i USING (workflow_uuid)"
        versions = tx.execute(text(statement)).all()
    assert [row[0] for row in versions] == [engine.APPLICATION_VERSION] == ["1"]
    assert versions[0][1].startswith("{"), "JSON, so that a row in the database is never code"
    start_worker(lambda *_: None)
    wait_for(lambda: set(job_states(database).values()) == {"SUCCESS"})


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_its_connections_write_as_durably_as_ours_and_read_without_the_write_lock(
    database: Database, jobs: EngineJobs
) -> None:
    with jobs.connections.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2
        assert connection.scalar(text("PRAGMA busy_timeout")) == 30_000
    with database.transaction() as tx:
        tx.execute(text("SELECT 1"))
        with jobs.connections.begin() as connection:
            assert connection.scalar(text("SELECT count(*) FROM workflow_status")) == 0


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_its_connections_notice_a_server_that_is_gone(database: Database, jobs: EngineJobs) -> None:
    with jobs.connections.connect() as connection:
        assert connection.scalar(text("SHOW synchronous_commit")) == "on"
        assert connection.scalar(text("SHOW idle_in_transaction_session_timeout")) == "1min"
        assert connection.scalar(text("SHOW tcp_keepalives_idle")) == "15"
        assert connection.scalar(text("SHOW statement_timeout")) == "0", "it may have to build an index"


def test_its_tables_do_not_meet_ours(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/engine-only.db")
    engine.migrate(database)
    with database.read() as tx:
        theirs = set(inspect(tx).get_table_names())
    database.close()
    assert theirs
    assert not theirs & set(metadata.tables)
