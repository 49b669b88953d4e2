"""Sessions of members: whose they are, where they count, and how they end."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from seatrial.db import tables
from seatrial.domain.access import MemberRole
from seatrial.domain.errors import InvalidToken, TokenExpired
from seatrial.domain.ids import OrganizationId
from seatrial.domain.member import NewMember
from seatrial.domain.membership import MemberKind, MemberOrigin, MemberRef
from seatrial.services.employees import Employees
from seatrial.services.member_sessions import MemberSessions
from seatrial.services.users import Users
from tests.db.sample_rows import add_app
from tests.services.door import employee
from tests.services.rooms import Rooms

LIFE = timedelta(days=30)


@pytest.fixture
def sessions(rooms: Rooms) -> MemberSessions:
    return MemberSessions(rooms.db, LIFE, rooms.now)


def test_a_session_says_who_it_is_with_the_groups_of_now(rooms: Rooms, sessions: MemberSessions) -> None:
    member = employee(rooms, groups=("QA", "Böat"))
    opened = sessions.open(member, MemberOrigin.SDK, "a phone", rooms.scope.app_id)
    assert (opened.secret[:4], opened.expires_at) == ("stm_", rooms.now() + LIFE)
    found = sessions.find(opened.secret, rooms.scope.organization_id)
    assert found == opened.member
    assert (found.kind, found.id, found.full_name) == (MemberKind.EMPLOYEE, member.id, "Bo Ek")
    assert (found.groups, found.is_verified) == (frozenset({"QA", "Böat"}), True)
    with rooms.db.transaction() as tx:
        tx.execute(delete(tables.groups).where(tables.groups.c.name == "QA"))
    assert sessions.find(opened.secret).groups == {"Böat"}


def test_an_employee_was_last_seen_when_their_session_was_used(rooms: Rooms, sessions: MemberSessions) -> None:
    member = employee(rooms)
    people = Employees(rooms.db, rooms.now)
    opened = sessions.open(member, MemberOrigin.STORE, "a browser")
    assert people.get(rooms.scope, member.id).last_seen_at is None
    rooms.later(3600)
    sessions.find(opened.secret)
    assert people.get(rooms.scope, member.id).last_seen_at == rooms.now()


def test_users_have_sessions_too_as_long_as_they_are_members(rooms: Rooms, sessions: MemberSessions) -> None:
    users = Users(rooms.db, rooms.now)
    new = NewMember(email="ada@example.com", role=MemberRole.VIEWER, password="long enough by far")
    ada = users.create(rooms.scope, new)
    member = MemberRef(organization_id=rooms.scope.organization_id, kind=MemberKind.USER, id=ada.user.id)
    opened = sessions.open(member, MemberOrigin.STORE, "a browser")
    assert sessions.find(opened.secret).email == "ada@example.com"
    users.remove(rooms.scope, ada.user.id)
    with pytest.raises(InvalidToken):
        sessions.find(opened.secret)


def test_whom_an_app_only_named_counts_in_no_group(rooms: Rooms, sessions: MemberSessions) -> None:
    opened = sessions.open(employee(rooms, kind="custom", groups=("QA",)), MemberOrigin.SDK, "a phone")
    found = sessions.find(opened.secret)
    assert (found.is_verified, found.groups) == (False, frozenset())


def test_a_session_ends_by_time_by_will_and_with_its_employee(rooms: Rooms, sessions: MemberSessions) -> None:
    member = employee(rooms)
    first, second, third = (sessions.open(member, MemberOrigin.STORE, "a browser").secret for _ in range(3))
    sessions.revoke(first)
    with pytest.raises(InvalidToken):
        sessions.find(first)
    with pytest.raises(InvalidToken):
        sessions.revoke(first)
    with rooms.db.transaction() as tx:
        tx.execute(update(tables.employees).where(tables.employees.c.id == member.id).values(disabled=True))
    with pytest.raises(InvalidToken):
        sessions.find(second)
    with pytest.raises(InvalidToken):
        sessions.open(member, MemberOrigin.STORE, "a browser")
    rooms.later(LIFE.total_seconds())
    with pytest.raises(TokenExpired):
        sessions.find(third)
    rooms.later(timedelta(days=31).total_seconds())
    sessions.forget_old()
    with pytest.raises(InvalidToken):
        sessions.find(third)


def test_a_session_counts_in_its_own_organization_only(rooms: Rooms, sessions: MemberSessions) -> None:
    member = employee(rooms)
    opened = sessions.open(member, MemberOrigin.SDK, "a phone")
    with rooms.db.transaction() as tx:
        other: OrganizationId = add_app(tx).organization_id
    for secret in (opened.secret, "stm_nobody", "", "stm_\ud800"):
        with pytest.raises(InvalidToken):
            sessions.find(secret, other)
    elsewhere = MemberRef(organization_id=other, kind=MemberKind.EMPLOYEE, id=member.id)
    with pytest.raises(InvalidToken):
        sessions.open(elsewhere, MemberOrigin.SDK, "a phone")
