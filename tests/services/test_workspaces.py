"""Making organizations, apps and credentials."""

import pytest
from sqlalchemy import func, select

from seatrial.db import tables
from seatrial.domain.access import Permission
from seatrial.domain.errors import Conflict, EntityNotFound
from seatrial.services.identity import Identity
from seatrial.services.workspaces import NewWorkspace, Workspaces
from tests.services.rooms import Rooms


@pytest.fixture
def workspaces(rooms: Rooms) -> Workspaces:
    """Give them over a database that holds no organization yet."""
    with rooms.db.transaction() as tx:
        tx.execute(tables.organizations.delete())
    return rooms.workspaces


def create(workspaces: Workspaces) -> NewWorkspace:
    return workspaces.create(organization="Acme Ltd.", app="Wallet", email="Ada@Example.com", password="s3cret pass")


def test_a_new_workspace_works_at_once(rooms: Rooms, workspaces: Workspaces) -> None:
    assert not workspaces.exists()
    made = create(workspaces)
    assert workspaces.exists()
    assert (made.organization.slug, made.app.slug, made.user.email) == ("acme-ltd", "wallet", "ada@example.com")
    identity = Identity(rooms.db, "localhost", rooms.now)
    scope = identity.app(made.app_token)
    scope.require(Permission.BUILD_CREATE)
    assert scope.principal.person.id == made.user.id
    robot = identity.app_of(made.service_account_token, "acme-ltd", "wallet")
    assert robot.app_id == made.app.id
    robot.require(Permission.APP_CREATE)


def test_there_is_one_workspace_only(rooms: Rooms, workspaces: Workspaces) -> None:
    create(workspaces)
    with pytest.raises(Conflict):
        create(workspaces)
    with rooms.db.read() as tx:
        assert tx.execute(select(func.count()).select_from(tables.apps)).scalar_one() == 1


def test_no_secret_is_at_rest(rooms: Rooms, workspaces: Workspaces) -> None:
    made = create(workspaces)
    with rooms.db.read() as tx:
        everything = repr([tx.execute(select(table)).all() for table in tables.metadata.sorted_tables])
    for secret in (made.app_token, made.service_account_token, "s3cret pass"):
        assert secret not in everything
        assert secret[4:] not in everything
    assert "$argon2id$" in everything


def test_the_operator_needs_no_name_where_there_is_one_organization(workspaces: Workspaces) -> None:
    with pytest.raises(EntityNotFound):
        workspaces.operator()
    made = create(workspaces)
    for name in (None, "acme-ltd", made.organization.id):
        assert workspaces.operator(name).organization_id == made.organization.id
    with pytest.raises(EntityNotFound):
        workspaces.operator("other")


def test_the_making_is_on_record(rooms: Rooms, workspaces: Workspaces) -> None:
    create(workspaces)
    with rooms.db.read() as tx:
        assert tx.execute(select(tables.audit_log.c.action)).scalars().all() == ["workspace.create"]
