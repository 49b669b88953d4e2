"""What the tests of administration share: a server of their own, its administrator, and people who log in."""

from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.server import Json, Server, Workspace

PASSWORD = "a password for tests"


def own_server(workspace: Workspace, folder: Path) -> Iterator[Server]:
    """Give a server whose apps, people and switches are nobody else's, and close it."""
    server = Server(
        workspace.copied_to(folder), folder / "server.log", {"SEATRIAL_LOGIN__FAILURES_PER_ADDRESS": "1000"}
    )
    try:
        yield server
    finally:
        server.close()


def administrator(server: Server) -> httpx.Client:
    """Give a client of the organization with all rights."""
    return server.client(f"/v1/organizations/{server.organization['slug']}", server.service_token)


def data(answer: httpx.Response) -> Json:
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    assert set(body) == {"status", "data"}
    assert body["status"] is True
    found: Json = body["data"]
    return found


def login(own: Server, email: str, password: str = PASSWORD) -> httpx.Response:
    payload = {"email": email, "password": password}
    return own.anyone.post("/v1/auth/login", json={"provider": "traditional", "payload": payload})


def member(own: Server, admin: httpx.Client, email: str, role: str) -> tuple[Json, httpx.Client]:
    """Take a person in and log them in."""
    made = data(admin.post("/collaborators", json={"email": email, "role": role, "password": PASSWORD}))
    token = data(login(own, email))["accessToken"]["token"]
    return made, own.client(f"/v1/organizations/{own.organization['id']}", token)
