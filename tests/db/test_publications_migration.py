"""From the schema before publications to theirs: what builds are found by."""

from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import text

from seatrial.db import schema
from seatrial.db.engine import Database
from tests.databases import KINDS, empty_database

ORGANIZATION, APP = "a" * 24, "b" * 24
LONG = "x" * 256


@pytest.fixture(params=KINDS)
def before(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Give a database at the schema before."""
    database = Database(empty_database(request))
    with database.transaction() as tx:
        config = schema._config()
        config.attributes["connection"] = tx
        command.upgrade(config, "0006")
    yield database
    database.close()


def insert(database: Database, table: str, **values: object) -> None:
    with database.transaction() as tx:
        tx.execute(text(f"INSERT INTO {table} ({', '.join(values)}) VALUES (:{', :'.join(values)})"), values)


def test_builds_are_found_by_what_their_deployers_said(before: Database) -> None:
    times = {"created_at": 5, "updated_at": 5}
    names = {
        "id": ORGANIZATION,
        "name": "Acme",
        "slug": "acme",
        "integrations_enabled": True,
        "workspace_enabled": True,
    }
    insert(before, "organizations", **names, **times)
    flags = {"notify_collaborators": False, "notify_employees": False}
    insert(
        before, "apps", id=APP, organization_id=ORGANIZATION, name="W", slug="w", description="", picture="", **flags,
        **times,
    )  # fmt: skip
    words = ("version_name", "version_code", "changelog", "build_platform", "package_name", "package_version", "error")
    empty = dict.fromkeys((*words, "error_code", "original_extension"), "")
    objects = dict.fromkeys(
        ("warnings", "notification", "uploaded_by", "storage_provider", "metadata", "default_scripts"), "{}"
    )
    numbers = {"size": 3, "queued_ms": 0, "process_ms": 0, "attempt": 1, "claims": 0, "parser_deaths": 0, "revision": 1}
    for number, (status, disabled, deployer) in enumerate(
        (
            ("processed", False, '{"name": "ci", "info": {"branch": "main", "tag": "v1"}}'),
            ("processed", True, '{"info": {"branch": "main"}}'),
            ("error", False, '{"info": {"branch": "broken"}}'),
            ("processed", False, f'{{"info": {{"branch": "{LONG}"}}}}'),
            ("processed", False, '{"a": 1}'),
        )
    ):
        insert(
            before, "builds", id=f"{number:024x}", organization_id=ORGANIZATION, app_id=APP, status=status, os="ios",
            disabled=disabled, deployer=deployer, **empty, **objects, **numbers, **times,
        )  # fmt: skip
        insert(before, "build_tags", build_id=f"{number:024x}", tag="qa", position=0, app_id=APP)
    schema.upgrade(before)
    with before.read() as tx:
        found = tx.execute(text("SELECT git_branch, git_tag FROM builds ORDER BY id")).all()
        lanes = tx.execute(text("SELECT build_id, kind, value, os, created_at FROM build_lanes ORDER BY 1, 2")).all()
    assert [tuple(row) for row in found] == [("main", "v1"), ("main", ""), ("broken", ""), ("", ""), ("", "")]
    assert {tuple(row[3:]) for row in lanes} == {("ios", 5)}
    assert [(int(row.build_id, 16), row.kind, row.value) for row in lanes] == [
        (0, "gitBranch", "main"), (0, "gitTag", "v1"), (0, "last", ""), (0, "tag", "qa"),
        (3, "last", ""), (3, "tag", "qa"), (4, "last", ""), (4, "tag", "qa"),
    ]  # fmt: skip
