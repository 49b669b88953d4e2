"""The same flow with files in S3, on a real server and a real store: and what happens when the store goes."""

import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import StartServer
from tests.e2e.test_doctor import examine
from tests.faults.aftermath import settle
from tests.object_stores import ACCESS_KEY, BUCKET, SECRET_KEY, ObjectServer, keys_below, list_bucket, s3_settings
from tests.server import DEMO_APK, Json, Server, seatrial


def settings(endpoint: str, prefix: str) -> dict[str, str]:
    return s3_settings(endpoint, prefix) | {"SEATRIAL_STORAGE__NAME": "Harbour", "SEATRIAL_STORAGE__PROXY": "false"}


def unfinished_below(store: ObjectServer, prefix: str) -> list[str]:
    return re.findall("<Key>(.*?)</Key>", list_bucket(store, BUCKET, {"uploads": "", "prefix": f"{prefix}/"}))


def test_a_build_lives_its_life_in_a_bucket(seaweedfs: ObjectServer, start_server: StartServer) -> None:
    server = start_server(settings(seaweedfs.endpoint, "life"))
    build = server.processed(DEMO_APK)
    assert build["storageProvider"]["name"] == "Harbour"
    original = next(one["file"] for one in build["files"] if one["type"] == "original")
    assert (original["bucket"], original["region"]) == (BUCKET, "us-east-1")
    assert original["storageProviderId"] == build["storageProvider"]["id"]
    assert keys_below(seaweedfs.endpoint, "life") == {one["file"]["key"] for one in build["files"]}

    redeemed = httpx.get(f"{server.base_url}/v1/download/{server.token(build['id'])}")
    assert redeemed.status_code == 302
    assert redeemed.headers["location"].startswith(seaweedfs.endpoint)
    got = httpx.get(redeemed.headers["location"])
    assert hashlib.sha256(got.content).hexdigest() == original["checksum"]
    assert got.headers["content-type"] == "application/vnd.android.package-archive"
    assert 'filename="demo.apk"' in got.headers["content-disposition"]

    location = original["location"]
    client = server.client("", server.app_token)
    part = client.get(location, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, DEMO_APK.read_bytes()[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{original['size']}"
    assert client.head(location).headers["content-length"] == str(original["size"])
    assert client.get(location, headers={"Range": f"bytes={original['size']}-"}).status_code == 416
    assert client.get(location).content == DEMO_APK.read_bytes()
    icon = next(one["file"] for one in build["files"] if one["type"] == "icon")
    assert client.get(icon["location"]).content.startswith(b"\x89PNG")

    _, found = examine(server.data_dir, server.settings)  # and closes its connections, or a warning fails this
    assert found["storage"]["level"] == "ok"

    attached = server.ci.post(f"/builds/{build['id']}/files", files={"file": ("notes.txt", b"notes")})
    assert attached.status_code == 200, attached.text
    settle(server)
    assert len(keys_below(seaweedfs.endpoint, "life")) == 3
    assert server.ci.delete(f"/builds/{build['id']}").status_code == 200
    settle(server)
    assert keys_below(seaweedfs.endpoint, "life") == set()
    assert not any((server.data_dir / "blobs").rglob("*"))
    assert not any((server.data_dir / "run/copies").iterdir())


def test_a_server_killed_amid_an_upload_leaves_no_part_of_it(
    seaweedfs: ObjectServer, start_server: StartServer
) -> None:
    server = start_server(settings(seaweedfs.endpoint, "killed"))
    begun = threading.Event()

    def body() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="build"; filename="a.bin"\r\n\r\n'
        for _ in range(20):
            yield os.urandom(1 << 20)
        begun.set()
        while not unfinished_below(seaweedfs, "killed"):
            yield os.urandom(1 << 18)
        server.kill()
        yield b"more"

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    with pytest.raises(httpx.TransportError):
        server.ci.post("/builds", content=body(), headers=headers)
    assert begun.is_set()
    assert unfinished_below(seaweedfs, "killed")
    server.start()
    settle(server)
    assert unfinished_below(seaweedfs, "killed") == []
    assert keys_below(seaweedfs.endpoint, "killed") == set()


def test_an_organization_keeps_files_in_a_bucket_of_its_own(seaweedfs: ObjectServer, start_server: StartServer) -> None:
    server = start_server(on_disk=True)
    organization = server.client(f"/v1/organizations/{server.organization['id']}", server.service_token)
    wanted = {"name": "Quay", "provider": "s3", "bucket": BUCKET, "prefix": "own", "endpoint": seaweedfs.endpoint}
    wanted |= {"accessKey": ACCESS_KEY, "secretKey": "wrong"}
    made = data(organization.post("/storageProviders", json=wanted))
    one = f"/storageProviders/{made['id']}"
    assert "wrong" not in str(made)

    tried = data(organization.post(f"{one}/test"))
    assert not tried["ok"]
    assert tried["steps"] == [tried["steps"][0] | {"step": "put", "ok": False}]
    assert tried["steps"][0]["error"] == "The store refuses the credentials: the secret is wrong."
    data(organization.put(one, json={"secretKey": SECRET_KEY}))
    tried = data(organization.post(f"{one}/test"))
    assert tried["ok"], tried
    assert [step["step"] for step in tried["steps"]] == ["put", "get", "range", "link", "delete"]
    assert keys_below(seaweedfs.endpoint, "own") == set()

    app = f"/apps/{server.app['id']}"
    at_home = server.processed(DEMO_APK)
    chosen = data(organization.put(app, json={"configuration": {"storageProvider": {"id": made["id"]}}}))
    shown = chosen["configuration"]["storageProvider"]
    assert (shown["id"], shown["name"], shown["provider"], shown["config"]["bucket"]) == (
        made["id"],
        "Quay",
        "s3",
        BUCKET,
    )
    refused = organization.put(app, json={"configuration": {"storageProvider": "f" * 24}})
    assert refused.status_code == 400
    away = server.processed(DEMO_APK)
    assert {file["file"]["storageProviderId"] for file in away["files"]} == {made["id"]}
    assert keys_below(seaweedfs.endpoint, "own") == {file["file"]["key"] for file in away["files"]}
    use = data(organization.get(one))["usage"]
    assert (use["files"], use["chosenBy"]) == (2, [server.app["id"]])
    for refusal in (organization.delete(one), organization.put(one, json={"prefix": "other"})):
        assert refusal.status_code == 409, refusal.text

    data(organization.put(one, json={"proxy": True}))
    redeemed = httpx.get(f"{server.base_url}/v1/download/{server.token(away['id'])}").headers["location"]
    assert redeemed.startswith(server.base_url)
    assert httpx.get(redeemed).content == DEMO_APK.read_bytes()

    moved = copied(server, "--from", "local", "--to", "Quay", "--at-once")
    assert (moved["copied"], moved["failed"]) == (2, [])
    build = server.build(at_home["id"])
    assert {file["file"]["storageProviderId"] for file in build["files"]} == {made["id"]}
    assert build["storageProvider"]["name"] == "Quay"
    assert not [path for path in (server.data_dir / "blobs").rglob("*") if path.is_file()]
    copied(server, "--from", made["id"], "--to", "local", "--at-once")
    assert keys_below(seaweedfs.endpoint, "own") == set()
    data(organization.put(app, json={"configuration": {"storageProvider": ""}}))
    assert data(organization.delete(one)) == {"deleted": True}
    assert server.client("", server.app_token).get(build["files"][0]["file"]["location"]).status_code == 200


def data(answer: httpx.Response) -> Json:
    assert answer.is_success, answer.text
    found: Json = answer.json()["data"]
    return found


def copied(server: Server, *arguments: str) -> Json:
    done = seatrial("storage", "copy", *arguments, "--data-dir", server.data_dir, "--json", settings=server.settings)
    assert done.returncode == 0, done.stderr
    printed: Json = json.loads(done.stdout)
    return printed
