"""Builds that are read again: by the API, by the command line, and what a person at the dashboard is offered."""

from uuid import uuid4

from tests.e2e.refusals import refused
from tests.server import Server


def test_one_build_and_those_of_an_app(server: Server) -> None:
    broken, fine = server.wait_for(server.upload(b"no build at all")["id"]), server.processed()
    key = {"Idempotency-Key": uuid4().hex}
    again = server.ops.post(f"/builds/{broken['id']}/reprocess", headers=key).json()["data"]
    assert (again["status"], again["queuedTime"], again["processTime"]) == ("pending", 0, 0)
    assert "errorCode" not in again
    assert server.wait_for(broken["id"])["errorCode"] == "UNRECOGNISED_FORMAT"
    refused(server.ci.post(f"/builds/{'0' * 24}/reprocess"), 404, 3001)
    # The answer was lost: the build is not read a second time, nor is another one under the same key.
    repeated = server.ops.post(f"/builds/{broken['id']}/reprocess", headers=key)
    assert repeated.headers["idempotency-replayed"] == "true"
    assert repeated.json()["data"]["errorCode"] == "UNRECOGNISED_FORMAT"
    refused(server.ops.post(f"/builds/{fine['id']}/reprocess", headers=key), 409, 1009)
    app = ("--app", server.app["slug"])
    assert server.admin("build", "reprocess", fine["id"], *app) == {"builds": 1}
    read = server.wait_for(fine["id"])
    assert (read["status"], read["versionName"]) == ("processed", fine["versionName"])
    assert sorted(one["type"] for one in read["files"]) == ["icon", "original", "package"]
    before = server.build(broken["id"])["updatedAt"]
    assert server.admin("build", "reprocess", "--status", "error", *app)["builds"] >= 1
    assert server.build(broken["id"])["updatedAt"] > before
    assert server.build(fine["id"])["updatedAt"] == read["updatedAt"]
