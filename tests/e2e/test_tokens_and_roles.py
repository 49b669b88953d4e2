"""The page about tokens and roles: its table is the program's, its lines run as they stand."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from seatrial.domain.access import (
    MEMBER_PERMISSIONS,
    ROLE_PERMISSIONS,
    TOKEN_SCOPE_PERMISSIONS,
    MemberRole,
    Permission,
    Role,
    TokenScope,
)
from tests.conftest import StartServer
from tests.server import Server, environment

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/tokens-and-roles.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_table_of_permissions_is_what_the_program_allows() -> None:
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in PAGE.read_text().splitlines()
        if re.match(r"\| `(mad|base)\.", line)
    ]
    assert [row[0].strip("`") for row in rows] == [permission.value for permission in Permission]
    columns: list[list[frozenset[Permission]]] = [
        [TOKEN_SCOPE_PERMISSIONS[TokenScope.UPLOAD]],
        [ROLE_PERMISSIONS[Role.VIEWER], MEMBER_PERMISSIONS[MemberRole.VIEWER]],
        [ROLE_PERMISSIONS[Role.DEVELOPER], MEMBER_PERMISSIONS[MemberRole.EDITOR]],
        [MEMBER_PERMISSIONS[MemberRole.ADMIN]],
        [ROLE_PERMISSIONS[Role.ADMIN], MEMBER_PERMISSIONS[MemberRole.OWNER]],
    ]
    for number, allowed in enumerate(columns, 2):
        told = {row[0].strip("`") for row in rows if row[number] == "yes"}
        assert {row[number] for row in rows} <= {"yes", "–"}
        for one in allowed:
            assert told == {permission.value for permission in one}
    assert TOKEN_SCOPE_PERMISSIONS[TokenScope.SDK] == {Permission.SDK_USE}
    assert not MEMBER_PERMISSIONS[MemberRole.UNASSIGNED]


def shell(server: Server, folder: Path, lines: str, **variables: str) -> list[dict[str, object]]:
    """Run a block; gives the answers of its curl lines, in files or printed."""
    known = {
        "BASE_URL": server.base_url,
        "ORGANIZATION_URL": f"{server.base_url}/v1/organizations/{server.organization['slug']}",
        "APP_URL": server.base_url + server.workspace_path(server.organization["slug"], server.app["slug"]),
        "SERVICE_TOKEN": server.service_token,
    }
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", lines],
        cwd=folder,
        env=environment(known | variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = [json.loads(text) for text in re.findall(r"\{.*?\}(?=\{\"status|$)", done.stdout)]
    files = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    for answer in (*printed, *files):
        assert answer["status"] is True, answer
    return printed


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="curl or jq is not installed")
def test_the_pages_curl_lines_run_as_they_stand(start_server: StartServer, tmp_path: Path) -> None:
    own = start_server()
    made = own.admin("user", "create", "somebody@example.com")
    person = {"EMAIL": "somebody@example.com", "PASSWORD": made["password"]}
    blocks = [block for block in BLOCK.findall(PAGE.read_text()) if "curl" in block]
    assert len(blocks) == 3
    for number, block in enumerate(blocks):
        folder = tmp_path / str(number)
        folder.mkdir()
        printed = shell(own, folder, block, **person)
        assert len(printed) == block.count("curl") - block.count(".json\n")
    secrets = [json.loads(path.read_text())["data"].get("bearer") for path in sorted(tmp_path.glob("*/*.json"))]
    for secret in filter(None, secrets):  # all of them were revoked by the last line of their block
        answer = own.anyone.get("/v1/organizations", headers={"Authorization": f"Bearer {secret}"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, 4004)


def test_the_pages_commands_run_as_they_stand(start_server: StartServer) -> None:
    own = start_server()
    ids: dict[str, str] = {}
    blocks = [block for block in BLOCK.findall(PAGE.read_text()) if block.startswith("seatrial admin")]
    for line in "".join(blocks).splitlines():
        words = [own.app["slug"] if word == "demo-app" else ids.get(word, word) for word in shlex.split(line)]
        assert words[:2] == ["seatrial", "admin"]
        made = own.admin(*words[2:])
        if words[3] == "create":
            ids[{"token": "TOKEN_ID", "service-account": "ACCOUNT_ID"}[words[2]]] = made["id"]
    assert set(ids) == {"TOKEN_ID", "ACCOUNT_ID"}
    # What the page says is written down.
    [query] = re.findall(r'"(SELECT created_at.*?)"', PAGE.read_text())
    actions = {row[3] for row in own.rows(query)}
    assert {"appToken.create", "appToken.revoke", "serviceAccount.create", "serviceAccount.revoke"} <= actions
