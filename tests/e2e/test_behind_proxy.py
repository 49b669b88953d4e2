"""The proxy configurations of the how-to page, run as they stand there: only ports, certificates and paths are ours."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.server import DEMO_APK, DEMO_IPA, PATIENCE_SECONDS, Json, Server, Workspace, environment

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/behind-nginx-or-caddy.md"
NAMES = ("api.example.com", "upload.example.com", "download-api.example.com", "sdk-api.example.com")
API, UPLOADS, DOWNLOADS, SDK = (f"https://{name}" for name in NAMES)
AWAY = {"status": False, "error": {"code": 1503, "message": "Service Unavailable"}}
MANY = 200 << 20

NGINX_AROUND = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; {user}
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/aside/body; proxy_temp_path {folder}/aside/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  include {folder}/site.conf;
}}
"""


def program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed (scripts/test-tools.sh)")
    return found


def block(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return str(found)


def replaced(text: str, **_by_name: str) -> str:
    for old, new in _by_name.items():
        assert old in text, f"the page does not say {old!r} any more"
        text = text.replace(old, new)
    return text


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@dataclass(frozen=True)
class Proxied:
    """A server behind a proxy: `port` is the proxy's, `aside` where it would put what it collects."""

    server: Server
    port: int
    certificate: Path
    aside: Path

    def curl(self, *arguments: object) -> str:
        """Run curl with the public names, as a client that has a resolver would."""
        done = subprocess.run(
            [
                program("curl"),
                "-sS",
                "--cacert",
                self.certificate,
                "--connect-to",
                f"::127.0.0.1:{self.port}",
                *map(str, arguments),
            ],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *arguments: object) -> Json:
        answer: Json = json.loads(self.curl(*arguments))
        return answer

    def bearer(self, token: str | None = None) -> tuple[str, str]:
        return "-H", f"Authorization: Bearer {token or self.server.app_token}"

    def put_aside(self) -> list[Path]:
        return [path for path in self.aside.rglob("*") if path.is_file()]


@contextmanager
def nginx(folder: Path, upstream: int, port: int) -> Iterator[None]:
    site = replaced(
        block("nginx"),
        **{
            "127.0.0.1:8080": f"127.0.0.1:{upstream}",
            "listen 443": f"listen 127.0.0.1:{port}",
            "/etc/ssl/seatrial": str(folder),
            "/srv/seatrial/": f"{folder}/files/",
        },
    )
    (folder / "site.conf").write_text(site)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(NGINX_AROUND.format(folder=folder, user=user))
    with running([program("nginx"), "-e", folder / "nginx.log", "-c", folder / "nginx.conf"], folder, port):
        yield


@contextmanager
def caddy(folder: Path, upstream: int, port: int) -> Iterator[None]:
    site = replaced(
        block("caddy"), **{"127.0.0.1:8080": f"127.0.0.1:{upstream}", "/srv/seatrial": str(folder / "files")}
    )
    names, _, rest = site.partition(" {\n")
    assert tuple(names.split(", ")) == NAMES
    own = f"bind 127.0.0.1\ntls {folder}/fullchain.pem {folder}/privkey.pem\n"
    sites = ", ".join(f"https://{name}:{port}" for name in NAMES)
    (folder / "Caddyfile").write_text("{\nadmin off\nauto_https disable_redirects\n}\n" + f"{sites} {{\n{own}{rest}")
    command: list[str | Path] = [program("caddy"), "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile"]
    with running(command, folder, port):
        yield


@contextmanager
def running(command: list[str | Path], folder: Path, port: int) -> Iterator[None]:
    own = environment() | {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "proxy.out").open("w") as out:
        process = subprocess.Popen(command, env=own, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                assert process.poll() is None, (folder / "proxy.out").read_text()
                assert time.monotonic() < give_up
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


PROXIES = {"nginx": nginx, "caddy": caddy}


@pytest.fixture(scope="module", params=PROXIES)
def proxied(
    request: pytest.FixtureRequest, workspace: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxied]:
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "aside").mkdir()
    alternative = ",".join(f"DNS:{name}" for name in NAMES)
    subprocess.run(
        [program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=api.example.com", "-addext", f"subjectAltName={alternative}",
         "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"],
        check=True,
        capture_output=True,
    )  # fmt: skip
    settings = dict(re.findall(r"`(SEATRIAL_[A-Z]+_URL)=(https://[^`]+)`", PAGE.read_text()))
    assert list(settings.values()) == [API, UPLOADS, DOWNLOADS, SDK]
    handover = dict(re.findall(r"^(SEATRIAL_(?:DOWNLOADS|STORAGE)__[A-Z]+)=(.+)$", PAGE.read_text(), re.MULTILINE))
    assert handover == {
        "SEATRIAL_DOWNLOADS__SENDFILE": "x-accel-redirect",
        "SEATRIAL_STORAGE__DIRECTORY": "/srv/seatrial",
    }
    settings |= handover | {"SEATRIAL_STORAGE__DIRECTORY": str(folder / "files")}
    # The proxy reads files itself, so they are on a disk whatever the database is.
    server = Server(workspace.on_disk().copied_to(folder), folder / "server.log", settings)
    port = free_port()
    try:
        with PROXIES[request.param](folder, server.port, port):
            yield Proxied(server, port, folder / "fullchain.pem", folder / "aside")
    finally:
        server.close()


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_a_build_goes_in_and_its_links_come_out_with_the_public_name(proxied: Proxied, version: str) -> None:
    build = proxied.json(version, *proxied.bearer(), "-F", f"build=@{DEMO_IPA}", f"{UPLOADS}/v1/integrations/builds")[
        "data"
    ]
    processed = proxied.server.wait_for(build["id"])
    assert processed["status"] == "processed"
    assert processed["info"]["icon"].startswith(f"{API}/v1/files/")
    assert {entry["file"]["location"].split("/v1/")[0] for entry in processed["files"]} == {API}


@pytest.mark.parametrize("name", NAMES)
def test_every_name_serves_everything(proxied: Proxied, name: str) -> None:
    answer = proxied.json(*proxied.bearer(), f"https://{name}/v1/integrations/builds?limit=1")
    assert (answer["status"], answer["data"]["limit"]) == (True, 1)


def test_a_download_in_pieces(proxied: Proxied, tmp_path: Path) -> None:
    build = proxied.server.processed(DEMO_APK)
    path = f"{API}{proxied.server.workspace_path()}/builds/{build['id']}/downloadToken"
    token = proxied.json(*proxied.bearer(proxied.server.service_token), path)["data"]["token"]
    location = proxied.curl("-o", tmp_path / "none", "-w", "%{redirect_url}", f"{DOWNLOADS}/v1/download/{token}")
    assert location.startswith(f"{DOWNLOADS}/v1/files/")
    content = DEMO_APK.read_bytes()
    status = proxied.curl("-r", "100-199", "-o", tmp_path / "middle", "-w", "%{http_code}", location)
    assert (status, (tmp_path / "middle").read_bytes()) == ("206", content[100:200])
    proxied.curl("-o", tmp_path / "whole", location)
    assert (tmp_path / "whole").read_bytes() == content


def test_apple_devices_are_led_to_https(proxied: Proxied) -> None:
    token = proxied.server.token(proxied.server.processed(DEMO_IPA)["id"])
    manifest = proxied.curl("-L", f"{DOWNLOADS}/v1/download/{token}")
    assert f"<string>{DOWNLOADS}/v1/files/" in manifest
    assert "http://127" not in manifest


def test_who_asks_before_sending_is_told_to_go_on(proxied: Proxied, tmp_path: Path) -> None:
    headers = tmp_path / "headers"
    proxied.curl(
        "--http1.1", "-H", "Expect: 100-continue", "--expect100-timeout", "60", "-D", headers,
        *proxied.bearer(), "-F", f"build=@{DEMO_APK}", f"{UPLOADS}/v1/integrations/builds",
    )  # fmt: skip
    assert re.findall(r"^HTTP/1.1 (\d+)", headers.read_text(), re.MULTILINE) == ["100", "200"]


def test_an_upload_is_passed_on_while_it_comes(proxied: Proxied) -> None:
    """Half of it is in the server's storage, and nothing at the proxy, before the other half has been sent."""
    begin = b'--b\r\nContent-Disposition: form-data; name="build"; filename="a.bin"\r\n\r\n'
    end = b"\r\n--b--\r\n"
    head = (
        f"POST /v1/integrations/builds HTTP/1.1\r\nHost: {NAMES[1]}\r\nAuthorization: Bearer {proxied.server.app_token}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nConnection: close\r\n"
        f"Content-Length: {len(begin) + MANY + len(end)}\r\n\r\n"
    )
    trust, piece = ssl.create_default_context(cafile=str(proxied.certificate)), bytes(1 << 20)
    blobs = Path(proxied.server.settings["SEATRIAL_STORAGE__DIRECTORY"])
    with (
        socket.create_connection(("127.0.0.1", proxied.port), timeout=PATIENCE_SECONDS) as plain,
        trust.wrap_socket(plain, server_hostname=NAMES[1]) as connection,
    ):
        connection.sendall(head.encode() + begin)
        for _ in range(100):
            connection.sendall(piece)
        give_up = time.monotonic() + PATIENCE_SECONDS
        while sum(path.stat().st_size for path in blobs.rglob("*.part")) < 90 << 20:
            assert time.monotonic() < give_up, "the proxy keeps the upload to itself"
            time.sleep(0.05)
        assert not proxied.put_aside()
        for _ in range(100):
            connection.sendall(piece)
        connection.sendall(end)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert f'"size":{MANY}'.encode() in answer
    assert not proxied.put_aside()


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_a_refused_upload_shows_the_refusal(proxied: Proxied, tmp_path: Path, version: str) -> None:
    sparse = tmp_path / "big.bin"
    with sparse.open("wb") as file:
        file.truncate(10 << 30)
    for _ in range(3):
        said = proxied.curl(
            version, *proxied.bearer("wrong"), "-F", f"build=@{sparse}", "-o", tmp_path / "answer",
            "-w", "%{http_code} %{size_upload}", f"{UPLOADS}/v1/integrations/builds",
        )  # fmt: skip
        status, sent = map(int, said.split())
        assert status == 401
        assert sent < 256 << 20
        refusal = json.loads((tmp_path / "answer").read_text())
        assert refusal == {"status": False, "error": {"code": 4004, "message": "Invalid Token"}}
    assert not proxied.put_aside()


def test_a_client_does_not_say_itself_who_it_is(proxied: Proxied) -> None:
    proxied.json("-H", "X-Forwarded-For: 203.0.113.66", "-A", "pretender", f"{API}/v1/integrations/builds")
    assert clients(proxied.server, "pretender") == ["127.0.0.1"]


def test_a_server_that_is_away_is_told_in_json(proxied: Proxied, tmp_path: Path) -> None:
    proxied.server.stop()
    try:
        said = proxied.curl("-o", tmp_path / "answer", "-D", tmp_path / "head", "-w", "%{http_code}", f"{API}/healthz")
    finally:
        proxied.server.start()
    assert said == "503"
    assert json.loads((tmp_path / "answer").read_text()) == AWAY
    head = (tmp_path / "head").read_text().lower()
    assert "content-type: application/json" in head
    assert "retry-after: 5" in head


def clients(server: Server, agent: str) -> list[str]:
    """Read who asked under a name, once the log has it: its line is written behind the answer."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
        found = [line["client"] for line in lines if line.get("agent") == agent]
        if found:
            return found
        assert time.monotonic() < give_up
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("trusted", "scheme", "client"),
    [
        (None, "https", "203.0.113.7"),
        ('["127.0.0.1"]', "https", "203.0.113.7"),
        ('["127.0.0.0/8"]', "https", "203.0.113.7"),
        ('["10.0.0.5"]', "http", "127.0.0.1"),
        ("[]", "http", "127.0.0.1"),
    ],
)
def test_whom_the_server_believes(start_server: StartServer, trusted: str | None, scheme: str, client: str) -> None:
    own = start_server({} if trusted is None else {"SEATRIAL_TRUSTED_PROXIES": trusted})
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7", "User-Agent": "teller"}
    build = own.ci.get(f"/builds/{own.processed()['id']}", headers=said).json()["data"]
    assert build["info"]["icon"].startswith(f"{scheme}://127.0.0.1:{own.port}/")
    assert clients(own, "teller") == [client]
