"""Pictures of every page, in both themes and two sizes, in build/screens: `make screens`."""

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from seatrial.web.dashboard.door import COOKIE
from tests.browser.conftest import CHROMIUM, SWITCHES
from tests.browser.rounds import BEGUN, OUTSIDE, STORE, address, harbour, routes
from tests.e2e.doors import Doors
from tests.server import Workspace, init

OUT = Path(__file__).parents[2] / "build" / "screens"
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
THEMES = ("light", "dark")


def take(doors: Doors, browser: Browser, only: str = "") -> int:
    """Take all pictures, or those whose name has a word in it; gives how many."""
    named = {route: _name(route.split()[1]) for route in routes()}
    paths = {name: address(doors, route) for route, name in named.items() if only in name}
    paths |= {f"store{path.replace('/', '-')}": path for path in STORE if only in f"store{path.replace('/', '-')}"}
    for size, (width, height) in SIZES.items():
        for theme in THEMES:
            look = {"viewport": {"width": width, "height": height}, "reduced_motion": "reduce", "color_scheme": theme}
            windows = [browser.new_context(**look) for _ in range(2)]  # type: ignore[arg-type]
            for window, cookies in zip(windows, (BEGUN, {COOKIE: doors.sessions["owner"]}), strict=True):
                _remember(window, doors, {"seatrial_theme": theme} | cookies)
            pages = [window.new_page() for window in windows]
            for name, path in paths.items():
                page = pages[path.startswith("/dashboard") and path not in OUTSIDE]
                page.goto(doors.server.base_url + path)
                page.screenshot(path=OUT / f"{name}-{size}-{theme}.png", full_page=True)
            for window in windows:
                window.close()
    return len(paths) * len(SIZES) * len(THEMES)


def _name(path: str) -> str:
    return re.sub(r"[{}]", "", path.removeprefix("/dashboard")).strip("/").replace("/", "-") or "home"


def _remember(window: BrowserContext, doors: Doors, cookies: dict[str, str]) -> None:
    url = doors.server.base_url
    window.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])


def main() -> None:
    """Start a server with something of everything, and go round."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="seatrial-screens-") as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        try:
            data_dir = Path(scratch) / "data"
            with harbour(Workspace(data_dir, init(data_dir))) as doors:
                sys.stdout.write(f"{take(doors, browser, *sys.argv[1:2])} pictures in {OUT}\n")
        finally:
            browser.close()


if __name__ == "__main__":
    main()
