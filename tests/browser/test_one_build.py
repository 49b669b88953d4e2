"""One build and what is around it: its files, its pin, the trash, who downloaded it, what people said of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched
from tests.server import DEMO_APK, Json, Server

Visit = Callable[..., Watched]
HOSTILE = "<script>document.title = 'taken'</script>"


@pytest.fixture(scope="module")
def build(site: Server) -> Json:
    """Give a build that is published, and was downloaded once."""
    made = site.processed(DEMO_APK, None, versionName="8.1", changelog="Better *anchors*")
    said = {
        "slug": "anchors",
        "security": "public",
        "visibility": "active",
        "filter": {"type": "build", "value": made["id"]},
    }
    assert site.ci.post("/distributions", json=said).status_code == 200
    assert site.anyone.get(f"/v1/download/{site.token(made['id'])}").status_code == 302
    return made


def test_a_file_is_put_beside_a_build_and_says_what_it_is(visit: Visit, build: Json, tmp_path: Path) -> None:
    window = visit()
    page = window.open(f"{window.builds}/builds/{build['id']}")
    expect(page.get_by_role("heading", name="On a device")).to_be_visible()
    expect(page.get_by_role("link", name="anchors")).to_be_visible()
    report = tmp_path / "report.txt"
    report.write_text("all is well")
    page.get_by_label("Put a file beside it").set_input_files(report)
    page.get_by_label("Description", exact=True).fill("The test report")
    page.get_by_role("button", name="Attach").click()
    row = page.get_by_role("row").filter(has_text="report.txt")
    expect(row).to_contain_text("The test report")
    window.check_accessibility()
    with page.expect_download() as arriving:
        row.get_by_role("link", name="Download report.txt").click()
    assert arriving.value.path().read_text() == "all is well"


def test_a_pinned_build_cannot_be_removed_and_a_removed_one_comes_back(visit: Visit, site: Server) -> None:
    made = site.processed(DEMO_APK, None, versionName="8.2")
    window = visit()
    page = window.open(f"{window.builds}/builds/{made['id']}")
    page.get_by_label("More").click()
    page.get_by_role("button", name="Edit", exact=True).click()
    page.keyboard.press("Escape")
    expect(page.get_by_label("More")).to_be_focused()
    page.get_by_label("More").click()
    page.get_by_role("button", name="Keep it for ever").click()
    page.get_by_label("Why").fill("The shop shows it")
    page.get_by_role("button", name="Keep it", exact=True).click()
    expect(page.get_by_text("Kept for ever")).to_be_visible()
    page.get_by_label("More").click()
    expect(page.get_by_role("button", name="Remove", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Keep it no longer").click()
    page.get_by_label("More").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("1 build is in the trash.")).to_be_visible()
    page.goto(f"{site.base_url}{window.builds}/trash")
    window.check_accessibility()
    page.get_by_role("row").filter(has_text="8.2").get_by_role("button", name="Bring back").click()
    expect(page.get_by_role("heading", name="8.2")).to_be_visible()
    page.goto(f"{site.base_url}{window.builds}/retention?days=1")
    expect(page.get_by_role("row").filter(has_text="8.2")).to_contain_text("stays")
    window.check_accessibility()


def test_a_publication_is_looked_at_while_it_is_written(visit: Visit, build: Json) -> None:
    window = visit()
    page = window.open(f"{window.home}/publications/new")
    page.get_by_label("Address").fill("")
    page.get_by_text("What the page shows").click()
    page.get_by_label("Description").fill("Weigh anchor")
    expect(page.locator("#preview")).to_contain_text("Address")
    expect(page.get_by_label("Description")).to_be_focused()  # no bubble asks for the address while one is elsewhere
    page.get_by_label("Address").fill("weighed")
    expect(page.locator("#preview")).to_contain_text("Weigh anchor")
    page.get_by_label("Who may open it").select_option("password")
    page.get_by_label("Password").fill("open sesame")
    expect(page.get_by_label("Groups")).to_be_hidden()
    window.check_accessibility()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("It is published.")).to_be_visible()


def test_who_downloaded_is_listed_and_handed_out_as_a_table(visit: Visit, build: Json) -> None:
    window = visit()
    page = window.open(f"{window.builds}/downloads")
    expect(page.get_by_role("row").filter(has_text=build["id"][:7]).first).to_be_visible()
    window.check_accessibility()
    with page.expect_download() as arriving:
        page.get_by_role("link", name="All of them as CSV").click()
    assert build["id"] in arriving.value.path().read_text()


def test_feedback_is_read_moved_on_and_removed(visit: Visit, site: Server) -> None:
    said = {"type": "bug", "message": f"It sank. {HOSTILE}", "packageInfo": {"versionName": "8.1"}}
    client = site.client("", site.app_token)
    assert client.post("/v1/feedback", json=said).status_code == 200
    window = visit()
    page = window.open(f"{window.builds}/feedback")
    window.check_accessibility()
    page.get_by_role("link", name="It sank.").click()
    expect(page.get_by_text(HOSTILE).last).to_be_visible()
    assert "taken" not in page.title()
    page.get_by_role("button", name="Take it up").click()
    expect(page.get_by_text("In work").first).to_be_visible()
    window.check_accessibility()
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Nobody said anything yet")).to_be_visible()
