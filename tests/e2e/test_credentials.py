"""Who is let in, who is not, and which words they hear (contract 3.1 and 5.1; decisions 12, 13, 14, 37, 40, 48)."""

import httpx
import pytest

from tests.conftest import StartServer
from tests.e2e.raw import exchange
from tests.e2e.refusals import refused
from tests.server import DEMO_APK, Server

NO_ID = "ffffffffffffffffffffffff"


def every_call(server: Server, prefix: str, build_id: str) -> list[tuple[str, str]]:
    calls = [
        ("GET", f"{prefix}/builds"),
        ("POST", f"{prefix}/builds"),
        ("GET", f"{prefix}/builds/{build_id}"),
        ("PUT", f"{prefix}/builds/{build_id}"),
        ("DELETE", f"{prefix}/builds/{build_id}"),
        ("POST", f"{prefix}/builds/{build_id}/files"),
    ]
    if "organizations" in prefix:
        calls += [
            ("GET", f"{prefix}/builds/{build_id}/downloadToken"),
            ("GET", f"{prefix}/builds/{build_id}/downloads"),
        ]
    return calls


def with_header(server: Server, call: tuple[str, str], credential: str | None) -> httpx.Response:
    headers = {} if credential is None else {"Authorization": credential}
    return server.anyone.request(*call, headers=headers, content=b"{}" if call[0] == "PUT" else None)


@pytest.fixture(scope="module")
def build_id(server: Server) -> str:
    identifier: str = server.processed()["id"]
    return identifier


@pytest.mark.parametrize("credential", [None, "", "Bearer", "Basic dTpw"])
def test_decision_12_no_token(server: Server, build_id: str, credential: str | None) -> None:
    for prefix in ("/v1/integrations", server.workspace_path()):
        for call in every_call(server, prefix, build_id):
            answer = with_header(server, call, credential)
            assert refused(answer, 401, 4002)["message"] == "No auth token"
            assert answer.headers["www-authenticate"].lower().startswith("bearer")


@pytest.mark.parametrize("credential", ["bearer ", "Bearer    ", "bearer\t"])
def test_decision_12_an_empty_token(server: Server, build_id: str, credential: str) -> None:
    # What shells send for a variable that is not set; a client library would refuse to.
    for prefix in ("/v1/integrations", server.workspace_path()):
        for method, path in every_call(server, prefix, build_id):
            request = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {credential}\r\n\r\n"
            status, answer = exchange(server, request.encode())
            assert (status, answer["error"]) == (401, {"code": 4002, "message": "No auth token"})


@pytest.mark.parametrize("secret", ["nobody", "sta_" + "A" * 32, "a b", "é", "x" * 5000])
def test_decision_12_an_unknown_token(server: Server, build_id: str, secret: str) -> None:
    for prefix in ("/v1/integrations", server.workspace_path()):
        for call in every_call(server, prefix, build_id):
            answer = server.anyone.request(*call, headers=[(b"Authorization", f"Bearer {secret}".encode())])
            assert refused(answer, 401, 4004)["message"] == "Invalid Token"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bearer "])
def test_the_scheme_in_any_case(server: Server, scheme: str) -> None:
    answer = with_header(server, ("GET", "/v1/integrations/builds"), f"{scheme} {server.app_token}")
    assert answer.status_code == 200


def test_decision_12_a_revoked_token_is_unknown_at_once(server: Server, build_id: str) -> None:
    token = server.admin("token", "create", "--app", server.app["slug"])
    account = server.admin("service-account", "create", "Passing", "--role", "admin")
    pipeline = server.client("/v1/integrations", token["token"])
    operator = server.client(server.workspace_path(), account["token"])
    assert pipeline.get("/builds").status_code == operator.get("/builds").status_code == 200
    server.admin("token", "revoke", token["id"], "--app", server.app["id"])
    server.admin("service-account", "revoke", account["id"])
    refused(pipeline.get("/builds"), 401, 4004)
    refused(operator.get("/builds"), 401, 4004)
    refused(pipeline.delete(f"/builds/{build_id}"), 401, 4004)


def test_decision_12_an_expired_token(server: Server) -> None:
    token = server.admin("token", "create", "--app", server.app["slug"], "--expires", "1h")
    account = server.admin("service-account", "create", "Passing", "--role", "admin", "--expires", "1h")
    pipeline = server.client("/v1/integrations", token["token"])
    operator = server.client(server.workspace_path(), account["token"])
    assert pipeline.get("/builds").status_code == operator.get("/builds").status_code == 200
    for table, row in (("app_tokens", token), ("service_accounts", account)):
        server.write(f"UPDATE {table} SET expires_at = created_at WHERE id = ?", row["id"])
    assert refused(pipeline.get("/builds"), 401, 3002)["message"] == "Token Expired"
    refused(operator.get("/builds"), 401, 3002)


def test_decision_14_each_face_has_its_own_kind_of_token(server: Server, build_id: str) -> None:
    for prefix, secret in (
        ("/v1/integrations", server.service_token),
        (server.workspace_path(), server.app_token),
    ):
        for call in every_call(server, prefix, build_id):
            refused(with_header(server, call, f"Bearer {secret}"), 401, 4004)
    assert server.build(build_id)["id"] == build_id


def test_decision_13_what_is_not_the_callers_does_not_exist(server: Server, build_id: str) -> None:
    other = server.admin("app", "create", "Somebody else's")
    for organization, app in (
        (NO_ID, server.app["id"]),
        ("no-such-organization", server.app["id"]),
        (server.organization["id"], NO_ID),
        (server.organization["id"], "no-such-app"),
        (server.organization["id"], "x"),
    ):
        for call in every_call(server, server.workspace_path(organization, app), build_id):
            answer = with_header(server, call, f"Bearer {server.service_token}")
            assert refused(answer, 404, 3001)["message"] == "Entity not found"
    # Another app of the same organization: the app is there, the build is not in it.
    for call in every_call(server, server.workspace_path(app=other["id"]), build_id)[2:]:
        refused(with_header(server, call, f"Bearer {server.service_token}"), 404, 3001)
    token = server.admin("token", "create", "--app", other["slug"])["token"]
    for call in every_call(server, "/v1/integrations", build_id)[2:]:
        refused(with_header(server, call, f"Bearer {token}"), 404, 3001)
    assert server.build(build_id)["id"] == build_id


@pytest.mark.parametrize("name", [NO_ID, "not-hex", "552ae3cfcb5abfc58d733b8", "%00", "..%2f..", "é", "a" * 3000])
def test_decision_46_ids_that_are_none(server: Server, name: str) -> None:
    for prefix, secret in (("/v1/integrations", server.app_token), (server.workspace_path(), server.service_token)):
        for call in every_call(server, prefix, name)[2:]:
            refused(with_header(server, call, f"Bearer {secret}"), 404, 3001)


def test_decision_13_a_viewer_reads_and_no_more(server: Server, build_id: str) -> None:
    account = server.admin("service-account", "create", "Looker", "--role", "viewer")
    viewer = server.client(server.workspace_path(), account["token"])
    assert viewer.get("/builds").status_code == 200
    assert viewer.get(f"/builds/{build_id}").status_code == 200
    for answer, permission in (
        (viewer.post("/builds", files={"build": ("a.apk", DEMO_APK.read_bytes())}), "mad.build.management.create"),
        (viewer.put(f"/builds/{build_id}", json={"changelog": "x"}), "mad.build.management.update"),
        (viewer.delete(f"/builds/{build_id}"), "mad.build.management.delete"),
        (viewer.post(f"/builds/{build_id}/files", files={"file": ("a", b"a")}), "mad.build.management.update"),
    ):
        error = refused(answer, 403, 4003)
        assert (error["message"], error["data"]) == ("Forbidden", {"permission": permission})


def test_a_developer_works_on_builds(server: Server) -> None:
    account = server.admin("service-account", "create", "Builder", "--role", "developer")
    developer = server.client(server.workspace_path(), account["token"])
    uploaded = developer.post("/builds", files={"build": ("a.apk", DEMO_APK.read_bytes())})
    assert uploaded.status_code == 200
    # Decision 41: the account signs as itself.
    person = uploaded.json()["data"]["uploadedBy"]
    assert person["id"] == account["id"]
    assert person["email"].startswith(f"{account['id']}@{server.organization['id']}.iam.")
    assert (person["firstName"], person["lastName"], person["picture"]) == ("Builder", "", "")
    server.wait_for(uploaded.json()["data"]["id"])
    assert developer.delete(f"/builds/{uploaded.json()['data']['id']}").status_code == 200


def test_decision_41_an_app_token_signs_as_its_maker(server: Server) -> None:
    assert server.upload()["uploadedBy"]["email"] == "owner@example.com"


def test_decision_48_an_sdk_token_can_neither_upload_nor_list(server: Server, build_id: str) -> None:
    token = server.admin("token", "create", "--app", server.app["slug"], "--scope", "sdk")
    assert token["scopes"] == ["sdk"]
    in_an_app = server.client("", token["token"])
    for method, path in every_call(server, "/v1/integrations", build_id):
        error = refused(in_an_app.request(method, path, json={}), 403, 4003)
        assert error["data"]["permission"].startswith("mad.build.management.")


def test_decision_40_a_face_that_is_switched_off(start_server: StartServer) -> None:
    own = start_server()
    own.write("UPDATE organizations SET integrations_enabled = false")
    refused(own.ci.get("/builds"), 403, 4003)
    assert own.ops.get("/builds").status_code == 200
    own.write("UPDATE organizations SET workspace_enabled = false")
    refused(own.ops.get("/builds"), 403, 4003)
