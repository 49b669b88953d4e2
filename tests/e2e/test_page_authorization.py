"""Every page of the dashboard against the authorization table: no session, sessions of every role, forged forms."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.web.dashboard.door import COOKIE, proof
from tests.e2e.another_organization import SLUG
from tests.e2e.authorization_pages import PAGE_ROUTES
from tests.e2e.authorization_people_pages import REFUSED
from tests.e2e.authorization_permissions import PERMISSIONS, is_allowed
from tests.e2e.authorization_table import table
from tests.e2e.doors import GOOD, ROLES, Doors
from tests.server import Server, Workspace

ROWS = [row for row in table(PAGE_ROUTES) if row["gate"] not in {"open", "script"}]
SCRIPTS = [row["route"] for row in table(PAGE_ROUTES) if row["gate"] == "script"]
FORMS = [row["route"] for row in ROWS if row["gate"] == "form"]
FORMS_ABOUT_ORGANIZATIONS = ("POST /dashboard/account/mails",)
LOOKS = [row for row in ROWS if row["gate"] == "page"]
PERMISSION_ROWS = {row["permission"]: row for row in table(PERMISSIONS)}


@pytest.fixture(scope="module")
def doors(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = Path(tmp_path_factory.mktemp("doors"))
    settings = {"SEATRIAL_LOGIN__FAILURES_PER_ADDRESS": "1000", "SEATRIAL_SDK__FEEDBACK_PER_ADDRESS": "100000"}
    server = Server(workspace.copied_to(folder), folder / "server.log", settings)
    try:
        yield Doors(server)
    finally:
        server.close()


def expectation(row: dict[str, str], role: str) -> int:
    """Say what the table says: 200 for a page that opens and a form that is done, else 403 or 404."""
    names_ours = "{organization}" in row["route"] or row["route"] in FORMS_ABOUT_ORGANIZATIONS
    if role == "other organization" and names_ours:
        return 404
    credential, permission = f"session, {role}", row["permission"]
    return 200 if permission == "-" or is_allowed(credential, row["route"], permission, PERMISSION_ROWS) else 403


def test_a_get_looks_and_a_form_changes() -> None:
    assert {row["route"].split()[0] for row in LOOKS} == {"GET"}
    assert {route.split()[0] for route in FORMS} == {"POST"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["route"])
def test_a_page_is_for_sessions_in_a_cookie_alone(doors: Doors, row: dict[str, str]) -> None:
    doors.prepare(row["route"])
    bearers = (doors.server.app_token, doors.server.service_token, doors.sessions["admin"])
    cookies = ("nobody", doors.server.app_token, doors.server.service_token, *doors.ended())
    tried: list[dict[str, str]] = [{}, *({"Authorization": f"Bearer {secret}"} for secret in bearers)]
    tried += [{"Cookie": f"{COOKIE}={secret}", "X-CSRF-Token": proof(secret)} for secret in cookies]
    for headers in tried:
        answer = doors.ask(row["route"], headers=headers)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/dashboard/login")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["route"])
def test_a_page_opens_for_those_who_may(doors: Doors, row: dict[str, str]) -> None:
    found, expected = {}, {}
    for role in ROLES:
        doors.prepare(row["route"])
        answer = doors.ask_as(role, row["route"])
        found[role] = 200 if answer.status_code in {*GOOD, REFUSED.get(row["route"])} else answer.status_code
        expected[role] = expectation(row, role)
        assert "/dashboard/login" not in answer.headers.get("location", "") or row["route"].endswith("/logout")
    assert found == expected


@pytest.mark.parametrize("row", LOOKS, ids=lambda row: row["route"])
def test_head_lets_in_whom_get_lets_in(doors: Doors, row: dict[str, str]) -> None:
    doors.prepare(row["route"])
    for role in ("admin", "viewer", "unassigned"):
        seen, asked = doors.ask_as(role, row["route"]), doors.ask_as(role, row["route"].replace("GET", "HEAD"))
        assert (asked.status_code, asked.content) == (seen.status_code, b"")


@pytest.mark.parametrize("route", [row["route"] for row in ROWS if "{organization}" in row["route"]])
def test_what_belongs_to_others_is_not_there(doors: Doors, route: str) -> None:
    doors.prepare(route)
    found = {"organization": doors.ask_as("owner", route, over={"organization": SLUG}).status_code}
    inside = "/apps/{app}" in route
    for thing in re.findall(r"{(\w+)}", route)[1:]:
        near = f"in another app: {thing}"
        for key in ([near] if inside else [thing, near]) if thing != "app" else ["app"]:
            if key in doors.foreign:
                found[key] = doors.ask_as("owner", route, over={thing: doors.foreign[key]}).status_code
        found[f"unknown {thing}"] = doors.ask_as("owner", route, over={thing: "0" * 24}).status_code
    assert found == dict.fromkeys(found, 404)


@pytest.mark.parametrize("route", FORMS)
def test_a_forged_form_does_nothing(doors: Doors, route: str) -> None:
    doors.prepare(route)
    secret = doors.sessions["admin"]
    cookie, good = {"Cookie": f"{COOKIE}={secret}"}, proof(secret)
    raw = base64.urlsafe_b64decode(good)
    forged: tuple[dict[str, str], ...] = (
        {},
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": proof(doors.sessions["editor"])},
        {"X-CSRF-Token": base64.urlsafe_b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()},
        {"X-CSRF-Token": good, "Origin": "https://elsewhere.example"},
        {"X-CSRF-Token": good, "Origin": "null"},
    )
    for headers in forged:
        answer = doors.ask(route, headers=cookie | headers)
        assert answer.status_code == 403
    assert doors.ask_as("admin", "GET /dashboard").status_code == 303  # nobody was signed out either


def test_the_proof_comes_in_the_form_too(doors: Doors) -> None:
    secret = doors.sessions["viewer"]
    page = doors.ask_as("viewer", "GET /dashboard/{organization}")
    [said, *_] = re.findall(r'name="csrf" value="([^"]+)"', page.text)
    for token, status in ((said, 303), (said[:-6] + "AAAAA=", 403)):
        answer = doors.server.anyone.post(
            "/dashboard/look", data={"csrf": token, "theme": "light"}, headers={"Cookie": f"{COOKIE}={secret}"}
        )
        assert answer.status_code == status


@pytest.mark.parametrize("action", ["tag", "untag", "disable", "enable", "delete", "restore"])
def test_what_is_done_to_many_builds_is_for_those_who_write_builds(doors: Doors, action: str) -> None:
    build = doors.server.wait_for(doors.server.upload(doors.name().encode())["id"])["id"]
    path = f"/dashboard/{doors.things['organization']}/apps/{doors.things['app']}/builds/change"
    found = {}
    for role in ("viewer", "unassigned", "in another app", "admin", "editor", "in the app"):
        secret = doors.sessions[role]
        headers = {"Cookie": f"{COOKIE}={secret}", "X-CSRF-Token": proof(secret)}
        said = {"chosen": build, "action": action, "tag": "one"}
        found[role] = doors.server.anyone.post(path, data=said, headers=headers).status_code
    refused = dict.fromkeys(("viewer", "unassigned", "in another app"), 403)
    assert found == refused | dict.fromkeys(("admin", "editor", "in the app"), 303)


def test_what_scripts_ask_is_answered_as_the_api_does(doors: Doors) -> None:
    path, client = f"/dashboard/{doors.things['organization']}/apps/{doors.things['app']}/uploads", doors.server.anyone
    said = {"Tus-Resumable": "1.0.0", "Upload-Length": "9", "Upload-Offset": "0", "X-Http-Method-Override": "HEAD"}
    said |= {"Content-Type": "application/offset+octet-stream"}

    def headers(role: str, **more: str) -> dict[str, str]:
        secret = doors.sessions[role]
        return said | {"Cookie": f"{COOKIE}={secret}", "X-CSRF-Token": proof(secret)} | more

    made = client.post(path, headers=headers("editor"))
    one = made.headers["location"]
    assert (made.status_code, one.rpartition("/")[0]) == (201, path)
    for route in SCRIPTS:
        method, url = route.split()[0], one if "{upload}" in route else path
        asked: list[tuple[int, dict[str, str]]] = [
            (401, said),
            (401, said | {"Authorization": f"Bearer {doors.server.app_token}"}),
            *(
                (401, said | {"Cookie": f"{COOKIE}={secret}", "X-CSRF-Token": proof(secret)})
                for secret in doors.ended()
            ),
            (403, headers("viewer")),
            (404, headers("other organization")),
        ]
        if "{upload}" in route:
            asked.append((404, headers("admin")))
        if method not in {"GET", "HEAD"}:
            asked += [
                (403, headers("editor", **{"X-CSRF-Token": proof(doors.sessions["admin"])})),
                (403, headers("editor", Origin="https://elsewhere.example")),
            ]
        for status, sent in asked:
            answer = client.request(method, url, headers=sent)
            assert (answer.status_code, "location" in answer.headers) == (status, False), (route, sent, answer.text)
    for method in ("HEAD", "PATCH", "GET", "POST", "DELETE"):
        assert client.request(method, one, headers=headers("editor")).is_success
