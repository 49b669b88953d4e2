"""What every answer tells browsers, and how they keep who is signed in."""

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie

import httpx
import pytest

from seatrial.web.protections import missing
from tests.e2e.administering import PASSWORD, administrator, own_server
from tests.server import Server, Workspace

HTTPS = {"X-Forwarded-Proto": "https"}
ADDRESS = "cookies@example.com"


@pytest.fixture(scope="module")
def file(server: Server) -> str:
    build = server.processed()
    found: str = next(one["file"]["location"] for one in build["files"] if one["type"] == "icon")
    return httpx.URL(found).path


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/integrations/builds", 401),
        ("/v1/nothing", 404),
        ("/healthz", 200),
        ("/docs", 200),
        ("/openapi.json", 200),
        ("/dashboard/login", 200),
        ("/dashboard", 303),
        ("/store", None),
        ("/no-such-publication", 404),
        ("/v1/download/std_nothing", 404),
        ("/static/app.css", None),
    ],
)
def test_every_answer_is_protected(server: Server, path: str, status: int | None) -> None:
    answer = server.anyone.get(path, headers=HTTPS)
    assert status in {None, answer.status_code}
    said = answer.headers
    assert said["x-content-type-options"] == "nosniff"
    assert said["referrer-policy"] in {"no-referrer", "same-origin"}
    assert said["x-frame-options"] == "DENY"
    assert "default-src 'none'" in said["content-security-policy"]
    assert "frame-ancestors 'none'" in said["content-security-policy"]
    assert "unsafe" not in said["content-security-policy"]
    assert said["cross-origin-opener-policy"] == "same-origin"
    elsewhere = path.startswith("/v1/download/")
    assert said["cross-origin-resource-policy"] == ("cross-origin" if elsewhere else "same-origin")
    assert said["strict-transport-security"] == "max-age=31536000"
    for name in ("server", "x-powered-by"):
        assert name not in said
    assert "strict-transport-security" not in server.anyone.get(path).headers


def test_a_file_is_shown_elsewhere_and_runs_nothing(server: Server, file: str) -> None:
    answer = server.client("", server.app_token).get(file)
    assert answer.status_code == 200
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.fixture(scope="module")
def own(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    for server in own_server(workspace, tmp_path_factory.mktemp("protections")):
        made = administrator(server).post(
            "/collaborators", json={"email": ADDRESS, "password": PASSWORD, "role": "admin"}
        )
        assert made.status_code == 200, made.text
        yield server


def test_an_operator_may_say_nothing_of_https() -> None:
    over_https = {"type": "http", "path": "/", "scheme": "https"}
    said = dict(missing(over_https, [(b"Content-Security-Policy", b"own")], 0))
    assert b"strict-transport-security" not in said
    assert b"content-security-policy" not in said


def signed_in(server: Server, headers: dict[str, str]) -> SimpleCookie:
    """Sign in as a browser does; gives the cookies that it is told to keep."""
    said = {"email": ADDRESS, "password": PASSWORD, "next": "/dashboard"}
    answer = server.anyone.post("/dashboard/login", data=said, headers=headers)
    assert answer.status_code == 303, answer.text
    server.anyone.cookies.clear()
    cookies: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        cookies.load(line)
    return cookies


def test_a_session_over_https_is_in_a_cookie_of_this_host_alone(own: Server) -> None:
    kept = signed_in(own, HTTPS)["__Host-seatrial_session"]
    assert (kept["secure"], kept["httponly"], kept["path"], kept["domain"]) == (True, True, "/", "")
    assert kept["samesite"].lower() == "lax"
    by_name = {
        name: own.anyone.get("/dashboard", headers=HTTPS | {"Cookie": f"{name}={kept.value}"}).headers["location"]
        for name in ("__Host-seatrial_session", "seatrial_session")
    }
    assert "/login" not in by_name["__Host-seatrial_session"]
    assert "/login" in by_name["seatrial_session"]  # which another host of the domain can set
    page = own.anyone.get(by_name["__Host-seatrial_session"], headers=HTTPS | {"Cookie": f"{kept.key}={kept.value}"})
    token = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
    left = own.anyone.post(
        "/dashboard/logout", data={"csrf": token}, headers=HTTPS | {"Cookie": f"{kept.key}={kept.value}"}
    )
    assert left.headers["set-cookie"].startswith('__Host-seatrial_session=""')
    assert "Secure" in left.headers["set-cookie"]


def test_without_https_the_cookie_has_its_plain_name(own: Server) -> None:
    cookies = signed_in(own, {})
    assert ("seatrial_session" in cookies, "__Host-seatrial_session" in cookies) == (True, False)
