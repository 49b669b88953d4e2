"""Administration over HTTP: apps, credentials, people and sessions, as a client meets them (contract 2.2, 2.3, 2.5)."""

from collections.abc import Iterator

import httpx
import pytest

from tests.e2e.administering import PASSWORD, administrator, data, login, member, own_server
from tests.e2e.refusals import invalid, refused
from tests.server import DEMO_APK, Json, Server, Workspace

APP_KEYS = {
    "id", "name", "slug", "description", "sdk", "notifications", "oss", "buildPlatforms", "security", "configuration",
    "retentionApplied", "lastBuildProcessedDate", "picture", "pictureSource", "organization", "counts", "metadata",
    "defaultScripts", "createdAt", "updatedAt",
}  # fmt: skip
"""Contract 2.2."""
PAGE_KEYS = {
    "items", "totalDocs", "limit", "hasPrevPage", "hasNextPage", "page", "totalPages", "pagingCounter", "prevPage",
    "nextPage",
}  # fmt: skip
NO_ID = "f" * 24


@pytest.fixture(scope="module")
def own(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from own_server(workspace, tmp_path_factory.mktemp("administration"))


@pytest.fixture(scope="module")
def admin(own: Server) -> httpx.Client:
    return administrator(own)


def test_an_app_has_every_key_of_the_contract(own: Server, admin: httpx.Client) -> None:
    app = data(admin.get(f"/apps/{own.app['slug']}"))
    assert set(app) == APP_KEYS
    for system in ("ios", "android"):  # the SDKs read theirs without looking whether it is there
        assert {"ota", "forceUpdate", "minVersion", "forceAuth", "lastBuildId", "lastBuildVersion"} < set(
            app["sdk"][system]
        )
    assert app["counts"] == {"builds": 0, "downloads": 0, "feedbacks": 0}
    assert app["organization"] == own.organization["id"]
    assert set(app["configuration"]["storageProvider"]) == {"id", "name", "region", "config", "provider"}


def test_a_dashboard_lists_apps_and_their_builds(own: Server, admin: httpx.Client) -> None:
    """The calls of a real integration, with its slashes (contract 4)."""
    page = data(admin.get("/apps/?limit=200"))
    assert set(page) == PAGE_KEYS
    assert {"id", "name", "slug", "picture", "oss", "counts"} < set(page["items"][0])
    listed = data(admin.get(f"/apps/{page['items'][-1]['id']}/builds/?limit=500"))
    assert listed["hasNextPage"] is False


def test_an_app_is_made_changed_and_found(admin: httpx.Client) -> None:
    said = {
        "name": " Ledger ",
        "configuration": {"notificationLanguage": "ge", "storageProvider": None},
        "metadata": {"team": {"name": "blue"}},
        "defaultScripts": {"preInstall": "echo"},
        "somethingNew": 1,
    }
    made = data(admin.post("/apps", json=said))
    assert (made["name"], made["slug"], made["metadata"]) == ("Ledger", "ledger", {"team": {"name": "blue"}})
    assert made["configuration"]["notificationLanguage"] == "de"
    assert made["defaultScripts"] == {
        "preInstall": "echo", "postInstall": "", "audit": "", "enforce": "", "runner": "",
    }  # fmt: skip
    changes = {
        "slug": "ledger-pro",
        "notifications": {"newBuildNotifyCollaborators": True, "newBuildMessage": "Look"},
        "configuration": {"buildRetentionDays": 30},
    }
    changed = data(admin.put("/apps/ledger", json=changes))
    assert (changed["slug"], changed["name"], changed["metadata"]) == ("ledger-pro", "Ledger", made["metadata"])
    assert changed["notifications"]["newBuildNotifyCollaborators"] is True
    assert changed["configuration"]["buildRetentionDays"] == 30
    assert changed["configuration"]["notificationLanguage"] == "de"
    assert data(admin.get("/apps", params={"name": "LEDG"}))["items"] == [changed]
    refused(admin.get("/apps/ledger"), 404, 3001)
    assert data(admin.post("/apps", json={"name": "Ledger pro"}))["slug"] == "ledger-pro-2"
    refused(admin.post("/apps", json={"name": "Other", "slug": "ledger-pro"}), 400, 5024)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": 7}, "name"),
        ({"name": "A", "slug": "No"}, "slug"),
        ({"name": "A", "configuration": []}, "configuration"),
        ({"name": "A", "configuration": {"notificationLanguage": "xx"}}, "configuration.notificationLanguage"),
        ({"name": "A", "configuration": {"buildRetentionDays": 0}}, "configuration.buildRetentionDays"),
        ({"name": "A", "configuration": {"buildRetentionDays": True}}, "configuration.buildRetentionDays"),
        ({"name": "A", "configuration": {"storageProvider": NO_ID}}, "configuration.storageProvider"),
        ({"name": "A", "notifications": {"newBuildMessage": 1}}, "notifications.newBuildMessage"),
        ({"name": "A", "notifications": {"newBuildNotifyEmployees": "no"}}, "notifications.newBuildNotifyEmployees"),
        ({"name": "A", "metadata": []}, "metadata"),
        ({"name": "A", "defaultScripts": {"audit": 1}}, "defaultScripts.audit"),
    ],
)
def test_what_is_wrong_with_an_app_is_named(admin: httpx.Client, body: Json, field: str) -> None:
    invalid(admin.post("/apps", json=body), field)


@pytest.mark.parametrize("path", ["/apps", "/serviceAccounts", "/collaborators"])
@pytest.mark.parametrize(("name", "value"), [("page", "0"), ("limit", "1001"), ("sort", "size:asc"), ("sort", "name")])
def test_a_list_says_what_is_wrong_with_its_query(admin: httpx.Client, path: str, name: str, value: str) -> None:
    invalid(admin.get(path, params={name: value}), name)


def test_a_picture_is_kept_when_its_build_goes(own: Server, admin: httpx.Client) -> None:
    build = own.processed(DEMO_APK)
    icon = httpx.URL(build["info"]["icon"]).path
    app = data(admin.put(f"/apps/{own.app['id']}/picture", json={"buildId": build["id"]}))
    picture = httpx.URL(app["picture"]).path
    assert app["pictureSource"] == build["id"]
    everyone = own.client("", own.service_token)
    shown = everyone.get(icon).content
    assert everyone.get(picture).content == shown
    (listed,) = own.ci.get("/builds", params={"limit": 1}).json()["data"]["items"]
    assert listed["applicationInfo"]["picture"] == app["picture"]
    assert own.ci.delete(f"/builds/{build['id']}").status_code == 200
    own.restart()  # which sweeps whatever nobody owns
    answer = own.client("", own.app_token).get(picture)
    assert (answer.content, answer.headers["content-type"]) == (shown, "image/png")
    assert answer.headers["content-disposition"].startswith("inline")
    refused(own.anyone.get(picture), 401, 4002)
    refused(admin.put(f"/apps/{own.app['id']}/picture", json={"buildId": build["id"]}), 404, 3001)
    invalid(admin.put(f"/apps/{own.app['id']}/picture", json={}), "buildId")


def test_an_app_token_lives_and_dies(own: Server, admin: httpx.Client) -> None:
    tokens = f"/apps/{own.app['slug']}/tokens"
    made = data(admin.post(tokens, json={"description": "CI", "expiresAt": "2099-01-01"}))
    assert (made["scopes"], made["expiresAt"]) == (["upload"], "2099-01-01T00:00:00.000Z")
    assert (made["application"], made["organization"]) == (own.app["id"], own.organization["id"])
    pipeline = own.client("/v1/integrations", made["bearer"])
    assert pipeline.get("/builds").status_code == 200
    shown = data(admin.get(f"{tokens}/{made['id']}"))
    assert {key: value for key, value in made.items() if key not in {"bearer", "lastUsedAt"}} == {
        key: value for key, value in shown.items() if key != "lastUsedAt"
    }
    assert shown["lastUsedAt"] is not None
    assert made["id"] in [one["id"] for one in data(admin.get(tokens))["items"]]
    assert data(admin.delete(f"{tokens}/{made['id']}")) == {"deleted": True}
    refused(pipeline.get("/builds"), 401, 4004)
    for answer in (admin.get(f"{tokens}/{made['id']}"), admin.delete(f"{tokens}/{made['id']}")):
        refused(answer, 404, 3001)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"description": "x" * 1001}, "description"),
        ({"scopes": []}, "scopes"),
        ({"scopes": "upload"}, "scopes"),
        ({"scopes": ["root"]}, "scopes.0"),
        ({"expiresAt": "2001-01-01"}, "expiresAt"),
        ({"expiresAt": "soon"}, "expiresAt"),
        ({"expiresAt": 4102444800}, "expiresAt"),
    ],
)
def test_what_is_wrong_with_an_app_token_is_named(own: Server, admin: httpx.Client, body: Json, field: str) -> None:
    invalid(admin.post(f"/apps/{own.app['id']}/tokens", json=body), field)


def test_a_service_account_is_rotated(own: Server, admin: httpx.Client) -> None:
    made = data(admin.post("/serviceAccounts", json={"name": "robot", "role": "Developer"}))
    assert made["role"] == "developer"  # in any case in, in lower case out
    assert made["identity"].startswith(f"{made['id']}@{own.organization['id']}.iam.")
    path = f"/serviceAccounts/{made['id']}"
    second = data(admin.post(f"{path}/rotate", json={"overlapSeconds": 3600}))["bearer"]
    both = [own.client(own.workspace_path(), secret) for secret in (made["bearer"], second)]
    assert [client.get("/builds").status_code for client in both] == [200, 200]
    third = data(admin.post(f"{path}/rotate"))["bearer"]
    for client in both:
        refused(client.get("/builds"), 401, 4004)
    assert data(admin.put(path, json={"role": "VIEWER", "name": "watcher"}))["role"] == "viewer"
    watcher = own.client(own.workspace_path(), third)
    assert watcher.get("/builds").status_code == 200
    assert refused(watcher.put("", json={"name": "x"}), 403, 4003)["data"] == {
        "permission": "mad.application.management.update"
    }
    data(admin.delete(path))
    refused(watcher.get("/builds"), 401, 4004)
    refused(admin.get(path), 404, 3001)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("", {"role": "admin"}, "name"),
        ("", {"name": "x"}, "role"),
        ("", {"name": "x", "role": "owner"}, "role"),
        ("/{id}/rotate", {"overlapSeconds": 7 * 24 * 3600 + 1}, "overlapSeconds"),
        ("/{id}/rotate", {"overlapSeconds": "60"}, "overlapSeconds"),
    ],
)
def test_what_is_wrong_with_a_service_account_is_named(admin: httpx.Client, path: str, body: Json, field: str) -> None:
    known = data(admin.get("/serviceAccounts", params={"sort": "createdAt:asc", "limit": 1}))["items"][0]["id"]
    invalid(admin.post(f"/serviceAccounts{path.replace('{id}', known)}", json=body), field)


def test_a_person_is_taken_in_and_works_by_role(own: Server, admin: httpx.Client) -> None:
    made, viewer = member(own, admin, "Vera@Example.com", "viewer")
    assert set(made) == {"id", "organization", "role", "user", "tags", "createdAt", "updatedAt"}
    assert set(made["user"]) == {"id", "email", "firstName", "lastName", "picture", "role", "ssoUser"}
    assert (made["user"]["email"], made["role"]) == ("vera@example.com", "viewer")
    assert viewer.get("/apps").status_code == 200
    refused(viewer.get("/collaborators"), 403, 4003)
    changes = {"role": "editor", "firstName": "Vera", "tags": "a, b"}
    changed = data(admin.put(f"/collaborators/{made['id']}", json=changes))
    assert (changed["role"], changed["tags"], changed["user"]["firstName"]) == ("editor", ["a", "b"], "Vera")
    answer = viewer.post(f"/apps/{own.app['id']}/builds", files={"build": ("a.txt", b"text")})
    person = data(answer)["uploadedBy"]
    assert (person["id"], person["email"], person["firstName"]) == (made["id"], "vera@example.com", "Vera")
    refused(admin.post("/collaborators", json={"email": "vera@example.com", "password": PASSWORD}), 409, 1009)
    data(admin.delete(f"/collaborators/{made['id']}"))
    refused(viewer.get("/apps"), 401, 4004)
    refused(login(own, "vera@example.com"), 401, 4002)


def test_an_organization_keeps_an_owner(own: Server, admin: httpx.Client) -> None:
    (owner,) = data(admin.get("/collaborators", params={"email": "owner@example.com"}))["items"]
    refused(admin.put(f"/collaborators/{owner['id']}", json={"role": "admin"}), 409, 1009)
    refused(admin.delete(f"/collaborators/{owner['id']}"), 409, 1009)
    made, boss = member(own, admin, "boss@example.com", "admin")
    assert refused(boss.put(f"/collaborators/{owner['id']}", json={"password": PASSWORD}), 403, 4003)["data"] == {
        "permission": "base.people.organizationOwner.update"
    }
    refused(boss.put(f"/collaborators/{made['id']}", json={"role": "owner"}), 403, 4003)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"password": PASSWORD}, "email"),
        ({"email": "x", "password": PASSWORD}, "email"),
        ({"email": "new@example.com"}, "password"),
        ({"email": "new@example.com", "password": "too short"}, "password"),
        ({"email": "new@example.com", "password": PASSWORD, "role": "king"}, "role"),
    ],
)
def test_what_is_wrong_with_a_person_is_named(admin: httpx.Client, body: Json, field: str) -> None:
    invalid(admin.post("/collaborators", json=body), field)


def test_nobody_is_locked_out_of_the_switches(own: Server, admin: httpx.Client) -> None:
    """Decision 40."""
    data(admin.post("/collaborators", json={"email": "chief@example.com", "role": "owner", "password": PASSWORD}))
    chief = own.client("/v1/organizations", data(login(own, "chief@example.com"))["accessToken"]["token"])
    off = data(admin.put("", json={"workspaceEnabled": False, "name": "Renamed"}))
    assert (off["workspaceEnabled"], off["name"], off["slug"]) == (False, "Renamed", own.organization["slug"])
    for answer in (admin.get("/apps"), admin.put("", json={"workspaceEnabled": True}), chief.get("/renamed/apps")):
        assert answer.status_code in {403, 404}
    assert refused(chief.get(f"/{own.organization['id']}/apps"), 403, 4003)["data"] == {"api": "workspace"}
    assert [one["workspaceEnabled"] for one in data(chief.get(""))["items"]] == [False]
    assert data(chief.put(f"/{own.organization['id']}", json={"workspaceEnabled": True}))["workspaceEnabled"] is True
    assert admin.get("/apps").status_code == 200
    data(admin.put("", json={"integrationsEnabled": False}))
    assert refused(own.ci.get("/builds"), 403, 4003)["data"] == {"api": "integrations"}
    data(admin.put("", json={"integrationsEnabled": True}))
    assert own.ci.get("/builds").status_code == 200
    invalid(admin.put("", json={"workspaceEnabled": "no"}), "workspaceEnabled")


@pytest.mark.parametrize("name", [NO_ID, "not-hex", "%00", "..%2f..", "é", "a" * 3000])
def test_ids_that_are_none_are_not_found(own: Server, admin: httpx.Client, name: str) -> None:
    for answer in (
        admin.get(f"/apps/{own.app['id']}/tokens/{name}"),
        admin.delete(f"/apps/{own.app['id']}/tokens/{name}"),
        admin.put(f"/apps/{own.app['id']}/picture", json={"buildId": name}),
        admin.get(f"/serviceAccounts/{name}"),
        admin.put(f"/serviceAccounts/{name}", json={"name": "x"}),
        admin.post(f"/serviceAccounts/{name}/rotate"),
        admin.delete(f"/serviceAccounts/{name}"),
        admin.get(f"/collaborators/{name}"),
        admin.put(f"/collaborators/{name}", json={"tags": []}),
        admin.delete(f"/collaborators/{name}"),
    ):
        if answer.request.method == "PUT" and len(name) > 255 and "picture" in str(answer.request.url):
            invalid(answer, "buildId")
        else:
            refused(answer, 404, 3001)


def test_the_command_line_administers_the_same(own: Server, admin: httpx.Client) -> None:
    account = own.admin("service-account", "create", "From the shell", "--role", "viewer")
    own.admin("service-account", "update", account["id"], "--role", "developer", "--expires", "1h")
    shown = data(admin.get(f"/serviceAccounts/{account['id']}"))
    assert (shown["role"], shown["name"]) == ("developer", "From the shell")
    assert shown["expiresAt"] is not None
    rotated = own.admin("service-account", "rotate", account["id"], "--overlap-seconds", "60")
    for secret in (account["token"], rotated["token"]):
        assert own.client(own.workspace_path(), secret).get("/builds").status_code == 200
    user = own.admin("user", "create", "shell@example.com", "--role", "editor", "--first-name", "Shelly")
    assert data(login(own, "shell@example.com", user["password"]))["user"]["firstName"] == "Shelly"
    changed = own.admin("user", "update", user["id"], "--new-password", "--role", "viewer")
    assert data(login(own, "shell@example.com", changed["password"]))["user"]["role"] == "viewer"
    own.admin("user", "remove", user["id"])
    refused(admin.get(f"/collaborators/{user['id']}"), 404, 3001)
    assert own.admin("app", "create", "Shell app", "--slug", "shelly")["slug"] == "shelly"
    assert own.admin("organization", "set", "--no-integrations")["integrationsEnabled"] is False
    refused(own.ci.get("/builds"), 403, 4003)
    own.admin("organization", "set", "--integrations")
    assert own.admin("organization", "show")["integrationsEnabled"] is True
    assert own.ci.get("/builds").status_code == 200
