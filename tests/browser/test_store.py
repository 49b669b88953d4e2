"""The store as each kind of device meets it, up to the bytes: phones, tablets, a tablet that says it is a Mac, a desk."""

import html
import plistlib
import re
import uuid
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.apple_devices import UDID, AppleDevice, Authority
from tests.browser.conftest import Watched
from tests.domain.test_browser import IPAD, IPAD_AS_MAC, IPHONE, PIXEL, WINDOWS
from tests.e2e.test_device_pages import set_devices
from tests.server import DEMO_APK, DEMO_IPA, Server

Visit = Callable[..., Watched]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
TABLET = {"viewport": {"width": 820, "height": 1180}, "has_touch": True}
FINGERS = "Object.defineProperty(navigator, 'maxTouchPoints', {get: () => 5})"


@pytest.fixture(scope="module")
def path(site: Server) -> str:
    """Publish a build for Android and one for iOS, which names one device."""
    said = {"deployer.info.branch": f"store-{uuid.uuid4().hex}", "versionName": "3.0", "changelog": "- **Tides**"}
    apple = [site.processed(file, **said) for file in (DEMO_APK, DEMO_IPA)][1]
    set_devices(site, apple, "0" * 40)
    slug = f"store-{uuid.uuid4().hex[:8]}"
    chosen = {"type": "gitBranch", "value": said["deployer.info.branch"]}
    body = {"slug": slug, "security": "public", "visibility": "unlisted", "filter": chosen, "showHistory": True}
    assert site.ci.post("/distributions", json=body).status_code == 200
    return f"/{slug}"


def installed(page: Page) -> bytes:
    """Tap the button as iOS does what it leads to: read the manifest, then what that names."""
    link = page.get_by_role("link", name="Install", exact=True)
    taken = page.request.get(link.evaluate("one => one.href"), max_redirects=0)
    assert taken.status == 302
    location = taken.headers["location"]
    assert location.startswith("itms-services://?action=download-manifest&url=")
    manifest = page.request.get(parse_qs(urlsplit(location).query)["url"][0])
    asset = plistlib.loads(manifest.body())["items"][0]["assets"][0]
    assert asset["kind"] == "software-package"
    return page.request.get(html.unescape(asset["url"])).body()


@pytest.mark.parametrize(("agent", "size", "name"), [(IPHONE, PHONE, "iPhone"), (IPAD, TABLET, "iPad")])
def test_an_apple_device_gets_a_manifest_and_the_ipa(
    visit: Visit, path: str, agent: str, size: dict[str, object], name: str
) -> None:
    window = visit(user_agent=agent, color_scheme="dark", **size)
    page = window.open(path)
    expect(page.get_by_text("iOS installs over https only")).to_be_visible()
    expect(page.get_by_role("link", name="Add this device, and see")).to_be_visible()
    window.check_accessibility()
    page.get_by_text("After the tap").click()
    expect(page.get_by_text("go to the Home Screen")).to_be_visible()
    window.check_accessibility()
    assert installed(page) == DEMO_IPA.read_bytes()
    assert name in agent
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_ipad_that_says_it_is_a_mac_is_led_by_its_touch_screen(visit: Visit, path: str) -> None:
    window = visit(user_agent=IPAD_AS_MAC, **TABLET)
    window.page.add_init_script(FINGERS)
    page = window.open(path)
    page.wait_for_url("**os=ios")
    expect(page.get_by_role("link", name="Install", exact=True)).to_be_visible()
    assert installed(page) == DEMO_IPA.read_bytes()
    window.check_accessibility()


def test_without_a_script_a_link_leads_the_ipad(visit: Visit, path: str) -> None:
    window = visit(user_agent=IPAD_AS_MAC, java_script_enabled=False, **TABLET)
    page = window.open(path)
    page.get_by_role("link", name="Get it for iPadOS").click()
    expect(page.get_by_role("link", name="Install", exact=True)).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_android_device_gets_the_apk_by_keys_alone(visit: Visit, path: str, theme: str) -> None:
    window = visit(user_agent=PIXEL, color_scheme=theme, accept_downloads=True, **PHONE)
    page = window.open(path)
    expect(page.get_by_text("Made for this Android device (Android 14).")).to_be_visible()
    window.check_accessibility()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('button')"):
            break
    with page.expect_download() as arriving:
        page.keyboard.press("Enter")
    assert arriving.value.path().read_bytes() == DEMO_APK.read_bytes()


def test_a_desk_shows_a_code_and_gives_the_file(visit: Visit, path: str) -> None:
    window = visit(user_agent=WINDOWS, accept_downloads=True)
    page = window.open(f"{path}?os=android")
    expect(page.get_by_text("Scan with your phone")).to_be_visible()
    window.check_accessibility()
    with page.expect_download() as arriving:
        page.get_by_role("link", name=re.compile("^Download ")).click()
    assert arriving.value.path().read_bytes() == DEMO_APK.read_bytes()


def test_a_phone_becomes_known_and_says_before_the_tap_where_it_stands(visit: Visit, site: Server, path: str) -> None:
    window = visit(user_agent=IPHONE, accept_downloads=True, **PHONE)
    page = window.open(path)
    page.get_by_role("link", name="Add this device, and see").click()
    window.check_accessibility()
    page.get_by_label("Your name").fill("Ada Marsh")
    with page.expect_download() as arriving:
        page.get_by_role("button", name="Get the profile").click()
    asked = plistlib.loads(arriving.value.path().read_bytes())["PayloadContent"]
    answer = AppleDevice(Authority()).answer(asked["Challenge"])
    sent = page.request.post(asked["URL"], data=answer, max_redirects=0)
    assert sent.status == 301
    page.goto(sent.headers["location"])  # as the device has its browser do
    expect(page.get_by_role("heading", name="iPhone 15")).to_be_visible()
    expect(page.get_by_text("This device is not in the profile")).to_be_visible()
    expect(page.get_by_text(UDID)).to_be_visible()
    assert "ticket" not in page.url
    window.check_accessibility()
    page.get_by_role("link", name=re.compile("^Back to ")).click()
    expect(page.get_by_text("This device is not in its provisioning profile “QA”")).to_be_visible()
    team = visit()
    shown = team.open(f"{team.home}/people/devices?state=missing")
    row = shown.get_by_role("row").filter(has_text="Ada Marsh")
    expect(row).to_contain_text("not in any profile")
    team.check_accessibility()
    row.get_by_role("button", name="Remove").click()
    shown.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(shown.get_by_text("The device is forgotten.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("link", name="Add this device, and see")).to_be_visible()
