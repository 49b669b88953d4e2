"""From the schema before the dashboard to its own: old builds are found by their words, and counted on their days."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import text

from seatrial.db import build_search, numbers, schema
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope
from seatrial.domain.build import BuildStatus
from seatrial.domain.ids import AppId, OrganizationId
from seatrial.domain.search import BuildFilter
from tests.databases import KINDS, empty_database
from tests.db.sample_rows import SOMEBODY, START

ORGANIZATION, APP = OrganizationId("a" * 24), AppId("b" * 24)
SCOPE = AppScope(organization_id=ORGANIZATION, app_id=APP, principal=SOMEBODY)
DAY = 24 * 3600 * 1000
TODAY = int(START.timestamp() * 1000) // DAY * DAY


@pytest.fixture(params=KINDS)
def before(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Give a database at the schema before, with an app."""
    database = Database(empty_database(request))
    with database.transaction() as tx:
        config = schema._config()
        config.attributes["connection"] = tx
        command.upgrade(config, "0011")
    times = {"created_at": 5, "updated_at": 5}
    switches = {"integrations_enabled": True, "workspace_enabled": True}
    insert(database, "organizations", id=ORGANIZATION, name="Acme", slug="acme", **switches, **times)
    flags = {"notify_collaborators": False, "notify_employees": False}
    empty = {"description": "", "picture": ""}
    insert(
        database, "apps", id=APP, organization_id=ORGANIZATION, name="W", slug="w", **empty, **flags, **times,
    )  # fmt: skip
    yield database
    database.close()


def insert(database: Database, table: str, **values: object) -> None:
    with database.transaction() as tx:
        tx.execute(text(f"INSERT INTO {table} ({', '.join(values)}) VALUES (:{', :'.join(values)})"), values)


def add_build(database: Database, number: int, at: int, status: str, **said: object) -> str:
    words = ("version_name", "version_code", "changelog", "build_platform", "package_name", "package_version", "error")
    values: dict[str, object] = dict.fromkeys((*words, "error_code", "original_extension"), "")
    values |= dict.fromkeys(("warnings", "notification", "storage_provider", "metadata", "default_scripts"), "{}")
    values |= dict.fromkeys(("queued_ms", "process_ms", "claims", "parser_deaths"), 0)
    values |= {
        "size": 3,
        "attempt": 1,
        "revision": 1,
        "os": "ios",
        "disabled": False,
        "uploaded_by": '{"id": "1", "email": ""}',
    }
    values |= {"created_at": at, "updated_at": at, "deployer": '{"name": "", "info": {}}', "status": status}
    build_id = f"{number:024x}"
    insert(database, "builds", id=build_id, organization_id=ORGANIZATION, app_id=APP, **(values | said))
    insert(database, "build_tags", build_id=build_id, tag=f"tag {number}", position=0, app_id=APP)
    return build_id


def found(database: Database, words: str = "", **narrowed: object) -> list[str]:
    with database.read() as tx:
        wanted = BuildFilter(words=words, **narrowed)  # type: ignore[arg-type]
        return [line.id for line in build_search.find(tx, SCOPE, wanted).items]


def test_builds_that_were_there_are_found_and_counted(before: Database) -> None:
    deployer = '{"name": "GitHub Actions", "info": {"branch": "release/2.4", "commit": "f52ace0"}}'
    person = '{"id": "1", "email": "ada@example.com", "first_name": "Ada", "last_name": "L"}'
    info = '{"identifier": "com.acme.wallet", "format": "ipa"}'
    said = {"version_name": "2.5.0", "changelog": "Faster logins", "uploaded_by": person, "info": info}
    old = add_build(before, 1, TODAY - DAY, "processed", deployer=deployer, **said)
    new = add_build(before, 2, TODAY, "error", version_name="2.5.1", info="no json")
    add_build(before, 3, TODAY + DAY - 1, "pending")
    schema.upgrade(before)
    for words in ("login", "wallet", "f52ace", "ada@example", "release/2.4 github"):
        assert found(before, words) == [old]
    assert found(before, "2.5") == [new, old]
    assert found(before, "nothing") == []
    assert found(before, status=BuildStatus.ERROR) == found(before, tag="tag 2") == [new]
    assert found(before, branch="release/2.4") == [old]
    with before.read() as tx:
        days = numbers.days(tx, SCOPE, START - timedelta(days=2), START)
    assert [(day.builds, day.failures, day.downloads) for day in days] == [(0, 0, 0), (1, 0, 0), (2, 1, 0)]
