"""Getting files out: tokens, redemption, signed URLs, Apple's manifest, the record (contract 1.5; decisions 15 to 18, 26, 38, 50)."""

import asyncio
import hashlib
import plistlib
import socket
import time
from collections import Counter
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx
import pytest

from tests.conftest import StartServer
from tests.e2e.refusals import invalid, refused
from tests.server import DEMO_APK, DEMO_IPA, PATIENCE_SECONDS, Json, Server

REPORT = bytes(range(256)) * 8
NAME = 'ünï códé "q".apk'


@pytest.fixture(scope="module")
def android(server: Server) -> Json:
    build = server.processed(DEMO_APK)
    answer = server.ci.post(f"/builds/{build['id']}/files", files={"file": ("report.bin", REPORT)})
    changed: Json = answer.json()["data"]
    return changed


@pytest.fixture(scope="module")
def ios(server: Server) -> Json:
    return server.processed(DEMO_IPA)


def file_id(build: Json, kind: str) -> str:
    [found] = [one["id"] for one in build["files"] if one["type"] == kind]
    identifier: str = found
    return identifier


def redeem(server: Server, token: str) -> httpx.Response:
    return server.anyone.get(f"/v1/download/{token}")


def location(server: Server, token: str) -> str:
    answer = redeem(server, token)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


@pytest.mark.parametrize(
    "query",
    [{}, {"type": "auto"}, {"type": "file"}, {"fileId": "package"}, {"fileId": "original", "type": "nonsense"}],
    ids=lambda query: "-".join(query.values()) or "nothing",
)
def test_decisions_17_18_the_package_of_an_android_build(server: Server, android: Json, query: dict[str, str]) -> None:
    if "fileId" in query:
        query = query | {"fileId": file_id(android, query["fileId"])}
    url = location(server, server.token(android["id"], **query))
    assert server.anyone.get(url).content == DEMO_APK.read_bytes()


def test_an_attachment(server: Server, android: Json) -> None:
    token = server.token(android["id"], fileId=file_id(android, "attachment"), type="auto")
    answer = server.anyone.get(location(server, token))
    assert answer.content == REPORT
    assert answer.headers["etag"] == f'"{hashlib.sha256(REPORT).hexdigest()}"'
    assert 'filename="report.bin"' in answer.headers["content-disposition"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_decision_18_a_file_of_another_build(server: Server, android: Json, ios: Json) -> None:
    for unknown in (file_id(ios, "package"), "A" * 24, "nothing", "%00", "a" * 5000):
        answer = server.ops.get(f"/builds/{android['id']}/downloadToken", params={"fileId": unknown})
        refused(answer, 404, 3001)


def test_decision_17_aab_is_for_bundles_only(server: Server, android: Json) -> None:
    invalid(server.ops.get(f"/builds/{android['id']}/downloadToken", params={"type": "aab"}), "type")


def test_decision_16_the_redirect_is_a_302_without_body(server: Server, android: Json) -> None:
    answer = redeem(server, server.token(android["id"]))
    assert (answer.status_code, answer.content) == (302, b"")
    assert answer.headers["location"].startswith(f"{server.base_url}/v1/files/")
    assert "no-store" in answer.headers["cache-control"]


def test_decision_15_a_token_is_used_once(server: Server, android: Json) -> None:
    token = server.token(android["id"])
    location(server, token)
    for _ in range(2):
        assert refused(redeem(server, token), 401, 4005)["message"] == "Token Expired"


def test_decision_15_head_never_consumes(server: Server, android: Json) -> None:
    token = server.token(android["id"])
    for _ in range(3):
        answer = server.anyone.head(f"/v1/download/{token}")
        assert (answer.status_code, answer.content) == (200, b"")
        assert "location" not in answer.headers
        assert int(answer.headers["content-length"]) == DEMO_APK.stat().st_size
    location(server, token)
    assert server.anyone.head(f"/v1/download/{token}").status_code == 401


def test_decision_38_never_issued(server: Server) -> None:
    for token in ("std_" + "A" * 32, "nothing", "a" * 5000, "%00", "é"):
        refused(redeem(server, token), 404, 3001)
        refused(server.anyone.get(f"/v1/download/{token}/manifest.plist"), 404, 3001)


def test_decision_38_an_expired_link(start_server: StartServer) -> None:
    own = start_server({"SEATRIAL_TOKENS__SIGNED_URL": "1", "SEATRIAL_TOKENS__DOWNLOAD": "1234"})
    build = own.processed(DEMO_IPA)
    asked = datetime.now(UTC).replace(microsecond=0)
    until = own.ops.get(f"/builds/{build['id']}/downloadToken").json()["data"]["expiresAt"]
    assert 1234 <= (datetime.fromisoformat(until) - asked).total_seconds() < 1234 + PATIENCE_SECONDS
    used, unused = own.token(build["id"], type="file"), own.token(build["id"])
    url = location(own, used)
    time.sleep(1.1)  # the link's life is over, the token's is not
    refused(own.anyone.get(url), 401, 4005)
    manifest = f"/v1/download/{unused}/manifest.plist"
    assert own.anyone.get(manifest).status_code == 200
    own.write("UPDATE download_tokens SET expires_at = created_at")
    for token in (unused, used):
        refused(redeem(own, token), 401, 4005)
    refused(own.anyone.get(manifest), 401, 4005)
    assert own.anyone.head(f"/v1/download/{unused}").status_code == 401


def test_the_time_of_a_token(server: Server, android: Json) -> None:
    answer = server.ops.get(f"/builds/{android['id']}/downloadToken")
    data = answer.json()["data"]
    assert set(data) == {"token", "expiresAt"}
    assert len(data["expiresAt"]) == len("2024-11-11T11:27:35.446Z")


def test_ranges_and_resuming(server: Server, android: Json) -> None:
    url = location(server, server.token(android["id"], fileId=file_id(android, "attachment")))
    etag = server.anyone.head(url).headers["etag"]

    def get(**headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return server.anyone.get(url, headers=named)

    middle = get(Range="bytes=100-199")
    assert (middle.status_code, middle.content) == (206, REPORT[100:200])
    assert middle.headers["content-range"] == f"bytes 100-199/{len(REPORT)}"
    assert middle.headers["etag"] == etag
    assert get(Range="bytes=-10").content == REPORT[-10:]
    rest = get(Range="bytes=2000-", If_Range=etag)
    assert (rest.status_code, rest.content) == (206, REPORT[2000:])
    other = get(Range="bytes=2000-", If_Range='"another"')
    assert (other.status_code, other.content) == (200, REPORT)
    whole = get()
    assert (whole.status_code, whole.content) == (200, REPORT)
    assert whole.headers["accept-ranges"] == "bytes"
    head = server.anyone.head(url)
    assert (head.status_code, head.content, int(head.headers["content-length"])) == (200, b"", len(REPORT))


def test_a_range_beyond_the_end_is_refused_in_json(server: Server, android: Json) -> None:
    url = location(server, server.token(android["id"], fileId=file_id(android, "attachment")))
    for words in (f"bytes={len(REPORT)}-", "bytes=999999-1000000"):
        answer = server.anyone.get(url, headers={"Range": words})
        assert refused(answer, 416, 1016)["data"] == {"size": len(REPORT)}
        assert answer.headers["content-range"] == f"bytes */{len(REPORT)}"


def test_a_range_that_is_none_counts_as_none(server: Server, android: Json) -> None:
    url = location(server, server.token(android["id"], fileId=file_id(android, "attachment")))
    for words in ("bytes=9-3", "bytes=x-y", "items=0-5", "bytes", "bytes="):
        answer = server.anyone.get(url, headers={"Range": words})
        assert (answer.status_code, answer.content) == (200, REPORT), words


def test_the_name_survives(server: Server) -> None:
    build = server.processed(DEMO_APK, name=NAME)
    assert {one["file"]["originalName"] for one in build["files"] if one["type"] != "icon"} == {NAME}
    answer = server.anyone.get(location(server, server.token(build["id"])))
    assert answer.content == DEMO_APK.read_bytes()
    said = answer.headers["content-disposition"]
    assert said.startswith("attachment; ")
    assert "filename*=UTF-8''%C3%BCn%C3%AF%20c%C3%B3d%C3%A9%20%22q%22.apk" in said
    plain = said.split('filename="')[1].split('"')[0]
    assert plain.isascii()
    assert plain.endswith(".apk")
    assert answer.headers["content-type"] == "application/vnd.android.package-archive"


@pytest.fixture
def signed(server: Server, android: Json) -> tuple[str, dict[str, str]]:
    url = location(server, server.token(android["id"]))
    return url, dict(parse_qsl(urlsplit(url).query))


def with_query(url: str, query: dict[str, str]) -> str:
    return urlunsplit(urlsplit(url)._replace(query=urlencode(query)))


def test_a_signature_that_was_tampered_with(server: Server, signed: tuple[str, dict[str, str]], ios: Json) -> None:
    url, query = signed
    assert server.anyone.get(url).status_code == 200
    signature = query["signature"]
    for change in (
        {"signature": ("A" if signature[0] != "A" else "B") + signature[1:]},
        {"signature": signature[:-1]},
        {"signature": ""},
        {"signature": "é"},
        {"expires": str(int(query["expires"]) + 1)},
        {"expires": "9" * 11},
    ):
        refused(server.anyone.get(with_query(url, query | change)), 401, 4004)
    for expires in ("", "soon", "-1", "0"):
        assert server.anyone.get(with_query(url, query | {"expires": expires})).status_code == 401
    # The signature is for one file.
    parts = urlsplit(url)
    path = parts.path.split("/")
    path[3] = file_id(ios, "package")
    refused(server.anyone.get(urlunsplit(parts._replace(path="/".join(path)))), 401, 4004)
    refused(server.anyone.get(urlunsplit(parts._replace(query=""))), 401, 4002)
    # Its name is part of what was signed.
    for name in ("demo.ap", "demo.apk.exe", "other.apk", "demo.apk/demo.apk", "DEMO.APK"):
        changed = "/".join([*parts.path.split("/")[:4], name])
        refused(server.anyone.get(urlunsplit(parts._replace(path=changed))), 401, 4004)


def test_decision_26_a_disabled_build_at_both_steps(server: Server) -> None:
    build = server.processed(DEMO_IPA)
    early, followed = server.token(build["id"], type="file"), server.token(build["id"], type="file")
    url = location(server, followed)
    server.ops.put(f"/builds/{build['id']}", json={"disabled": True})
    original = next(one["file"]["location"] for one in build["files"] if one["type"] == "original")
    for answer in (
        server.ops.get(f"/builds/{build['id']}/downloadToken"),
        redeem(server, early),
        server.anyone.get(f"/v1/download/{early}/manifest.plist"),
        server.anyone.get(url),
        server.client("", server.service_token).get(original),
    ):
        assert refused(answer, 403, 4003)["message"] == "Build Disabled"
    assert server.anyone.head(f"/v1/download/{early}").status_code == 403
    server.ops.put(f"/builds/{build['id']}", json={"disabled": False})
    assert server.anyone.get(location(server, early)).content == DEMO_IPA.read_bytes()  # the refusal used nothing up


def manifest_of(server: Server, url: str) -> Json:
    answer = server.anyone.get(url)
    assert answer.status_code == 200, answer.text
    assert "xml" in answer.headers["content-type"]
    [item] = plistlib.loads(answer.content)["items"]
    found: Json = item
    return found


def test_decision_15_ios_installs_from_a_manifest(server: Server, ios: Json) -> None:
    token = server.token(ios["id"], type="auto")
    url = location(server, token)
    assert url == f"{server.base_url}/v1/download/{token}/manifest.plist"
    # Decision 50: read more than once, after the redemption too.
    item = manifest_of(server, url)
    assert manifest_of(server, url)["metadata"] == item["metadata"]
    plist = ios["info"]["ios"]["plist"]
    assert item["metadata"] == {
        "bundle-identifier": plist["CFBundleIdentifier"],
        "bundle-version": plist["CFBundleShortVersionString"],
        "kind": "software",
        "title": plist["CFBundleDisplayName"] or plist["CFBundleName"],
    }
    assets = {asset["kind"]: asset["url"] for asset in item["assets"]}
    package = server.anyone.get(assets["software-package"])
    assert package.content == DEMO_IPA.read_bytes()
    icon = server.anyone.get(assets["display-image"])
    assert (icon.status_code, icon.headers["content-type"]) == (200, "image/png")
    refused(redeem(server, token), 401, 4005)
    # An installer that was given `manifest.plist` at once never redeems.
    unredeemed = server.token(ios["id"])
    assert manifest_of(server, f"/v1/download/{unredeemed}/manifest.plist")["metadata"] == item["metadata"]


def test_ios_file_is_the_ipa_itself(server: Server, ios: Json) -> None:
    for query in ({"type": "file"}, {"fileId": file_id(ios, "package")}, {"fileId": file_id(ios, "original")}):
        assert server.anyone.get(location(server, server.token(ios["id"], **query))).content == DEMO_IPA.read_bytes()


def test_decision_50_a_manifest_is_for_apple_builds_without_file(server: Server, android: Json, ios: Json) -> None:
    for token in (server.token(android["id"]), server.token(ios["id"], fileId=file_id(ios, "package"))):
        refused(server.anyone.get(f"/v1/download/{token}/manifest.plist"), 404, 3001)
        location(server, token)  # and asking used nothing up


def downloads(server: Server, build: Json, **query: str | int) -> Json:
    answer = server.ops.get(f"/builds/{build['id']}/downloads", params=query)
    assert answer.status_code == 200, answer.text
    data: Json = answer.json()["data"]
    return data


def test_downloads_are_recorded(server: Server) -> None:
    build = server.processed()
    assert downloads(server, build)["totalDocs"] == 0
    unused = server.token(build["id"])
    for _ in range(3):
        token = server.token(build["id"])
        location(server, token)
        redeem(server, token)
    server.anyone.head(f"/v1/download/{unused}")
    page = downloads(server, build, limit=2)
    assert (page["totalDocs"], page["totalPages"], page["hasNextPage"], len(page["items"])) == (3, 2, True, 2)
    rest = downloads(server, build, limit=2, page=2)
    everything = [*page["items"], *rest["items"]]
    assert len({one["id"] for one in everything}) == 3
    assert [one["createdAt"] for one in everything] == sorted((one["createdAt"] for one in everything), reverse=True)
    for one in everything:
        assert one["from"] == "integrationApi"
        assert one["build"] == build["id"]
        assert one["member"]["type"] == "unknown"
        assert server.organization["id"] in one["member"]["email"]
    email = everything[0]["member"]["email"]
    assert downloads(server, build, email=email)["totalDocs"] == 3
    assert downloads(server, build, email="nobody@example.com")["totalDocs"] == 0
    assert downloads(server, build, iniDate="2000-01-01", endDate="2001-01-01")["totalDocs"] == 0
    assert downloads(server, build, iniDate="2000-01-01")["totalDocs"] == 3
    oldest = downloads(server, build, sort="createdAt:asc")["items"]
    assert [one["id"] for one in oldest] == [one["id"] for one in reversed(everything)]
    trailing = server.ops.get(f"/builds/{build['id']}/downloads/")
    assert trailing.json()["data"]["totalDocs"] == 3


def test_decision_15_five_hundred_at_once(server: Server, android: Json) -> None:
    token = server.token(android["id"])
    request = f"GET /v1/download/{token} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()

    async def one(start: asyncio.Event) -> tuple[bytes, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await start.wait()
        writer.write(request)
        await writer.drain()
        received = await reader.read()
        writer.close()
        await writer.wait_closed()
        head, _, body = received.partition(b"\r\n\r\n")
        return head.split()[1], body

    async def all_of_them() -> list[tuple[bytes, bytes]]:
        start = asyncio.Event()
        tasks = [asyncio.create_task(one(start)) for _ in range(500)]
        await asyncio.sleep(0)
        start.set()
        return await asyncio.gather(*tasks)

    answers = Counter(asyncio.run(all_of_them()))
    refusal = b'{"status":false,"error":{"code":4005,"message":"Token Expired"}}'
    assert answers == {(b"302", b""): 1, (b"401", refusal): 499}


def test_a_client_that_takes_its_time_and_one_that_leaves(server: Server, android: Json) -> None:
    """More than the connection's buffers hold, twice on one connection, and the server goes on when a client does not."""
    content = bytes(range(256)) * (16 << 10)
    changed = server.ci.post(f"/builds/{android['id']}/files", files={"file": ("big.bin", content)}).json()["data"]
    [big] = [one["file"]["location"] for one in changed["files"] if one["file"]["originalName"] == "big.bin"]
    request = (
        f"GET {urlsplit(big).path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {server.app_token}\r\n\r\n"
    )
    for leaves in (True, False):
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 10)
            connection.connect(("127.0.0.1", server.port))
            connection.settimeout(PATIENCE_SECONDS)
            with connection.makefile("rb") as answers:
                connection.sendall(request.encode() * 2)  # the second waits for its turn
                for _ in range(2):
                    head = b"".join(iter(answers.readline, b"\r\n"))
                    assert head.startswith(b"HTTP/1.1 200")
                    if leaves:
                        assert answers.read(1 << 20) == content[: 1 << 20]
                        break
                    assert answers.read(len(content)) == content
    assert server.anyone.get("/healthz").status_code == 200
