"""The published SDKs' requests, replayed as they send them (Android 5.0.0, iOS 4.5.1; contract 2.6)."""

import base64
import csv
import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.e2e.refusals import refused
from tests.server import DEMO_APK, DEMO_IPA, Json, Server, Workspace

FILM = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 12_000
"""More than two pieces of those that are written at a time."""


@pytest.fixture(scope="module")
def server(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("sdk")
    server = Server(workspace.copied_to(folder), folder / "server.log", {"SEATRIAL_SDK__VIDEO_BODY": "4MiB"})
    for package in (DEMO_APK, DEMO_IPA):
        server.processed(package)
    try:
        yield server
    finally:
        server.close()


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    made = server.ops.post("/tokens", json={"scopes": ["sdk"], "description": "Inside the app"})
    bearer: str = made.json()["data"]["bearer"]
    return bearer


def device(**more: str) -> dict[str, str]:
    return {
        "Accept-Language": "en",
        "x-os-version": "15",
        "x-device-model": "Pixel 9",
        "x-installation-token": "3f2a",
    } | {name.replace("_", "-"): value for name, value in more.items()}


def android(server: Server, token: str, version_code: str = "0") -> httpx.Client:
    """Send every header that the interceptors of the SDK for Android add, the token twice where it follows a redirect."""
    build = newest(server, "android")
    headers = device(
        x_sdk_version="ANDROID_5.0.0",
        x_app_version="0.1",
        x_os_name="android",
        x_device_vendor="Google",
        x_package_name=build["info"]["android"]["packageName"],
        x_package_version=version_code,
        x_os_minsdkversion="24",
        x_os_targetsdkversion="35",
        x_device_id_type="gsf",
        User_Agent="okhttp/4.12.0",
    )
    return client(server, token, headers)


def iphone(server: Server, token: str, version: str = "0.1", bundle: str = "0") -> httpx.Client:
    plist = newest(server, "ios")["info"]["ios"]["plist"]
    headers = device(
        x_sdk_version="IOS_4.5.1",
        x_app_version=version,
        x_os_name="iOS",
        x_device_vendor="Apple",
        x_device_type="iPhone",
        x_package_name=plist["CFBundleIdentifier"],
        x_package_version=bundle,
        Content_Type="application/json",
    )
    return client(server, token, headers)


def client(server: Server, token: str, headers: dict[str, str]) -> httpx.Client:
    sdk = server.client("", token)
    sdk.headers.update(headers)
    return sdk


def newest(server: Server, system: str) -> Json:
    build: Json = server.ci.get("/builds", params={"os": system}).json()["data"]["items"][0]
    return build


def data(answer: httpx.Response) -> Json:
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()["data"]
    return found


def sign_in(server: Server, sdk: httpx.Client) -> str:
    """Sign a member of the organization in as the SDK does."""
    person = {"email": "member@example.com", "password": "a long password", "role": "viewer"}
    path = f"/v1/organizations/{server.organization['id']}/collaborators"
    data(server.client("", server.service_token).post(path, json=person))
    payload = {"user": person["email"], "password": person["password"]}
    bearer: str = data(sdk.post("/v1/auth/login", json={"provider": "traditional", "payload": payload}))["bearer"]
    return bearer


def set_rules(server: Server, **rules: object) -> Json:
    return data(server.ops.put("/sdk", json=rules))


def test_android_finds_an_update_and_installs_it(server: Server, token: str) -> None:
    set_rules(server, android={"ota": True, "forceUpdate": True, "minVersion": 1, "forceAuth": False})
    sdk = android(server, token)
    told = data(sdk.get("/v1/app"))["sdk"]["android"]
    assert int(told["lastBuildVersion"]) > 0
    assert (told["ota"], told["forceUpdate"], told["minVersion"]) == (True, True, "1")
    grant = data(sdk.get(f"/v1/build/{told['lastBuildId']}/downloadToken"))
    package = sdk.get(f"/v1/download/{grant['token']}", follow_redirects=True)
    assert package.content == DEMO_APK.read_bytes()
    refused(sdk.get(f"/v1/download/{grant['token']}"), 401, 4005)
    entry = data(server.ops.get("/downloads"))["items"][0]
    assert (entry["from"], entry["member"]["type"], entry["userAgent"]) == ("sdk", "anonymous", "okhttp/4.12.0")
    assert (entry["ipAddress"], entry["device"]["model"]) == ("127.0.0.0", "Pixel 9")
    detected = data(server.ops.get(""))["sdk"]["android"]["detected"]
    assert detected == {"sdkVersion": "ANDROID_5.0.0", "capabilities": ["updates"], "integrationValid": True}
    up_to_date = android(server, token, told["lastBuildVersion"])
    assert data(up_to_date.get("/v1/app"))["sdk"]["android"] == told


def test_ios_finds_an_update_and_installs_it_by_its_manifest(server: Server, token: str) -> None:
    set_rules(server, ios={"ota": True, "forceAuth": False, "updateMsg": "New!"})
    sdk = iphone(server, token)
    told = data(sdk.get("/v1/app"))["sdk"]["ios"]
    plist = newest(server, "ios")["info"]["ios"]["plist"]
    assert told["lastBuildVersion"] == plist["CFBundleShortVersionString"]
    assert (told["updateMsg"], told["mustUpdateMsg"], told["minVersion"]) == ("New!", "", "")
    grant = data(sdk.get(f"/v1/build/{told['lastBuildId']}/downloadToken"))
    before = data(server.ops.get("/downloads"))["totalDocs"]
    for _ in range(2):  # straight to the manifest, by the installer, which has no headers of ours
        manifest = server.anyone.get(f"/v1/download/{grant['token']}/manifest.plist")
        assert manifest.status_code == 200
    assert data(server.ops.get("/downloads"))["totalDocs"] == before + 1
    running = iphone(server, token, plist["CFBundleShortVersionString"], plist["CFBundleVersion"])
    assert data(running.get("/v1/app"))["sdk"]["ios"]["lastBuildId"] == told["lastBuildId"]


def test_where_people_must_sign_in_the_sdks_are_refused_as_they_expect(server: Server, token: str) -> None:
    build = {system: newest(server, system)["id"] for system in ("android", "ios")}
    set_rules(server, android={"forceAuth": True}, ios={"forceAuth": True})
    try:
        on_android, on_ios = android(server, token), iphone(server, token)
        assert data(on_android.get("/v1/app"))["sdk"]["android"]["forceAuth"] is True
        for answer in (
            on_android.get(f"/v1/build/{build['android']}/downloadToken"),
            on_ios.get("/v1/app"),
            on_ios.get(f"/v1/build/{build['ios']}/downloadToken"),
            on_ios.get(f"/v1/build/{build['ios']}/downloadToken", headers={"x-sdk-auth-token": "stm_nobody"}),
        ):
            refused(answer, 401, 4002)
        signed_in = {"x-sdk-auth-token": sign_in(server, on_ios)}
        told = data(on_ios.get("/v1/app", headers=signed_in))["sdk"]["ios"]
        grant = data(on_ios.get(f"/v1/build/{told['lastBuildId']}/downloadToken", headers=signed_in))
        assert server.anyone.get(f"/v1/download/{grant['token']}/manifest.plist").status_code == 200
        entry = data(server.ops.get("/downloads", params={"email": "member@example.com"}))["items"][0]
        assert (entry["from"], entry["member"]["type"], entry["build"]) == ("sdk", "user", told["lastBuildId"])
        detected = data(server.ops.get("/sdk"))["ios"]["detected"]
        assert detected["capabilities"] == ["login", "updates"]
    finally:
        set_rules(server, android={"forceAuth": False}, ios={"forceAuth": False})
    stale = {"x-sdk-auth-token": "stm_nobody"}
    data(iphone(server, token).get(f"/v1/build/{build['ios']}/downloadToken", headers=stale))


def test_feedback_with_a_screenshot(server: Server, token: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (108, 240), "teal").save(out, "PNG")
    said = {
        "type": "bug",
        "message": "It breaks ☠\nhere",
        "packageInfo": {"name": "Demo", "version": newest(server, "android")["versionCode"], "versionName": "1.0"},
        "deviceInfo": {
            "device": {"model": "Pixel 9", "vendor": "Google", "battery": "80", "batteryStatus": True},
            "os": {"name": "android", "version": "15"},
        },
        "screenshot": "data:image/png;base64," + base64.b64encode(out.getvalue()).decode(),
        "hasVideo": False,
        "email": "someone@example.com",
    }
    sent = data(android(server, token).post("/v1/feedback", json=said))
    assert "videoFile" not in sent
    assert data(server.ops.get(""))["counts"]["feedbacks"] == 1
    shown = data(server.ops.get("/feedbacks", params={"email": "someone@example.com"}))["items"][0]
    assert (shown["id"], shown["message"], shown["build"]) == (
        sent["id"],
        said["message"],
        newest(server, "android")["id"],
    )
    picture = Image.open(io.BytesIO(server.anyone.get(shown["screenshot"]["signedUrl"]).content))
    assert (picture.format, picture.size) == ("PNG", (108, 240))
    refused(server.anyone.get(shown["screenshot"]["location"]), 401, 4002)
    assert server.client("", server.service_token).get(shown["screenshot"]["location"]).status_code == 200
    closed = data(server.ops.put(f"/feedbacks/{sent['id']}", json={"status": "closed"}))
    assert closed["status"] == "closed"
    assert data(server.ops.delete(f"/feedbacks/{sent['id']}")) == {"deleted": True}
    refused(server.anyone.get(shown["screenshot"]["signedUrl"]), 404, 3001)
    assert data(server.ops.get(""))["counts"]["feedbacks"] == 0


def test_feedback_with_a_film(server: Server, token: str, tmp_path: Path) -> None:
    said = {"type": "feedback", "message": "", "packageInfo": {}, "deviceInfo": {}, "hasVideo": True}
    target = data(iphone(server, token).post("/v1/feedback", json=said))["videoFile"]
    assert set(target) == {"bucket", "key", "location"}
    assert all(target.values())
    too_large = server.anyone.put(target["location"], content=FILM * 2)
    refused(too_large, 413, 1013)
    refused(server.anyone.put(target["location"], content=b"MZ" + bytes(100)), 415, 1015)
    sent = server.anyone.put(target["location"], content=FILM, headers={"Content-Type": "video/mp4"})
    assert sent.status_code == 200
    refused(server.anyone.put(target["location"], content=FILM), 409, 1009)
    refused(server.anyone.put(target["location"].replace("signature=", "signature=x"), content=FILM), 403, 4003)
    film = data(server.ops.get("/feedbacks"))["items"][0]["video"]
    assert (film["mimetype"], film["size"]) == ("video/mp4", len(FILM))
    assert server.anyone.get(film["signedUrl"], headers={"Range": "bytes=4-7"}).content == b"ftyp"
    assert not [key for key in server.stored() if key.endswith(".part")]
    assert "signature=" not in server.log.read_text()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, 1000),
        (b'{"type": "praise"}', 400, 1000),
        (b'{"type": "bug", "message": "\\ud800"}', 400, 1000),
        (b'{"type": "bug", "message": "x", "screenshot": "data:image/png;base64,AAAA"}', 400, 1000),
        (b'{"type": "bug", "message": "' + b"x" * (17 << 20), 413, 1013),
    ],
    ids=["broken", "type", "surrogate", "picture", "size"],
)
def test_feedback_that_is_wrong_is_refused_by_name(
    server: Server, token: str, body: bytes, status: int, code: int
) -> None:
    refused(android(server, token).post("/v1/feedback", content=body), status, code)


def test_the_log_as_a_table(server: Server) -> None:
    for answer in (server.ops.get("/downloads.csv"), server.ops.get("/downloads", headers={"Accept": "text/csv"})):
        assert answer.headers["content-type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert len(rows) == data(server.ops.get("/downloads"))["totalDocs"]
    build = newest(server, "ios")["id"]
    only = list(csv.DictReader(io.StringIO(server.ops.get(f"/builds/{build}/downloads.csv").text)))
    assert {row["build"] for row in only} <= {build}
    refused(server.ops.get("/downloads.csv", params={"sort": "email:asc"}), 400, 1000)
    erased = server.client("", server.service_token).post(
        f"/v1/organizations/{server.organization['id']}/erasures", json={"email": "nobody@example.com"}
    )
    assert data(erased) == {"downloads": 0, "feedbacks": 0, "devices": 0}


def test_feedback_and_its_film_sent_again_are_there_once(server: Server, token: str) -> None:
    """The answer to each was lost."""
    sdk = android(server, token)
    out = io.BytesIO()
    Image.new("RGB", (108, 240), "teal").save(out, "PNG")
    picture = "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
    sent = {"type": "bug", "message": "Twice", "screenshot": picture, "hasVideo": True}
    answers = [sdk.post("/v1/feedback", json=sent, headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert [answer.headers.get("idempotency-replayed") for answer in answers] == [None, "true"]
    first, again = map(data, answers)
    assert first["id"] == again["id"]
    refused(sdk.post("/v1/feedback", json=sent | {"message": "x"}, headers={"Idempotency-Key": "one"}), 409, 1009)
    other = data(sdk.post("/v1/feedback", json=sent, headers={"Idempotency-Key": "two"}))
    assert other["id"] != first["id"]

    film, key = again["videoFile"]["location"], {"Idempotency-Key": "film"}
    answers = [server.anyone.put(film, content=FILM, headers=key) for _ in range(2)]
    assert [data(answer) for answer in answers] == [{"received": True}] * 2
    assert answers[1].headers["idempotency-replayed"] == "true"
    refused(server.anyone.put(film, content=FILM + b"x", headers=key), 409, 1009)
    refused(server.anyone.put(film, content=FILM), 409, 1009)
    kept = data(server.ops.get(f"/feedbacks/{first['id']}"))
    assert server.anyone.get(kept["video"]["signedUrl"]).content == FILM
    for one in (first, other):
        assert server.ops.delete(f"/feedbacks/{one['id']}").status_code == 200
    gone = sdk.post("/v1/feedback", json=sent, headers={"Idempotency-Key": "one"})
    assert "deleted" in refused(gone, 409, 1009)["message"]
