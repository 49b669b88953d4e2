"""Testers' devices from the page of a publication to the team's list, over HTTP."""

import html
import json
import plistlib
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives import serialization

from tests.apple_devices import OLD_UDID, UDID, AppleDevice, Authority
from tests.conftest import StartServer
from tests.domain.test_browser import IPAD_AS_MAC, IPHONE, PIXEL
from tests.e2e.refusals import refused
from tests.e2e.test_store_pages import member, words
from tests.server import DEMO_IPA, Json, Server

HTML = "text/html,application/xhtml+xml"
ANSWER = "/profile/device"


@pytest.fixture(scope="module")
def phone() -> AppleDevice:
    return AppleDevice(Authority())


@pytest.fixture(scope="module")
def build(server: Server) -> Json:
    return server.processed(DEMO_IPA, **{"deployer.info.branch": f"devices-{uuid.uuid4().hex}"})


@pytest.fixture
def path(server: Server, build: Json) -> str:
    """Publish the build under a slug of its own."""
    chosen = {"type": "gitBranch", "value": build["deployer"]["info"]["branch"]}
    body = {"slug": f"d-{uuid.uuid4().hex[:12]}", "security": "public", "visibility": "unlisted", "filter": chosen}
    answer = server.ci.post("/distributions", json=body)
    assert answer.status_code == 200, answer.text
    return f"/{answer.json()['data']['slug']}"


@pytest.fixture
def safari(server: Server) -> Iterator[httpx.Client]:
    headers = {"Accept": HTML, "User-Agent": IPHONE}
    with httpx.Client(base_url=server.base_url, headers=headers, trust_env=False, timeout=60) as client:
        yield client


def challenge(client: httpx.Client, path: str, **query: str) -> str:
    answer = client.get(f"{path}/device.mobileconfig", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-apple-aspen-config"
    asked = plistlib.loads(answer.content)
    assert asked["PayloadContent"]["URL"] == f"{client.base_url}{ANSWER}".replace("//profile", "/profile")
    said: str = asked["PayloadContent"]["Challenge"]
    return said


def enrol(client: httpx.Client, path: str, device: AppleDevice, **query: str) -> str:
    """Go all the way as a device and its browser do; gives the page at the end."""
    said = challenge(client, path, **query)
    answered = httpx.post(f"{client.base_url}{ANSWER}".replace("//profile", "/profile"), content=device.answer(said))
    assert answered.status_code == 301, answered.text
    arrived = client.get(answered.headers["location"])
    assert (arrived.status_code, arrived.headers["location"]) == (303, f"{path}/device")
    cookie = arrived.headers["set-cookie"]
    assert UDID not in cookie
    for word in ("HttpOnly", "SameSite=lax", "Path=/"):
        assert word in cookie
    return page(client, f"{path}/device")


def page(client: httpx.Client, path: str, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, (answer.status_code, answer.text)
    return words(answer.text)


def set_devices(server: Server, build: Json, *udids: str) -> None:
    """Write a profile with these devices into a build, as the file that has it would."""
    profile = {"name": "QA", "devices": list(udids)}
    signing = {"kind": "ad-hoc", "profile": profile}
    info = {"format": "ipa", "os": "ios", "identifier": "org.seatrial.demo", "signing": signing}
    server.write("UPDATE builds SET info = ? WHERE id = ?", json.dumps(info), build["id"])


def devices(server: Server, **query: str) -> list[Json]:
    client = server.client(f"/v1/organizations/{server.organization['id']}", server.service_token)
    answer = client.get("/devices", params=query)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["data"]["items"]
    return found


def test_a_device_is_added_and_told_whether_it_is_in_the_profile(
    server: Server, build: Json, path: str, safari: httpx.Client, phone: AppleDevice
) -> None:
    set_devices(server, build, OLD_UDID)
    first = page(safari, path)
    assert "only on the one device in the provisioning profile “QA”" in first
    assert "Add this device, and see" in first
    assert "Get the profile" in page(safari, f"{path}/device")
    told = enrol(safari, path, phone, name="Ada Marsh")
    assert "iPhone 15" in told
    assert "This device is not in the profile" in told
    assert UDID in told
    assert "Stop: This device is not in its provisioning profile “QA”" in page(safari, path)
    found = next(one for one in devices(server, state="missing") if one["udid"] == UDID)
    assert (found["owner"]["name"], found["proven"], found["builds"]) == ("Ada Marsh", False, [])
    set_devices(server, build, UDID.lower())
    assert "This device is in the profile" in page(safari, f"{path}/device")
    known = page(safari, path)
    assert "This device is in its provisioning profile “QA”" in known
    assert "Known here as iPhone 15" in known
    assert [one["id"] for one in devices(server, text=UDID)[0]["builds"]] == [build["id"]]
    spanish = page(safari, path, **{"Accept-Language": "es"})
    assert "Este dispositivo está en su perfil de aprovisionamiento" in spanish
    # The cookie of a phone is nothing to another kind of device.
    for agent in (PIXEL, IPAD_AS_MAC):
        assert "Known here" not in page(safari, path, **{"User-Agent": agent})
    assert "Get the profile" in page(safari, f"{path}/device?again=1")


def test_an_ipad_that_calls_itself_a_mac_is_known_again(server: Server, path: str, safari: httpx.Client) -> None:
    assert "Get it for iPadOS" in page(safari, path, **{"User-Agent": IPAD_AS_MAC})
    tablet = AppleDevice(Authority(), OLD_UDID, "iPad14,1")
    safari.headers["User-Agent"] = IPAD_AS_MAC
    assert "Install" not in page(safari, path).split("What is new")[0].replace("installs", "")
    asked = page(safari, f"{path}?os=ios")
    assert "Made for this iPad" in asked or "https only" in asked
    assert "iPad mini" in enrol(safari, path, tablet)
    found = safari.get(path).text
    assert "itms-services" not in found
    assert re.search(r'class="button[^"]*" href="[^"]*/install\?build=', found)
    assert "type=file" not in html.unescape(found)


def test_wrong_answers_leave_nothing_behind(
    server: Server, path: str, safari: httpx.Client, phone: AppleDevice
) -> None:
    said, before = challenge(safari, path), len(devices(server))
    for body in (b"", b"no CMS", phone.attributes(said), phone.answer("forged"), phone.answer(said, UDID="x")):
        refused(server.anyone.post(ANSWER, content=body), 400, 1000)
    refused(server.anyone.post(ANSWER, content=b"x" * (65 << 10)), 413, 1013)
    assert len(devices(server)) == before
    late = safari.get(f"{path}/device?ticket=forged")
    assert (late.status_code, late.headers["location"]) == (303, f"{path}/device?over=1")
    assert "set-cookie" not in late.headers
    assert "too old" in page(safari, f"{path}/device?over=1")
    assert safari.get("/nothing-is-here/device").status_code == 404
    assert safari.get("/nothing-is-here/device.mobileconfig").status_code == 404


def test_closed_publications_ask_no_devices(server: Server, safari: httpx.Client) -> None:
    body = {"slug": f"d-{uuid.uuid4().hex[:12]}", "security": "logged", "visibility": "active"}
    made = server.ci.post("/distributions", json=body | {"filter": {"type": "last"}}).json()["data"]
    for leaf in ("device", "device.mobileconfig"):
        assert safari.get(f"/{made['slug']}/{leaf}").headers["location"] == f"/{made['slug']}"
        store = safari.get(f"/store/{server.organization['slug']}/{leaf}")
        assert store.headers["location"].startswith(f"/login/{server.organization['slug']}?next=")


def test_people_add_devices_to_themselves(server: Server, safari: httpx.Client, phone: AppleDevice) -> None:
    person, secret = member(server, "employee")
    safari.cookies.set("seatrial_member", secret, domain="127.0.0.1")
    store = f"/store/{server.organization['slug']}"
    assert "Your name" not in page(safari, f"{store}/device")
    assert "iPhone 15" in enrol(safari, store, phone, name="ignored")
    found = next(one for one in devices(server) if one["udid"] == UDID)
    assert (found["owner"]["type"], found["owner"]["id"]) == ("employee", person)
    client = server.client(f"/v1/organizations/{server.organization['id']}", server.service_token)
    listed = client.get("/devices.txt").content.decode()
    assert listed.startswith("Device ID\tDevice Name\tDevice Platform\r\n")
    assert f"{UDID}\t{person}@example.com iPhone 15"[:76] in listed
    assert UDID in client.get("/devices.csv", params={"text": "iPhone 15"}).text
    assert client.get("/devices", params={"state": "nowhere"}).status_code == 400
    assert client.get(f"/devices/{found['id']}").json()["data"]["udid"] == UDID
    assert client.delete(f"/devices/{found['id']}").json()["data"] == {"deleted": True}
    refused(client.get(f"/devices/{found['id']}"), 404, 3001)
    refused(client.delete(f"/devices/{found['id']}"), 404, 3001)
    assert "Get the profile" in page(safari, f"{store}/device")
    log = client.get("/auditLog", params={"action": "device."}).json()["data"]["items"]
    assert [one["action"] for one in log[:2]] == ["device.delete", "device.add"]


def test_profiles_are_signed_and_devices_proven_where_the_server_has_what_it_needs(
    start_server: StartServer, tmp_path: Path
) -> None:
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl: scripts/test-tools.sh installs it where it may")
    apple, maker = Authority(), Authority("builds.example.com")
    certificate, key, authorities = (tmp_path / name for name in ("certificate.pem", "key.pem", "authorities.pem"))
    encoding = serialization.Encoding.PEM
    certificate.write_bytes(maker.certificate.public_bytes(encoding))
    authorities.write_bytes(apple.certificate.public_bytes(encoding))
    plain = serialization.NoEncryption()
    key.write_bytes(maker.key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain))
    settings = {"CERTIFICATE": str(certificate), "KEY": str(key), "AUTHORITIES": str(authorities), "ASK_SERIAL": "true"}
    server = start_server({f"SEATRIAL_DEVICES__{name}": value for name, value in settings.items()})
    body = {"slug": "signed-beta", "security": "public", "visibility": "active", "filter": {"type": "last"}}
    assert server.ci.post("/distributions", json=body).status_code == 200
    signed = server.anyone.get("/signed-beta/device.mobileconfig").content
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-noverify", "-certfile", str(certificate)]
    profile = plistlib.loads(subprocess.run(command, input=signed, capture_output=True, check=True).stdout)
    assert profile["PayloadContent"]["DeviceAttributes"] == ["UDID", "PRODUCT", "VERSION", "SERIAL"]
    device = AppleDevice(apple)
    answer = device.answer(profile["PayloadContent"]["Challenge"], SERIAL="C39XXXX")
    assert server.anyone.post(ANSWER, content=answer).status_code == 301
    found = devices(server)[0]
    assert (found["proven"], found["serial"]) == (True, "C39XXXX")
