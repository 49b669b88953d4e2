"""kill -9 of `seatrial storage copy` with bytes on their way, twice: the next run ends what was begun, and all is there."""

import hashlib
import json
import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.conftest import StartServer
from tests.faults.aftermath import rows, settle
from tests.faults.cutting_proxy import CuttingProxy, cutting
from tests.object_stores import ACCESS_KEY, BUCKET, SECRET_KEY, ObjectServer, keys_below
from tests.server import PATIENCE_SECONDS, SEATRIAL, Json, Server, environment

PREFIX = "copy-kills"
MANY = 6
SIZE = 3 << 20
NEVER = 1 << 60


@dataclass
class Line:
    """The way to the store: it ends after so many bytes, and with it the process that sends them."""

    left: int = NEVER
    victim: "subprocess.Popen[bytes] | None" = None
    killed: list[int] = field(default_factory=list)

    def cut(self, _count: int) -> None:
        self.left = NEVER
        assert self.victim is not None
        self.victim.kill()
        self.killed.append(self.victim.pid)


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def proxy(seaweedfs: ObjectServer, line: Line) -> Iterator[CuttingProxy]:
    port = int(seaweedfs.endpoint.rpartition(":")[2])
    with cutting(lambda: port, lambda: line.left, line.cut) as proxy:
        yield proxy


def filled(server: Server) -> dict[str, str]:
    """Upload builds, and put every third into the trash; gives the SHA-256 of each by its id."""
    contents = [random.Random(number).randbytes(SIZE) for number in range(MANY)]
    made = {server.upload(content, "a.bin")["id"]: hashlib.sha256(content).hexdigest() for content in contents}
    settle(server)
    for build_id in [*made][::3]:
        assert server.ops.post(f"/builds/{build_id}/trash").status_code == 200
    return made


def brought(server: Server) -> dict[str, str]:
    """Give the SHA-256 of what each build that is listed brings."""
    listed = server.ci.get("/builds").json()["data"]["items"]
    found = {}
    for build in listed:
        [file] = [one["file"] for one in build["files"] if one["type"] == "original"]
        found[build["id"]] = hashlib.sha256(
            server.client("", server.app_token).get(file["location"]).content
        ).hexdigest()
    return found


def begin(server: Server) -> "subprocess.Popen[bytes]":
    words = ["storage", "copy", "--from", "local", "--to", "Quay", "--at-once", "--json", "--data-dir"]
    return subprocess.Popen(
        [SEATRIAL, *words, server.data_dir], env=environment(server.settings), stdout=subprocess.PIPE
    )


def test_a_killed_copy_goes_on_and_loses_nothing(
    seaweedfs: ObjectServer, proxy: CuttingProxy, line: Line, start_server: StartServer
) -> None:
    server = start_server()
    made = filled(server)
    bucket = {"name": "Quay", "provider": "s3", "bucket": BUCKET, "prefix": PREFIX, "endpoint": proxy.url}
    bucket |= {"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}
    organization = server.client(f"/v1/organizations/{server.organization['id']}", server.service_token)
    assert organization.post("/storageProviders", json=bucket).is_success
    for _ in range(2):
        line.left = SIZE + SIZE // 2  # one has arrived, and half of the next
        line.victim = begin(server)
        line.victim.communicate(timeout=PATIENCE_SECONDS)
        here = {build: digest for build, digest in made.items() if build not in [*made][::3]}
        assert brought(server) == here, "each is in one place, whatever has arrived"
    assert len(line.killed) == 2
    last = begin(server)
    printed, _ = last.communicate(timeout=PATIENCE_SECONDS)
    assert last.returncode == 0
    done: Json = json.loads(printed)
    assert 0 < done["copied"] < MANY
    assert done["failed"] == []
    for build_id in [*made][::3]:
        assert server.ops.post(f"/trash/{build_id}/restore").status_code == 200
    assert brought(server) == made
    settle(server)
    stored = {key for (key,) in rows(server.data_dir, "SELECT key FROM build_files")}
    assert keys_below(seaweedfs.endpoint, PREFIX) == stored
    assert [path for path in (server.data_dir / "blobs").rglob("*") if path.is_file()] == []
