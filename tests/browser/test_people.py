"""The people of an organization and one's own account in a real browser: by keys alone, live, and for everybody."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched
from tests.server import Server

Visit = Callable[..., Watched]


@pytest.fixture(scope="module")
def crowd(site: Server) -> Server:
    """Give the server with a few people in groups."""
    client = site.client(f"/v1/organizations/{site.organization['id']}", site.service_token)
    for path, body in (
        ("/employees", {"email": "ada@crowd.example", "firstName": "Ada", "tags": ["Anchors", "Buoys"]}),
        ("/employees", {"email": "eve@crowd.example", "tags": ["Anchors"]}),
        ("/collaborators", {"email": "cleo@crowd.example", "password": "a password for tests", "role": "viewer"}),
        ("/invitations", {"email": "ida@crowd.example", "kind": "employee"}),
        ("/audiences", {"name": "Harbour", "conditions": [["Anchors", "Buoys"]]}),
    ):
        assert client.post(path, json=body).status_code == 200
    return site


def test_who_is_in_an_audience_is_seen_while_one_types(visit: Visit, crowd: Server) -> None:
    window = visit()
    page = window.open(f"{window.home}/people/audiences/new")
    expect(page.locator("#preview")).to_contain_text("0 people")
    page.get_by_label("Row 1: groups").fill("anchors")
    expect(page.locator("#preview")).to_contain_text("2 people")
    page.get_by_label("Row 1: groups").fill("anchors, buoys")
    expect(page.locator("#preview")).to_contain_text("1 person")
    expect(page.locator("#preview")).to_contain_text("Ada")
    page.get_by_label("Name", exact=False).first.fill("Sailors")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("heading", name="Sailors")).to_be_visible()


def test_a_form_that_was_refused_comes_back_in_front_at_the_field_that_is_wrong(visit: Visit, crowd: Server) -> None:
    window = visit()
    window.expected.add(400)
    page = window.open(f"{window.home}/apps")
    page.get_by_role("button", name="New app").click()
    page.get_by_label("Name").fill("Another one")
    page.get_by_label("Slug").fill(window.app)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Slug is taken already.")).to_be_visible()
    expect(page.get_by_label("Slug")).to_be_focused()
    expect(page.locator("dialog:modal")).to_have_count(1)


def test_a_confirmation_is_answered_by_keys(visit: Visit, crowd: Server) -> None:
    window = visit()
    page = window.open(f"{window.home}/people/collaborators?q=cleo")
    button = page.get_by_role("button", name="Remove", exact=True).first
    button.focus()
    page.keyboard.press("Enter")
    question = page.get_by_role("dialog", name="Remove cleo@crowd.example?")
    expect(question).to_be_visible()
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    window.check_accessibility()
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("They are no member any more.")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_open_panels_keep_nobody_out(visit: Visit, crowd: Server, theme: str, width: int) -> None:
    window = visit(color_scheme=theme, viewport={"width": width, "height": 844})
    people = f"{window.home}/people"
    lists = (f"{people}/{name}" for name in ("employees", "groups", "invitations"))
    for path in (*lists, f"{window.builds}/people", "/dashboard/account"):
        page = window.open(path)
        for panel in page.locator("details.panel > summary").all():
            panel.click()
        window.check_accessibility()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
