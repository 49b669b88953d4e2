"""Rows to begin with, through the queries that the program itself uses."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from seatrial.db import apps, organizations
from seatrial.db.builds import NewBuild
from seatrial.domain.access import AppScope, Permission, Person, Principal, PrincipalKind
from seatrial.domain.app import App, Organization
from seatrial.domain.build import BuildFile, FileType, StorageProvider, Submission
from seatrial.domain.ids import AppId, BuildId, FileId, OrganizationId, new_entity_id, new_file_id

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SOMEBODY = Principal(
    kind=PrincipalKind.OPERATOR,
    id="operator",
    person=Person(id="", email="ada@example.com"),
    permissions=frozenset(Permission),
)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def add_app(tx: Connection, organization_id: OrganizationId | None = None) -> AppScope:
    """Add an app, and an organization for it where none is named."""
    if organization_id is None:
        organization_id = OrganizationId(new_entity_id())
        organization = Organization(
            id=organization_id,
            name="Acme",
            slug=f"acme-{organization_id}",
            integrations_enabled=True,
            workspace_enabled=True,
            created_at=START,
            updated_at=START,
        )
        organizations.insert_organization(tx, organization)
    app_id = AppId(new_entity_id())
    app = App(
        id=app_id,
        organization_id=organization_id,
        name="Wallet",
        slug=f"wallet-{app_id}",
        description="",
        picture="",
        notify_collaborators=False,
        notify_employees=False,
        created_at=START,
        updated_at=START,
    )
    apps.insert_app(tx, app)
    return AppScope(organization_id=organization_id, app_id=app_id, principal=SOMEBODY)


def file_row(
    build_id: str, file_type: FileType, key: str | None = None, file_id: FileId | None = None, size: int = 3
) -> BuildFile:
    file_id = file_id or new_file_id()
    return BuildFile(
        id=file_id,
        build_id=BuildId(build_id),
        type=file_type,
        original_name="wallet.apk",
        mimetype="application/octet-stream",
        size=size,
        bucket="local",
        key=key or f"builds/{build_id}/{file_id}",
        region="local",
        storage_provider_id="6c6f63616c00000000000000",
        checksum="0" * 64,
        created_at=START,
        updated_at=START,
    )


def new_build(
    said: Submission | None = None, *, os: str = "android", size: int = 3, now: datetime = START, build_id: str = ""
) -> NewBuild:
    build_id = build_id or new_entity_id()
    return NewBuild(
        id=BuildId(build_id),
        submission=said or Submission(),
        size=size,
        os=os,
        original_extension="apk",
        uploaded_by=SOMEBODY.person,
        storage_provider=StorageProvider(id="6c6f63616c00000000000000", name="local", region="local", bucket="local"),
        files=[file_row(build_id, FileType.ORIGINAL, size=size)],
        now=now,
    )
