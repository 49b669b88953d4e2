"""Migrations: a fresh database is what the tables say, and a second upgrade changes nothing."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from seatrial.db import schema, tables
from seatrial.db.engine import Database
from seatrial.worker.jobs import EngineJobs


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/seatrial.db")
    yield database
    database.close()


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [
            row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
        ]


def test_an_empty_database_becomes_what_the_tables_say(empty: Database) -> None:
    assert schema.current(empty) is None
    schema.upgrade(empty)
    assert schema.current(empty) == schema.head() != ""
    with empty.read() as tx:
        options = {"version_table": "schema_version", "compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(tx, opts=options), tables.metadata) == []


def test_migrations_make_the_same_indexes_as_the_tables(empty: Database, tmp_path: Path) -> None:
    """Alembic does not compare the order of an index's columns; SQLite's own text of them does."""
    schema.upgrade(empty)
    with closing(sqlite3.connect(tmp_path / "plain.db")) as _:
        plain = Database(f"sqlite:///{tmp_path}/plain.db")
        with plain.transaction() as tx:
            tables.metadata.create_all(tx)
        plain.close()
    migrated, made = dump(tmp_path / "seatrial.db"), dump(tmp_path / "plain.db")
    assert [sql for sql in migrated if sql.startswith("CREATE INDEX")] == [
        sql for sql in made if sql.startswith("CREATE INDEX")
    ]


def test_a_second_upgrade_changes_nothing(empty: Database, tmp_path: Path) -> None:
    schema.upgrade(empty)
    before = dump(tmp_path / "seatrial.db")
    schema.upgrade(empty)
    assert dump(tmp_path / "seatrial.db") == before


def test_two_processes_that_start_at_once_upgrade_once(tmp_path: Path) -> None:
    url, failures = f"sqlite:///{tmp_path}/seatrial.db", list[Exception]()
    together = threading.Barrier(4)

    def start() -> None:
        database = Database(url)
        try:
            together.wait()
            schema.upgrade(database)
        except Exception as failure:
            failures.append(failure)
        finally:
            database.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_the_engines_tables_do_not_meet_ours(empty: Database) -> None:
    schema.upgrade(empty)
    jobs = EngineJobs(empty)
    jobs.ready()
    jobs.ready()
    jobs.close()
    with empty.read() as tx:
        differences = compare_metadata(
            MigrationContext.configure(tx, opts={"version_table": "schema_version"}), tables.metadata
        )
    ours = set(tables.metadata.tables)
    assert [change for change in differences if change[0] != "remove_table" and change[0] != "remove_index"] == []
    assert not {change[1].name for change in differences if change[0] == "remove_table"} & ours
