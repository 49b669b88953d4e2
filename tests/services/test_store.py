"""What visitors get to see, on both databases; tests/e2e/test_store_pages.py has it as pages."""

from datetime import timedelta

import pytest

from seatrial.db import builds
from seatrial.domain.build import BuildChanges
from seatrial.domain.errors import EntityNotFound, TooManyRequests, WrongCredentials
from seatrial.domain.publication import FilterType, Security, Visibility
from seatrial.services.login_limits import LoginLimits
from seatrial.services.publications import Publications
from seatrial.services.store import Gate, Store, Visit
from tests.services.rooms import Rooms
from tests.services.test_publication_access import employee, user
from tests.services.test_publications import IPA, build, settings

PASSWORD = "open sesame"


@pytest.fixture
def publications(rooms: Rooms) -> Publications:
    return Publications(rooms.db, rooms.now)


@pytest.fixture
def store(rooms: Rooms) -> Store:
    return Store(rooms.db, LoginLimits(rooms.db, 3, 5, timedelta(minutes=15), rooms.now), rooms.now)


def test_the_build_for_the_device_else_the_one_asked_for(
    rooms: Rooms, publications: Publications, store: Store
) -> None:
    old, new, apple = build(rooms, branch="main"), build(rooms, branch="main"), build(rooms, branch="main", info=IPA)
    publications.create(rooms.scope, settings("p-main", FilterType.GIT_BRANCH, "main", show_history=True))
    publications.create(rooms.scope, settings("p-bare", FilterType.GIT_BRANCH, "main"))
    for visit, slug, shown, is_asked_for in (
        (Visit(system="android"), "P-Main", new, False),
        (Visit(system="ios"), "p-main", apple, False),
        (Visit(system="windows"), "p-main", apple, False),
        (Visit(system="ios", build_id=old.id.upper()), "p-main", old, True),
        (Visit(system="ios", build_id=old.id), "p-bare", apple, False),
        (Visit(build_id="nothing"), "p-bare", apple, False),
    ):
        found = store.show(slug, visit)
        assert found.gate is Gate.OPEN
        assert found.build is not None
        assert (found.build.id, found.is_asked_for) == (shown.id, is_asked_for)
        assert {one.os for one in found.current} == {"android", "ios"}
    assert [one.id for one in store.show("p-main", Visit(system="android")).older] == [new.id, old.id]
    assert store.show("p-bare", Visit(system="android")).older == ()


def test_what_is_kept_of_a_page_follows_every_change(rooms: Rooms, publications: Publications, store: Store) -> None:
    old = build(rooms)
    publications.create(rooms.scope, settings("p-kept", expires_at=rooms.time + timedelta(hours=1)))
    visit = Visit(system="android")
    # Nothing is read again; save where PostgreSQL has just tidied up by itself, which is a change, too.
    assert any(store.show("p-kept", visit) is store.show("p-kept", visit) for _ in range(50))
    new = build(rooms)
    changed = store.show("p-kept", visit)
    assert changed.build is not None
    assert changed.build.id == new.id
    with rooms.db.transaction() as tx:
        builds.update_build(tx, rooms.scope, new.id, BuildChanges(disabled=True), rooms.now())
    back = store.show("p-kept", visit)
    assert back.build is not None
    assert back.build.id == old.id
    rooms.later(3601)
    assert store.show("p-kept", visit).gate is Gate.EXPIRED


def test_gates_show_nothing_of_what_is_behind(rooms: Rooms, publications: Publications, store: Store) -> None:
    build(rooms)
    for said, visit, gate in (
        (settings("p-a", security=Security.PASSWORD, password=PASSWORD), Visit(), Gate.PASSWORD),
        (settings("p-b", security=Security.LOGGED), Visit(), Gate.LOGIN),
        (settings("p-c", security=Security.LOGGED, groups=(("x",),)), Visit(member=employee(rooms)), Gate.PERSON),
        (settings("p-d", blocked_countries=("US",)), Visit(country="US"), Gate.COUNTRY),
        (settings("p-e", expires_at=rooms.time), Visit(), Gate.EXPIRED),
        (settings("p-f", security=Security.LOGGED), Visit(member=user(rooms, "viewer")), Gate.OPEN),
    ):
        publications.create(rooms.scope, said)
        found = store.show(said.slug, visit)
        assert found.gate is gate
        assert (found.build is not None) == (gate is Gate.OPEN)
        assert bool(found.current) == (gate is Gate.OPEN)
    publications.create(rooms.scope, settings("p-g", visibility=Visibility.INACTIVE))
    for slug in ("p-g", "nothing", "a/b"):
        with pytest.raises(EntityNotFound):
            store.show(slug, Visit())


def test_passwords_are_compared_a_few_times_only(rooms: Rooms, publications: Publications, store: Store) -> None:
    made = publications.create(rooms.scope, settings("p-a", security=Security.PASSWORD, password=PASSWORD))[0]
    assert store.enter("p-a", PASSWORD, "192.0.2.1").id == made.id
    for wrong in ("wrong", "x" * 1000, ""):
        with pytest.raises(WrongCredentials):
            store.enter("p-a", wrong, "192.0.2.1")
    with pytest.raises(TooManyRequests):
        store.enter("p-a", PASSWORD, "192.0.2.1")
    assert store.enter("p-a", PASSWORD, "192.0.2.2").id == made.id
    rooms.later(15 * 60)
    assert store.enter("p-a", PASSWORD, "192.0.2.1").id == made.id
    publications.create(rooms.scope, settings("p-b"))
    for slug in ("p-b", "nothing"):
        with pytest.raises(EntityNotFound):
            store.enter(slug, PASSWORD, "192.0.2.1")


def test_lists_and_single_builds(rooms: Rooms, publications: Publications, store: Store) -> None:
    made = build(rooms, branch="main")
    organization = rooms.scope.organization_id
    assert store.build(made.id, None)[1:] == (None, None)
    for slug, more in (
        ("p-a", {}),
        ("p-b", {"visibility": Visibility.UNLISTED}),
        ("p-c", {"security": Security.LOGGED}),
        ("p-d", {"security": Security.PASSWORD, "password": PASSWORD}),
        ("p-e", {"security": Security.LOGGED, "tags": ("qa",)}),
    ):
        publications.create(rooms.scope, settings(slug, FilterType.GIT_BRANCH, "main", **more))
    for visit, slugs in (
        (Visit(), ["p-a"]),
        (Visit(member=employee(rooms)), ["p-a", "p-c", "p-d"]),
        (Visit(member=employee(rooms, "QA")), ["p-a", "p-c", "p-d", "p-e"]),
        (Visit(member=user(rooms, "viewer")), ["p-a", "p-c", "p-d", "p-e"]),
    ):
        found = store.listed(organization, visit)[1]
        assert [one.publication.settings.slug for one in found] == slugs
        assert all(one.icon is not None and one.current[0].id == made.id for one in found)
    own = store.build(made.id, user(rooms, "viewer"))
    assert own[1] is not None
    assert own[1].id == made.id
    assert store.build(made.id, employee(rooms))[1:] == (None, "p-a")
    with pytest.raises(EntityNotFound):
        store.build("0" * 24, None)
