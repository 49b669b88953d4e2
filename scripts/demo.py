"""`make demo`: a running server in ./data with one processed build, and curl lines that can be pasted as they stand.

Run again, it finds everything as it left it: the same tokens, the same server, no second upload. `demo.py stop` ends
the server. Only the standard library and Seatrial's own command line are used here.
"""

import fcntl
import json
import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
DRAFT = ROOT / "data.partial"
ENV_FILE = DATA / "demo.env"
PID_FILE = DATA / "demo.pid"
LOG_FILE = DATA / "demo.log"
MAILS = DATA / "mails"
BOTH_GROUPS = ("--tag", "group1", "--tag", "group2")
SAMPLE = ROOT / "tests/fixtures/apk/demo.apk"
SAMPLE_IPA = ROOT / "tests/fixtures/ipa/demo.ipa"
SEATRIAL = Path(sys.executable).parent / "seatrial"

HOST, FAVOURITE_PORT = "127.0.0.1", 8080
START_SECONDS, STOP_SECONDS, PROCESS_SECONDS = 60, 45, 120

T = TypeVar("T")
Env = dict[str, str]


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    body: Any

    @property
    def data(self) -> Any:
        """The `data` of a success; anything else ends the demo."""
        if self.status != 200:
            fail(f"the server answered {self.status}: {json.dumps(self.body)}")
        return self.body["data"]


def main() -> None:
    with Path(__file__).open() as own_text:
        fcntl.flock(own_text, fcntl.LOCK_EX)  # two demos at once would make two workspaces
        match sys.argv[1:]:
            case []:
                start()
            case ["stop"]:
                stop()
            case _:
                fail("usage: demo.py [stop]")


def start() -> None:
    env = read_env() if ENV_FILE.exists() else make_workspace()
    env = running_server(env)
    build = sample_build(env)
    print(report(env, build["id"]))


def stop() -> None:
    lock = lock_of_server() if DATA.exists() else None
    if lock is not None or not DATA.exists():
        PID_FILE.unlink(missing_ok=True)
        print("No demo server is running.")
        return
    os.kill(int(PID_FILE.read_text()), signal.SIGTERM)
    free = wait_for(lock_of_server, STOP_SECONDS)
    if free is None:
        fail(f"the server is still busy after {STOP_SECONDS} seconds; its log is {LOG_FILE}")
    PID_FILE.unlink()
    print("The demo server has stopped. Its data is kept in ./data; `make demo` starts it again.")


def make_workspace() -> Env:
    """Make the workspace beside its place and move it there whole, so that a crash leaves none without its tokens."""
    if DATA.exists() and any(DATA.iterdir()):
        fail(f"{DATA} is there, but was not made by `make demo`. Move it away, then try again.")
    shutil.rmtree(DRAFT, ignore_errors=True)
    names = ["--organization", "Demo", "--app", "Demo app"]
    made = json.loads(seatrial("init", "--data-dir", str(DRAFT), *names, "--json"))
    env = {
        "BASE_URL": f"http://{HOST}:{FAVOURITE_PORT}",
        "ORG": made["organization"]["slug"],
        "APP": made["app"]["slug"],
        "APP_TOKEN": made["appToken"],
        "SERVICE_TOKEN": made["serviceAccountToken"],
        "EMAIL": made["user"]["email"],
        "PASSWORD": made["user"]["password"],
    }
    for person, group in (
        ("ada@example.com", "group1"),
        ("grace@example.com", "group2"),
        ("alan@example.com", "group3"),
    ):
        seatrial("admin", "employee", "create", person, "--tag", group, "--data-dir", str(DRAFT), "--json")
    seatrial("admin", "employee", "create", "mary@example.com", *BOTH_GROUPS, "--data-dir", str(DRAFT), "--json")
    # No mail server is needed to see the mails: each becomes a file.
    settings = f'[mail]\nfolder = {json.dumps(str(MAILS))}\nsender = "seatrial@example.com"\n'
    (DRAFT / "seatrial.toml").touch(0o600)
    (DRAFT / "seatrial.toml").write_text(settings)
    write_env(env, DRAFT / ENV_FILE.name)
    DRAFT.rename(DATA)
    return env


def seatrial(*arguments: str) -> str:
    done = subprocess.run([SEATRIAL, *arguments], env=clean_environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        fail(done.stderr.strip() or f"seatrial {arguments[0]} failed")
    return done.stdout


def clean_environment() -> Env:
    """Leave out settings that belong to some other server of the person at the keyboard."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SEATRIAL_")}


def read_env() -> Env:
    words = shlex.split(ENV_FILE.read_text(), comments=True)
    return dict(word.split("=", 1) for word in words)


def write_env(env: Env, path: Path) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("# Made by `make demo`; read it into a shell with: . data/demo.env\n")
        file.writelines(f"{name}={shlex.quote(value)}\n" for name, value in env.items())
    draft.replace(path)


def running_server(env: Env) -> Env:
    """Find the server of this data directory, or start one; gives where it is."""
    if is_ours(env):
        return env
    lock = lock_of_server()
    if lock is None:  # started, and not answering yet
        if wait_for(lambda: is_ours(env) or None, START_SECONDS) is None:
            fail(f"a demo server is running, but does not answer; see {LOG_FILE}, or stop it with `make demo-stop`")
        return env
    env = env | {"BASE_URL": f"http://{HOST}:{free_port(urlsplit(env['BASE_URL']).port or FAVOURITE_PORT)}"}
    write_env(env, ENV_FILE)
    with LOG_FILE.open("ab") as log:
        server = subprocess.Popen(
            [SEATRIAL, "serve", "--data-dir", DATA, "--host", HOST, "--port", str(urlsplit(env["BASE_URL"]).port)],
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=[lock],
        )
    os.ftruncate(lock, 0)
    os.write(lock, f"{server.pid}\n".encode())
    os.close(lock)  # the server has it now, until it ends
    ready = wait_for(lambda: "died" if server.poll() is not None else is_ours(env) or None, START_SECONDS)
    if ready is not True:
        fail(f"the server did not start. The end of {LOG_FILE}:\n{LOG_FILE.read_text()[-2000:]}")
    return env


def lock_of_server() -> int | None:
    """Take the lock on the pid file that a running server holds; `None` while one does.

    The kernel lets go of it with the process, so a stale pid file never names a stranger.
    """
    lock = os.open(PID_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def free_port(wanted: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError:
            probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def is_ours(env: Env) -> bool:
    """Whether a Seatrial answers that knows this workspace's token: another one would not."""
    try:
        healthy = call(env, "GET", "/healthz").status == 200
        return healthy and call(env, "GET", "/v1/integrations/builds?limit=1", token=env["APP_TOKEN"]).status == 200
    except (OSError, HTTPException, ValueError):
        return False


def sample_build(env: Env) -> Any:
    """Find a processed build, or one on its way, or upload the sample."""
    for status in ("processed", "pending", "in_progress"):
        query = f"status={status}&sort=createdAt:asc&limit=1"
        found = call(env, "GET", f"/v1/integrations/builds?{query}", token=env["APP_TOKEN"]).data["items"]
        if found:
            return processed(env, found[0]["id"])
    fields = {
        "versionName": "Demo",
        "tags": "demo, sample",
        "changelog": "The sample build of `make demo`.",
        "deployer.name": "make demo",
    }
    body, media_type = form(fields, "build", SAMPLE)
    headers = {"Content-Type": media_type}
    answer = call(env, "POST", "/v1/integrations/builds", token=env["APP_TOKEN"], body=body, headers=headers)
    return processed(env, answer.data["id"])


def processed(env: Env, build_id: str) -> Any:
    def final() -> Any:
        build = call(env, "GET", f"/v1/integrations/builds/{build_id}", token=env["APP_TOKEN"]).data
        return build if build["status"] in {"processed", "error"} else None

    build = wait_for(final, PROCESS_SECONDS)
    if build is None:
        fail(f"the sample build is still not processed after {PROCESS_SECONDS} seconds; see {LOG_FILE}")
    if build["status"] == "error":
        fail(f"the sample build could not be processed: {build['error']}")
    return build


def form(fields: Mapping[str, str], file_field: str, file: Path) -> tuple[bytes, str]:
    boundary = secrets.token_hex(16)
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{file_field}"; filename="{file.name}"\r\n\r\n'
    body = "".join(parts).encode() + head.encode() + file.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


def call(
    env: Env, method: str, path: str, *, token: str = "", body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Answer:
    place = urlsplit(env["BASE_URL"])
    connection = HTTPConnection(place.hostname or HOST, place.port, timeout=30)
    credentials = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        connection.request(method, path, body or None, {**(headers or {}), **credentials})
        response = connection.getresponse()
        return Answer(response.status, json.loads(response.read()))
    finally:
        connection.close()


def wait_for(look: Callable[[], T | None], seconds: float) -> T | None:
    deadline = time.monotonic() + seconds
    while (found := look()) is None and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def report(env: Env, build: str) -> str:
    """Write what there is and what can be done with it."""
    base, app_token, service_token = env["BASE_URL"], env["APP_TOKEN"], env["SERVICE_TOKEN"]
    integrations = f"{base}/v1/integrations/builds"
    workspace = f"{base}/v1/organizations/{env['ORG']}/apps/{env['APP']}/builds"
    as_app, as_service = f"-H 'Authorization: Bearer {app_token}'", f"-H 'Authorization: Bearer {service_token}'"
    if shutil.which("jq"):
        file_id = """jq -r '[.data.files[] | select(.type == "attachment")][-1].id'"""
        token = "jq -r '.data.token'"
    else:
        file_id = r"""sed 's/.*{"id":"\([^"]*\)","type":"attachment".*/\1/'"""
        token = r"""sed 's/.*"token":"\([^"]*\)".*/\1/'"""
    start = {"email": env["EMAIL"], "next": f"/dashboard/{env['ORG']}/apps/{env['APP']}"}
    page = f"{base}/dashboard/login?{urlencode(start)}"
    return f"""
Seatrial is running. Open this in a browser, and sign in with the password {env["PASSWORD"]}

  {page}

Drop an apk or an ipa on the page, then press "Publish": that is all. Whoever likes a shell better finds lines to paste
below.

  Server                 {base}
  Organization           {env["ORG"]}
  App                    {env["APP"]}
  App token              {app_token}
  Service account token  {service_token}
  Owner                  {env["EMAIL"]}, password {env["PASSWORD"]}
  Sample build           {build}

All of this is kept in data/demo.env. The lines below can be pasted as they stand.

# Upload an apk through the Integrations API. Put your own file behind the at sign.
curl '{integrations}' \\
  -X POST \\
  {as_app} \\
  -F {quoted(f"build=@{SAMPLE}")} \\
  -F 'versionName=v2.4.0-rc1' \\
  -F 'tags=staging, sprint-42' \\
  -F 'changelog=Fixed crash on login screen' \\
  -F 'deployer.name=GitHub Actions' \\
  -F 'deployer.info.branch=release/2.4' \\
  -F 'deployer.info.commit=f52ace0'

# Upload an ipa through the Workspace API. Put your own file behind the at sign.
curl '{workspace}' \\
  -X POST \\
  {as_service} \\
  -F {quoted(f"build=@{SAMPLE_IPA}")} \\
  -F 'versionName=v3.1.0' \\
  -F 'changelog=Performance improvements'

# Tell people: who is in group1 and group2, and who is in group3. A moment later the mails are files in data/mails.
curl '{integrations}' \\
  -X POST \\
  {as_app} \\
  -F {quoted(f"build=@{SAMPLE}")} \\
  -F 'notifyEmployees=true' \\
  -F 'notifyMessage=Ready for the evening test' \\
  -F 'notifyLanguage=en' \\
  -F 'filter[0][0]=group1' \\
  -F 'filter[0][1]=group2' \\
  -F 'filter[1][0]=group3'

# Publish the newest build for everybody who has the link, and open its page.
curl '{base}/v1/integrations/distributions' \\
  -X POST \\
  {as_app} \\
  -H 'Content-Type: application/json' \\
  -d '{{"slug": "demo-beta", "visibility": "active", "security": "public", "filter": {{"type": "last"}}}}'
curl -o /tmp/downloaded-page.html '{base}/demo-beta'

# List builds, with filters.
curl '{integrations}?status=processed&os=android&page=1&limit=20' {as_app}
curl '{workspace}?os=ios&sort=createdAt:desc&limit=10' {as_service}

# Show one build and change it.
curl '{integrations}/{build}' {as_app}
curl '{integrations}/{build}' \\
  -X PUT \\
  {as_app} \\
  -H 'Content-Type: application/json' \\
  -d '{{"versionName": "v2.5.0-rc2", "tags": ["staging", "sprint-43"], "changelog": "Fixed crash on settings screen"}}'

# Attach a report.
printf '42 tests, 42 passed\\n' > /tmp/report.txt
curl '{integrations}/{build}/files' \\
  -X POST \\
  {as_app} \\
  -F 'file=@/tmp/report.txt' \\
  -F 'description=Automated test report'

# Download the report: find its id, get a token for it, follow the redirect.
FILE_ID=$(curl -s '{workspace}/{build}' {as_service} | {file_id})
TOKEN=$(curl -s "{workspace}/{build}/downloadToken?fileId=$FILE_ID&type=auto" {as_service} | {token})
curl -L "{base}/v1/download/$TOKEN" -o /tmp/downloaded-report.txt
# A token works once. The second time it is refused with the code 4005.
curl "{base}/v1/download/$TOKEN"

# Download the build itself.
TOKEN=$(curl -s '{workspace}/{build}/downloadToken?type=auto' {as_service} | {token})
curl -L "{base}/v1/download/$TOKEN" -o /tmp/downloaded-build.apk

# In a browser, with the password {env["PASSWORD"]}:
#   {page}

Stop the server with `make demo-stop`, or with: kill $(cat {shlex.quote(str(PID_FILE))})
Its log is {LOG_FILE}. `rm -r data` forgets everything, once it has stopped."""


def quoted(word: str) -> str:
    """Quote a word for the shell even where it needs none: a path put in its place may need quotes."""
    return "'" + word.replace("'", "'\\''") + "'"


def fail(sentence: str) -> NoReturn:
    print(f"demo: {sentence}", file=sys.stderr)
    raise SystemExit(1)


if __name__ == "__main__":
    main()
