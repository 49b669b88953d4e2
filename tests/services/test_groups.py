"""Groups and audiences: names, people in them, and who is meant at the moment of asking."""

from collections.abc import Callable

import pytest

from seatrial.domain.access import MemberRole
from seatrial.domain.audience import AudienceSettings
from seatrial.domain.employee import EmployeeChanges
from seatrial.domain.errors import Conflict, EntityNotFound, Forbidden, InvalidRequest
from seatrial.domain.group import GroupChanges, GroupPeople, meets
from seatrial.domain.listing import ListQuery
from seatrial.domain.member import MemberChanges, NewMember
from seatrial.services.users import Users
from tests.db.sample_rows import add_app
from tests.services.people_rooms import People
from tests.services.rooms import Rooms
from tests.services.scopes import with_role

BY_EMAIL = ListQuery(sort="email", descending=False)


@pytest.fixture
def people(rooms: Rooms) -> People:
    return People(rooms)


def test_a_name_is_one_in_any_case(people: People, rooms: Rooms) -> None:
    made = people.groups.create(rooms.scope, " Straße ", "d")
    assert (made.name, people.groups.get(rooms.scope, made.id)) == ("Straße", made)
    with pytest.raises(Conflict, match="STRASSE"):
        people.groups.create(rooms.scope, "STRASSE")
    other = people.groups.create(rooms.scope, "Porto")
    with pytest.raises(Conflict):
        people.groups.update(rooms.scope, other.id, GroupChanges(name="strasse"))
    assert people.groups.update(rooms.scope, other.id, GroupChanges(name="PORTO")).name == "PORTO"


@pytest.mark.parametrize("name", ["", " ", "a,b", "a|b", "a\nb", "x" * 129])
def test_a_name_must_be_sayable_in_a_filter(people: People, name: str) -> None:
    with pytest.raises(InvalidRequest):
        people.groups.create(people.rooms.scope, name)


def test_people_go_in_and_out_by_id_and_address(people: People, rooms: Rooms) -> None:
    users = Users(rooms.db, rooms.now)
    member = users.create(rooms.scope, NewMember(email="max@example.com", password="long enough by far"))
    ada, eve = people.take_in("ada"), people.take_in("eve")
    group = people.groups.create(rooms.scope, "QA")
    chosen = GroupPeople(employees=(ada.id.upper(), "EVE@example.com", ada.id), users=("max@example.com",))
    for _ in range(2):
        full = people.groups.add(rooms.scope, group.id, chosen)
        assert (full.employees, full.users) == (2, 1)
    inside = people.groups.members(rooms.scope, group.id, BY_EMAIL)
    assert [(one.email, one.kind.value) for one in inside.items] == [
        ("ada@example.com", "employee"),
        ("eve@example.com", "employee"),
        ("max@example.com", "user"),
    ]
    assert users.get(rooms.scope, member.user.id).tags == ("QA",)
    assert people.groups.remove(rooms.scope, group.id, GroupPeople(employees=(eve.id,))).employees == 1
    for nobody in (GroupPeople(employees=("no@example.com",)), GroupPeople(users=(ada.id,))):
        with pytest.raises(InvalidRequest, match="who is not here"):
            people.groups.add(rooms.scope, group.id, nobody)
    assert users.update(rooms.scope, member.user.id, MemberChanges(tags=("Porto",))).tags == ("Porto",)
    people.groups.delete(rooms.scope, group.id)
    assert people.employees.get(rooms.scope, ada.id).tags == ()


def test_groups_of_others_do_not_exist(people: People, rooms: Rooms) -> None:
    with rooms.db.transaction() as tx:
        other = add_app(tx)
    group, ada = people.groups.create(rooms.scope, "QA"), people.take_in("ada")
    theirs = people.groups.create(other, "qa")
    with pytest.raises(EntityNotFound):
        people.groups.get(other, group.id)
    with pytest.raises(InvalidRequest):
        people.groups.add(other, theirs.id, GroupPeople(employees=(ada.id,)))
    with pytest.raises(InvalidRequest):
        people.audiences.create(other, AudienceSettings(name="a", employees=(ada.email,)))


def test_an_audience_is_who_it_is_now(people: People, rooms: Rooms) -> None:
    ada, eve, bob = people.take_in("ada", "QA", "Porto"), people.take_in("eve", "QA"), people.take_in("bob")
    people.groups.create(rooms.scope, "Beta")
    made = people.audiences.create(
        rooms.scope,
        AudienceSettings(name="Near", conditions=(("qa", "PORTO"), ("Beta",)), employees=("bob@example.com", bob.id)),
    )
    assert made.employees == ((bob.id, bob.email),)

    def inside() -> list[str]:
        return [one.id for one in people.audiences.employees(rooms.scope, made.id, BY_EMAIL).items]

    assert inside() == [ada.id, bob.id]
    people.employees.update(rooms.scope, eve.id, EmployeeChanges(tags=("QA", "Porto")))
    assert inside() == [ada.id, bob.id, eve.id]
    people.employees.update(rooms.scope, ada.id, EmployeeChanges(disabled=True))
    people.audiences.update(rooms.scope, made.id, AudienceSettings(employees=()))
    assert inside() == [eve.id]
    people.audiences.update(rooms.scope, made.id, AudienceSettings(conditions=()))
    assert inside() == []


def test_an_audience_follows_its_groups(people: People, rooms: Rooms) -> None:
    group = people.groups.create(rooms.scope, "QA")
    made = people.audiences.create(rooms.scope, AudienceSettings(name="a", conditions=(("qa",),)))
    with pytest.raises(Conflict, match="The audience 'a'"):
        people.groups.delete(rooms.scope, group.id)
    people.groups.update(rooms.scope, group.id, GroupChanges(name="Testers"))
    assert people.audiences.get(rooms.scope, made.id).conditions == (("Testers",),)
    people.audiences.delete(rooms.scope, made.id)
    people.groups.delete(rooms.scope, group.id)


def test_an_audience_names_only_what_there_is(people: People, rooms: Rooms) -> None:
    people.groups.create(rooms.scope, "QA")
    with pytest.raises(InvalidRequest, match="'Nobody'"):
        people.audiences.create(rooms.scope, AudienceSettings(name="a", conditions=(("QA",), ("Nobody",))))
    made = people.audiences.create(rooms.scope, AudienceSettings(name="a", conditions=(("QA",),)))
    with pytest.raises(Conflict):
        people.audiences.create(rooms.scope, AudienceSettings(name="A"))
    with pytest.raises(InvalidRequest, match=r"no@example\.com"):
        people.audiences.update(rooms.scope, made.id, AudienceSettings(employees=("no@example.com",)))
    with pytest.raises(InvalidRequest):
        people.audiences.create(rooms.scope, AudienceSettings())


def test_who_may_only_read_changes_nothing(people: People) -> None:
    scope = with_role(people.rooms.scope, MemberRole.VIEWER)
    group = people.groups.create(people.rooms.scope, "QA")
    audience = people.audiences.create(people.rooms.scope, AudienceSettings(name="a"))
    assert people.groups.search(scope, ListQuery(name="q")).items == [group]
    assert people.audiences.search(scope, ListQuery(name="A")).items == [audience]
    calls: list[Callable[[], object]] = [
        lambda: people.groups.create(scope, "b"),
        lambda: people.groups.update(scope, group.id, GroupChanges()),
        lambda: people.groups.delete(scope, group.id),
        lambda: people.groups.members(scope, group.id, BY_EMAIL),
        lambda: people.groups.add(scope, group.id, GroupPeople()),
        lambda: people.audiences.create(scope, AudienceSettings(name="b")),
        lambda: people.audiences.update(scope, audience.id, AudienceSettings()),
        lambda: people.audiences.delete(scope, audience.id),
        lambda: people.audiences.employees(scope, audience.id, BY_EMAIL),
    ]
    for call in calls:
        with pytest.raises(Forbidden):
            call()


def test_the_rule_in_memory_is_that_of_the_database() -> None:
    assert meets(["QA", "Porto"], (("qa", "porto"), ("x",)))
    assert not meets(["QA"], (("qa", "porto"),))
    assert meets([], ())


def test_a_look_says_who_would_be_in_an_audience(people: People, rooms: Rooms) -> None:
    both, _one, third = people.take_in("both", "QA", "Porto"), people.take_in("one", "QA"), people.take_in("third")

    def look(*conditions: tuple[str, ...], named: tuple[str, ...] = ()) -> list[str]:
        page = people.audiences.preview(rooms.scope, conditions, named, BY_EMAIL)
        assert page.total == len(page.items)
        return [one.email for one in page.items]

    assert look() == []
    assert look(("qa", "PORTO")) == [both.email]
    assert look(("QA", "Porto"), named=(third.email, third.id, "nobody@example.com")) == [both.email, third.email]
    assert look(("QA", "Nobody has it")) == []
    people.employees.update(rooms.scope, third.id, EmployeeChanges(disabled=True))
    assert look(named=(third.email,)) == []
    with pytest.raises(Forbidden):
        people.audiences.preview(with_role(rooms.scope, MemberRole.VIEWER), (("QA",),), (), BY_EMAIL)


def test_people_are_found_by_a_part_of_name_or_address(people: People, rooms: Rooms) -> None:
    ada, eve = people.take_in("ada"), people.take_in("eve_x")
    people.employees.update(rooms.scope, ada.id, EmployeeChanges(first_name="Augusta", last_name="King"))

    def found(text: str) -> list[str]:
        return [one.id for one in people.employees.search(rooms.scope, ListQuery(text=text)).items]

    assert (found("augusta k"), found("EVE_X@"), found("%"), found("example.com")) == (
        [ada.id],
        [eve.id],
        [],
        [eve.id, ada.id],
    )
