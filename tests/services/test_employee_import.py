"""Lists of employees taken in: all or nobody, by address, the same again changes nothing."""

import time
from collections.abc import Iterator

import pytest

from seatrial.db import group_members
from seatrial.db.engine import Database
from seatrial.domain.access import MemberRole
from seatrial.domain.employee import EmployeeOrigin
from seatrial.domain.employee_list import ImportReport, LineOutcome, ListedEmployee, ListError
from seatrial.domain.errors import Forbidden
from seatrial.domain.group import FROM_PROVIDER
from seatrial.domain.listing import ListQuery
from seatrial.services.employee_import import EmployeeImport
from tests.services.people_rooms import People
from tests.services.rooms import Rooms
from tests.services.scopes import with_role

LIST = (
    ListedEmployee(email="ada@example.com", first_name="Ada", tags=("QA", "Porto")),
    ListedEmployee(email="eve@example.com", language="pt"),
)


def counts(report: ImportReport) -> tuple[int, int, int]:
    return report.created, report.updated, report.unchanged


@pytest.fixture
def people(rooms: Rooms) -> People:
    return People(rooms)


@pytest.fixture
def imports(rooms: Rooms) -> Iterator[EmployeeImport]:
    """Give it the patience that a server has, not that of the other tests."""
    database = Database(rooms.db.url)
    yield EmployeeImport(database, rooms.idempotency, rooms.now)
    database.close()


def test_a_list_is_taken_in_once(people: People, imports: EmployeeImport) -> None:
    scope, wrong = people.rooms.scope, (ListError(7, "email: no"),)
    rehearsed = imports.run(scope, LIST, wrong, dry_run=True)
    assert (counts(rehearsed), rehearsed.errors) == ((2, 0, 0), wrong)
    assert people.employees.search(scope, ListQuery()).total == 0
    assert counts(imports.run(scope, LIST)) == (2, 0, 0)
    assert counts(imports.run(scope, LIST)) == (0, 0, 2)
    ada, eve = people.employees.search(scope, ListQuery(sort="email", descending=False)).items
    assert (ada.first_name, ada.tags, ada.origin) == ("Ada", ("Porto", "QA"), EmployeeOrigin.IMPORT)
    assert (eve.language, eve.tags) == ("pt", ())


def test_what_is_known_changes_as_far_as_the_list_says(people: People, imports: EmployeeImport) -> None:
    scope, ada = people.rooms.scope, people.take_in("ada", "Beta")
    with people.rooms.db.transaction() as tx:
        said: dict[str, tuple[str, ...]] = {ada.id: ("Staff",)}
        side, organization = group_members.EMPLOYEES, scope.organization_id
        group_members.replace(tx, side, organization, said, people.rooms.time, FROM_PROVIDER)
    assert counts(imports.run(scope, LIST)) == (1, 1, 0)
    assert counts(imports.run(scope, [ListedEmployee(email="ada@example.com")])) == (0, 0, 1)
    after = people.employees.get(scope, ada.id)
    assert (after.first_name, after.tags, after.origin) == ("Ada", ("Porto", "QA", "Staff"), EmployeeOrigin.DASHBOARD)


def test_many_are_taken_in_in_bounded_time(people: People, imports: EmployeeImport) -> None:
    """Here some of it, as tests are to be short; no step may be one statement for each person."""
    many = [ListedEmployee(email=f"{n}@example.com", tags=(f"G{n % 40}", "All")) for n in range(2_000)]
    began = time.perf_counter()
    assert counts(imports.run(people.rooms.scope, many)) == (2_000, 0, 0)
    assert counts(imports.run(people.rooms.scope, many)) == (0, 0, 2_000)
    assert time.perf_counter() - began < 30
    assert people.employees.search(people.rooms.scope, ListQuery(group="all")).total == 2_000


def test_it_takes_the_right_to_make_and_to_change(people: People, imports: EmployeeImport) -> None:
    with pytest.raises(Forbidden):
        imports.run(with_role(people.rooms.scope, MemberRole.EDITOR), LIST)


def test_each_line_says_what_it_does(people: People, imports: EmployeeImport) -> None:
    people.take_in("ada", "Beta")
    listed = (
        ListedEmployee(line=2, email="ada@example.com", first_name="Ada", tags=("QA",)),
        ListedEmployee(line=4, email="eve@example.com"),
    )
    rehearsed = imports.run(people.rooms.scope, listed, dry_run=True)
    done = imports.run(people.rooms.scope, listed)
    assert rehearsed.lines == done.lines
    assert [(one.line, one.outcome, one.changed) for one in done.lines] == [
        (2, LineOutcome.UPDATED, ("firstName", "tags")),
        (4, LineOutcome.CREATED, ()),
    ]
    again = imports.run(people.rooms.scope, listed, dry_run=True).lines
    assert [one.outcome for one in again] == [LineOutcome.UNCHANGED, LineOutcome.UNCHANGED]
