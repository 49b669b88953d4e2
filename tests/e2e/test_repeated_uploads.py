"""The same upload sent again, in a row and at once, and bytes that are not what was promised."""

import base64
import hashlib
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from uuid import uuid4

import httpx
import pytest

from seatrial.web.dashboard.door import COOKIE, proof
from tests.conftest import StartServer
from tests.e2e.authorization_bodies import RELEASE_KEY
from tests.e2e.refusals import invalid, refused
from tests.server import PATIENCE_SECONDS, Json, Server, Workspace

CONTENT = hashlib.sha256(b"seed").digest() * 40_000  # 1.3 MB: more than one buffer


def send(
    client: httpx.Client, key: str, content: bytes = CONTENT, path: str = "/builds", **more: Any
) -> httpx.Response:
    part, fields = ("build" if path == "/builds" else "file"), more.pop("data", {})
    headers = {"Idempotency-Key": key} | more.pop("headers", {})
    return client.post(path, files={part: ("a.bin", content)}, data=fields, headers=headers)


def id_of(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["data"]["id"]
    return found


def sha256(content: bytes) -> tuple[str, str]:
    raw = hashlib.sha256(content)
    return raw.hexdigest(), f"sha-256=:{base64.b64encode(raw.digest()).decode()}:"


@pytest.mark.parametrize("face", ["ci", "ops"])
def test_an_upload_sent_again_is_the_same_build(server: Server, face: str) -> None:
    client, key = (server.ci if face == "ci" else server.ops), uuid4().hex
    said = {"versionName": "1.0", "deployer.info.triggerTimestamp": "1"}
    first = send(client, key, data=said)
    again = send(client, f'"{key}"', data=said | {"deployer.info.triggerTimestamp": "2"})
    assert id_of(first) == id_of(again)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    for other in (send(client, key, CONTENT + b"x", data=said), send(client, key, data={"versionName": "2.0"})):
        assert "idempotency key" in refused(other, 409, 1009)["message"]
    assert id_of(send(client, uuid4().hex, data=said)) != id_of(first)
    listed = client.get("/builds", params={"limit": 5}).json()["data"]["items"]
    assert [one["id"] for one in listed].count(id_of(first)) == 1


def test_keys_belong_to_the_credential(server: Server) -> None:
    key = uuid4().hex
    assert id_of(send(server.ci, key)) != id_of(send(server.ops, key))


def test_a_refused_request_uses_no_key_up_and_a_deleted_build_does_not_come_back(server: Server) -> None:
    key = uuid4().hex
    invalid(send(server.ci, key, data={"notifyLanguage": "tlh"}), "notifyLanguage")
    build = id_of(send(server.ci, key))
    assert server.ci.delete(f"/builds/{build}").status_code == 200
    assert "deleted" in refused(send(server.ci, key), 409, 1009)["message"]


@pytest.mark.parametrize("key", ["", '""', "a b", "k" * 256])
def test_a_key_that_is_none(server: Server, key: str) -> None:
    invalid(send(server.ci, key), "Idempotency-Key")


def test_of_several_at_once_one_makes_the_build(server: Server) -> None:
    key = uuid4().hex
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: send(server.ci, key), range(6)))
    assert len({id_of(answer) for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1


def test_attachments_sent_again_are_there_once(server: Server) -> None:
    build, key = server.processed()["id"], uuid4().hex
    path = f"/builds/{build}/files"
    sent = [send(server.ci, key, path=path, data={"description": "Report"}) for _ in range(2)]
    after: Json = sent[-1].json()["data"]
    assert [one["type"] for one in after["files"]].count("attachment") == 1
    refused(send(server.ci, key, b"another", path=path, data={"description": "Report"}), 409, 1009)
    refused(send(server.ci, key, data={"description": "Report"}), 409, 1009)


def test_an_app_s_picture_is_taken_once(server: Server) -> None:
    build, other, key = server.processed(), server.processed(), {"Idempotency-Key": uuid4().hex}
    first, again = (server.ops.put("/picture", json={"buildId": build["id"]}, headers=key) for _ in range(2))
    assert first.json()["data"]["picture"] == again.json()["data"]["picture"] != ""
    assert again.headers["idempotency-replayed"] == "true"
    refused(server.ops.put("/picture", json={"buildId": other["id"]}, headers=key), 409, 1009)


def test_a_list_of_employees_sent_again_is_told_the_same(server: Server) -> None:
    """Although by then they are there: the first answer said that they were made."""
    team = server.client(f"/v1/organizations/{server.organization['id']}/employees", server.service_token)
    listed, key = f"email\n{uuid4().hex}@example.com\nwrong\n", {"Idempotency-Key": uuid4().hex}
    dry = team.post("/import", params={"dryRun": "true"}, content=listed, headers=key)
    first = team.post("/import", content=listed, headers=key)
    again = team.post("/import", files={"file": ("team.csv", listed)}, headers=key)
    assert dry.json()["data"]["dryRun"] is True
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert first.json() == again.json()
    assert (first.json()["data"]["created"], len(first.json()["data"]["errors"])) == (1, 1)
    refused(team.post("/import", content=listed + "b@example.com\n", headers=key), 409, 1009)
    assert team.post("/import", content=listed).json()["data"]["unchanged"] == 1


def test_a_signing_key_is_brought_once(server: Server) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    keystore = base64.b64encode(RELEASE_KEY.read_bytes()).decode()
    mine = {"keystore": keystore, "password": "seatrial", "replace": True}
    first, again = (server.ops.put("/signingKey", json=mine, headers=key) for _ in range(2))
    assert first.json() == again.json()
    assert (first.status_code, again.headers["idempotency-replayed"]) == (200, "true")
    other = server.ops.put("/signingKey", json=mine | {"replace": False}, headers=key)
    assert "idempotency key" in refused(other, 409, 1009)["message"]


def test_the_dashboard_s_upload_takes_keys_too(server: Server, workspace: Workspace) -> None:
    user = workspace.printed["user"]
    login = server.anyone.post("/v1/auth/login", json={"provider": "traditional", "payload": user})
    secret = login.json()["data"]["accessToken"]["token"]
    path = f"/dashboard/{server.organization['slug']}/apps/{server.app['slug']}/upload"
    headers = {"Cookie": f"{COOKIE}={secret}", "X-CSRF-Token": proof(secret), "Idempotency-Key": uuid4().hex}
    found = {id_of(server.anyone.post(path, files={"build": ("a.bin", CONTENT)}, headers=headers)) for _ in range(2)}
    assert len(found) == 1


def test_other_bytes_than_promised_are_refused(server: Server) -> None:
    hexadecimal, structured = sha256(CONTENT)
    good: list[dict[str, str]] = [
        {"X-Checksum-Sha256": hexadecimal},
        {"X-Checksum-Sha256": hexadecimal.upper()},
        {"Content-Digest": f"sha-512=:AAAA:, {structured}"},
        {"Repr-Digest": structured},
        {"Digest": structured.replace("sha-256", "SHA-256").replace(":", "")},
    ]
    for headers in good:
        assert server.ci.post("/builds", files={"build": ("a.bin", CONTENT)}, headers=headers).status_code == 200
    before = server.ci.get("/builds", params={"limit": 1}).json()["data"]["totalDocs"]
    for headers in good:
        [name] = headers
        invalid(server.ci.post("/builds", files={"build": ("a.bin", CONTENT + b"x")}, headers=headers), name)
    for name, said in (
        ("X-Checksum-Sha256", "abc"),
        ("Content-Digest", "md5=:AAAA:"),
        ("Repr-Digest", "sha-256=:AAAA:"),
        ("Digest", "sha-256=:***:"),
    ):
        invalid(server.ci.post("/builds", files={"build": ("a.bin", CONTENT)}, headers={name: said}), name)
    assert server.ci.get("/builds", params={"limit": 1}).json()["data"]["totalDocs"] == before


def test_a_digest_of_the_whole_body_counts(server: Server) -> None:
    build = server.processed()["id"]
    files: list[Any] = [("file", ("a.txt", b"alpha")), ("file", ("b.txt", b"beta"))]
    request = server.ci.build_request("POST", f"/builds/{build}/files", files=files)
    body = request.read()
    headers = {"Content-Type": request.headers["content-type"]}
    sent = server.ci.post(f"/builds/{build}/files", content=body, headers=headers | {"Content-Digest": sha256(body)[1]})
    assert sent.status_code == 200, sent.text
    for name, said in zip(("Content-Digest", "X-Checksum-Sha256"), sha256(b"alpha")[::-1], strict=True):
        invalid(server.ci.post(f"/builds/{build}/files", content=body, headers=headers | {name: said}), name)


def test_a_lost_answer_and_a_killed_server_make_one_build(start_server: StartServer) -> None:
    server, key = start_server(), uuid4().hex
    request = server.ci.build_request(
        "POST", "/builds", files={"build": ("a.bin", CONTENT)}, headers={"Idempotency-Key": key}
    )
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items() if name != "connection")
    with closing(socket.create_connection(("127.0.0.1", server.port))) as line:
        line.sendall(f"POST {request.url.raw_path.decode()} HTTP/1.1\r\n{head}\r\n".encode() + request.read())
        until = time.monotonic() + PATIENCE_SECONDS
        while server.ci.get("/builds").json()["data"]["totalDocs"] == 0:
            assert time.monotonic() < until
        server.kill()
    server.start()
    assert send(server.ci, key).headers["idempotency-replayed"] == "true"
    assert server.ci.get("/builds").json()["data"]["totalDocs"] == 1
