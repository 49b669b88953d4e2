"""Every page that a tester meets, in Spanish: no English sentence of ours is left on any of them."""

import html
import re
import uuid
from base64 import b64encode
from collections.abc import Iterator
from functools import cache

import httpx
import pytest

from seatrial.domain.ids import new_entity_id
from seatrial.web.dashboard.door import proof
from seatrial.web.locale import language
from tests.apple_devices import AppleDevice, Authority
from tests.domain.test_browser import IPAD_AS_MAC, IPHONE, PIXEL, WINDOWS
from tests.e2e.pages import signed_in
from tests.e2e.test_device_pages import enrol, set_devices
from tests.e2e.test_store_pages import PASSWORD, form, member, words
from tests.server import DEMO_APK, DEMO_IPA, FIXTURES, Json, Server
from tests.web.sentences import sentences

UNSIGNED_APK = FIXTURES / "apk" / "demo-unsigned.apk"
SHORTEST = 8
"""Letters of a sentence that counts; shorter words are in both languages, or in names."""


@cache
def english() -> set[str]:
    """Give the fixed beginnings and ends of what we say in English, and differently in Spanish."""
    spanish, found = language("es"), set[str]()
    for sentence in sentences():
        for text in [sentence] if isinstance(sentence, str) else sentence:
            if spanish.say(text) == text:
                continue
            found |= {part.strip(" .,:;()") for part in re.split(r"{\w+}", text)}
    return {part for part in found if len(part) >= SHORTEST and " " in part}


def check(client: httpx.Client, path: str, agent: str = IPHONE, status: int = 200) -> str:
    answer = client.get(path, headers={"User-Agent": agent})
    assert answer.status_code == status, (path, answer.status_code, answer.text)
    assert '<html lang="es"' in answer.text, path
    said = words(re.sub(r"<(script|style|svg).*?</\1>", " ", answer.text, flags=re.DOTALL))
    attributes = re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]+)"', answer.text)
    shown = " | ".join([said, *map(html.unescape, attributes)])
    left = sorted(part for part in english() if re.search(rf"(?<!\w){re.escape(part)}(?!\w)", shown))
    assert left == [], (path, left)
    return answer.text


@pytest.fixture(scope="module")
def published(server: Server) -> dict[str, str]:
    """Publish one branch in every way; gives the paths."""
    said = {"deployer.info.branch": f"es-{uuid.uuid4().hex}", "changelog": "- Mareas", "versionName": "2.0"}
    builds: list[Json] = [server.processed(file, **said) for file in (DEMO_APK, DEMO_IPA, DEMO_APK)]
    set_devices(server, builds[1], "0" * 40)
    chosen = {"type": "gitBranch", "value": said["deployer.info.branch"]}
    ways: dict[str, Json] = {
        "open": {"showHistory": True, "showDevInfo": True, "visibility": "active"},
        "terms": {"terms": {"active": True, "text": "Sé amable."}},
        "password": {"security": "password", "password": PASSWORD},
        "logged": {"security": "logged", "groups": [["nadie"]]},
        "over": {"expirationDate": "2020-01-01"},
        "elsewhere": {"allowedCountries": ["XX"]},
        "empty": {"filter": {"type": "gitBranch", "value": "nowhere"}},
    }
    found = {}
    for way, more in ways.items():
        body = {"slug": f"es-{way}-{uuid.uuid4().hex[:8]}", "security": "public", "visibility": "unlisted"}
        answer = server.ci.post("/distributions", json=body | {"filter": chosen} | more)
        if answer.status_code == 200:
            found[way] = f"/{answer.json()['data']['slug']}"
    return found | {"build": f"/builds/{builds[1]['id']}/install"}


@pytest.fixture
def visitor(server: Server) -> Iterator[httpx.Client]:
    headers = {"Accept": "text/html", "Accept-Language": "es-ES,es;q=0.9,en;q=0.5"}
    with httpx.Client(base_url=server.base_url, headers=headers, trust_env=False, timeout=60) as client:
        yield client


def test_a_visitor_reads_spanish_everywhere(server: Server, published: dict[str, str], visitor: httpx.Client) -> None:
    plain = words(visitor.get(published["open"], headers={"User-Agent": IPHONE, "Accept-Language": "en"}).text)
    assert len([part for part in english() if part in plain]) > 10  # what is looked for is what pages say
    for agent in (IPHONE, PIXEL, IPAD_AS_MAC, WINDOWS):
        check(visitor, published["open"], agent)
        check(visitor, f"{published['open']}/device", agent)
    check(visitor, f"{published['open']}/device?over=1")
    for way, status in (("terms", 200), ("password", 200), ("over", 404), ("empty", 200)):
        check(visitor, published[way], status=status)
    closed = visitor.get(published["password"])
    answers = [visitor.post(published["password"], data=form(closed.text, password="wrong")) for _ in range(11)]
    assert "Esta no es la contraseña" in answers[0].text
    assert "Demasiados intentos" in answers[-1].text
    check(visitor, "/nothing-is-here", status=404)
    organization = server.organization["slug"]
    check(visitor, f"/store/{organization}")
    check(visitor, f"/login/{organization}")
    check(visitor, "/login/nobody", status=404)
    for path in ("/password/x", "/invitation/x"):
        check(visitor, path, status=404)
    phone = AppleDevice(Authority())
    enrol(visitor, published["open"], phone)
    check(visitor, f"{published['open']}/device")
    check(visitor, published["open"])


def test_a_team_reads_in_spanish_what_is_wrong_with_a_build(server: Server) -> None:
    unsigned = server.processed(UNSIGNED_APK)
    broken = server.wait_for(server.upload(DEMO_APK.read_bytes()[:-400], "cut.apk")["id"])
    browser = signed_in(server, "viewer", f"lectora-{uuid.uuid4().hex}", "es")
    app = f"/dashboard/{server.organization['slug']}/apps/{server.app['slug']}/builds"
    page = browser.open(f"{app}/{unsigned['id']}")
    assert page.status == 200
    assert "El APK no está firmado; Android no permite instalarlo." in page.text
    assert "Android refuses" not in page.text
    kept = server.ops.get(f"/builds/{unsigned['id']}").json()["data"]
    assert "The APK is not signed; Android refuses to install it." in str(kept)
    page = browser.open(f"{app}/{broken['id']}")
    assert "El archivo no tiene ningún directorio ZIP legible" in page.text
    assert "The file has no" not in page.text


def test_a_team_reads_in_spanish_what_came_of_a_message_and_what_a_form_is_refused_with(server: Server) -> None:
    browser = signed_in(server, "admin", f"jefa-{uuid.uuid4().hex}", "es")
    hook = server.ops.post("/webhooks", json={"url": "https://hooks.example/es", "events": ["build.processed"]})
    delivery = new_entity_id()
    said = "The receiver answered 500; only 200 to 299 mean that it has taken the message."
    server.write(
        "INSERT INTO webhook_deliveries (id, webhook_id, kind, payload, status, error, created_at)"
        " SELECT ?, id, 'build.processed', '{}', 'failed', ?, created_at FROM webhooks WHERE id = ?",
        *(delivery, said, hook.json()["data"]["id"]),
    )
    hooks = f"/dashboard/{server.organization['slug']}/apps/{server.app['slug']}/webhooks"
    log = browser.open(f"{hooks}/{hook.json()['data']['id']}")
    assert "El receptor respondió 500; solo de 200 a 299 significa que ha recibido el mensaje." in log.text
    assert "El receptor respondió 500" in browser.open(f"{log.url}/deliveries/{delivery}").text
    refused = browser.send(browser.open(hooks), "Crear", {"url": "ftp://hooks.example/"})
    assert (refused.status, "debe ser una URL que empiece por https://" in refused.text) == (400, True)
    refused = browser.send(log, "Guardar", {"url": "https://u:p@hooks.example/"})
    assert "no debe llevar usuario ni contraseña" in refused.text
    assert 'value="https://u:p@hooks.example/"' in refused.raw  # what was typed is still there
    long = b64encode(("v" * 1000).encode()).decode()
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "10", "Upload-Metadata": f"versionName {long}"}
    headers |= {"X-CSRF-Token": proof(browser.secret), "Origin": server.base_url, "Accept-Language": "es"}
    answer = browser.client.post(hooks.replace("webhooks", "uploads"), headers=headers).json()
    assert answer["error"]["data"]["fields"]["versionName"] == "debe tener 255 caracteres como mucho", answer


def test_members_read_spanish_in_their_own_store(
    server: Server, published: dict[str, str], visitor: httpx.Client
) -> None:
    group = f"Pruebas {uuid.uuid4().hex}"
    _, secret = member(server, "employee", group=group)
    visitor.cookies.set("seatrial_member", secret, domain="127.0.0.1")
    store = f"/store/{server.organization['slug']}"
    text = check(visitor, store)
    assert group in text
    assert "Mareas" in text
    wishes = re.search(r'href="(/unsubscribe/[^"]+)"', text)
    assert wishes
    assert visitor.get(html.unescape(wishes[1])).status_code == 200
    check(visitor, published["logged"], status=403)
    check(visitor, f"{store}/device")
    for agent in (PIXEL, IPAD_AS_MAC, WINDOWS):
        check(visitor, store, agent)
    assert "Hecha para este" in check(visitor, store, PIXEL)
    _, own = member(server, "user", role="admin")
    visitor.cookies.set("seatrial_member", own, domain="127.0.0.1")
    for agent in (IPHONE, IPAD_AS_MAC, WINDOWS):
        check(visitor, published["build"], agent)
    check(visitor, f"/builds/{new_entity_id()}/install", status=404)
