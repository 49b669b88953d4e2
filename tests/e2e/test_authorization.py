"""Every route with every kind of credential, against one table (`authorization_table.py`)."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import httpx
import pytest
from fastapi.routing import APIRoute

from seatrial.meter import Meter
from seatrial.web.app import create_app
from seatrial.web.context import BodyLimits, Context
from tests.e2e.authorization_bodies import in_place
from tests.e2e.authorization_pages import PAGE_ROUTES
from tests.e2e.authorization_permissions import PERMISSIONS, is_allowed
from tests.e2e.authorization_table import ANSWERS, ROUTES, table
from tests.e2e.authorization_world import World, fresh_session, populated, renew
from tests.e2e.refusals import refused
from tests.server import Server, Workspace

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what the identity provider is made of

ROUTE_ROWS = table(ROUTES)
PAGE_ROWS = table(PAGE_ROUTES)
ANSWER_ROWS = {row["credential"]: row for row in table(ANSWERS)}
PERMISSION_ROWS = {row["permission"]: row for row in table(PERMISSIONS)}


def served() -> set[str]:
    """Ask the application itself which routes it has; every GET is also a HEAD."""
    limits = BodyLimits(json=1, idle_read=1, refused=1, refused_seconds=1)
    app = create_app(cast("Context", SimpleNamespace(body_limits=limits, meter=Meter())))
    return {
        f"{method} {route.path}"
        for route in app.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
        if method != "HEAD" or route.path == "/v1/download/{token}" or route.path.endswith("/uploads/{upload}")
    }


def test_the_table_has_every_route_and_no_other() -> None:
    listed = [row["route"] for row in (*ROUTE_ROWS, *PAGE_ROWS)]
    assert set(listed) == served()
    assert len(set(listed)) == len(listed)


def test_the_table_has_every_permission_of_its_routes() -> None:
    asked = {row["permission"] for row in (*ROUTE_ROWS, *PAGE_ROWS)}
    assert asked - {"-"} == set(PERMISSION_ROWS)


@pytest.fixture(scope="module")
def world(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give a server of our own: a second organization is more than the command line of others expects."""
    folder = tmp_path_factory.mktemp("world")
    settings = {"SEATRIAL_OIDC__ALLOW_LOOPBACK": "true"}
    server = Server(workspace.copied_to(folder), folder / "server.log", settings)
    try:
        yield populated(server)
    finally:
        server.close()


def expectation(row: dict[str, str], credential: str, *, has_object_store: bool) -> str:
    """Say what the tables say: `200`, or a status and a code, with the permission where one is missing."""
    answer, permission = ANSWER_ROWS[credential][row["gate"]], row["permission"]
    if answer != "may":
        return answer
    allowed = permission == "-" or is_allowed(credential, row["route"], permission, PERMISSION_ROWS)
    if allowed and "/directUploads" in row["route"]:
        # Nobody has announced one here; and where files go to a disk, whoever may could not.
        if "{upload}" in row["route"]:
            return "404/3001"
        return "200" if has_object_store else "409/1009"
    return "200" if allowed else f"403/4003 {permission}"


def outcome(answer: httpx.Response) -> str:
    if answer.is_success:
        return "200"
    if not answer.content:  # of a HEAD
        return str(answer.status_code)
    error = answer.json()["error"]
    refused(answer, answer.status_code, error["code"])
    missing = error["data"]["permission"] if "permission" in error.get("data", {}) else ""
    return f"{answer.status_code}/{error['code']} {missing}".strip()


@pytest.mark.parametrize("row", [row for row in ROUTE_ROWS if row["gate"] != "open"], ids=lambda row: row["route"])
def test_each_credential_gets_the_answer_of_the_table(world: World, row: dict[str, str]) -> None:
    route, found, expected = row["route"], dict[str, str](), dict[str, str]()
    has_object_store = "SEATRIAL_STORAGE__BUCKET" in world.server.settings
    for credential in ANSWER_ROWS:
        secret = world.credentials[credential]
        if row["gate"] == "session" and ANSWER_ROWS[credential]["session"] == "may":
            secret = fresh_session(world, credential, route)
        expected[credential] = expectation(row, credential, has_object_store=has_object_store)
        if route.startswith("HEAD"):
            expected[credential] = expected[credential].partition("/")[0]
        found[credential] = outcome(world.ask(route, secret))
        if route.startswith("DELETE") and not route.endswith(("/pin", "/{upload}")) and found[credential] == "200":
            renew(world, (re.findall(r"{(\w+)}", route) or [""])[-1])
    if "/pin" in route or "/trash" in route:
        in_place(world)
    assert found == expected


# On a token, HEAD is a route of its own: tests/e2e/test_downloads.py.
LOOKS = [row["route"] for row in ROUTE_ROWS if row["route"].startswith("GET ") and "{token}" not in row["route"]]


@pytest.mark.parametrize("route", LOOKS)
def test_head_lets_in_whom_get_lets_in(world: World, route: str) -> None:
    for credential in ("none", "app token", "admin", "session, unassigned"):
        secret = world.credentials[credential]
        seen, asked = world.ask(route, secret), world.ask(route.replace("GET", "HEAD"), secret)
        assert (asked.status_code, asked.content) == (seen.status_code, b"")
