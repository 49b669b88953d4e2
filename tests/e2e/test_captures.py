"""Uploads of real clients, byte for byte as they were recorded; only the bearer token is ours.

The recorded calls about distributions are replayed in test_publications.py.
"""

import re
from dataclasses import dataclass

import pytest

from tests.e2e.raw import exchange
from tests.seeds import capture
from tests.server import Json, Server

INFO_KEYS = {
    "commitMessage", "commit", "branch", "tag", "triggerTimestamp", "buildUrl", "ciUrl", "repositoryUrl", "buildNumber",
}  # fmt: skip


@dataclass(frozen=True)
class Recorded:
    head: list[str]
    body: bytes

    def on_the_wire(self, token: str, path: str | None = None) -> bytes:
        """Give the request with our token, in the spelling that the client gave the scheme."""
        method, _, recorded_path = self.head[0].partition(" ")
        lines = [f"{method} {path or recorded_path} HTTP/1.1"]
        lines += [
            re.sub(r"^(Authorization: [Bb]earer ).*", lambda found: found[1] + token, one) for one in self.head[1:]
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


def recorded(client: str, method: str, path: str = "builds") -> list[Recorded]:
    """Read the requests to a path; the bytes of bodies are stored as the letters of Latin-1."""
    raw = capture(client).decode().encode("latin-1")
    found = []
    for request in re.split(rb"(?m)^=== ", raw)[1:]:
        head, _, rest = request.partition(b"\n\n")
        lines = head.decode("latin-1").splitlines()
        length = next((int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length:")), 0)
        assert len(rest) >= length
        if lines[0].startswith(f"{method} /v1/integrations/{path}"):
            found.append(Recorded(lines, rest[:length]))
    assert found
    return found


def replayed(server: Server, client: str) -> list[Json]:
    """Replay a client's uploads; gives each build when its processing is over."""
    builds = []
    for request in recorded(client, "POST"):
        status, answer = exchange(server, request.on_the_wire(server.app_token))
        assert status == 200, answer
        assert set(answer) == {"status", "data"}  # one client greps for a top-level "error"
        assert answer["data"]["status"] == "pending"
        assert set(answer["data"]["deployer"]["info"]) == INFO_KEYS
        builds.append(server.wait_for(answer["data"]["id"]))
    return builds


def check_random_bytes(build: Json) -> None:
    """The recorded builds are a few hundred random bytes: accepted, kept, and said to be nothing known."""
    assert (build["status"], build["errorCode"]) == ("error", "UNRECOGNISED_FORMAT")
    assert build["error"].endswith(".")
    [original] = build["files"]
    assert (original["type"], original["file"]["size"]) == ("original", build["size"])


def test_bitrise(server: Server) -> None:
    android, ios = replayed(server, "bitrise")
    for build in (android, ios):
        check_random_bytes(build)
        assert build["changelog"] == "fix it"
        assert build["versionName"] == ""
        assert build["deployer"]["name"] == "bitrise"
        assert build["size"] == 300
    assert android["tags"] == ["a", "b"]
    assert ios["tags"] == []
    assert android["deployer"]["info"]["buildNumber"] == "3"
    assert android["files"][0]["file"]["originalName"] == "app.apk"
    # The simulator's build came along in a part of its own; it is nobody's file here.
    assert [entry["file"]["originalName"] for entry in ios["files"]] == ["app.ipa"]


def test_fastlane(server: Server) -> None:
    for build in replayed(server, "fastlane-2.4.0"):
        check_random_bytes(build)
        assert build["versionName"] == "RC 1.0"
        assert build["tags"] == ["RC1", "QA"]
        assert build["changelog"] == "Bug fixing"
        info = build["deployer"]["info"]
        assert build["deployer"]["name"] == "fastlane"
        assert {key: value for key, value in info.items() if value} == {
            "branch": "main",
            "commitMessage": "first commit",
            "triggerTimestamp": "1795231611",
        }
        assert build["originalExtension"] == "ipa"


def test_github_action(server: Server) -> None:
    [build] = replayed(server, "github-action")
    check_random_bytes(build)
    assert (build["versionName"], build["changelog"], build["tags"]) == ("feature/x", "hello", [])
    assert build["deployer"]["name"] == "GitHub Actions"
    assert build["deployer"]["info"]["triggerTimestamp"] == "2026-11-21T03:24:16.784Z"  # verbatim (decision 6)
    assert build["deployer"]["info"]["buildUrl"] == "https://github.com/o/r/actions/runs/42"


def test_the_github_actions_polling(server: Server) -> None:
    build = server.processed()
    for request in recorded("github-action", "GET"):
        path = f"/v1/integrations/builds/{build['id']}"
        status, answer = exchange(server, request.on_the_wire(server.app_token, path))
        assert status == 200
        assert (answer["data"]["id"], answer["data"]["status"]) == (build["id"], "processed")


@pytest.mark.parametrize("client", ["bitrise", "fastlane-2.4.0", "github-action"])
def test_a_wrong_token_is_answered_in_json(server: Server, client: str) -> None:
    request = recorded(client, "POST")[0]
    status, answer = exchange(server, request.on_the_wire("nobody"))
    assert (status, answer) == (401, {"status": False, "error": {"code": 4004, "message": "Invalid Token"}})
