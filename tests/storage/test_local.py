import errno
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.domain.errors import InsufficientStorage
from seatrial.storage import local
from seatrial.storage.local import LocalBlobStore, LocalBlobWriter

KEY = "builds/o/a/b/file"


def everything_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_blob_lies_under_its_key_and_is_not_for_everybody(tmp_path: Path) -> None:
    store = LocalBlobStore(tmp_path)
    writer = store.writer(KEY)
    writer.write(b"bytes")
    assert everything_below(tmp_path)[-1] == "builds/o/a/b/file.part"
    writer.commit()
    assert everything_below(tmp_path) == ["builds", "builds/o", "builds/o/a", "builds/o/a/b", KEY]
    for path in tmp_path.rglob("*"):
        assert path.stat().st_mode & 0o007 == 0
    assert store.path(KEY) == tmp_path / KEY


def test_decision_34_local_disk_is_bucket_local_in_region_local(tmp_path: Path) -> None:
    provider = LocalBlobStore(tmp_path).provider
    assert (provider.bucket, provider.region) == ("local", "local")


def test_cancel_and_delete_take_empty_folders_with_them(tmp_path: Path) -> None:
    store = LocalBlobStore(tmp_path)
    store.writer(KEY).cancel()
    assert everything_below(tmp_path) == []
    store.writer(KEY).commit()
    store.writer("builds/o/other/b/file").commit()
    store.delete(KEY)
    assert everything_below(tmp_path) == [
        "builds",
        "builds/o",
        "builds/o/other",
        "builds/o/other/b",
        "builds/o/other/b/file",
    ]


def test_delete_removes_the_file_of_a_process_that_was_killed(tmp_path: Path) -> None:
    code = f"""
import os, pathlib
from seatrial.storage.local import LocalBlobStore
writer = LocalBlobStore(pathlib.Path({str(tmp_path)!r})).writer({KEY!r})
writer.write(bytes(3 << 20))
os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert (tmp_path / f"{KEY}.part").stat().st_size == 3 << 20
    LocalBlobStore(tmp_path).delete(KEY)
    assert everything_below(tmp_path) == []


@pytest.mark.parametrize("depth", range(4))
def test_links_inside_the_root_are_not_followed(tmp_path: Path, depth: int) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    folders = KEY.split("/")[:-1]
    outside.joinpath(*folders[depth + 1 :]).mkdir(parents=True, exist_ok=True)
    secret = outside.joinpath(*folders[depth + 1 :], "file")
    secret.write_bytes(b"secret")
    store = LocalBlobStore(root)
    root.joinpath(*folders[:depth]).mkdir(parents=True, exist_ok=True)
    root.joinpath(*folders[: depth + 1]).symlink_to(outside)
    with pytest.raises(OSError, match=r"directory|link"):
        store.writer(KEY)
    with pytest.raises(FileNotFoundError):
        store.open(KEY)
    store.delete(KEY)
    assert secret.read_bytes() == b"secret"


def test_a_blob_that_is_a_link_is_not_opened(tmp_path: Path) -> None:
    store = LocalBlobStore(tmp_path / "root")
    store.writer("builds/kept").commit()
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "root/builds/link").symlink_to(tmp_path / "secret")
    with pytest.raises(OSError, match="symbolic link"):
        store.open("builds/link")
    with pytest.raises(FileExistsError):
        store.writer("builds/link")
    assert everything_below(tmp_path / "root") == ["builds", "builds/kept", "builds/link"]


def test_a_root_that_is_a_link_is_the_operators_choice(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "root").symlink_to(tmp_path / "disk")
    LocalBlobStore(tmp_path / "root").writer(KEY).commit()
    assert (tmp_path / "disk" / KEY).exists()


def test_the_reserve_is_not_for_blobs(tmp_path: Path) -> None:
    disk = os.statvfs(tmp_path)
    free, total = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
    slack = 256 << 20  # other processes use the same disk
    assert abs(LocalBlobStore(tmp_path, reserve=0).free_bytes() - free) < slack
    assert abs(LocalBlobStore(tmp_path).free_bytes() - (free - min(total // 20, 2 << 30))) < slack
    with pytest.raises(InsufficientStorage):
        LocalBlobStore(tmp_path, reserve=total).writer(KEY)
    assert everything_below(tmp_path) == []


def test_an_upload_ends_where_the_reserve_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "MARK_BYTES", 4 << 20)
    store = LocalBlobStore(tmp_path)
    monkeypatch.setattr(LocalBlobStore, "free_bytes", lambda _self: 1)
    writer = store.writer(KEY)
    monkeypatch.setattr(LocalBlobStore, "free_bytes", lambda _self: 0)
    for _ in range(3):
        writer.write(bytes(1 << 20))
    with pytest.raises(InsufficientStorage):
        writer.write(bytes(1 << 20))
    writer.cancel()
    assert everything_below(tmp_path) == []


def fill(writer: LocalBlobWriter) -> None:
    writer.write(bytes(2 << 20))
    writer.commit()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("call", ["writev", "fsync", "rename"])
def test_a_full_disk_is_said_to_be_full_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    store = LocalBlobStore(tmp_path)
    writer = store.writer(KEY)

    def fail(*_args: object, **_named: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(InsufficientStorage):
        fill(writer)
    monkeypatch.undo()
    writer.cancel()
    assert everything_below(tmp_path) == []


def test_a_real_limit_of_the_system_is_told_too(tmp_path: Path) -> None:
    code = f"""
import pathlib, resource, signal
from seatrial.storage.local import LocalBlobStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 19, 3 << 19))
writer = LocalBlobStore(pathlib.Path({str(tmp_path)!r})).writer({KEY!r})
try:
    writer.write(bytes(2 << 20))
except OSError as error:
    writer.cancel()
    print(error.errno)
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert int(done.stdout) == errno.EFBIG
    assert everything_below(tmp_path) == []


@pytest.mark.parametrize("accepted", [1, 299_999, 300_000, 300_010, 300_017, 500_000, 1 << 20])
def test_short_writes_of_the_system_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accepted: int
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:100_003]))
    monkeypatch.setattr(os, "writev", lambda file, pieces: write(file, b"".join(pieces)[:accepted]))
    data = os.urandom((2 << 20) + 17)
    store = LocalBlobStore(tmp_path)
    writer = store.writer(KEY)
    for start, end in ((0, 300_000), (300_000, 300_017), (300_017, 700_000), (700_000, None)):
        writer.write(data[start:end])
    assert writer.commit().sha256 == hashlib.sha256(data).hexdigest()
    assert store.path(KEY).read_bytes() == data


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    store = LocalBlobStore(tmp_path)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(5):
        store.writer(f"builds/{number}").commit()
        store.writer(f"cancelled/{number}").cancel()
        with pytest.raises(FileExistsError):
            store.writer(f"builds/{number}")
        with pytest.raises(FileNotFoundError):
            store.open("builds/none")
        store.path(f"builds/{number}")
        store.delete(f"builds/{number}")
    assert len(list(Path("/proc/self/fd").iterdir())) == before
