"""From the first schema to the second: what counters start with."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import text

from seatrial.db import apps, schema
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope
from seatrial.domain.ids import AppId, OrganizationId
from tests.databases import KINDS, empty_database
from tests.db.sample_rows import SOMEBODY, START

ORGANIZATION, APP, IDLE = "a" * 24, "b" * 24, "c" * 24


@pytest.fixture(params=KINDS)
def first(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Give a database at the first schema."""
    database = Database(empty_database(request))
    with database.transaction() as tx:
        config = schema._config()
        config.attributes["connection"] = tx
        command.upgrade(config, "0001")
    yield database
    database.close()


def insert(database: Database, table: str, **values: object) -> None:
    columns = ", ".join(values)
    with database.transaction() as tx:
        tx.execute(text(f"INSERT INTO {table} ({columns}) VALUES (:{', :'.join(values)})"), values)


def test_counters_start_with_what_was_there(first: Database) -> None:
    start = int(START.timestamp() * 1000)
    times = {"created_at": start, "updated_at": start}
    insert(
        first,
        "organizations",
        id=ORGANIZATION,
        name="Acme",
        slug="acme",
        integrations_enabled=True,
        workspace_enabled=True,
        **times,
    )
    for app_id in (APP, IDLE):
        insert(
            first,
            "apps",
            id=app_id,
            organization_id=ORGANIZATION,
            name="Wallet",
            slug=f"wallet-{app_id}",
            description="",
            picture="",
            notify_collaborators=False,
            notify_employees=True,
            **times,
        )
    words = ("version_name", "version_code", "changelog", "os", "build_platform", "package_name", "package_version")
    empty = dict.fromkeys((*words, "error", "error_code", "original_extension"), "")
    objects = dict.fromkeys(
        ("warnings", "deployer", "notification", "uploaded_by", "storage_provider", "metadata", "default_scripts"), "{}"
    )
    for number, status in enumerate(("processed", "processed", "error")):
        insert(
            first,
            "builds",
            id=f"{number:024x}",
            organization_id=ORGANIZATION,
            app_id=APP,
            status=status,
            size=3,
            queued_ms=100,
            process_ms=20,
            disabled=False,
            attempt=1,
            claims=0,
            parser_deaths=0,
            revision=1,
            created_at=start + number * 1000,
            updated_at=start + 9_999_999,
            **empty,
            **objects,
        )
        insert(
            first,
            "downloads",
            id=f"{number:024x}",
            organization_id=ORGANIZATION,
            app_id=APP,
            build_id=f"{0:024x}",
            file_id="f" * 24,
            origin="integrationApi",
            member_type="unknown",
            member="{}",
            member_email="",
            created_at=start,
        )
    schema.upgrade(first)
    with first.read() as tx:
        app, idle = (
            apps.get(
                tx, AppScope(organization_id=OrganizationId(ORGANIZATION), app_id=AppId(app_id), principal=SOMEBODY)
            )
            for app_id in (APP, IDLE)
        )
    assert (app.downloads, app.last_build_processed_at) == (3, START + timedelta(milliseconds=1120))
    assert (idle.downloads, idle.last_build_processed_at) == (0, None)
    assert (app.notify_employees, app.metadata, app.default_scripts, app.build_retention_days) == (True, {}, {}, None)
