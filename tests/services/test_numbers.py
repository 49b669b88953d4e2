"""What an organization's apps add up to, for those who see all of them and for those who see some."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from seatrial.domain.access import COLLABORATOR_PERMISSIONS, AppRole, AppScope, OrganizationScope
from seatrial.domain.build import BuildStatus
from seatrial.domain.errors import BuildFileInvalid, Forbidden, ProcessingCode
from seatrial.domain.event import Event, EventKind
from seatrial.domain.ids import new_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.numbers import Day, Totals
from seatrial.services import numbers
from seatrial.services.apps import Apps
from seatrial.services.numbers import Numbers
from tests.db.sample_rows import START, add_app
from tests.services.rooms import ANDROID, Reader, Rooms
from tests.services.scopes import powerless


@pytest.fixture(autouse=True)
def heard(rooms: Rooms) -> None:
    rooms.listeners.append(numbers.note)


def numbers_of(rooms: Rooms) -> Numbers:
    return Numbers(rooms.db, rooms.now)


def whole(scope: AppScope) -> OrganizationScope:
    return OrganizationScope(organization_id=scope.organization_id, principal=scope.principal)


def happened(rooms: Rooms, scope: AppScope, kind: EventKind) -> None:
    event = Event(
        kind=kind, organization_id=scope.organization_id, app_id=scope.app_id, subject=new_entity_id(), at=rooms.now()
    )
    with rooms.db.transaction() as tx:
        numbers.note(tx, event)


def test_each_day_counts_what_happened_on_it(rooms: Rooms) -> None:
    for _ in range(3):
        happened(rooms, rooms.scope, EventKind.BUILD_UPLOADED)
    happened(rooms, rooms.scope, EventKind.BUILD_FAILED)
    happened(rooms, rooms.scope, EventKind.BUILD_PROCESSED)
    midnight = START.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    rooms.time = midnight - timedelta(milliseconds=1)
    happened(rooms, rooms.scope, EventKind.BUILD_DOWNLOADED)
    rooms.time = midnight
    happened(rooms, rooms.scope, EventKind.BUILD_DOWNLOADED)
    happened(rooms, rooms.scope, EventKind.BUILD_DOWNLOADED)
    today = midnight.date()
    assert numbers_of(rooms).days(whole(rooms.scope), 3) == [
        Day(today - timedelta(days=2), 0, 0, 0),
        Day(today - timedelta(days=1), 3, 1, 1),
        Day(today, 0, 0, 2),
    ]
    assert [day.date for day in numbers_of(rooms).days(whole(rooms.scope), 1)] == [today]
    year = numbers_of(rooms).days(whole(rooms.scope), 100_000)
    assert (len(year), year[-1].date, isinstance(year[0].date, date)) == (366, today, True)


def test_a_build_that_cannot_be_read_counts_as_a_failure(rooms: Rooms) -> None:
    rooms.processed()
    rooms.processed(b"other bytes", Reader(BuildFileInvalid(ProcessingCode.CORRUPT_ARCHIVE, "broken")))
    [today] = numbers_of(rooms).days(whole(rooms.scope), 1)
    assert today.failures == 1
    totals = numbers_of(rooms).totals(whole(rooms.scope))
    assert (totals.apps, totals.builds, totals.failed) == (1, 2, 1)
    assert numbers_of(rooms).failed(whole(rooms.scope))[rooms.scope.app_id].builds == 1


def test_the_newest_build_of_each_system_is_known_whatever_became_of_it(rooms: Rooms) -> None:
    found, scope = numbers_of(rooms), whole(rooms.scope)
    assert found.newest(scope, []) == {}
    rooms.processed()
    second = rooms.processed()
    apps = Apps(rooms.db, rooms.blobs.provider, rooms.now).search(scope, ListQuery()).items
    [newest] = found.newest(scope, apps)[rooms.scope.app_id]
    assert (newest.id, newest.os, newest.status) == (second.id, second.os, BuildStatus.PROCESSED)


def test_files_count_once_each_at_once(rooms: Rooms) -> None:
    build = rooms.processed(b"x" * 1000)  # the package is the original: one file
    icon = len(ANDROID.icon_png or b"")
    assert numbers_of(rooms).totals(whole(rooms.scope)).stored == 1000 + icon
    rooms.attach(build.id, b"y" * 50)
    assert numbers_of(rooms).totals(whole(rooms.scope)).stored == 1050 + icon


def test_people_see_the_numbers_of_the_apps_that_they_see(rooms: Rooms) -> None:
    with rooms.db.transaction() as tx:
        near, far = add_app(tx, rooms.scope.organization_id), add_app(tx)
    rooms.processed(b"other bytes", Reader(BuildFileInvalid(ProcessingCode.CORRUPT_ARCHIVE, "broken")))
    for scope in (rooms.scope, near, near, far):
        happened(rooms, scope, EventKind.BUILD_UPLOADED)
    everything = whole(rooms.scope)
    only_near = replace(
        everything,
        principal=replace(everything.principal, permissions=COLLABORATOR_PERMISSIONS),
        app_roles=frozenset({(near.app_id, AppRole.VIEWER)}),
        only_these_apps=True,
    )
    found = numbers_of(rooms)
    assert found.totals(everything).apps == 2
    assert found.totals(only_near) == Totals(apps=1, builds=0, failed=0, downloads=0, stored=0)
    assert found.failed(only_near) == {}
    assert [[day.builds for day in found.days(who, 1)] for who in (everything, only_near, whole(far))] == [
        [3],
        [2],
        [1],
    ]


def test_who_may_see_no_apps_sees_no_numbers(rooms: Rooms) -> None:
    nobody = powerless(whole(rooms.scope))
    for look in (numbers_of(rooms).totals, numbers_of(rooms).failed, lambda scope: numbers_of(rooms).days(scope, 1)):
        with pytest.raises(Forbidden):
            look(nobody)
