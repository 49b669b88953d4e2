"""The people of an organization on pages, as they are used without a script: forms sent, results read."""

from collections.abc import Iterator

import pytest

from seatrial.web.dashboard.door import proof
from tests.e2e.pages import Browser, Seen, api, named, opened, sign_in, signed_in
from tests.server import Json, Server, Workspace

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def site(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with opened(workspace, tmp_path_factory.mktemp("people")) as server:
        yield server


@pytest.fixture(scope="module")
def owner(site: Server) -> Browser:
    return signed_in(site, "owner", "olga")


@pytest.fixture(scope="module")
def editor(site: Server) -> Browser:
    return signed_in(site, "editor", "edith")


@pytest.fixture(scope="module")
def viewer(site: Server) -> Browser:
    return signed_in(site, "viewer", "vera")


@pytest.fixture(scope="module")
def home(site: Server) -> str:
    return f"/dashboard/{site.organization['slug']}/people"


def employee(site: Server, **more: object) -> Json:
    return api(site, "POST", "/employees", {"email": f"{named()}@people.example"} | more)


def test_people_is_where_somebody_may_look(owner: Browser, editor: Browser, viewer: Browser, home: str) -> None:
    assert owner.open(home).url.endswith("/people/collaborators")
    assert editor.open(home).url.endswith("/people/employees")
    assert viewer.open(home).url.endswith("/people/groups")
    assert home in owner.open(home).links


@pytest.mark.parametrize("page", ["collaborators", "employees", "employees/import", "invitations"])
def test_a_viewer_is_told_that_this_is_not_theirs(viewer: Browser, home: str, page: str) -> None:
    seen = viewer.open(f"{home}/{page}")
    assert seen.status == 403
    assert "You may not do this." in seen.text


def test_a_role_is_chosen_switched_off_and_taken_away(site: Server, owner: Browser, home: str) -> None:
    email = f"{named()}@people.example"
    made = api(site, "POST", "/collaborators", {"email": email, "role": "viewer", "password": "a password for tests"})
    person = made["user"]["id"]
    seen = owner.open(f"{home}/collaborators?q={email}")
    assert "1 collaborator" in seen.text
    assert "not yet" in seen.text
    seen = owner.send(seen, "Save", {"role": "editor"}, inside=person)
    assert "The role is changed." in seen.text
    assert ("role", "editor") in seen.form("Save", person).fields
    session = Browser(site, sign_in(site, email))
    assert session.open(f"{home}/employees").status == 200
    assert "not yet" not in owner.open(f"{home}/collaborators?q={email}").text
    seen = owner.send(seen, "Switch off", inside=person)
    assert ("role", "unassigned") in seen.form("Save", person).fields
    assert session.open(f"{home}/employees").status == 403
    seen = owner.send(seen, "Remove", inside=person)
    assert "They are no member any more." in seen.text
    assert "Nobody has that in their name or address" in seen.text
    assert api(site, "GET", f"/collaborators?email={email}")["totalDocs"] == 0


def test_the_last_owner_stays(site: Server, home: str, owner: Browser) -> None:
    others = [one for one in api(site, "GET", "/collaborators")["items"] if one["role"] == "owner"]
    alone = others[0]["user"]
    for other in others[1:]:
        if not other["user"]["email"].startswith("olga"):
            api(site, "PUT", f"/collaborators/{other['user']['id']}", {"role": "viewer"})
    olga = next(one["user"] for one in others if one["user"]["email"].startswith("olga"))
    if alone["id"] != olga["id"]:
        api(site, "PUT", f"/collaborators/{alone['id']}", {"role": "viewer"})
    seen = owner.open(f"{home}/collaborators?q=olga")
    seen = owner.send(seen, "Save", {"role": "viewer"}, inside=olga["id"])
    assert seen.status == 409
    assert "An organization needs an owner, and this is the last one." in seen.text


def test_an_employee_is_added_edited_and_removed(owner: Browser, home: str) -> None:
    email = f"{named()}@people.example"
    seen = owner.open(f"{home}/employees")
    seen = owner.send(seen, "Add", {"email": email, "firstName": HOSTILE, "tags": "QA, Porto", "language": "es"})
    assert "The employee is there." in seen.text
    seen = owner.open(f"{home}/employees?q={email}")
    assert HOSTILE in seen.text
    assert HOSTILE not in seen.raw
    assert "Porto" in seen.text
    assert "Español" in seen.text
    page = next(link for link in seen.links if "/people/employees/" in link and "import" not in link)
    seen = owner.open(page)
    assert HOSTILE not in seen.raw
    assert ("tags", "Porto, QA") in seen.form("Save").fields
    seen = owner.send(seen, "Save", {"lastName": "Lovelace", "tags": "QA", "disabled": "true"})
    assert "Saved." in seen.text
    assert "switched off" in seen.text
    assert ("tags", "QA") in seen.form("Save").fields
    seen = owner.open(f"{home}/employees?q=lovelace&group=QA")
    assert email in seen.text
    seen = owner.send(owner.open(page), "Remove")
    assert "The employee is gone." in seen.text
    assert "No employee fits" in owner.open(f"{home}/employees?q={email}").text


def test_what_is_wrong_stands_beside_its_field(site: Server, owner: Browser, home: str) -> None:
    seen = owner.send(owner.open(f"{home}/employees"), "Add", {"email": "nobody", "firstName": "Ada"})
    assert seen.status == 400
    assert "E-mail must be an e-mail address of at most 254 characters" in seen.text
    assert ("firstName", "Ada") in seen.form("Add").fields
    there = employee(site)["email"]
    seen = owner.send(owner.open(f"{home}/employees"), "Add", {"email": there})
    assert (seen.status, "E-mail is an employee already." in seen.text) == (409, True)
    spanish = Browser(site, owner.secret, "es")
    seen = spanish.send(spanish.open(f"{home}/employees"), "Añadir", {"email": "nobody"})
    assert "debe ser una dirección de correo de 254 caracteres como mucho" in seen.text


def test_an_editor_looks_and_changes_nothing(site: Server, editor: Browser, home: str) -> None:
    person = employee(site)
    seen = editor.open(f"{home}/employees?q={person['email']}")
    assert person["email"] in seen.text
    assert not [form for form in seen.forms if form.action.endswith("/people/employees")]
    assert "Import a list" not in seen.text
    own = editor.open(f"{home}/employees/{person['id']}")
    assert not [button for form in own.forms for button in form.buttons if button[0] in {"Save", "Remove"}]


def test_a_list_says_what_it_would_do_and_does_it_then(site: Server, owner: Browser, home: str) -> None:
    known, new = employee(site, firstName="Old")["email"], f"{named()}@people.example"
    body = f"email,firstName,tags\n{known},New,QA\n{new},{HOSTILE},\nnobody,X,\n".encode()
    ask = owner.open(f"{home}/employees/import")
    seen = owner.send(ask, "Look what it would do", files={"file": ("people.csv", body)})
    assert "What this list would do" in seen.text
    assert "1 new" in seen.text
    assert f"2 {known} changes First name, Groups" in seen.text
    assert f"3 {new} is taken in" in seen.text
    assert "4 email: must be an e-mail address" in seen.text
    assert HOSTILE not in seen.raw
    assert api(site, "GET", f"/employees?email={new}")["totalDocs"] == 0
    seen = owner.send(seen, "Import it")
    assert "Done: 1 new, 1 changed, 0 as they were." in seen.text
    assert api(site, "GET", f"/employees?email={known}")["items"][0]["firstName"] == "New"
    assert api(site, "GET", f"/employees?email={new}")["items"][0]["firstName"] == HOSTILE
    again = owner.send(ask, "Look what it would do", {"list": body.decode()})
    assert "2 as they are" in again.text


def test_what_is_no_list_is_refused_beside_the_field(owner: Browser, home: str) -> None:
    ask = owner.open(f"{home}/employees/import")
    assert "CSV file is required" in owner.send(ask, "Look what it would do").text
    seen = owner.send(ask, "Look what it would do", files={"file": ("a.csv", b"name\nAda\n")})
    assert seen.status == 400
    assert "CSV file must begin with a line that names the columns: email" in seen.text


def link_of(seen: Seen) -> str:
    found = [word for word in seen.text.split() if "/invitation/" in word]
    assert len(found) == 1, found
    return found[0]


def test_an_invitation_is_sent_again_and_taken_back(site: Server, owner: Browser, home: str) -> None:
    email, page = f"{named()}@people.example", f"{home}/invitations"
    said = {"email": email, "firstName": HOSTILE, "role": "editor", "app": site.app["id"], "appRole": "admin"}
    seen = owner.send(owner.open(page), "Invite", said)
    assert f"{email} is invited" in seen.text
    assert HOSTILE not in seen.raw
    link = link_of(seen)
    assert site.anyone.get(link).status_code == 200
    assert "/invitation/" not in owner.open(page).text
    invitation = api(site, "GET", f"/invitations?email={email}")["items"][0]
    seen = owner.send(owner.open(page), "Send again", inside=invitation["id"])
    assert link_of(seen) != link
    assert site.anyone.get(link_of(seen)).status_code == 200
    assert site.anyone.get(link).status_code == 404
    seen = owner.send(owner.open(page), "Take back", inside=invitation["id"])
    assert "The invitation is taken back; its link is over." in seen.text
    assert "taken back" in seen.text


def test_who_is_here_is_not_invited(owner: Browser, home: str) -> None:
    seen = owner.send(owner.open(f"{home}/invitations"), "Invite", {"email": "vera@people.example"})
    assert seen.status == 409
    assert "E-mail belongs to somebody who is here already." in seen.text


def test_an_admin_makes_no_owner(site: Server, home: str) -> None:
    admin = signed_in(site, "admin", "adam")
    page = admin.open(f"{home}/invitations")
    assert 'value="owner"' not in page.raw
    assert admin.send(page, "Invite", {"email": "boss@people.example", "role": "owner"}).status == 403


def test_long_lists_have_pages(site: Server, owner: Browser, home: str) -> None:
    group = named("crowd")
    lines = "".join(f"{group}-{number:03}@people.example,{group}\n" for number in range(51))
    page = owner.send(owner.open(f"{home}/employees/import"), "Look what it would do", {"list": f"email,tags\n{lines}"})
    owner.send(page, "Import it")
    seen = owner.open(f"{home}/employees?group={group}")
    assert f"{group}-000@" in seen.text
    assert f"{group}-050@" not in seen.text
    assert "Page 1 of 2" in seen.text
    second = owner.open(next(link for link in seen.links if "page=2" in link))
    assert f"{group}-050@" in second.text
    assert f"{group}-000@" not in second.text


def test_a_role_in_one_app_is_given_changed_and_taken_away(site: Server, owner: Browser, home: str) -> None:
    name = named()
    member = signed_in(site, "unassigned", name)
    page, inside = (
        home.replace("/people", f"/apps/{site.app['slug']}/people"),
        f"/dashboard/{site.organization['slug']}",
    )
    app = f"{inside}/apps/{site.app['slug']}"
    assert member.open(app).status in {403, 404}
    seen = owner.open(page)
    assert "Nobody has a role of their own here" in seen.text
    assert page in owner.open(f"{app}/settings").links
    wrong = owner.send(seen, "Give it", {"user": "nobody@people.example"})
    assert (wrong.status, "nobody@people.example is no member of the organization" in wrong.text) == (400, True)
    seen = owner.send(seen, "Give it", {"user": f"{name}@people.example", "role": "viewer"})
    assert "They have a role in this app now." in seen.text
    assert f"{name}@people.example" in seen.text
    assert member.open(app).status == 200
    again = owner.send(seen, "Give it", {"user": f"{name}@people.example"})
    assert (again.status, "E-mail: has a role in this app already." in again.text) == (409, True)
    seen = owner.send(seen, "Save", {"role": "editor"}, inside="/people/")
    assert "The role is changed." in seen.text
    assert ("role", "editor") in seen.form("Save", "/people/").fields
    seen = owner.send(seen, "Remove")
    assert "The role in this app is taken away." in seen.text
    assert "Nobody has a role of their own here" in seen.text
    assert member.open(app).status in {403, 404}


def test_a_viewer_sees_the_people_of_an_app_and_changes_nothing(site: Server, viewer: Browser) -> None:
    page = f"/dashboard/{site.organization['slug']}/apps/{site.app['slug']}/people"
    seen = viewer.open(page)
    assert seen.status == 200
    assert not [form for form in seen.forms if "/people" in form.action]
    answer = viewer.client.post(
        page, data={"user": "vera@people.example", "role": "admin"}, headers={"X-CSRF-Token": proof(viewer.secret)}
    )
    assert answer.status_code == 403


def test_settings_show_what_is_taken_up_of_what_is_allowed(site: Server, owner: Browser, home: str) -> None:
    organization = home.removesuffix("/people")
    site.admin("quota", "set", "--app", site.app["slug"], "--storage", "1GiB")
    assert "Taken up" in owner.open(f"{organization}/settings").text
    seen = owner.open(f"{organization}/apps/{site.app['slug']}/settings")
    assert '<progress max="100" value="0" aria-label="Storage">' in seen.raw
    [storage] = [one for one in site.admin("quota", "show", "--app", site.app["slug"]) if one["item"] == "storage"]
    assert (storage["limit"], storage["granted"], storage["chosen"]) == (1 << 30, 1 << 30, None)
    site.admin("quota", "set", "--app", site.app["slug"], "--storage", "default")
