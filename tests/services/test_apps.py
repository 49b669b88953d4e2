"""Apps: slugs, edits, and what their builds add up to."""

from collections.abc import Callable

import pytest

from seatrial.db import apps as app_rows
from seatrial.domain.app import AppSettings
from seatrial.domain.download import DownloadType
from seatrial.domain.errors import EntityNotFound, InvalidRequest, SlugTaken
from seatrial.domain.listing import ListQuery
from seatrial.services.apps import Apps
from tests.db.sample_rows import add_app
from tests.services.rooms import Rooms
from tests.services.scopes import downloads_of


@pytest.fixture
def apps(rooms: Rooms) -> Apps:
    return Apps(rooms.db, rooms.blobs.provider, rooms.now)


def test_a_drawn_slug_gets_a_number_where_it_is_taken(rooms: Rooms, apps: Apps) -> None:
    slugs = [apps.create(rooms.scope, AppSettings(name=name)).app.slug for name in ("Bank", "bank!", "BANK", "Bank 2")]
    assert slugs == ["bank", "bank-2", "bank-3", "bank-2-2"]


def test_a_long_drawn_slug_keeps_room_for_its_number(rooms: Rooms, apps: Apps) -> None:
    slugs = [apps.create(rooms.scope, AppSettings(name="x" * 200)).app.slug for _ in range(3)]
    assert len(set(slugs)) == 3
    assert all(3 <= len(slug) <= 128 for slug in slugs)


def test_another_organization_may_use_the_same_slug(rooms: Rooms, apps: Apps) -> None:
    with rooms.db.transaction() as tx:
        other = add_app(tx)
    assert [apps.create(scope, AppSettings(name="Bank", slug="bank")).app.slug for scope in (rooms.scope, other)] == [
        "bank",
        "bank",
    ]


def test_a_slug_that_was_asked_for_clashes(rooms: Rooms, apps: Apps) -> None:
    """Decision 45."""
    made = apps.create(rooms.scope, AppSettings(name="Bank"))
    with pytest.raises(SlugTaken):
        apps.create(rooms.scope, AppSettings(name="Other", slug="bank"))
    with pytest.raises(SlugTaken):
        apps.update(rooms.scope, AppSettings(slug="bank"))
    own = apps.scope_of(rooms.scope, made.app.id)
    assert apps.update(own, AppSettings(slug="bank", description="mine")).app.description == "mine"


@pytest.mark.parametrize("slug", ["ab", "Bank", "-bank", "552ae3cfcb5abfc58d733b81", "x" * 129, "a b c"])
def test_a_slug_that_breaks_the_rule_is_refused(rooms: Rooms, apps: Apps, slug: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: apps.create(rooms.scope, AppSettings(name="Bank", slug=slug)),
        lambda: apps.update(rooms.scope, AppSettings(slug=slug)),
    ]
    for call in calls:
        with pytest.raises(InvalidRequest) as refused:
            call()
        assert list(refused.value.fields) == ["slug"]


def test_a_change_touches_only_what_it_names(rooms: Rooms, apps: Apps) -> None:
    settings = AppSettings(
        name="Bank", metadata={"team": "blue"}, default_scripts={"audit": "a", "runner": "r"}, notify_employees=True
    )
    made = apps.create(rooms.scope, settings).app
    scope = apps.scope_of(rooms.scope, made.slug)
    changed = apps.update(scope, AppSettings(default_scripts={"audit": "", "enforce": "e"}, build_retention_days=7)).app
    assert (changed.name, changed.metadata, changed.notify_employees) == ("Bank", {"team": "blue"}, True)
    assert changed.default_scripts == {"runner": "r", "enforce": "e"}
    assert apps.update(scope, AppSettings(metadata={})).app.metadata == {}
    assert apps.update(scope, AppSettings(build_retention_days=None)).app.build_retention_days is None


def test_there_is_one_place_for_bytes(rooms: Rooms, apps: Apps) -> None:
    own = rooms.blobs.provider.id
    apps.create(rooms.scope, AppSettings(name="Bank", storage_provider=own.upper()))
    with pytest.raises(InvalidRequest) as refused:
        apps.create(rooms.scope, AppSettings(name="Bank", storage_provider="f" * 24))
    assert own in refused.value.fields["configuration.storageProvider"]


def test_an_app_adds_its_builds_and_downloads_up(rooms: Rooms, apps: Apps) -> None:
    empty = apps.get(rooms.scope)
    assert (empty.builds, empty.platforms, empty.app.downloads, empty.app.last_build_processed_at) == (0, (), 0, None)
    rooms.upload()
    rooms.later(60)
    build = rooms.processed()
    downloads = downloads_of(rooms)
    for _ in range(2):
        downloads.redeem(downloads.issue(rooms.scope, build.id, None, DownloadType.FILE).secret)
    found = apps.get(rooms.scope)
    assert (found.builds, found.platforms, found.app.downloads) == (2, ("android",), 2)
    assert found.app.last_build_processed_at == rooms.time
    rooms.builds.delete(rooms.scope, build.id)
    after = apps.get(rooms.scope)
    assert (after.builds, after.app.downloads) == (1, 2)


def test_lists_filter_sort_and_page(rooms: Rooms, apps: Apps) -> None:
    for name in ("Delta", "alpha 50%", "Charlie", "Bravo"):
        rooms.later(1)
        apps.create(rooms.scope, AppSettings(name=name))
    everything = apps.search(rooms.scope, ListQuery())
    assert [one.app.name for one in everything.items] == ["Bravo", "Charlie", "alpha 50%", "Delta", "Wallet"]
    assert [one.app.slug for one in apps.search(rooms.scope, ListQuery(sort="slug", descending=False)).items[:4]] == [
        "alpha-50",
        "bravo",
        "charlie",
        "delta",
    ]
    second = apps.search(rooms.scope, ListQuery(limit=2, page=2))
    assert ([one.app.name for one in second.items], second.total) == (["alpha 50%", "Delta"], 5)
    assert [one.app.name for one in apps.search(rooms.scope, ListQuery(name="ALPHA 50%")).items] == ["alpha 50%"]
    assert apps.search(rooms.scope, ListQuery(name="%")).total == 1
    with rooms.db.transaction() as tx:
        foreign = add_app(tx)
    assert apps.search(foreign, ListQuery()).total == 1


def test_an_app_of_somebody_else_does_not_exist(rooms: Rooms, apps: Apps) -> None:
    with rooms.db.transaction() as tx:
        foreign = add_app(tx)
        row = app_rows.get(tx, foreign)
    for name in (row.id, row.slug, "no-such-app", "a\0b", "%"):
        with pytest.raises(EntityNotFound):
            apps.scope_of(rooms.scope, name)
