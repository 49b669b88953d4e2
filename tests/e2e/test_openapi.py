"""The OpenAPI document against a live server: real answers."""

from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from tests.apple_devices import make_known
from tests.openapi import Described
from tests.server import DEMO_IPA, Json, Server

HERE = Path(__file__).parent
PASSWORD = "correct horse battery"
SAID = {"type": "bug", "message": "It breaks.", "hasVideo": True}


@pytest.fixture(scope="module")
def described(server: Server) -> Described:
    return Described(server.anyone.get("/openapi.json").json())


def organization(server: Server) -> httpx.Client:
    return server.client(f"/v1/organizations/{server.organization['id']}", server.service_token)


def made(answer: httpx.Response) -> Json:
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()["data"]
    return found


def test_the_document_is_served_once_per_version(server: Server) -> None:
    first = server.anyone.get("/openapi.json")
    assert first.headers["content-type"] == "application/json"
    etag = first.headers["etag"]
    for said in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = server.anyone.get("/openapi.json", headers={"If-None-Match": said})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert server.anyone.get("/openapi.json", headers={"If-None-Match": '"other"'}).content == first.content
    assert server.anyone.head("/openapi.json").headers["content-length"] == str(len(first.content))


class _Page(HTMLParser):
    """What a page loads, where it leads, and the places in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[str] = []
        self.places: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attributes}
        self.tags.add(tag)
        self.loads += [said[name] for name in ("src",) if name in said]
        self.loads += [said["href"]] if tag == "link" else []
        self.leads += [said["href"]] if tag == "a" else []
        self.places += [said["id"]] if "id" in said else []

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_shows_every_operation_and_loads_nothing_from_outside(server: Server, described: Described) -> None:
    answer = server.anyone.get("/docs")
    page = _Page(answer.text)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not page.tags & {"script", "iframe", "object", "style"}
    assert page.loads
    for path in page.loads:
        assert path.startswith("/static/")
        assert server.anyone.get(path).status_code == 200
    assert len(page.places) == len(set(page.places))
    assert {lead for lead in page.leads if not lead.startswith("#")} == {"/openapi.json"}
    assert {lead[1:] for lead in page.leads if lead.startswith("#")} <= set(page.places)
    shown = page.text.replace("\u200b", "")
    for name, operation in described.operations().items():
        assert name in page.places
        assert operation["path"] in shown
        for sample in operation.get("x-codeSamples", []):
            assert sample["source"] in shown
            assert server.base_url in sample["source"]


def test_a_forged_host_is_no_address_of_ours(server: Server) -> None:
    for host in ("evil.example", "127.0.0.1:evil.example", 'localhost:1"><p>evil.example', "localhost@evil.example"):
        for path in ("/docs", "/openapi.json"):
            answer = server.anyone.get(path, headers={"Host": host})
            assert "evil.example" not in answer.text
            assert "own-address.invalid" not in answer.text
            assert server.base_url in answer.text


def test_real_answers_of_builds(server: Server, described: Described) -> None:
    for name, client in (("integrations", server.ci), ("workspace", server.ops)):
        pending = client.post("/builds", files={"build": ("demo.ipa", DEMO_IPA.read_bytes())})
        described.check(f"{name}UploadBuild", pending)
        build = server.wait_for(pending.json()["data"]["id"])["id"]
        described.check(f"{name}ShowBuild", client.get(f"/builds/{build}"))
        described.check(f"{name}ListBuilds", client.get("/builds"))
        described.check(f"{name}UpdateBuild", client.put(f"/builds/{build}", json={"tags": ["a"]}))
        described.check(f"{name}AttachFiles", client.post(f"/builds/{build}/files", files={"file": ("a.txt", b"a")}))
        broken = server.wait_for(server.upload(b"nothing known")["id"])
        assert broken["status"] == "error"
        described.check(f"{name}ShowBuild", client.get(f"/builds/{broken['id']}"))
        too_early = client.post(f"/builds/{broken['id']}/files", files={"file": ("a.txt", b"a")})
        assert too_early.json()["error"]["code"] == 5014
        described.check(f"{name}AttachFiles", too_early)
        described.check(f"{name}DeleteBuild", client.delete(f"/builds/{build}"))
        described.check(f"{name}DeleteBuild", client.delete(f"/builds/{build}"))


def test_real_answers_of_downloads(server: Server, described: Described) -> None:
    build = server.processed(DEMO_IPA)["id"]
    described.check("workspaceCreateDownloadToken", server.ops.get(f"/builds/{build}/downloadToken"))
    token = server.token(build)
    described.check("peekDownloadToken", server.anyone.head(f"/v1/download/{token}"))
    described.check("redeemDownloadToken", server.anyone.get(f"/v1/download/{token}"))
    described.check("redeemDownloadToken", server.anyone.get(f"/v1/download/{token}"))
    described.check("redeemDownloadToken", server.anyone.get("/v1/download/never"))
    described.check("showInstallManifest", server.anyone.get(f"/v1/download/{token}/manifest.plist"))
    described.check("workspaceListDownloads", server.ops.get(f"/builds/{build}/downloads"))
    described.check("workspaceListAppDownloads", server.ops.get("/downloads"))
    described.check("workspaceExportDownloads", server.ops.get(f"/builds/{build}/downloads.csv"))
    [location] = {file["file"]["location"] for file in server.build(build)["files"] if file["type"] == "package"}
    signed = server.anyone.get(f"/v1/download/{server.token(build, type='file')}").headers["location"]
    size = DEMO_IPA.stat().st_size
    for url, client in ((signed, server.anyone), (location, server.ci)):
        for asked, status in ((None, 200), ("bytes=0-9", 206), ("bytes=9-0", 200), (f"bytes={size}-", 416)):
            answer = client.get(url, headers={"Range": asked} if asked else {})
            assert answer.status_code == status
            described.check("readFile", answer)
    described.check("readFile", server.anyone.get(location))
    described.check("readFile", server.anyone.get(signed[:-1] + "?"))


def test_real_answers_of_the_sdk(server: Server, described: Described) -> None:
    build = server.processed(DEMO_IPA)["id"]
    app = server.client("/v1", server.app_token)
    described.check("showSdkConfiguration", app.get("/app", headers={"x-sdk-version": "ANDROID_5.0.0"}))
    described.check("createSdkDownloadToken", app.get(f"/build/{build}/downloadToken"))
    described.check("updateSdkSettings", server.ops.put("/sdk", json={"ios": {"forceAuth": True}}))
    described.check("createSdkDownloadToken", app.get(f"/build/{build}/downloadToken"))
    described.check("updateSdkSettings", server.ops.put("/sdk", json={"ios": {"forceAuth": False, "minVersion": "x"}}))
    described.check("updateSdkSettings", server.ops.put("/sdk", json={"ios": {"forceAuth": False}}))
    described.check("showSdkSettings", server.ops.get("/sdk"))
    sent = app.post("/feedback", json=SAID)
    described.check("sendFeedback", sent)
    film = server.anyone.put(sent.json()["data"]["videoFile"]["location"], content=b"\0\0\0\x18ftypmp42")
    described.check("sendFeedbackVideo", film)
    one = f"/feedbacks/{sent.json()['data']['id']}"
    described.check("listFeedback", server.ops.get("/feedbacks"))
    described.check("showFeedback", server.ops.get(one))
    described.check("updateFeedback", server.ops.put(one, json={"status": "closed"}))
    described.check("deleteFeedback", server.ops.delete(one))
    described.check("deleteFeedback", server.ops.delete(one))
    described.check("erasePerson", organization(server).post("/erasures", json={"email": "a@example.com"}))


def test_real_answers_of_administration(server: Server, described: Described) -> None:
    org = organization(server)
    described.check("listOrganizations", server.client("/v1", server.service_token).get("/organizations"))
    described.check("updateOrganization", org.put("", json={"name": "My organization"}))
    described.check("updateOrganization", org.put("", json={"workspaceEnabled": "no"}))
    app = org.post("/apps", json={"name": "Described"})
    described.check("createApp", app)
    described.check("createApp", org.post("/apps", json={"name": "Again", "slug": app.json()["data"]["slug"]}))
    described.check("listApps", org.get("/apps"))
    described.check("showApp", server.ops.get(""))
    described.check("updateApp", server.ops.put("", json={"description": "d"}))
    described.check("setAppPicture", server.ops.put("/picture", json={"buildId": server.processed(DEMO_IPA)["id"]}))
    described.check("showApp", server.ops.get(""))
    token = server.ops.post("/tokens", json={"expiresAt": "2999-01-01"})
    described.check("createAppToken", token)
    token_id = token.json()["data"]["id"]
    described.check("listAppTokens", server.ops.get("/tokens"))
    described.check("showAppToken", server.ops.get(f"/tokens/{token_id}"))
    described.check("revokeAppToken", server.ops.delete(f"/tokens/{token_id}"))
    account = org.post("/serviceAccounts", json={"name": "robot", "role": "Viewer"})
    described.check("createServiceAccount", account)
    one = f"/serviceAccounts/{account.json()['data']['id']}"
    described.check("listServiceAccounts", org.get("/serviceAccounts"))
    described.check("updateServiceAccount", org.put(one, json={"expiresAt": "2999-01-01"}))
    described.check("rotateServiceAccount", org.post(f"{one}/rotate"))
    described.check("showServiceAccount", org.get(one))
    described.check("revokeServiceAccount", org.delete(one))
    described.check("listAuditLog", org.get("/auditLog", params={"action": "serviceAccount.", "limit": 2}))
    described.check("listAuditLog", org.get("/auditLog", params={"iniDate": "yesterday"}))
    viewer = server.client(str(org.base_url.path), account.json()["data"]["bearer"])
    described.check("createApp", viewer.post("/apps", json={"name": "Not mine"}))


def test_real_answers_of_people_and_sessions(server: Server, described: Described) -> None:
    org = organization(server)
    person = {"email": "described@example.com", "password": PASSWORD, "role": "Admin"}
    taken_in = org.post("/collaborators", json=person)
    described.check("createCollaborator", taken_in)
    described.check("createCollaborator", org.post("/collaborators", json=person))
    one = f"/collaborators/{taken_in.json()['data']['id']}"
    described.check("listCollaborators", org.get("/collaborators"))
    described.check("showCollaborator", org.get(one))
    described.check("updateCollaborator", org.put(one, json={"firstName": "Ada", "tags": "a, b"}))
    said = {"provider": "traditional", "payload": {"email": person["email"], "password": PASSWORD}}
    session = server.anyone.post("/v1/auth/login", json=said)
    described.check("login", session)
    described.check("login", server.anyone.post("/v1/auth/login", json={"payload": {"user": "a", "password": "b"}}))
    pair = server.anyone.post(
        "/v1/auth/refresh", json={"refreshToken": session.json()["data"]["refreshToken"]["token"]}
    )
    described.check("refreshSession", pair)
    client = server.client("/v1/auth", pair.json()["data"]["accessToken"]["token"])
    described.check("logout", client.post("/logout"))
    described.check("logout", client.post("/logout"))
    described.check("removeCollaborator", org.delete(one))


def test_real_answers_of_people_without_accounts(server: Server, described: Described) -> None:
    org = organization(server)
    employee = org.post("/employees", json={"email": "described@store.example", "tags": "QA, Porto", "language": "ge"})
    described.check("createEmployee", employee)
    described.check("createEmployee", org.post("/employees", json={"email": "described@store.example"}))
    one = f"/employees/{employee.json()['data']['id']}"
    described.check("listEmployees", org.get("/employees", params={"group": "qa", "sort": "email:asc"}))
    described.check("integrationsListEmployees", server.ci.get("/employees"))
    described.check("updateEmployee", org.put(one, json={"lastName": "Marsh"}))
    described.check("showEmployee", org.get(one))
    body = b"email;tags\ndescribed@store.example;QA\nnobody;\n"
    described.check("importEmployees", org.post("/employees/import", content=body, params={"dryRun": "true"}))
    described.check("importEmployees", org.post("/employees/import", files={"file": ("a.csv", body)}))
    group = org.post("/groups", json={"name": "Described"})
    described.check("createGroup", group)
    path = f"/groups/{group.json()['data']['id']}"
    described.check("addToGroup", org.post(f"{path}/members", json={"employees": ["described@store.example"]}))
    described.check("addToGroup", org.post(f"{path}/members", json={"users": ["nobody@store.example"]}))
    described.check("listGroupMembers", org.get(f"{path}/members"))
    described.check(
        "removeFromGroup", org.post(f"{path}/members/remove", json={"employees": ["described@store.example"]})
    )
    described.check("listGroups", org.get("/groups"))
    described.check("updateGroup", org.put(path, json={"name": "described"}))
    described.check("showGroup", org.get(path))
    audience = org.post("/audiences", json={"name": "Described", "conditions": "described,qa|Porto"})
    described.check("createAudience", audience)
    described.check("createAudience", org.post("/audiences", json={"name": "b", "conditions": [["nobody's"]]}))
    near = f"/audiences/{audience.json()['data']['id']}"
    described.check("listAudiences", org.get("/audiences"))
    described.check("updateAudience", org.put(near, json={"employees": ["described@store.example"]}))
    described.check("showAudience", org.get(near))
    described.check("listAudienceEmployees", org.get(f"{near}/employees"))
    described.check("deleteGroup", org.delete(path))
    described.check("deleteAudience", org.delete(near))
    described.check("deleteGroup", org.delete(path))
    described.check("deleteEmployee", org.delete(one))


def test_real_answers_of_devices(server: Server, described: Described) -> None:
    org, one = organization(server), f"/devices/{make_known(server)}"
    described.check("listKnownDevices", org.get("/devices", params={"state": "missing"}))
    described.check("listKnownDevices", org.get("/devices", params={"state": "anywhere"}))
    described.check("exportDevices", org.get("/devices.csv"))
    described.check("exportDevicesForApple", org.get("/devices.txt"))
    described.check("showKnownDevice", org.get(one))
    described.check("deleteKnownDevice", org.delete(one))
    described.check("deleteKnownDevice", org.delete(one))
    described.check("takeDeviceAnswer", server.anyone.post("/profile/device", content=b"no CMS"))
    chosen = {"filter": {"type": "last"}, "visibility": "unlisted", "security": "public"}
    assert server.ci.post("/distributions", json=chosen | {"slug": "described-devices"}).status_code == 200
    described.check("showDevicePage", server.anyone.get("/described-devices/device"))
    described.check("getDeviceProfile", server.anyone.get("/described-devices/device.mobileconfig"))
    described.check("getOwnDeviceProfile", server.anyone.get(f"/store/{server.organization['id']}/device.mobileconfig"))
    described.check("showOwnDevicePage", server.anyone.get(f"/store/{server.organization['id']}/device"))


def test_real_answers_of_invitations_and_roles_in_apps(server: Server, described: Described) -> None:
    org = organization(server)
    invitation = org.post("/invitations", json={"email": "described@invited.example", "role": "unassigned"})
    described.check("createInvitation", invitation)
    described.check("createInvitation", org.post("/invitations", json={"email": "no address"}))
    one = f"/invitations/{invitation.json()['data']['id']}"
    described.check("listInvitations", org.get("/invitations"))
    described.check("showInvitation", org.get(one))
    sent = org.post(f"{one}/resend")
    described.check("resendInvitation", sent)
    token = sent.json()["data"]["link"].rpartition("/")[2]
    described.check("showInvitationPage", server.anyone.get(f"/invitation/{token}"))
    described.check("showOpenInvitation", server.anyone.get(f"/v1/invitations/{token}"))
    for _ in range(2):
        described.check("acceptInvitation", server.anyone.post(f"/v1/invitations/{token}", json={"password": PASSWORD}))
    described.check("acceptInvitationByForm", server.anyone.post(f"/invitation/{token}"))
    described.check("deleteInvitation", org.delete(one))
    said = {"user": "described@invited.example", "role": "editor"}
    given = server.ops.post("/collaborators", json=said)
    described.check("createAppCollaborator", given)
    described.check("createAppCollaborator", server.ops.post("/collaborators", json=said))
    path = f"/collaborators/{given.json()['data']['user']['id']}"
    described.check("listAppCollaborators", server.ops.get("/collaborators"))
    described.check("listAppCollaboratorsOfAllApps", org.get("/collaborators/apps"))
    described.check("updateAppCollaborator", server.ops.put(path, json={"role": "viewer"}))
    described.check("showAppCollaborator", server.ops.get(path))
    described.check("deleteAppCollaborator", server.ops.delete(path))


def test_real_answers_of_the_server_itself(server: Server, described: Described) -> None:
    for name, path in (
        ("showHealth", "/healthz"),
        ("showReadiness", "/readyz"),
        ("showMetrics", "/metrics"),
        ("showOpenApi", "/openapi.json"),
        ("showDocs", "/docs"),
    ):
        described.check(name, server.anyone.get(path))
    described.check("showSetup", server.anyone.get("/setup/over"))
    described.check("createOwner", server.anyone.post("/setup/over", data={"organization": "a"}))
