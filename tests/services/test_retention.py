"""Rules of retention: what the preview says is what a run does, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from seatrial.db import organizations, tables
from seatrial.db.engine import Database
from seatrial.db.retention import Offered
from seatrial.domain.access import MemberRole
from seatrial.domain.app import AppSettings, OrganizationChanges
from seatrial.domain.errors import Conflict, EntityNotFound, Forbidden, InvalidRequest
from seatrial.domain.ids import AppId
from seatrial.domain.retention import Reason, RetentionQuery, Rule, RuleSource
from seatrial.services.apps import Apps
from seatrial.services.organizations import Organizations
from tests.db.sample_rows import add_app
from tests.services.keeper import DAY, EVERYTHING, Keeper
from tests.services.published_shelf import Shelf
from tests.services.rooms import OnlyStore, Rooms
from tests.services.scopes import with_role


@pytest.fixture(autouse=True)
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a handful of builds be as many steps as thousands are."""
    for name in ("seatrial.db.retention.STEP", "seatrial.services.retention._AT_ONCE"):
        monkeypatch.setattr(name, 3)


@pytest.fixture
def keeper(rooms: Rooms) -> Keeper:
    rooms.later(1000 * DAY)
    return Keeper(rooms, rooms.scope)


def test_age_alone_spares_what_is_pinned_published_newest_or_not_done(keeper: Keeper) -> None:
    old, pinned, given_, second = (keeper.build(days) for days in (50, 51, 52, 53))
    ios = keeper.build(99, os="ios")
    waiting, failed = keeper.build(60, "pending"), keeper.build(60, "error")
    young, today = keeper.build(10), keeper.build(0.5, "error")
    keeper.shelf.choosing["beta"] = {given_, second}
    keeper.pins.put(keeper.scope, pinned, "in court")
    keeper.rule(days=30)
    assert keeper.why() == {
        old: Reason.OLD,
        pinned: Reason.PINNED,
        given_: Reason.PUBLISHED,
        second: Reason.OLD,
        ios: Reason.NEWEST,
        waiting: Reason.UNFINISHED,
        failed: Reason.OLD,
        young: Reason.NEWEST,
        today: Reason.RECENT,
    }
    said: dict[str, str] = {one.verdict.facts.id: one.verdict.sentence for one in keeper.lines()}
    assert said[old] == "goes: 50 days old, kept by no publication"
    assert said[second] == "goes: 53 days old, kept by no publication"
    assert said[given_] == "kept: published to beta (1 of 1)"
    assert said[pinned] == "kept: pinned by ada@example.com: in court"


def test_both_values_take_only_what_is_old_and_beyond_the_count(keeper: Keeper) -> None:
    """`max 5 builds and > 30 days`, as people ask for it."""
    published = [keeper.build(days) for days in range(1, 60)]
    keeper.shelf.choosing["all"] = set(published)
    keeper.rule(days=30, per_publication=40)
    assert [one for one, reason in keeper.why().items() if reason.goes] == published[40:]
    keeper.rule(days=30, per_publication=5)
    assert [one for one, reason in keeper.why().items() if reason.goes] == published[29:]


def test_count_alone_takes_what_every_publication_has_enough_of(keeper: Keeper) -> None:
    release, nightly, nowhere = ([keeper.build(days + shift) for days in range(2, 7)] for shift in (0.0, 0.1, 0.2))
    failed = keeper.build(500, "error")
    keeper.shelf.choosing |= {"release": set(release), "all": {*release, *nightly}}
    keeper.rule(per_publication=3)
    found = keeper.why()
    assert {one for one, reason in found.items() if reason is Reason.SURPLUS} == {*release[3:], *nightly[1:]}
    assert {one for one, reason in found.items() if reason is Reason.UNPUBLISHED} == {*nowhere, failed}


def test_what_a_publication_names_is_never_taken(keeper: Keeper) -> None:
    keeper.build(2)
    named = keeper.build(900)
    keeper.shelf.naming["golden"] = {named}
    keeper.rule(days=1, per_publication=1)
    assert keeper.why()[named] is Reason.PUBLISHED


def test_without_a_rule_nothing_goes(keeper: Keeper) -> None:
    keeper.build(2)
    old = keeper.build(900)
    assert keeper.why()[old] is Reason.NO_RULE
    run = keeper.retention.run(keeper.scope)
    assert (run.builds, keeper.there()) == (0, set(keeper.why()))


def test_each_value_is_the_apps_own_or_else_the_organizations(keeper: Keeper) -> None:
    with keeper.rooms.db.transaction() as tx:
        changes = OrganizationChanges(build_retention_days=90, builds_retained_per_publication=7)
        organizations.update_organization(tx, keeper.scope, changes, keeper.rooms.time)
    keeper.rule(per_publication=2)
    rule = keeper.retention.preview(keeper.scope, EVERYTHING).rule
    assert (rule.rule, rule.days_source) == (Rule(90, 2), RuleSource.ORGANIZATION)
    assert rule.per_publication_source is RuleSource.APPLICATION
    tried = keeper.retention.preview(keeper.scope, replace(EVERYTHING, tried=Rule(days=1))).rule
    assert (tried.rule, tried.days_source) == (Rule(1, 2), RuleSource.REQUEST)


def test_a_rule_tried_out_changes_nothing(keeper: Keeper) -> None:
    keeper.build(2)
    old = keeper.build(40, size=7)
    found = keeper.retention.preview(keeper.scope, RetentionQuery(goes=True, tried=Rule(days=30)))
    assert [one.verdict.facts.id for one in found.page.items] == [old]
    assert (found.totals.goes, found.totals.bytes, found.totals.stays, found.page.total) == (1, 7, 1, 1)
    assert old in keeper.there()
    assert keeper.retention.preview(keeper.scope, EVERYTHING).totals.goes == 0


def test_an_organizations_preview_has_every_app(keeper: Keeper) -> None:
    with keeper.rooms.db.transaction() as tx:
        other = Keeper(keeper.rooms, add_app(tx, keeper.scope.organization_id), keeper.shelf)
        foreign = Keeper(keeper.rooms, add_app(tx), keeper.shelf)
    for one in (keeper, other, foreign):
        one.build(1)
        one.build(80)
    query = RetentionQuery(goes=True, tried=Rule(days=30))
    found = keeper.retention.preview_all(keeper.scope, query)
    assert (found.totals.goes, found.totals.stays) == (2, 2)
    assert {one.app_id for one in found.page.items} == {keeper.scope.app_id, other.scope.app_id}
    pages = [keeper.retention.preview_all(keeper.scope, replace(query, page=n, limit=1)).page for n in (1, 2, 3)]
    assert [one.verdict.facts.id for page in pages for one in page.items] == [
        one.verdict.facts.id for one in found.page.items
    ]


@dataclass(frozen=True)
class Sort:
    """A build as chance has it."""

    days: int
    status: str
    os: str
    shelves: frozenset[str]
    named: bool
    pinned: bool


SORTS = st.builds(
    Sort,
    days=st.integers(0, 12),
    status=st.sampled_from(["processed"] * 5 + ["error", "pending", "in_progress"]),
    os=st.sampled_from(["android", "ios"]),
    shelves=st.frozensets(st.sampled_from(["a", "b", "c"])),
    named=st.sampled_from([False] * 7 + [True]),
    pinned=st.sampled_from([False] * 7 + [True]),
)
RULES = st.builds(Rule, st.none() | st.integers(1, 9), st.none() | st.integers(1, 4))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sorts=st.lists(SORTS, max_size=16), rule=RULES)
def test_a_run_does_what_the_preview_says(database: Database, sorts: list[Sort], rule: Rule) -> None:
    with OnlyStore() as blobs:
        rooms = _world(database, blobs)
        keeper = Keeper(rooms, rooms.scope)
        keeper.shelf.naming["named"] = set()
        for one in sorts:
            build_id = keeper.build(one.days, one.status, one.os)
            for shelf in one.shelves if one.status == "processed" else ():
                keeper.shelf.choosing.setdefault(shelf, set()).add(build_id)
            if one.named:
                keeper.shelf.naming["named"].add(build_id)
            if one.pinned:
                keeper.pins.put(keeper.scope, build_id, "by chance")
        keeper.rule(rule.days, rule.per_publication)
        said = keeper.retention.preview(keeper.scope, EVERYTHING)
        going = {one.verdict.facts.id for one in said.page.items if one.verdict.goes}
        listed = keeper.lines(replace(EVERYTHING, goes=True))
        assert {one.verdict.facts.id for one in listed} == going
        assert (said.totals.goes, said.totals.bytes) == (len(going), sum(one.bytes for one in listed))
        before = keeper.there()
        run = keeper.retention.run(keeper.scope)
        assert (before - keeper.there(), run.builds, run.bytes) == (going, len(going), said.totals.bytes)
        # What is left is what stays: a second run finds nothing.
        assert keeper.retention.run(keeper.scope).builds == 0


def _world(database: Database, blobs: OnlyStore) -> Rooms:
    """Make rooms of an organization of their own: the examples of one test share a database."""
    with database.transaction() as tx:
        tx.execute(tables.executors.delete())
    rooms = Rooms(database, blobs)
    rooms.later(1000 * DAY)
    return rooms


def test_what_was_pinned_or_published_meanwhile_is_not_taken(keeper: Keeper) -> None:
    keeper.build(1)
    olds = [keeper.build(50 + n) for n in range(4)]
    keeper.rule(days=30)

    class Turning(Shelf):
        """Publishes a build after the first look at them, and pins another one."""

        def offered(self, tx: Connection, app_id: AppId, now: datetime, most: int | None) -> Iterator[Offered]:
            found = list(super().offered(tx, app_id, now, most))
            if not self.choosing:
                keeper.pins.put(keeper.scope, olds[2], "late")
            self.choosing["late"] = {olds[1]}
            return iter(found)

    assert {one for one, reason in keeper.why().items() if reason.goes} == set(olds)
    keeper.shelf = Turning()
    run = keeper.retention.run(keeper.scope)
    assert (run.builds, {olds[1], olds[2]} <= keeper.there()) == (2, True)


def test_pins_say_who_why_and_since_when(keeper: Keeper) -> None:
    build = keeper.build(1)
    with pytest.raises(EntityNotFound):
        keeper.pins.get(keeper.scope, build)
    keeper.pins.put(keeper.scope, build.upper(), "  golden  ")
    pin = keeper.pins.get(keeper.scope, build)
    assert (pin.reason, pin.pinned_by.email, pin.pinned_at) == ("golden", "ada@example.com", keeper.rooms.time)
    keeper.pins.put(keeper.scope, build, "another reason")
    assert keeper.pins.get(keeper.scope, build).reason == "another reason"
    with pytest.raises(Conflict, match="another reason"):
        keeper.rooms.builds.delete(keeper.scope, build)
    keeper.pins.remove(keeper.scope, build)
    for gone in (build, "f" * 24, "x"):
        with pytest.raises(EntityNotFound):
            keeper.pins.remove(keeper.scope, gone)
    with pytest.raises(InvalidRequest):
        keeper.pins.put(keeper.scope, build, "  ")
    keeper.rooms.builds.delete(keeper.scope, build)
    with keeper.rooms.db.read() as tx:
        actions = tx.execute(select(tables.audit_log.c.action)).scalars().all()
    assert actions == ["build.pin", "build.pin", "build.unpin", "build.delete"]


def test_who_may_not_does_not(keeper: Keeper) -> None:
    build = keeper.build(1)
    viewer = with_role(keeper.scope, MemberRole.VIEWER)
    editor = with_role(keeper.scope, MemberRole.EDITOR)
    some_apps = Apps(keeper.rooms.db, keeper.rooms.blobs.provider, keeper.rooms.now)
    for call in (
        lambda: keeper.pins.put(viewer, build, "why"),
        lambda: keeper.pins.remove(viewer, build),
        lambda: keeper.retention.run(viewer),
        lambda: keeper.retention.preview(with_role(keeper.scope, MemberRole.UNASSIGNED), EVERYTHING),
        lambda: keeper.retention.preview_all(with_role(keeper.scope, MemberRole.UNASSIGNED), EVERYTHING),
        # An editor edits apps, and sends them back as they were shown, but chooses no rule.
        lambda: some_apps.update(editor, AppSettings(build_retention_days=3)),
        lambda: Organizations(keeper.rooms.db, keeper.rooms.now).update(editor, OrganizationChanges(trash_days=3)),
    ):
        with pytest.raises(Forbidden):
            call()
    some_apps.update(editor, AppSettings(build_retention_days=None, description="new"))
    keeper.retention.preview(viewer, EVERYTHING)
