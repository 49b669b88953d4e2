"""One real build of every format, all the way: sent by curl, waited for, described, and fetched again by token."""

import json
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.conftest import StartServer
from tests.parsers.corpus_manifest import CORPUS, ROWS, Row
from tests.server import SEATRIAL, Json, Server

pytestmark = pytest.mark.skipif(not ROWS, reason="the corpus of real builds is not beside this checkout")

JAR = Path(__file__).parents[2] / ".tools" / "bundletool.jar"
CONVERTS = JAR.is_file() and shutil.which("java") is not None
SENT = {
    "apk/ag-a2dp.Vol_137.apk": "android",
    "aab/appinfo-android.aab": "android",
    "apks/bundletool-built-install-time.apks": "android",
    "xapk/ondemand-splits.xapk": "android",
    "ipa/bitrise-Fruta-appclip-adhoc.ipa": "ios",
    "pkg/fastlane-MacAppOnly.pkg": "macos",
    "dmg/appleplatformrs-example.dmg": "macos",
    "macos-app-zip/appinfo-macos.app.zip": "macos",
    "msi/arcade-MsiSetup.msi": "windows",
    "msix/msixpkg-CentennialCoffee.appx": "windows",
    "exe/putty-0.73-modified.exe": "windows",
    "deb/debian-hello_arm64.deb": "linux",
    "rpm/balicek-utf8-1.1.1-1.x86_64.rpm": "linux",
    "appimage/LegacyTestApp-Velopack1298-linux.AppImage": "linux",
}
"""A file of each format, and the system that its build is then for."""
BLOCKS = {
    "android": ("android", "packageName", "versionName"),
    "ios": ("ios", "CFBundleIdentifier", "CFBundleShortVersionString"),
    "macos": ("pkg", "CFBundleIdentifier", "CFBundleShortVersionString"),
}
"""Where `info` says who a build is; the contract has no block for other systems."""


def curl(server: Server, *arguments: str) -> bytes:
    return subprocess.run(
        ["curl", "-sS", "--fail", "-H", f"Authorization: Bearer {server.app_token}", *arguments],
        check=True,
        capture_output=True,
        timeout=60,
    ).stdout


def fetched(server: Server, build: Json, **query: str) -> bytes:
    answer = httpx.get(
        f"{server.base_url}/v1/download/{server.token(build['id'], **query)}", follow_redirects=True, trust_env=False
    )
    assert answer.status_code == 200, answer.text
    return answer.content


def test_every_format_from_upload_to_download(start_server: StartServer) -> None:
    server = start_server({"SEATRIAL_BUNDLETOOL__JAR": str(JAR)})
    truth = {row.path: row for row in ROWS}
    url = f"{server.base_url}/v1/integrations/builds"
    sent: dict[str, Json] = {}
    for path in SENT:
        sent[path] = json.loads(curl(server, url, "-F", f"build=@{CORPUS / path}"))["data"]
        assert sent[path]["status"] == "pending", path
    for path, system in SENT.items():
        build = server.wait_for(sent[path]["id"])
        assert build["status"] == "processed", (path, build["error"])
        assert build["os"] == system, path
        said(build, truth[path], system)
        kinds = [file["type"] for file in build["files"]]
        if truth[path].icon.startswith("yes"):
            assert "icon" in kinds, path
            icon = next(file for file in build["files"] if file["type"] == "icon")
            assert icon["file"]["mimetype"] == "image/png", path
            assert fetched(server, build, fileId=icon["id"]).startswith(b"\x89PNG\r\n\x1a\n"), path
        if not path.endswith(".aab"):
            assert "package" in kinds, path
            assert fetched(server, build, type="file") == (CORPUS / path).read_bytes(), path


def said(build: Json, row: Row, system: str) -> None:
    if system in BLOCKS:
        name, identifier, version = BLOCKS[system]
        block = build["info"][name]
        block = block.get("plist", block)
        assert (block[identifier], block[version]) == (row.identifier, row.version_name), row.path
    assert build["versionName"] == row.version_name, row.path
    if row.kind not in {"msi", "exe"}:
        assert build["versionCode"] == row.version_code, row.path


@pytest.mark.skipif(
    not CONVERTS, reason="bundletool.jar and Java are not installed (scripts/fetch-bundletool.sh .tools)"
)
def test_a_bundle_is_downloaded_as_the_apk_made_of_it_or_as_itself(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server({"SEATRIAL_BUNDLETOOL__JAR": str(JAR)})
    bundle = CORPUS / "aab/bitrise-app-weak-algorithm-signed.aab"
    key = server.ops.post("/signingKey").json()["data"]
    build = server.processed(bundle)
    assert fetched(server, build, type="aab") == bundle.read_bytes()
    apk = fetched(server, build)
    assert fetched(server, build, type="auto") == fetched(server, build, type="file") == apk
    [package] = [file["file"] for file in build["files"] if file["type"] == "package"]
    assert package["originalName"] == "bitrise-app-weak-algorithm-signed.apk"
    assert package["mimetype"] == "application/vnd.android.package-archive"
    (tmp_path / "app.apk").write_bytes(apk)
    done = subprocess.run(
        [SEATRIAL, "inspect", "--json", tmp_path / "app.apk"],
        check=True,
        capture_output=True,
    )
    found = json.loads(done.stdout)
    assert found["identifier"] == build["info"]["android"]["packageName"]
    assert found["signing"]["fingerprints"] == [key["sha256"].replace(":", "").lower()]
    assert (found["signing"]["verified"], found["signing"]["schemes"]) == (True, ["v1", "v2", "v3"])
    assert server.ops.get("/signingKey").json()["data"] == key
