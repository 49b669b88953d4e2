"""Pictures of every page of the dashboard, in both themes and two sizes, in build/screens: `make screens`."""

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from seatrial.web.dashboard.door import COOKIE
from tests.browser.conftest import CHROMIUM, SWITCHES
from tests.e2e.authorization_pages import PAGE_ROUTES
from tests.e2e.authorization_table import table
from tests.e2e.doors import Doors
from tests.server import DEMO_IPA, Server, Workspace, init

OUT = Path(__file__).parents[2] / "build" / "screens"
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
THEMES = ("light", "dark")
NOT_LOOKED_AT = ("/events", "/download", ".csv", "/{file}", "/{sent}", "/compare")


def pages() -> list[str]:
    """Name the routes of everything that opens as a page."""
    return [
        row["route"]
        for row in table(PAGE_ROUTES)
        if row["route"].startswith("GET") and not row["route"].endswith(NOT_LOOKED_AT)
    ]


def take(doors: Doors, browser: Browser) -> int:
    """Take all pictures; gives how many."""
    taken = 0
    for route in pages():
        doors.prepare(route)
        path = re.sub(r"{(\w+)}", lambda match: doors.things[match[1]], route.split()[1])
        name = re.sub(r"[{}]", "", route.split()[1].removeprefix("/dashboard")).strip("/").replace("/", "-") or "home"
        for size, (width, height) in SIZES.items():
            for theme in THEMES:
                context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
                cookies = {"seatrial_theme": theme} | ({} if "login" in path else {COOKIE: doors.sessions["owner"]})
                context.add_cookies(
                    [{"name": key, "value": value, "url": doors.server.base_url} for key, value in cookies.items()]
                )
                page = context.new_page()
                page.goto(doors.server.base_url + path)
                page.screenshot(path=OUT / f"{name}-{size}-{theme}.png", full_page=True)
                context.close()
                taken += 1
    return taken


def main() -> None:
    """Start a server with something of everything, and go round."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="seatrial-screens-") as scratch, sync_playwright() as playwright:
        data_dir = Path(scratch) / "data"
        server = Server(Workspace(data_dir, init(data_dir)), Path(scratch) / "server.log")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        try:
            server.processed(DEMO_IPA)
            sys.stdout.write(f"{take(Doors(server), browser)} pictures in {OUT}\n")
        finally:
            browser.close()
            server.close()


if __name__ == "__main__":
    main()
