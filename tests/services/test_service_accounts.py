"""Service accounts: roles, rotation, revocation."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from seatrial.db import tables
from seatrial.domain.access import MemberRole, Permission, Role
from seatrial.domain.app import ServiceAccountChanges
from seatrial.domain.errors import EntityNotFound, Forbidden, InvalidRequest, InvalidToken, TokenExpired
from seatrial.domain.listing import ListQuery
from seatrial.services.identity import Identity
from seatrial.services.service_accounts import NewServiceAccount, ServiceAccounts
from tests.db.sample_rows import add_app
from tests.services.rooms import Rooms
from tests.services.scopes import with_role

ROBOT = NewServiceAccount(name="robot", role=Role.DEVELOPER)


@pytest.fixture
def accounts(rooms: Rooms) -> ServiceAccounts:
    return ServiceAccounts(rooms.db, rooms.now)


@pytest.fixture
def identity(rooms: Rooms) -> Identity:
    return Identity(rooms.db, "localhost", rooms.now)


def enter(rooms: Rooms, identity: Identity, secret: str) -> frozenset[Permission]:
    return identity.organization(secret, rooms.scope.organization_id).principal.permissions


def test_another_role_counts_at_once(rooms: Rooms, accounts: ServiceAccounts, identity: Identity) -> None:
    made, secret = accounts.create(rooms.scope, ROBOT)
    assert Permission.BUILD_CREATE in enter(rooms, identity, secret)
    changed = accounts.update(rooms.scope, made.id, ServiceAccountChanges(role=Role.VIEWER))
    assert (changed.name, changed.role, changed.expires_at) == ("robot", Role.VIEWER, None)
    assert Permission.BUILD_CREATE not in enter(rooms, identity, secret)


def test_an_end_can_be_set_and_taken_away(rooms: Rooms, accounts: ServiceAccounts, identity: Identity) -> None:
    made, secret = accounts.create(rooms.scope, ROBOT)
    accounts.update(rooms.scope, made.id, ServiceAccountChanges(expires_at=rooms.time + timedelta(seconds=5)))
    rooms.later(5)
    with pytest.raises(TokenExpired):
        enter(rooms, identity, secret)
    accounts.update(rooms.scope, made.id, ServiceAccountChanges(expires_at=None))
    enter(rooms, identity, secret)


def test_without_an_overlap_the_old_secret_ends_at_once(
    rooms: Rooms, accounts: ServiceAccounts, identity: Identity
) -> None:
    made, old = accounts.create(rooms.scope, ROBOT)
    same, new = accounts.rotate(rooms.scope, made.id)
    assert same.id == made.id
    enter(rooms, identity, new)
    with pytest.raises(InvalidToken):
        enter(rooms, identity, old)


def test_with_an_overlap_both_are_good_for_a_while(rooms: Rooms, accounts: ServiceAccounts, identity: Identity) -> None:
    made, old = accounts.create(rooms.scope, ROBOT)
    _, new = accounts.rotate(rooms.scope, made.id, timedelta(days=7))
    enter(rooms, identity, old)
    rooms.later(7 * 24 * 3600)
    with pytest.raises(TokenExpired):
        enter(rooms, identity, old)
    enter(rooms, identity, new)


def test_an_overlap_does_not_outlive_the_account(rooms: Rooms, accounts: ServiceAccounts, identity: Identity) -> None:
    end = rooms.time + timedelta(hours=1)
    made, old = accounts.create(rooms.scope, NewServiceAccount(name="robot", role=Role.ADMIN, expires_at=end))
    accounts.rotate(rooms.scope, made.id, timedelta(days=1))
    rooms.later(3600)
    with pytest.raises(TokenExpired):
        enter(rooms, identity, old)


def test_never_more_than_two_secrets_are_good(rooms: Rooms, accounts: ServiceAccounts, identity: Identity) -> None:
    made, first = accounts.create(rooms.scope, ROBOT)
    _, second = accounts.rotate(rooms.scope, made.id, timedelta(days=1))
    _, third = accounts.rotate(rooms.scope, made.id, timedelta(days=1))
    for secret in (second, third):
        enter(rooms, identity, secret)
    with pytest.raises(InvalidToken):
        enter(rooms, identity, first)


def test_revoking_ends_both_secrets(rooms: Rooms, accounts: ServiceAccounts, identity: Identity) -> None:
    made, old = accounts.create(rooms.scope, ROBOT)
    _, new = accounts.rotate(rooms.scope, made.id, timedelta(days=1))
    accounts.revoke(rooms.scope, made.id)
    for secret in (old, new):
        with pytest.raises(InvalidToken):
            enter(rooms, identity, secret)
    for call in (accounts.get, accounts.revoke, accounts.rotate):
        with pytest.raises(EntityNotFound):
            call(rooms.scope, made.id)
    assert accounts.search(rooms.scope, ListQuery()).total == 0
    with rooms.db.read() as tx:
        actions = tx.execute(select(tables.audit_log.c.action)).scalars().all()
    assert actions == ["serviceAccount.create", "serviceAccount.rotate", "serviceAccount.revoke"]


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=7, seconds=1)])
def test_an_overlap_has_bounds(rooms: Rooms, accounts: ServiceAccounts, overlap: timedelta) -> None:
    made, _ = accounts.create(rooms.scope, ROBOT)
    with pytest.raises(InvalidRequest):
        accounts.rotate(rooms.scope, made.id, overlap)


def test_names_and_ends_are_checked(rooms: Rooms, accounts: ServiceAccounts) -> None:
    made, _ = accounts.create(rooms.scope, ROBOT)
    for call in (
        lambda: accounts.create(rooms.scope, NewServiceAccount(name=" ", role=Role.ADMIN)),
        lambda: accounts.create(rooms.scope, NewServiceAccount(name="a", role=Role.ADMIN, expires_at=rooms.time)),
        lambda: accounts.update(rooms.scope, made.id, ServiceAccountChanges(name="")),
        lambda: accounts.update(rooms.scope, made.id, ServiceAccountChanges(expires_at=rooms.time)),
    ):
        with pytest.raises(InvalidRequest):
            call()


def test_what_belongs_to_others_does_not_exist(rooms: Rooms, accounts: ServiceAccounts) -> None:
    with rooms.db.transaction() as tx:
        foreign = add_app(tx)
    made, _ = accounts.create(foreign, ROBOT)
    for nobodys in (made.id, "f" * 24, "x", "a\0b"):
        for call in (
            lambda name: accounts.get(rooms.scope, name),
            lambda name: accounts.update(rooms.scope, name, ServiceAccountChanges(role=Role.ADMIN)),
            lambda name: accounts.rotate(rooms.scope, name),
            lambda name: accounts.revoke(rooms.scope, name),
        ):
            with pytest.raises(EntityNotFound):
                call(nobodys)


@pytest.mark.parametrize("role", [MemberRole.EDITOR, MemberRole.VIEWER, MemberRole.UNASSIGNED])
def test_only_admins_manage_them(rooms: Rooms, accounts: ServiceAccounts, role: MemberRole) -> None:
    made, _ = accounts.create(rooms.scope, ROBOT)
    scope = with_role(rooms.scope, role)
    for call in (
        lambda: accounts.search(scope, ListQuery()),
        lambda: accounts.get(scope, made.id),
        lambda: accounts.create(scope, ROBOT),
        lambda: accounts.update(scope, made.id, ServiceAccountChanges(role=Role.ADMIN)),
        lambda: accounts.rotate(scope, made.id),
        lambda: accounts.revoke(scope, made.id),
    ):
        with pytest.raises(Forbidden):
            call()


def test_lists_filter_sort_and_page(rooms: Rooms, accounts: ServiceAccounts) -> None:
    for name in ("c robot", "a ROBOT", "b", "d_x"):
        rooms.later(1)
        accounts.create(rooms.scope, NewServiceAccount(name=name, role=Role.VIEWER))
    assert [one.name for one in accounts.search(rooms.scope, ListQuery(limit=3)).items] == ["d_x", "b", "a ROBOT"]
    by_name = accounts.search(rooms.scope, ListQuery(sort="name", descending=False, limit=2, page=2))
    assert ([one.name for one in by_name.items], by_name.total) == (["c robot", "d_x"], 4)
    assert accounts.search(rooms.scope, ListQuery(name="robot")).total == 2
    assert accounts.search(rooms.scope, ListQuery(name="_")).total == 1
