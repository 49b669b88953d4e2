"""Lists: filters, order, pages, and who is meant by a path; both faces show the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import DEMO_APK, DEMO_IPA, Json, Server, Workspace

PAGE_KEYS = {
    "items", "totalDocs", "limit", "hasPrevPage", "hasNextPage", "page", "totalPages", "pagingCounter", "prevPage",
    "nextPage",
}  # fmt: skip


@pytest.fixture(scope="module")
def shelf(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server with exactly five builds, made in this order: nobody adds to it."""
    folder = tmp_path_factory.mktemp("shelf")
    own = Server(workspace.copied_to(folder), folder / "server.log")
    for file, fields in (
        (DEMO_APK, {"versionName": "b"}),
        (DEMO_IPA, {"versionName": "a"}),
        (DEMO_APK, {"versionName": "c"}),
        (b"no format at all", {"versionName": "broken"}),
        (DEMO_IPA, {"versionName": "a"}),
    ):
        own.wait_for(own.upload(file, **fields)["id"])
    yield own
    own.close()


def page(server: Server, **query: str | int) -> Json:
    """Ask both faces for a page: they show the same."""
    answers = [client.get("/builds", params=query) for client in (server.ci, server.ops)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    found: Json = answers[0].json()["data"]
    assert set(found) == PAGE_KEYS
    return found


def names(found: Json) -> list[str]:
    return [build["versionName"] for build in found["items"]]


def test_newest_first(shelf: Server) -> None:
    found = page(shelf)
    assert names(found) == ["a", "broken", "c", "a", "b"]
    assert (found["totalDocs"], found["limit"], found["page"], found["totalPages"]) == (5, 100, 1, 1)
    assert (found["prevPage"], found["nextPage"], found["pagingCounter"]) == (None, None, 1)


def test_decision_44_items_are_as_in_details(shelf: Server) -> None:
    for build in page(shelf)["items"]:
        assert build == shelf.build(build["id"])


def test_decision_28_the_full_envelope_on_every_page(shelf: Server) -> None:
    first, second, third, beyond = (page(shelf, page=number, limit=2) for number in (1, 2, 3, 4))
    assert names(first) + names(second) + names(third) == ["a", "broken", "c", "a", "b"]
    assert (first["hasPrevPage"], first["prevPage"], first["hasNextPage"], first["nextPage"]) == (False, None, True, 2)
    assert (second["hasPrevPage"], second["prevPage"], second["nextPage"]) == (True, 1, 3)
    assert (third["hasNextPage"], third["nextPage"], third["pagingCounter"]) == (False, None, 5)
    assert {each["totalPages"] for each in (first, second, third)} == {3}
    assert {each["totalDocs"] for each in (first, second, third, beyond)} == {5}
    assert beyond["items"] == []
    assert beyond["hasNextPage"] is False


def test_filters(shelf: Server) -> None:
    assert names(page(shelf, os="ios")) == ["a", "a"]
    assert names(page(shelf, os="android", status="processed")) == ["c", "b"]
    assert names(page(shelf, versionName="a")) == ["a", "a"]
    assert names(page(shelf, versionName="c", os="ios")) == []
    assert names(page(shelf, status="error")) == ["broken"]
    assert page(shelf, os="ios")["totalDocs"] == 2
    assert page(shelf, versionName="c", os="android")["totalDocs"] == 1


def test_decision_1_success_is_another_word_for_processed(shelf: Server) -> None:
    found = page(shelf, status="success")
    assert found == page(shelf, status="processed")
    assert {build["status"] for build in found["items"]} == {"processed"}


def test_decision_24_systems_without_builds_are_no_error(shelf: Server) -> None:
    for system in ("macos", "windows", "linux", "ps4", "ps5", "switch", "xbox-one", "xbox-series"):
        assert page(shelf, os=system)["totalDocs"] == 0


@pytest.mark.parametrize("key", ["createdAt", "updatedAt", "versionName", "versionCode", "size", "status"])
def test_decision_47_sort(shelf: Server, key: str) -> None:
    for way in ("asc", "desc"):
        values = [build[key] for build in page(shelf, sort=f"{key}:{way}")["items"]]
        assert len(values) == 5
        assert values == sorted(values, reverse=way == "desc")


def test_decision_29_the_largest_page(shelf: Server) -> None:
    assert page(shelf, limit=1000)["limit"] == 1000


def test_decision_31_a_slash_at_the_end_is_no_other_address(shelf: Server) -> None:
    found = page(shelf)
    assert shelf.ci.get("/builds/").json()["data"] == found
    assert shelf.ops.get("/builds/", params={"limit": 500}).json()["data"]["items"] == found["items"]
    build = found["items"][0]
    assert shelf.ops.get(f"/builds/{build['id']}/").json()["data"] == build


def test_slugs_and_ids_in_any_case_name_the_same(shelf: Server) -> None:
    found = page(shelf)
    operator = shelf.client("", shelf.service_token)
    organization, app = shelf.organization, shelf.app
    for one in (organization["id"], organization["slug"], organization["id"].upper()):
        for other in (app["id"], app["slug"], app["id"].upper()):
            answer = operator.get(f"{shelf.workspace_path(one, other)}/builds")
            assert answer.status_code == 200, (one, other)
            assert answer.json()["data"] == found
    build = found["items"][0]
    assert shelf.ci.get(f"/builds/{build['id'].upper()}").json()["data"] == build


def test_a_head_request_has_the_headers_and_no_body(shelf: Server) -> None:
    answer = shelf.ci.head("/builds")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) == len(shelf.ci.get("/builds").content)


def test_an_app_sees_its_own_builds_only(shelf: Server, tmp_path: Path) -> None:
    other = shelf.admin("app", "create", "Another app")
    elsewhere = shelf.client(shelf.workspace_path(app=other["slug"]), shelf.service_token)
    assert elsewhere.get("/builds").json()["data"]["totalDocs"] == 0
    token = shelf.admin("token", "create", "--app", other["slug"])["token"]
    pipeline = shelf.client("/v1/integrations", token)
    assert pipeline.get("/builds").json()["data"]["totalDocs"] == 0
