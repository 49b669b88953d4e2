"""The command line from outside: exit codes, JSON, one sentence for what people can mend."""

import json
import re
import socket
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from seatrial import __version__
from tests.corpus import corpus_file
from tests.e2e.refusals import refused
from tests.server import DEMO_APK, DEMO_IPA, Server, Workspace, seatrial

HEX24 = re.compile(r"[0-9a-f]{24}")
APP_TOKEN = re.compile(r"sta_[A-Za-z0-9_-]{27,}")
SERVICE_TOKEN = re.compile(r"sts_[A-Za-z0-9_-]{27,}")


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Check that a command failed with one sentence and nothing else; gives the sentence."""
    assert done.returncode == 1, done
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("seatrial: ")
    assert line.endswith(".")
    return line.removeprefix("seatrial: ")


def test_version() -> None:
    done = seatrial("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"seatrial {__version__}\n", "")


def test_help_names_every_command() -> None:
    shown = seatrial("--help").stdout
    assert all(command in shown for command in ("serve", "worker", "init", "inspect", "admin", "config", "migrate"))


@pytest.mark.parametrize("arguments", [["nonsense"], ["serve", "--port", "x"], ["admin", "app"], ["init"], ["inspect"]])
def test_wrong_usage_is_exit_2(arguments: list[str]) -> None:
    done = seatrial(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_init_prints_exactly_one_object(workspace: Workspace) -> None:
    printed = workspace.printed
    assert set(printed) == {"organization", "app", "appToken", "serviceAccountToken", "user"}
    for key in ("organization", "app"):
        assert set(printed[key]) == {"id", "slug"}
        assert HEX24.fullmatch(printed[key]["id"])
        assert re.fullmatch(r"[a-z0-9][a-z0-9-]{1,126}[a-z0-9]", printed[key]["slug"])
    assert APP_TOKEN.fullmatch(printed["appToken"])
    assert SERVICE_TOKEN.fullmatch(printed["serviceAccountToken"])
    assert set(printed["user"]) == {"email", "password"}
    assert len(printed["user"]["password"]) >= 16


def test_init_takes_names_and_keeps_secrets_from_others(tmp_path: Path) -> None:
    data_dir = tmp_path / "new" / "data"
    done = seatrial(
        "init", "--data-dir", data_dir, "--json", "--organization", "Ünï & Co", "--app", "Two Words", "--email", "A@b.example"
    )  # fmt: skip
    [line] = done.stdout.splitlines()
    printed = json.loads(line)
    assert printed["app"]["slug"] == "two-words"
    assert printed["user"]["email"] == "a@b.example"
    [key] = (data_dir / "keys").iterdir()
    assert key.stat().st_mode & 0o077 == 0
    database = (data_dir / "seatrial.db").read_bytes()
    for secret in (printed["appToken"], printed["serviceAccountToken"], printed["user"]["password"]):
        assert secret.encode() not in database


def test_a_second_init_is_refused(workspace: Workspace) -> None:
    sentence = one_sentence(seatrial("init", "--data-dir", workspace.data_dir, "--json", settings=workspace.settings))
    assert "already" in sentence


def test_admin_without_a_workspace(tmp_path: Path) -> None:
    sentence = one_sentence(seatrial("admin", "app", "list", "--data-dir", tmp_path / "none"))
    assert "seatrial init" in sentence


def administer(server: Server, *arguments: str) -> Any:
    """Run a real `seatrial admin ... --json`, as people do."""
    done = seatrial("admin", *arguments, "--data-dir", server.data_dir, "--json", settings=server.settings)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_apps(server: Server) -> None:
    made = administer(server, "app", "create", "Side Project")
    assert HEX24.fullmatch(made["id"])
    assert (made["slug"], made["name"]) == ("side-project", "Side Project")
    listed = server.admin("app", "list")
    assert made in listed
    assert server.app["id"] in {app["id"] for app in listed}
    client = server.client(server.workspace_path(app="side-project"), server.service_token)
    assert client.get("/builds").status_code == 200
    # Decision 45: slugs are unique.
    assert server.admin("app", "create", "Side Project")["slug"] not in {app["slug"] for app in listed}


def test_app_tokens(server: Server) -> None:
    made = administer(server, "token", "create", "--app", server.app["slug"], "--description", "CI", "--expires", "90d")
    assert APP_TOKEN.fullmatch(made["token"])
    assert made["scopes"] == ["upload"]
    assert made["expiresAt"].endswith("Z")
    client = server.client("/v1/integrations", made["token"])
    assert client.get("/builds").status_code == 200
    listed = server.admin("token", "list", "--app", server.app["id"])
    [found] = [one for one in listed if one["id"] == made["id"]]
    assert "token" not in found
    assert found["description"] == "CI"
    assert found["lastUsedAt"] is not None
    assert administer(server, "token", "revoke", made["id"], "--app", server.app["slug"])["revoked"] is True
    refused(client.get("/builds"), 401, 4004)


def test_service_accounts(server: Server) -> None:
    made = administer(server, "service-account", "create", "Robot", "--role", "viewer")
    assert SERVICE_TOKEN.fullmatch(made["token"])
    assert (made["name"], made["role"]) == ("Robot", "viewer")
    client = server.client(server.workspace_path(), made["token"])
    assert client.get("/builds").status_code == 200
    refused(client.post("/builds", files={"build": ("a", b"a")}), 403, 4003)
    [found] = [one for one in server.admin("service-account", "list") if one["id"] == made["id"]]
    assert "token" not in found
    assert server.admin("service-account", "revoke", made["id"])["revoked"] is True
    refused(client.get("/builds"), 401, 4004)


def test_users(server: Server) -> None:
    made = administer(server, "user", "create", "New@Example.com")
    assert made["email"] == "new@example.com"
    assert len(made["password"]) >= 16
    listed = server.admin("user", "list")
    assert {one["email"] for one in listed} >= {"owner@example.com", "new@example.com"}
    assert not any("password" in one for one in listed)
    again = seatrial(
        "admin", "user", "create", "new@example.com", "--data-dir", server.data_dir, settings=server.settings
    )
    assert "new@example.com" in one_sentence(again)


@pytest.mark.parametrize(
    "arguments",
    [
        ["token", "create", "--app", "no-such-app"],
        ["user", "create", "no-address"],
    ],
    ids=" ".join,
)
def test_admin_says_in_a_sentence_what_is_wrong(server: Server, arguments: list[str]) -> None:
    one_sentence(seatrial("admin", *arguments, "--data-dir", server.data_dir, "--json", settings=server.settings))


@pytest.mark.parametrize("expires", ["soon", "2001-01-01"])
def test_an_expiry_that_is_none(server: Server, expires: str) -> None:
    done = seatrial(
        "admin", "token", "create", "--app", server.app["slug"], "--expires", expires, "--data-dir", server.data_dir,
        settings=server.settings,
    )  # fmt: skip
    assert done.returncode == 2
    assert expires in done.stderr


STABLE_KEYS = (
    *("format", "os", "identifier", "displayName", "versionName", "versionCode", "minOs", "targetOs"),
    *("architectures", "deviceFamilies", "signing", "icon", "warnings", "error"),
)
"""What programs may count on."""


def test_inspect_of_our_own_builds(tmp_path: Path) -> None:
    done = seatrial("inspect", DEMO_APK, DEMO_IPA, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    apk, ipa = map(json.loads, done.stdout.splitlines())
    assert (apk["format"], apk["os"], ipa["format"], ipa["os"]) == ("apk", "android", "ipa", "ios")
    assert apk["identifier"]
    assert apk["versionName"]
    assert set(STABLE_KEYS) <= set(apk)
    assert list(apk) == list(ipa)
    assert set(apk["signing"]) >= {"class", "schemes", "fingerprints", "team", "expires", "devices"}
    assert set(apk["icon"]) == {"width", "height", "source"}
    assert apk["icon"]["source"] in zipfile.ZipFile(DEMO_APK).namelist()
    assert all(re.fullmatch(r"[0-9a-f]{64}", fingerprint) for fingerprint in apk["signing"]["fingerprints"])
    assert (apk["error"], apk["warnings"]) == (None, [])
    shown = seatrial("inspect", DEMO_IPA)
    assert shown.returncode == 0
    assert ipa["identifier"] in shown.stdout


def test_inspect_writes_the_icon(tmp_path: Path) -> None:
    done = seatrial("inspect", DEMO_APK, "--icon", tmp_path / "icon.png")
    assert done.returncode == 0
    assert (tmp_path / "icon.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert seatrial("inspect", DEMO_APK, DEMO_IPA, "--icon", tmp_path / "two.png").returncode == 2
    assert not (tmp_path / "two.png").exists()


def test_inspect_of_what_cannot_be_understood(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("plain text")
    (tmp_path / "nothing.apk").write_bytes(b"")
    done = seatrial("inspect", tmp_path / "notes.txt", DEMO_APK, tmp_path / "nothing.apk", "--json")
    assert done.returncode == 3
    text, apk, nothing = map(json.loads, done.stdout.splitlines())
    assert (text["error"]["code"], nothing["error"]["code"]) == ("UNRECOGNISED_FORMAT", "EMPTY_FILE")
    assert text["error"]["message"].endswith(".")
    assert set(text) == set(apk)
    assert (text["format"], text["signing"], text["icon"]) == (None, None, None)
    assert (apk["format"], apk["error"]) == ("apk", None)
    shown = seatrial("inspect", tmp_path / "notes.txt")
    assert (shown.returncode, shown.stderr) == (3, "")
    assert "UNRECOGNISED_FORMAT" in shown.stdout


def test_inspect_leaves_out_folders_that_a_pattern_has_brought(tmp_path: Path) -> None:
    done = seatrial("inspect", "--json", tmp_path, DEMO_APK)
    assert done.returncode == 0
    assert json.loads(done.stdout)["file"] == str(DEMO_APK)
    assert str(tmp_path) in done.stderr


def test_inspect_takes_files_only(tmp_path: Path) -> None:
    for name in (tmp_path, tmp_path / "missing.apk"):
        done = seatrial("inspect", name)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


def test_inspect_of_a_real_build() -> None:
    done = seatrial("inspect", corpus_file("apk/androidbinary-helloworld.apk"), "--json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert (found["identifier"], found["displayName"], found["versionCode"]) == (
        "com.example.helloworld",
        "HelloWorld",
        "1",
    )


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"SEATRIAL_LIMITS__BODY": "plenty"}, "limits.body"),
        ({"SEATRIAL_TOKENS__DOWNLOAD": "0"}, "tokens.download"),
        ({"SEATRIAL_PUBLIC_URL": "example.com"}, "public_url"),
        ({"SEATRIAL_URL_SIGNING_KEYS": '["c2hvcnQ"]'}, "url_signing_keys"),
        ({"SEATRIAL_LOG_LEVEL": "CHATTY"}, "log_level"),
        ({"SEATRIAL_LIMITS": "{"}, "limits"),
        ({"SEATRIAL_DATABASE_URL": "nonsense"}, "database_url"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_setting_is_named_in_a_sentence(workspace: Workspace, settings: dict[str, str], named: str) -> None:
    done = seatrial("serve", "--data-dir", workspace.data_dir, "--port", 0, settings=workspace.settings | settings)
    assert named in one_sentence(done)


def test_a_bad_settings_file(tmp_path: Path) -> None:
    (tmp_path / "seatrial.toml").write_text("[limits\n")
    assert "seatrial.toml" in one_sentence(seatrial("serve", "--data-dir", tmp_path, "--port", 0))
    (tmp_path / "seatrial.toml").write_text("unheard_of = 1\n")
    assert "unheard_of" in one_sentence(seatrial("serve", "--data-dir", tmp_path, "--port", 0))


def test_a_port_in_use(workspace: Workspace) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = seatrial("serve", "--data-dir", workspace.data_dir, "--port", port, settings=workspace.settings)
        sentence = one_sentence(done)
    assert f"127.0.0.1:{port}" in sentence


def test_config_shows_what_holds_and_no_secret(tmp_path: Path) -> None:
    key = "A" * 43
    settings = {"SEATRIAL_URL_SIGNING_KEYS": f'["{key}"]', "SEATRIAL_TOKENS__DOWNLOAD": "77"}
    done = seatrial("config", "--data-dir", tmp_path, settings=settings)
    assert done.returncode == 0
    assert json.loads(done.stdout)["tokens"]["download"] == 77
    assert key not in done.stdout


def test_the_health_of_a_server(server: Server) -> None:
    answer: httpx.Response = server.anyone.get("/healthz")
    assert answer.json() == {"status": True, "data": {"version": __version__}}
