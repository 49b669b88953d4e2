"""Employees of the store: taken in, found, changed, forgotten; and their groups."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from seatrial.db import group_members, tables
from seatrial.domain.access import MemberRole
from seatrial.domain.employee import EmployeeChanges, EmployeeOrigin, EmployeeType, NewEmployee
from seatrial.domain.errors import Conflict, EntityNotFound, Forbidden, InvalidRequest, InvalidToken
from seatrial.domain.group import FROM_PROVIDER
from seatrial.domain.listing import ListQuery
from seatrial.domain.membership import MemberKind, MemberOrigin, MemberRef
from seatrial.services.member_sessions import MemberSessions
from seatrial.services.passwords import matches
from tests.db.sample_rows import add_app
from tests.services.people_rooms import People
from tests.services.rooms import Rooms
from tests.services.scopes import with_role

PASSWORD = "long enough by far"


@pytest.fixture
def people(rooms: Rooms) -> People:
    return People(rooms)


def hash_of(people: People, email: str) -> str | None:
    with people.rooms.db.read() as tx:
        found = tx.execute(select(tables.employees.c.password_hash).where(tables.employees.c.email == email))
        kept: str | None = found.scalars().one()
    return kept


def test_somebody_is_taken_in_as_said(people: People) -> None:
    new = NewEmployee(
        email=" Ada@Example.com", first_name="Ada", language="pt", tags=("QA", "Beta"), password=PASSWORD, picture="u"
    )
    made = people.employees.create(people.rooms.scope, new)
    assert people.employees.get(people.rooms.scope, made.id.upper()) == made
    assert (made.email, made.first_name, made.language, made.tags) == ("ada@example.com", "Ada", "pt", ("Beta", "QA"))
    assert (made.origin, made.type, made.disabled) == (EmployeeOrigin.DASHBOARD, EmployeeType.TRADITIONAL, False)
    assert matches(hash_of(people, "ada@example.com"), PASSWORD)
    with pytest.raises(Conflict):
        people.employees.create(people.rooms.scope, NewEmployee(email="ADA@example.com"))


def test_the_same_address_may_be_in_two_organizations(people: People, rooms: Rooms) -> None:
    with rooms.db.transaction() as tx:
        other = add_app(tx)
    mine, theirs = people.take_in("ada", "QA"), people.employees.create(other, NewEmployee(email="ada@example.com"))
    assert theirs.tags == ()
    for call in (people.employees.get, people.employees.delete):
        with pytest.raises(EntityNotFound):
            call(other, mine.id)
    assert people.groups.search(other, ListQuery()).total == 0


@pytest.mark.parametrize("email", ["", "ada", "ada@example.com\r\nBcc: eve@example.com"])
def test_an_address_must_be_one(people: People, email: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        people.employees.create(people.rooms.scope, NewEmployee(email=email))
    assert "email" in refused.value.fields
    with pytest.raises(InvalidRequest):
        people.employees.update(people.rooms.scope, people.take_in("x").id, EmployeeChanges(email=email))


def test_a_change_touches_only_what_it_names(people: People, rooms: Rooms) -> None:
    made = people.take_in("ada", "QA")
    rooms.later(60)
    named = people.employees.update(rooms.scope, made.id, EmployeeChanges(last_name="Marsh"))
    assert (named.last_name, named.tags, named.updated_at) == ("Marsh", ("QA",), rooms.time)
    tagged = people.employees.update(rooms.scope, made.id, EmployeeChanges(tags=("qa", "Porto", "porto")))
    assert (tagged.tags, tagged.last_name) == (("Porto", "QA"), "Marsh")
    assert people.employees.update(rooms.scope, made.id, EmployeeChanges(tags=())).tags == ()
    people.take_in("eve")
    with pytest.raises(Conflict):
        people.employees.update(rooms.scope, made.id, EmployeeChanges(email="eve@example.com"))


def test_tags_leave_the_groups_of_an_identity_provider_alone(people: People, rooms: Rooms) -> None:
    made = people.take_in("ada", "QA")
    with rooms.db.transaction() as tx:
        said: dict[str, tuple[str, ...]] = {made.id: ("Staff", "QA")}
        side, organization = group_members.EMPLOYEES, rooms.scope.organization_id
        group_members.replace(tx, side, organization, said, rooms.time, FROM_PROVIDER)
    assert people.employees.get(rooms.scope, made.id).tags == ("QA", "Staff")
    assert people.employees.update(rooms.scope, made.id, EmployeeChanges(tags=("Porto",))).tags == (
        "Porto",
        "QA",
        "Staff",
    )


@pytest.mark.parametrize("changes", [EmployeeChanges(disabled=True), EmployeeChanges(password=None)])
def test_switching_off_and_passwords_end_sessions(people: People, rooms: Rooms, changes: EmployeeChanges) -> None:
    made = people.employees.create(rooms.scope, NewEmployee(email="ada@example.com", password=PASSWORD))
    sessions = MemberSessions(rooms.db, timedelta(days=1), rooms.now)
    who = MemberRef(organization_id=rooms.scope.organization_id, kind=MemberKind.EMPLOYEE, id=made.id)
    secret = sessions.open(who, MemberOrigin.STORE, "").secret
    people.employees.update(rooms.scope, made.id, changes)
    with pytest.raises(InvalidToken):
        sessions.find(secret)


def test_lists_filter_sort_and_page(people: People, rooms: Rooms) -> None:
    for name, tags in (("c", ("QA",)), ("a", ("QA", "Beta")), ("b", ())):
        people.employees.update(rooms.scope, people.take_in(name, *tags).id, EmployeeChanges(first_name=f"Name {name}"))

    def found(**query: object) -> list[str]:
        page = people.employees.search(rooms.scope, ListQuery(**query))  # type: ignore[arg-type]  # one of several
        return [one.email[0] for one in page.items]

    assert found() == ["b", "a", "c"]
    assert found(sort="email", descending=False) == ["a", "b", "c"]
    assert found(sort="email", descending=False, limit=2, page=2) == ["c"]
    assert found(email="A@example.com") == ["a"]
    assert found(name="NAME B") == ["b"]
    assert found(name="%") == []
    assert found(group="qa") == ["a", "c"]
    assert found(group="nobody's") == []


def test_who_goes_leaves_the_groups(people: People, rooms: Rooms) -> None:
    made = people.take_in("ada", "QA")
    people.employees.delete(rooms.scope, made.id)
    [group] = people.groups.search(rooms.scope, ListQuery()).items
    assert (group.name, group.employees) == ("QA", 0)
    with pytest.raises(EntityNotFound):
        people.employees.delete(rooms.scope, made.id)
    with rooms.db.read() as tx:
        actions = set(tx.execute(select(tables.audit_log.c.action)).scalars())
    assert {"employee.create", "employee.delete"} <= actions


def test_who_may_only_read_changes_nobody(people: People) -> None:
    scope, made = with_role(people.rooms.scope, MemberRole.EDITOR), people.take_in("ada")
    assert people.employees.search(scope, ListQuery()).total == 1
    for call in (
        lambda: people.employees.create(scope, NewEmployee(email="b@example.com")),
        lambda: people.employees.update(scope, made.id, EmployeeChanges()),
        lambda: people.employees.delete(scope, made.id),
        lambda: people.employees.search(with_role(scope, MemberRole.VIEWER), ListQuery()),
    ):
        with pytest.raises(Forbidden):
            call()


def test_many_employees_are_read_with_few_statements(people: People, rooms: Rooms) -> None:
    """A page of a thousand is three statements for the people and their groups, not a thousand."""
    stamp = {"created_at": rooms.time, "updated_at": rooms.time}
    rows = [
        {"id": f"{n:024x}", "organization_id": rooms.scope.organization_id, "email": f"{n}@x.example"} | stamp
        for n in range(1000)
    ]
    with rooms.db.transaction() as tx:
        tx.execute(insert(tables.employees), [row | {"origin": "import", "type": "traditional"} for row in rows])
        tags = {str(row["id"]): ("QA", "Beta") for row in rows}
        group_members.replace(tx, group_members.EMPLOYEES, rooms.scope.organization_id, tags, rooms.time)
    page = people.employees.search(rooms.scope, ListQuery(limit=1000))
    assert {one.tags for one in page.items} == {("Beta", "QA")}
