"""The way into the dashboard: password, code, identity provider, forgotten password; and what nobody is told."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyotp
import pytest

from seatrial.web.dashboard.door import COOKIE
from tests import smtp
from tests.e2e.administering import PASSWORD, administrator, data, login
from tests.issuer import serving
from tests.server import Json, Server, Workspace

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what the provider is made of

LOGIN, CODE, FORGOT = "/dashboard/login", "/dashboard/login/code", "/dashboard/forgot"
ADA, BO = "ada@sign-in.example", "bo@sign-in.example"


@pytest.fixture(scope="module")
def server(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("dashboard-sign-in")
    settings = {"SEATRIAL_LOGIN__FAILURES_PER_ADDRESS": "1000", "SEATRIAL_OIDC__ALLOW_LOOPBACK": "true"}
    server = Server(workspace.copied_to(folder), folder / "server.log", settings)
    try:
        for email in (ADA, BO):
            person = {"email": email, "password": PASSWORD, "role": "admin"}
            data(administrator(server).post("/collaborators", json=person))
        yield server
    finally:
        server.close()


@pytest.fixture(scope="module")
def second(server: Server) -> Json:
    """Give Bo a second factor: its secret and the recovery codes."""
    me = server.client("/v1/auth", data(login(server, BO))["accessToken"]["token"])
    begun = data(me.post("/twoFactor", json={"password": PASSWORD}))
    confirmed = data(me.post("/twoFactor/confirm", json={"code": pyotp.TOTP(begun["secret"]).now()}))
    return {"secret": begun["secret"], "recovery": confirmed["recoveryCodes"]}


@pytest.fixture
def browser(server: Server) -> Iterator[httpx.Client]:
    headers = {"Accept": "text/html", "Origin": server.base_url}
    with httpx.Client(base_url=server.base_url, trust_env=False, headers=headers) as client:
        yield client


def told(answer: httpx.Response) -> str:
    """Give what the page says in its alert."""
    found = re.search(r'<div class="alert[^>]*>.*?</svg>\s*(.*?)</div>', answer.text, re.DOTALL)
    return found[1].strip() if found else ""


def test_a_password_opens_the_page_that_somebody_wanted(server: Server, browser: httpx.Client) -> None:
    wanted = f"/dashboard/{server.organization['slug']}/apps?name=a"
    sent_away = browser.get(wanted)
    assert sent_away.status_code == 303
    form = browser.get(sent_away.headers["location"])
    [target] = re.findall(r'name="next" value="([^"]+)"', form.text)
    answer = browser.post(LOGIN, data={"email": ADA.upper(), "password": PASSWORD, "next": target})
    assert (answer.status_code, answer.headers["location"]) == (303, wanted)
    [cookie] = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{COOKIE}=stu_")]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Path=/"))
    assert browser.get(wanted).status_code == 200


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere(browser: httpx.Client, target: str) -> None:
    assert 'name="next" value="/dashboard"' in browser.get(LOGIN, params={"next": target}).text
    answer = browser.post(LOGIN, data={"email": ADA, "password": PASSWORD, "next": target})
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard")


def test_an_unknown_address_and_a_wrong_password_look_the_same(browser: httpx.Client, second: Json) -> None:
    pages = [
        browser.post(LOGIN, data={"email": email, "password": "a wrong password"})
        for email in (ADA, BO, "nobody@sign-in.example")
    ]
    assert {(page.status_code, told(page)) for page in pages} == {(401, "The e-mail address or the password is wrong.")}
    assert not browser.cookies
    hostile = browser.post(LOGIN, data={"email": '"><script>alert(1)</script>', "password": "x"})
    assert "<script>alert" not in hostile.text
    assert "&lt;script&gt;alert" in hostile.text
    in_spanish = browser.post(
        LOGIN, data={"email": ADA, "password": "wrong"}, headers={"Accept-Language": "es-ES,es;q=0.9"}
    )
    assert told(in_spanish) == "El correo electrónico o la contraseña no son correctos."


def test_a_second_factor_is_asked_for_on_a_page_of_its_own(browser: httpx.Client, second: Json) -> None:
    assert browser.get(CODE).headers["location"].startswith(LOGIN)  # nobody without the password sees it
    step = browser.post(LOGIN, data={"email": BO, "password": PASSWORD, "next": "/dashboard?a=b"})
    assert step.status_code == 303
    assert step.headers["location"].startswith(f"{CODE}?next=")
    assert COOKIE not in browser.cookies
    [kept] = step.headers.get_list("set-cookie")
    assert all(word in kept for word in ("HttpOnly", "SameSite=lax", f"Path={LOGIN}", "Max-Age=600"))
    assert PASSWORD not in kept
    assert BO not in kept
    page = browser.get(step.headers["location"])
    assert 'name="code"' in page.text
    assert 'name="password"' not in page.text
    for wrong in ("000000", "", "abcd-efgh-ijkl-mnop"):
        refused = browser.post(CODE, data={"code": wrong, "next": "/dashboard?a=b"})
        assert (refused.status_code, told(refused)) == (401, "The code is wrong, or was used before.")
        assert COOKIE not in browser.cookies
    arrived = browser.post(CODE, data={"code": second["recovery"][0], "next": "/dashboard?a=b"})
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/dashboard?a=b")
    assert browser.get("/dashboard").status_code == 303
    assert not browser.get("/dashboard").headers["location"].startswith(LOGIN)
    assert [cookie.name for cookie in browser.cookies.jar] == [COOKIE]


def test_each_code_opens_one_session(server: Server, browser: httpx.Client, second: Json) -> None:
    for status in (303, 401):
        browser.post(LOGIN, data={"email": BO, "password": PASSWORD})
        assert browser.post(CODE, data={"code": second["recovery"][1]}).status_code == status
    forged = {"seatrial_sign_in": "gAAAAABforged"}
    with httpx.Client(base_url=server.base_url, trust_env=False, cookies=forged) as other:
        answer = other.post(CODE, data={"code": second["recovery"][2]})
        assert answer.headers["location"].startswith(LOGIN)
        assert COOKIE not in other.cookies


def test_signing_in_again_ends_the_session_before(server: Server, browser: httpx.Client) -> None:
    secrets = []
    for _ in range(2):
        assert browser.post(LOGIN, data={"email": ADA, "password": PASSWORD}).status_code == 303
        secrets.append(browser.cookies[COOKIE])
    assert secrets[0] != secrets[1]
    planted = {"Cookie": f"{COOKIE}=stu_planted-by-somebody-else"}
    with httpx.Client(base_url=server.base_url, trust_env=False) as fresh:
        answer = fresh.post(LOGIN, data={"email": ADA, "password": PASSWORD}, headers=planted)
        assert answer.status_code == 303
        assert "planted" not in answer.headers["set-cookie"]
    statuses = [
        server.anyone.get(f"/dashboard/{server.organization['slug']}", headers={"Cookie": f"{COOKIE}={secret}"})
        for secret in secrets
    ]
    assert [one.status_code for one in statuses] == [303, 200]


def test_who_may_see_nothing_reads_why_and_can_sign_out(server: Server, browser: httpx.Client) -> None:
    admin, email = administrator(server), "dee@sign-in.example"
    data(admin.post("/collaborators", json={"email": email, "password": PASSWORD, "role": "editor"}))
    assert browser.post(LOGIN, data={"email": email, "password": PASSWORD}).status_code == 303
    elsewhere = browser.get("/dashboard/no-such-organization")
    assert (elsewhere.status_code, "There is nothing here that you may see." in elsewhere.text) == (404, True)
    data(admin.put("", json={"requireTwoFactor": True}))
    try:
        barred = browser.get(f"/dashboard/{server.organization['slug']}")
        assert (barred.status_code, barred.headers["location"]) == (303, "/dashboard/account")
        barred = browser.get("/dashboard/account")
        assert "Your organization asks for a second factor." in barred.text
        [csrf, *_] = re.findall(r'name="csrf" value="([^"]+)"', barred.text)
        secret = browser.cookies[COOKIE]
        assert browser.post("/dashboard/logout", data={"csrf": "forged"}).status_code == 403
        assert browser.post("/dashboard/logout", data={"csrf": csrf}).headers["location"] == LOGIN
        assert server.client("/v1/auth", secret).get("/profile").status_code == 401
    finally:
        data(admin.put("", json={"requireTwoFactor": False}))


@pytest.mark.parametrize("path", [LOGIN, CODE, FORGOT])
def test_forms_of_other_pages_are_refused(server: Server, path: str) -> None:
    said = {"email": ADA, "password": PASSWORD, "code": "1"}
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = server.anyone.post(path, data=said, headers=headers)
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_guessing_ends(workspace: Workspace, tmp_path: Path) -> None:
    settings = {"SEATRIAL_LOGIN__FAILURES_PER_ACCOUNT": "3"}
    own = Server(workspace.copied_to(tmp_path), tmp_path / "server.log", settings)
    try:
        data(administrator(own).post("/collaborators", json={"email": ADA, "password": PASSWORD}))
        for email in (ADA, "nobody@sign-in.example"):
            tries = [own.anyone.post(LOGIN, data={"email": email, "password": "wrong"}) for _ in range(4)]
            assert [one.status_code for one in tries] == [401, 401, 401, 429]
            assert re.fullmatch(r"Too many attempts\. Try again in \d+ seconds\.", told(tries[-1]))
        right = own.anyone.post(LOGIN, data={"email": ADA, "password": PASSWORD})
        assert (right.status_code, "set-cookie" in right.headers) == (429, False)
        asked = [own.anyone.post(FORGOT, data={"email": "eve@sign-in.example"}).status_code for _ in range(4)]
        assert asked == [200, 200, 200, 429]
    finally:
        own.close()


def test_codes_are_guessed_as_seldom_as_passwords(workspace: Workspace, tmp_path: Path) -> None:
    settings = {"SEATRIAL_LOGIN__FAILURES_PER_ACCOUNT": "3"}
    own = Server(workspace.copied_to(tmp_path), tmp_path / "server.log", settings)
    try:
        data(administrator(own).post("/collaborators", json={"email": ADA, "password": PASSWORD}))
        me = own.client("/v1/auth", data(login(own, ADA))["accessToken"]["token"])
        begun = data(me.post("/twoFactor", json={"password": PASSWORD}))
        recovery = data(me.post("/twoFactor/confirm", json={"code": pyotp.TOTP(begun["secret"]).now()}))
        with httpx.Client(base_url=own.base_url, trust_env=False) as browser:
            assert browser.post(LOGIN, data={"email": ADA, "password": PASSWORD}).status_code == 303
            found = [browser.post(CODE, data={"code": f"00000{n}"}).status_code for n in range(4)]
            assert found == [401, 401, 401, 429]
            late = browser.post(CODE, data={"code": recovery["recoveryCodes"][0]})
            assert (late.status_code, COOKIE in browser.cookies) == (429, False)
    finally:
        own.close()


def test_the_organizations_identity_providers_are_offered(server: Server, browser: httpx.Client) -> None:
    admin = administrator(server)
    with serving() as issuer:
        issuer.user("cy", email="cy@sign-in.example", email_verified=True)
        wanted = {"name": "Harbour <ID>", "issuer": issuer.url, "clientId": "seatrial", "allowSignUp": True}
        made = data(admin.post("/identityProviders", json=wanted | {"clientSecret": "s3cret", "kind": "user"}))
        target = f"/dashboard/{server.organization['slug']}/apps"
        page = browser.get(LOGIN, params={"next": target})
        assert "Sign in with Harbour &lt;ID&gt;" in page.text
        [way] = re.findall(r'href="(/v1/auth/oidc/[^"]+)"', page.text)
        start = browser.get(way.replace("&amp;", "&"))
        code, state = issuer.consent(start.headers["location"], "cy")
        back = browser.get(f"/v1/auth/oidc/{made['id']}/callback", params={"code": code, "state": state})
        assert (back.status_code, back.headers["location"]) == (303, target)
        assert browser.get(f"/dashboard/{server.organization['slug']}").status_code == 200
        data(admin.put(f"/identityProviders/{made['id']}", json={"enabled": False}))
        assert "Harbour" not in browser.get(LOGIN).text
        data(admin.delete(f"/identityProviders/{made['id']}"))


def test_who_forgot_the_password_gets_a_link_and_nobody_is_told_who_is_there(
    workspace: Workspace, tmp_path: Path
) -> None:
    post = smtp.Post()
    with smtp.serving(post) as port:
        settings = {
            "SEATRIAL_MAIL__HOST": "127.0.0.1",
            "SEATRIAL_MAIL__PORT": str(port),
            "SEATRIAL_MAIL__SECURITY": "none",
            "SEATRIAL_MAIL__SENDER": "builds@example.com",
        }
        own = Server(workspace.copied_to(tmp_path), tmp_path / "server.log", settings)
        try:
            data(administrator(own).post("/collaborators", json={"email": ADA, "password": PASSWORD}))
            assert f'href="{FORGOT}"' in own.anyone.get(LOGIN).text
            pages = [own.anyone.post(FORGOT, data={"email": email}) for email in ("nobody@sign-in.example", ADA)]
            assert {(page.status_code, page.text) for page in pages} == {(200, pages[0].text)}
            assert own.anyone.post(FORGOT, data={"email": " "}).status_code == 400
            [mail] = post.wait_for(1)
            assert mail["To"] == ADA
            body = mail.get_body(("plain",))
            assert body is not None
            [link] = re.findall(r"/password/[\w-]+", body.get_content())
            chosen = own.anyone.post(link, data={"password": "quite another password"})
            assert chosen.status_code == 200
            for password, status in ((PASSWORD, 401), ("quite another password", 303)):
                assert own.anyone.post(LOGIN, data={"email": ADA, "password": password}).status_code == status
        finally:
            own.close()
