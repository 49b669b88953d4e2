"""What comes in and what becomes of it: forms, platforms, files that cannot be understood, attachments."""

import hashlib
import io
import zipfile
from typing import Any

import pytest
from PIL import Image

from tests.e2e.refusals import refused
from tests.server import DEMO_APK, DEMO_IPA, Json, Server

CONSOLE = {"buildPlatform": "ps5", "packageName": "com.example.console", "packageVersion": "1.02"}


def picture(kind: str = "PNG") -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(drawn, kind)
    return drawn.getvalue()


def empty_zip() -> bytes:
    return b"PK\x05\x06" + bytes(18)


def small_zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "hello")
    return packed.getvalue()


def submit(server: Server, content: bytes, name: str = "game.pkg", icon: bytes | None = None, **fields: str) -> Json:
    """Upload with a packageIcon; gives the build at its end."""
    files: list[Any] = [("build", (name, content))]
    if icon is not None:
        files.append(("packageIcon", ("icon.png", icon)))
    answer = server.ci.post("/builds", files=files, data=fields)
    assert answer.status_code == 200, answer.text
    return server.wait_for(answer.json()["data"]["id"])


def entry(build: Json, kind: str) -> Json:
    [found] = [one for one in build["files"] if one["type"] == kind]
    file: Json = found["file"]
    return file


def read(server: Server, file: Json, token: str | None = None) -> bytes:
    answer = server.anyone.get(file["location"], headers={"Authorization": f"Bearer {token or server.app_token}"})
    assert answer.status_code == 200, answer.text
    return answer.content


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_custom_platform_by_its_four_fields(server: Server, kind: str) -> None:
    build = submit(server, b"\x00opaque console package", "game.bin", picture(kind), **CONSOLE)
    assert (build["status"], build["os"], build["buildPlatform"]) == ("processed", "ps5", "ps5")
    assert build["versionName"] == "1.02"
    assert build["processLogs"] == []
    icon = entry(build, "icon")
    assert icon["mimetype"] == "image/png"
    assert Image.open(io.BytesIO(read(server, icon))).size == (64, 64)
    assert build["info"]["icon"] == icon["location"]
    assert {one["type"] for one in build["files"]} == {"package", "icon", "original"}
    listed = server.ci.get("/builds", params={"os": "ps5", "limit": 1}).json()["data"]["items"]
    assert listed[0]["id"] == build["id"]


@pytest.mark.parametrize("missing", ["packageName", "packageVersion", "packageIcon"])
def test_decision_10_a_missing_field_is_named(server: Server, missing: str) -> None:
    fields = {key: value for key, value in CONSOLE.items() if key != missing}
    icon = None if missing == "packageIcon" else picture()
    build = submit(server, b"\x00opaque console package", "game.bin", icon, **fields)
    assert (build["status"], build["errorCode"]) == ("error", "PLATFORM_FIELDS_MISSING")
    assert missing in build["error"]
    assert not any(field in build["error"] for field in {*CONSOLE, "packageIcon"} - {missing, "buildPlatform"})
    assert read(server, entry(build, "original")) == b"\x00opaque console package"


def test_decision_10_all_missing_fields_are_named(server: Server) -> None:
    build = submit(server, b"\x00opaque", "game.bin", buildPlatform="Xbox-One")
    assert build["errorCode"] == "PLATFORM_FIELDS_MISSING"
    assert all(field in build["error"] for field in ("packageName", "packageVersion", "packageIcon"))


@pytest.mark.parametrize("icon", [b"GIF89a no picture we take", b"\x89PNG\r\n\x1a\n cut", b"<svg/>"])
def test_an_icon_that_is_none(server: Server, icon: bytes) -> None:
    build = submit(server, b"\x00opaque console package", "game.bin", icon, **CONSOLE)
    assert (build["status"], build["errorCode"]) == ("error", "ICON_INVALID")
    assert "packageIcon" in build["error"]
    assert read(server, entry(build, "original")) == b"\x00opaque console package"


@pytest.mark.parametrize(
    ("content", "said", "true"),
    [
        (DEMO_APK, "ios", "android"),
        (DEMO_APK, "iOS", "android"),
        (DEMO_IPA, "Android", "ios"),
        (DEMO_IPA, "iOS", "ios"),
        (DEMO_IPA, "ps5", "ios"),
        (DEMO_APK, "windows", "android"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.suffix,
)
def test_decision_10_the_file_knows_better(server: Server, content: Any, said: str, true: str) -> None:
    build = server.processed(content, buildPlatform=said)
    assert (build["os"], build["buildPlatform"]) == (true, true)


def corrupt_apk() -> bytes:
    whole = DEMO_APK.read_bytes()
    return whole[: len(whole) // 2]


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"plain text, no build", "notes.txt", "UNRECOGNISED_FORMAT"),
        (b"plain text, no build", "app.apk", "UNRECOGNISED_FORMAT"),
        (b"\x00" * 1000, "app.ipa", "UNRECOGNISED_FORMAT"),
        (corrupt_apk(), "app.apk", "CORRUPT_ARCHIVE"),
        (empty_zip(), "app.apk", "EMPTY_FILE"),
        (empty_zip(), "app.zip", "EMPTY_FILE"),
    ],
    ids=["text", "text-apk", "zeros", "half-an-apk", "empty-zip-apk", "empty-zip"],
)
def test_what_cannot_be_understood_is_kept_and_says_why(server: Server, content: bytes, name: str, code: str) -> None:
    build = submit(server, content, name, versionName="1.0")
    assert build["status"] == "error"
    assert build["errorCode"] == code
    assert len(build["error"]) > 20
    assert build["error"].endswith(".")
    file = entry(build, "original")
    assert (file["originalName"], file["size"]) == (name, len(content))
    assert file["checksum"] == hashlib.sha256(content).hexdigest()
    for token in (server.app_token, server.service_token):
        assert read(server, file, token) == content
    refused(server.anyone.get(file["location"]), 401, 4002)
    refused(server.client("", "nobody").get(file["location"]), 401, 4004)
    other = server.ops.get("/builds", params={"status": "error", "limit": 1}).json()["data"]["items"]
    assert other[0]["error"] == build["error"]


@pytest.mark.parametrize("name", ["dist.zip", "dist.tar.gz"])
def test_decision_53_archives_without_metadata(server: Server, name: str) -> None:
    import tarfile

    packed = io.BytesIO()
    if name.endswith("zip"):
        packed.write(small_zip())
    else:
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            archive.addfile(tarfile.TarInfo("readme.txt"), io.BytesIO(b""))
    build = submit(server, packed.getvalue(), name)
    assert build["status"] == "processed"
    assert build["processLogs"][0]["level"] == "warning"
    assert build["originalExtension"] == name.partition(".")[2]


def test_decision_34_file_objects(server: Server) -> None:
    build = server.processed(DEMO_APK, name="../../etc/pässwd.apk")
    assert [one["type"] for one in build["files"]].count("original") == 1
    for one in build["files"]:
        file = one["file"]
        assert len(one["id"]) == 24
        bucket = server.settings.get("SEATRIAL_STORAGE__BUCKET")
        assert (file["bucket"], file["region"]) == ((bucket, "us-east-1") if bucket else ("local", "local"))
        assert len(file["checksum"]) == 64
        assert all(file[key] for key in ("key", "storageProviderId", "mimetype", "originalName", "size"))
        assert file["location"].startswith(f"{server.base_url}/v1/files/{one['id']}/")
        assert str(server.data_dir) not in str(one)
    package, original = entry(build, "package"), entry(build, "original")
    assert package["mimetype"] == original["mimetype"] == "application/vnd.android.package-archive"
    assert package["checksum"] == hashlib.sha256(DEMO_APK.read_bytes()).hexdigest()
    assert original["originalName"] == "pässwd.apk"


def test_the_checked_sum_is_of_what_was_sent(server: Server) -> None:
    content = hashlib.sha256(b"seed").digest() * 100_000  # 3.2 MB: several buffers
    build = server.upload(content, "big.bin")
    assert build["size"] == len(content)
    assert read(server, entry(build, "original")) == content


def test_decision_4_groups_in_every_spelling(server: Server) -> None:
    for fields in (
        {"filter[0][0]": "g1", "filter[0][1]": "g2", "filter[1][0]": "g3"},
        {"filter[0][]": "g1"},
        {"filter": '[["g1","g2"],["g3"]]'},
        {"filter": "g1,g2|g3"},
        {"filter": ""},
    ):
        assert server.upload(b"x", **fields)["status"] == "pending"


def test_decision_5_deployer_in_every_spelling(server: Server) -> None:
    for fields in (
        {"deployer.name": "CI", "deployer.info.commit": "abc"},
        {"deployer[name]": "CI", "deployer[info][commit]": "abc"},
        {"deployer": '{"name": "CI", "info": {"commit": "abc", "certificatePassphrase": "s3cret"}}'},
        {"deployer.name": "CI", "deployer.info.commit": "abc\n", "deployer.info.certificatePassphrase": "s3cret"},
    ):
        build = server.upload(b"x", **fields)
        assert (build["deployer"]["name"], build["deployer"]["info"]["commit"]) == ("CI", "abc")
        assert "s3cret" not in str(build)
        assert "certificatePassphrase" not in build["deployer"]["info"]


def test_decision_3_tags_in_every_spelling(server: Server) -> None:
    fields: list[Any] = [
        [("tags", "a, b,,a ")],
        [("tags", "a"), ("tags", "b")],
        [("tags[]", "a"), ("tags[]", "b")],
        [("tags", '["a", "b"]')],
    ]
    for each in fields:
        files = [(name, (None, value)) for name, value in each]
        answer = server.ci.post("/builds", files=[*files, ("build", ("a.apk", b"x"))])
        assert answer.json()["data"]["tags"] == ["a", "b"]
    assert server.upload(b"x", tags="")["tags"] == []


def test_decision_9_german_has_two_names(server: Server) -> None:
    for language in ("ge", "de", "EN"):
        server.upload(b"x", notifyLanguage=language)


def test_decision_7_booleans(server: Server) -> None:
    for said in ("true", "FALSE", "1", "0", "yes", "No ", " "):
        server.upload(b"x", notifyCollaborators=said, notifyEmployees=said)


def test_the_file_may_come_before_and_between_the_fields(server: Server) -> None:
    files: list[Any] = [
        ("versionName", (None, "1.0")),
        ("build", ("a.apk", DEMO_APK.read_bytes())),
        ("changelog", (None, "after")),
        ("notify", (None, "an unknown field")),
    ]
    build = server.ci.post("/builds", files=files).json()["data"]
    assert (build["versionName"], build["changelog"]) == ("1.0", "after")
    assert server.wait_for(build["id"])["status"] == "processed"


def test_the_same_bytes_twice_are_two_builds(server: Server) -> None:
    first, second = server.processed(), server.processed()
    assert first["id"] != second["id"]
    assert server.ci.delete(f"/builds/{first['id']}").status_code == 200
    assert read(server, entry(second, "original")) == DEMO_APK.read_bytes()


def plain(files: list[Json]) -> list[Json]:
    """Leave out what is found in attachments: that comes a moment after the answer."""
    return [{name: value for name, value in each.items() if name != "details"} for each in files]


@pytest.mark.parametrize("face", ["ci", "ops"])
def test_decision_19_one_file_or_several(server: Server, face: str) -> None:
    client = server.ci if face == "ci" else server.ops
    build = server.processed()
    one = client.post(
        f"/builds/{build['id']}/files", files={"file": ("a.txt", b"alpha")}, data={"description": "First"}
    ).json()["data"]
    several: list[Any] = [("description", (None, "More")), ("file", ("b.txt", b"beta")), ("file", ("c.png", picture()))]
    after = client.post(f"/builds/{build['id']}/files", files=several).json()["data"]
    found = [each for each in after["files"] if each["type"] == "attachment"]
    assert {(each["file"]["originalName"], each["description"]) for each in found} == {
        ("a.txt", "First"),
        ("b.txt", "More"),
        ("c.png", "More"),
    }
    kinds = {each["file"]["originalName"]: each["file"]["mimetype"] for each in found}
    assert kinds["c.png"] == "image/png"
    assert plain(one["files"]) == [each for each in plain(after["files"]) if each["description"] != "More"]
    assert after["updatedAt"] >= build["updatedAt"]
    now = server.build(build["id"])
    assert now | {"files": plain(now["files"])} == after | {"files": plain(after["files"])}


def test_an_empty_attachment_is_a_file_too(server: Server) -> None:
    build = server.processed()
    after = server.ci.post(f"/builds/{build['id']}/files", files={"file": ("empty.log", b"")})
    assert after.status_code == 200, after.text
    assert entry(after.json()["data"], "attachment")["size"] == 0
