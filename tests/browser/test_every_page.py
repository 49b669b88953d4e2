"""Every page of the dashboard and of the store: for everybody, in both themes and two sizes, light enough, and quiet."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from seatrial.web.dashboard.door import COOKIE
from tests.browser.conftest import PATIENCE_MS, Watched
from tests.browser.rounds import BEGUN, OUTSIDE, STORE, address, harbour, routes
from tests.e2e.doors import Doors
from tests.server import Workspace

LOOKS = {"light": (1280, 900), "dark": (390, 844)}
HEAVIEST = 150_000
"""Bytes, compressed, of a page with everything that it loads."""
WEIGHT = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .filter(one => !one.name.includes('/files/')).reduce((sum, one) => sum + one.encodedBodySize, 0)"""


@pytest.fixture(scope="module")
def doors(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with harbour(workspace.copied_to(tmp_path_factory.mktemp("harbour"))) as made:
        yield made


@pytest.mark.parametrize("theme", LOOKS)
def test_every_page_keeps_nobody_out(browser: Browser, doors: Doors, theme: str) -> None:
    width, height = LOOKS[theme]
    found: dict[str, list[str]] = {}
    paths = [address(doors, route) for route in routes()]
    for is_inside in (True, False):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        for name, value in ({COOKIE: doors.sessions["owner"]} if is_inside else BEGUN).items():
            context.add_cookies([{"name": name, "value": value, "url": doors.server.base_url}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        watched = Watched.of(page, doors.server.base_url)
        watched.expected |= {404}
        for path in [path for path in paths if path not in OUTSIDE] if is_inside else [*OUTSIDE, *STORE]:
            watched.open(path)
            wrong = watched.barriers()
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wrong.append("wider than the window")
            if (weight := page.evaluate(WEIGHT)) > HEAVIEST:
                wrong.append(f"{weight} bytes")
            if wrong := wrong + watched.complaints:
                found[path] = wrong
            watched.complaints.clear()
        context.close()
    assert found == {}
