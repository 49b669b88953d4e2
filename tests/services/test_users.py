"""People: taken in, changed, removed; and the owners that an organization cannot do without."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from seatrial.db import sessions as session_rows
from seatrial.db import tables
from seatrial.db import users as user_rows
from seatrial.domain.access import MEMBER_PERMISSIONS, AppScope, MemberRole
from seatrial.domain.errors import Conflict, EntityNotFound, Forbidden, InvalidRequest, SeatrialError
from seatrial.domain.ids import SessionId
from seatrial.domain.listing import ListQuery
from seatrial.domain.member import Member, MemberChanges, NewMember
from seatrial.services.passwords import matches
from seatrial.services.users import Users
from tests.db.sample_rows import add_app
from tests.services.rooms import Rooms
from tests.services.scopes import with_role

PASSWORD = "long enough by far"


@pytest.fixture
def users(rooms: Rooms) -> Users:
    return Users(rooms.db, rooms.now)


def take_in(rooms: Rooms, users: Users, name: str, role: MemberRole = MemberRole.VIEWER) -> Member:
    rooms.later(1)
    return users.create(rooms.scope, NewMember(email=f"{name}@example.com", role=role, password=PASSWORD))


def password_is(rooms: Rooms, email: str, password: str) -> bool:
    with rooms.db.read() as tx:
        login = user_rows.find_login(tx, email)
    assert login is not None
    return matches(login.password_hash, password)


def count(rooms: Rooms) -> int:
    with rooms.db.read() as tx:
        return tx.execute(select(func.count()).select_from(tables.users)).scalar_one()


def test_a_person_is_taken_in_as_said(rooms: Rooms, users: Users) -> None:
    said = NewMember(
        email="Ada@Example.com",
        role=MemberRole.EDITOR,
        password=PASSWORD,
        first_name="Ada",
        last_name="Lovelace",
        tags=("math", "poetry"),
    )
    made = users.create(rooms.scope, said)
    assert users.get(rooms.scope, made.user.id.upper()) == made
    assert (made.user.email, made.user.first_name, made.user.last_name) == ("ada@example.com", "Ada", "Lovelace")
    assert (made.role, made.tags, made.organization_id) == (
        MemberRole.EDITOR,
        ("math", "poetry"),
        rooms.scope.organization_id,
    )
    assert password_is(rooms, "ADA@example.com", PASSWORD)


@pytest.mark.parametrize("email", ["", "ada", "@example.com", "ada@", "a da@example.com", "a@" + "x" * 256])
def test_an_address_must_be_one(rooms: Rooms, users: Users, email: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        users.create(rooms.scope, NewMember(email=email, password=PASSWORD))
    assert list(refused.value.fields) == ["email"]


@pytest.mark.parametrize("password", [None, "", "eleven char", "x" * 129])
def test_a_new_person_needs_a_good_password(rooms: Rooms, users: Users, password: str | None) -> None:
    with pytest.raises(InvalidRequest) as refused:
        users.create(rooms.scope, NewMember(email="ada@example.com", password=password))
    assert list(refused.value.fields) == ["password"]
    assert count(rooms) == 0


def test_nobody_is_a_member_twice(rooms: Rooms, users: Users) -> None:
    take_in(rooms, users, "ada")
    with pytest.raises(Conflict):
        users.create(rooms.scope, NewMember(email="ADA@example.com", password=PASSWORD))
    assert users.search(rooms.scope, ListQuery()).total == 1


def test_somebody_of_another_organization_keeps_name_and_password(rooms: Rooms, users: Users) -> None:
    with rooms.db.transaction() as tx:
        other = add_app(tx)
    ada = take_in(rooms, users, "ada")
    said = NewMember(email="ada@example.com", role=MemberRole.ADMIN, password="something else entirely", first_name="X")
    joined = users.create(other, said)
    assert (joined.user, joined.role) == (ada.user, MemberRole.ADMIN)
    assert password_is(rooms, "ada@example.com", PASSWORD)
    for changes in (MemberChanges(password="something else entirely"), MemberChanges(first_name="X")):
        with pytest.raises(Conflict):
            users.update(other, ada.user.id, changes)
    users.update(other, ada.user.id, MemberChanges(role=MemberRole.VIEWER, tags=("guest",)))
    assert users.get(rooms.scope, ada.user.id).tags == ()
    users.remove(other, ada.user.id)
    assert users.get(rooms.scope, ada.user.id) == ada


def test_a_change_touches_only_what_it_names(rooms: Rooms, users: Users) -> None:
    ada = take_in(rooms, users, "ada")
    rooms.later(1)
    changed = users.update(rooms.scope, ada.user.id, MemberChanges(first_name="Ada", tags=("math",)))
    assert (changed.user.first_name, changed.tags, changed.role) == ("Ada", ("math",), MemberRole.VIEWER)
    assert (changed.created_at, changed.updated_at) == (ada.created_at, rooms.time)
    changed = users.update(rooms.scope, ada.user.id, MemberChanges(role=MemberRole.ADMIN))
    assert (changed.user.first_name, changed.tags, changed.role) == ("Ada", ("math",), MemberRole.ADMIN)
    assert password_is(rooms, "ada@example.com", PASSWORD)
    users.update(rooms.scope, ada.user.id, MemberChanges(password="another long password"))
    assert password_is(rooms, "ada@example.com", "another long password")


def test_who_leaves_the_last_organization_leaves_no_account(rooms: Rooms, users: Users) -> None:
    ada = take_in(rooms, users, "ada")
    users.remove(rooms.scope, ada.user.id)
    assert count(rooms) == 0
    with pytest.raises(EntityNotFound):
        users.remove(rooms.scope, ada.user.id)
    assert take_in(rooms, users, "ada").user.id != ada.user.id


def test_the_last_owner_stays_one(rooms: Rooms, users: Users) -> None:
    ada = take_in(rooms, users, "ada", MemberRole.OWNER)
    for role in MemberRole:
        if role is not MemberRole.OWNER:
            with pytest.raises(Conflict):
                users.update(rooms.scope, ada.user.id, MemberChanges(role=role))
    with pytest.raises(Conflict):
        users.remove(rooms.scope, ada.user.id)
    users.update(rooms.scope, ada.user.id, MemberChanges(role=MemberRole.OWNER, first_name="Ada"))
    grace = take_in(rooms, users, "grace", MemberRole.OWNER)
    users.update(rooms.scope, ada.user.id, MemberChanges(role=MemberRole.VIEWER))
    with pytest.raises(Conflict):
        users.remove(rooms.scope, grace.user.id)


def test_of_two_owners_who_remove_each_other_one_stays(rooms: Rooms, users: Users) -> None:
    owners = [take_in(rooms, users, name, MemberRole.OWNER) for name in ("ada", "grace")]
    together, outcomes = threading.Barrier(2), list[SeatrialError | None]()

    def remove(owner: Member) -> None:
        together.wait()
        try:
            users.remove(rooms.scope, owner.user.id)
            outcomes.append(None)
        except SeatrialError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=remove, args=(owner,)) for owner in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]


def owner_matters(users: Users, scope: AppScope, owner: Member, other: Member) -> list[Callable[[], object]]:
    return [
        lambda: users.create(scope, NewMember(email="new@example.com", role=MemberRole.OWNER, password=PASSWORD)),
        lambda: users.update(scope, other.user.id, MemberChanges(role=MemberRole.OWNER)),
        lambda: users.update(scope, owner.user.id, MemberChanges(password="taken over by force")),
        lambda: users.update(scope, owner.user.id, MemberChanges(role=MemberRole.VIEWER)),
        lambda: users.remove(scope, owner.user.id),
    ]


def test_an_admin_is_no_owner(rooms: Rooms, users: Users) -> None:
    """Else an admin would be one: by the password of one, or by making themselves one."""
    owner, other = take_in(rooms, users, "ada", MemberRole.OWNER), take_in(rooms, users, "grace")
    take_in(rooms, users, "barbara", MemberRole.OWNER)
    admin = with_role(rooms.scope, MemberRole.ADMIN)
    for call in owner_matters(users, admin, owner, other):
        with pytest.raises(Forbidden) as refused:
            call()
        assert refused.value.data == {"permission": "base.people.organizationOwner.update"}
    users.update(admin, other.user.id, MemberChanges(role=MemberRole.ADMIN))


@pytest.mark.parametrize("role", [MemberRole.EDITOR, MemberRole.VIEWER, MemberRole.UNASSIGNED])
def test_who_is_less_than_an_admin_manages_nobody(rooms: Rooms, users: Users, role: MemberRole) -> None:
    ada = take_in(rooms, users, "ada")
    principal = replace(rooms.scope.principal, permissions=MEMBER_PERMISSIONS[role])
    scope = replace(rooms.scope, principal=principal)
    for call in (
        lambda: users.search(scope, ListQuery()),
        lambda: users.get(scope, ada.user.id),
        lambda: users.create(scope, NewMember(email="x@example.com", password=PASSWORD)),
        lambda: users.update(scope, ada.user.id, MemberChanges(tags=())),
        lambda: users.remove(scope, ada.user.id),
    ):
        with pytest.raises(Forbidden):
            call()


def test_people_of_others_do_not_exist(rooms: Rooms, users: Users) -> None:
    with rooms.db.transaction() as tx:
        foreign = add_app(tx)
    eve = users.create(foreign, NewMember(email="eve@example.com", password=PASSWORD))
    for nobodys in (eve.user.id, "f" * 24, "x", "a\0b"):
        with pytest.raises(EntityNotFound):
            users.get(rooms.scope, nobodys)
        with pytest.raises(EntityNotFound):
            users.update(rooms.scope, nobodys, MemberChanges(role=MemberRole.ADMIN))
        with pytest.raises(EntityNotFound):
            users.remove(rooms.scope, nobodys)


def test_lists_filter_sort_and_page(rooms: Rooms, users: Users) -> None:
    for name in ("carol", "alice", "bob"):
        take_in(rooms, users, name)
    newest = users.search(rooms.scope, ListQuery(limit=2))
    assert ([one.user.email[0] for one in newest.items], newest.total) == (["b", "a"], 3)
    by_email = users.search(rooms.scope, ListQuery(sort="email", descending=False, limit=2, page=2))
    assert [one.user.email[0] for one in by_email.items] == ["c"]
    assert users.search(rooms.scope, ListQuery(email="BOB@example.com")).total == 1
    assert users.search(rooms.scope, ListQuery(email="bob")).total == 0


def test_a_member_was_seen_when_a_session_of_theirs_was_used_last(rooms: Rooms, users: Users) -> None:
    ada, eve = take_in(rooms, users, "ada"), take_in(rooms, users, "eve")
    with rooms.db.transaction() as tx:
        for number in range(2):
            digests = session_rows.Digests(
                access=f"a{number}", access_expires_at=rooms.time, refresh=f"r{number}", refresh_expires_at=rooms.time
            )
            session_rows.insert_session(tx, SessionId(f"{number:024x}"), ada.user.id, digests, "a browser", rooms.time)
        used = rooms.time + timedelta(minutes=5)
        session_rows.touch(tx, SessionId(f"{0:024x}"), used)
    assert users.get(rooms.scope, ada.user.id).last_seen_at == used
    assert users.get(rooms.scope, eve.user.id).last_seen_at is None
    query = ListQuery(text="ADA@exam")
    assert [one.last_seen_at for one in users.search(rooms.scope, query).items] == [used]
