"""A look at a publication before it is saved: what it would give, and how many could open it."""

from dataclasses import replace

import pytest

from seatrial.domain.audience import AudienceSettings
from seatrial.domain.errors import EntityNotFound, Forbidden
from seatrial.domain.ids import AppId, new_entity_id
from seatrial.domain.publication import (
    AudienceUse,
    BuildFilter,
    FilterType,
    PublicationQuery,
    PublicationSettings,
    Security,
    Visibility,
)
from seatrial.services.publication_previews import PublicationPreviews
from seatrial.services.publications import Publications
from tests.services.people_rooms import People
from tests.services.rooms import Rooms
from tests.services.scopes import powerless

PLAIN = PublicationSettings(
    slug="wallet",
    security=Security.PUBLIC,
    visibility=Visibility.ACTIVE,
    filter=BuildFilter(type=FilterType.LAST, value=""),
)


def previews(rooms: Rooms) -> PublicationPreviews:
    return PublicationPreviews(rooms.db, rooms.now)


def test_it_gives_what_the_publication_gives_once_it_is_saved(rooms: Rooms) -> None:
    assert previews(rooms).preview(rooms.scope, PLAIN).given == []
    rooms.processed()
    rooms.later(1)
    newest = rooms.processed(b"newer")
    looked = previews(rooms).preview(rooms.scope, PLAIN)
    saved, given = Publications(rooms.db, rooms.now).create(rooms.scope, PLAIN)
    assert [one.id for one in looked.given] == [one.id for one in given] == [newest.id]
    assert looked.publication.name == saved.name
    nothing = replace(PLAIN, filter=BuildFilter(type=FilterType.TAG, value="nobody's"))
    assert previews(rooms).preview(rooms.scope, nothing).given == []


def test_a_look_saves_nothing_and_keeps_no_password(rooms: Rooms) -> None:
    looked = previews(rooms).preview(rooms.scope, replace(PLAIN, security=Security.PASSWORD, password="secret"))
    assert (looked.publication.settings.password, looked.publication.password_hash, looked.people) == ("", None, None)
    assert Publications(rooms.db, rooms.now).search(rooms.scope, PublicationQuery()).total == 0


def test_it_counts_the_employees_who_could_sign_in(rooms: Rooms) -> None:
    people = People(rooms)
    for name, tags in (("ada", ("qa",)), ("bob", ("qa", "porto")), ("eve", ())):
        people.take_in(name, *tags)
    logged = replace(PLAIN, security=Security.LOGGED)
    counted = {
        "everybody": logged,
        "one group": replace(logged, groups=(("qa",),)),
        "both groups": replace(logged, groups=(("qa", "porto"),)),
        "either": replace(logged, groups=(("porto",), ("nobody's",))),
        "a tag": replace(logged, tags=("porto",)),
    }
    found = {name: previews(rooms).preview(rooms.scope, said).people for name, said in counted.items()}
    assert found == {"everybody": 3, "one group": 2, "both groups": 1, "either": 1, "a tag": 1}
    audience = people.audiences.create(rooms.scope, AudienceSettings(name="Porto", conditions=(("porto",),)))
    used = (AudienceUse(id=audience.id, notify=False),)
    assert previews(rooms).preview(rooms.scope, replace(logged, audiences=used)).people == 3  # not switched on
    switched_on = replace(logged, audiences=used, activate_audiences=True)
    assert previews(rooms).preview(rooms.scope, switched_on).people == 1
    wider = replace(switched_on, groups=(("qa",),))
    assert previews(rooms).preview(rooms.scope, wider).people == 2


def test_a_look_is_for_those_who_see_publications_of_an_app_that_is_there(rooms: Rooms) -> None:
    with pytest.raises(Forbidden):
        previews(rooms).preview(powerless(rooms.scope), PLAIN)
    with pytest.raises(EntityNotFound):
        previews(rooms).preview(replace(rooms.scope, app_id=AppId(new_entity_id())), PLAIN)
