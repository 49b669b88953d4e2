"""Bad input: which field, what is allowed, always JSON, and nothing of it kept."""

import socket

import httpx
import pytest

from tests.conftest import StartServer
from tests.e2e.refusals import invalid, refused
from tests.server import Json, Server

FACES = ["ci", "ops"]
END = b"\r\n--b--\r\n"


def client_of(server: Server, face: str) -> httpx.Client:
    return server.ci if face == "ci" else server.ops


def form(content: bytes, content_type: str = "multipart/form-data; boundary=b") -> dict[str, object]:
    return {"content": content, "headers": {"Content-Type": content_type}}


def file_part(name: str = "build", content: bytes = b"x", file_name: str | None = "a.apk") -> bytes:
    named = "" if file_name is None else f'; filename="{file_name}"'
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + content


@pytest.fixture(scope="module")
def build(server: Server) -> Json:
    return server.processed()


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "foo"),
        ("os", "beos"),
        ("page", "0"),
        ("page", "-1"),
        ("page", "1.5"),
        ("page", "one"),
        ("page", "9" * 30),
        ("limit", "0"),
        ("limit", "1001"),
        ("limit", "ten"),
        ("sort", "foo:asc"),
        ("sort", "createdAt"),
        ("sort", "createdAt:up"),
    ],
)
def test_decisions_24_29_47_a_list_parameter(server: Server, face: str, name: str, value: str) -> None:
    said = invalid(client_of(server, face).get("/builds", params={name: value}), name)
    assert "must be" in said[name]
    if name in {"status", "os", "sort"}:
        assert {"status": "processed", "os": "android", "sort": "createdAt:desc"}[name] in said[name]


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"notifyCollaborators": "maybe"}, "notifyCollaborators"),
        ({"notifyEmployees": "2"}, "notifyEmployees"),
        ({"notifyLanguage": "klingon"}, "notifyLanguage"),
        ({"buildPlatform": "amiga"}, "buildPlatform"),
        ({"versionName": "v" * 256}, "versionName"),
        ({"versionName": "a\0b"}, "versionName"),
        ({"filter": "[1"}, "filter"),
        ({"deployer": "[1]"}, "deployer"),
        ({"changelog": "x" * (1 << 20) + "y"}, "changelog"),
    ],
)
def test_an_upload_field(server: Server, face: str, fields: dict[str, str], name: str) -> None:
    before = server.ci.get("/builds", params={"limit": 1}).json()["data"]["totalDocs"]
    answer = client_of(server, face).post("/builds", data=fields, files={"build": ("a.apk", b"x")})
    invalid(answer, name)
    assert server.ci.get("/builds", params={"limit": 1}).json()["data"]["totalDocs"] == before


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    "content",
    [
        file_part("versionName", b"1.0", None) + END,
        file_part(content=b"") + END,
        file_part(content=b"not a file, a text", file_name=None) + END,
        file_part(content=b"", file_name="") + END,
        file_part("Build", b"x") + END,
        b"--b--\r\n",
    ],
    ids=["no-part", "empty", "text", "empty-and-nameless", "other-name", "no-parts"],
)
def test_decision_11_an_upload_without_a_file(server: Server, face: str, content: bytes) -> None:
    error = refused(client_of(server, face).post("/builds", **form(content)), 400, 5006)  # type: ignore[arg-type]  # keywords of httpx
    assert error["message"] == "Build File Missing"


@pytest.mark.parametrize("path", ["/builds", "/builds/{id}/files"])
@pytest.mark.parametrize(
    "content",
    [
        file_part() + b"\r\n--b",
        file_part(),
        file_part()[:-3],
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx" + END,
        b"--b\r\n\r\nx" + END,
        b"no boundary at all",
        b"",
    ],
    ids=["no-final-boundary", "cut-in-the-file", "cut-in-the-head", "nameless", "headless", "text", "empty"],
)
def test_decision_52_a_form_that_is_none(server: Server, build: Json, path: str, content: bytes) -> None:
    stored = server.stored()
    refused(server.ci.post(path.format(id=build["id"]), **form(content)), 400, 1000)  # type: ignore[arg-type]  # keywords of httpx
    assert server.stored() == stored
    assert server.build(build["id"])["files"] == build["files"]


@pytest.mark.parametrize("path", ["/builds", "/builds/{id}/files"])
@pytest.mark.parametrize("media_type", ["application/json", "application/x-www-form-urlencoded", "text/plain", ""])
def test_another_media_type(server: Server, build: Json, path: str, media_type: str) -> None:
    refused(server.ci.post(path.format(id=build["id"]), **form(b"{}", media_type)), 415, 1015)  # type: ignore[arg-type]  # keywords of httpx


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"{", "body"),
        (b"", "body"),
        (b"[]", "body"),
        (b'"text"', "body"),
        (b"\xff\xfe{}", "body"),
        (b"[" * 100_000, "body"),
        (b'{"versionName": 1}', "versionName"),
        (b'{"versionName": "%s"}' % (b"v" * 256), "versionName"),
        (b'{"changelog": ["a"]}', "changelog"),
        (b'{"tags": 1}', "tags"),
        (b'{"tags": [1]}', "tags"),
        (b'{"tags": {"a": 1}}', "tags"),
    ],
)
def test_decision_35_a_wrong_update(server: Server, build: Json, face: str, body: bytes, name: str) -> None:
    answer = client_of(server, face).put(f"/builds/{build['id']}", content=body)
    fields = refused(answer, 400, 1000)["data"]["fields"]
    assert [said.split("[")[0].split(".")[0] for said in fields] == [name]
    assert server.build(build["id"]) == build


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"disabled": "true"}, "disabled"),
        ({"disabled": None}, "disabled"),
        ({"metadata": []}, "metadata"),
        ({"metadata": "x"}, "metadata"),
        ({"defaultScripts": "x"}, "defaultScripts"),
        ({"defaultScripts": {"audit": 1}}, "defaultScripts.audit"),
        ({"defaultScripts.runner": []}, "defaultScripts.runner"),
    ],
)
def test_decision_35_a_wrong_workspace_field(server: Server, build: Json, body: Json, name: str) -> None:
    invalid(server.ops.put(f"/builds/{build['id']}", json=body), name)
    assert server.build(build["id"]) == build


def test_an_attachment_without_a_file(server: Server, build: Json) -> None:
    for content in (file_part("description", b"x", None) + END, file_part("other", b"x") + END):
        invalid(server.ci.post(f"/builds/{build['id']}/files", **form(content)), "file")  # type: ignore[arg-type]  # keywords of httpx
    assert server.build(build["id"])["files"] == build["files"]


def test_decision_17_a_wrong_type_of_download(server: Server, build: Json) -> None:
    said = invalid(server.ops.get(f"/builds/{build['id']}/downloadToken", params={"type": "zip"}), "type")
    assert all(word in said["type"] for word in ("auto", "file", "aab"))
    invalid(server.ops.get(f"/builds/{build['id']}/downloadToken", params={"type": "aab"}), "type")


@pytest.mark.parametrize(("name", "value"), [("page", "0"), ("limit", "x"), ("iniDate", "soon"), ("sort", "size:asc")])
def test_a_parameter_of_the_list_of_downloads(server: Server, build: Json, name: str, value: str) -> None:
    invalid(server.ops.get(f"/builds/{build['id']}/downloads", params={name: value}), name)


def test_a_build_that_is_not_processed(start_server: StartServer) -> None:
    own = start_server(arguments=["--no-worker"])
    pending = own.upload()
    for answer in (
        own.ci.post(f"/builds/{pending['id']}/files", files={"file": ("a", b"a")}),
        own.ops.post(f"/builds/{pending['id']}/files", files={"file": ("a", b"a")}),
        own.ops.get(f"/builds/{pending['id']}/downloadToken"),
        own.ops.get(f"/builds/{pending['id']}/downloadToken", params={"type": "file"}),
    ):
        assert refused(answer, 400, 5014)["message"] == "Build Not Processed"
    failed = own.upload(b"x")
    assert failed["status"] == "pending"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/integrations/builds", {"GET", "HEAD", "POST"}),
        ("/v1/integrations/builds/{id}", {"GET", "HEAD", "PUT", "DELETE"}),
        ("/v1/integrations/builds/{id}/files", {"POST"}),
        ("{workspace}/builds", {"GET", "HEAD", "POST"}),
        ("{workspace}/builds/", {"GET", "HEAD", "POST"}),
        ("{workspace}/builds/{id}", {"GET", "HEAD", "PUT", "DELETE"}),
        ("{workspace}/builds/{id}/files", {"POST"}),
        ("{workspace}/builds/{id}/downloadToken", {"GET", "HEAD"}),
        ("{workspace}/builds/{id}/downloads", {"GET", "HEAD"}),
        ("/v1/download/abc", {"GET", "HEAD"}),
        ("/v1/download/abc/manifest.plist", {"GET", "HEAD"}),
        ("/v1/files/abc/name", {"GET", "HEAD"}),
        ("/healthz", {"GET", "HEAD"}),
    ],
)
def test_a_method_that_a_path_does_not_know(server: Server, build: Json, path: str, allowed: set[str]) -> None:
    path = path.format(id=build["id"], workspace=server.workspace_path())
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} - allowed:
        answer = server.anyone.request(method, path)
        refused(answer, 405, 1005)
        assert {each.strip() for each in answer.headers["allow"].split(",")} == allowed
    assert server.anyone.head(path.replace("/healthz", "/nothing")).content == b""


@pytest.mark.parametrize(
    "path",
    ["/", "/v1", "/v1/", "/nothing", "/v1/integrations", "/v1/integrations/builds/a/b/c", "/v2/builds", "//", "/%00",
     "/v1/download", "/v1/download/", "/static/nothing.css", "/static/../../etc/passwd", "/static", "/index.php",
     "/v1/integrations/builds/%2e%2e/%2e%2e"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_path_that_is_not_there(server: Server, path: str, method: str) -> None:
    answer = server.anyone.request(method, httpx.URL(server.base_url).copy_with(raw_path=path.encode()))
    assert answer.status_code in {404, 405}, answer.text
    refused(answer, answer.status_code, {404: 3001, 405: 1005}[answer.status_code])


def test_bodies_parts_and_fields_over_their_limits(start_server: StartServer) -> None:
    own = start_server(
        {
            "SEATRIAL_LIMITS__BODY": "64KiB",
            "SEATRIAL_LIMITS__JSON_BODY": "1KiB",
            "SEATRIAL_LIMITS__FILE_PARTS": "2",
            "SEATRIAL_LIMITS__FIELD_PARTS": "3",
            "SEATRIAL_LIMITS__FIELD": "100B",
        }
    )
    build = own.processed()
    big = {"build": ("a.apk", bytes(70_000))}
    for path, files in (("/builds", big), (f"/builds/{build['id']}/files", {"file": ("a", bytes(70_000))})):
        for client in (own.ci, own.ops):
            error = refused(client.post(path, files=files), 413, 1013)
            assert error["data"] == {"limit": 65536}
    error = refused(own.ci.put(f"/builds/{build['id']}", json={"changelog": "x" * 2000}), 413, 1013)
    assert error["data"] == {"limit": 1024}

    def chunks() -> "list[bytes]":
        return [file_part(content=b""), *[bytes(8192)] * 9, END]

    # No Content-Length to judge by: counted on the way.
    answer = own.ci.post("/builds", content=iter(chunks()), headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert refused(answer, 413, 1013)["data"] == {"limit": 65536}
    many = [(f"file{number}", ("a", b"a")) for number in range(3)]
    refused(own.ci.post("/builds", files=many), 400, 1000)
    refused(own.ci.post("/builds", files={"build": ("a", b"a")}, data={str(n): "x" for n in range(4)}), 400, 1000)
    refused(own.ci.post("/builds", files={"build": ("a", b"a")}, data={"versionName": "x" * 101}), 400, 1000)
    assert own.ci.get("/builds").json()["data"]["totalDocs"] == 1


def test_a_head_over_its_limit(server: Server) -> None:
    answer = server.ci.get("/builds", headers={"X-Long": "x" * 70_000})
    assert refused(answer, 413, 1013)["data"] == {"limit": 65536}


@pytest.mark.parametrize(
    "request_bytes",
    [b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /\xff\x00 HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\r\n\r\n"],
    ids=["words", "version", "path", "tls"],
)  # fmt: skip
def test_what_is_not_http(server: Server, request_bytes: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(request_bytes)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.split()[1] in {b"400", b"404"}
    assert b"application/json" in head.lower()
    assert body.startswith(b'{"status":false,"error":{"code":')


def test_faults_of_ours_are_json_too(start_server: StartServer) -> None:
    own = start_server(arguments=["--no-worker"])
    own.write("UPDATE app_tokens SET scopes = '5'")  # what no request can foresee
    for answer in (own.ci.get("/builds"), own.ci.post("/builds", files={"build": ("a", b"a")})):
        error = refused(answer, 500, 1500)
        assert error["message"] == "Internal Server Error"
        assert error["data"] == {"requestId": answer.headers["x-request-id"]}
        assert error["data"]["requestId"] in own.log.read_text()
    own.write("ALTER TABLE builds RENAME TO lost")
    for answer in (own.ops.get("/builds"), own.ops.post("/builds", files={"build": ("a", b"a")})):
        # SQLite tells a table that is gone like a disk that fails; PostgreSQL knows better.
        refused(answer, answer.status_code, {500: 1500, 503: 1503}[answer.status_code])
    assert own.stored() == set()
