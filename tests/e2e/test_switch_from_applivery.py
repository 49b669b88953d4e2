"""Moving a pipeline here: what the page prints is run, and fastlane's own bytes are sent to the names that it makes."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.raw import exchange
from tests.e2e.test_captures import recorded
from tests.server import DEMO_APK, Json, Server, Workspace, environment

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/switch-from-applivery.md"
CURL = re.compile(r"^[ ]*curl (?:.*\\\n)*.*$", re.MULTILINE)
NAMES = {
    "SEATRIAL_PUBLIC_URL": "https://api.example.com",
    "SEATRIAL_UPLOAD_URL": "https://upload.example.com",
    "SEATRIAL_DOWNLOAD_URL": "https://download-api.example.com",
    "SEATRIAL_SDK_URL": "https://sdk-api.example.com",
}
CI_VARIABLES = {
    "BITRISE_APK_PATH": "app-release.apk", "BITRISE_GIT_BRANCH": "main", "BITRISE_GIT_COMMIT": "f52ace0",
    "BITRISE_GIT_MESSAGE": "@home: fix", "BITRISE_BUILD_NUMBER": "17", "BITRISE_BUILD_URL": "https://ci.example.com/17",
    "GITHUB_REF_NAME": "main", "GITHUB_SHA": "f52ace0", "GITHUB_RUN_NUMBER": "17", "GITHUB_RUN_ID": "170",
    "GITHUB_SERVER_URL": "https://ci.example.com", "GITHUB_REPOSITORY": "o/r",
    "BRANCH_NAME": "main", "GIT_COMMIT": "f52ace0", "BUILD_NUMBER": "17", "BUILD_URL": "https://ci.example.com/17",
    "BUILD_SOURCEBRANCHNAME": "main", "BUILD_SOURCEVERSION": "f52ace0", "BUILD_BUILDNUMBER": "17",
    "BUILD_SOURCEVERSIONMESSAGE": "<b>; fix",
    "CI_COMMIT_REF_NAME": "main", "CI_COMMIT_SHA": "f52ace0", "CI_COMMIT_MESSAGE": "fix; again",
    "CI_PIPELINE_IID": "17", "CI_PIPELINE_URL": "https://ci.example.com/17",
}  # fmt: skip

# A plugin's upload in its own spelling: the file in the middle, brackets, empty parts, line ends behind values.
BOUNDARY = "-----------RubyMultipartPost-0123456789abcdef0123456789abcdef"
FASTLANE_FIELDS = [
    ("changelog", "Bug fixing"),
    ("notifyCollaborators", "true"),
    ("notifyEmployees", "false"),
    ("notifyMessage", "Enjoy"),
    ("filter", "group1,group2|group3"),
    ("build", None),
    ("deployer[name]", "fastlane"),
    ("deployer[info][buildNumber]", ""),
    ("deployer[info][branch]", "main"),
    ("deployer[info][commit]", "f52ace0\n"),
    ("deployer[info][commitMessage]", "first commit"),
    ("deployer[info][repositoryUrl]", "git@example.com:o/r.git\n"),
    ("deployer[info][tag]", "v1.2.3\n"),
    ("deployer[info][triggerTimestamp]", "1795231611"),
    ("versionName", "RC 1.0"),
    ("tags", "RC1, QA"),
]


@pytest.fixture(scope="module")
def moved(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server that goes by the four names of a domain."""
    folder = tmp_path_factory.mktemp("moved")
    server = Server(workspace.copied_to(folder), folder / "server.log", NAMES)
    yield server
    server.close()


def fastlane_upload(token: str, content: bytes) -> bytes:
    parts = []
    for name, value in FASTLANE_FIELDS:
        if value is None:
            head = (
                f'Content-Disposition: form-data; name="{name}"; filename="app-release.apk"\r\n'
                f"Content-Length: {len(content)}\r\nContent-Type: application/octet-stream\r\n"
                "Content-Transfer-Encoding: binary\r\n\r\n"
            )
            parts.append(head.encode() + content)
        else:
            parts.append(f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode())
    line = f"--{BOUNDARY}\r\n".encode()
    body = b"".join(line + part + b"\r\n" for part in parts) + f"--{BOUNDARY}--\r\n\r\n".encode()
    head = (
        "POST /v1/integrations/builds HTTP/1.1\r\nUser-Agent: Faraday v1.1.0\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nAccept: application/json\r\n"
        f"Authorization: bearer {token}\r\nContent-Length: {len(body)}\r\n"
        "Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3\r\nHost: upload.example.com\r\n\r\n"
    )
    return head.encode() + body


def links(value: object) -> Iterator[str]:
    """Walk every link to this server in an answer."""
    if isinstance(value, dict):
        for each in value.values():
            yield from links(each)
    elif isinstance(value, list):
        for each in value:
            yield from links(each)
    elif isinstance(value, str) and "/v1/" in value:
        yield value


def test_a_fastlane_upload_to_the_name_that_the_plugin_makes(moved: Server) -> None:
    status, answer = exchange(moved, fastlane_upload(moved.app_token, DEMO_APK.read_bytes()))
    assert status == 200
    assert answer["status"] is True  # what the plugin looks at
    build = moved.wait_for(answer["data"]["id"])
    assert (build["status"], build["versionName"], build["tags"]) == ("processed", "RC 1.0", ["RC1", "QA"])
    assert build["deployer"]["name"] == "fastlane"
    assert {key: value for key, value in build["deployer"]["info"].items() if value} == {
        "branch": "main",
        "commit": "f52ace0",
        "commitMessage": "first commit",
        "repositoryUrl": "git@example.com:o/r.git",
        "tag": "v1.2.3",
        "triggerTimestamp": "1795231611",
    }
    found = list(links(build))
    assert found
    assert all(link.startswith("https://api.example.com/v1/") for link in found)


@pytest.mark.parametrize("token", ["", "nobody"])
def test_a_refusal_is_what_the_plugin_turns_into_advice(moved: Server, token: str) -> None:
    status, answer = exchange(moved, fastlane_upload(token, b"x"))
    assert (status, answer["status"], answer["error"]["code"]) == (401, False, 4004 if token else 4002)


def test_a_recorded_fastlane_upload_works_under_the_new_name(moved: Server) -> None:
    for request in recorded("fastlane-2.4.0", "POST"):
        raw = request.on_the_wire(moved.app_token)
        head, _, body = raw.partition(b"\r\n\r\n")
        named = re.sub(rb"(?m)^Host: [^\r\n]*", b"Host: upload.example.com", head)
        status, answer = exchange(moved, named + b"\r\n\r\n" + body)
        assert (status, answer["status"]) == (200, True)
        build = moved.wait_for(answer["data"]["id"])
        assert (build["versionName"], build["tags"]) == ("RC 1.0", ["RC1", "QA"])


def test_downloads_lead_to_their_own_name(moved: Server) -> None:
    token = moved.token(moved.processed()["id"])
    answer = moved.anyone.get(f"/v1/download/{token}", headers={"Host": "download-api.example.com"})
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("https://download-api.example.com/v1/files/")


def blocks() -> list[tuple[str, str]]:
    """Read the page's fenced blocks, each behind the heading that it stands under."""
    found, heading = [], ""
    for match in re.finditer(r"^## ([^\n]*)|^```\w+\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL):
        if match[1]:
            heading = match[1]
        else:
            found.append((heading, match[2]))
    return found


def shell(lines: str, server: Server, folder: Path) -> str:
    variables = CI_VARIABLES | {
        "SEATRIAL_URL": server.base_url,
        "SEATRIAL_TOKEN": server.app_token,
        "SEATRIAL_SERVICE_TOKEN": server.service_token,
        "SEATRIAL_ORGANIZATION": server.organization["slug"],
        "SEATRIAL_APP": server.app["slug"],
    }
    done = subprocess.run(
        ["bash", "-euc", lines],
        cwd=folder,
        env=environment(variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout


def curls() -> list[tuple[str, str]]:
    return [(heading, lines) for heading, text in blocks() for lines in CURL.findall(text)]


def test_every_system_of_the_page_has_its_line() -> None:
    assert [heading for heading, _ in curls()] == [
        "Check", "curl", "curl", "Bitrise", "GitHub Actions", "Jenkins", "Azure DevOps", "GitLab",
    ]  # fmt: skip


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed (scripts/test-tools.sh)")
@pytest.mark.parametrize(("heading", "lines"), curls(), ids=[f"{n} {h}" for n, (h, _) in enumerate(curls())])
def test_the_pages_curl_lines_run_as_they_stand(server: Server, tmp_path: Path, heading: str, lines: str) -> None:
    shutil.copy(DEMO_APK, tmp_path / "app-release.apk")
    answer: Json = json.loads(shell(lines, server, tmp_path))
    assert answer["status"] is True
    if heading == "Check":
        assert answer["data"]["limit"] == 1
        return
    build = server.wait_for(answer["data"]["id"])
    assert build["status"] == "processed"
    info = build["deployer"]["info"]
    if heading == "curl":
        return
    assert build["deployer"]["name"].lower() == heading.lower()
    assert (info["branch"], info["commit"], info["buildNumber"]) == ("main", "f52ace0", "17")
    said = {"Bitrise": "@home: fix", "Azure DevOps": "<b>; fix", "GitLab": "fix; again"}
    assert info["commitMessage"] == said.get(heading, "")


def test_the_token_of_the_page(server: Server) -> None:
    [line] = [text for heading, text in blocks() if heading == "A token"]
    words = line.replace('"CI"', "CI").split()
    assert words[:4] == ["seatrial", "admin", "token", "create"]
    assert words[-2:] == ["--data-dir", "/var/lib/seatrial"]
    made = server.admin(*[server.app["slug"] if word == "demo-app" else word for word in words[2:-2]])
    token = next(value for value in made.values() if str(value).startswith("sta_"))
    answer = server.anyone.get("/v1/integrations/builds", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
