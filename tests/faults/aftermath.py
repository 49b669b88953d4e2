"""What a data directory must look like once the dust has settled, read past the server."""

import hashlib
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from tests.server import PATIENCE_SECONDS, Server


def rows(data_dir: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(data_dir / "seatrial.db", timeout=10)) as connection:
        return connection.execute(sql).fetchall()


def settle(server: Server) -> None:
    """Wait until a running server has nothing left to do: no open build, no job, no byte without an owner."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while left := _unfinished(server.rows):
        assert time.monotonic() < give_up, f"stuck: {left}\n{server.log.read_text()[-4000:]}"
        time.sleep(0.05)


def _unfinished(read: Callable[[str], list[Any]]) -> list[Any]:
    return [
        *read("SELECT id, status, claims FROM builds WHERE status NOT IN ('processed', 'error')"),
        *read("SELECT id, executor_id, keys FROM loose_blobs"),
        *read("SELECT workflow_uuid, status FROM workflow_status WHERE status IN ('PENDING', 'ENQUEUED')"),
    ]


def assert_sound(data_dir: Path, blobs: Path | None = None) -> None:
    """Nothing stuck; a file for every row and a row for every file, byte for byte; counters that count."""
    assert _unfinished(partial(rows, data_dir)) == []
    root = blobs or data_dir / "blobs"
    on_disk = {str(path.relative_to(root)): path for path in root.rglob("*") if not path.is_dir()}
    files = rows(data_dir, "SELECT key, checksum, size FROM build_files")
    known = {key: (checksum, size) for key, checksum, size in files}
    assert set(on_disk) == set(known)
    for key, path in on_disk.items():
        assert known[key] == (sha256_of(path), path.stat().st_size), key
    assert [path for path in root.rglob("*") if path.is_dir() and not any(path.iterdir())] == []
    counted = rows(data_dir, "SELECT app_id, status, os, count(*) FROM builds GROUP BY 1, 2, 3 ORDER BY 1, 2, 3")
    assert rows(data_dir, "SELECT app_id, status, os, builds FROM build_counts ORDER BY 1, 2, 3") == counted
    by_version = "SELECT app_id, version_name, status, os, {} FROM {} ORDER BY 1, 2, 3, 4"
    assert rows(data_dir, by_version.format("builds", "build_version_counts")) == rows(
        data_dir, by_version.format("count(*)", "builds GROUP BY 1, 2, 3, 4")
    )


def assert_untouched(server: Server) -> None:
    """No build, no blob, not even a folder: as if nobody had ever called; and the server still serves."""
    settle(server)
    assert rows(server.data_dir, "SELECT count(*) FROM builds") == [(0,)]
    assert rows(server.data_dir, "SELECT count(*) FROM build_files") == [(0,)]
    assert rows(server.data_dir, "SELECT count(*) FROM workflow_status") == [(0,)]
    assert list((server.data_dir / "blobs").rglob("*")) == []
    answer = server.ci.get("/builds")
    assert (answer.status_code, answer.json()["data"]["totalDocs"]) == (200, 0)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
