"""Uploads in a real browser: paused, resumed, over a lost network, a reload and the end of a session."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.conftest import Watched
from tests.server import Server

Visit = Callable[..., Watched]
SLOW = 400_000
"""Bytes a second that go out; a file takes some seconds then."""


class Sending:
    """A page that is sending a file over a slow line."""

    def __init__(self, window: Watched, file: Path) -> None:
        self.window = window
        self.file = file
        self.page: Page = window.open()
        self.offsets: list[int] = []
        self.page.on("request", self._note)
        self._line = self.page.context.new_cdp_session(self.page)
        self._line.send("Network.enable")
        self.slow(SLOW)

    def _note(self, request: Request) -> None:
        if request.method == "PATCH":
            self.offsets.append(int(request.headers["upload-offset"]))

    def slow(self, rate: int) -> None:
        conditions = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": rate}
        self._line.send("Network.emulateNetworkConditions", conditions)

    def begin(self) -> None:
        self.page.get_by_role("button", name="Upload builds").first.click()
        self.page.set_input_files("#upload-files", [self.file])
        self.page.get_by_role("dialog").get_by_role("button", name="Upload", exact=True).click()

    def under_way(self) -> None:
        expect(self.said).to_contain_text("/s · ")

    @property
    def said(self) -> Locator:
        return self.page.locator(".upload-item [data-said]")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("dialog").get_by_role("button", name=name, exact=True)

    def ends(self) -> None:
        self.slow(-1)
        expect(self.page.get_by_role("dialog")).to_have_count(0)
        expect(self.page.locator("#rows tr").first).to_be_visible()


@pytest.fixture
def sending(visit: Visit, tmp_path: Path) -> Sending:
    file = tmp_path / f"{tmp_path.name}.bin"
    file.write_bytes(tmp_path.name.encode().ljust(64, b"-") * 40_000)  # 2.5 MB that no other test sends
    return Sending(visit(), file)


def checksum_is_there(server: Server, name: str, size: int) -> None:
    build = server.ci.get("/builds").json()["data"]["items"][0]
    [file] = [one["file"] for one in build["files"] if one["type"] == "original"]
    assert (file["originalName"], file["size"]) == (name, size)


def test_an_upload_is_paused_and_resumed_by_keys(sending: Sending, site: Server) -> None:
    sending.begin()
    sending.under_way()
    sending.button("Pause").focus()
    sending.page.keyboard.press("Enter")
    expect(sending.said).to_contain_text("Paused at")
    expect(sending.button("Resume")).to_be_focused()
    sending.window.check_accessibility()
    sending.page.keyboard.press("Enter")
    sending.ends()
    assert sending.offsets[0] == 0
    assert sending.offsets[-1] > 0
    checksum_is_there(site, sending.file.name, sending.file.stat().st_size)


def test_an_upload_goes_on_after_a_reload(sending: Sending, site: Server) -> None:
    sending.begin()
    sending.under_way()
    sending.button("Pause").click()
    expect(sending.said).to_contain_text("Paused at")
    sending.window.open()
    sending.page.get_by_role("button", name="Upload builds").first.click()
    expect(sending.page.locator("#upload-interrupted")).to_contain_text(sending.file.name)
    sending.page.set_input_files("#upload-files", [sending.file])
    sending.button("Upload").click()
    sending.ends()
    assert sending.offsets[-1] > 0
    checksum_is_there(site, sending.file.name, sending.file.stat().st_size)
    sending.window.open()
    expect(sending.page.locator("#upload-interrupted")).to_be_hidden()


def test_an_upload_goes_on_by_itself_when_the_network_is_back(sending: Sending, site: Server) -> None:
    # Chromium's own emulation lets what is on its way pass, so the network is taken away by hand.
    page = sending.page
    page.route("**/uploads/*", lambda route: route.abort("internetdisconnected"))
    page.evaluate("Object.defineProperty(navigator, 'onLine', {value: false, configurable: true})")
    sending.begin()
    expect(sending.said).to_contain_text("goes on as soon as it is back")
    page.unroute("**/uploads/*")
    page.evaluate("delete navigator.onLine; dispatchEvent(new Event('online'))")
    sending.ends()
    checksum_is_there(site, sending.file.name, sending.file.stat().st_size)


def test_who_was_signed_out_is_told_and_loses_nothing(sending: Sending, site: Server) -> None:
    context = sending.page.context
    sending.begin()
    sending.under_way()
    cookies = context.cookies()
    sending.button("Pause").click()
    expect(sending.said).to_contain_text("Paused at")
    context.clear_cookies()
    sending.button("Resume").click()
    expect(sending.said).to_contain_text("You were signed out. Sign in, then choose Resume")
    expect(sending.page.get_by_role("dialog").get_by_role("link", name="Sign in")).to_be_visible()
    sending.window.check_accessibility()
    context.add_cookies(cookies)  # type: ignore[arg-type]  # what it gave is what it takes
    sending.button("Resume").click()
    sending.ends()
    assert sending.offsets[-1] > 0
    checksum_is_there(site, sending.file.name, sending.file.stat().st_size)
