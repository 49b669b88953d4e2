"""Clocks that jump a day ahead and back again under running processes: nothing sticks, and nothing lives for ever."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest

from tests import smtp
from tests.e2e.administering import administrator, data, login, member
from tests.faults.aftermath import assert_sound, settle
from tests.faults.breaking_proxy import BreakingProxy, Manner, breaking
from tests.faults.false_clock import DAY, FalseClock, false_clock
from tests.server import DEMO_APK, Server, Workspace, seatrial
from tests.worker.watching import wait_for


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FalseClock]:
    with false_clock(tmp_path_factory.mktemp("clock")) as clock:
        yield clock


@pytest.fixture(scope="module")
def post() -> smtp.Post:
    return smtp.Post()


@pytest.fixture(scope="module")
def mail_server(post: smtp.Post) -> Iterator[BreakingProxy]:
    """Give one that is gone."""
    with smtp.serving(post) as port, breaking(lambda: port) as proxy:
        proxy.treat(Manner.GONE)
        yield proxy


@pytest.fixture(scope="module")
def server(
    clock: FalseClock,
    mail_server: BreakingProxy,
    workspaces: Callable[[str], Workspace],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("clocks")
    settings = clock.settings | {
        "SEATRIAL_MAIL__HOST": "127.0.0.1",
        "SEATRIAL_MAIL__PORT": str(mail_server.port),
        "SEATRIAL_MAIL__SECURITY": "none",
        "SEATRIAL_MAIL__SENDER": "builds@example.com",
        "SEATRIAL_RATES__TOKEN": "10000",
    }
    server = Server(workspaces("sqlite").copied_to(folder), folder / "server.log", settings)
    yield server
    clock.set(0)
    server.close()


def jump(clock: FalseClock, server: Server, seconds: int) -> None:
    """Set the clock, and see that the server goes by it."""
    clock.set(seconds)

    def ahead() -> float:
        told = parsedate_to_datetime(server.anyone.get("/healthz").headers["date"])
        return (told - datetime.now(UTC)).total_seconds()

    wait_for(lambda: abs(ahead() - seconds) < DAY / 2)  # which is written anew each second


def redeemed(server: Server, token: str) -> httpx.Response:
    return server.anyone.get(f"/v1/download/{token}", follow_redirects=True)


def test_a_day_ahead_and_back(server: Server, clock: FalseClock, mail_server: BreakingProxy, post: smtp.Post) -> None:
    admin = administrator(server)
    data(admin.post("/employees", json={"email": "eva@example.com"}))
    build = server.processed()
    kept, spent = server.token(build["id"]), server.token(build["id"])
    assert redeemed(server, spent).content == DEMO_APK.read_bytes()
    _, early = member(server, admin, "sam@example.com", "admin")

    jump(clock, server, DAY)
    assert redeemed(server, kept).json()["error"]["code"] == 4005
    assert early.get("/apps").status_code == 401, "a session of half a day is over"
    late = server.client("", data(login(server, "sam@example.com"))["accessToken"]["token"])
    link = server.anyone.get(f"/v1/download/{server.token(build['id'])}").headers["location"]
    waits = server.processed(notifyEmployees="true")
    mails = f"/v1/organizations/{server.organization['id']}/mails"
    reader = server.client(mails, server.service_token)
    wait_for(lambda: "deferred" in reader.get("", params={"build": waits["id"]}).text)
    future = server.token(build["id"])

    mail_server.treat(Manner.WELL)  # first, so that the next try is the one that was to be made tomorrow
    jump(clock, server, 0)
    assert redeemed(server, spent).json()["error"]["code"] == 4005, "what was spent stays spent"
    assert server.anyone.get(link).content == DEMO_APK.read_bytes()
    assert redeemed(server, future).content == DEMO_APK.read_bytes()
    assert late.get(server.workspace_path() + "/builds").status_code == 200
    assert server.processed()["status"] == "processed"
    assert server.wait_for(waits["id"])["status"] == "processed"
    post.wait_for(1)  # it was to be tried again in a minute, not in a day
    wait_for(lambda: '"sent"' in reader.get("", params={"build": waits["id"]}).text)
    settle(server)
    assert_sound(server.data_dir)


def test_a_server_that_starts_in_the_past(server: Server, clock: FalseClock) -> None:
    """Its clock was not set yet, as on small machines; what the last one has left is all of the future."""
    waiting = server.upload()["id"]
    server.kill()
    clock.set(-DAY)
    server.start()
    assert server.wait_for(waiting)["status"] == "processed"
    build = server.processed()
    token = server.token(build["id"])
    jump(clock, server, 0)
    assert redeemed(server, token).json()["error"]["code"] == 4005
    assert server.processed()["status"] == "processed"
    settle(server)
    assert_sound(server.data_dir)


def test_the_doctor_finds_a_clock_that_is_wrong(server: Server, clock: FalseClock) -> None:
    real = {name: value for name, value in server.settings.items() if name not in clock.settings}
    for seconds in (DAY, -DAY):
        jump(clock, server, seconds)
        command = ("doctor", "--data-dir", server.data_dir, "--url", server.base_url, "--json")
        found = [one for one in json.loads(seatrial(*command, settings=real).stdout) if one["name"] == "clock"]
        wrong = next(one for one in found if one["level"] == "error")
        apart = re.search(r" (\d+) seconds apart", wrong["says"])
        assert apart is not None, wrong
        assert abs(int(apart[1]) - DAY) < 600
        assert "NTP" in wrong["fix"]
    jump(clock, server, 0)
