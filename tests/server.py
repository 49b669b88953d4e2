"""Real `seatrial serve` processes with a workspace of their own, for tests that watch from outside."""

import json
import os
import shutil
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
from typer.testing import CliRunner

from seatrial.cli.main import app
from tests.nursery import Forked, can_fork
from tests.object_stores import keys_below

SEATRIAL = Path(sys.executable).parent / "seatrial"
FIXTURES = Path(__file__).parent / "fixtures"
DEMO_APK = FIXTURES / "apk" / "demo.apk"
DEMO_IPA = FIXTURES / "ipa" / "demo.ipa"
FINAL = frozenset({"processed", "error"})
PATIENCE_SECONDS = 120
"""For what must happen, so that a hang names itself; nothing is measured by it."""

NO_TLS = ssl.create_default_context()
"""For clients that speak none: httpx would read all authorities that it trusts for each client, 20 ms of a core."""

Json = dict[str, Any]
Process = subprocess.Popen[str] | Forked


def environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give a child process nothing of ours but the search path, and the settings that the test chose."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    return kept | dict(settings or {})


def seatrial(
    *arguments: object, settings: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    command = [str(SEATRIAL), *map(str, arguments)]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = started(command, environment(settings), out.fileno(), err.fileno(), cwd)
        try:
            code = process.wait(PATIENCE_SECONDS)
        finally:
            process.kill()
        for file in (out, err):
            file.seek(0)
        return subprocess.CompletedProcess(command, code, out.read(), err.read())


def started(
    command: Sequence[object], env: Mapping[str, str], out: int | None, err: int, cwd: Path | None = None
) -> Process:
    """Start a command of `seatrial`; with no descriptor for its standard output, that is read from the process."""
    if can_fork(env):
        return Forked(command, env, out, err, cwd)
    return subprocess.Popen(
        list(map(str, command)),
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if out is None else out,
        stderr=err,
        text=True,
    )


def init(data_dir: Path, settings: Mapping[str, str] | None = None) -> Json:
    """Make a workspace and give what `init --json` printed."""
    done = seatrial("init", "--data-dir", data_dir, "--json", settings=settings)
    assert done.returncode == 0, done.stderr
    made: Json = json.loads(done.stdout)
    return made


def rows(data_dir: Path, database_url: str, statement: str, *values: object) -> list[Any]:
    """Run one statement on PostgreSQL, if there is a URL of one, or on the SQLite of a data directory; gives its rows."""
    if database_url:
        address, both = database_url.replace("+psycopg", ""), "-c search_path=public,dbos"
        with psycopg.connect(address, options=both) as connection:
            found = connection.execute(statement.replace("?", "%s").encode(), values)
            return found.fetchall() if found.description else []
    with closing(sqlite3.connect(data_dir / "seatrial.db", timeout=30)) as database, database:
        return database.execute(statement, values).fetchall()


@dataclass(frozen=True, slots=True)
class Workspace:
    """A data directory that `seatrial init` filled, and what it printed."""

    data_dir: Path
    printed: Json
    database_url: str = ""
    """Of its PostgreSQL; none for SQLite in the data directory."""
    copy_database: Callable[[str], str] = str
    bucket: Callable[[], Mapping[str, str]] = dict
    """Draws the settings of a place in an object store where nothing is yet; none for the local disk."""

    @property
    def settings(self) -> dict[str, str]:
        return {"SEATRIAL_DATABASE_URL": self.database_url} if self.database_url else {}

    def on_disk(self) -> "Workspace":
        """Give the same with files on the local disk, for what is about a disk: links, other programs that read it."""
        return replace(self, bucket=dict)

    def copied_to(self, folder: Path) -> "Workspace":
        """Give a workspace of its own, with the same ids and tokens, in a tenth of the time of a fresh one."""
        data_dir = folder / "data"
        shutil.copytree(self.data_dir, data_dir)
        database_url = self.copy_database(self.database_url) if self.database_url else ""
        return replace(self, data_dir=data_dir, database_url=database_url)


class Server:
    """One `seatrial serve`: its process, its log, its credentials and clients that carry them.

    `ci` is a client of the Integrations face, `ops` one of the Workspace face (both take paths such as `/builds`),
    `anyone` one without credentials at the root. All of them stay good over a restart: the port is kept.
    """

    def __init__(
        self, workspace: Workspace, log: Path, settings: Mapping[str, str] | None = None, arguments: Sequence[str] = ()
    ) -> None:
        self.data_dir = workspace.data_dir
        self.log = log
        # Tests poll as no client does; those of the rates turn them on.
        unlimited = {"SEATRIAL_RATES__TOKEN": "0"}
        self.settings = unlimited | workspace.settings | dict(workspace.bucket()) | dict(settings or {})
        self.arguments = tuple(arguments)
        self.app_token: str = workspace.printed["appToken"]
        self.service_token: str = workspace.printed["serviceAccountToken"]
        self.organization: Json = workspace.printed["organization"]
        self.app: Json = workspace.printed["app"]
        self.port = 0
        self.process: Process | None = None
        self._clients: list[httpx.Client] = []
        self.start()
        self.ci = self.client("/v1/integrations", self.app_token)
        self.ops = self.client(self.workspace_path(), self.service_token)
        self.anyone = self.client()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def workspace_path(self, organization: str | None = None, app: str | None = None) -> str:
        return f"/v1/organizations/{organization or self.organization['id']}/apps/{app or self.app['id']}"

    def client(self, path: str = "", token: str | None = None) -> httpx.Client:
        """Give a client that is closed with the server; it follows no redirect and no proxy setting."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        client = httpx.Client(
            base_url=self.base_url + path, headers=headers, timeout=PATIENCE_SECONDS, trust_env=False, verify=NO_TLS
        )
        self._clients.append(client)
        return client

    def start(self) -> None:
        """Start the process and wait until it says that it accepts requests."""
        assert self.process is None, "it runs already"
        with self.log.open("a") as log:
            command = [SEATRIAL, "serve", "--data-dir", self.data_dir, "--port", self.port, *self.arguments]
            self.process = started(command, environment(self.settings), None, log.fileno())
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if " ready on http://" in line:
                self.port = int(line.rsplit(":", 1)[1])
                return
        raise AssertionError(f"it ended with {self._ended()} before it was ready:\n{self.log.read_text()}")

    def kill(self) -> None:
        """End the process as a power cut would, without a chance to tidy up."""
        assert self.process is not None
        self.process.kill()
        self._ended()

    def stop(self) -> None:
        """End the process in order; it must say that all went well."""
        assert self.process is not None
        self.process.terminate()
        code = self._ended()
        assert code == 0, f"it ended with {code}:\n{self.log.read_text()}"

    def restart(self) -> None:
        """Stop, if it still runs, and start again on the same data and the same port."""
        if self.process is not None:
            self.stop()
        self.start()

    def close(self) -> None:
        """Leave nothing behind, whatever state the test left it in."""
        for client in self._clients:
            client.close()
        if self.process is not None:
            self.kill()

    def upload(self, file: Path | bytes = DEMO_APK, name: str | None = None, **fields: str) -> Json:
        """Upload a build through the Integrations face; gives the build in the answer."""
        content = file if isinstance(file, bytes) else file.read_bytes()
        name = name or (file.name if isinstance(file, Path) else "build.bin")
        answer = self.ci.post("/builds", data=fields, files={"build": (name, content)})
        assert answer.status_code == 200, answer.text
        build: Json = answer.json()["data"]
        return build

    def build(self, build_id: str) -> Json:
        answer = self.ci.get(f"/builds/{build_id}")
        assert answer.status_code == 200, answer.text
        build: Json = answer.json()["data"]
        return build

    def wait_for(self, build_id: str, statuses: frozenset[str] = FINAL) -> Json:
        """Poll a build until it has one of the statuses, by default until its processing is over."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while (build := self.build(build_id))["status"] not in statuses:
            assert time.monotonic() < give_up, f"build {build_id} is still {build['status']}"
            time.sleep(0.02)
        return build

    def processed(self, file: Path | bytes = DEMO_APK, name: str | None = None, **fields: str) -> Json:
        """Upload a build and give it when it is processed."""
        build = self.wait_for(self.upload(file, name, **fields)["id"])
        assert build["status"] == "processed", build
        return build

    def stored(self) -> set[str]:
        """Name everything that is kept of files, wherever that is."""
        if endpoint := self.settings.get("SEATRIAL_STORAGE__ENDPOINT"):
            return keys_below(endpoint, self.settings["SEATRIAL_STORAGE__PREFIX"])
        blobs = self.data_dir / "blobs"
        return {str(path.relative_to(blobs)) for path in blobs.rglob("*") if path.is_file()}

    def token(self, build_id: str, **query: str) -> str:
        """Get a download token of a build."""
        answer = self.ops.get(f"/builds/{build_id}/downloadToken", params=query)
        assert answer.status_code == 200, answer.text
        secret: str = answer.json()["data"]["token"]
        return secret

    def admin(self, *arguments: object) -> Any:
        """Run `seatrial admin ... --json` on this server's data, in this process to save time; gives what it printed."""
        command = ["admin", *map(str, arguments), "--data-dir", str(self.data_dir), "--json"]
        done = CliRunner().invoke(app, command, env=self.settings, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def write(self, statement: str, *values: object) -> None:
        """Change the database behind the server's back: as the passing of time would, or a fault."""
        self.rows(statement, *values)

    def rows(self, statement: str, *values: object) -> list[Any]:
        """Read the database past the server, the job engine's tables too."""
        return rows(self.data_dir, self.settings.get("SEATRIAL_DATABASE_URL", ""), statement, *values)

    def _ended(self, timeout: float = PATIENCE_SECONDS) -> int:
        assert self.process is not None
        code = self.process.wait(timeout)
        if self.process.stdout is not None:
            with suppress(OSError):
                self.process.stdout.close()
        self.process = None
        return code
