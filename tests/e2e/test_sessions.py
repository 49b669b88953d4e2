"""Sessions of people over HTTP: login, refresh, logout, and how guessing ends (contract 2.3; decisions 32 and 37)."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.administering import PASSWORD, administrator, data, login, member, own_server
from tests.e2e.refusals import invalid, refused
from tests.server import DEMO_APK, Json, Server, Workspace


@pytest.fixture(scope="module")
def own(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from own_server(workspace, tmp_path_factory.mktemp("sessions"))


@pytest.fixture(scope="module")
def admin(own: Server) -> httpx.Client:
    return administrator(own)


def test_a_session_goes_on_by_refresh_and_ends_by_logout(own: Server, admin: httpx.Client) -> None:
    member(own, admin, "sam@example.com", "viewer")
    opened = data(login(own, "SAM@example.com"))
    assert set(opened) == {"accessToken", "refreshToken", "user"}
    assert set(opened["accessToken"]) == set(opened["refreshToken"]) == {"token", "expireAt"}
    assert {"id", "email", "firstName", "lastName", "fullName", "picture", "role", "createdAt"} == set(opened["user"])
    refresh = {"refreshToken": opened["refreshToken"]["token"]}
    renewed = data(own.anyone.post("/v1/auth/refresh", json=refresh))
    path = own.workspace_path()
    refused(own.client(path, opened["accessToken"]["token"]).get("/builds"), 401, 4004)
    session = own.client("", renewed["accessToken"]["token"])
    assert session.get(f"{path}/builds").status_code == 200
    refused(own.anyone.post("/v1/auth/refresh", json=refresh), 401, 4004)
    refused(session.get(f"{path}/builds"), 401, 4004)  # who has both tokens is not known: the session is over
    again = own.client("", data(login(own, "sam@example.com"))["accessToken"]["token"])
    assert data(again.post("/v1/auth/logout")) == {"loggedOut": True}
    refused(again.post("/v1/auth/logout"), 401, 4004)
    invalid(own.anyone.post("/v1/auth/refresh", json={}), "refreshToken")


def test_a_session_downloads_as_a_person(own: Server, admin: httpx.Client) -> None:
    """Decision 37, and the member type of contract 2.1."""
    build = own.processed(DEMO_APK)
    person, session = member(own, admin, "dora@example.com", "viewer")
    token = data(session.get(f"/apps/{own.app['id']}/builds/{build['id']}/downloadToken"))["token"]
    assert own.anyone.get(f"/v1/download/{token}").status_code == 302
    (download,) = data(session.get(f"/apps/{own.app['id']}/builds/{build['id']}/downloads"))["items"]
    assert (download["member"]["type"], download["member"]["user"]) == ("user", person["id"])
    location = httpx.URL(build["files"][0]["file"]["location"]).path
    bearer = session.headers["authorization"].partition(" ")[2]
    assert own.client("", bearer).get(location).content == DEMO_APK.read_bytes()
    assert data(admin.get(f"/apps/{own.app['id']}"))["counts"]["downloads"] == 1


@pytest.mark.parametrize(
    "payload",
    [
        {"email": "owner@example.com", "password": "wrong"},
        {"email": "nobody@example.com", "password": "wrong"},
        {"user": "owner@example.com", "password": "wrong"},  # decision 32: an app's SDK
    ],
)
def test_a_refused_login_says_no_more_than_that(own: Server, payload: Json) -> None:
    error = refused(own.anyone.post("/v1/auth/login", json={"provider": "traditional", "payload": payload}), 401, 4002)
    assert error["message"] == "No auth token"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ("payload.email", "payload.password")),
        ({"payload": "x"}, ("payload",)),
        ({"payload": {"email": "a@b", "password": ""}}, ("payload.password",)),
        ({"payload": {"email": "a@b", "password": "x" * 129}}, ("payload.password",)),
        ({"payload": {"email": "x" * 257, "password": "x"}}, ("payload.email",)),
        ({"provider": "google", "payload": {}}, ("provider",)),
    ],
)
def test_what_is_wrong_with_a_login_is_named(own: Server, body: Json, fields: tuple[str, ...]) -> None:
    invalid(own.anyone.post("/v1/auth/login", json=body), *fields)


def test_guessing_is_answered_429(own: Server, admin: httpx.Client) -> None:
    member(own, admin, "guessed@example.com", "viewer")
    answers = [login(own, "guessed@example.com", f"guess {number}") for number in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    refused(answers[-1], 429, 1029)
    assert 0 < int(answers[-1].headers["retry-after"]) <= 900
    refused(login(own, "guessed@example.com"), 429, 1029)
    own.restart()  # another process knows it too
    refused(login(own, "guessed@example.com"), 429, 1029)
    member(own, admin, "unsuspected@example.com", "viewer")


def test_no_secret_is_in_the_log(own: Server, admin: httpx.Client) -> None:
    member(own, admin, "quiet@example.com", "viewer")
    opened = data(login(own, "quiet@example.com"))
    own.anyone.get(f"/{opened['refreshToken']['token']}")
    text = Path(own.log).read_text()
    for secret in (PASSWORD, opened["accessToken"]["token"][4:], opened["refreshToken"]["token"][4:]):
        assert secret not in text
