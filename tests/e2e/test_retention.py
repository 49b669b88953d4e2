"""Retention as its users meet it: what would go and why, pins, the trash and the way back out of it."""

from tests.e2e.refusals import refused
from tests.openapi import Described
from tests.server import DEMO_APK, Server


def test_a_pinned_build_stays_and_one_in_the_trash_comes_back(server: Server) -> None:
    described = Described(server.anyone.get("/openapi.json").json())
    organization = server.client(f"/v1/organizations/{server.organization['id']}", server.service_token)
    build, other = server.processed(DEMO_APK)["id"], server.processed(DEMO_APK)["id"]
    pinned = server.ops.put(f"/builds/{build}/pin", json={"reason": "What the shop shows"})
    described.check("pinBuild", pinned)
    shown = server.ops.get(f"/builds/{build}/pin")
    described.check("showPin", shown)
    assert shown.json()["data"]["reason"] == "What the shop shows"
    refused(server.ops.delete(f"/builds/{build}"), 409, 1009)
    refusal = server.ops.post(f"/builds/{build}/trash")
    described.check("trashBuild", refusal)
    refused(refusal, 409, 1009)

    stays = server.ops.get("/retention")
    described.check("previewRetention", stays)
    verdicts = {one["id"]: (one["verdict"], one["reason"]) for one in stays.json()["data"]["items"]}
    assert verdicts[build] == ("stays", "pinned")
    assert verdicts[other][0] == "stays"
    described.check("previewOrganizationRetention", organization.get("/retention"))

    trashed = server.ops.post(f"/builds/{other}/trash")
    described.check("trashBuild", trashed)
    assert trashed.status_code == 200, trashed.text
    refused(server.ops.get(f"/builds/{other}"), 404, 3001)
    listed = server.ops.get("/trash")
    described.check("listTrash", listed)
    assert other in listed.text
    back = server.ops.post(f"/trash/{other}/restore")
    described.check("restoreBuild", back)
    assert server.build(other)["status"] == "processed"
    refusal = server.ops.post(f"/trash/{other}/restore")
    described.check("restoreBuild", refusal)
    refused(refusal, 404, 3001)

    assert server.ops.post(f"/builds/{other}/trash").status_code == 200
    gone = server.ops.delete(f"/trash/{other}")
    described.check("purgeBuild", gone)
    assert gone.status_code == 200, gone.text
    assert other not in server.ops.get("/trash").text
    freed = server.ops.delete(f"/builds/{build}/pin")
    described.check("unpinBuild", freed)
    refused(server.ops.get(f"/builds/{build}/pin"), 404, 3001)
    assert server.ops.delete(f"/builds/{build}").status_code == 200
