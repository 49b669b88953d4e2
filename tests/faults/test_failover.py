"""A database that is failed over to its standby: 503 in between, and nothing that was acknowledged is lost.

The standby is a real one (streaming replication), so that a commit is on both before anybody hears of it.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import httpx
import pytest

from seatrial.domain.ids import new_entity_id
from tests.faults.breaking_proxy import Manner, breaking
from tests.faults.extent import times
from tests.postgres import Postgres, running
from tests.server import DEMO_APK, Server, Workspace, init
from tests.worker.watching import wait_for

BEFORE, AFTER = times(5, 40), times(5, 40)


class House:
    """A workspace on PostgreSQL, whose servers follow each other; the last one is, or becomes, the one in charge."""

    def __init__(self, first: Postgres, folder: Path) -> None:
        self.postgres = [first]
        url = first.fresh_database()
        self._data_dir = folder / "data"
        self._made = init(self._data_dir, {"SEATRIAL_DATABASE_URL": url})
        self._name = url.rpartition("/")[2]

    @property
    def primary(self) -> Postgres:
        return self.postgres[-1]

    @contextmanager
    def served(self, hosts: str, folder: Path) -> Iterator[Server]:
        url = f"postgresql://postgres@{hosts}/{self._name}"
        server = Server(Workspace(self._data_dir, self._made, url), folder / "server.log")
        try:
            yield server
            server.stop()
        finally:
            server.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running() as first:
        house = House(first, tmp_path_factory.mktemp("house"))
        try:
            yield house
        finally:
            for each in house.postgres[1:]:
                each.stop(signal.SIGQUIT)


class Pipeline:
    """Uploads one build after the other, each with a key of its own, and again until it is acknowledged."""

    def __init__(self, server: Server) -> None:
        self.acknowledged: list[str] = []
        self.name = new_entity_id()
        self._refusals = 0
        self._ci = server.client("/v1/integrations", server.app_token)
        self.before: int = self._ci.get("/builds").json()["data"]["totalDocs"]
        self._stopping = threading.Event()
        self._failed: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        assert not self._failed, self._failed

    def go_on(self, more: int) -> None:
        """Wait until so many more are acknowledged."""
        wanted = len(self.acknowledged) + more
        self._wait_until(lambda: len(self.acknowledged) >= wanted)

    def be_refused(self, more: int) -> None:
        """Wait until it was told to come back so many times more."""
        wanted = self._refusals + more
        self._wait_until(lambda: self._refusals >= wanted)

    def _wait_until(self, is_so: Callable[[], bool]) -> None:
        wait_for(lambda: self._failed or is_so())
        assert not self._failed, self._failed

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._upload({"Idempotency-Key": f"{self.name}-{len(self.acknowledged)}"})
        except BaseException as error:  # a thread's failure is the test's
            self._failed.append(error)

    def _upload(self, headers: dict[str, str]) -> None:
        while True:
            files = {"build": ("a.apk", DEMO_APK.read_bytes())}
            answer = self._ci.post("/builds", files=files, headers=headers)
            if answer.status_code == 200:
                self.acknowledged.append(answer.json()["data"]["id"])
                return
            assert_told_to_come_back(answer)
            self._refusals += 1
            if self._stopping.wait(0.05):
                return


def assert_nothing_is_lost_or_twice(server: Server, pipeline: Pipeline) -> None:
    wait_for(lambda: server.anyone.get("/readyz").status_code == 200)
    for build_id in pipeline.acknowledged:
        assert server.wait_for(build_id)["status"] == "processed"
    page = server.ci.get("/builds", params={"limit": 1000}).json()["data"]
    listed = {build["id"] for build in page["items"]}
    assert listed >= set(pipeline.acknowledged)
    assert len(listed) - pipeline.before <= len(pipeline.acknowledged) + 1, "the last one may have got no answer"


def assert_told_to_come_back(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, 1503), answer.text
    assert int(answer.headers["retry-after"]) > 0


def test_of_several_hosts_in_the_url(house: House, tmp_path: Path) -> None:
    primary, standby = house.primary, house.primary.standby()
    house.postgres.append(standby)
    with house.served(f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}", tmp_path) as server:
        with Pipeline(server) as pipeline:
            pipeline.go_on(BEFORE)
            primary.stop(signal.SIGQUIT)
            pipeline.be_refused(2)
            assert_told_to_come_back(server.anyone.get("/healthz"))
            assert server.anyone.get("/readyz").status_code == 503
            standby.promote()
            pipeline.go_on(AFTER)
        assert_nothing_is_lost_or_twice(server, pipeline)


def test_an_address_that_moves(house: House, tmp_path: Path) -> None:
    """It leads to a server that only reads for a while: connections to that are not kept, it may stay like that."""
    primary, standby = house.primary, house.primary.standby()
    house.postgres.append(standby)
    current = primary
    with breaking(lambda: current.port) as proxy, house.served(f"127.0.0.1:{proxy.port}", tmp_path) as server:
        with Pipeline(server) as pipeline:
            pipeline.go_on(BEFORE)
            current = standby
            proxy.treat(Manner.WELL)  # cuts what is open
            pipeline.be_refused(10)
            current = primary  # and cuts nothing
            pipeline.go_on(BEFORE)
            primary.stop(signal.SIGQUIT)
            pipeline.be_refused(2)
            current = standby
            wait_for(lambda: server.anyone.get("/healthz").status_code == 200)  # it can be read already
            standby.promote()
            pipeline.go_on(AFTER)
        assert_nothing_is_lost_or_twice(server, pipeline)
