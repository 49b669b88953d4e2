"""Publications as people meet them: by phone and by computer, through every gate, to the file itself."""

import hashlib
import html
import re
import uuid
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest

from tests.conftest import StartServer
from tests.domain.test_browser import IPAD_AS_MAC, IPHONE, PIXEL, WINDOWS
from tests.e2e.refusals import refused
from tests.server import DEMO_APK, DEMO_IPA, Json, Server

HTML = "text/html,application/xhtml+xml"
CHANGELOG = "- **Tides** <script>alert(1)</script>\n- ![x](https://evil.example/x.png) [go](javascript:alert(1))"
PASSWORD = "open sesame"


@pytest.fixture(scope="module")
def builds(server: Server) -> dict[str, Json]:
    """Upload two builds for Android and one for iOS, of one branch that no other test has."""
    said = {"deployer.info.branch": f"pages-{uuid.uuid4().hex}", "changelog": CHANGELOG}
    found = {
        "old": server.processed(DEMO_APK, versionName="1.0", **said),
        "new": server.processed(DEMO_APK, versionName="<script>2.0", **said),
        "apple": server.processed(DEMO_IPA, versionName="2.0", **said),
    }
    answer = server.ci.post(f"/builds/{found['new']['id']}/files", files={"file": ("report.txt", b"all good")})
    assert answer.status_code == 200
    return found


def published(server: Server, builds: dict[str, Json], **said: object) -> Json:
    """Publish the branch of these builds under a slug of its own."""
    branch = builds["new"]["deployer"]["info"]["branch"]
    body = {"slug": f"p-{uuid.uuid4().hex[:12]}", "security": "public", "visibility": "unlisted"}
    answer = server.ci.post("/distributions", json=body | {"filter": {"type": "gitBranch", "value": branch}} | said)
    assert answer.status_code == 200, answer.text
    made: Json = answer.json()["data"]
    return made


@pytest.fixture
def visitor(server: Server) -> Iterator[httpx.Client]:
    """Give a browser: it keeps cookies, and follows nothing by itself."""
    headers = {"Accept": HTML, "User-Agent": PIXEL}
    with httpx.Client(base_url=server.base_url, headers=headers, trust_env=False, timeout=60) as client:
        yield client


def page(client: httpx.Client, path: str, agent: str = PIXEL, status: int = 200) -> str:
    answer = client.get(path, headers={"User-Agent": agent})
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self' 'nonce-")
    assert answer.headers["cache-control"] == "no-store"
    assert "<script>" not in answer.text
    return answer.text


def words(text: str) -> str:
    """Give what a page says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def button(text: str) -> str:
    found = re.search(r'<a class="button[^"]*" href="([^"]+)"', text)
    assert found, text
    return html.unescape(found[1])


def form(text: str, **said: str) -> dict[str, str]:
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text))
    assert {"form", "do"} <= set(hidden)
    return hidden | said


def follow(client: httpx.Client, url: str) -> bytes:
    """Redeem a token as a device does, to the bytes."""
    at = client.get(url)
    while at.status_code == 302:
        at = client.get(at.headers["location"])
    assert at.status_code == 200, at.text
    return at.content


def test_each_device_gets_its_own_build(server: Server, builds: dict[str, Json], visitor: httpx.Client) -> None:
    path = f"/{published(server, builds)['slug']}"
    android = words(page(visitor, path))
    assert "<script>2.0" in android
    assert "Made for this Android device (Android 14)" in android
    assert "Scan with your phone" not in android
    apple = page(visitor, path, IPHONE)
    assert "iOS installs over https only" in words(apple)
    desk = page(visitor, path, WINDOWS)
    assert "Scan with your phone" in desk
    assert "<svg" in desk
    assert "store.js" not in desk
    mac = page(visitor, path, IPAD_AS_MAC)
    assert "/static/store.js" in mac
    assert server.anyone.get("/static/store.js").status_code == 200
    assert len(server.anyone.get("/static/store.css").content) < 10_000
    assert "Android" in words(page(visitor, f"{path}?os=android", IPHONE))
    icon = re.search(r'<img class="icon" src="([^"]+)"', apple)
    assert icon
    assert visitor.get(html.unescape(icon[1])).headers["content-type"] == "image/png"


def test_notes_are_markdown_and_harmless(server: Server, builds: dict[str, Json], visitor: httpx.Client) -> None:
    text = page(visitor, f"/{published(server, builds)['slug']}")
    assert "<strong>Tides</strong>" in text
    assert "&lt;script&gt;alert(1)" in text
    assert "evil.example" not in text
    assert "javascript:" not in re.sub(r"\[go\]\(javascript:alert\(1\)\)", "", html.unescape(text))


def test_an_android_device_gets_the_apk(server: Server, builds: dict[str, Json], visitor: httpx.Client) -> None:
    path = f"/{published(server, builds)['slug']}"
    before = server.ops.get(f"/builds/{builds['new']['id']}/downloads").json()["data"]["totalDocs"]
    link = button(page(visitor, path))
    assert visitor.head(link).status_code == 303  # a look makes no token
    assert visitor.get(link, headers={"User-Agent": "Slackbot-LinkExpanding 1.0"}).status_code == 303
    taken = visitor.get(link)
    assert (taken.status_code, taken.headers["cache-control"]) == (302, "no-store")
    assert visitor.get(link).headers["location"] != taken.headers["location"]  # each tap its own token
    assert follow(visitor, taken.headers["location"]) == DEMO_APK.read_bytes()
    refused(visitor.get(taken.headers["location"]), 401, 4005)
    log = server.ops.get(f"/builds/{builds['new']['id']}/downloads").json()["data"]
    assert log["totalDocs"] == before + 1
    assert (log["items"][0]["from"], log["items"][0]["member"]["type"]) == ("store", "anonymous")
    assert "/v1/download/" in taken.headers["location"]
    assert taken.headers["location"].rpartition("/")[2] not in server.log.read_text()


def test_an_iphone_is_led_to_its_installer(server: Server, builds: dict[str, Json], visitor: httpx.Client) -> None:
    path = f"/{published(server, builds)['slug']}"
    visitor.headers["User-Agent"] = IPHONE
    taken = visitor.get(button(page(visitor, path, IPHONE))).headers["location"]
    assert taken.startswith("itms-services://?action=download-manifest&url=http%3A%2F%2F")
    manifest = parse_qs(urlsplit(taken).query)["url"][0]
    assert unquote(manifest) == manifest
    body = [visitor.get(manifest) for _ in range(2)][1]  # installers read it more than once
    assert body.status_code == 200
    package = re.search(r"<string>(http[^<]+\.ipa[^<]+)</string>", body.text)
    assert package
    assert visitor.get(html.unescape(package[1])).content == DEMO_IPA.read_bytes()
    file = visitor.get(f"{path}/install?build={builds['apple']['id']}&type=file").headers["location"]
    assert follow(visitor, file) == DEMO_IPA.read_bytes()


def test_history_developers_and_attachments_are_shown_as_wanted(
    server: Server, builds: dict[str, Json], visitor: httpx.Client
) -> None:
    bare = f"/{published(server, builds, hideAttachedFiles=True)['slug']}"
    rich = f"/{published(server, builds, showHistory=True, showDevInfo=True)['slug']}"
    branch, attached = builds["new"]["deployer"]["info"]["branch"], "report.txt"
    plain = words(page(visitor, bare))
    assert "Older versions" not in plain
    assert branch not in plain
    assert attached not in plain
    full = page(visitor, rich)
    assert "Older versions" in full
    assert branch in full
    assert "owner@" not in full  # who uploaded it is nobody's business here
    old = builds["old"]["id"]
    assert f"{rich}?build={old}" in full
    assert "1.0" in words(page(visitor, f"{rich}?build={old}"))
    assert "not here, or not yet" in page(visitor, f"{bare}?build={old}")
    assert visitor.get(f"{bare}/install?build={old}").status_code == 303
    assert follow(visitor, visitor.get(f"{rich}/install?build={old}").headers["location"]) == DEMO_APK.read_bytes()
    link = re.search(r'href="([^"]+file=[^"]+)"', full)
    assert link
    assert follow(visitor, visitor.get(html.unescape(link[1])).headers["location"]) == b"all good"
    hidden = html.unescape(link[1]).replace(rich, bare)
    assert visitor.get(hidden).status_code == 404
    original = next(file["id"] for file in builds["new"]["files"] if file["type"] == "original")
    assert visitor.get(f"{rich}/install?build={old}&file={original}").status_code == 404


def test_what_is_not_there_says_so(server: Server, builds: dict[str, Json], visitor: httpx.Client) -> None:
    hidden = published(server, builds, visibility="inactive")["slug"]
    over = published(server, builds, expirationDate="2020-01-01")["slug"]
    empty = published(server, builds, filter={"type": "gitBranch", "value": "nowhere"})["slug"]
    for slug in (hidden, "nothing-is-here", "0" * 24, "a" * 500, "%00", "favicon.ico"):
        assert "There is nothing here" in page(visitor, f"/{slug}", status=404)
        refused(server.anyone.get(f"/{slug}"), 404, 3001)
        assert visitor.get(f"/{slug}/install").status_code == 404
    assert "until it ended on 1 January 2020" in page(visitor, f"/{over}", status=404)
    assert "There is no build here yet" in page(visitor, f"/{empty}")
    assert visitor.get(f"/{over}/install?build={builds['new']['id']}").status_code == 303


def test_a_password_opens_its_own_page_and_no_other(
    server: Server, builds: dict[str, Json], visitor: httpx.Client
) -> None:
    made = published(server, builds, security="password", password=PASSWORD)
    path = f"/{made['slug']}"
    install = f"{path}/install?build={builds['new']['id']}"
    closed = page(visitor, path)
    assert "2.0" not in words(closed)
    assert visitor.get(install).status_code == 303
    wrong = visitor.post(path, data=form(closed, password="wrong"))
    assert (wrong.status_code, "not the password" in wrong.text) == (403, True)
    foreign = visitor.post(path, data={"do": "password", "password": PASSWORD, "form": "forged"})
    assert "Try once more" in foreign.text
    right = visitor.post(path, data=form(closed, password=PASSWORD))
    assert (right.status_code, right.headers["location"]) == (303, path)
    cookie = right.headers["set-cookie"]
    for word in ("HttpOnly", "SameSite=lax", f"Path={path}"):
        assert word in cookie
    assert PASSWORD not in server.log.read_text()
    assert "Install" in words(page(visitor, path))
    assert visitor.get(install).status_code == 302
    value = cookie.partition("=")[2].partition(";")[0]
    other = f"/{published(server, builds, security='password', password=PASSWORD)['slug']}"
    answer = server.anyone.get(other, headers={"Cookie": f"seatrial_open={value}", "Accept": HTML})
    assert "Enter the password" in answer.text
    said = made | {"password": "another sesame"}
    assert server.ci.put(f"/distributions/{made['id']}", json=said).status_code == 200
    assert "Enter the password" in page(visitor, path)


def test_guessing_a_password_ends_soon(server: Server, builds: dict[str, Json], visitor: httpx.Client) -> None:
    path = f"/{published(server, builds, security='password', password=PASSWORD)['slug']}"
    closed = page(visitor, path)
    answers = [visitor.post(path, data=form(closed, password="wrong")) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [403] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert visitor.post(path, data=form(closed, password=PASSWORD)).status_code == 429


def test_terms_are_accepted_first(server: Server, builds: dict[str, Json], visitor: httpx.Client) -> None:
    terms = {"active": True, "text": "Be *nice*."}
    made = published(server, builds, terms=terms, configuration={"branding": {"buttonColor": "#e0b020"}})
    path, install = f"/{made['slug']}", f"/{made['slug']}/install?build={builds['new']['id']}"
    asked = page(visitor, path)
    assert "<em>nice</em>" in asked
    assert "--accent:#e0b020;--on-accent:#000" in asked
    assert visitor.get(install).status_code == 303
    assert visitor.post(path, data={"do": "terms", "form": "forged"}).status_code == 303
    assert visitor.get(install).status_code == 303
    assert visitor.post(path, data=form(asked)).status_code == 303
    assert visitor.get(install).status_code == 302
    said = made | {"terms": terms | {"text": "Be nicer."}}
    assert server.ci.put(f"/distributions/{made['id']}", json=said).status_code == 200
    assert visitor.get(install).status_code == 303


def member(server: Server, kind: str, *, role: str = "viewer", group: str = "") -> tuple[str, str]:
    """Sign somebody in behind the server's back; gives their id and the secret of their session."""
    person, secret, organization = uuid.uuid4().hex[:24], f"stm_{uuid.uuid4().hex}", server.organization["id"]
    email = f"{person}@example.com"
    if kind == "employee":
        server.write(
            "INSERT INTO employees (id, organization_id, email, origin, type, created_at, updated_at)"
            " VALUES (?, ?, ?, 'import', 'traditional', 0, 0)", person, organization, email,
        )  # fmt: skip
    else:
        server.write(
            "INSERT INTO users (id, email, first_name, last_name, picture, password_hash, created_at, updated_at)"
            " VALUES (?, ?, 'Ada', 'Marsh', '', 'x', 0, 0)", person, email,
        )  # fmt: skip
        server.write(
            "INSERT INTO memberships (user_id, organization_id, role, created_at) VALUES (?, ?, ?, 0)",
            person, organization, role,
        )  # fmt: skip
    if group:
        group_id = uuid.uuid4().hex[:24]
        server.write(
            "INSERT INTO groups (id, organization_id, name, key, created_at, updated_at) VALUES (?, ?, ?, ?, 0, 0)",
            group_id, organization, group, group.casefold(),
        )  # fmt: skip
        server.write("INSERT INTO employee_groups VALUES (?, ?, 'manual')", person, group_id)
    server.write(
        "INSERT INTO member_sessions (id, organization_id, member_kind, member_id, origin, digest, user_agent,"
        " expires_at, created_at) VALUES (?, ?, ?, ?, 'store', ?, '', ?, 0)",
        uuid.uuid4().hex[:24], organization, kind, person, hashlib.sha256(secret.encode()).hexdigest(), 1 << 42,
    )  # fmt: skip
    return person, secret


def test_people_sign_in_and_are_told_apart(server: Server, builds: dict[str, Json], visitor: httpx.Client) -> None:
    group = f"Beta {uuid.uuid4().hex}"
    closed = published(server, builds, security="logged", groups=[[group.upper()]], visibility="active")
    path, organization = f"/{closed['slug']}", server.organization["slug"]
    install = f"{path}/install?build={builds['new']['id']}"
    asked = visitor.get(f"{path}?os=android")
    assert (asked.status_code, asked.headers["location"]) == (
        303, f"/login/{organization}?next=%2F{closed['slug']}%3Fos%3Dandroid",
    )  # fmt: skip
    assert visitor.get(install).status_code == 303
    person, secret = member(server, "employee", group=group)
    visitor.cookies.set("seatrial_member", secret)
    assert "Install" in words(page(visitor, path))
    assert follow(visitor, visitor.get(install).headers["location"]) == DEMO_APK.read_bytes()
    log = server.ops.get(f"/builds/{builds['new']['id']}/downloads").json()["data"]["items"][0]
    assert (log["from"], log["member"]["type"], log["member"]["memberId"]) == ("store", "employee", person)
    assert closed["slug"] in page(visitor, f"/store/{organization}")
    visitor.post("/store/logout", headers={"Sec-Fetch-Site": "cross-site"})
    assert "Sign out" in page(visitor, path)
    left = visitor.post("/store/logout")
    assert (left.status_code, left.headers["location"]) == (303, f"/store/{organization}")
    visitor.cookies.set("seatrial_member", secret)
    assert visitor.get(path).status_code == 303
    for kind, role, status in (("employee", "", 403), ("user", "viewer", 200), ("user", "unassigned", 403)):
        visitor.cookies.clear()
        visitor.cookies.set("seatrial_member", member(server, kind, role=role)[1])
        assert visitor.get(path).status_code == status, kind
        assert (closed["slug"] in page(visitor, f"/store/{organization}")) is (status == 200)
    visitor.cookies.clear()
    assert closed["slug"] not in page(visitor, f"/store/{organization}")


def test_the_list_shows_what_is_public_and_open(server: Server, builds: dict[str, Json], visitor: httpx.Client) -> None:
    shown = published(server, builds, visibility="active", configuration={"application": {"name": "<b>Tide"}})["slug"]
    hidden = [
        published(server, builds)["slug"],
        published(server, builds, visibility="active", expirationDate="2020-01-01")["slug"],
        published(server, builds, visibility="active", security="password", password=PASSWORD)["slug"],
        published(server, builds, visibility="active", allowedCountries=["DE"])["slug"],
    ]
    home = visitor.get("/store")
    assert (home.status_code, home.headers["location"]) == (303, f"/store/{server.organization['slug']}")
    text = page(visitor, home.headers["location"])
    assert f'href="/{shown}"' in text
    assert "&lt;b&gt;Tide" in text
    assert not [slug for slug in hidden if slug in text]
    page(visitor, "/store/nobody-here", status=404)


def test_a_builds_own_people_need_no_publication(
    server: Server, builds: dict[str, Json], visitor: httpx.Client
) -> None:
    build = server.processed(DEMO_APK, versionName="unpublished", **{"deployer.info.branch": uuid.uuid4().hex})
    path = f"/builds/{build['id']}/install"
    login = visitor.get(path)
    assert login.status_code == 303
    assert "/login/" in login.headers["location"] or login.headers["location"].endswith(f"?build={build['id']}")
    visitor.cookies.set("seatrial_member", member(server, "user")[1])
    text = page(visitor, path)
    assert "unpublished" in text
    assert follow(visitor, visitor.get(button(text)).headers["location"]) == DEMO_APK.read_bytes()
    published_at = published(server, builds)["slug"]
    visitor.cookies.clear()
    visitor.cookies.set("seatrial_member", member(server, "employee")[1])
    led = visitor.get(f"/builds/{builds['new']['id']}/install")
    assert led.status_code == 303
    assert led.headers["location"].endswith(f"?build={builds['new']['id']}")
    assert published_at
    assert visitor.get(f"/builds/{'0' * 24}/install").status_code == 404


def test_countries(start_server: StartServer) -> None:
    server = start_server({"SEATRIAL_COUNTRIES__HEADER": "CF-IPCountry"})
    body = {"security": "public", "visibility": "active", "filter": {"type": "last"}}
    for slug, said in (("only-de", {"allowedCountries": ["DE"]}), ("not-us", {"blockedCountries": ["US"]})):
        assert server.ci.post("/distributions", json=body | {"slug": slug} | said).status_code == 200
    for country, found in (
        ("DE", (200, 200)),
        ("us", (403, 403)),
        ("FR", (403, 200)),
        ("XX", (403, 200)),
        ("", (403, 200)),
    ):
        headers = {"Accept": HTML} | ({"CF-IPCountry": country} if country else {})
        assert (
            tuple(server.anyone.get(f"/{slug}", headers=headers).status_code for slug in ("only-de", "not-us")) == found
        )
