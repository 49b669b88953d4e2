"""Uploads by tus: with a client that we did not write, header by header, and through what happens to connections."""

import base64
import hashlib
import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from tusclient.client import TusClient

from tests.e2e.refusals import invalid, refused
from tests.e2e.tus import BYTES, VERSION, create, created, line_of, metadata, offset_of, send
from tests.server import DEMO_APK, Json, Server

CONTENT = hashlib.sha256(b"tus").digest() * 50_000  # 1.6 MB
HALF = len(CONTENT) // 2


def checksum(content: bytes, algorithm: str = "sha256") -> dict[str, str]:
    digest = hashlib.new(algorithm, content).digest()
    return {"Upload-Checksum": f"{algorithm} {base64.b64encode(digest).decode()}"}


def original(build: Json) -> str:
    [file] = [one["file"] for one in build["files"] if one["type"] == "original"]
    found: str = file["checksum"]
    return found


@pytest.mark.parametrize("face", ["ci", "ops"])
def test_a_client_by_others_sends_a_build(server: Server, face: str) -> None:
    http, token = (server.ci, server.app_token) if face == "ci" else (server.ops, server.service_token)
    url = str(http.base_url).rstrip("/") + "/uploads"
    fields = {"filename": "../Demo.apk", "versionName": "v2 ⚓", "tags": "a, b", "deployer.info.branch": "main"}
    uploader = TusClient(url, headers={"Authorization": f"Bearer {token}"}).uploader(
        file_stream=io.BytesIO(DEMO_APK.read_bytes()), chunk_size=6000, metadata=fields, upload_checksum=True
    )
    uploader.upload()
    last: Any = uploader.request
    build = server.wait_for(last.response_headers["seatrial-build-id"])
    assert (build["status"], build["versionName"], build["tags"]) == ("processed", "v2 ⚓", ["a", "b"])
    assert build["deployer"]["info"]["branch"] == "main"
    assert original(build) == hashlib.sha256(DEMO_APK.read_bytes()).hexdigest()
    assert {one["file"]["originalName"] for one in build["files"] if one["type"] == "original"} == {"Demo.apk"}
    shown = http.get(str(uploader.url)).json()["data"]
    assert (shown["offset"], shown["buildId"]) == (shown["length"], build["id"])
    assert shown["build"]["id"] == build["id"]


def test_what_is_spoken(server: Server) -> None:
    told = server.anyone.options("/v1/integrations/uploads").headers
    assert told["tus-version"] == "1.0.0"
    assert "checksum,termination,expiration,concatenation" in told["tus-extension"]
    assert int(told["tus-max-size"]) == 20 << 30
    answer = server.ci.post("/uploads", headers={"Upload-Length": "9", "Tus-Resumable": "0.2.2"})
    refused(answer, 412, 1012)
    assert answer.headers["tus-version"] == answer.headers["tus-resumable"] == "1.0.0"


def test_what_cannot_be_announced(server: Server) -> None:
    invalid(server.ci.post("/uploads", headers=VERSION), "Upload-Length")
    invalid(create(server.ci, -1), "Upload-Length")
    invalid(create(server.ci, 9, {"Upload-Metadata": "filename ***"}), "Upload-Metadata")
    invalid(create(server.ci, 9, metadata(tags="t" * 500)), "tags")
    invalid(create(server.ci, 9, {"Upload-Concat": "whole"}), "Upload-Concat")
    invalid(create(server.ci, 9, {"Upload-Checksum": "md5 AAAA"}), "Upload-Checksum")
    refused(create(server.ci, 0), 400, 5006)
    assert refused(create(server.ci, (20 << 30) + 1), 413, 1013)["data"]["limit"] == 20 << 30


def test_an_upload_goes_on_where_it_stopped(server: Server) -> None:
    url = created(server, len(CONTENT), metadata(filename="a.bin"))
    assert url.startswith(f"{server.base_url}/v1/integrations/uploads/")
    first = send(server.ci, url, 0, CONTENT[:HALF])
    assert (first.status_code, first.headers["upload-offset"]) == (204, str(HALF))
    assert "upload-expires" in first.headers
    told = server.ci.head(url, headers=VERSION).headers
    assert (told["upload-offset"], told["upload-length"]) == (str(HALF), str(len(CONTENT)))
    assert (told["upload-metadata"], told["cache-control"]) == (
        metadata(filename="a.bin")["Upload-Metadata"],
        "no-store",
    )
    refused(send(server.ci, url, 0, CONTENT), 409, 1009)
    refused(send(server.ci, url, HALF, CONTENT), 413, 1013)
    refused(server.ci.patch(url, content=b"x", headers=VERSION | {"Upload-Offset": str(HALF)}), 415, 1015)
    refused(send(server.client("", server.service_token), url, HALF, b"x"), 401, 4004)
    override = {"X-HTTP-Method-Override": "PATCH", "Upload-Offset": str(HALF)}
    last = server.ci.post(url, content=CONTENT[HALF:], headers=VERSION | BYTES | override)
    assert (last.status_code, last.headers["upload-offset"]) == (204, str(len(CONTENT)))
    assert original(server.build(last.headers["seatrial-build-id"])) == hashlib.sha256(CONTENT).hexdigest()
    refused(send(server.ci, url, len(CONTENT), b""), 409, 1009)
    assert server.ci.head(url, headers=VERSION).headers["seatrial-build-id"] == last.headers["seatrial-build-id"]


def test_an_upload_belongs_to_who_announced_it_and_can_be_given_up(server: Server) -> None:
    url = created(server, 9)
    token = server.ops.post("/tokens", json={}).json()["data"]["bearer"]
    other = server.client("", token)
    for answer in (send(other, url, 0, b"x"), other.delete(url, headers=VERSION), other.get(url)):
        refused(answer, 404, 3001)
    assert send(server.ci, url, 0, b"1234").status_code == 204
    assert server.ci.delete(url, headers=VERSION).status_code == 204
    refused(send(server.ci, url, 4, b"56789"), 404, 3001)


def test_bytes_that_are_not_what_was_said_do_not_count(server: Server) -> None:
    url = created(server, len(CONTENT))
    assert send(server.ci, url, 0, CONTENT[:HALF], checksum(CONTENT[:HALF], "sha1")).status_code == 204
    refused(send(server.ci, url, HALF, CONTENT[HALF:], checksum(CONTENT)), 460, 1060)
    assert offset_of(server.ci, url) == HALF
    assert send(server.ci, url, HALF, CONTENT[HALF:], checksum(CONTENT[HALF:])).status_code == 204
    promised = {"X-Checksum-Sha256": hashlib.sha256(b"another").hexdigest()}
    url = created(server, len(CONTENT), promised)
    invalid(send(server.ci, url, 0, CONTENT), "X-Checksum-Sha256")
    refused(server.ci.get(url), 404, 3001)


def test_the_first_bytes_may_come_along(server: Server) -> None:
    whole = VERSION | BYTES | {"Upload-Length": str(len(CONTENT))}
    answer = server.ci.post("/uploads", content=CONTENT, headers=whole)
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, str(len(CONTENT)))
    assert original(server.build(answer.headers["seatrial-build-id"])) == hashlib.sha256(CONTENT).hexdigest()


def test_an_announcement_sent_again_is_the_same_upload(server: Server) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    url = created(server, len(CONTENT), key)
    send(server.ci, url, 0, CONTENT[:HALF])
    again = create(server.ci, len(CONTENT), key | metadata(**{"deployer.info.triggerTimestamp": "2"}))
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.headers["location"], again.headers["upload-offset"]) == (url, str(HALF))
    refused(create(server.ci, 9, key), 409, 1009)
    send(server.ci, url, HALF, CONTENT[HALF:])
    finished = create(server.ci, len(CONTENT), key)
    assert (finished.headers["location"], finished.headers["upload-offset"]) == (url, str(len(CONTENT)))
    server.write("UPDATE unfinished_uploads SET expires_at = created_at WHERE id = ?", url.rpartition("/")[2])
    assert created(server, len(CONTENT), key) != url


def test_pieces_become_one_build(server: Server) -> None:
    partial = {"Upload-Concat": "partial"}
    pieces = [created(server, HALF, partial), created(server, len(CONTENT) - HALF, partial)]
    final = {"Upload-Concat": f"final;{' '.join(pieces)}", "Idempotency-Key": uuid4().hex} | metadata(filename="a.bin")
    assert send(server.ci, pieces[0], 0, CONTENT[:HALF]).status_code == 204
    refused(server.ci.post("/uploads", headers=VERSION | final), 409, 1009)
    assert server.ci.head(pieces[0], headers=VERSION).headers["upload-concat"] == "partial"
    assert send(server.ci, pieces[1], 0, CONTENT[HALF:]).status_code == 204
    joined = server.ci.post("/uploads", headers=VERSION | final)
    assert joined.status_code == 201, joined.text
    build = server.build(joined.headers["seatrial-build-id"])
    assert original(build) == hashlib.sha256(CONTENT).hexdigest()
    assert server.ci.post("/uploads", headers=VERSION | final).headers["location"] == joined.headers["location"]
    told = server.ci.head(joined.headers["location"], headers=VERSION).headers
    assert told["upload-concat"] == final["Upload-Concat"]
    refused(server.ci.get(pieces[0]), 404, 3001)


def test_what_came_before_a_connection_broke_counts(server: Server) -> None:
    url, done, offset = created(server, len(CONTENT)), None, 0
    with line_of(server, url, 0, CONTENT[:HALF], len(CONTENT)):
        pass
    while done is None or done.status_code in {409, 423}:  # what was on its way may come after the question
        offset = offset_of(server.ci, url)
        done = send(server.ci, url, offset, CONTENT[offset:])
    assert 0 <= offset <= HALF
    assert original(server.build(done.headers["seatrial-build-id"])) == hashlib.sha256(CONTENT).hexdigest()


def test_who_comes_back_gets_the_place_of_a_dead_connection(server: Server) -> None:
    url = created(server, len(CONTENT))
    with line_of(server, url, 0, CONTENT[:HALF], len(CONTENT)) as line:
        offset = offset_of(server.ci, url)
        while offset < HALF:  # the first HEAD may have come before the bytes
            with line_of(server, url, offset, CONTENT[offset:HALF], len(CONTENT) - offset):
                offset = offset_of(server.ci, url)
        assert b" 423 " in line.recv(4096)
    done = send(server.ci, url, offset, CONTENT[offset:])
    assert original(server.build(done.headers["seatrial-build-id"])) == hashlib.sha256(CONTENT).hexdigest()


def test_a_killed_server_has_what_it_acknowledged(start_server: Callable[..., Server]) -> None:
    server = start_server()
    url = created(server, len(CONTENT), metadata(filename="a.bin"))
    assert send(server.ci, url, 0, CONTENT[:1000]).status_code == 204
    with line_of(server, url, 1000, CONTENT[1000:HALF], len(CONTENT) - 1000):
        server.kill()
    server.start()
    offset = offset_of(server.ci, url)
    assert 1000 <= offset <= HALF
    done = send(server.ci, url, offset, CONTENT[offset:])
    assert original(server.build(done.headers["seatrial-build-id"])) == hashlib.sha256(CONTENT).hexdigest()
    assert list((server.data_dir / "blobs" / "unfinished").iterdir()) == []
