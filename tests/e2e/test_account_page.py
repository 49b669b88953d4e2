"""One's own account on its page, as it is used without a script."""

import base64
import re
import uuid
from collections.abc import Iterator
from urllib.parse import unquote

import pyotp
import pytest

from tests.e2e.pages import PASSWORD, Browser, Seen, named, opened, sign_in, signed_in
from tests.server import Json, Server, Workspace

ACCOUNT = "/dashboard/account"
HOSTILE = "<script>alert(1)</script>"
OTHER = "another password for tests"


@pytest.fixture(scope="module")
def site(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with opened(workspace, tmp_path_factory.mktemp("account")) as server:
        yield server


@pytest.fixture
def name() -> str:
    return named("me")


@pytest.fixture
def me(site: Server, name: str) -> Browser:
    return signed_in(site, "viewer", name)


def mine(browser: Browser, path: str) -> Json:
    """Ask the API as the one who is signed in."""
    answer = browser.server.client("", browser.secret).get(path)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()["data"]
    return found


def secret_of(seen: Seen) -> str:
    """Read the authenticator's secret off the page."""
    found = re.findall(r"\b[A-Z2-7]{32}\b", seen.text)
    assert len(found) == 1, seen.text
    return str(found[0])


def codes_of(seen: Seen) -> list[str]:
    return re.findall(r"\b(?:[a-z0-9]{4}-){3}[a-z0-9]{4}\b", seen.text)


def test_a_name_and_a_language_are_kept_and_the_pages_speak_it(me: Browser) -> None:
    page = me.open(ACCOUNT)
    seen = me.send(page, "Save", {"firstName": HOSTILE, "lastName": "Hopper", "language": "es"}, inside="account$")
    assert HOSTILE not in seen.raw
    assert "Tu cuenta" in seen.text
    assert ("firstName", HOSTILE) in seen.form("Guardar", "account$").fields
    profile = mine(me, "/v1/auth/profile")
    assert (profile["firstName"], profile["lastName"], profile["language"]) == (HOSTILE, "Hopper", "es")


def test_a_password_is_changed_and_other_sessions_end(site: Server, me: Browser, name: str) -> None:
    email = f"{name}@people.example"
    elsewhere = Browser(site, sign_in(site, email))
    page = me.open(ACCOUNT)
    seen = me.send(page, "Change the password", {"password": "wrong", "newPassword": OTHER, "again": OTHER})
    assert (seen.status, "Password now is wrong." in seen.text) == (400, True)
    seen = me.send(page, "Change the password", {"password": PASSWORD, "newPassword": "short", "again": "short"})
    assert (seen.status, "New password must be 12 to 128 characters" in seen.text) == (400, True)
    seen = me.send(page, "Change the password", {"password": PASSWORD, "newPassword": OTHER, "again": "other"})
    assert (seen.status, "New password again is not the same." in seen.text) == (400, True)
    assert PASSWORD not in seen.raw
    seen = me.send(page, "Change the password", {"password": PASSWORD, "newPassword": OTHER, "again": OTHER})
    assert "The password is changed, and every other session has ended." in seen.text
    assert "/dashboard/login" in elsewhere.open(ACCOUNT).url
    assert sign_in(site, email, OTHER)


def test_guessing_the_password_here_is_bounded_too(me: Browser) -> None:
    page = me.open(ACCOUNT)
    wrong = {"password": "wrong", "newPassword": OTHER, "again": OTHER}
    statuses = [me.send(page, "Change the password", wrong).status for _ in range(11)]
    assert statuses == [400] * 10 + [429]
    assert "was tried too often" in me.send(page, "Change the password", wrong).text


def test_a_second_factor_is_set_up_used_renewed_and_taken_away(site: Server, me: Browser, name: str) -> None:
    email = f"{name}@people.example"
    page = me.open(ACCOUNT)
    seen = me.send(page, "Set it up", {"proof": "wrong"})
    assert (seen.status, "Password is wrong." in seen.text) == (400, True)
    seen = me.send(page, "Set it up", {"proof": PASSWORD})
    one_time = pyotp.TOTP(secret_of(seen))
    [picture] = re.findall(r'src="(data:image/svg\+xml[^"]*)"', seen.raw)
    head, _, drawn = picture.partition(",")
    assert "<svg" in (base64.b64decode(drawn).decode() if "base64" in head else unquote(drawn))
    wrong = me.send(seen, "Switch it on", {"code": "000000"})
    assert (wrong.status, "Code is wrong, or was used already." in wrong.text) == (400, True)
    assert not re.findall(r"\b[A-Z2-7]{32}\b", wrong.text)
    seen = me.send(wrong, "Switch it on", {"code": one_time.now()})
    codes = codes_of(seen)
    assert len(codes) == len(set(codes)) == 10
    assert "10 recovery codes left" in seen.text
    assert not codes_of(me.open(ACCOUNT))
    assert sign_in(site, email, code=codes[0])
    seen = me.send(me.open(ACCOUNT), "Make new codes", {"proof": PASSWORD, "code": codes[1]})
    renewed = codes_of(seen)
    assert len(renewed) == 10
    assert not set(renewed) & set(codes)
    seen = me.send(me.open(ACCOUNT), "Switch it off", {"proof": PASSWORD, "code": codes[2]})
    assert (seen.status, "is wrong, or was used already." in seen.text) == (400, True)
    seen = me.send(me.open(ACCOUNT), "Switch it off", {"proof": PASSWORD, "code": renewed[0]})
    assert "The second factor is switched off." in seen.text
    assert mine(me, "/v1/auth/profile")["twoFactor"] == {"enabled": False, "recoveryCodesLeft": 0}


def test_sessions_are_seen_and_ended(site: Server, me: Browser, name: str) -> None:
    email = f"{name}@people.example"
    phone, tablet = (Browser(site, sign_in(site, email)) for _ in range(2))
    seen = me.open(ACCOUNT)
    assert seen.text.count("this one") == 1
    listed = mine(me, "/v1/auth/sessions")["items"]
    assert len(listed) == 3
    ended = next(one for one in mine(phone, "/v1/auth/sessions")["items"] if one["current"])
    own = next(one for one in listed if one["current"])
    assert own["id"] not in "".join(form.action for form in seen.forms)
    seen = me.send(seen, "End", inside=ended["id"])
    assert "Ended." in seen.text
    assert len(mine(me, "/v1/auth/sessions")["items"]) == 2
    seen = me.send(seen, "End all others")
    assert [one["id"] for one in mine(me, "/v1/auth/sessions")["items"]] == [own["id"]]
    assert "/dashboard/login" in tablet.open(ACCOUNT).url


def test_nobody_ends_the_sessions_of_others(site: Server, me: Browser) -> None:
    other = signed_in(site, "viewer", f"other-{uuid.uuid4().hex[:8]}")
    theirs = mine(other, "/v1/auth/sessions")["items"][0]["id"]
    sign_in(site, mine(me, "/v1/auth/profile")["email"])
    page = me.open(ACCOUNT)
    form = next(form for form in page.forms if form.action.endswith("/end") and "/sessions/end" not in form.action)
    form.action = f"{ACCOUNT}/sessions/{theirs}/end"
    me.send(page, "End", inside=theirs)
    assert len(mine(other, "/v1/auth/sessions")["items"]) == 1


def test_mails_are_chosen_for_all_apps_and_for_single_ones(site: Server, me: Browser) -> None:
    app = f"app-{site.app['id']}"

    def said() -> dict[str | None, str]:
        found = mine(me, "/v1/auth/preferences")["items"]
        return {one["app"]["id"] if one["app"] else None: one["delivery"] for one in found}

    page = me.open(ACCOUNT)
    assert "My app" in page.text
    page = me.send(page, "Save", {"all": "digest"}, inside="mails")
    assert said() == {None: "digest"}
    page = me.send(page, "Save", {app: "none"}, inside="mails")
    assert said() == {None: "digest", site.app["id"]: "none"}
    assert (app, "none") in page.form("Save", "mails").fields
    page = me.send(page, "Save", {app: ""}, inside="mails")
    assert said() == {None: "digest"}
    page = me.send(page, "Save", {"all": "none", app: "all"}, inside="mails")
    assert said() == {None: "none", site.app["id"]: "all"}


def test_who_must_have_a_second_factor_sets_it_up_here(site: Server, me: Browser) -> None:
    client = site.client(f"/v1/organizations/{site.organization['id']}", site.service_token)
    assert client.put("", json={"requireTwoFactor": True}).status_code == 200
    try:
        seen = me.open(f"/dashboard/{site.organization['slug']}/apps")
        assert seen.url.endswith(ACCOUNT)
        assert "Your organization asks for a second factor." in seen.text
        seen = me.send(seen, "Set it up", {"proof": PASSWORD})
        seen = me.send(seen, "Switch it on", {"code": pyotp.TOTP(secret_of(seen)).now()})
        assert len(codes_of(seen)) == 10
        assert me.open(f"/dashboard/{site.organization['slug']}/apps").url.endswith("/apps")
    finally:
        assert client.put("", json={"requireTwoFactor": False}).status_code == 200
