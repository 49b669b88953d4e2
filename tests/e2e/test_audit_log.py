"""The record of who did what, as programs and people read it."""

import json
from collections.abc import Iterator

import httpx
import pytest

from seatrial.web.dashboard.door import COOKIE, proof
from tests.e2e.administering import administrator, data, login, member, own_server
from tests.e2e.refusals import refused
from tests.server import Json, Server, Workspace, seatrial


@pytest.fixture(scope="module")
def own(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from own_server(workspace, tmp_path_factory.mktemp("audit"))


@pytest.fixture(scope="module")
def admin(own: Server) -> httpx.Client:
    return administrator(own)


def entries(admin: httpx.Client, **query: str | int) -> list[Json]:
    items: list[Json] = data(admin.get("/auditLog", params=query))["items"]
    return items


def test_what_somebody_did_is_told_with_who_it_was(own: Server, admin: httpx.Client) -> None:
    person, client = member(own, admin, "ada@audit.example", "editor")
    token = data(client.post(f"/apps/{own.app['id']}/tokens", json={"description": "CI"}))
    [made] = entries(admin, action="appToken.create", target=token["id"])
    assert made["principal"]["type"] == "session"
    assert made["principal"]["id"] == person["id"]
    assert "ada@audit.example" in made["principal"]["name"]
    assert made["application"] == own.app["id"]
    assert made["createdAt"] == token["createdAt"]
    [taken_in] = entries(admin, target=person["id"], action="user.")
    assert taken_in["principal"]["type"] == "service_account"


def test_the_newest_comes_first_and_pages_follow_each_other(admin: httpx.Client) -> None:
    made = [data(admin.post("/groups", json={"name": f"Group {n}"}))["id"] for n in range(5)]
    assert [one["target"] for one in entries(admin, action="group.create")][:5] == made[::-1]
    pages = [data(admin.get("/auditLog", params={"action": "group.", "limit": 2, "page": page})) for page in (1, 2, 3)]
    assert [one["target"] for page in pages for one in page["items"]] == made[::-1]
    assert {page["totalDocs"] for page in pages} == {5}


def test_entries_are_found_by_their_action_target_principal_and_time(own: Server, admin: httpx.Client) -> None:
    group = data(admin.post("/groups", json={"name": "Found"}))
    data(admin.put(f"/groups/{group['id']}", json={"description": "new"}))
    both = entries(admin, target=group["id"])
    assert [one["action"] for one in both] == ["group.update", "group.create"]
    who = both[0]["principal"]["id"]
    assert {one["principal"]["id"] for one in entries(admin, principal=who)} == {who}
    assert entries(admin, principal="nobody") == []
    at = both[1]["createdAt"]
    assert both[1] in entries(admin, iniDate=at, endDate=at)
    assert entries(admin, endDate="2001-01-01") == []
    assert entries(admin, action="group.create%") == []  # a word, not a pattern


def test_what_makes_no_sense_is_refused_by_name(admin: httpx.Client) -> None:
    for name, said in (("iniDate", "yesterday"), ("page", "0"), ("limit", "-1"), ("action", "a" * 129)):
        answer = admin.get("/auditLog", params={name: said})
        refused(answer, 400, 1000)
        assert set(answer.json()["error"]["data"]["fields"]) == {name}


def test_the_page_shows_the_same_and_keeps_what_was_wrong(own: Server, admin: httpx.Client) -> None:
    member(own, admin, "eve@audit.example", "admin")
    secret = data(login(own, "eve@audit.example"))["accessToken"]["token"]
    path = f"/dashboard/{own.organization['slug']}/audit"

    def shown(**query: str) -> str:
        answer = own.anyone.get(path, params=query, headers={"Cookie": f"{COOKIE}={secret}"})
        assert answer.status_code == 200
        return answer.text

    assert "session.create" in shown()
    assert "session.create" not in shown(action="user.")
    wrong = shown(iniDate="yesterday")
    assert "yesterday" in wrong
    assert "iniDate" in wrong


def test_the_record_proves_itself(own: Server, admin: httpx.Client) -> None:
    first = data(admin.get("/auditLog/verification"))
    assert (first["verified"], first["problems"]) == (True, [])
    exported = admin.get("/auditLog/export")
    assert exported.headers["content-type"].startswith("application/x-ndjson")
    lines = exported.text.splitlines()
    assert len(lines) == first["entries"]
    assert first["head"] == f"{len(lines)}:{json.loads(lines[-1])['hash']}"
    assert admin.get("/auditLog/export", params={"after": len(lines) - 1}).text.splitlines() == lines[-1:]
    assert entries(admin, limit=1)[0]["sequence"] >= len(lines)
    refused(admin.get("/auditLog/verification", params={"head": "x"}), 400, 1000)

    where = ("--data-dir", own.data_dir)
    file = own.data_dir / "audit.jsonl"
    wrote = seatrial("admin", "audit", "export", *where, "--output", file, settings=own.settings)
    assert (wrote.returncode, file.read_text().splitlines()[: len(lines)]) == (0, lines)
    own.write("UPDATE audit_log SET action = 'x' WHERE sequence = 2")
    found = seatrial("admin", "audit", "verify", *where, "--head", first["head"], settings=own.settings)
    assert (found.returncode, "entry 2 was changed" in found.stdout) == (1, True)
    offline = seatrial("admin", "audit", "verify", "--file", file, "--head", first["head"], "--json")
    assert (offline.returncode, json.loads(offline.stdout)["verified"]) == (0, True)
    file.write_text("\n".join([*lines[:1], *lines[2:]]))
    cut = seatrial("admin", "audit", "verify", "--file", file)
    assert (cut.returncode, "entry 2 removed" in cut.stdout) == (1, True)
    secret = data(login(own, "eve@audit.example"))["accessToken"]["token"]
    said = {"Cookie": f"{COOKIE}={secret}", "X-CSRF-Token": proof(secret)}
    page = own.anyone.post(f"/dashboard/{own.organization['slug']}/audit", headers=said)
    assert "entry 2 was changed" in page.text
