"""Roles in single apps: who has them, and what a session may do with them."""

from datetime import timedelta

import pytest

from seatrial.domain.access import APP_ROLE_PERMISSIONS, AppRole, MemberRole, OrganizationScope, Permission
from seatrial.domain.errors import Conflict, EntityNotFound, Forbidden, InvalidRequest
from seatrial.domain.ids import AppId
from seatrial.domain.listing import ListQuery
from seatrial.domain.member import NewMember
from seatrial.services.app_collaborators import AppCollaborators
from seatrial.services.apps import Apps
from seatrial.services.users import Users
from tests.db.sample_rows import add_app
from tests.services.rooms import Rooms
from tests.services.scopes import with_role


@pytest.fixture
def ada(rooms: Rooms) -> str:
    new = NewMember(email="ada@example.com", role=MemberRole.UNASSIGNED, password="long enough by far", tags=("QA",))
    return Users(rooms.db, rooms.now).create(rooms.scope, new).user.id


@pytest.fixture
def collaborators(rooms: Rooms) -> AppCollaborators:
    return AppCollaborators(rooms.db, rooms.now)


def test_a_role_is_given_changed_and_taken(rooms: Rooms, collaborators: AppCollaborators, ada: str) -> None:
    made = collaborators.add(rooms.scope, "ADA@example.com", AppRole.EDITOR)
    assert (made.member.user.id, made.app.id, made.role) == (ada, rooms.scope.app_id, AppRole.EDITOR)
    assert (made.member.tags, made.member.role, made.created_by) == (("QA",), MemberRole.UNASSIGNED, "")
    with pytest.raises(Conflict):
        collaborators.add(rooms.scope, ada, AppRole.VIEWER)
    rooms.later(9)
    changed = collaborators.update(rooms.scope, ada, AppRole.ADMIN)
    assert (changed.role, changed.updated_at - changed.created_at) == (AppRole.ADMIN, timedelta(seconds=9))
    assert collaborators.search(rooms.scope, ListQuery()).items == [changed]
    collaborators.remove(rooms.scope, ada)
    for call in (collaborators.get, collaborators.remove):
        with pytest.raises(EntityNotFound):
            call(rooms.scope, ada)


def test_only_members_get_one(rooms: Rooms, collaborators: AppCollaborators, ada: str) -> None:
    with rooms.db.transaction() as tx:
        others = add_app(tx)
    for person in ("eve@example.com", "0" * 24, ""):
        with pytest.raises(InvalidRequest, match="invite them"):
            collaborators.add(rooms.scope, person, AppRole.VIEWER)
    with pytest.raises(InvalidRequest):
        collaborators.add(others, ada, AppRole.VIEWER)


def test_who_leaves_the_organization_leaves_its_apps(rooms: Rooms, collaborators: AppCollaborators, ada: str) -> None:
    collaborators.add(rooms.scope, ada, AppRole.VIEWER)
    Users(rooms.db, rooms.now).remove(rooms.scope, ada)
    assert collaborators.search(rooms.scope, ListQuery()).total == 0


def test_a_scope_with_roles_in_apps_sees_these(rooms: Rooms) -> None:
    with rooms.db.transaction() as tx:
        second = add_app(tx, rooms.scope.organization_id)
    nobody = with_role(rooms.scope, MemberRole.UNASSIGNED).principal
    scope = OrganizationScope(
        organization_id=rooms.scope.organization_id,
        principal=nobody,
        app_roles=frozenset({(second.app_id, AppRole.VIEWER)}),
        only_these_apps=True,
    )
    assert scope.in_app(rooms.scope.app_id).principal.permissions == frozenset()
    assert Permission.BUILD_LIST in scope.in_app(second.app_id).principal.permissions
    assert Permission.BUILD_CREATE not in scope.in_app(AppId(second.app_id)).principal.permissions
    with pytest.raises(Forbidden):
        Apps(rooms.db, rooms.blobs.provider, rooms.now).search(scope, ListQuery())


def test_no_role_in_an_app_reaches_beyond_it() -> None:
    for permissions in APP_ROLE_PERMISSIONS.values():
        assert not [one for one in permissions if not one.startswith("mad.")]
        assert Permission.APP_CREATE not in permissions
    assert APP_ROLE_PERMISSIONS[AppRole.VIEWER] < APP_ROLE_PERMISSIONS[AppRole.EDITOR]
    assert APP_ROLE_PERMISSIONS[AppRole.EDITOR] < APP_ROLE_PERMISSIONS[AppRole.ADMIN]
