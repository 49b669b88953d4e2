"""Editing and deleting builds (contract 1.3 and 2.1)."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest

from tests.conftest import StartServer
from tests.e2e.refusals import refused
from tests.server import DEMO_IPA, Json, Server, Workspace


@pytest.fixture
def build(server: Server) -> Json:
    return server.processed(versionName="1.0", tags="a, b", changelog="as uploaded")


def changed(before: Json, after: Json) -> Json:
    """Give what differs, but for the time of the change."""
    assert before.keys() == after.keys()
    assert after["updatedAt"] >= before["updatedAt"]
    return {key: after[key] for key in before if after[key] != before[key] and key != "updatedAt"}


def put(server: Server, build: Json, body: object, face: str = "ops") -> Json:
    client = server.ops if face == "ops" else server.ci
    answer = client.put(f"/builds/{build['id']}", json=body)
    assert answer.status_code == 200, answer.text
    after: Json = answer.json()["data"]
    assert server.build(build["id"]) == after
    return after


@pytest.mark.parametrize("face", ["ci", "ops"])
def test_decision_35_absent_keys_stay(server: Server, build: Json, face: str) -> None:
    assert changed(build, put(server, build, {}, face)) == {}
    assert changed(build, put(server, build, {"changelog": "new"}, face)) == {"changelog": "new"}


@pytest.mark.parametrize("face", ["ci", "ops"])
def test_decision_35_tags_are_replaced(server: Server, build: Json, face: str) -> None:
    assert build["tags"] == ["a", "b"]
    assert put(server, build, {"tags": ["c"]}, face)["tags"] == ["c"]
    assert put(server, build, {"tags": [" d ", "", "d", "e"]}, face)["tags"] == ["d", "e"]
    assert put(server, build, {"tags": []}, face)["tags"] == []


@pytest.mark.parametrize("face", ["ci", "ops"])
def test_decision_3_tags_as_one_text(server: Server, build: Json, face: str) -> None:
    assert put(server, build, {"tags": "x, y,, x "}, face)["tags"] == ["x", "y"]


def test_decision_35_metadata_is_replaced_as_a_whole(server: Server, build: Json) -> None:
    assert build["metadata"] == {}
    assert put(server, build, {"metadata": {"a": {"b": [1, None, "ü"]}}})["metadata"] == {"a": {"b": [1, None, "ü"]}}
    assert put(server, build, {"metadata": {"c": True}})["metadata"] == {"c": True}
    assert put(server, build, {"metadata": {}})["metadata"] == {}


def test_decision_35_default_scripts_are_merged(server: Server, build: Json) -> None:
    empty = dict.fromkeys(("preInstall", "postInstall", "audit", "enforce", "runner"), "")
    assert build["defaultScripts"] == empty
    first = put(server, build, {"defaultScripts": {"preInstall": "echo 1", "audit": "true"}})
    assert first["defaultScripts"] == empty | {"preInstall": "echo 1", "audit": "true"}
    second = put(server, build, {"defaultScripts": {"audit": "", "unknown": "x"}, "defaultScripts.runner": "sh"})
    assert second["defaultScripts"] == empty | {"preInstall": "echo 1", "runner": "sh"}


@pytest.mark.parametrize("face", ["ci", "ops"])
def test_decision_35_null_clears(server: Server, build: Json, face: str) -> None:
    after = put(server, build, {"versionName": None, "changelog": None}, face)
    assert (after["versionName"], after["changelog"]) == ("", "")


@pytest.mark.parametrize("face", ["ci", "ops"])
def test_decision_35_read_only_and_unknown_keys_are_ignored(server: Server, build: Json, face: str) -> None:
    said = {"status": "error", "versionCode": "9", "size": 1, "id": "x", "os": "ios", "whatever": {"a": 1}, "files": []}
    assert changed(build, put(server, build, said, face)) == {}


def test_decision_25_workspace_fields_are_ignored_for_app_tokens(server: Server, build: Json) -> None:
    said = {"metadata": {"a": 1}, "defaultScripts": {"audit": "x"}, "defaultScripts.runner": "x", "disabled": True}
    assert changed(build, put(server, build, said, "ci")) == {}
    assert changed(build, put(server, build, {"disabled": "no boolean", "metadata": 5}, "ci")) == {}


@pytest.mark.parametrize("content_type", [None, "application/x-www-form-urlencoded", "text/plain", "application/json"])
@pytest.mark.parametrize("face", ["ci", "ops"])
def test_decision_30_json_whatever_the_header_says(
    server: Server, build: Json, face: str, content_type: str | None
) -> None:
    client = server.ci if face == "ci" else server.ops
    headers = {"Content-Type": content_type} if content_type else {}
    answer = client.put(f"/builds/{build['id']}", content=b'{"changelog": "said"}', headers=headers)
    assert answer.json()["data"]["changelog"] == "said"


def test_text_of_every_kind_comes_back_as_it_went(server: Server, build: Json) -> None:
    text = 'Zeile 1\nline 2\t"quoted" <b>&amp;</b> \U0001f680 ünï'
    assert put(server, build, {"changelog": text, "versionName": "1.0-β"})["changelog"] == text
    uploaded = server.upload(changelog=text)
    assert uploaded["changelog"] == text


def test_decision_26_a_disabled_build_stays_in_lists(server: Server, build: Json) -> None:
    assert put(server, build, {"disabled": True})["disabled"] is True
    items = server.ops.get("/builds", params={"limit": 1}).json()["data"]["items"]
    assert [(item["id"], item["disabled"]) for item in items] == [(build["id"], True)]
    assert put(server, build, {"disabled": False})["disabled"] is False


@dataclass
class Late:
    """A server whose worker came late, and what was done before it came."""

    server: Server
    renamed: Json
    silent: Json


@pytest.fixture(scope="module")
def late(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Late]:
    folder = tmp_path_factory.mktemp("late")
    own = Server(workspace.copied_to(folder), folder / "server.log", arguments=["--no-worker"])
    try:
        pending = own.upload()
        assert own.ci.delete(f"/builds/{pending['id']}").json()["data"] == {"deleted": True}
        assert own.stored() == set()
        renamed, silent = own.upload(), own.upload(DEMO_IPA)
        assert (renamed["status"], renamed["os"], silent["versionName"]) == ("pending", "android", "")
        assert put(own, renamed, {"versionName": "early"})["versionName"] == "early"
        own.arguments = ()
        own.restart()
        yield Late(own, renamed, silent)
    finally:
        own.close()


def test_decision_33_updating_in_any_state_and_whose_version_name_counts(late: Late) -> None:
    own = late.server
    assert own.wait_for(late.renamed["id"])["versionName"] == "early"
    done = own.wait_for(late.silent["id"])
    assert done["versionName"] == done["info"]["ios"]["plist"]["CFBundleShortVersionString"] != ""
    failed = own.wait_for(own.upload(b"x")["id"])
    assert put(own, failed, {"tags": ["broken"]})["tags"] == ["broken"]


def test_delete(start_server: StartServer) -> None:
    own = start_server()
    kept = own.processed()
    before = own.stored()
    for client in (own.ci, own.ops):
        build = own.processed(DEMO_IPA)
        client.post(f"/builds/{build['id']}/files", files=[("file", ("a", b"a")), ("file", ("b", b"b"))])
        token = own.token(build["id"], type="file")
        assert len(own.stored()) >= len(before) + 4  # original, icon, two attachments
        answer = client.delete(f"/builds/{build['id']}")
        assert answer.json() == {"status": True, "data": {"deleted": True}}
        assert own.stored() == before
        for gone in (
            client.get(f"/builds/{build['id']}"),
            client.delete(f"/builds/{build['id']}"),
            client.put(f"/builds/{build['id']}", json={}),
            client.post(f"/builds/{build['id']}/files", files={"file": ("a", b"a")}),
            own.anyone.get(f"/v1/download/{token}"),
            own.ops.get(f"/builds/{build['id']}/downloads"),
        ):
            refused(gone, 404, 3001)
        page = own.ci.get("/builds").json()["data"]
        assert ([item["id"] for item in page["items"]], page["totalDocs"]) == ([kept["id"]], 1)


def test_decision_27_delete_in_any_state(late: Late) -> None:
    own = late.server
    # The job of what was deleted is still in the queue; the worker must not stumble over it.
    failed = own.wait_for(own.upload(b"x")["id"])
    assert own.ops.delete(f"/builds/{failed['id']}").json()["data"] == {"deleted": True}
    own.processed()
    assert '"level": "error"' not in own.log.read_text()


def errors_of(log: str) -> Iterable[str]:
    return (line for line in log.splitlines() if json.loads(line)["level"] in {"error", "critical"})


def test_the_log_is_one_json_object_a_line(server: Server) -> None:
    assert list(errors_of(server.log.read_text())) == []
