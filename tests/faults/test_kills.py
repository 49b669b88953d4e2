"""kill -9 of the server, again and again in the middle of uploads and in the middle of processing."""

import hashlib
import io
import os
import random
import sys
import threading
import time
import zipfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx
import pytest

from tests.conftest import StartServer
from tests.faults.aftermath import assert_sound, rows, settle
from tests.faults.extent import times
from tests.server import DEMO_APK, Json, Server

KILLS = times(20, 60)
UPLOAD_LIFE_SECONDS = (0.0, 0.8)
PROCESSING_LIFE_SECONDS = (0.0, 0.3)
QUEUED_APKS = 200


def a_seed() -> int:
    seed = int(os.environ.get("SERVER_KILLS_SEED", "0")) or random.SystemRandom().getrandbits(31)
    sys.stdout.write(f"SERVER_KILLS_SEED={seed}\n")
    return seed


@dataclass
class Client:
    """Somebody who keeps uploading, whatever happens, and remembers what was acknowledged."""

    server: Server
    seed: int
    builds: dict[str, str] = field(default_factory=dict)
    """Ids of acknowledged builds and the SHA-256 of their bytes."""
    attachments: dict[str, str] = field(default_factory=dict)
    """The same of file ids."""
    cut: int = 0
    """How many requests were under way when the server died."""
    unexpected: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def upload_for_ever(self) -> None:
        chance = random.Random(self.seed)
        while not self.stopping.is_set():
            content = archive(chance)
            answer = self.post("/builds", {"build": ("a.zip", content)}, {"versionName": f"1.{chance.randrange(3)}"})
            if answer is not None:
                self.builds[answer["id"]] = hashlib.sha256(content).hexdigest()

    def attach_for_ever(self, build_id: str) -> None:
        chance = random.Random(self.seed + 1)
        while not self.stopping.is_set():
            content = chance.randbytes(chance.randrange(1, 1 << 20))
            digest = hashlib.sha256(content).hexdigest()
            answer = self.post(f"/builds/{build_id}/files", {"file": (digest, content)}, {"description": "a report"})
            if answer is not None:
                self.attachments |= {
                    each["id"]: digest for each in answer["files"] if each["file"]["originalName"] == digest
                }

    def post(self, path: str, files: dict[str, tuple[str, bytes]], fields: dict[str, str]) -> Json | None:
        try:
            answer = self.server.ci.post(path, files=files, data=fields)
        except httpx.ConnectError:
            time.sleep(0.01)
            return None
        except httpx.TransportError:
            self.cut += 1
            return None
        if answer.status_code != 200:
            self.unexpected.append(answer.text)
            return None
        build: Json = answer.json()["data"]
        return build


def archive(chance: random.Random) -> bytes:
    """Make a valid zip of a few bytes to a few MiB that nobody has uploaded before."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("content.bin", chance.randbytes(1 << chance.randrange(4, 23)))
    return file.getvalue()


@pytest.mark.slow
def test_kills_in_the_middle_of_uploads(start_server: StartServer) -> None:
    seed = a_seed()
    chance = random.Random(seed)
    server = start_server()
    first = server.processed()
    client = Client(server, seed)
    with ThreadPoolExecutor(2) as threads:
        threads.submit(client.upload_for_ever)
        threads.submit(client.attach_for_ever, first["id"])
        try:
            for _ in range(KILLS):
                time.sleep(chance.uniform(*UPLOAD_LIFE_SECONDS))
                server.kill()
                server.start()
        finally:
            client.stopping.set()
    settle(server)
    sys.stdout.write(f"{client.cut} cut, {len(client.builds)} builds, {len(client.attachments)} attachments\n")
    assert client.cut >= KILLS // 2
    assert client.unexpected == []
    assert_sound(server.data_dir)
    assert_acknowledged(server, client, first["id"])
    server.stop()
    assert rows(server.data_dir, "SELECT id FROM executors") == []
    assert list((server.data_dir / "run").iterdir()) == []


def assert_acknowledged(server: Server, client: Client, first_id: str) -> None:
    page = server.ci.get("/builds", params={"limit": 1000}).json()["data"]
    assert page["totalDocs"] == len(page["items"]) > len(client.builds)
    found = {build["id"]: build for build in page["items"]}
    for build_id, digest in client.builds.items():
        build = found[build_id]
        assert build["status"] == "processed", build
        assert {each["file"]["checksum"] for each in build["files"]} == {digest}
    attached = {
        each["id"]: each["file"]["checksum"] for each in found[first_id]["files"] if each["type"] == "attachment"
    }
    assert client.attachments.items() <= attached.items()


@pytest.mark.slow
def test_kills_in_the_middle_of_processing(start_server: StartServer) -> None:
    chance = random.Random(a_seed())
    server = start_server({"SEATRIAL_WORKER__CONCURRENCY": "4"}, ["--no-worker"])
    with ThreadPoolExecutor(4) as threads:
        ids = [build["id"] for build in threads.map(lambda _: server.upload(), range(QUEUED_APKS))]
    server.stop()
    server.arguments = ()
    interrupted = 0
    for _ in range(KILLS):
        server.start()
        time.sleep(chance.uniform(*PROCESSING_LIFE_SECONDS))
        server.kill()
        interrupted += len(rows(server.data_dir, "SELECT id FROM builds WHERE status = 'in_progress'"))
    server.start()
    settle(server)
    sys.stdout.write(f"{interrupted} interrupted\n")
    assert interrupted >= KILLS // 2
    assert_sound(server.data_dir)
    page = server.ci.get("/builds", params={"limit": 1000}).json()["data"]
    assert {build["id"] for build in page["items"]} == set(ids)
    assert page["totalDocs"] == QUEUED_APKS
    for build in page["items"]:
        assert build["status"] == "processed", build
        assert Counter(each["type"] for each in build["files"]) == {"original": 1, "package": 1, "icon": 1}
    digest = hashlib.sha256(DEMO_APK.read_bytes()).hexdigest()
    assert {build["files"][0]["file"]["checksum"] for build in page["items"]} == {digest}
    jobs = rows(server.data_dir, "SELECT workflow_uuid, status FROM workflow_status")
    assert sorted(jobs) == sorted((f"{build_id}:1", "SUCCESS") for build_id in ids)
