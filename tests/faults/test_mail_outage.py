"""A mail server that is gone, or takes connections and says nothing: nobody waits for it, and no mail is lost or twice."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import smtp
from tests.e2e.administering import administrator, data
from tests.faults.aftermath import settle
from tests.faults.breaking_proxy import BreakingProxy, Manner, breaking
from tests.faults.extent import times
from tests.server import Server, Workspace
from tests.worker.watching import wait_for

PEOPLE = ("eva@example.com", "hans@example.com")


@pytest.fixture
def post() -> smtp.Post:
    return smtp.Post()


@pytest.fixture
def proxy(post: smtp.Post) -> Iterator[BreakingProxy]:
    with smtp.serving(post) as port, breaking(lambda: port) as proxy:
        yield proxy


@pytest.fixture
def server(proxy: BreakingProxy, workspace: Workspace, tmp_path: Path) -> Iterator[Server]:
    settings = {
        "SEATRIAL_MAIL__HOST": "127.0.0.1",
        "SEATRIAL_MAIL__PORT": str(proxy.port),
        "SEATRIAL_MAIL__SECURITY": "none",
        "SEATRIAL_MAIL__SENDER": "builds@example.com",
    }
    server = Server(workspace.copied_to(tmp_path), tmp_path / "server.log", settings)
    yield server
    server.close()


def test_a_mail_server_that_is_gone_or_says_nothing(server: Server, proxy: BreakingProxy, post: smtp.Post) -> None:
    """In full, also one that says nothing, which is given up after its ten seconds."""
    admin = administrator(server)
    for person in PEOPLE:
        data(admin.post("/employees", json={"email": person}))
    mails = server.client(f"/v1/organizations/{server.organization['id']}/mails", server.service_token)

    def states(build_id: str) -> list[str]:
        found = mails.get("", params={"build": build_id}).json()["data"]["items"]
        return [mail["status"] for mail in found]

    builds = []
    for manner in (Manner.GONE, Manner.SILENT)[: times(1, 2)]:
        proxy.treat(manner)
        builds.append(server.processed(notifyEmployees="true")["id"])
        wait_for(lambda: states(builds[-1]) == ["deferred"] * len(PEOPLE))
        assert server.processed()["status"] == "processed"  # what has to do with no mail goes on
        assert server.anyone.get("/readyz").status_code == 200
    assert not post.taken
    proxy.treat(Manner.WELL)
    # As the passing of a minute would:
    server.write("UPDATE workflow_status SET delay_until_epoch_ms = 0 WHERE status = 'DELAYED'")
    post.wait_for(len(builds) * len(PEOPLE))
    wait_for(lambda: [states(build_id) for build_id in builds] == [["sent"] * len(PEOPLE)] * len(builds))
    settle(server)
    assert Counter(recipient for recipient, _ in post.taken) == dict.fromkeys(PEOPLE, len(builds))
