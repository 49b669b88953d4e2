"""Every key path that the source documents print is in the server's answers, with the same JSON type."""

from pathlib import Path

import pytest

from tests.server import DEMO_APK, DEMO_IPA, Json, Server
from tests.wire.shapes import golden, shape

ONLY_ON_FAILURE = (".error", ".errorCode")


def check(document: str, answer: Json, empty: tuple[str, ...] = ()) -> None:
    """Compare an answer with a document's sample; `empty` names arrays that are rightly without items here."""
    ours = shape(answer)
    for array in empty:
        assert ours[array] == "array"
    wanted = {
        path: kind
        for path, kind in golden(document).items()
        if not path.endswith(ONLY_ON_FAILURE) and not any(path.startswith(f"{array}[]") for array in empty)
    }
    missing = {path: (kind, ours.get(path)) for path, kind in wanted.items() if ours.get(path) != kind}
    assert not missing


def empty_info(prefix: str, file: Path | None) -> tuple[str, ...]:
    """Name the arrays about Apple bundles: they have items only for a bundle."""
    if file == DEMO_IPA:
        return ()
    plist = f"{prefix}.info.ios.plist"
    return tuple(f"{plist}.{key}" for key in ("CFBundleSupportedPlatforms", "CFBundleIcons", "UIDeviceFamily"))


@pytest.mark.parametrize("file", [DEMO_APK, DEMO_IPA], ids=["apk", "ipa"])
@pytest.mark.parametrize("face", ["ci", "ops"])
def test_upload(server: Server, face: str, file: Path) -> None:
    client = server.ci if face == "ci" else server.ops
    answer = client.post("/builds", files={"build": (file.name, file.read_bytes())}, data={"tags": "a"}).json()
    check("upload", answer, empty_info("data", None))
    assert not set(answer["data"]) & {"error", "errorCode"}


@pytest.mark.parametrize("file", [DEMO_APK, DEMO_IPA], ids=["apk", "ipa"])
def test_details_of_a_processed_build(server: Server, file: Path) -> None:
    build = server.processed(file, tags="a")
    for client in (server.ci, server.ops):
        check("upload", client.get(f"/builds/{build['id']}").json(), empty_info("data", file))


@pytest.mark.parametrize("file", [DEMO_APK, DEMO_IPA], ids=["apk", "ipa"])
def test_list(server: Server, file: Path) -> None:
    build = server.processed(file, tags="a")
    for client in (server.ci, server.ops):
        answer = client.get("/builds", params={"limit": 1, "os": build["os"]}).json()
        check("list", answer, empty_info("data.items[]", file))


@pytest.mark.parametrize("file", [DEMO_APK, DEMO_IPA], ids=["apk", "ipa"])
def test_attach(server: Server, file: Path) -> None:
    build = server.processed(file, tags="a")
    for client in (server.ci, server.ops):
        answer = client.post(f"/builds/{build['id']}/files", files={"file": ("a.txt", b"a")}).json()
        check("attach", answer)
        check("files_entry", {"files": answer["data"]["files"]})


@pytest.mark.parametrize("file", [DEMO_APK, DEMO_IPA], ids=["apk", "ipa"])
def test_update(server: Server, file: Path) -> None:
    build = server.processed(file)
    for client in (server.ci, server.ops):
        check("update", client.put(f"/builds/{build['id']}", json={"tags": ["a"]}).json())


def test_download_token(server: Server) -> None:
    check("download_token", server.ops.get(f"/builds/{server.processed()['id']}/downloadToken").json())


def test_failure_of_processing_has_its_words_on_the_build(server: Server) -> None:
    build = server.wait_for(server.upload(b"nothing known", tags="a")["id"])
    ours = shape({"data": build})
    assert (ours["data.error"], ours["data.errorCode"]) == ("string", "string")
    assert "error" not in server.ci.get(f"/builds/{build['id']}").json()


def test_failure_of_a_request(server: Server) -> None:
    assert shape(server.anyone.get("/v1/integrations/builds").json()) == golden("failure")


def test_what_an_android_build_says_about_itself(server: Server) -> None:
    build = server.processed(DEMO_APK)
    android = build["info"]["android"]
    assert all(isinstance(value, str) for value in android.values())
    assert android["packageName"]
    assert int(android["minSDKVersion"]) <= int(android["targetSdkVersion"])
    assert android["versionCode"] == build["versionCode"]
    assert android["versionName"] == build["versionName"]
    assert build["info"]["ios"]["plist"]["CFBundleIdentifier"] == ""
    assert (build["os"], build["buildPlatform"], build["originalExtension"]) == ("android", "android", "apk")


def test_what_an_ios_build_says_about_itself(server: Server) -> None:
    build = server.processed(DEMO_IPA)
    plist, profile = build["info"]["ios"]["plist"], build["info"]["ios"]["mobileprovision"]
    assert plist["CFBundleIdentifier"]
    assert plist["CFBundleShortVersionString"] == build["versionName"]
    assert plist["CFBundleVersion"] == build["versionCode"]
    assert all(isinstance(family, str) for family in plist["UIDeviceFamily"])  # decision 22
    assert profile["signingType"] == "ad-hoc"
    assert profile["ExpirationDate"].endswith("Z")
    assert isinstance(profile["ProvisionedDevices"], str)
    assert build["info"]["android"]["packageName"] == ""
    assert (build["os"], build["buildPlatform"], build["originalExtension"]) == ("ios", "ios", "ipa")


def test_decision_42_units(server: Server) -> None:
    build = server.processed(DEMO_APK)
    assert build["size"] == DEMO_APK.stat().st_size
    for key in ("queuedTime", "processTime"):
        assert isinstance(build[key], int | float)
        assert 0 <= build[key] < 120_000
    assert build["originalExtension"] == "apk"
