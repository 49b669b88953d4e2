"""Nights of retention: one for all servers, and none left out."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from seatrial.db import tables
from seatrial.db.retention import Offered
from seatrial.domain.ids import AppId, BuildId
from seatrial.domain.retention import Place, RuleSource
from seatrial.services.apps import Apps
from seatrial.services.retention import NIGHTLY, NightlyRetention
from seatrial.services.schedules import Schedules, latest_night
from tests.db.sample_rows import START, add_app
from tests.services.keeper import DAY, Keeper
from tests.services.published_shelf import Shelf
from tests.services.rooms import Rooms


@pytest.fixture(autouse=True)
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a handful of builds be as many steps as thousands are."""
    for name in ("seatrial.db.retention.STEP", "seatrial.services.retention._AT_ONCE"):
        monkeypatch.setattr(name, 3)


@pytest.fixture
def keeper(rooms: Rooms) -> Keeper:
    rooms.later(1000 * DAY)
    return Keeper(rooms, rooms.scope)


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
