"""The builds of an app as people use them: in a real browser, from the first upload to the last tag."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched
from tests.server import DEMO_APK, DEMO_IPA, Server

Visit = Callable[..., Watched]
TOLD = {"deployer.name": "GitHub Actions", "deployer.info.branch": "release/2.4", "deployer.info.commit": "f52ace0" * 4}


@pytest.fixture(scope="module")
def filled(site: Server) -> Server:
    """Give the server with three builds that are alike in some things."""
    for number in range(3):
        said = {"versionName": f"7.{number}", "tags": f"staging,sprint-{number}", "changelog": "Harbour *lights*"}
        site.processed(DEMO_APK, None, **said, **TOLD)
    return site


def test_files_dropped_on_the_page_are_uploaded_and_read_while_one_watches(visit: Visit) -> None:
    window = visit()
    page = window.open()
    window.drop(DEMO_APK, DEMO_IPA)
    dialog = page.get_by_role("dialog", name="Upload builds")
    expect(dialog.get_by_role("listitem")).to_have_count(2)
    page.get_by_text("What to say about them").click()
    page.get_by_label("Tags, with commas between them").fill("dropped, by-hand")
    page.get_by_label("What is new (Markdown)").fill("Sails **and** oars")
    window.check_accessibility()
    dialog.get_by_role("button", name="Upload", exact=True).click()
    expect(dialog).to_be_hidden()
    rows = page.locator("#rows tr")
    ready = rows.filter(has_text="Ready").filter(has_text="dropped").filter(has_text="by-hand")
    expect(ready).to_have_count(2)
    expect(ready.filter(has_text="Android")).to_have_count(1)
    expect(ready.filter(has_text="iOS")).to_have_count(1)
    page.get_by_label("Search", exact=True).fill("oars")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 builds found")).to_be_visible()


def test_an_upload_that_cannot_be_done_says_why_and_can_be_tried_again(visit: Visit) -> None:
    window = visit()
    page = window.open()
    window.expected |= {400}
    page.get_by_role("button", name="Upload builds").click()
    page.set_input_files("#upload-files", [DEMO_APK])
    page.get_by_text("What to say about them").click()
    page.get_by_label("Tags, with commas between them").fill("t" * 500)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator(".upload-item [data-said]")).to_contain_text("tags")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_builds_are_found_filtered_and_the_question_is_kept(visit: Visit, filled: Server) -> None:
    page = visit().open()
    page.get_by_label("Search", exact=True).fill("harbour 7.1")
    page.keyboard.press("Enter")
    rows = page.locator("#rows tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("7.1")
    page.get_by_role("link", name="Clear").click()
    page.get_by_role("search").get_by_label("Tag", exact=True).fill("sprint-2")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    page.get_by_placeholder("Name of the filter").fill("second sprint")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Clear").click()
    page.get_by_role("link", name="second sprint").click()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Forget the filter second sprint").click()
    expect(page.get_by_role("link", name="second sprint")).to_have_count(0)
    page.goto(f"{filled.base_url}/dashboard/{filled.organization['slug']}/search?q=f52ace0+lights")
    expect(page.get_by_role("link", name="7.0")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(4)


def test_chosen_builds_are_tagged_switched_off_and_deleted(visit: Visit, filled: Server) -> None:
    page = visit().open(f"/dashboard/{filled.organization['slug']}/apps/{filled.app['slug']}?q=harbour")
    expect(page.get_by_role("button", name="Add tag")).to_be_hidden()
    page.get_by_label("Choose 7.1 (1)").check()
    page.get_by_label("Choose 7.2 (1)").check()
    expect(page.locator(".batch strong")).to_have_text("2 chosen")
    page.locator(".batch").get_by_label("Tag").fill("nightly")
    page.get_by_role("button", name="Add tag").click()
    expect(page.locator("#rows tr").filter(has_text="nightly")).to_have_count(2)
    page.get_by_label("Choose 7.1 (1)").check()
    page.get_by_role("button", name="Disable").click()
    expect(page.locator("#rows tr").filter(has_text="Disabled")).to_have_count(1)
    page.get_by_label("Choose 7.2 (1)").check()
    page.get_by_role("button", name="Delete …").click()
    page.get_by_role("button", name="Move to the trash").click()
    expect(page.locator("#rows tr")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#rows tr")).to_have_count(3)


def test_the_page_is_worked_by_keys_alone(visit: Visit, filled: Server) -> None:
    page = visit().open()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type("lights")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{filled.base_url}/dashboard/{filled.organization['slug']}/search?q=lights")
    page.go_back()
    page.get_by_role("button", name="Upload builds").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#upload-files")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Upload builds")).to_be_focused()
    page.get_by_label("Choose 7.0 (1)").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Add tag")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_nothing_keeps_anybody_out(visit: Visit, filled: Server, theme: str, width: int) -> None:
    window = visit(color_scheme=theme, viewport={"width": width, "height": 844})
    page = window.open()
    page.get_by_label("Choose 7.0 (1)").check()
    window.check_accessibility()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for path in (f"{window.home}/search?q=lights", f"{window.builds}?q=nothing+at+all"):
        window.open(path)
        window.check_accessibility()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_scripts_the_list_is_read_all_the_same(visit: Visit, filled: Server) -> None:
    page = visit(java_script_enabled=False, locale="es-ES").open()
    expect(page.get_by_role("row").filter(has_text="7.1 (1)")).to_contain_text("Lista")
    page.get_by_label("Etiqueta", exact=True).first.fill("sprint-1")
    page.get_by_role("main").get_by_role("button", name="Buscar").click()
    expect(page.locator("#rows tr")).to_have_count(1)


def test_on_a_phone_builds_come_first_and_filters_are_a_sheet(visit: Visit, filled: Server) -> None:
    page = visit(java_script_enabled=False, viewport={"width": 390, "height": 844}).open()
    sheet = page.get_by_role("group", name="Filters")
    expect(sheet).to_be_hidden()
    expect(page.locator("#rows tr").first).to_be_in_viewport()
    page.get_by_role("button", name="Filters").click()
    sheet.get_by_label("Tag", exact=True).fill("sprint-1")
    sheet.get_by_role("button", name="Find").click()
    expect(page.locator("#rows tr")).to_have_count(1)
    page.get_by_role("link", name="sprint-1 remove").click()
    expect(page.locator("#rows tr").nth(2)).to_be_visible()
