"""What object stores alone have: parts, links, refusals, and copies on this machine."""

import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from seatrial.domain.clock import utc_now
from seatrial.domain.errors import StorageUnavailable
from seatrial.domain.file_names import content_disposition
from seatrial.domain.storage_provider import Bucket, ProviderKind
from seatrial.storage.object_store import PART_BYTES, part_bytes
from seatrial.storage.scratch import Scratch
from tests.object_stores import BUCKET, ObjectServer, azure_signer, bucket_of, list_bucket, make_bucket, store_in

KEY = "builds/0/1/2/file"
NAME = 'Größe "7".apk'


def unfinished(server: ObjectServer, bucket: str) -> list[str]:
    return re.findall("<Key>(.*?)</Key>", list_bucket(server, bucket, {"uploads": ""}))


@pytest.fixture(scope="module")
def own_bucket(seaweedfs: ObjectServer) -> Bucket:
    """Give a bucket that nobody else has uploads in: in the shared one, clients of other tests may still be sending."""
    return bucket_of(seaweedfs, ProviderKind.S3, make_bucket(seaweedfs, "unfinished"))


@pytest.fixture(params=["s3", "azure"])
def kind(request: pytest.FixtureRequest) -> ProviderKind:
    return ProviderKind(request.param)


@pytest.fixture
def server(kind: ProviderKind, request: pytest.FixtureRequest) -> ObjectServer:
    found: ObjectServer = request.getfixturevalue("seaweedfs" if kind is ProviderKind.S3 else "azurite")
    return found


def test_a_cancelled_upload_leaves_no_part(seaweedfs: ObjectServer, own_bucket: Bucket, tmp_path: Path) -> None:
    with store_in(seaweedfs, ProviderKind.S3, tmp_path, bucket=own_bucket) as store:
        writer = store.writer(KEY)
        writer.write(os.urandom(PART_BYTES + 1))
        writer.cancel()
    assert unfinished(seaweedfs, own_bucket.name) == []


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_an_upload_of_many_parts_takes_the_memory_of_a_few(seaweedfs: ObjectServer, tmp_path: Path) -> None:
    with store_in(seaweedfs, ProviderKind.S3, tmp_path) as store:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        before = memory("VmRSS")
        writer = store.writer(KEY)
        for _ in range(160):
            writer.write(os.urandom(1 << 20))
        assert writer.commit().size == 160 << 20
        assert memory("VmHWM") - before < 64 << 20
        store.delete(KEY)


def memory(name: str) -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) << 10


def test_deleting_removes_the_parts_of_a_process_that_died(
    seaweedfs: ObjectServer, own_bucket: Bucket, tmp_path: Path
) -> None:
    with (
        store_in(seaweedfs, ProviderKind.S3, tmp_path, bucket=own_bucket) as dead,
        store_in(seaweedfs, ProviderKind.S3, tmp_path, bucket=own_bucket) as heir,
    ):
        writer = dead.writer(KEY)
        writer.write(os.urandom(2 * PART_BYTES))
        writer.write(b"more")
        assert unfinished(seaweedfs, own_bucket.name) == [KEY]
        heir.delete(KEY)
        assert unfinished(seaweedfs, own_bucket.name) == []
        with pytest.raises(FileNotFoundError):
            writer.commit()
        with pytest.raises(FileNotFoundError):
            heir.open(KEY)


def test_azure_forgets_blocks_of_a_process_that_died(azurite: ObjectServer, tmp_path: Path) -> None:
    kind = ProviderKind.AZURE
    bucket = bucket_of(azurite, kind)
    with (
        store_in(azurite, kind, tmp_path, bucket=bucket) as dead,
        store_in(azurite, kind, tmp_path, bucket=bucket) as heir,
    ):
        writer = dead.writer(KEY)
        writer.write(os.urandom(2 * PART_BYTES))
        writer.write(b"more")
        heir.delete(KEY)
        writer.cancel()
        listed = httpx.get(azure_signer(azurite, BUCKET).listing(KEY, 60, utc_now()))
        assert listed.is_success
        assert "<Name>" not in listed.text


def test_a_link_gives_the_bytes_with_their_name_and_cannot_be_altered(
    server: ObjectServer, kind: ProviderKind, tmp_path: Path
) -> None:
    with store_in(server, kind, tmp_path) as store:
        writer = store.writer(KEY)
        writer.write(b"0123456789")
        writer.commit()
        named = content_disposition(NAME)
        link = store.signed_link(KEY, 60, named, "application/vnd.android.package-archive")
        assert link is not None
        whole = httpx.get(link)
        assert whole.content == b"0123456789"
        assert whole.headers["content-type"] == "application/vnd.android.package-archive"
        assert whole.headers["content-disposition"] == named
        part = httpx.get(link, headers={"Range": "bytes=2-4"})
        assert (part.status_code, part.content) == (206, b"234")
        assert httpx.get(link.replace("2/file", "2/else")).status_code == 403
        assert httpx.get(link.replace("android", "windows")).status_code == 403
        store.delete(KEY)


def test_what_a_store_refuses_is_said_in_words(server: ObjectServer, kind: ProviderKind, tmp_path: Path) -> None:
    bucket = bucket_of(server, kind)
    elsewhere = replace(bucket, endpoint="http://127.0.0.1:9")
    # SeaweedFS makes a bucket that is not there, unless its name is too short for one.
    nowhere = replace(bucket, name="b1" if kind is ProviderKind.S3 else "no-such-container")
    refused = [
        (store_in(server, kind, tmp_path, secret="d3Jvbmc=", bucket=bucket), "refuses the credentials"),
        (store_in(server, kind, tmp_path, bucket=nowhere), "has no such"),
        (store_in(server, kind, tmp_path, bucket=elsewhere), "cannot be reached"),
    ]
    for store, words in refused:
        with store:
            with pytest.raises(StorageUnavailable, match=words):
                store.writer(KEY).commit()
            with pytest.raises(StorageUnavailable, match=words):
                store.ping()


def test_parts_grow_with_the_largest_file() -> None:
    assert part_bytes(20 << 30) == PART_BYTES
    assert part_bytes(1 << 40) * 10_000 > 1 << 40


def test_a_copy_is_gone_with_its_block_and_one_of_a_dead_process_with_the_next(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    (tmp_path / "of-a-dead-process.copy").write_bytes(b"left")
    with scratch.copy([b"one", b"two"], 6) as path, scratch.copy([b"other"], 5) as other:
        assert (path.read_bytes(), other.read_bytes()) == (b"onetwo", b"other")
        assert {one.name for one in tmp_path.iterdir()} == {path.name, other.name}
    assert list(tmp_path.iterdir()) == []
