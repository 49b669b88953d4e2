"""`seatrial upload` as pipelines run it: a process, against a real server."""

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scripted_server import hangs_up, ok, says, scripted
from tests.conftest import StartServer
from tests.server import DEMO_APK, DEMO_IPA, SEATRIAL, Server, environment, seatrial

MIB = 1 << 20
FORMS_ONLY = says(404, {"status": False, "error": {"code": 3001, "message": "Entity not found"}})
"""What a server of the Builds API says to the announcement of an upload that can go on."""
Done = subprocess.CompletedProcess[str]


def upload(server: Server, *arguments: object, token: str | None = None, **settings: str) -> Done:
    token = server.app_token if token is None else token
    given = {"SEATRIAL_SERVER": server.base_url, "SEATRIAL_TOKEN": token} | settings
    done = seatrial("upload", *arguments, settings=given)
    assert "Traceback" not in done.stderr
    assert not token or token not in done.stdout + done.stderr
    return done


def the_object(done: Done) -> Any:
    assert done.stdout.count("\n") == 1
    return json.loads(done.stdout)


def test_json_is_the_processed_build_and_nothing_else(server: Server) -> None:
    done = upload(server, DEMO_APK, "--wait", "--json", "--tag", "a, b", "--tag", "c", "--changelog", "Käse 🧀\n<b>")
    assert done.returncode == 0, done.stderr
    build = the_object(done)
    assert build == server.build(build["id"])
    assert build["status"] == "processed"
    assert build["tags"] == ["a", "b", "c"]
    assert build["changelog"] == "Käse 🧀\n<b>"
    assert build["info"]["android"]["packageName"] == "org.seatrial.demo"
    (checksum,) = {each["file"]["checksum"] for each in build["files"] if each["type"] in {"original", "package"}}
    assert checksum == hashlib.sha256(DEMO_APK.read_bytes()).hexdigest()


def test_people_are_told_what_it_is(server: Server) -> None:
    done = upload(server, DEMO_IPA, "--wait")
    assert done.returncode == 0, done.stderr
    facts = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert facts["Status"] == "processed"
    assert facts["System"] == "ios"
    assert facts["Icon"] == "yes"
    assert facts["Signing"] == server.build(facts["Build"])["info"]["ios"]["mobileprovision"]["signingType"]
    assert "Sending demo.ipa" in done.stderr
    assert "100%" in done.stderr


def test_quiet_is_the_id(server: Server) -> None:
    done = upload(server, DEMO_APK, "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert server.build(done.stdout.strip())["status"]


def test_a_pipeline_fills_the_deployer_and_may_be_corrected(server: Server) -> None:
    pipeline = {
        "CIRCLECI": "true",
        "CIRCLE_SHA1": "f52ace0",
        "CIRCLE_BRANCH": "main",
        "CIRCLE_BUILD_NUM": "42",
        "CIRCLE_REPOSITORY_URL": "https://bot:hunter2@git.example.com/app.git",
    }
    build = the_object(upload(server, DEMO_APK, "--json", "--branch", "release", "--build-number", "", **pipeline))
    info = build["deployer"]["info"]
    assert build["deployer"]["name"] == "CircleCI"
    assert (info["commit"], info["branch"], info["buildNumber"]) == ("f52ace0", "release", "")
    assert info["repositoryUrl"] == "https://git.example.com/app.git"
    assert info["triggerTimestamp"].isdigit()
    alone = the_object(upload(server, DEMO_APK, "--json", "--no-ci-environment", "--commit", "abc", **pipeline))
    assert {value for value in alone["deployer"]["info"].values() if value} == {"abc"}


@pytest.mark.parametrize(("token", "code"), [("sta_" + "x" * 32, 4004), ("nonsense", 4004)])
def test_a_bad_token_is_refused(server: Server, token: str, code: int) -> None:
    done = upload(server, DEMO_APK, "--json", token=token)
    assert done.returncode == 4
    assert the_object(done) == {"status": False, "error": {"code": code, "message": "Invalid Token"}}
    assert done.stderr.endswith("seatrial: The server refused: Invalid Token (4004).\n")


def test_a_bad_token_is_told_without_sending_everything(server: Server, tmp_path: Path) -> None:
    big = tmp_path / "big.bin"
    with big.open("wb") as file:
        file.truncate(500 * MIB)
    done = upload(server, big, token="nonsense")
    assert done.returncode == 4
    assert "100%" not in done.stderr


def test_an_empty_file_is_refused(server: Server, tmp_path: Path) -> None:
    empty = tmp_path / "empty.apk"
    empty.touch()
    done = upload(server, empty, "--json")
    assert (done.returncode, the_object(done)["error"]["code"]) == (4, 5006)


def test_a_file_of_no_format_ends_in_an_error(server: Server, tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.apk"
    garbage.write_bytes(b"no build at all")
    done = upload(server, garbage, "--wait", "--json")
    assert done.returncode == 3
    build = the_object(done)
    assert build["status"] == "error"
    assert build["errorCode"] in done.stderr
    assert build["error"] in done.stderr


def test_processing_that_does_not_end_in_time(start_server: StartServer) -> None:
    server = start_server(arguments=["--no-worker"])
    done = upload(server, DEMO_APK, "--wait", "--timeout", "0.5", "--json")
    assert done.returncode == 5
    assert the_object(done)["status"] == "pending"


def test_no_server(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    given = ["--server", f"http://127.0.0.1:{port}", "--token", "t", "--retries", "1", "--json"]
    done = seatrial("upload", DEMO_APK, *given)
    assert done.returncode == 1
    assert the_object(done)["status"] is False
    assert "again in" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("seatrial: Cannot connect to the server")


def test_busy_twice_then_taken() -> None:
    busy = says(503, {"status": False, "error": {"code": 1503, "message": "Busy"}}, {"Retry-After": "0"})
    with scripted([busy, FORMS_ONLY, busy, busy, ok({"id": "b1", "status": "pending"})]) as stub:
        done = seatrial("upload", DEMO_APK, "--server", stub.url, "--token", "t", "--json")
    assert (done.returncode, the_object(done)["id"]) == (0, "b1")
    assert stub.lines() == ["POST /v1/integrations/uploads"] * 2 + ["POST /v1/integrations/builds"] * 3
    forms = stub.asked[2:]
    assert all(asked.parts()[-1] == ("build", "demo.apk", DEMO_APK.read_bytes()) for asked in forms)
    assert len({asked.headers["idempotency-key"] for asked in forms}) == 1


def test_a_connection_lost_before_the_answer_makes_no_second_build(server: Server) -> None:
    """The real server takes the build in; the one who passes the bytes on drops its answer."""
    before = server.ci.get("/builds").json()["data"]["totalDocs"]

    def swallows(asked: Any) -> None:
        headers = {"Content-Type": asked.headers["content-type"]}
        assert server.ci.post("/builds", content=asked.body, headers=headers).status_code == 200

    def passes_on(asked: Any) -> bytes:
        path = asked.line.split()[1].removeprefix("/v1/integrations")
        answer = server.ci.get(path)
        return says(answer.status_code, answer.content, {"Date": answer.headers["date"]})(asked) or b""

    with scripted([FORMS_ONLY, swallows, passes_on]) as between:
        given = ["--server", between.url, "--token", "t", "--json"]
        done = seatrial("upload", DEMO_APK, "--version-name", "once", *given)
    assert (done.returncode, the_object(done)["versionName"]) == (0, "once")
    assert "The server has it." in done.stderr
    assert server.ci.get("/builds").json()["data"]["totalDocs"] == before + 1


def test_attachments_follow_the_processed_build(server: Server, tmp_path: Path) -> None:
    notes, odd = tmp_path / "notes.txt", tmp_path / "a=b.txt"
    notes.write_text("notes")
    odd.write_text("odd")
    done = upload(server, DEMO_APK, "--attach", f"{notes}=Release notes", "--attach", odd, "--json")
    assert done.returncode == 0, done.stderr
    attached = [each for each in the_object(done)["files"] if each["type"] == "attachment"]
    assert [(each["file"]["originalName"], each["description"]) for each in attached] == [
        ("notes.txt", "Release notes"),
        ("a=b.txt", ""),
    ]


def test_the_workspace_face(server: Server) -> None:
    where = ["--organization", server.organization["slug"], "--app", server.app["slug"]]
    done = upload(server, DEMO_APK, *where, "--wait", "--json", token=server.service_token)
    assert done.returncode == 0, done.stderr
    assert the_object(done)["uploadedBy"]["email"].startswith(the_object(done)["uploadedBy"]["id"] + "@")
    refused = upload(server, DEMO_APK, *where, "--json")
    assert (refused.returncode, the_object(refused)["error"]["code"]) == (4, 4004)


def test_a_platform_whose_packages_say_nothing(server: Server, tmp_path: Path) -> None:
    package, icon = tmp_path / "game.pkgx", tmp_path / "icon.png"
    package.write_bytes(b"opaque bytes of a console")
    made = seatrial("inspect", DEMO_APK, "--icon", icon)
    assert made.returncode == 0, made.stderr
    given = ["--build-platform", "ps5", "--package-name", "com.example.game", "--package-version", "1.2"]
    done = upload(server, package, *given, "--package-icon", icon, "--wait", "--json")
    assert done.returncode == 0, done.stderr
    build = the_object(done)
    assert (build["status"], build["os"], build["versionName"]) == ("processed", "ps5", "1.2")
    assert build["iconFile"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["missing.apk"], "missing.apk"),
        (["."], "directory"),
        ([DEMO_APK, "--server", "builds.example.com"], "https://"),
        ([DEMO_APK, "--server", "https://me:pw@example.com"], "https://"),
        ([DEMO_APK, "--token", ""], "--token"),
        ([DEMO_APK, "--token", "two words"], "--token"),
        ([DEMO_APK, "--organization", "only"], "--app"),
        ([DEMO_APK, "--changelog", "x", "--changelog-file", "-"], "exclude"),
        ([DEMO_APK, "--notify-language", "xx"], "notifyLanguage"),
        ([DEMO_APK, "--build-platform", "amiga"], "buildPlatform"),
        ([DEMO_APK, "--attach", "missing.txt"], "missing.txt"),
        ([DEMO_APK, "--attach", str(DEMO_APK), "--no-wait"], "--attach"),
    ],
)
def test_usage(arguments: list[object], word: str) -> None:
    given = {"SEATRIAL_SERVER": "http://127.0.0.1:9", "SEATRIAL_TOKEN": "sta_secret", "COLUMNS": "200"}
    done = seatrial("upload", *arguments, settings=given)
    assert (done.returncode, done.stdout) == (2, "")
    assert word in done.stderr
    assert "two words" not in done.stderr


def test_the_token_must_come_from_somewhere() -> None:
    done = seatrial("upload", DEMO_APK, "--server", "http://127.0.0.1:9")
    assert done.returncode == 2


def test_a_changelog_from_standard_input(server: Server) -> None:
    given = {"SEATRIAL_SERVER": server.base_url, "SEATRIAL_TOKEN": server.app_token}
    done = subprocess.run(
        [SEATRIAL, "upload", DEMO_APK, "--changelog-file", "-", "--json"],
        input="\ufeffFrom a pipe\nof two lines\n",
        env=environment(given),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert the_object(done)["changelog"] == "From a pipe\nof two lines"


# Tests that are run in the background of a shell ignore SIGINT, and would hand that on.
HEEDING_SIGINT = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
)


def test_an_interruption_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        process = subprocess.Popen(
            [sys.executable, "-c", HEEDING_SIGINT, SEATRIAL, "upload", DEMO_APK, "--quiet", "--token", "t"],
            env=environment({"SEATRIAL_SERVER": f"http://127.0.0.1:{silent.getsockname()[1]}"}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        connection, _ = silent.accept()
        with connection:
            connection.recv(1)
            process.send_signal(signal.SIGINT)
            try:
                out, err = process.communicate(timeout=15)
            except subprocess.TimeoutExpired:
                # Python hears of a signal between two instructions: one that comes just as it begins to wait for an
                # answer is heard with the next one, or with the answer.
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "seatrial: Interrupted.\n")


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(size: int) -> int:
        file = tmp_path / f"{size}.bin"
        with file.open("wb") as opened:
            opened.truncate(size)
        taken = ok({"id": "b1", "status": "pending"})
        with scripted([FORMS_ONLY, taken]) as stub:
            given = {"SEATRIAL_SERVER": stub.url, "SEATRIAL_TOKEN": "t"}
            process = subprocess.Popen([SEATRIAL, "upload", file, "--quiet"], env=environment(given), stdout=-3)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        assert status == 0
        return usage.ru_maxrss * 1024

    assert peak(256 * MIB) - peak(MIB) < 16 * MIB


def test_a_lost_connection_and_no_one_to_ask_is_a_doubt() -> None:
    with scripted([FORMS_ONLY, hangs_up]) as stub:
        given = ["--server", stub.url, "--token", "t", "--retries", "0", "--json"]
        done = seatrial("upload", DEMO_APK, *given)
    assert done.returncode == 1
    assert "may or may not have it" in the_object(done)["error"]["message"]


def test_a_server_that_repeats_the_token_does_not_get_it_shown() -> None:
    token = "sta_" + "s3cret" * 5
    echo = says(400, {"status": False, "error": {"code": 1000, "message": f"\x1b[2JBad token {token}"}})
    with scripted([echo]) as stub:
        done = seatrial("upload", DEMO_APK, "--server", stub.url, "--token", token)
    assert done.returncode == 4
    assert token not in done.stderr
    assert "\x1b" not in done.stderr
