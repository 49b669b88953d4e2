"""Migrations: a fresh database is what the tables say, an old one becomes it, and a second upgrade changes nothing."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from seatrial.db import schema, tables
from seatrial.db.engine import Database
from seatrial.domain.errors import Conflict
from seatrial.worker.jobs import EngineJobs
from tests.databases import KINDS, empty_database
from tests.db import released_schema
from tests.postgres import Postgres


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest) -> Iterator[Database]:
    database = Database(empty_database(request))
    yield database
    database.close()


def dump(database: Database) -> list[str]:
    """Give the database's own words for its tables' columns and its indexes."""
    statements = [
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
        (
            "SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || ' '"
            " || coalesce(pg_get_expr(d.adbin, d.adrelid), '') || ' ' || coalesce(o.collname, '') FROM pg_attribute a"
            " JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
            " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
            " LEFT JOIN pg_collation o ON o.oid = a.attcollation WHERE a.attnum > 0 AND NOT a.attisdropped"
        ),
        (
            "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace AND contype <> 'n'"
        ),
    ]
    if database.is_sqlite:
        statements = ["SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"]
    with database.read() as tx:
        found = [str(row[0]) for statement in statements for row in tx.execute(sa.text(statement))]
    return sorted(line for line in found if "schema_version" not in line)


def is_everybodys(name: str | None, _kind: str, _parents: object) -> bool:
    """Whether it is on both databases; each has its own index over the words of builds, by this name."""
    return not (name or "").startswith("build_words")


def differences(database: Database) -> list[Any]:
    options: dict[str, Any] = {"version_table": "schema_version", "compare_type": True, "include_name": is_everybodys}
    # PostgreSQL cannot compare JSON, which is how Alembic compares defaults; `dump` holds them.
    options["compare_server_default"] = database.is_sqlite
    with database.read() as tx:
        return list(compare_metadata(MigrationContext.configure(tx, opts=options), tables.metadata))


def test_an_empty_database_becomes_what_the_tables_say(empty: Database) -> None:
    assert schema.current(empty) is None
    schema.upgrade(empty)
    assert schema.current(empty) == schema.head() != ""
    assert differences(empty) == []


@pytest.mark.parametrize("empty", ["sqlite"], indirect=True)
def test_migrations_make_the_same_indexes_as_the_tables(
    empty: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Alembic does not compare the order of an index's columns; the database's own text of them does."""
    schema.upgrade(empty)
    plain = Database(f"sqlite:///{tmp_path_factory.mktemp('plain')}/plain.db")
    with plain.transaction() as tx:
        tables.metadata.create_all(tx)
    indexes = [line for line in dump(plain) if line.startswith("CREATE INDEX")]
    plain.close()
    assert [line for line in dump(empty) if line.startswith("CREATE INDEX")] == indexes != []


def test_migrations_make_on_postgresql_all_that_the_tables_say(postgres: Postgres) -> None:
    migrated, plain = Database(postgres.fresh_database()), Database(postgres.fresh_database())
    schema.upgrade(migrated)
    with plain.transaction() as tx:
        tables.metadata.create_all(tx)
    assert dump(migrated) == dump(plain) != []
    migrated.close()
    plain.close()


def test_every_text_on_postgresql_sorts_by_code_points(postgres: Postgres) -> None:
    database = Database(postgres.fresh_schema())
    statement = (
        "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND data_type IN ('character varying', 'text') AND collation_name IS DISTINCT FROM 'C'"
        " AND table_name <> 'schema_version'"
    )
    with database.read() as tx:
        assert tx.execute(sa.text(statement)).all() == []
    database.close()


def test_both_databases_have_the_same_tables_columns_and_indexes(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = []
    for url in (f"sqlite:///{tmp_path_factory.mktemp('same')}/same.db", postgres.fresh_database()):
        database = Database(url)
        schema.upgrade(database)
        with database.read() as tx:
            look = sa.inspect(tx)
            found.append(
                {
                    table: (
                        sorted((column["name"], column["nullable"]) for column in look.get_columns(table)),
                        sorted((index["name"] or "", len(index["column_names"])) for index in look.get_indexes(table)
                               if not index.get("duplicates_constraint")
                               and is_everybodys(index["name"], "", "")),
                        sorted(unique["name"] or "" for unique in look.get_unique_constraints(table)),
                        sorted(key["name"] or "" for key in look.get_foreign_keys(table)),
                    )
                    for table in look.get_table_names()
                    if is_everybodys(table, "", "")
                }
            )  # fmt: skip
        database.close()
    assert found[0] == found[1] != {}


def test_a_schema_of_a_newer_program_is_left_alone(empty: Database) -> None:
    schema.upgrade(empty)
    with empty.transaction() as tx:
        tx.execute(sa.text("UPDATE schema_version SET version_num = '9999'"))
    with pytest.raises(Conflict, match="newer than this program"):
        schema.upgrade(empty)
    assert schema.current(empty) == "9999"


def test_a_second_upgrade_changes_nothing(empty: Database) -> None:
    schema.upgrade(empty)
    before = dump(empty)
    schema.upgrade(empty)
    assert dump(empty) == before


@pytest.mark.parametrize("revision", released_schema.REVISIONS)
def test_every_released_schema_becomes_this_one_with_all_that_is_in_it(empty: Database, revision: str) -> None:
    released_schema.restore(revision, empty.url)
    before = released_schema.rows(empty)
    assert before.pop("schema_version") == [{"version_num": revision}]
    assert all(before.values())
    schema.upgrade(empty)
    assert differences(empty) == []
    after = released_schema.rows(empty)
    for row in before.get("memberships", []):
        row.pop("tags", None)  # became groups: see below
    for table, rows in before.items():
        kept = [{name: row[name] for name in rows[0]} for row in after[table]]
        assert kept == rows


def test_tags_of_members_become_groups(empty: Database) -> None:
    released_schema.restore("0002", empty.url)
    with empty.transaction() as tx:
        tx.execute(sa.text("UPDATE memberships SET tags = :tags"), {"tags": '["Beta", "QA", "beta "]'})
        tx.execute(sa.text("UPDATE memberships SET tags = '[]' WHERE user_id LIKE '2%'"))
    schema.upgrade(empty)
    after = released_schema.rows(empty)
    assert {(row["name"], row["key"]) for row in after["groups"]} == {("Beta", "beta"), ("QA", "qa")}
    assert {row["organization_id"] for row in after["groups"]} == {after["memberships"][0]["organization_id"]}
    assert {row["user_id"] for row in after["user_groups"]} == {after["memberships"][0]["user_id"]}
    assert {row["group_id"] for row in after["user_groups"]} == {row["id"] for row in after["groups"]}


@pytest.mark.parametrize("revision", released_schema.REVISIONS)
def test_an_upgraded_postgresql_is_as_a_fresh_one(postgres: Postgres, revision: str) -> None:
    old, new = Database(postgres.fresh_database()), Database(postgres.fresh_database())
    released_schema.restore(revision, old.url)
    for database in (old, new):
        schema.upgrade(database)
    assert dump(old) == dump(new)
    old.close()
    new.close()


def test_four_processes_that_start_at_once_upgrade_once(empty: Database) -> None:
    failures: list[Exception] = []
    together = threading.Barrier(4)

    def start() -> None:
        database = Database(empty.url)
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
    assert schema.current(empty) == schema.head()


def test_the_engines_tables_do_not_meet_ours(empty: Database) -> None:
    schema.upgrade(empty)
    jobs = EngineJobs(empty)
    jobs.ready()
    jobs.ready()
    jobs.close()
    changes = differences(empty)
    ours = set(tables.metadata.tables)
    assert [change for change in changes if change[0] != "remove_table" and change[0] != "remove_index"] == []
    assert not {change[1].name for change in changes if change[0] == "remove_table"} & ours
