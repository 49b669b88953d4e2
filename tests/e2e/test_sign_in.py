"""Signing in as the SDKs and browsers do: every request as it goes over the wire."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest

from tests.issuer import Issuer, serving
from tests.server import Json, Server, Workspace

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what the provider is made of

PASSWORD = "a password for tests"
ADA = "ada@example.com"
SCHEMES = ("applivery-com-example-Tides", "com.example.tides_app.applivery.auth")


@pytest.fixture(scope="module")
def server(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("sign-in")
    server = Server(workspace.copied_to(folder), folder / "server.log", {"SEATRIAL_OIDC__ALLOW_LOOPBACK": "true"})
    try:
        people = server.client(f"/v1/organizations/{server.organization['id']}", server.service_token)
        made = people.post("/collaborators", json={"email": ADA, "password": PASSWORD, "firstName": "Ada"})
        assert made.status_code == 200, made.text
        yield server
    finally:
        server.close()


@pytest.fixture
def browser(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.base_url, trust_env=False, headers={"Accept": "text/html"}) as client:
        yield client


def data(answer: httpx.Response) -> Json:
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()["data"]
    return found


def test_an_sdk_signs_somebody_in_and_asks_who_it_is(server: Server) -> None:
    """Contract 2.6."""
    sdk = server.client("/v1/auth", server.app_token)
    body = {"provider": "traditional", "payload": {"user": ADA, "password": PASSWORD}}
    answer = sdk.post("/login", json=body)
    said = answer.json()
    assert answer.status_code == 200, said
    assert (said["status"], "error" in said) == (True, False)
    secret = said["data"]["bearer"]
    assert {secret} == {said["token"], said["data"]["token"]}
    profile = data(sdk.get("/profile", headers={"x-sdk-auth-token": secret}))
    assert (profile["email"], profile["fullName"], profile["type"]) == (ADA, "Ada", "user")
    # As the Android SDK parses it: yyyy-MM-dd'T'HH:mm:ss.SSS'Z'.
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", profile["createdAt"])
    missing, foreign = sdk.get("/profile"), sdk.get("/profile", headers={"x-sdk-auth-token": "stm_guessed"})
    assert [(one.status_code, one.json()["error"]["code"]) for one in (missing, foreign)] == [(401, 4002), (401, 4004)]
    own = server.client("/v1/auth", secret)
    assert data(own.get("/profile"))["email"] == ADA
    assert own.post("/logout").status_code == 200
    assert sdk.get("/profile", headers={"x-sdk-auth-token": secret}).status_code == 401
    wrong = sdk.post("/login", json={"payload": {"user": ADA, "password": "wrong"}})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, 4002)
    assert server.anyone.post("/v1/auth/login", json=body).status_code == 401


def test_an_app_names_its_user(server: Server) -> None:
    sdk = server.client("/v1/auth", server.app_token)
    made = data(sdk.post("/customLogin", json={"email": "eve@example.com", "firstName": "Eve", "tags": ["qa"]}))
    assert made["member"] == {
        "id": made["member"]["id"],
        "email": "eve@example.com",
        "firstName": "Eve",
        "lastName": "",
    }
    seen = data(sdk.get("/profile", headers={"x-sdk-auth-token": made["bearer"]}))
    assert (seen["type"], seen["id"]) == ("employee", made["member"]["id"])
    taken = sdk.post("/customLogin", json={"email": ADA})
    assert (taken.status_code, taken.json()["error"]["code"]) == (401, 4002)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_app_sends_its_users_to_a_page_that_sends_them_back(
    server: Server, browser: httpx.Client, scheme: str
) -> None:
    url = data(server.client("/v1/auth", server.app_token).get("/redirect"))["redirectUrl"]
    page = browser.get(f"{url}?scheme={scheme}")
    assert page.status_code == 200
    assert f"form-action 'self' {scheme}:" in page.headers["content-security-policy"]
    form = {"proof": proof(page), "scheme": scheme, "email": ADA, "password": PASSWORD}
    answer = browser.post(url, data=form)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(f"{scheme}://auth?bearer=stm_")
    bearer = parse_qs(urlsplit(answer.headers["location"]).query)["bearer"][0]
    assert data(server.client("/v1/auth", bearer).get("/profile"))["email"] == ADA


def test_the_page_sends_nobody_elsewhere_and_takes_no_foreign_form(server: Server, browser: httpx.Client) -> None:
    path = f"/login/{server.organization['slug']}"
    for scheme in ("https", "javascript", "applivery-x:", "evil", "applivery.auth", "applivery-%0Ax"):
        assert browser.get(path, params={"scheme": scheme}).status_code == 400
    assert browser.get("/login/no-such-organization").status_code == 404
    page = browser.get(path, params={"next": "//evil.example"})
    form = {"proof": proof(page), "email": ADA, "password": PASSWORD, "next": "//evil.example"}
    foreign = browser.post(path, data=form, headers={"Origin": "https://evil.example"})
    assert (foreign.status_code, "set-cookie" in foreign.headers) == (403, True)
    assert "seatrial_member" not in foreign.headers["set-cookie"]
    assert browser.post(path, data=form | {"proof": "guessed"}).status_code == 403
    page = browser.get(path, params={"next": "/wallet?build=1"})
    wrong = browser.post(path, data={"proof": proof(page), "email": "<b>@example.com", "password": "wrong"})
    assert wrong.status_code == 401
    assert "&lt;b&gt;@example.com" in wrong.text
    form = {"proof": proof(wrong), "email": ADA, "password": PASSWORD, "next": "/wallet?build=1"}
    answer = browser.post(path, data=form, headers={"Origin": server.base_url})
    assert (answer.status_code, answer.headers["location"]) == (303, "/wallet?build=1")
    kept = next(said for said in answer.headers.get_list("set-cookie") if said.startswith("seatrial_member="))
    assert all(word in kept for word in ("HttpOnly", "SameSite=lax", "Path=/"))
    assert browser.post(path, content=b"&".join(b"a=1" for _ in range(30))).status_code == 400


def test_a_second_factor_is_asked_for_at_every_door(server: Server, browser: httpx.Client) -> None:
    people = server.client(f"/v1/organizations/{server.organization['id']}", server.service_token)
    assert people.post("/collaborators", json={"email": "bo@example.com", "password": PASSWORD}).status_code == 200
    payload = {"email": "bo@example.com", "password": PASSWORD}
    token = data(server.anyone.post("/v1/auth/login", json={"payload": payload}))["accessToken"]["token"]
    me = server.client("/v1/auth", token)
    begun = data(me.post("/twoFactor", json={"password": PASSWORD}))
    confirmed = data(me.post("/twoFactor/confirm", json={"code": pyotp.TOTP(begun["secret"]).now()}))
    refused = server.anyone.post("/v1/auth/login", json={"payload": payload})
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, 4002)
    assert refused.json()["error"]["data"]["twoFactor"] is True
    recovery = confirmed["recoveryCodes"]
    data(server.anyone.post("/v1/auth/login", json={"payload": payload | {"twoFactorCode": recovery[0]}}))
    path = f"/login/{server.organization['slug']}"
    form = payload | {"proof": proof(browser.get(path))}
    page = browser.post(path, data=form)
    assert 'name="code"' in page.text
    assert browser.post(path, data=form | {"proof": proof(page), "code": recovery[1]}).status_code == 303
    assert data(me.get("/profile"))["twoFactor"] == {"enabled": True, "recoveryCodesLeft": 8}


def test_whether_somebody_has_an_address_is_not_told(server: Server, browser: httpx.Client) -> None:
    for email in (ADA, "nobody@example.com"):
        assert data(server.anyone.post("/v1/auth/forgot", json={"email": email})) == {"accepted": True}
    assert browser.get("/password/stp_guessed-and-wrong").status_code == 404
    assert browser.post("/password/stp_guessed-and-wrong", data={"password": PASSWORD}).status_code == 404
    refused = server.anyone.post("/v1/auth/reset", json={"token": "stp_guessed-and-wrong", "password": PASSWORD})
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, 3001)
    assert "guessed-and-wrong" not in server.log.read_text()


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with serving() as issuer:
        issuer.user("cy", email="cy@example.com", email_verified=True, given_name="Cy")
        yield issuer


@pytest.fixture(scope="module")
def provider(server: Server, issuer: Issuer) -> str:
    organization = server.client(f"/v1/organizations/{server.organization['id']}", server.service_token)
    wanted = {"name": "Harbour ID", "issuer": issuer.url, "clientId": "seatrial", "clientSecret": "s3cret"}
    made = data(organization.post("/identityProviders", json=wanted | {"allowSignUp": True, "kind": "user"}))
    assert "s3cret" not in str(made)
    found: str = made["id"]
    return found


def test_an_app_signs_somebody_in_by_an_identity_provider(
    server: Server, browser: httpx.Client, issuer: Issuer, provider: str
) -> None:
    page = browser.get(f"/login/{server.organization['slug']}", params={"scheme": SCHEMES[0]})
    way = re.search(r'href="(/v1/auth/oidc/[^"]+)"', page.text)
    assert way is not None
    start = browser.get(way[1].replace("&amp;", "&"))
    assert start.status_code == 302, start.text
    kept = start.headers["set-cookie"]
    assert all(word in kept for word in ("HttpOnly", "SameSite=lax", "Path=/v1/auth/oidc", "Max-Age=600"))
    code, state = issuer.consent(start.headers["location"], "cy")
    back = f"/v1/auth/oidc/{provider}/callback"
    other = server.anyone.get(back, params={"code": code, "state": state})
    assert (other.status_code, other.json()["error"]["code"]) == (401, 4002)
    cookies = dict(browser.cookies)
    answer = browser.get(back, params={"code": code, "state": state})
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(f"{SCHEMES[0]}://auth?bearer=stm_")
    browser.cookies.update(cookies)
    again = browser.get(back, params={"code": code, "state": state})
    assert again.status_code == 401
    assert "over already" in again.text
    denied = browser.get(back, params={"error": "access_denied", "state": state}, cookies=cookies)
    assert denied.status_code == 401


def test_a_program_gets_a_session_and_a_dashboard_a_cookie(
    browser: httpx.Client, issuer: Issuer, provider: str
) -> None:
    def travel(**goal: str) -> httpx.Response:
        start = browser.get(f"/v1/auth/oidc/{provider}/start", params=goal)
        assert start.status_code == 302, start.text
        code, state = issuer.consent(start.headers["location"], "cy")
        return browser.get(f"/v1/auth/oidc/{provider}/callback", params={"code": code, "state": state})

    session = data(travel(target="api"))
    assert (session["user"]["email"], session["user"]["role"]) == ("cy@example.com", "unassigned")
    dashboard = travel(target="dashboard", next="https://evil.example")
    assert (dashboard.status_code, dashboard.headers["location"]) == (303, "/dashboard")
    assert "seatrial_session=stu_" in str(dashboard.headers.get_list("set-cookie"))
    for goal in ({"target": "sdk"}, {"target": "store", "scheme": SCHEMES[0]}, {"target": "moon"}):
        refused = browser.get(f"/v1/auth/oidc/{provider}/start", params=goal, headers={"Accept": "application/json"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, 1000)


def test_an_identity_provider_that_is_down_is_named(server: Server) -> None:
    organization = server.client(f"/v1/organizations/{server.organization['id']}", server.service_token)
    wanted = {"name": "Sunken ID", "issuer": "http://127.0.0.1:9", "clientId": "seatrial"}
    made = data(organization.post("/identityProviders", json=wanted))
    answer = server.anyone.get(f"/v1/auth/oidc/{made['id']}/start")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, 1503)
    assert "Sunken ID cannot be used now: it cannot be reached" in answer.json()["error"]["message"]
    assert answer.headers["retry-after"] == "30"
    assert data(organization.delete(f"/identityProviders/{made['id']}")) == {"deleted": True}
    assert server.anyone.get(f"/v1/auth/oidc/{made['id']}/start").status_code == 404


def proof(page: httpx.Response) -> str:
    found = re.search(r'name="proof" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]
