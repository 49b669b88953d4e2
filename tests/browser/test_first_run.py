"""A newcomer who reads nothing: from the line that a first start prints to an app on a phone."""

import re
import subprocess
from collections.abc import Iterator
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import PATIENCE_MS, Watched, drop
from tests.server import DEMO_APK, DEMO_IPA, PATIENCE_SECONDS, SEATRIAL, Workspace, environment

IPHONE = {
    "user_agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.1 Mobile/15E148 Safari/604.1",
    "viewport": {"width": 390, "height": 844},
}
ANDROID = {
    "user_agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Mobile Safari/537.36",
    "viewport": {"width": 412, "height": 915},
}


@pytest.fixture(scope="module")
def printed(
    request: pytest.FixtureRequest, workspace: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """Start a server on an empty folder, and what else it keeps data in; gives the link that it prints, and where it is."""
    folder = tmp_path_factory.mktemp("first")
    settings = dict(workspace.bucket())
    if workspace.database_url:
        settings["SEATRIAL_DATABASE_URL"] = request.getfixturevalue("postgres").fresh_database()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [SEATRIAL, "serve", "--data-dir", folder / "data", "--port", "0"],
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        assert process.stdout is not None
        link = process.stdout.readline().split()[-1]
        yield link, process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)


def test_from_the_printed_link_to_an_app_on_a_phone(browser: Browser, printed: tuple[str, str]) -> None:
    link, base = printed
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    watched = Watched.of(page, base)
    page.goto(link)
    watched.check_accessibility()
    for label, text in (("Organization", "Harbour Mobile"), ("First app", "Tides"), ("E-mail", "me@harbour.example")):
        page.get_by_label(label).fill(text)
    page.get_by_label("Password").fill("a password for tests")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Harbour Mobile is ready")).to_be_visible()
    watched.check_accessibility()
    page.get_by_role("link", name="Upload the first build").click()
    watched.check_accessibility()
    drop(page, DEMO_APK, DEMO_IPA)
    page.get_by_role("dialog").get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator("#rows tr").filter(has_text="Ready")).to_have_count(2)
    page.get_by_role("main").get_by_role("link", name="Publish", exact=True).click()
    page.get_by_role("main").get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("It is published.")).to_be_visible()
    watched.check_accessibility()
    address = page.get_by_role("link", name="Open the page").get_attribute("href")
    assert address == f"{base}/tides"
    context.close()
    assert watched.complaints == []
    assert phones(browser, address) == ["application/vnd.android.package-archive", "application/xml"]


def phones(browser: Browser, address: str) -> list[str]:
    """Open a page as two phones and press its button; gives what arrives."""
    arrived = []
    for device in (ANDROID, IPHONE):
        context = browser.new_context(accept_downloads=True, **device)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(address)
        button = page.get_by_role("link", name=re.compile("^(Install|Download)"))
        answer = context.request.get(urljoin(address, button.first.get_attribute("href")), max_redirects=0)
        target = urlsplit(answer.headers["location"])
        # Safari hands the manifest's address to the system; nobody else knows that scheme.
        [there] = parse_qs(target.query)["url"] if target.scheme == "itms-services" else [target.geturl()]
        answer = context.request.get(urljoin(address, there))
        assert answer.ok
        arrived.append(answer.headers["content-type"].partition(";")[0])
        context.close()
    return arrived
