"""Groups and audiences on pages, as they are used without a script: forms sent, results read."""

from collections.abc import Iterator

import pytest

from seatrial.web.dashboard.door import proof
from tests.e2e.pages import Browser, api, named, opened, signed_in
from tests.server import Server, Workspace

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def site(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with opened(workspace, tmp_path_factory.mktemp("groups")) as server:
        yield server


@pytest.fixture(scope="module")
def owner(site: Server) -> Browser:
    return signed_in(site, "owner", "olga")


@pytest.fixture(scope="module")
def viewer(site: Server) -> Browser:
    return signed_in(site, "viewer", "vera")


@pytest.fixture(scope="module")
def home(site: Server) -> str:
    return f"/dashboard/{site.organization['slug']}/people"


def employee(site: Server, *tags: str, **more: object) -> str:
    made = api(site, "POST", "/employees", {"email": f"{named('e')}@people.example", "tags": list(tags)} | more)
    return str(made["email"])


def made_group(owner: Browser, home: str, name: str) -> str:
    seen = owner.send(owner.open(f"{home}/groups"), "Make it", {"name": name, "description": "Those who <look>"})
    assert "The group is made. Who is in it?" in seen.text
    return seen.url.partition("?")[0]


@pytest.mark.usefixtures("viewer")
def test_a_group_is_made_filled_renamed_and_removed(site: Server, owner: Browser, home: str) -> None:
    name, first, second = named(HOSTILE), employee(site), employee(site)
    page = made_group(owner, home, name)
    seen = owner.open(page)
    assert name in seen.text
    assert HOSTILE not in seen.raw
    assert "Nobody is in it" in seen.text
    seen = owner.send(seen, "Put them in", {"people": f"{first}, {second}\n"})
    assert "They are in the group." in seen.text
    seen = owner.send(seen, "Put them in", {"kind": "user", "people": "vera@people.example"})
    assert "2 employees" in seen.text
    assert "1 collaborator" in seen.text
    listed = owner.open(f"{home}/groups?q={name}")
    assert f"{name} Those who <look> 2 1" in listed.text
    one = api(site, "GET", f"/employees?email={first}")["items"][0]
    form = next(form for form in seen.forms if ("employees", one["id"]) in form.fields)
    seen.forms = [form]
    seen = owner.send(seen, "Take out")
    assert "Taken out of the group." in seen.text
    assert first not in seen.text
    assert second in seen.text
    after = named("Renamed")
    seen = owner.send(seen, "Save", {"name": after})
    assert "Saved." in seen.text
    assert api(site, "GET", f"/employees?email={second}")["items"][0]["tags"] == [after]
    seen = owner.send(seen, "Remove")
    assert "The group is gone; its people stay." in seen.text
    assert "No group has that in its name" in owner.open(f"{home}/groups?q={after}").text
    assert api(site, "GET", f"/employees?email={second}")["items"][0]["tags"] == []


def test_what_is_wrong_with_a_group_stands_beside_its_field(owner: Browser, home: str) -> None:
    page = owner.open(f"{home}/groups")
    seen = owner.send(page, "Make it", {"name": "a,b"})
    assert (seen.status, "Name must be 1 to 128 characters without commas" in seen.text) == (400, True)
    assert ("name", "a,b") in seen.form("Make it").fields
    taken = named("Taken")
    one = made_group(owner, home, taken)
    seen = owner.send(page, "Make it", {"name": taken.upper()})
    assert (seen.status, "Name is taken already." in seen.text) == (409, True)
    seen = owner.send(owner.open(one), "Put them in", {"people": "nobody@people.example"})
    assert (seen.status, "names nobody@people.example, who is not here" in seen.text) == (400, True)
    seen = owner.send(owner.open(one), "Put them in", {"people": " "})
    assert (seen.status, "E-mail addresses: is required" in seen.text) == (400, True)


def test_a_viewer_sees_groups_and_not_who_is_in_them(site: Server, owner: Browser, viewer: Browser, home: str) -> None:
    name = named("Seen")
    person = employee(site, name)
    [group] = api(site, "GET", f"/groups?name={name}")["items"]
    seen = viewer.open(f"{home}/groups/{group['id']}")
    assert seen.status == 200
    assert "1 employee" in seen.text
    assert "Your role does not show who." in seen.text
    assert person not in seen.raw
    assert person in owner.open(f"{home}/groups/{group['id']}").text
    assert not [form for form in seen.forms if "/groups" in form.action and form.buttons]
    headers = {"X-CSRF-Token": proof(viewer.secret)}
    assert viewer.client.post(f"{home}/groups", data={"name": "Mine"}, headers=headers).status_code == 403
    assert viewer.client.post(f"{home}/audiences/preview", data={"row": name}, headers=headers).text.count(person) == 0


def test_an_audience_is_looked_at_before_it_is_saved(site: Server, owner: Browser, home: str) -> None:
    qa, porto, beta = named("QA"), named("Porto"), named("Beta")
    both, only, third, single = employee(site, qa, porto), employee(site, qa), employee(site, beta), employee(site)
    off = employee(site, beta, disabled=True)
    page = owner.open(f"{home}/audiences/new")
    assert "0 people" in page.text
    seen = owner.send(page, "Look who that is", {"name": HOSTILE, "row": f"{qa}, {porto}"})
    assert "1 person" in seen.text
    assert both in seen.text
    assert only not in seen.text
    assert api(site, "GET", "/audiences?name=script")["totalDocs"] == 0
    seen = owner.send(seen, "One more row")
    assert seen.form("Look who that is").fields.count(("row", "")) == 1
    filled: dict[str, str | list[str]] = {"row": [f"{qa},{porto}", beta], "people": single}
    seen = owner.send(seen, "Look who that is", filled)
    assert "3 people" in seen.text
    assert off not in seen.text
    seen = owner.send(seen, "Save")
    assert "Saved." in seen.text
    assert HOSTILE not in seen.raw
    [audience] = api(site, "GET", "/audiences?name=script")["items"]
    assert audience["conditions"] == [[qa, porto], [beta]]
    assert [one["email"] for one in audience["employees"]] == [single]
    listed = owner.open(f"{home}/audiences?q=script")
    assert f"{qa} and {porto} or {beta} or 1 person by name" in listed.text
    [group] = api(site, "GET", f"/groups?name={beta}")["items"]
    kept = owner.send(owner.open(f"{home}/groups/{group['id']}"), "Remove")
    assert (kept.status, "An audience names this group: take it out there first." in kept.text) == (409, True)
    seen = owner.send(owner.open(f"{home}/audiences/{audience['id']}"), "Remove")
    assert "The audience is gone; its people stay." in seen.text
    assert third in owner.open(f"{home}/employees?q={third}").text


def test_what_is_wrong_with_an_audience_stands_beside_its_field(site: Server, owner: Browser, home: str) -> None:
    page, missing = owner.open(f"{home}/audiences/new"), named("Missing")
    seen = owner.send(page, "Look who that is", {"name": "A", "row": missing})
    assert f"No group has the name {missing}." in seen.text
    seen = owner.send(page, "Save", {"name": "A", "row": missing})
    assert (seen.status, f"names the group {missing}, which is not here" in seen.text) == (400, True)
    seen = owner.send(page, "Save", {"name": " ", "people": "x"})
    assert (seen.status, "Name must be 1 to 255 characters" in seen.text) == (400, True)
    seen = owner.send(page, "Save", {"name": "A", "people": "nobody@people.example"})
    assert "And these people: names nobody@people.example, who is not here" in seen.text
    assert api(site, "GET", "/audiences")["totalDocs"] == 0


def test_the_preview_alone_is_a_piece_of_the_page(site: Server, owner: Browser, home: str) -> None:
    name = named("Crowd")
    for _ in range(21):
        employee(site, name)
    headers = {"X-CSRF-Token": proof(owner.secret)}
    answer = owner.client.post(f"{home}/audiences/preview", data={"row": name}, headers=headers)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div id="preview"')
    assert "21 people" in answer.text
    assert answer.text.count("@people.example") == 20
    assert "and 1 more" in answer.text
