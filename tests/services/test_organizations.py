"""Organizations: who sees which, and the switches of decision 40."""

import pytest
from sqlalchemy import select

from seatrial.db import tables
from seatrial.domain.access import MemberRole, Permission
from seatrial.domain.app import OrganizationChanges
from seatrial.domain.errors import Forbidden, InvalidRequest
from seatrial.domain.listing import ListQuery
from seatrial.services.organizations import Organizations
from tests.db.sample_rows import add_app
from tests.services.rooms import Rooms
from tests.services.scopes import with_role


@pytest.fixture
def organizations(rooms: Rooms) -> Organizations:
    return Organizations(rooms.db, rooms.now)


def test_one_sees_the_organizations_of_ones_scopes_and_no_other(rooms: Rooms, organizations: Organizations) -> None:
    with rooms.db.transaction() as tx:
        second, _foreign = add_app(tx), add_app(tx)
    page = organizations.search([rooms.scope, second], ListQuery())
    assert page.total == 2
    assert {one.id for one in page.items} == {rooms.scope.organization_id, second.organization_id}
    assert organizations.search([], ListQuery()).items == []


def test_a_list_hides_where_one_has_no_role(rooms: Rooms, organizations: Organizations) -> None:
    with rooms.db.transaction() as tx:
        second = add_app(tx)
    scopes = [with_role(rooms.scope, MemberRole.UNASSIGNED), with_role(second, MemberRole.VIEWER)]
    assert [one.id for one in organizations.search(scopes, ListQuery()).items] == [second.organization_id]
    with pytest.raises(Forbidden) as refused:
        organizations.search(scopes[:1], ListQuery())
    assert refused.value.data == {"permission": "base.organization.management.list"}


def test_lists_filter_sort_and_page(rooms: Rooms, organizations: Organizations) -> None:
    with rooms.db.transaction() as tx:
        scopes = [rooms.scope, *(add_app(tx) for _ in range(4))]
    for number, scope in enumerate(scopes):
        organizations.update(scope, OrganizationChanges(name=f"{'ABCDE'[number]} 100%"))
    names = [one.name[0] for one in organizations.search(scopes, ListQuery(sort="name", limit=2, page=2)).items]
    assert names == ["C", "B"]
    assert organizations.search(scopes, ListQuery(name="b 100%")).total == 1
    assert organizations.search(scopes, ListQuery(name="_ 100")).total == 0
    assert organizations.search(scopes, ListQuery(slug=f"acme-{scopes[3].organization_id}")).total == 1


def test_a_change_touches_only_what_it_names_and_is_on_record(rooms: Rooms, organizations: Organizations) -> None:
    changed = organizations.update(rooms.scope, OrganizationChanges(workspace_enabled=False))
    assert (changed.name, changed.integrations_enabled, changed.workspace_enabled) == ("Acme", True, False)
    with rooms.db.read() as tx:
        record = tx.execute(select(tables.audit_log)).one()
    assert record.action == "organization.update"
    assert (record.detail["integrationsEnabled"], record.detail["workspaceEnabled"]) == (True, False)
    organizations.update(rooms.scope, OrganizationChanges(build_retention_days=90, trash_days=7))
    with rooms.db.read() as tx:
        details = tx.execute(select(tables.audit_log.c.detail)).scalars().all()
    assert [(one.get("buildRetentionDays"), one.get("trashDays")) for one in details] == [(None, None), (90, 7)]


@pytest.mark.parametrize("name", ["", "   ", "x" * 256])
def test_a_name_is_checked(rooms: Rooms, organizations: Organizations, name: str) -> None:
    with pytest.raises(InvalidRequest):
        organizations.update(rooms.scope, OrganizationChanges(name=name))


@pytest.mark.parametrize("role", [MemberRole.EDITOR, MemberRole.VIEWER, MemberRole.UNASSIGNED])
def test_only_admins_may_change_one(rooms: Rooms, organizations: Organizations, role: MemberRole) -> None:
    with pytest.raises(Forbidden) as refused:
        organizations.update(with_role(rooms.scope, role), OrganizationChanges(name="Mine"))
    assert refused.value.permission == Permission.ORGANIZATION_UPDATE
