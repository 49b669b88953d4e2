"""Files put beside a build are recognised a moment later, and said to belong to it or not."""

import io
import time
import zipfile
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.corpus import corpus_file
from tests.parsers import attachment_files as made
from tests.parsers.apk_files import UNSIGNED, rebuilt
from tests.parsers.ipa_files import MINIMAL, ipa
from tests.server import PATIENCE_SECONDS, Json, Server

IPA = ipa(
    MINIMAL | {"CFBundleExecutable": "Mini"},
    {
        "Mini": made.macho(made.APP_UUID),
        "Frameworks/Kit.framework/Kit": made.macho(made.FRAMEWORK_UUID),
    },
).getvalue()
APK = rebuilt(
    UNSIGNED, {"classes.dex": made.dex("1a2b3c4"), "lib/arm64-v8a/libpay.so": made.elf(made.BUILD_ID)}
).getvalue()


def attached(server: Server, build: Json, *contents: bytes) -> list[Json]:
    """Attach files and give their details, once they are all known."""
    files = [("file", (f"file-{number}.bin", content)) for number, content in enumerate(contents)]
    answer = server.ci.post(f"/builds/{build['id']}/files", files=files)
    assert answer.status_code == 200, answer.text
    ids = [entry["id"] for entry in answer.json()["data"]["files"]][-len(contents) :]
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        entries = {entry["id"]: entry for entry in server.build(build["id"])["files"]}
        found = [entries[file_id]["details"] for file_id in ids]
        if all(found):
            return found
        assert time.monotonic() < give_up, entries
        time.sleep(0.05)


@pytest.fixture(scope="module")
def app(server: Server) -> Json:
    return server.processed(IPA, "mini.ipa")


@pytest.fixture(scope="module")
def package(server: Server) -> Json:
    return server.processed(APK, "demo.apk")


def test_debug_symbols_belong_to_their_build_or_to_another(server: Server, app: Json) -> None:
    own = made.dsym(("Mini", made.macho(made.APP_UUID, kind=made.DSYM)))
    foreign = made.dsym(("Mini", made.macho(made.OTHER_UUID, kind=made.DSYM)))
    right, wrong = attached(server, app, own, foreign)
    assert (right["kind"], right["matches"]) == ("dsym", True)
    assert right["symbols"] == [{"name": "Mini", "architecture": "arm64", "id": made.APP_UUID}]
    assert (wrong["kind"], wrong["matches"]) == ("dsym", False)
    assert "another build" in wrong["matchNote"]


def test_mappings_and_native_symbols_belong_to_their_build_or_to_another(server: Server, package: Json) -> None:
    found = attached(
        server,
        package,
        made.mapping("1a2b3c4"),
        made.mapping("9999999"),
        made.mapping(None),
        made.elf(made.BUILD_ID, ".debug_info"),
        made.elf("00" * 20, ".debug_info"),
    )
    assert [each["kind"] for each in found] == ["mapping"] * 3 + ["elf-symbols"] * 2
    assert [each["matches"] for each in found] == [True, False, None, True, False]


def test_other_files_are_described_and_match_nothing(server: Server, package: Json) -> None:
    report, text, empty, broken = attached(server, package, made.JUNIT, b"notes", b"", b"PK\3\4 and no more")
    assert report["counts"] == {"tests": 4, "failures": 1, "errors": 1, "skipped": 1, "suites": 3}
    assert report["facts"]["seconds"] == 4.5
    assert (report["matches"], report["matchNote"]) == (None, "")
    assert [each["kind"] for each in (text, empty, broken)] == ["other"] * 3
    assert broken["warnings"]


def test_details_are_in_lists_too_and_only_of_attachments(server: Server) -> None:
    build = server.processed(APK, "demo.apk", versionName="listed")
    server.ops.get("/builds").raise_for_status()  # so that the list has been shown without it
    [found] = attached(server, build, made.JUNIT)
    for client in (server.ci, server.ops):
        [listed] = client.get("/builds", params={"versionName": "listed"}).json()["data"]["items"]
        details = {entry["type"]: entry.get("details") for entry in listed["files"]}
        assert details.pop("attachment") == found
        assert set(details.values()) == {None}


def test_an_attachment_waits_for_a_worker_through_the_death_of_its_server(start_server: StartServer) -> None:
    server = start_server()
    build = server.processed(APK, "demo.apk")
    server.arguments = ("--no-worker",)
    server.restart()
    answer = server.ci.post(f"/builds/{build['id']}/files", files={"file": ("a", made.mapping("1a2b3c4"))})
    assert answer.status_code == 200
    server.kill()
    server.arguments = ()
    server.start()
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not (details := server.build(build["id"])["files"][-1]["details"]):
        assert time.monotonic() < give_up, server.log.read_text()
        time.sleep(0.05)
    assert (details["kind"], details["matches"]) == ("mapping", True)


def test_real_files(server: Server) -> None:
    archive = corpus_file("xcarchive/bitrise-ios.xcarchive.zip")
    build = server.processed(_exported(archive), "code-sign-test.ipa")
    foreign = corpus_file("dsym/appinfo-iOS-mutli-dSYMs-directly.zip")
    report = corpus_file("proguard/appinfo-full_mapping.zip")
    whole, other, mapping = attached(server, build, *(file.read_bytes() for file in (archive, foreign, report)))
    assert (whole["kind"], whole["matches"], len(whole["symbols"])) == ("xcarchive", True, 3)
    assert (other["kind"], other["matches"], len(other["symbols"])) == ("dsym", False, 2)
    assert (mapping["kind"], mapping["matches"], mapping["facts"]["mapId"]) == ("mapping", None, "ddd69dc")


def _exported(archive: Path) -> bytes:
    """Make an ipa of the app in an archive of Xcode, as exporting does."""
    root = "ios.xcarchive/Products/Applications/"
    out = io.BytesIO()
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename.startswith(root) and not info.is_dir():
                new.writestr("Payload/" + info.filename.removeprefix(root), old.read(info))
    return out.getvalue()
