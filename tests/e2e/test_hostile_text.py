"""Texts that a database may choke on, through every door: refused or cleaned, the same on both, never a fault of ours."""

import json
from typing import Any

import pytest

from tests.server import DEMO_APK, Server

NUL = "a\0b"
LONG = "x" * 70_000
SURROGATE = '"\\ud800"'
TEXTS = [NUL, LONG, "\N{ROCKET}" * 300, "\u202e\ufeff\uffff", "'; DROP TABLE builds; --", "%s %(name)s {} :name ?"]
FIELDS = [
    "versionName", "tags", "changelog", "buildPlatform", "packageName", "packageVersion", "deployer.name",
    "deployer.info.commit", "deployer", "notifyMessage", "notifyLanguage", "filter[0][0]",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_in_an_upload(server: Server, text: str) -> None:
    for field in FIELDS:
        # Bytes, because a client's library would encode what is to be seen here as it is.
        part = f'--b\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{text}\r\n'
        answer = post_form(server, part.encode(), b"apk.apk")
        assert answer.status_code in {200, 400}, (field, answer.text)


@pytest.mark.parametrize(
    "name",
    [b"a\0b.apk", b"\xff\xfe.apk", b"\xed\xa0\x80.apk", LONG[:9000].encode(), b"%00.apk", "é\u202e.apk".encode()],
)
def test_in_the_name_of_a_file(server: Server, name: bytes) -> None:
    answer = post_form(server, b"", name)
    assert answer.status_code in {200, 400}, answer.text


def post_form(server: Server, parts: bytes, file_name: bytes) -> Any:
    file = b'--b\r\nContent-Disposition: form-data; name="build"; filename="' + file_name + b'"\r\n\r\n'
    body = parts + file + DEMO_APK.read_bytes()[:100] + b"\r\n--b--\r\n"
    return server.ci.post("/builds", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"})


@pytest.fixture
def build_id(server: Server) -> str:
    return str(server.upload()["id"])


@pytest.mark.parametrize("text", [json.dumps(text) for text in TEXTS] + [SURROGATE], ids=range(len(TEXTS) + 1))
def test_in_an_update(server: Server, build_id: str, text: str) -> None:
    bodies = [
        f'{{"versionName": {text}}}', f'{{"changelog": {text}}}', f'{{"tags": [{text}]}}', f'{{"tags": {text}}}',
        f'{{"metadata": {{"key": {text}}}}}', f'{{"metadata": {{{text}: 1}}}}', f'{{"metadata": {{"a": [[{text}]]}}}}',
        f'{{"defaultScripts": {{"preInstall": {text}}}}}', f'{{"defaultScripts": {{"x": {text}}}}}', f"{{{text}: {text}}}",
    ]  # fmt: skip
    for body in bodies:
        answer = server.ops.put(f"/builds/{build_id}", content=body.encode())
        assert answer.status_code in {200, 400}, (body[:100], answer.text)
    assert server.ops.get(f"/builds/{build_id}").status_code == 200


def test_metadata_comes_back_as_it_was_sent(server: Server, build_id: str) -> None:
    sent = '{"metadata":{"zebra":1.50,"a":{"é":[1e2,-0.0,9007199254740993],"b":"\\n"},"":null}}'
    assert server.ops.put(f"/builds/{build_id}", content=sent.encode()).status_code == 200
    kept = server.ops.get(f"/builds/{build_id}").json()["data"]["metadata"]
    assert json.dumps(kept) == json.dumps(json.loads(sent)["metadata"]), "the order of keys too"


@pytest.mark.parametrize(
    "text", ["a%00b", "%00", "%ff", "%ed%a0%80", "x" * 5000, "%27--", "a%5Cb", "%F0%9F%9A%80" * 300]
)
def test_in_a_path_or_a_query(server: Server, text: str) -> None:
    organization, app = server.organization["id"], server.app["id"]
    paths = [
        f"/v1/organizations/{text}/apps/{app}/builds", f"/v1/organizations/{organization}/apps/{text}/builds",
        f"/v1/organizations/{organization}/apps/{app}/builds/{text}", f"/v1/organizations/{organization}/apps/{text}",
        f"/v1/integrations/builds/{text}", f"/v1/download/{text}", f"/v1/download/{text}/manifest.plist",
        f"/v1/files/{text}/name", f"/{text}",
    ]  # fmt: skip
    for path in paths:
        for token in (server.service_token, server.app_token):
            answer = server.client("", token).get(path)
            assert answer.status_code in {400, 401, 404}, (path, answer.text)
    for name in (
        "versionName",
        "status",
        "os",
        "sort",
        "page",
        "limit",
        "email",
        "fileId",
        "type",
        "iniDate",
        "name",
        "slug",
    ):
        for path in ("/builds", "/builds/" + "0" * 24 + "/downloads"):
            answer = server.ops.get(f"{path}?{name}={text}")
            assert answer.status_code in {200, 400, 404}, (path, name, answer.text)


@pytest.mark.parametrize("text", [json.dumps(text) for text in TEXTS] + [SURROGATE], ids=range(len(TEXTS) + 1))
def test_in_administration(server: Server, text: str) -> None:
    organization = f"/v1/organizations/{server.organization['id']}"
    client = server.client("", server.service_token)
    calls = [
        ("POST", f"{organization}/apps", f'{{"name": {text}}}'), ("POST", f"{organization}/apps", f'{{"name": "Ok", "slug": {text}}}'),
        ("POST", f"{organization}/apps", f'{{"name": "Ok", "description": {text}, "metadata": {{"a": {text}}}}}'),
        ("PUT", f"{organization}/apps/{server.app['id']}", f'{{"description": {text}, "newBuildMessage": {text}}}'),
        ("POST", f"{organization}/service-accounts", f'{{"name": {text}, "role": "viewer"}}'),
        ("POST", f"{organization}/apps/{server.app['id']}/tokens", f'{{"description": {text}}}'),
        ("POST", f"{organization}/users", f'{{"email": {text}, "firstName": {text}}}'),
        ("POST", f"{organization}/users", f'{{"email": "a@example.com", "firstName": {text}, "role": {text}}}'),
        ("POST", "/v1/auth/login", f'{{"email": {text}, "password": {text}}}'),
        ("POST", "/v1/auth/login", f'{{"email": "a@example.com", "password": {text}}}'),
        ("POST", "/v1/auth/refresh", f'{{"refreshToken": {text}}}'),
    ]  # fmt: skip
    for method, path, body in calls:
        answer = client.request(method, path, content=body.encode())
        assert answer.status_code < 500, (method, path, body[:100], answer.text)
