"""Publications: what they give, whom they refuse, and that a change replaces them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from seatrial.db import resolution, tables
from seatrial.domain.access import AppScope, MemberRole, OrganizationScope, Permission
from seatrial.domain.build import Build, BuildChanges, Deployer, Submission
from seatrial.domain.buildinfo import BuildInfo, Format, Os
from seatrial.domain.errors import EntityNotFound, Forbidden, InvalidRequest, SlugTaken
from seatrial.domain.ids import AudienceId, BuildId
from seatrial.domain.publication import (
    AudienceUse,
    BuildFilter,
    FilterType,
    PickedBuild,
    PublicationQuery,
    PublicationSettings,
    Security,
    Visibility,
)
from seatrial.services.publications import Found, Publications
from tests.db.sample_rows import add_app
from tests.services.rooms import ANDROID, Reader, Rooms
from tests.services.scopes import with_role

IPA = BuildInfo(format=Format.IPA, os=Os.IOS, identifier="com.acme.wallet", version_name="1.2", version_code="12")
NO_ID = "0" * 24


@pytest.fixture
def publications(rooms: Rooms) -> Publications:
    return Publications(rooms.db, rooms.now)


def settings(
    slug: str = "wallet", kind: FilterType = FilterType.LAST, value: str = "", **more: Any
) -> PublicationSettings:
    chosen = more.pop("filter", BuildFilter(type=kind, value=value))
    defaults: dict[str, Any] = {"security": Security.PUBLIC, "visibility": Visibility.ACTIVE}
    return PublicationSettings(slug=slug, filter=chosen, **defaults | more)


def build(rooms: Rooms, *tags: str, branch: str = "", git_tag: str = "", info: BuildInfo = ANDROID) -> Build:
    """Upload a build a second after the one before, and process it."""
    rooms.later(1)
    deployer = Deployer("ci", {key: value for key, value in (("branch", branch), ("tag", git_tag)) if value})
    made = rooms.upload(said=Submission(tags=tags, deployer=deployer))
    rooms.processing(Reader(info)).run(made.id, 1)
    return rooms.get(made.id)


def gives(found: Found) -> dict[str, str]:
    return {one.os: one.id for one in found[1]}


def now(rooms: Rooms, publications: Publications, found: Found) -> dict[str, str]:
    return gives(publications.get(rooms.scope, found[0].id))


def test_each_kind_of_filter_gives_the_newest_build_of_each_system(rooms: Rooms, publications: Publications) -> None:
    wanted = {
        "last": settings("p-last"),
        "main": settings("p-main", FilterType.GIT_BRANCH, "main"),
        "v1": settings("p-v1", FilterType.GIT_TAG, "v1"),
        "qa": settings("p-qa", FilterType.TAG, "qa"),
        "none": settings("p-none", FilterType.GIT_BRANCH, "nowhere"),
    }
    made = {name: publications.create(rooms.scope, said) for name, said in wanted.items()}
    assert all(gives(found) == {} for found in made.values())
    old = build(rooms, "qa", branch="main", git_tag="v1")
    apple = build(rooms, "qa", branch="main", info=IPA)
    new = build(rooms, "qa", "nightly", branch="main")
    other = build(rooms, branch="Main")
    expected = {
        "last": {"android": other.id, "ios": apple.id},
        "main": {"android": new.id, "ios": apple.id},
        "v1": {"android": old.id},
        "qa": {"android": new.id, "ios": apple.id},
        "none": {},
    }
    assert {name: now(rooms, publications, found) for name, found in made.items()} == expected
    page = publications.search(rooms.scope, PublicationQuery())
    assert {found[0].id: gives(found) for found in page.items} == {
        made[name][0].id: builds for name, builds in expected.items()
    }


def test_only_what_can_be_given_is_given(rooms: Rooms, publications: Publications) -> None:
    made = [
        publications.create(rooms.scope, settings("p-branch", FilterType.GIT_BRANCH, "main")),
        publications.create(rooms.scope, settings("p-tag", FilterType.TAG, "qa")),
        publications.create(rooms.scope, settings("p-last")),
    ]
    good, disabled = build(rooms, "qa", branch="main"), build(rooms, "qa", branch="main")
    rooms.later(1)
    rooms.upload(said=Submission(tags=("qa",), deployer=Deployer("ci", {"branch": "main"})))  # pending
    for found in made:
        assert now(rooms, publications, found) == {"android": disabled.id}
    rooms.builds.update(rooms.scope, disabled.id, BuildChanges(disabled=True))
    for found in made:
        assert now(rooms, publications, found) == {"android": good.id}
    rooms.builds.update(rooms.scope, disabled.id, BuildChanges(disabled=False))
    rooms.builds.update(rooms.scope, good.id, BuildChanges(disabled=True))
    for found in made:
        assert now(rooms, publications, found) == {"android": disabled.id}
    rooms.builds.update(rooms.scope, disabled.id, BuildChanges(tags=("other",)))
    rooms.builds.update(rooms.scope, good.id, BuildChanges(disabled=False))
    assert now(rooms, publications, made[1]) == {"android": good.id}


def test_named_builds_are_given_and_may_go(rooms: Rooms, publications: Publications) -> None:
    one, two, apple = build(rooms), build(rooms), build(rooms, info=IPA)
    picked = (
        PickedBuild(id=one.id, platform="android"),
        PickedBuild(id=two.id, is_listed=True),
        PickedBuild(id=apple.id, platform="ios"),
    )
    said = settings(filter=BuildFilter(type=FilterType.BUILDS, builds=picked))
    made = publications.create(rooms.scope, said)
    assert gives(made) == {"android": two.id, "ios": apple.id}
    rooms.builds.delete(rooms.scope, two.id)
    assert now(rooms, publications, made) == {"android": one.id, "ios": apple.id}
    rooms.builds.delete(rooms.scope, one.id)
    # What is gone stays named, and may be said again.
    assert gives(publications.update(rooms.scope, made[0].id, said)) == {"ios": apple.id}
    assert publications.get(rooms.scope, made[0].id)[0].settings.filter.builds == picked


def test_systems_can_be_left_out(rooms: Rooms, publications: Publications) -> None:
    chosen = BuildFilter(type=FilterType.LAST, systems=("ios",))
    made = publications.create(rooms.scope, settings(filter=chosen))
    build(rooms)
    apple = build(rooms, info=IPA)
    assert now(rooms, publications, made) == {"ios": apple.id}


def test_history_is_newest_first(rooms: Rooms, publications: Publications) -> None:
    builds = [build(rooms, "qa", branch="main") for _ in range(3)]
    kinds = [("p-last", FilterType.LAST, ""), ("p-main", FilterType.GIT_BRANCH, "main"), ("p-qa", FilterType.TAG, "qa")]
    made = [publications.create(rooms.scope, settings(*kind))[0] for kind in kinds]
    picked = tuple(PickedBuild(id=one.id, is_listed=True) for one in builds)
    made.append(
        publications.create(rooms.scope, settings("p-x", filter=BuildFilter(type=FilterType.BUILDS, builds=picked)))[0]
    )
    with rooms.db.read() as tx:
        for one in made:
            assert [b.id for b in resolution.history(tx, one, "android", 2)] == [builds[2].id, builds[1].id]
            assert resolution.history(tx, one, "ios", 5) == []
            assert all(resolution.has_given(tx, one, b.id) for b in builds)
            assert not resolution.has_given(tx, one, BuildId(NO_ID))
        assert resolution.choosing(tx, rooms.scope.app_id, builds[0].id) == [one.id for one in made]


def test_a_slug_is_taken_once_on_the_whole_server(rooms: Rooms, publications: Publications) -> None:
    first = publications.create(rooms.scope, settings("Wallet"))[0]
    assert first.settings.slug == "wallet"
    with rooms.db.transaction() as tx:
        stranger = add_app(tx)
    for scope in (rooms.scope, stranger):
        with pytest.raises(SlugTaken):
            publications.create(scope, settings("wallet"))
    second = publications.create(stranger, settings("other"))[0]
    with pytest.raises(SlugTaken):
        publications.update(stranger, second.id, settings("WALLET"))
    assert publications.update(rooms.scope, first.id, settings("wallet"))[0].settings.slug == "wallet"


@pytest.mark.parametrize(
    "slug", ["", "ab", "a" * 129, "-abc", "abc-", "a_b", "a b", "äbc", "a/b", NO_ID, "V1", "static", "Login", "store"]
)
def test_slugs_that_no_page_can_have(rooms: Rooms, publications: Publications, slug: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        publications.create(rooms.scope, settings(slug))
    assert "slug" in refused.value.fields


def test_a_change_replaces_everything_but_an_unsaid_password(rooms: Rooms, publications: Publications) -> None:
    rich = settings(
        security=Security.PASSWORD,
        password="open sesame",
        groups=(("a", "b"), ("c",)),
        tags=("t",),
        show_history=True,
        allowed_countries=("DE",),
        expires_at=rooms.time,
    )
    made = publications.create(rooms.scope, rich)[0]
    assert made.password_hash is not None
    assert "sesame" not in repr(made)
    kept = publications.update(rooms.scope, made.id, settings(security=Security.PASSWORD))[0]
    assert kept.password_hash == made.password_hash
    assert kept.settings == settings(security=Security.PASSWORD)
    changed = publications.update(rooms.scope, made.id, settings(security=Security.PASSWORD, password="another one"))[0]
    assert changed.password_hash not in {None, made.password_hash}
    assert publications.update(rooms.scope, made.id, settings())[0].password_hash is None
    with pytest.raises(InvalidRequest):
        publications.update(rooms.scope, made.id, settings(security=Security.PASSWORD))
    assert publications.get(rooms.scope, made.id)[0].settings == settings()


@pytest.mark.parametrize("password", ["", "short", "x" * 129])
def test_passwords_have_bounds(rooms: Rooms, publications: Publications, password: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        publications.create(rooms.scope, settings(security=Security.PASSWORD, password=password))
    assert list(refused.value.fields) == ["password"]


def test_strangers_builds_and_audiences_are_refused_by_name(rooms: Rooms, publications: Publications) -> None:
    with rooms.db.transaction() as tx:
        stranger = add_app(tx)
        for audience_id, scope in ((NO_ID[:-1] + "1", rooms.scope), (NO_ID[:-1] + "2", stranger)):
            tx.execute(
                tables.audiences.insert().values(
                    id=audience_id, organization_id=scope.organization_id, name="a", key="a", created_at=rooms.time,
                    updated_at=rooms.time,
                )
            )  # fmt: skip
    theirs = build(rooms).id
    for picked, field in (
        (PickedBuild(id=theirs, is_listed=True), "filter.builds"),
        (PickedBuild(id=theirs, platform="ios"), "filter.ios"),
        (PickedBuild(id=theirs), "filter.value"),
    ):
        with pytest.raises(InvalidRequest) as refused:
            publications.create(stranger, settings(filter=BuildFilter(type=FilterType.BUILD, builds=(picked,))))
        assert list(refused.value.fields) == [field]
    for audience in (NO_ID, NO_ID[:-1] + "2"):
        with pytest.raises(InvalidRequest) as refused:
            publications.create(rooms.scope, settings(audiences=(AudienceUse(id=AudienceId(audience)),)))
        assert list(refused.value.fields) == ["userAudienceMap"]
    own = (AudienceUse(id=AudienceId(NO_ID[:-1] + "1"), notify=True),)
    assert publications.create(rooms.scope, settings(audiences=own))[0].settings.audiences == own


def test_an_organizations_scope_names_the_app(rooms: Rooms, publications: Publications) -> None:
    scope = OrganizationScope(organization_id=rooms.scope.organization_id, principal=rooms.scope.principal)
    with rooms.db.transaction() as tx:
        second, stranger = add_app(tx, rooms.scope.organization_id), add_app(tx)
    for app in (None, stranger.app_id, "nothing"):
        with pytest.raises(InvalidRequest) as refused:
            publications.create(scope, settings(), app)
        assert list(refused.value.fields) == ["application"]
    first = publications.create(scope, settings("one"), rooms.scope.app_id)[0]
    other = publications.create(scope, settings("two"), second.app_id)[0]
    found = publications.search(scope, PublicationQuery(sort="slug", descending=False))
    assert [one[0].id for one in found.items] == [first.id, other.id]
    assert publications.search(scope, PublicationQuery(application=second.app_id)).total == 1
    assert publications.search(rooms.scope, PublicationQuery()).total == 1
    with pytest.raises(EntityNotFound):
        publications.get(rooms.scope, other.id)
    with pytest.raises(InvalidRequest):
        publications.update(scope, other.id, settings("two"), rooms.scope.app_id)
    assert publications.store(scope).id == rooms.scope.organization_id


def test_lists_are_filtered(rooms: Rooms, publications: Publications) -> None:
    publications.create(
        rooms.scope, settings("feature-x", FilterType.GIT_BRANCH, "feature/x", visibility=Visibility.UNLISTED)
    )
    rooms.later(1)
    publications.create(rooms.scope, settings("last", security=Security.LOGGED))
    for query, slugs in (
        (PublicationQuery(), ["last", "feature-x"]),
        (PublicationQuery(descending=False), ["feature-x", "last"]),
        (PublicationQuery(slug="Feature-X"), ["feature-x"]),
        (PublicationQuery(slug="feature"), []),
        (PublicationQuery(filter_type=FilterType.GIT_BRANCH, filter_value="feature/x"), ["feature-x"]),
        (PublicationQuery(filter_type=FilterType.GIT_BRANCH, filter_value="feature"), []),
        (PublicationQuery(security=Security.LOGGED), ["last"]),
        (PublicationQuery(visibility=Visibility.UNLISTED), ["feature-x"]),
        (PublicationQuery(limit=1, page=2), ["feature-x"]),
    ):
        page = publications.search(rooms.scope, query)
        assert [found[0].settings.slug for found in page.items] == slugs


def test_permissions_and_traces(rooms: Rooms, publications: Publications) -> None:
    viewer: AppScope = with_role(rooms.scope, MemberRole.VIEWER)
    made = publications.create(rooms.scope, settings())[0]
    publications.update(rooms.scope, made.id, settings("wallet-two"))
    assert publications.get(viewer, made.id)[0].settings.slug == "wallet-two"
    for call, permission in (
        (lambda: publications.create(viewer, settings("x-y")), Permission.PUBLICATION_CREATE),
        (lambda: publications.update(viewer, made.id, settings()), Permission.PUBLICATION_UPDATE),
        (lambda: publications.delete(viewer, made.id), Permission.PUBLICATION_DELETE),
    ):
        with pytest.raises(Forbidden) as refused:
            call()
        assert refused.value.permission == permission
    publications.delete(rooms.scope, made.id)
    for call in (
        lambda: publications.get(rooms.scope, made.id),
        lambda: publications.delete(rooms.scope, made.id),
        lambda: publications.update(rooms.scope, made.id, settings()),
        lambda: publications.get(rooms.scope, "nothing"),
    ):
        with pytest.raises(EntityNotFound):
            call()
    with rooms.db.read() as tx:
        actions = tx.execute(select(tables.audit_log.c.action).order_by(tables.audit_log.c.id)).scalars().all()
    assert actions == ["publication.create", "publication.update", "publication.delete"]


def test_expiry_and_visibility_decide_whether_it_is_open(rooms: Rooms, publications: Publications) -> None:
    made = publications.create(rooms.scope, settings(expires_at=rooms.time + timedelta(seconds=5)))[0]
    assert made.is_open(rooms.time)
    assert not made.is_open(rooms.time + timedelta(seconds=5))
    hidden = replace(made, settings=settings(visibility=Visibility.INACTIVE))
    assert not hidden.is_open(rooms.time)


def test_no_kind_of_filter_is_found_by_looking_through_builds(rooms: Rooms, publications: Publications) -> None:
    """The plans on SQLite, which has no statistics here: each one an index that ends at the build."""
    if not rooms.db.is_sqlite:
        pytest.skip("PostgreSQL reads small tables whole; bench/publications.py measures it at a million builds")
    index = "ix_build_lanes_newest (app_id=? AND kind=? AND value=? AND os=?)"
    named = {"app_id": "a", "kind": "tag", "value": "v", "os": "ios", "limit": 5}
    for statement in (resolution._newest().params(publications=["x"]), resolution._history().params(**named)):
        compiled = statement.compile(rooms.db.writer, compile_kwargs={"literal_binds": True})
        with rooms.db.read() as tx:
            plan = [row.detail for row in tx.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))]
        assert any(index in step for step in plan), plan
        assert not [step for step in plan if step.startswith("SCAN build")], plan
