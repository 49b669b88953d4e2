"""Both ways to a build's places in publications say the same, and what the documents say of filters."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import Connection, text, update

from seatrial.db import build_counts, build_lanes, builds, publications, resolution, tables
from seatrial.db.published import PublishedBuilds, _Choice
from seatrial.db.retention import STEP
from seatrial.domain.access import AppScope
from seatrial.domain.build import ApplicationInfo, Deployer, Submission
from seatrial.domain.ids import BuildId, PublicationId, new_entity_id
from seatrial.domain.publication import (
    BuildFilter,
    FilterType,
    PickedBuild,
    Publication,
    PublicationSettings,
    Security,
    Visibility,
)
from seatrial.domain.retention import Place
from tests.db.conftest import Rehearsal
from tests.db.sample_rows import START, add_app, at, new_build

_numbers = count(1)


def build(
    tx: Connection,
    scope: AppScope,
    days: float,
    os: str = "android",
    said: Submission | None = None,
    *,
    off: bool = False,
) -> BuildId:
    """Add a processed build that is so many days old."""
    new = new_build(said, os=os, now=START - timedelta(days=days))
    builds.insert_build(tx, scope, new)
    own = tables.builds.c.id == new.id
    tx.execute(update(tables.builds).where(own).values(status="processed", disabled=off))
    before = build_counts.Counted(scope.app_id, (said or Submission()).version_name, "pending", os)
    build_counts.move(tx, before, replace(before, status="processed"))
    build_lanes.draw(tx, new.id)
    return new.id


def publish(
    tx: Connection,
    scope: AppScope,
    kind: FilterType,
    value: str = "",
    *,
    systems: tuple[str, ...] = (),
    named: Sequence[BuildId] = (),
    visibility: Visibility = Visibility.ACTIVE,
    expires_at: datetime | None = None,
) -> str:
    slug = f"shelf-{next(_numbers)}-{scope.app_id}"
    settings = PublicationSettings(
        slug=slug,
        security=Security.PUBLIC,
        visibility=visibility,
        filter=BuildFilter(
            type=kind, value=value, systems=systems, builds=tuple(PickedBuild(id=one, is_listed=True) for one in named)
        ),
        expires_at=expires_at,
    )
    made = Publication(
        id=PublicationId(new_entity_id()),
        organization_id=scope.organization_id,
        application=ApplicationInfo(id=scope.app_id, name="", slug=""),
        settings=settings,
        password_hash=None,
        created_at=START,
        updated_at=START,
    )
    publications.insert_publication(tx, made)
    given = resolution.resolve(tx, [resolution.candidate(made)])[made.id]
    # Whatever a publication gives now has the first place on it.
    offered = {
        one.mark.id for one in PublishedBuilds().offered(tx, scope.app_id, at(0), 1) if one.place.publication == slug
    }
    assert expires_at is not None or {one.id for one in given} <= offered
    return slug


def test_places_are_by_filter_and_system_and_the_same_both_ways(rehearsal: Rehearsal) -> None:
    published = PublishedBuilds()
    with rehearsal() as tx:
        scope, other = add_app(tx), add_app(tx)
        main = Submission(deployer=Deployer("", {"branch": "main", "tag": "v1"}))
        tagged = Submission(tags=("qa", "nightly"))
        ids = [
            build(tx, scope, 1),
            build(tx, scope, 2, "ios", main),
            build(tx, scope, 3, said=main),
            build(tx, scope, 4, said=tagged),
            build(tx, scope, 5, said=tagged, off=True),
            build(tx, scope, 6, said=tagged),
            build(tx, scope, 6, "ios", tagged),
        ]
        build(tx, other, 1, said=main)
        last = publish(tx, scope, FilterType.LAST)
        on_android = publish(tx, scope, FilterType.LAST, systems=("android",), visibility=Visibility.INACTIVE)
        branch = publish(tx, scope, FilterType.GIT_BRANCH, "main", visibility=Visibility.UNLISTED)
        git_tag = publish(tx, scope, FilterType.GIT_TAG, "v1", systems=("ios",))
        qa = publish(tx, scope, FilterType.TAG, "qa")
        named = publish(tx, scope, FilterType.BUILDS, named=[ids[4], ids[0], BuildId(new_entity_id())])
        publish(tx, scope, FilterType.LAST, expires_at=START - timedelta(days=1))
        publish(tx, other, FilterType.LAST)
        expected = {
            ids[0]: {Place(last, 1), Place(on_android, 1), Place(named, None)},
            ids[1]: {Place(last, 1), Place(branch, 1), Place(git_tag, 1)},
            ids[2]: {Place(last, 2), Place(on_android, 2), Place(branch, 1)},
            ids[3]: {Place(last, 3), Place(on_android, 3), Place(qa, 1)},
            ids[4]: {Place(named, None)},
            ids[5]: {Place(last, 4), Place(on_android, 4), Place(qa, 2)},
            ids[6]: {Place(last, 2), Place(qa, 1)},
        }
        offered = list(published.offered(tx, scope.app_id, START, None))
        assert [one.mark for one in offered] == sorted((one.mark for one in offered), reverse=True)
        assert {one: {each.place for each in offered if each.mark.id == one} for one in ids} == expected
        for one in ids:
            assert set(published.places(tx, scope.app_id, one, START, 9)) == expected[one]
        few = {(each.mark.id, each.place) for each in published.offered(tx, scope.app_id, START, 2)}
        assert few == {
            (one, place)
            for one, places in expected.items()
            for place in places
            if place.rank is None or place.rank <= 2
        }
        capped = {place.publication: place.rank for place in published.places(tx, scope.app_id, ids[5], START, 1)}
        assert capped == {last: 2, on_android: 2, qa: 2}, "one more than is kept, whatever the number"


def test_long_choices_are_read_in_steps(rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seatrial.db.published.STEP", 3)
    with rehearsal() as tx:
        scope = add_app(tx)
        # Of the same moment: the id decides.
        ids = [build(tx, scope, 1) for _ in range(8)]
        publish(tx, scope, FilterType.LAST)
        for most in (None, 2, 3, 7):
            offered = list(PublishedBuilds().offered(tx, scope.app_id, START, most))
            assert [one.mark.id for one in offered] == sorted(ids, reverse=True)[:most]
            assert [one.place.rank for one in offered] == list(range(1, len(offered) + 1))
    assert STEP > 3


@pytest.mark.parametrize("kind", [FilterType.LAST, FilterType.GIT_BRANCH, FilterType.GIT_TAG, FilterType.TAG])
def test_a_choice_is_read_along_an_index(rehearsal: Rehearsal, kind: FilterType) -> None:
    with rehearsal() as tx:
        if tx.dialect.name != "sqlite":
            pytest.skip("PostgreSQL plans by what is there, and here is nothing")
        choice = _Choice(add_app(tx).app_id, kind, "v", "ios")
        newest = choice.statement().order_by(*(column.desc() for column in choice.order)).limit(3)
        said = newest.compile(tx, compile_kwargs={"literal_binds": True})
        plan = [row[3] for row in tx.execute(text(f"EXPLAIN QUERY PLAN {said}"))]
        assert len(plan) == 1
        assert "USING COVERING INDEX" in plan[0]
