"""Parts that go to the object store themselves, on a real one; and tus where files are there."""

import hashlib
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.e2e.refusals import invalid, refused
from tests.e2e.tus import create, created, metadata, send
from tests.object_stores import ACCESS_KEY, SECRET_KEY, ObjectServer, list_bucket, make_bucket
from tests.server import Json, Server, Workspace

CONTENT = random.Random(5).randbytes((8 << 20) + 1000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
BUCKET_NAME = "direct"


@pytest.fixture(scope="module")
def stored(workspace: Workspace, seaweedfs: ObjectServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server whose files are in S3, whatever the database is."""
    folder = Path(tmp_path_factory.mktemp("direct"))
    make_bucket(seaweedfs, BUCKET_NAME)
    said = {"PROVIDER": "s3", "BUCKET": BUCKET_NAME, "ENDPOINT": seaweedfs.endpoint, "PREFIX": folder.name}
    said |= {"ACCESS_KEY": ACCESS_KEY, "SECRET_KEY": SECRET_KEY, "PROXY": "false"}
    settings = {f"SEATRIAL_STORAGE__{name}": value for name, value in said.items()}
    server = Server(workspace.copied_to(folder), folder / "server.log", settings)
    yield server
    server.close()


def announce(server: Server, **said: object) -> Json:
    answer = server.ci.post("/directUploads", json={"length": len(CONTENT), "filename": "a.bin"} | said)
    assert answer.status_code == 200, answer.text
    made: Json = answer.json()["data"]
    return made


def keyed(server: Server, key: str, **said: object) -> httpx.Response:
    body = {"length": len(CONTENT), "filename": "a.bin"} | said
    return server.ci.post("/directUploads", json=body, headers={"Idempotency-Key": key})


def put_parts(upload: Json, content: bytes = CONTENT) -> list[Json]:
    parts, start = [], 0
    for part in upload["parts"]:
        answer = httpx.put(part["url"], content=content[start : start + part["size"]])
        assert answer.is_success, answer.text
        parts.append({"number": part["number"], "etag": answer.headers["etag"]})
        start += part["size"]
    return parts


def unfinished(server: Server, store: ObjectServer) -> bool:
    below = {"uploads": "", "prefix": f"{server.settings['SEATRIAL_STORAGE__PREFIX']}/"}
    return "<Upload>" in list_bucket(store, BUCKET_NAME, below)


def test_parts_become_a_build(stored: Server, seaweedfs: ObjectServer) -> None:
    upload = announce(stored, sha256=SHA256, fields={"versionName": "v3", "tags": ["a", "b"]})
    assert [part["size"] for part in upload["parts"]] == [8 << 20, 1000]
    fresh = stored.ci.get(f"/directUploads/{upload['id']}").json()["data"]
    parts = put_parts(fresh)
    path = f"/directUploads/{upload['id']}/complete"
    invalid(stored.ci.post(path, json={"parts": [{"number": 2, "etag": "x"}]}), "parts")
    done = stored.ci.post(path, json={"parts": parts[::-1]})
    assert done.status_code == 200, done.text
    build = done.json()["data"]
    assert (build["versionName"], build["tags"], build["size"]) == ("v3", ["a", "b"], len(CONTENT))
    [file] = [one["file"] for one in build["files"] if one["type"] == "original"]
    assert (file["checksum"], file["bucket"], file["originalName"]) == (SHA256, BUCKET_NAME, "a.bin")
    assert stored.ci.post(path, json={"parts": parts}).json()["data"]["id"] == build["id"]
    shown = stored.ci.get(f"/directUploads/{upload['id']}").json()["data"]
    assert (shown["buildId"], shown["build"]["id"], shown["parts"]) == (build["id"], build["id"], [])
    assert stored.wait_for(build["id"])["errorCode"] == "UNRECOGNISED_FORMAT"  # it was read from there


def test_under_a_key_an_announcement_leads_to_one_upload_and_one_build(stored: Server, seaweedfs: ObjectServer) -> None:
    key = uuid4().hex
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: keyed(stored, key), range(4)))
    [upload_id] = {answer.json()["data"]["id"] for answer in answers}
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    other = (keyed(stored, key, length=9), keyed(stored, key, sha256=SHA256), keyed(stored, key, filename="b.bin"))
    for answer in other:
        assert "idempotency key" in refused(answer, 409, 1009)["message"]
    refused(create(stored.ci, len(CONTENT), {"Idempotency-Key": key} | metadata(filename="a.bin")), 409, 1009)
    again = keyed(stored, key, fields={"deployer.info.triggerTimestamp": "2"}).json()["data"]
    assert again["id"] == upload_id
    path = f"/directUploads/{upload_id}/complete"
    build = stored.ci.post(path, json={"parts": put_parts(again)}).json()["data"]
    # Neither answer has arrived: both requests come again.
    after = keyed(stored, key).json()["data"]
    assert (after["id"], after["buildId"], after["parts"]) == (upload_id, build["id"], [])
    assert not unfinished(stored, seaweedfs)  # of four announcements one has begun something that stays


def test_a_key_begins_anew_where_the_upload_failed_or_its_server_died(stored: Server, seaweedfs: ObjectServer) -> None:
    key = uuid4().hex
    failed = keyed(stored, key, sha256="0" * 64).json()["data"]
    parts = put_parts(failed)
    invalid(stored.ci.post(f"/directUploads/{failed['id']}/complete", json={"parts": parts}), "sha256")
    died = keyed(stored, key).json()["data"]
    assert died["id"] != failed["id"]
    # As a server leaves it that was killed while it made the build: the reservation has been swept since.
    stored.write("UPDATE unfinished_uploads SET received = 1 WHERE id = ?", died["id"])
    refused(stored.ci.post(f"/directUploads/{died['id']}/complete", json={"parts": put_parts(died)}), 404, 3001)
    fresh = keyed(stored, key)
    assert "idempotency-replayed" not in fresh.headers
    stored.write("UPDATE unfinished_uploads SET expires_at = created_at WHERE id = ?", fresh.json()["data"]["id"])
    last = keyed(stored, key).json()["data"]
    assert len({failed["id"], died["id"], fresh.json()["data"]["id"], last["id"]}) == 4
    done = stored.ci.post(f"/directUploads/{last['id']}/complete", json={"parts": put_parts(last)})
    assert done.status_code == 200, done.text


def test_what_is_announced_takes_up_room_in_a_quota(stored: Server) -> None:
    app = stored.app["id"]
    now = stored.ops.get("/quotas").json()["data"]["storage"]["used"]
    granted = "INSERT INTO quotas (owner, item, organization_id, granted) VALUES (?, 'storage', ?, ?)"
    stored.write(granted, app, stored.organization["id"], now + 2 * len(CONTENT))
    try:
        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(lambda _: keyed(stored, uuid4().hex), range(4)))
        made = [answer.json()["data"]["id"] for answer in answers if answer.is_success]
        assert len(made) == 2
        for answer in answers:
            if not answer.is_success:
                assert refused(answer, 413, 5003)["data"]["itemName"] == "storage"
        for upload_id in made:
            assert stored.ci.delete(f"/directUploads/{upload_id}").status_code == 200
    finally:
        stored.write("DELETE FROM quotas WHERE owner = ?", app)


def test_other_bytes_than_promised_leave_nothing(stored: Server, seaweedfs: ObjectServer) -> None:
    upload = announce(stored, sha256="0" * 64)
    answer = stored.ci.post(f"/directUploads/{upload['id']}/complete", json={"parts": put_parts(upload)})
    invalid(answer, "sha256")
    refused(stored.ci.get(f"/directUploads/{upload['id']}"), 404, 3001)
    assert not unfinished(stored, seaweedfs)


def test_what_is_given_up_leaves_no_part(stored: Server, seaweedfs: ObjectServer) -> None:
    upload = announce(stored)
    put_parts(upload)
    assert unfinished(stored, seaweedfs)
    refused(stored.ops.get(f"/directUploads/{upload['id']}"), 404, 3001)
    assert stored.ci.delete(f"/directUploads/{upload['id']}").status_code == 200
    refused(stored.ci.get(f"/directUploads/{upload['id']}"), 404, 3001)
    assert not unfinished(stored, seaweedfs)


def test_what_nobody_completes_is_removed(stored: Server, seaweedfs: ObjectServer) -> None:
    put_parts(announce(stored))
    stored.write("UPDATE unfinished_uploads SET expires_at = created_at WHERE build_id IS NULL")
    stored.restart()  # chores begin with a round
    while unfinished(stored, seaweedfs):
        assert stored.ci.get("/builds").status_code == 200


def test_what_cannot_be_announced(stored: Server) -> None:
    invalid(stored.ci.post("/directUploads", json={"length": "9"}), "length")
    invalid(stored.ci.post("/directUploads", json={"length": 9, "sha256": "x"}), "sha256")
    invalid(stored.ci.post("/directUploads", json={"length": 9, "fields": {"tags": "t" * 500}}), "tags")
    refused(stored.ci.post("/directUploads", json={"length": 0}), 400, 5006)
    refused(stored.ci.post("/directUploads", json={"length": 1 << 45}), 413, 1013)


@pytest.mark.only_on("sqlite", reason="a disk takes no parts: files of the shared server on PostgreSQL are in S3")
def test_a_disk_takes_no_parts(server: Server) -> None:
    refused(server.ci.post("/directUploads", json={"length": 9}), 409, 1009)


def test_tus_ends_in_the_object_store_too(stored: Server) -> None:
    url = created(stored, len(CONTENT))
    assert send(stored.ci, url, 0, CONTENT[:1000]).status_code == 204
    done = send(stored.ci, url, 1000, CONTENT[1000:])
    build = stored.build(done.headers["seatrial-build-id"])
    [file] = [one["file"] for one in build["files"] if one["type"] == "original"]
    assert (file["checksum"], file["bucket"]) == (SHA256, BUCKET_NAME)
