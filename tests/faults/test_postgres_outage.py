"""A PostgreSQL that goes away under a server: 503 at once, and everything as before when it is back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres, running
from tests.server import DEMO_APK, Server, Workspace, init
from tests.worker.watching import wait_for


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """Give a server that may be stopped."""
    with running() as own:
        yield own


@pytest.fixture
def server(postgres: Postgres, tmp_path: Path) -> Iterator[Server]:
    url = postgres.fresh_database()
    made = init(tmp_path / "data", {"SEATRIAL_DATABASE_URL": url})
    server = Server(Workspace(tmp_path / "data", made, url), tmp_path / "server.log")
    yield server
    server.close()


def test_a_restart_of_the_database(server: Server, postgres: Postgres) -> None:
    before = server.processed()
    postgres.stop()
    try:
        for _ in range(2):
            assert server.anyone.get("/healthz").status_code == 503
            refused = server.ci.get("/builds")
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, 1503)
            upload = server.ci.post("/builds", files={"build": ("a.apk", DEMO_APK.read_bytes())})
            assert upload.status_code == 503
    finally:
        postgres.start()
    wait_for(lambda: server.anyone.get("/healthz").status_code == 200)
    assert server.build(before["id"]) == before
    assert server.processed()["status"] == "processed"
    assert server.ci.get("/builds").json()["data"]["totalDocs"] == 2
    server.stop()
