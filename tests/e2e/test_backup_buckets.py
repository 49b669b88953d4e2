"""Backups of files that are in buckets: made under uploads, brought back into the bucket, into another, onto the disk."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx

from seatrial.domain.clock import utc_now
from seatrial.domain.place import LOCAL_ID
from tests.conftest import StartServer
from tests.e2e.test_backup import backup, command, listed, refusal, restored, uploads_without_pause
from tests.object_stores import ACCESS_KEY, BUCKET, SECRET_KEY, ObjectServer, keys_below, s3_settings, s3_signer
from tests.postgres import Postgres
from tests.server import DEMO_APK


def lose(store: ObjectServer, prefix: str) -> set[str]:
    """Remove everything below a prefix; gives what there was."""
    lost, signer = keys_below(store.endpoint, prefix), s3_signer(store.endpoint, BUCKET)
    for key in lost:
        assert httpx.delete(signer.url("DELETE", f"{prefix}/{key}", 60, utc_now())).is_success
    return lost


def test_files_come_back_into_their_bucket_into_another_and_onto_the_disk(
    seaweedfs: ObjectServer, start_server: StartServer, postgres: Postgres, tmp_path: Path
) -> None:
    own = start_server(s3_settings(seaweedfs.endpoint, "backup-own"))
    apk = DEMO_APK.read_bytes()
    target, trashed = tmp_path / "backups", own.processed(apk)["id"]
    assert own.ops.post(f"/builds/{trashed}/trash").status_code == 200
    with uploads_without_pause(own, 0.5) as acknowledged:
        between = dict(acknowledged)
        made = backup(own, target, "--with-keys")
    assert made["missing"] == []
    own.stop()

    elsewhere = s3_settings(seaweedfs.endpoint, "backup-new")
    elsewhere |= {"SEATRIAL_DATABASE_URL": postgres.fresh_database()}
    command("restore", target, "--data-dir", tmp_path / "again", settings=elsewhere)
    keys = keys_below(seaweedfs.endpoint, "backup-new")
    assert len(keys) == made["objects"]
    with restored(tmp_path / "again", own, elsewhere) as again:
        builds = listed(again)
        assert set(between) <= set(builds)
        assert builds == {build: acknowledged[build] for build in builds}
        back = again.ops.post(f"/trash/{trashed}/restore").json()["data"]
        assert {one["file"]["storageProviderId"] for one in back["files"]} == {back["storageProvider"]["id"]}
        assert again.anyone.get(f"/v1/download/{again.token(trashed)}", follow_redirects=True).content == apk

    lost = lose(seaweedfs, "backup-own")
    same = dict(own.settings)
    if "SEATRIAL_DATABASE_URL" in same:
        same["SEATRIAL_DATABASE_URL"] = postgres.fresh_database()  # it overwrites nothing
    command("restore", target, "--data-dir", tmp_path / "same", settings=same)
    assert keys_below(seaweedfs.endpoint, "backup-own") == keys <= lost

    on_disk = tmp_path / "on-disk"
    command("restore", target, "--data-dir", on_disk)
    blobs = on_disk / "blobs"
    assert {str(path.relative_to(blobs)) for path in blobs.rglob("*") if path.is_file()} == keys
    with closing(sqlite3.connect(on_disk / "seatrial.db")) as database:
        for table in ("build_files", "trash_keys"):
            found = database.execute(f"SELECT DISTINCT storage_provider_id FROM {table}")
            assert found.fetchall() == [(LOCAL_ID,)]


def test_an_organization_s_bucket_takes_the_keys_that_open_its_secret(
    seaweedfs: ObjectServer, start_server: StartServer, tmp_path: Path
) -> None:
    own, target = start_server(), tmp_path / "backups"
    organization = own.client(f"/v1/organizations/{own.organization['id']}", own.service_token)
    wanted = {"name": "Quay", "provider": "s3", "bucket": BUCKET, "prefix": "backup-quay"}
    wanted |= {"endpoint": seaweedfs.endpoint, "accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}
    provider = organization.post("/storageProviders", json=wanted).json()["data"]["id"]
    chosen = {"configuration": {"storageProvider": {"id": provider}}}
    assert organization.put(f"/apps/{own.app['id']}", json=chosen).is_success
    own.processed()
    made = backup(own, target)
    lost = lose(seaweedfs, "backup-quay")
    assert len(lost) == made["objects"]
    assert "copy of keys/" in refusal("restore", target, "--data-dir", tmp_path / "without")
    again = tmp_path / "again"
    shutil.copytree(own.data_dir / "keys", again / "keys")
    command("restore", target, "--data-dir", again)
    assert keys_below(seaweedfs.endpoint, "backup-quay") == lost
    assert (again / "keys/encryption").read_bytes() == (own.data_dir / "keys/encryption").read_bytes()
