"""Rules of retention: what the preview says is what a run does, and nothing else."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select, update

from seatrial.db import apps, organizations, tables
from seatrial.db import builds as build_rows
from seatrial.db.engine import Database
from seatrial.db.retention import Offered
from seatrial.domain.access import AppScope, MemberRole
from seatrial.domain.app import AppSettings, OrganizationChanges
from seatrial.domain.errors import Conflict, EntityNotFound, Forbidden, InvalidRequest
from seatrial.domain.ids import AppId, BuildId
from seatrial.domain.retention import Judged, Place, Reason, RetentionQuery, Rule, RuleSource
from seatrial.services.apps import Apps
from seatrial.services.organizations import Organizations
from seatrial.services.pins import Pins
from seatrial.services.retention import NIGHTLY, NightlyRetention, Retention
from seatrial.services.schedules import Schedules, latest_night
from tests.db.sample_rows import START, add_app, new_build
from tests.services.published_shelf import Shelf
from tests.services.rooms import OnlyStore, Rooms
from tests.services.scopes import with_role

DAY = 24 * 3600
EVERYTHING = RetentionQuery(limit=1000)


@dataclass
class Keeper:
    """An app with builds of any age, and publications to choose among them."""

    rooms: Rooms
    scope: AppScope
    shelf: Shelf = field(default_factory=Shelf)

    @property
    def retention(self) -> Retention:
        return Retention(self.rooms.db, self.shelf, self.rooms.now)

    @property
    def pins(self) -> Pins:
        return Pins(self.rooms.db, self.rooms.now)

    def build(self, days: float, status: str = "processed", os: str = "android", size: int = 3) -> str:
        """Add a build that is so many days old."""
        new = new_build(os=os, size=size, now=self.rooms.time - timedelta(days=days))
        with self.rooms.db.transaction() as tx:
            build_rows.insert_build(tx, self.scope, new)
            tx.execute(update(tables.builds).where(tables.builds.c.id == new.id).values(status=status))
            _recount(tx, self.scope.app_id)
        return new.id

    def rule(self, days: int | None = None, per_publication: int | None = None) -> None:
        said = AppSettings(build_retention_days=days, builds_retained_per_publication=per_publication)
        with self.rooms.db.transaction() as tx:
            apps.update_app(tx, self.scope, said, self.rooms.time)

    def why(self, query: RetentionQuery = EVERYTHING) -> dict[str, Reason]:
        return {one.verdict.facts.id: one.verdict.reason for one in self.lines(query)}

    def lines(self, query: RetentionQuery = EVERYTHING) -> Sequence[Judged]:
        return self.retention.preview(self.scope, query).page.items

    def there(self) -> set[str]:
        with self.rooms.db.read() as tx:
            own = tables.builds.c.app_id == self.scope.app_id
            return set(tx.execute(select(tables.builds.c.id).where(own)).scalars())


def _recount(tx: Connection, app_id: str) -> None:
    """Set an app's counters to what there is."""
    for table, columns in (
        (tables.build_counts, ("app_id", "status", "os")),
        (tables.build_version_counts, ("app_id", "version_name", "status", "os")),
    ):
        tx.execute(table.delete().where(table.c.app_id == app_id))
        kinds = [tables.builds.c[name] for name in columns]
        counted = select(*kinds, func.count()).where(tables.builds.c.app_id == app_id).group_by(*kinds)
        tx.execute(table.insert().from_select([*columns, "builds"], counted))


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


def nightly(keeper: Keeper, executor: str) -> NightlyRetention:
    schedules = Schedules(executor, keeper.rooms.now)
    return NightlyRetention(keeper.rooms.db, keeper.retention, schedules, 3, keeper.rooms.now)


def test_it_runs_once_a_night_and_makes_up_for_a_missed_one(keeper: Keeper) -> None:
    assert latest_night(START, 3) == START.replace(hour=3)
    assert latest_night(START, 13) == START.replace(hour=13) - timedelta(days=1)
    keeper.build(1)
    old = keeper.build(50)
    keeper.rule(days=30)
    keeper.rooms.register("executor-two")
    nightly(keeper, "executor-one").run()
    assert old not in keeper.there()
    older = keeper.build(60)
    for executor in ("executor-one", "executor-two"):
        nightly(keeper, executor).run()
    assert older in keeper.there(), "the night is over"
    keeper.rooms.later(5 * DAY)
    nightly(keeper, "executor-two").run()
    assert older not in keeper.there()
    overview = Apps(keeper.rooms.db, keeper.rooms.blobs.provider, keeper.rooms.now).get(keeper.scope)
    assert overview.last_run is not None
    assert (overview.last_run.builds, overview.last_run.finished_at) == (1, keeper.rooms.time)
    assert (overview.retention.rule.days, overview.retention.days_source) == (30, RuleSource.APPLICATION)


def test_of_two_servers_one_takes_the_night_and_the_other_goes_on_when_it_dies(keeper: Keeper) -> None:
    keeper.rooms.register("executor-two")
    one, two = (Schedules(name, keeper.rooms.now) for name in ("executor-one", "executor-two"))
    night = latest_night(keeper.rooms.time, 3)

    def claim(schedules: Schedules, name: str = NIGHTLY) -> bool:
        with keeper.rooms.db.transaction() as tx:
            return schedules.claim(tx, name, night)

    assert (claim(one), claim(two), claim(two, "digests")) == (True, False, True)
    assert claim(one), "its own turn, cut off by a failure, is gone on with"
    with keeper.rooms.db.transaction() as tx:
        tx.execute(tables.executors.delete().where(tables.executors.c.id == "executor-one"))
    assert claim(two)
    with keeper.rooms.db.transaction() as tx:
        two.finish(tx, NIGHTLY, night)
    assert (claim(one), claim(two)) == (False, False)


def test_many_ask_for_a_night_at_once_and_one_gets_it(keeper: Keeper) -> None:
    got: list[str] = []
    ready = threading.Barrier(4)

    def ask(name: str) -> None:
        ready.wait()
        with keeper.rooms.db.transaction() as tx:
            if Schedules(name, keeper.rooms.now).claim(tx, "digests", keeper.rooms.time):
                got.append(name)

    for number in range(4):
        keeper.rooms.register(f"many-{number}")
    threads = [threading.Thread(target=ask, args=(f"many-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1


def test_a_run_that_is_told_to_stop_leaves_the_rest_to_the_next(keeper: Keeper) -> None:
    keeper.build(1)
    for n in range(5):
        keeper.build(50 + n)
    keeper.rule(days=30)

    class Stopping(Shelf):
        def places(
            self, tx: Connection, app_id: AppId, build_id: BuildId, now: datetime, most: int
        ) -> tuple[Place, ...]:
            job.stop()
            return super().places(tx, app_id, build_id, now, most)

    keeper.shelf = Stopping()
    job = nightly(keeper, "executor-one")
    job.run()
    assert len(keeper.there()) == 5
    keeper.shelf = Shelf()
    nightly(keeper, "executor-one").run()
    assert len(keeper.there()) == 1


def test_one_apps_trouble_does_not_keep_the_builds_of_others(keeper: Keeper) -> None:
    with keeper.rooms.db.transaction() as tx:
        other = Keeper(keeper.rooms, add_app(tx, keeper.scope.organization_id))
    for one in (keeper, other):
        one.build(1)
        one.build(50)
        one.rule(days=30)

    class Broken(Shelf):
        def offered(self, tx: Connection, app_id: AppId, now: datetime, most: int | None) -> Iterator[Offered]:
            if app_id == keeper.scope.app_id:
                raise RuntimeError("broken")
            return super().offered(tx, app_id, now, most)

    keeper.shelf = Broken()
    with pytest.raises(RuntimeError, match="1 apps"):
        nightly(keeper, "executor-one").run()
    assert (len(keeper.there()), len(other.there())) == (2, 1)
    keeper.shelf = Shelf()
    nightly(keeper, "executor-one").run()
    assert len(keeper.there()) == 1


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
