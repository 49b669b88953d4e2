"""Every limit of a request, as one table: what is beyond it is refused with the field's name and what is allowed."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.server import Server, Workspace

SETTINGS = {
    "SEATRIAL_LIMITS__BODY": "1MiB",
    "SEATRIAL_LIMITS__JSON_BODY": "4KiB",
    "SEATRIAL_LIMITS__FIELD": "1KiB",
    "SEATRIAL_LIMITS__TEXT_FIELD": "2KiB",
    "SEATRIAL_LIMITS__FILE_PARTS": "2",
    "SEATRIAL_LIMITS__FIELD_PARTS": "5",
    "SEATRIAL_LIMITS__HEADERS": "40",
    "SEATRIAL_LIMITS__HEADER_BLOCK": "8KiB",
    "SEATRIAL_LIMITS__REFUSED_SECONDS": "0.5",
}
BUILD = ("build", ("a.bin", b"x"))
FIELDS = "fields"
FORM: list[tuple[str, dict[str, Any], int, dict[str, Any]]] = [
    ("a field", {"data": {"packageName": "x" * 1025}}, 400, {FIELDS: {"packageName": "1024 bytes"}}),
    ("a changelog", {"data": {"changelog": "x" * 2049}}, 400, {FIELDS: {"changelog": "2048 bytes"}}),
    ("files", {"files": [BUILD, *[("other", ("b", b"y"))] * 2]}, 400, {FIELDS: {"body": "at most 2 files"}}),
    ("fields", {"data": {f"f{n}": "1" for n in range(6)}}, 400, {FIELDS: {"body": "at most 5 fields"}}),
    ("a body", {"files": [("build", ("a.bin", bytes(1 << 20)))]}, 413, {"limit": 1 << 20}),
    ("headers", {"headers": {f"x-{n}": "1" for n in range(50)}}, 400, {FIELDS: {"headers": "at most 40"}}),
    ("a head", {"headers": {"x-long": "1" * 9000}}, 413, {"limit": 8 << 10}),
]
LISTS = [("limit", "0"), ("limit", "1001"), ("page", "0"), ("limit", "many")]


@pytest.fixture(scope="module")
def narrow(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("limits")
    own = Server(workspace.copied_to(folder), folder / "server.log", SETTINGS, ["--no-worker"])
    yield own
    own.close()


@pytest.mark.parametrize(("sent", "status", "data"), [case[1:] for case in FORM], ids=[case[0] for case in FORM])
def test_an_upload_beyond_a_limit(narrow: Server, sent: dict[str, Any], status: int, data: dict[str, Any]) -> None:
    answer = narrow.ci.post("/builds", **{"files": [BUILD], **sent})
    said = answer.json()["error"]["data"]
    assert answer.status_code == status
    if FIELDS not in data:
        assert said == data
        return
    assert said.keys() == {FIELDS}
    assert said[FIELDS].keys() == data[FIELDS].keys()
    assert all(text in said[FIELDS][name] for name, text in data[FIELDS].items())
    assert narrow.ci.get("/builds").json()["data"]["totalDocs"] == 0


def test_a_json_body_beyond_its_limit(narrow: Server) -> None:
    answer = narrow.ci.put(f"/builds/{'0' * 24}", json={"changelog": "x" * 5000})
    assert (answer.status_code, answer.json()["error"]["data"]) == (413, {"limit": 4 << 10})


@pytest.mark.parametrize(("name", "value"), LISTS)
def test_a_page_beyond_a_limit(narrow: Server, name: str, value: str) -> None:
    answer = narrow.ci.get("/builds", params={name: value})
    assert answer.status_code == 400
    assert "integer" in answer.json()["error"]["data"][FIELDS][name]
