"""Every page of the dashboard against the authorization table: no session, sessions of every role, forged forms."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from seatrial.web.dashboard.door import COOKIE, proof
from tests.e2e.authorization_people_pages import REFUSED, Things, form_of
from tests.e2e.authorization_table import PERMISSIONS, ROUTES, table
from tests.server import Server, Workspace

PASSWORD = "a password for tests"
PAGES = [row for row in table(ROUTES) if row["gate"] == "page"]
ALLOWED = {row["permission"]: row for row in table(PERMISSIONS)}
ROLES = {"admin": "admin", "editor": "developer", "viewer": "viewer", "unassigned": ""}
STREAMS = ("/events",)


class Doors:
    """A server with a session of each role."""

    def __init__(self, server: Server) -> None:
        self.server = server
        build = server.processed()
        given = {
            "organization": server.organization["slug"],
            "app": server.app["slug"],
            "build": build["id"],
            "file": next(file["id"] for file in build["files"] if file["type"] == "icon"),
        }
        self.things = Things(server, given)
        self.sessions: dict[str, str] = {}
        for role in ROLES:
            body = {"email": f"{role}@pages.example", "role": role, "password": PASSWORD}
            path = f"/v1/organizations/{server.organization['id']}/collaborators"
            assert server.client("", server.service_token).post(path, json=body).status_code == 200
            self.sessions[role] = self.login(role)

    def login(self, role: str) -> str:
        body = {"provider": "traditional", "payload": {"email": f"{role}@pages.example", "password": PASSWORD}}
        token: str = self.server.anyone.post("/v1/auth/login", json=body).json()["data"]["accessToken"]["token"]
        return token

    def ask(self, route: str, **more: Any) -> httpx.Response:
        method, pattern = route.split()
        path = re.sub(r"{(\w+)}", lambda match: self.things[match[1]], pattern)
        with self.server.anyone.stream(method, path, **more) as answer:
            if not route.endswith(STREAMS) or answer.status_code != 200:
                answer.read()
        return answer


@pytest.fixture(scope="module")
def doors(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = Path(tmp_path_factory.mktemp("doors"))
    server = Server(workspace.copied_to(folder), folder / "server.log")
    try:
        yield Doors(server)
    finally:
        server.close()


def body_of(route: str, doors: Doors) -> dict[str, Any]:
    if route.endswith("/upload"):
        return {"files": {"build": ("a.txt", b"bytes")}}
    said = {"name": "One more", "query": "q=a", "chosen": doors.things["build"], "action": "enable", "theme": "dark"}
    return {} if route.startswith("GET") else {"data": said | form_of(route, doors.server.organization["id"])}


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row["route"])
def test_a_page_is_for_sessions_in_a_cookie_alone(doors: Doors, row: dict[str, str]) -> None:
    tokens = (doors.server.app_token, doors.server.service_token, doors.sessions["admin"])
    for headers in ({}, {"Cookie": f"{COOKIE}=nobody"}, *({"Authorization": f"Bearer {one}"} for one in tokens)):
        answer = doors.ask(row["route"], headers=headers, **body_of(row["route"], doors))
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/dashboard/login")


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row["route"])
def test_a_page_opens_for_those_who_may(doors: Doors, row: dict[str, str]) -> None:
    found, expected = {}, {}
    for role, column in ROLES.items():
        secret = doors.login(role) if row["route"].endswith("logout") else doors.sessions[role]
        headers = {"Cookie": f"{COOKIE}={secret}", "X-CSRF-Token": proof(secret)}
        answer = doors.ask(row["route"], headers=headers, **body_of(row["route"], doors))
        opened = answer.status_code in {200, 303} or answer.status_code == REFUSED.get(row["route"])
        found[role] = 200 if opened else answer.status_code
        may = row["permission"] == "-" or (column and ALLOWED[row["permission"]][column] == "yes")
        expected[role] = 200 if may else 403
        assert "/dashboard/login" not in answer.headers.get("location", "") or row["route"].endswith("logout")
    assert found == expected


@pytest.mark.parametrize("row", [row for row in PAGES if "POST" in row["route"]], ids=lambda row: row["route"])
def test_a_forged_form_does_nothing(doors: Doors, row: dict[str, str]) -> None:
    secret = doors.sessions["admin"]
    cookie, good = {"Cookie": f"{COOKIE}={secret}"}, proof(secret)
    raw = base64.urlsafe_b64decode(good)
    forged: tuple[dict[str, str], ...] = (
        {},
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": proof(doors.sessions["editor"])},
        {"X-CSRF-Token": base64.urlsafe_b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()},
        {"X-CSRF-Token": good, "Origin": "https://elsewhere.example"},
    )
    for headers in forged:
        answer = doors.ask(row["route"], headers=cookie | headers, **body_of(row["route"], doors))
        assert answer.status_code == 403
