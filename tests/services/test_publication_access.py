"""Whom publications let in, whom they tell, and which of them leads to a build."""

from typing import Any

import pytest
from sqlalchemy import insert

from seatrial.db import publication_access, tables
from seatrial.db.publication_access import AudienceNotice
from seatrial.domain.build import BuildChanges
from seatrial.domain.group import group_key
from seatrial.domain.ids import AudienceId, new_entity_id
from seatrial.domain.membership import MemberIdentity, MemberKind
from seatrial.domain.publication import AudienceUse, FilterType, Publication, Security, Visibility
from seatrial.services.publications import Publications
from tests.services.rooms import Rooms
from tests.services.test_publications import build, settings

Audience = AudienceUse


@pytest.fixture
def publications(rooms: Rooms) -> Publications:
    return Publications(rooms.db, rooms.now)


def employee(rooms: Rooms, *groups: str, verified: bool = True, organization: str | None = None) -> MemberIdentity:
    person_id = new_entity_id()
    with rooms.db.transaction() as tx:
        tx.execute(
            insert(tables.employees).values(
                id=person_id, organization_id=rooms.scope.organization_id, email=f"{person_id}@example.com",
                origin="import", type="traditional", created_at=rooms.time, updated_at=rooms.time,
            )
        )  # fmt: skip
    return identity(rooms, person_id, MemberKind.EMPLOYEE, *groups, verified=verified, organization=organization)


def user(rooms: Rooms, role: str, *groups: str) -> MemberIdentity:
    person_id = new_entity_id()
    with rooms.db.transaction() as tx:
        tx.execute(
            insert(tables.users).values(
                id=person_id, email=f"{person_id}@example.com", password_hash="x", created_at=rooms.time,
                updated_at=rooms.time,
            )
        )  # fmt: skip
        tx.execute(
            insert(tables.memberships).values(
                user_id=person_id, organization_id=rooms.scope.organization_id, role=role, created_at=rooms.time
            )
        )
    return identity(rooms, person_id, MemberKind.USER, *groups)


def identity(rooms: Rooms, person_id: str, kind: MemberKind, *groups: str, **more: Any) -> MemberIdentity:
    return MemberIdentity(
        organization_id=more.get("organization") or rooms.scope.organization_id,
        kind=kind,
        id=person_id,
        email=f"{person_id}@example.com",
        first_name="",
        last_name="",
        picture="",
        language="",
        is_verified=more.get("verified", True),
        groups=frozenset(groups),
        created_at=rooms.time,
    )


def audience(rooms: Rooms, *people: MemberIdentity) -> AudienceId:
    audience_id = AudienceId(new_entity_id())
    with rooms.db.transaction() as tx:
        tx.execute(
            insert(tables.audiences).values(
                id=audience_id, organization_id=rooms.scope.organization_id, name=audience_id,
                key=group_key(audience_id), created_at=rooms.time, updated_at=rooms.time,
            )
        )  # fmt: skip
        for person in people:
            tx.execute(insert(tables.audience_employees).values(audience_id=audience_id, employee_id=person.id))
    return audience_id


def admitted(rooms: Rooms, publication: Publication, person: MemberIdentity) -> bool:
    with rooms.db.read() as tx:
        return publication_access.admits(tx, publication, person)


def test_groups_tags_and_audiences_let_in(rooms: Rooms, publications: Publications) -> None:
    nobody, both, one, tagged, chosen = (
        employee(rooms), employee(rooms, "Beta", "inhouse"), employee(rooms, "beta"), employee(rooms, "QA"),
        employee(rooms),
    )  # fmt: skip
    mine = audience(rooms, chosen)
    people = (nobody, both, one, tagged, chosen)
    for more, expected in (
        ({}, (True, True, True, True, True)),
        ({"groups": (("beta", "Inhouse"), ("c",))}, (False, True, False, False, False)),
        ({"tags": ("qa", "beta")}, (False, True, True, True, False)),
        ({"audiences": (Audience(id=mine),)}, (True,) * 5),  # named, but not activated
        ({"audiences": (Audience(id=mine),), "activate_audiences": True}, (False, False, False, False, True)),
        (
            {"audiences": (Audience(id=mine),), "activate_audiences": True, "tags": ("qa",)},
            (False, False, False, True, True),
        ),
        ({"activate_audiences": True}, (False,) * 5),
    ):
        made = publications.create(rooms.scope, settings("p-x", security=Security.LOGGED, **more))[0]
        assert tuple(admitted(rooms, made, person) for person in people) == expected, more
        publications.delete(rooms.scope, made.id)


def test_who_sees_the_builds_anyway_gets_in_and_strangers_never(rooms: Rooms, publications: Publications) -> None:
    closed = publications.create(rooms.scope, settings("p-x", security=Security.LOGGED, groups=(("nobody",),)))[0]
    wide = publications.create(rooms.scope, settings("p-y", security=Security.LOGGED))[0]
    unassigned = user(rooms, "unassigned")
    assert admitted(rooms, closed, user(rooms, "viewer"))
    assert not admitted(rooms, closed, unassigned)
    assert admitted(rooms, wide, unassigned)
    with rooms.db.transaction() as tx:
        tx.execute(
            insert(tables.app_collaborators).values(
                id=new_entity_id(), organization_id=rooms.scope.organization_id, app_id=rooms.scope.app_id,
                user_id=unassigned.id, role="viewer", created_at=rooms.time, updated_at=rooms.time,
            )
        )  # fmt: skip
    assert admitted(rooms, closed, unassigned)
    for stranger in (employee(rooms, verified=False), employee(rooms, organization=new_entity_id())):
        assert not admitted(rooms, wide, stranger)


def test_audiences_hear_of_what_their_publication_gives_now(rooms: Rooms, publications: Publications) -> None:
    first, second, silent = (audience(rooms) for _ in range(3))
    both = (Audience(id=first, notify=True), Audience(id=silent))
    main: dict[str, Any] = {"kind": FilterType.GIT_BRANCH, "value": "main", "activate_audiences": True}
    publications.create(rooms.scope, settings("p-main", audiences=both, **main))
    rooms.later(1)
    publications.create(rooms.scope, settings("p-again", audiences=(Audience(id=first, notify=True),), **main))
    off = main | {"activate_audiences": False}
    publications.create(rooms.scope, settings("p-off", audiences=(Audience(id=second, notify=True),), **off))
    hidden: dict[str, Any] = {"audiences": (Audience(id=second, notify=True),), "visibility": Visibility.INACTIVE}
    publications.create(rooms.scope, settings("p-hidden", **main, **hidden))
    over: dict[str, Any] = {"audiences": (Audience(id=second, notify=True),), "expires_at": rooms.time}
    publications.create(rooms.scope, settings("p-over", **main, **over))
    publications.create(
        rooms.scope,
        settings("p-tag", FilterType.TAG, "qa", activate_audiences=True, audiences=(Audience(id=second, notify=True),)),
    )
    old, other, new = build(rooms, branch="main"), build(rooms, "qa", branch="other"), build(rooms, branch="main")
    with rooms.db.read() as tx:
        assert publication_access.audiences_to_notify(tx, new, rooms.time) == [AudienceNotice(first, "p-main")]
        assert publication_access.audiences_to_notify(tx, old, rooms.time) == []
        assert publication_access.audiences_to_notify(tx, other, rooms.time) == [AudienceNotice(second, "p-tag")]


def test_a_mail_leads_to_the_door_that_opens(rooms: Rooms, publications: Publications) -> None:
    person, other = employee(rooms, "beta"), employee(rooms)
    made = build(rooms, branch="main")

    def way(who: MemberIdentity | None) -> str | None:
        with rooms.db.read() as tx:
            return publication_access.publication_for(tx, made, who, rooms.time)

    assert way(person) is None
    publications.create(rooms.scope, settings("p-locked", security=Security.PASSWORD, password="open sesame"))
    assert (way(person), way(None)) == ("p-locked", "p-locked")
    publications.create(rooms.scope, settings("p-beta", security=Security.LOGGED, groups=(("beta",),)))
    assert (way(person), way(other), way(None)) == ("p-beta", "p-locked", "p-locked")
    public = publications.create(rooms.scope, settings("p-open", visibility=Visibility.UNLISTED))[0]
    assert (way(person), way(None)) == ("p-open", "p-open")
    build(rooms, branch="main")  # ours is history now
    assert way(person) is None
    publications.update(rooms.scope, public.id, settings("p-open", show_history=True))
    assert way(person) == "p-open"
    rooms.builds.update(rooms.scope, made.id, BuildChanges(disabled=True))
    assert way(person) is None
