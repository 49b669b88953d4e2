"""Backups under uploads, brought back elsewhere and into the other kind of database, every build downloaded."""

import gzip
import hashlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from seatrial.cli.main import app
from tests.conftest import StartServer
from tests.postgres import Postgres
from tests.server import DEMO_APK, PATIENCE_SECONDS, SEATRIAL, Json, Server, Workspace, environment

UPLOADERS = 2


def command(*words: object, settings: Mapping[str, str] | None = None) -> Json:
    """Run a command in this process, to save time; gives what it printed."""
    done = CliRunner().invoke(app, [*map(str, words), "--json"], env=dict(settings or {}), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    said: Json = json.loads(done.stdout)
    return said


def refusal(*words: object, settings: Mapping[str, str] | None = None) -> str:
    """Run a command that must not succeed; gives what it says."""
    done = CliRunner().invoke(app, list(map(str, words)), env=dict(settings or {}))
    assert done.exit_code == 1
    return f"{done.stderr} {done.exception}"


def backup(own: Server, target: Path, *options: str) -> Json:
    return command("backup", target, "--data-dir", own.data_dir, *options, settings=own.settings)


@contextmanager
def restored(data_dir: Path, like: Server, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Start a server on a restored directory, with the tokens of the one it was copied from."""
    printed = {
        "appToken": like.app_token,
        "serviceAccountToken": like.service_token,
        "organization": like.organization,
        "app": like.app,
    }
    server = Server(Workspace(data_dir, printed), data_dir.parent / f"{data_dir.name}.log", settings)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def uploads_without_pause(server: Server, pause: float = 0.1) -> Iterator[dict[str, str]]:
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
                over.wait(pause)
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


@pytest.fixture(scope="module")
def own(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server to make backups of: each test makes its own, of all that is there."""
    folder = tmp_path_factory.mktemp("own")
    server = Server(workspace.copied_to(folder), folder / "server.log")
    yield server
    server.close()


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


def test_a_backup_under_uploads_comes_back_whole_on_either_database(
    start_server: StartServer, postgres: Postgres, tmp_path: Path
) -> None:
    own, target = start_server(), tmp_path / "backups"
    with uploads_without_pause(own) as acknowledged:
        first = backup(own, target, "--with-keys")
        between = dict(acknowledged)
        second = backup(own, target, "--with-keys")
    assert second["backup"] != first["backup"]
    assert second["copiedObjects"] < second["objects"], "what was there is copied again"
    assert not first["missing"]
    assert not second["missing"]
    command("restore", target, "--check")
    url = postgres.fresh_database()
    for data_dir, settings in (
        (tmp_path / "again", {}),
        (tmp_path / "on-postgresql", {"SEATRIAL_DATABASE_URL": url}),
    ):
        brought = command("restore", target, "--data-dir", data_dir, settings=settings)
        assert brought["backup"] == second["backup"]
        with restored(data_dir, own, settings) as again:
            builds = listed(again)
            assert set(between) <= set(builds)
            assert builds == {build: acknowledged[build] for build in builds}
            # It goes on as it was: numbers, search and everything behind it.
            assert again.processed()["status"] == "processed"
            assert again.anyone.get("/readyz").status_code == 200


def test_from_postgresql_to_sqlite(workspaces: object, postgres: Postgres, tmp_path: Path) -> None:
    url, data_dir = postgres.fresh_database(), tmp_path / "data"
    settings = {"SEATRIAL_DATABASE_URL": url}
    printed = command("init", "--data-dir", data_dir, settings=settings)
    own = Server(Workspace(data_dir, printed, url), tmp_path / "server.log", arguments=["--no-worker"])
    try:
        build = own.upload(tags="a, b", changelog="what é changed: 1.50")
        made = backup(own, tmp_path / "backups", "--with-keys")
        command("restore", made["backup"], "--data-dir", tmp_path / "again")
        with restored(tmp_path / "again", own) as again:
            # What waited goes on.
            done = again.wait_for(build["id"])
            assert done["status"] == "processed"
            assert (done["tags"], done["changelog"]) == (build["tags"], build["changelog"])
    finally:
        own.close()


def test_keys_go_along_only_where_they_are_asked_for_and_nobody_else_reads_it(own: Server, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    (own.data_dir / "seatrial.toml").write_text('log_level = "INFO"\n')
    without, with_them = backup(own, target), backup(own, target, "--with-keys")
    assert not (Path(without["backup"]) / "keys").exists()
    assert not (Path(without["backup"]) / "seatrial.toml").exists()
    key = Path(with_them["backup"]) / "keys" / "encryption"
    assert key.read_bytes() == (own.data_dir / "keys/encryption").read_bytes()
    assert key.stat().st_mode & 0o077 == 0
    assert (Path(with_them["backup"]) / "seatrial.toml").exists()
    for path in (target, target / "blobs", Path(without["backup"])):
        assert path.stat().st_mode & 0o077 == 0, path
    command("restore", with_them["backup"], "--data-dir", tmp_path / "again")
    assert (tmp_path / "again/keys/encryption").read_bytes() == key.read_bytes()


@pytest.mark.only_on("sqlite", reason="links are of files on a disk")
def test_linked_files_cost_no_room(own: Server, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    build = own.processed()
    made = backup(own, target, "--link")
    linked = [path for path in (target / "blobs").rglob("*") if path.is_file() and build["id"] in str(path)]
    assert linked
    assert all(path.stat().st_nlink == 2 for path in linked)
    assert backup(own, target, "--link")["copiedObjects"] == 0
    assert command("restore", made["backup"], "--check")["damages"] == []


def test_a_killed_backup_leaves_nothing_that_looks_whole(own: Server, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    with (own.data_dir / "big").open("wb") as file:
        file.write(os.urandom(48 << 20))
    build = own.upload((own.data_dir / "big").read_bytes(), "big.bin")
    making = subprocess.Popen([SEATRIAL, "backup", target, "--data-dir", own.data_dir], env=environment(own.settings))
    give_up = time.monotonic() + PATIENCE_SECONDS
    while making.poll() is None and not list(target.glob("blobs/**/*")):
        assert time.monotonic() < give_up
        time.sleep(0.001)
    making.send_signal(signal.SIGKILL)
    making.wait(PATIENCE_SECONDS)
    whole = [path for path in target.glob("2*") if path.suffix != ".part"]
    assert all((path / "manifest.json").exists() for path in whole)
    made = backup(own, target)
    assert not list(target.glob("*.part"))
    assert command("restore", made["backup"], "--check")["damages"] == []
    assert [path for path in (target / "blobs").rglob("*") if path.name.endswith(".part")] == []
    assert build["id"].encode() in gzip.decompress(Path(f"{made['backup']}/objects.jsonl.gz").read_bytes())


def test_damage_is_found_before_anything_is_brought_back(own: Server, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    own.processed()
    snapshot = Path(backup(own, target)["backup"])
    blob = max((path for path in (target / "blobs").rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
    content = blob.read_bytes()
    blob.write_bytes(b"X" + content[1:])
    assert "was changed" in refusal("restore", snapshot, "--check")
    assert "was changed" in refusal("restore", snapshot, "--data-dir", tmp_path / "again")
    # What was begun is not taken for a server's data.
    assert "did not end" in refusal("migrate", "--data-dir", tmp_path / "again")
    blob.write_bytes(content)
    (snapshot / "tables/builds.jsonl.gz").write_bytes(gzip.compress(b""))
    assert "builds.jsonl.gz is missing or was changed" in refusal("restore", snapshot, "--check")
    assert "no whole backup" in refusal("restore", own.data_dir, "--check")


def test_a_restore_overwrites_nothing(own: Server, tmp_path: Path) -> None:
    made = backup(own, tmp_path / "backups")
    assert "is not empty" in refusal("restore", made["backup"], "--data-dir", own.data_dir)
    settings = {"SEATRIAL_DATABASE_URL": f"sqlite:///{own.data_dir / 'seatrial.db'}"} | own.settings
    assert "is not empty" in refusal("restore", made["backup"], "--data-dir", tmp_path / "new", settings=settings)
    assert own.anyone.get("/healthz").status_code == 200


def test_garbage_is_named_first_and_what_is_in_use_stays(start_server: StartServer, tmp_path: Path) -> None:
    own = start_server(on_disk=True)
    kept, lost = own.processed(), own.processed()
    blobs = own.data_dir / "blobs"
    [original] = [path for path in blobs.rglob("*") if path.parent.name == lost["id"]
                  and path.read_bytes() == DEMO_APK.read_bytes()][:1]  # fmt: skip
    original.unlink()
    orphan, begun, reserved, young = (
        blobs / "builds/0a/0b/0c" / name for name in ("orphan", "begun.part", "reserved", "young")
    )
    orphan.parent.mkdir(parents=True)
    for path in (orphan, begun, reserved, young):
        path.write_bytes(b"x" * 1000)
    stale = own.data_dir / "run/conversions/aab-left"
    stale.mkdir(parents=True)
    (stale / "bundle").write_bytes(b"y" * 500)
    now = time.time()
    for path in blobs.rglob("*"):
        if path != young:
            os.utime(path, (now - 90_000, now - 90_000))
    os.utime(stale, (now - 90_000, now - 90_000))
    own.write(
        "INSERT INTO loose_blobs (id, executor_id, keys, created_at) SELECT 'aaaaaaaaaaaaaaaaaaaaaaaa', id,"
        " ?, 0 FROM executors LIMIT 1", json.dumps(["builds/0a/0b/0c/reserved"]),
    )  # fmt: skip
    for dry in (["--dry-run"], []):
        found = command("gc", "--data-dir", own.data_dir, *dry, settings=own.settings)
        assert found["orphans"] == {"builds/0a/0b/0c/orphan": 1000}
        assert found["unfinished"] == {"builds/0a/0b/0c/begun": 1000}
        assert found["temporary"] == {"run/conversions/aab-left": 500}
        assert found["missing"] == [str(original.relative_to(blobs))]
        assert found["bytes"] == 2500
        assert [path.exists() for path in (orphan, begun, stale)] == [bool(dry)] * 3
    assert reserved.exists()
    assert young.exists()
    content = own.anyone.get(f"/v1/download/{own.token(kept['id'])}", follow_redirects=True).content
    assert content == DEMO_APK.read_bytes()
    assert "lacks 1 files" in refusal("backup", tmp_path / "backups", "--data-dir", own.data_dir, settings=own.settings)
