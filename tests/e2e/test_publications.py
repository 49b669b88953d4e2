"""Publications from outside: the GitHub Action's own requests in their order, and both faces."""

import json
import re
from dataclasses import replace

import httpx
import pytest

from tests.conftest import StartServer
from tests.e2e.raw import exchange
from tests.e2e.refusals import invalid, refused
from tests.e2e.test_captures import Recorded, recorded
from tests.openapi import Described
from tests.server import DEMO_APK, DEMO_IPA, Json, Server

WANTED: Json = {"security": "public", "visibility": "unlisted", "filter": {"type": "last"}}


def data(answer: httpx.Response) -> Json:
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()["data"]
    return found


def store(server: Server) -> httpx.Client:
    organization = server.organization["slug"]
    return server.client(f"/v1/organizations/{organization}/stores/{server.organization['id']}", server.service_token)


def with_build(request: Recorded, content: bytes) -> Recorded:
    """Put a real build in the place of the recorded random bytes, which no reader takes."""
    head, mark, rest = request.body.partition(b"application/octet-stream\r\n\r\n")
    end = rest.index(b"\r\n----------------------------ef66")
    body = head + mark + content + rest[end:]
    lines = [f"Content-Length: {len(body)}" if line.startswith("Content-Length") else line for line in request.head]
    return replace(request, head=lines, body=body)


def test_the_github_actions_sequence(start_server: StartServer) -> None:
    server = start_server()
    by_filter, by_slug = recorded("github-action", "GET", "distributions")
    [create] = recorded("github-action", "POST", "distributions")
    [upload] = recorded("github-action", "POST")
    poll = recorded("github-action", "GET")[0]
    wanted = json.loads(create.body)

    def ask(request: Recorded, path: str | None = None) -> Json:
        status, answer = exchange(server, request.on_the_wire(server.app_token, path))
        assert status == 200, answer
        assert set(answer) == {"status", "data"}
        found: Json = answer["data"]
        return found

    for look in (by_filter, by_slug):
        assert (ask(look)["items"], ask(look)["totalPages"]) == ([], 1)
    made = ask(create)
    assert {key: made[key] for key in ("slug", "visibility", "security")} == {
        "slug": "feature-x", "visibility": "unlisted", "security": "public"
    }  # fmt: skip
    assert (made["filter"]["type"], made["filter"]["value"]) == ("gitBranch", wanted["filter"]["value"])
    assert made["distributionUrl"] == "http://127.0.0.1:18091/feature-x"  # the Host that the recording asked for
    for look in (by_filter, by_slug):  # a second run of the action finds what the first one made
        [item] = ask(look)["items"]
        assert item == made
    build = ask(with_build(upload, DEMO_IPA.read_bytes()))["id"]
    path = poll.head[0].split()[1].rpartition("/")[0] + f"/{build}"
    while (polled := ask(poll, path))["status"] not in {"processed", "error"}:
        assert polled["id"] == build
    assert polled["status"] == "processed"
    [now] = ask(by_slug)["items"][0]["builds"]
    assert (now["os"], now["id"], now["versionName"]) == ("ios", build, "feature/x")
    status, answer = exchange(server, create.on_the_wire(server.app_token))
    assert (status, answer["error"]["code"]) == (400, 5024)


def test_both_faces_are_one_set_of_publications(server: Server) -> None:
    described = Described(server.anyone.get("/openapi.json").json())
    path, slug = "/pubApps", "two-faces"
    made = store(server).post(path, json=WANTED | {"slug": slug, "application": server.app["slug"]})
    described.check("workspaceCreatePublication", made)
    one = data(made)
    assert data(server.ci.get(f"/distributions/{one['id']}")) == data(store(server).get(f"{path}/{one['id']}"))
    for name, client, at in (("integrations", server.ci, "/distributions"), ("workspace", store(server), path)):
        for query in ("", "?slug=two-faces", "?filter-type=last", "?filterType=LAST&sort=slug:asc&security=public"):
            found = client.get(f"{at}{query}")
            described.check(f"{name}ListPublications", found)
            assert one["id"] in [item["id"] for item in data(found)["items"]]
        changed = client.put(f"{at}/{one['id']}", json=WANTED | {"slug": slug, "showHistory": True})
        described.check(f"{name}UpdatePublication", changed)
        assert data(changed)["showHistory"] is True
        described.check(f"{name}ShowPublication", client.get(f"{at}/{one['id']}"))
        described.check(f"{name}ShowPublication", client.get(f"{at}/nothing"))
        described.check(f"{name}CreatePublication", client.post(at, json=WANTED | {"slug": "x"}))
        clash = client.post(at, json=WANTED | {"slug": slug, "application": server.app["id"]})
        described.check(f"{name}CreatePublication", clash)
        refused(clash, 400, 5024)
    stores = server.client("", server.service_token).get(f"/v1/organizations/{server.organization['id']}/stores")
    described.check("listStores", stores)
    [own] = data(stores)["items"]
    assert own["id"] == server.organization["id"]
    other = server.client(f"/v1/organizations/{server.organization['id']}/stores/others", server.service_token)
    refused(other.get(path), 404, 3001)
    described.check("workspaceDeletePublication", store(server).delete(f"{path}/{one['id']}"))
    refused(server.ci.get(f"/distributions/{one['id']}"), 404, 3001)


def test_a_put_replaces_and_what_was_shown_can_be_said(server: Server) -> None:
    build = server.processed(DEMO_APK)
    rich = WANTED | {
        "slug": "rich",
        "security": "password",
        "password": "open sesame",
        "filter": {"type": "builds", "builds": [{"buildPlatform": "Android", "id": build["id"]}]},
        "tags": "a, b",
        "groups": "beta,inhouse|qa",
        "terms": {"active": True, "text": "Be nice."},
        "allowedCountries": ["de", "FR"],
        "blockedCountries": ["US"],
        "expirationDate": "2099-01-01T00:00:00Z",
        "configuration": {
            "application": {"name": "Beta <b>", "description": "New"},
            "branding": {"primaryColor": "#0B6BCB", "logo": "https://example.com/a.png"},
        },
    }
    made = data(server.ci.post("/distributions", json=rich))
    assert made["groups"] == [["beta", "inhouse"], ["qa"]]
    assert (made["tags"], made["allowedCountries"]) == (["a", "b"], ["DE", "FR"])
    assert (made["hasPassword"], made["expirationDate"]) == (True, "2099-01-01T00:00:00.000Z")
    assert "sesame" not in json.dumps(made)
    assert [one["id"] for one in made["builds"]] == [build["id"]]
    path = f"/distributions/{made['id']}"
    again = data(server.ci.put(path, json=made))
    assert again | {"updatedAt": ""} == made | {"updatedAt": ""}
    plain = data(server.ci.put(path, json=WANTED | {"slug": "rich"}))
    assert (plain["groups"], plain["terms"], plain["expirationDate"]) == ([], {"active": False, "text": ""}, None)
    assert plain["hasPassword"] is False
    assert server.ci.delete(f"/builds/{build['id']}").status_code == 200
    assert data(server.ci.get(path))["id"] == made["id"]
    assert data(server.ci.delete(path)) == {"deleted": True}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"slug": None}, "slug"),
        ({"slug": "v1"}, "slug"),
        ({"slug": "a\r\nSet-Cookie: x=1"}, "slug"),
        ({"security": "open"}, "security"),
        ({"visibility": ""}, "visibility"),
        ({"filter": None}, "filter.type"),
        ({"filter": {"type": "newest"}}, "filter.type"),
        ({"filter": {"type": "gitBranch"}}, "filter.value"),
        ({"filter": {"type": "builds"}}, "filter.builds"),
        ({"filter": {"type": "builds", "builds": [{"id": "0" * 24}]}}, "filter.builds"),
        ({"filter": {"type": "build", "ios": "0" * 24}}, "filter.ios"),
        ({"filter": {"type": "last", "ios": "0" * 24}}, "filter.ios"),
        ({"filter": {"type": "last", "builds": [{"id": "0" * 24}]}}, "filter.builds"),
        ({"filter": {"type": "builds", "builds": [{"id": "x"}]}}, "filter.builds.0.id"),
        ({"filter": {"type": "builds", "builds": {}}}, "filter.builds"),
        ({"security": "password"}, "password"),
        ({"security": "password", "password": "short"}, "password"),
        ({"groups": [[[[[[[[[["deep"]]]]]]]]]]}, "groups"),
        ({"groups": {"a": "b"}}, "groups"),
        ({"groups": [["a" * 129]]}, "groups"),
        ({"tags": 5}, "tags"),
        ({"showHistory": "yes"}, "showHistory"),
        ({"userAudienceMap": [{"id": "0" * 24}]}, "userAudienceMap"),
        ({"userAudienceMap": [{"id": "x"}]}, "userAudienceMap.0.id"),
        ({"terms": {"active": True, "text": " "}}, "terms.text"),
        ({"terms": []}, "terms"),
        ({"allowedCountries": ["DE", "Germany"]}, "allowedCountries.1"),
        ({"blockedCountries": "DE"}, "blockedCountries"),
        ({"expirationDate": "tomorrow"}, "expirationDate"),
        ({"configuration": {"application": {"name": "a\nb"}}}, "configuration.application.name"),
        ({"configuration": {"branding": {"logo": "http://a/b.png"}}}, "configuration.branding.logo"),
        ({"configuration": {"branding": {"logo": "https://a/;script-src *"}}}, "configuration.branding.logo"),
        ({"configuration": {"branding": {"logo": "data:image/svg+xml;base64,AAAA"}}}, "configuration.branding.logo"),
        ({"configuration": {"branding": {"buttonColor": "red;}"}}}, "configuration.branding.buttonColor"),
        ({"configuration": []}, "configuration"),
    ],
)
def test_what_is_refused_is_named(server: Server, said: Json, field: str) -> None:
    invalid(server.ci.post("/distributions", json=WANTED | {"slug": "refused"} | said), field)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("security=open", "security"),
        ("visibility=hidden", "visibility"),
        ("filter-type=newest", "filter-type"),
        ("filterType=newest", "filter-type"),
        ("sort=name:asc", "sort"),
        ("limit=0", "limit"),
        ("slug=" + "a" * 129, "slug"),
    ],
)
def test_lists_name_what_they_do_not_understand(server: Server, query: str, field: str) -> None:
    invalid(server.ci.get(f"/distributions?{query}"), field)


def test_unknown_groups_are_accepted(server: Server) -> None:
    body = WANTED | {"slug": "unknown-groups", "groups": [["nobody knows"]], "security": "logged"}
    made = data(server.ci.post("/distributions", json=body))
    assert made["groups"] == [["nobody knows"]]
    assert data(server.ci.delete(f"/distributions/{made['id']}")) == {"deleted": True}
    assert re.fullmatch("[0-9a-f]{24}", made["id"])
