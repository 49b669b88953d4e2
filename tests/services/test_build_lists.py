"""Finding builds: the same words find the same builds on both databases, page by page, and only where one may look."""

from dataclasses import replace

import pytest
from sqlalchemy import insert

from seatrial.db import build_words
from seatrial.db import builds as build_rows
from seatrial.db.tables import users
from seatrial.domain.access import COLLABORATOR_PERMISSIONS, AppRole, AppScope, OrganizationScope, Principal
from seatrial.domain.build import BuildChanges, BuildStatus, Deployer, SortField, Submission
from seatrial.domain.errors import Forbidden, InvalidRequest
from seatrial.domain.ids import new_entity_id
from seatrial.domain.search import BuildFilter, Cursor, asked, words_of
from seatrial.services.build_lists import MOST_CHANGED, BatchChange, BuildLists
from tests.db.sample_rows import START, add_app, at, new_build
from tests.services.rooms import ANDROID, Reader, Rooms


def lists_of(rooms: Rooms) -> BuildLists:
    return BuildLists(rooms.db, rooms.now)


def add(rooms: Rooms, scope: AppScope | None = None, seconds: float = 0, size: int = 3, **said: object) -> str:
    new = new_build(Submission(**said), now=at(seconds), size=size)  # type: ignore[arg-type]
    with rooms.db.transaction() as tx:
        build_rows.insert_build(tx, scope or rooms.scope, new)
    return new.id


def found(rooms: Rooms, words: str = "", **narrowed: object) -> list[str]:
    wanted = BuildFilter(words=words, **narrowed)  # type: ignore[arg-type]
    return [line.id for line in lists_of(rooms).find(rooms.scope, wanted).items]


def test_every_word_is_found_by_its_beginning_and_after_each_sign() -> None:
    assert words_of(["com.Acme.Wället"]) == ["com_acme_wallet", "acme_wallet", "wallet"]
    assert asked('  2.5.0-RC2  "feature/LOGIN" -- ') == ["2_5_0_rc2", "feature_login"]
    assert asked("'; DROP TABLE builds; \x00 * NEAR(") == ["drop", "table", "builds", "near"]
    assert len(words_of([" ".join(map(str, range(5000)))])) == 400


def test_builds_are_found_by_all_that_is_known_of_them(rooms: Rooms) -> None:
    told = {"branch": "release/2.4", "commit": "f52ace0aa", "commitMessage": "Repair the Türschloss"}
    said = Submission(
        version_name="2.5.0-rc2", tags=("staging", "sprint-43"), changelog="Faster *logins*", deployer=Deployer("GitHub Actions", told)
    )  # fmt: skip
    build = rooms.upload(said=said)
    other = add(rooms, seconds=5, version_name="3.0", changelog="Nothing of that")
    rooms.processing(Reader(ANDROID)).run(build.id, 1)
    hits = ("2.5", "rc2", "stag", "sprint-4", "release/2", "2.4", "f52ace", "login", "turschloss", "github act",
            "com.acme", "wallet", "2.5.0 staging LOGIN release")  # fmt: skip
    assert {words: found(rooms, words) for words in hits} == {words: [build.id] for words in hits}
    for words in ("ogin", "2.5.0 nothing", "release/3", "_processed", "status:processed"):
        assert found(rooms, words) == []
    assert found(rooms, "example.com") == [other, build.id]
    assert found(rooms, '"*') == found(rooms) == [other, build.id]


def test_filters_are_exact_and_follow_what_becomes_of_a_build(rooms: Rooms) -> None:
    build = rooms.upload(said=Submission(tags=("a b",), deployer=Deployer("", {"branch": "main"})))
    add(rooms, seconds=-5, tags=("a",), deployer=Deployer("", {"branch": "main-2"}))
    assert found(rooms, tag="a b") == found(rooms, branch="main") == [build.id]
    assert found(rooms, tag="a_b") == found(rooms, tag="A B") == found(rooms, branch="mai") == []
    assert found(rooms, status=BuildStatus.PROCESSED) == []
    rooms.processing(Reader(ANDROID)).run(build.id, 1)
    assert (
        found(rooms, status=BuildStatus.PROCESSED)
        == found(rooms, status=BuildStatus.PROCESSED, os="android")
        == [build.id]
    )
    rooms.builds.update(rooms.scope, build.id, BuildChanges(tags=("new",), changelog="marmalade"))
    assert found(rooms, tag="a b") == []
    assert found(rooms, "marma", tag="new") == [build.id]
    choices = lists_of(rooms).choices(rooms.scope)
    assert (choices.tags, choices.branches, choices.systems) == (["a", "new"], ["main", "main-2"], ["android"])
    rooms.builds.delete(rooms.scope, build.id)
    assert found(rooms, "marma") == []


@pytest.mark.parametrize("words", ["", "common"])
@pytest.mark.parametrize("sort", list(SortField))
@pytest.mark.parametrize("descending", [True, False])
def test_every_page_follows_the_one_before_in_both_directions(
    rooms: Rooms, words: str, sort: SortField, descending: bool
) -> None:
    # Equal moments and sizes: the id, or the order of arrival, decides.
    ids = [add(rooms, seconds=n // 2, size=n % 3, version_name=f"common {n % 4}") for n in range(7)]
    wanted = BuildFilter(words=words, sort=sort, descending=descending, limit=3)
    lists, pages = lists_of(rooms), []
    while True:
        page = lists.find(rooms.scope, wanted)
        pages.append(page)
        if page.later is None:
            break
        assert wanted.fits(page.later)
        wanted = replace(wanted, cursor=page.later)
    assert [len(page.items) for page in pages] == [3, 3, 1]
    assert sorted(line.id for page in pages for line in page.items) == sorted(ids)
    assert pages[0].earlier is None
    assert {page.total for page in pages} == {7}
    back = lists.find(rooms.scope, replace(wanted, cursor=pages[2].earlier))
    assert back.items == pages[1].items
    first = lists.find(rooms.scope, replace(wanted, cursor=back.earlier))
    assert (first.items, first.earlier) == (pages[0].items, None)


def test_places_of_other_orders_are_none() -> None:
    plain, sized = BuildFilter(), BuildFilter(sort=SortField.SIZE)
    assert plain.fits(Cursor((1, "a")))
    for values in ((), (1,), ("a", 1), (1, "a", 2), (-1, "a"), (1 << 70, "a")):
        assert not plain.fits(Cursor(values))
    assert not sized.fits(Cursor((1, "a")))


def test_nobody_finds_builds_of_elsewhere(rooms: Rooms) -> None:
    mine = add(rooms, version_name="secret")
    with rooms.db.transaction() as tx:
        beside = add_app(tx, rooms.scope.organization_id)
        foreign = add_app(tx)
    theirs, far = add(rooms, beside, version_name="secret"), add(rooms, foreign, version_name="secret")
    assert found(rooms, "secret") == found(rooms) == [mine]
    everywhere = OrganizationScope(organization_id=rooms.scope.organization_id, principal=rooms.scope.principal)
    hits = [line.id for _, line in lists_of(rooms).find_everywhere(everywhere, "secret")]
    assert sorted(hits) == sorted([mine, theirs])
    assert far not in hits
    assert lists_of(rooms).lines(rooms.scope, [theirs, mine])[0].id == mine  # type: ignore[list-item]
    assert lists_of(rooms).change(rooms.scope, [theirs, far, "nonsense"], BatchChange(disabled=True)) == 0


def test_who_may_not_look_or_change_does_not(rooms: Rooms) -> None:
    nobody = replace(rooms.scope, principal=replace(rooms.scope.principal, permissions=frozenset()))
    lists = lists_of(rooms)
    for call in (
        lambda: lists.find(nobody, BuildFilter()),
        lambda: lists.find_everywhere(nobody, "a"),
        lambda: lists.choices(nobody),
        lambda: lists.lines(nobody, []),
        lambda: lists.changed_since(nobody, START, 1),
        lambda: lists.change(nobody, [], BatchChange()),
        lambda: lists.saved(nobody),
        lambda: lists.save(nobody, "a", "b"),
        lambda: lists.forget(nobody, "a"),
    ):
        with pytest.raises(Forbidden):
            call()


def test_several_builds_are_changed_at_once(rooms: Rooms) -> None:
    one, two = add(rooms, tags=("keep", "drop")), add(rooms, seconds=1, tags=("drop",))
    lists = lists_of(rooms)
    assert lists.change(rooms.scope, [one, two, one], BatchChange(add_tags=("new", "keep"))) == 2
    assert lists.change(rooms.scope, [one, two], BatchChange(remove_tags=("drop",), disabled=True)) == 2
    assert [(line.tags, line.disabled) for line in lists.find(rooms.scope, BuildFilter(descending=False)).items] == [
        (("keep", "new"), True),
        (("new", "keep"), True),
    ]
    assert lists.change(rooms.scope, [one, two], BatchChange(disabled=True)) == 0
    with pytest.raises(InvalidRequest):
        lists.change(rooms.scope, [new_entity_id()] * (MOST_CHANGED + 1), BatchChange(disabled=True))
    with pytest.raises(InvalidRequest):
        lists.change(rooms.scope, [one], BatchChange(add_tags=tuple(map(str, range(101)))))


def test_what_changed_lately_is_told_with_its_revision(rooms: Rooms) -> None:
    build = rooms.upload()
    first = lists_of(rooms).changed_since(rooms.scope, START, 10)
    rooms.later(60)
    rooms.processing(Reader(ANDROID)).run(build.id, 1)
    then = lists_of(rooms).changed_since(rooms.scope, at(30), 10)
    assert list(first) == list(then) == [build.id]
    assert then[build.id] > first[build.id]
    assert lists_of(rooms).changed_since(rooms.scope, at(90), 10) == {}


def test_filters_are_kept_for_each_person_and_app(rooms: Rooms) -> None:
    ids = [new_entity_id(), new_entity_id()]
    with rooms.db.transaction() as tx:
        for user_id in ids:
            tx.execute(
                insert(users).values(id=user_id, email=user_id, password_hash="", created_at=START, updated_at=START)
            )
    ada, bob = (scope_as(rooms.scope, user_id) for user_id in ids)
    lists = lists_of(rooms)
    lists.save(ada, " main only ", "branch=main")
    lists.save(ada, "main only", "branch=main&os=ios")
    assert [(one.name, one.query) for one in lists.saved(ada)] == [("main only", "branch=main&os=ios")]
    assert lists.saved(bob) == []
    lists.forget(bob, lists.saved(ada)[0].id)
    assert len(lists.saved(ada)) == 1
    lists.forget(ada, lists.saved(ada)[0].id)
    assert lists.saved(ada) == []
    for name, query in (("", "a"), ("x" * 65, "a"), ("x", "q" * 2001)):
        with pytest.raises(InvalidRequest):
            lists.save(ada, name, query)


def scope_as(scope: AppScope, user_id: str) -> AppScope:
    principal: Principal = replace(scope.principal, id=user_id)
    return replace(scope, principal=principal)


@pytest.mark.parametrize("enough", [1, 100])
def test_common_and_rare_words_are_found_alike_by_either_way(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch, enough: int
) -> None:
    monkeypatch.setattr(build_words, "WINDOW", 2)
    monkeypatch.setattr(build_words, "ENOUGH", enough)
    ids = [add(rooms, seconds=n, version_name=f"common odd{n % 2}") for n in range(9)]
    assert found(rooms, "common") == ids[::-1]
    assert found(rooms, "odd1", descending=False) == ids[1::2]
    assert found(rooms, "common", sort=SortField.SIZE, descending=False) == ids
    page = lists_of(rooms).find(rooms.scope, BuildFilter(words="common", limit=3))
    after = lists_of(rooms).find(rooms.scope, BuildFilter(words="common", limit=3, cursor=page.later))
    assert [line.id for line in (*page.items, *after.items)] == ids[:2:-1]


def test_somebody_with_roles_in_single_apps_finds_the_builds_of_these(rooms: Rooms) -> None:
    with rooms.db.transaction() as tx:
        beside = add_app(tx, rooms.scope.organization_id)
    add(rooms, version_name="secret")
    theirs = add(rooms, beside, version_name="secret")
    principal = replace(rooms.scope.principal, permissions=COLLABORATOR_PERMISSIONS)
    roles = frozenset({(beside.app_id, AppRole.VIEWER)})
    narrow = OrganizationScope(
        organization_id=beside.organization_id, principal=principal, app_roles=roles, only_these_apps=True
    )
    assert [line.id for _, line in lists_of(rooms).find_everywhere(narrow, "secret")] == [theirs]
    none = replace(narrow, app_roles=frozenset())
    assert lists_of(rooms).find_everywhere(none, "secret") == []
    with pytest.raises(Forbidden):
        lists_of(rooms).find_everywhere(replace(narrow, only_these_apps=False), "secret")
