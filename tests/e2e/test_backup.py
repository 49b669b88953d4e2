"""The scripts of the backup page, as they stand there: under uploads, restored elsewhere, every build downloaded."""

import hashlib
import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.conftest import StartServer
from tests.server import DEMO_APK, PATIENCE_SECONDS, Server, Workspace, environment

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/backup.md"
SCRIPT = re.compile(r"^```sh\n(#!/bin/sh\n# (seatrial-\w+) .*?)^```", re.MULTILINE | re.DOTALL)
UPLOADERS = 2

pytestmark = pytest.mark.skipif(shutil.which("rsync") is None, reason="rsync is not installed (scripts/test-tools.sh)")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Give a folder with the page's scripts as programs."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for text, name in SCRIPT.findall(PAGE.read_text()):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    assert {path.name for path in programs.iterdir()} == {"seatrial-backup", "seatrial-restore", "seatrial-check"}
    return programs


def run(program: Path, *arguments: Path, code: int = 0) -> str:
    done = subprocess.run(
        [program, *arguments], env=environment(), capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert done.returncode == code, (done.stdout, done.stderr)
    assert not done.stderr
    return done.stdout.strip()


@contextmanager
def restored(data_dir: Path, like: Server) -> Iterator[Server]:
    """Start a server on a restored directory, with the tokens of the one it was copied from."""
    printed = {
        "appToken": like.app_token,
        "serviceAccountToken": like.service_token,
        "organization": like.organization,
        "app": like.app,
    }
    server = Server(Workspace(data_dir, printed), data_dir.parent / f"{data_dir.name}.log")
    try:
        yield server
    finally:
        server.close()


@contextmanager
def uploads_without_pause(server: Server) -> Iterator[dict[str, str]]:
    """Upload from several threads, every file another one; gives the digest of each acknowledged build by its id."""
    acknowledged: dict[str, str] = {}
    over = threading.Event()
    failures: list[object] = []
    begun = threading.Barrier(UPLOADERS + 1)

    def upload(number: int) -> None:
        with httpx.Client(base_url=server.base_url, timeout=PATIENCE_SECONDS, trust_env=False) as client:
            count = 0
            while not over.is_set():
                content = DEMO_APK.read_bytes() + b"%d-%d" % (number, count)
                answer = client.post(
                    "/v1/integrations/builds",
                    headers={"Authorization": f"Bearer {server.app_token}"},
                    files={"build": ("demo.apk", content)},
                )
                if answer.status_code != 200:
                    failures.append(answer.text)
                    break
                acknowledged[answer.json()["data"]["id"]] = hashlib.sha256(content).hexdigest()
                count += 1
                over.wait(0.1)
                if count == 3:
                    begun.wait(PATIENCE_SECONDS)

    threads = [threading.Thread(target=upload, args=(number,)) for number in range(UPLOADERS)]
    for thread in threads:
        thread.start()
    try:
        begun.wait(PATIENCE_SECONDS)
        yield acknowledged
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert not failures


def listed(server: Server) -> dict[str, str]:
    """Give every build's id and the digest of what its download brings."""
    found: dict[str, str] = {}
    page, more = 1, True
    while more:
        data = server.ci.get("/builds", params={"page": page, "limit": 100}).json()["data"]
        for build in data["items"]:
            assert server.wait_for(build["id"])["status"] == "processed"
            content = server.anyone.get(f"/v1/download/{server.token(build['id'])}", follow_redirects=True).content
            found[build["id"]] = hashlib.sha256(content).hexdigest()
        page, more = page + 1, data["hasNextPage"]
    return found


def test_a_backup_under_uploads_comes_back_whole(start_server: StartServer, page: Path, tmp_path: Path) -> None:
    own, backups = start_server(), tmp_path / "backups"
    with uploads_without_pause(own) as acknowledged:
        before = dict(acknowledged)
        first = Path(run(page / "seatrial-backup", own.data_dir, backups))
        between = dict(acknowledged)
        time.sleep(1.1)  # backups are named by the second
        second = Path(run(page / "seatrial-backup", own.data_dir, backups))
    assert len(before) >= UPLOADERS * 3
    with ExitStack() as stack:
        for backup, least in ((first, before), (second, between)):
            data_dir = tmp_path / f"restored-{backup.name}-{len(least)}"
            run(page / "seatrial-restore", backup, data_dir)
            assert re.fullmatch(r"(\d+) of \1 files are good", run(page / "seatrial-check", data_dir))
            builds = listed(stack.enter_context(restored(data_dir, own)))
            assert set(before) <= set(builds)
            assert set(least) <= set(builds)
            assert builds == {build: acknowledged[build] for build in builds}


def test_the_backup_is_private_and_holds_keys_and_settings(
    start_server: StartServer, page: Path, tmp_path: Path
) -> None:
    own = start_server()
    (own.data_dir / "seatrial.toml").write_text('log_level = "INFO"\n')
    backup = Path(run(page / "seatrial-backup", own.data_dir, tmp_path / "backups"))
    assert sorted(path.name for path in backup.iterdir()) == ["keys", "seatrial.db", "seatrial.toml"]
    for path in (backup.parent, backup, backup / "seatrial.db", backup / "keys" / "url-signing"):
        assert path.stat().st_mode & 0o077 == 0, path
    data_dir = tmp_path / "restored"
    run(page / "seatrial-restore", backup, data_dir)
    assert (data_dir / "keys/url-signing").read_bytes() == (own.data_dir / "keys/url-signing").read_bytes()


def test_a_stopped_server_is_backed_up_too(start_server: StartServer, page: Path, tmp_path: Path) -> None:
    own = start_server()
    build = own.processed()
    own.stop()
    backup = Path(run(page / "seatrial-backup", own.data_dir, tmp_path / "backups"))
    own.start()
    assert own.build(build["id"])["status"] == "processed"
    data_dir = tmp_path / "restored"
    run(page / "seatrial-restore", backup, data_dir)
    with restored(data_dir, own) as again:
        assert set(listed(again)) == {build["id"]}


def test_what_was_not_processed_yet_is_processed_after_the_restore(
    start_server: StartServer, page: Path, tmp_path: Path
) -> None:
    own = start_server(arguments=["--no-worker"])
    build = own.upload()
    backup = Path(run(page / "seatrial-backup", own.data_dir, tmp_path / "backups"))
    data_dir = tmp_path / "restored"
    run(page / "seatrial-restore", backup, data_dir)
    with restored(data_dir, own) as again:
        assert again.wait_for(build["id"])["status"] == "processed"


def test_the_check_finds_what_is_missing_and_what_is_changed(
    start_server: StartServer, page: Path, tmp_path: Path
) -> None:
    own = start_server()
    missing, changed, _good = (own.processed() for _ in range(3))
    backup = Path(run(page / "seatrial-backup", own.data_dir, tmp_path / "backups"))
    data_dir = tmp_path / "restored"
    run(page / "seatrial-restore", backup, data_dir)

    def original(build_id: str) -> Path:
        [path] = [
            path
            for path in (data_dir / "blobs").rglob("*")
            if path.parent.name == build_id and path.stat().st_size == DEMO_APK.stat().st_size
        ]
        return path

    original(missing["id"]).unlink()
    with original(changed["id"]).open("r+b") as file:
        file.write(b"X")
    said = run(page / "seatrial-check", data_dir, code=1).splitlines()
    assert sorted(line.partition(":")[0] for line in said[:-1]) == ["changed", "missing"]
    assert any(missing["id"] in line for line in said if line.startswith("missing"))
    assert any(changed["id"] in line for line in said if line.startswith("changed"))
    with restored(data_dir, own) as again:
        assert again.ci.delete(f"/builds/{missing['id']}").status_code == 200
        assert json.loads(again.anyone.get("/healthz").text)["status"] is True


def test_a_second_restore_overwrites_nothing(start_server: StartServer, page: Path, tmp_path: Path) -> None:
    own = start_server()
    backup = Path(run(page / "seatrial-backup", own.data_dir, tmp_path / "backups"))
    done = subprocess.run(
        [page / "seatrial-restore", backup, own.data_dir], env=environment(), capture_output=True, check=False
    )
    assert done.returncode != 0
    assert own.anyone.get("/healthz").status_code == 200
