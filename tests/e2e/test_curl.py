"""The source documents' own command lines, run by a shell with the real curl: only the placeholders are filled in."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import curl_lines
from tests.seeds import document
from tests.server import DEMO_APK, DEMO_IPA, Json, Server, environment

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")

Run = Callable[..., str]


@pytest.fixture
def run(server: Server, tmp_path: Path) -> Run:
    """Give a shell in an empty folder that runs a document's lines against the server."""
    (tmp_path / "report.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    (tmp_path / "mapping.txt").write_text("a.b -> c:\n")

    def run_lines(lines: str, build: Json | None = None, **filled: str) -> str:
        places = {
            "https://upload.applivery.io": server.base_url,
            "https://api.applivery.io": server.base_url,
            "https://download-api.applivery.io": server.base_url,
            "YOUR_APP_TOKEN": server.app_token,
            "YOUR_SERVICE_ACCOUNT_TOKEN": server.service_token,
            "ORG_ID": server.organization["id"],
            "APP_ID": server.app["id"],
            "/path/to": str(tmp_path),
            **filled,
        }
        if build is not None:
            places |= {"BUILD_ID": build["id"], "552ae3cfcb5abfc58d733b81": build["id"]}
        for place, value in places.items():
            lines = lines.replace(place, value)
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", lines],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (done.stdout, done.stderr)
        return done.stdout

    return run_lines


def data(printed: str) -> Any:
    answer = json.loads(printed)
    assert answer["status"] is True
    assert "error" not in answer
    return answer["data"]


@pytest.mark.parametrize("number", curl_lines.BY_DOCUMENT)
def test_the_lines_are_those_of_the_document(number: str) -> None:
    text = document(number)
    assert sum(line.lstrip().startswith(("curl ", "TOKEN=$(curl")) for line in text.splitlines()) == sum(
        lines.count("curl ") for lines in curl_lines.BY_DOCUMENT[number]
    )
    for lines in curl_lines.BY_DOCUMENT[number]:
        assert lines.rstrip() in text


def test_upload_with_an_app_token(server: Server, run: Run) -> None:
    build = data(run(curl_lines.UPLOAD_INTEGRATIONS, **{"[email protected]": f"build=@{DEMO_IPA}"}))
    assert build["status"] == "pending"
    assert build["versionName"] == "v2.4.0-rc1"
    assert build["tags"] == ["staging", "sprint-42"]
    assert build["changelog"] == "Fixed crash on login screen"
    assert build["application"] == server.app["id"]
    assert build["applicationInfo"]["slug"] == server.app["slug"]
    assert build["deployer"] == {
        "name": "GitHub Actions",
        "info": {
            "commitMessage": "Fix crash on login",
            "commit": "f52ace0",
            "branch": "release/2.4",
            "tag": "v2.4.0-rc1",
            "triggerTimestamp": "1558359012580",
            "buildUrl": "https://github.com/myorg/myapp/actions/runs/123",
            "ciUrl": "https://github.com/myorg/myapp/actions",
            "repositoryUrl": "https://github.com/myorg/myapp",
            "buildNumber": "173",
        },
    }
    assert build["size"] == DEMO_IPA.stat().st_size
    processed = server.wait_for(build["id"])
    assert (processed["status"], processed["os"]) == ("processed", "ios")
    assert processed["versionName"] == "v2.4.0-rc1"  # what the uploader said wins over the package (decision 33)


def test_upload_with_a_service_account(server: Server, run: Run) -> None:
    build = data(run(curl_lines.UPLOAD_WORKSPACE, **{"[email protected]": f"build=@{DEMO_APK}"}))
    assert (build["status"], build["versionName"]) == ("pending", "v3.1.0")
    assert build["deployer"]["name"] == "Internal Deploy Bot"
    assert build["deployer"]["info"]["branch"] == "main"
    assert build["deployer"]["info"]["buildNumber"] == "88"
    assert build["uploadedBy"]["id"] in build["uploadedBy"]["email"]  # decision 41
    processed = server.wait_for(build["id"])
    assert (processed["status"], processed["os"]) == ("processed", "android")


@pytest.mark.parametrize(
    ("lines", "limit", "os", "other"),
    [
        (curl_lines.LIST_INTEGRATIONS, 20, "ios", DEMO_APK),
        (curl_lines.LIST_WORKSPACE, 10, "android", DEMO_IPA),
    ],
    ids=["integrations", "workspace"],
)
def test_list(server: Server, run: Run, lines: str, limit: int, os: str, other: Path) -> None:
    wanted = server.processed(DEMO_IPA if os == "ios" else DEMO_APK)
    unwanted = server.processed(other)
    page = data(run(lines))
    assert (page["page"], page["limit"]) == (1, limit)
    assert {(build["os"], build["status"]) for build in page["items"]} == {(os, "processed")}
    ids = [build["id"] for build in page["items"]]
    assert wanted["id"] in ids
    assert unwanted["id"] not in ids


@pytest.mark.parametrize(
    "lines", [curl_lines.UPDATE_INTEGRATIONS, curl_lines.UPDATE_WORKSPACE], ids=["integrations", "workspace"]
)
def test_update(server: Server, run: Run, lines: str) -> None:
    before = server.processed(changelog="before", tags="gone")
    after = data(run(lines, before))
    said: Json = {
        "versionName": "v2.5.0-rc2",
        "tags": ["staging", "sprint-43"],
        "changelog": "Fixed crash on settings screen",
    }
    if "metadata" in lines:
        said["metadata"] = {"environment": "staging", "team": "mobile"}
    assert {key: after[key] for key in before if after[key] != before[key]} == said | {"updatedAt": after["updatedAt"]}
    assert server.build(before["id"]) == after


@pytest.mark.parametrize(
    ("lines", "name", "description"),
    [
        (curl_lines.ATTACH_INTEGRATIONS, "report.zip", "Automated test report"),
        (curl_lines.ATTACH_WORKSPACE, "mapping.txt", "ProGuard mapping file"),
    ],
    ids=["integrations", "workspace"],
)
def test_attach(server: Server, run: Run, tmp_path: Path, lines: str, name: str, description: str) -> None:
    build = data(run(lines, server.processed()))
    [entry] = [entry for entry in build["files"] if entry["type"] == "attachment"]
    assert (entry["description"], entry["file"]["originalName"]) == (description, name)
    assert entry["file"]["size"] == (tmp_path / name).stat().st_size


def attached(server: Server, content: bytes) -> tuple[Json, str]:
    answer = server.ci.post(f"/builds/{server.processed()['id']}/files", files={"file": ("shot.png", content)})
    build: Json = answer.json()["data"]
    return build, next(entry["id"] for entry in build["files"] if entry["type"] == "attachment")


def test_download_in_two_steps(server: Server, run: Run, tmp_path: Path) -> None:
    build, file_id = attached(server, b"\x89PNG of the settings screen")
    token = data(run(curl_lines.TOKEN, build, FILE_ID=file_id))["token"]
    run(curl_lines.DOWNLOAD, YOUR_DOWNLOAD_TOKEN=token)
    assert (tmp_path / "downloaded_file.png").read_bytes() == b"\x89PNG of the settings screen"
    run(curl_lines.DOWNLOAD, YOUR_DOWNLOAD_TOKEN=token)
    refusal = json.loads((tmp_path / "downloaded_file.png").read_text())
    assert refusal == {"status": False, "error": {"code": 4005, "message": "Token Expired"}}


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_download_as_in_the_complete_example(server: Server, run: Run, tmp_path: Path) -> None:
    build, file_id = attached(server, b"all of it")
    run(curl_lines.TOKEN_THEN_DOWNLOAD, build, FILE_ID=file_id)
    assert (tmp_path / "downloaded_file").read_bytes() == b"all of it"
