"""The doctor at one healthy server and at many broken ones: each is found by its name, with what to do.

The street is real: an nginx with one door for each bad habit that a proxy can have.
"""

import ast
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner

from seatrial.bootstrap import doctor as bootstrap_doctor
from seatrial.cli import doctor as cli_doctor
from seatrial.cli.main import app
from seatrial.services import doctor_house, doctor_street
from tests.e2e.pages import signed_in
from tests.said_names import unknown_commands, unknown_settings
from tests.server import PATIENCE_SECONDS, Server, Workspace, environment, rows
from tests.smtp import PASSWORD, USER, Post, certificate, serving, with_password

Found = dict[str, dict[str, str]]
Signed = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]
GOOD = """
    client_max_body_size 0;
    location / {
      proxy_pass http://127.0.0.1:UPSTREAM;
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-For $remote_addr;
    }
"""
DOORS = {
    "good": GOOD,
    "small": GOOD.replace("size 0", "size 100m"),
    "collecting": GOOD.replace("buffering off", "buffering on"),
    "silent": GOOD.replace("proxy_set_header X-Forwarded-Proto $scheme;", ""),
    "unheard": GOOD.replace("$scheme", '"nonsense"'),
    "whole": GOOD.replace("proxy_http", 'proxy_set_header Range "";\n      proxy_http'),
    "retyping": GOOD + 'location ~ plist$ { default_type text/plain; return 200 "<plist/>"; }',
    "stranger": 'location / { return 200 "{}"; }',
    "open": GOOD.replace("X-Forwarded-For $remote_addr", 'X-Forwarded-For ""').replace("Host $host", "Host 127.0.0.1")
    .replace("X-Forwarded-Proto $scheme", 'X-Forwarded-Proto ""'),
    "expired": GOOD,
    "soon": GOOD,
    "misnamed": GOOD,
    "self_signed": GOOD,
    "headless": GOOD,
}  # fmt: skip
NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; {user}
events {{ }}
http {{
  access_log off; default_type application/octet-stream;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {servers}
}}
"""


def certified(name: str, issuer: Signed | None, *, days: tuple[int, int] = (-60, 60), is_ca: bool = False) -> Signed:
    """Make a certificate: by an issuer, or its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(issuer[1] if issuer else key, hashes.SHA256())
    )
    return made, key


def write_certificate(folder: Path, name: str, own: Signed, *chain: Signed) -> None:
    pem = b"".join(one[0].public_bytes(serialization.Encoding.PEM) for one in (own, *chain))
    (folder / f"{name}.pem").write_bytes(pem)
    key = own[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / f"{name}.key").write_bytes(key)


def write_certificates(folder: Path) -> None:
    root = certified("A root", None, days=(-900, 900), is_ca=True)
    middle = certified("An authority", root, days=(-900, 900), is_ca=True)
    write_certificate(folder, "root", root)
    for door in DOORS:
        write_certificate(folder, door, certified("localhost", middle), middle)
    write_certificate(folder, "expired", certified("localhost", middle, days=(-90, -1)), middle)
    write_certificate(folder, "soon", certified("localhost", middle, days=(-80, 9)), middle)
    write_certificate(folder, "misnamed", certified("other.example.com", middle), middle)
    write_certificate(folder, "self_signed", certified("localhost", None))
    write_certificate(folder, "headless", certified("localhost", middle))


@dataclass(frozen=True)
class Street:
    workspace: Workspace
    server: Server
    ports: Mapping[str, int]
    trusted: Path

    def on_disk(self) -> dict[str, str]:
        """Give the server's settings without those of a bucket: its disk is looked at then."""
        return {name: said for name, said in self.server.settings.items() if not name.startswith("SEATRIAL_STORAGE__")}

    def examine(self, door: str) -> tuple[int, Found]:
        settings = self.server.settings | {"SSL_CERT_FILE": str(self.trusted)}
        return examine(self.server.data_dir, settings, "--url", f"https://localhost:{self.ports[door]}")


def examine(data_dir: Path, settings: Mapping[str, str] | None = None, *arguments: str) -> tuple[int, Found]:
    """Run the doctor; gives its exit and, by name, the worst of what it found."""
    command = ["doctor", "--data-dir", str(data_dir), "--json", *arguments]
    done = CliRunner().invoke(app, command, env=dict(settings or {}), catch_exceptions=False)
    findings = json.loads(done.stdout)
    found: Found = {}
    for one in findings:
        assert one["says"].endswith(".")
        assert bool(one["fix"]) == (one["level"] != "ok")
        assert not [*unknown_settings(one["fix"]), *unknown_commands(one["fix"])], one
        if one["name"] not in found or one["level"] != "ok":
            found[one["name"]] = one
    assert done.exit_code == (1 if any(one["level"] == "error" for one in findings) else 0)
    return done.exit_code, found


def free_ports(count: int) -> list[int]:
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in taken]
    for one in taken:
        one.close()
    return ports


@pytest.fixture(scope="module")
def street(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        pytest.skip("nginx is not installed (scripts/test-tools.sh)")
    folder = tmp_path_factory.mktemp("street")
    write_certificates(folder)
    server = Server(workspace.copied_to(folder), folder / "server.log", {"SEATRIAL_LIMITS__REFUSED_SECONDS": "0.2"})
    ports = dict(zip(DOORS, free_ports(len(DOORS)), strict=True))
    servers = "\n".join(
        f"server {{ listen 127.0.0.1:{ports[door]} ssl; ssl_certificate {folder}/{door}.pem;"
        f" ssl_certificate_key {folder}/{door}.key; {rules.replace('UPSTREAM', str(server.port))} }}"
        for door, rules in DOORS.items()
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, user=user, servers=servers))
    process = subprocess.Popen(
        [nginx, "-e", folder / "nginx.log", "-c", folder / "nginx.conf"], env=environment(), stdin=subprocess.DEVNULL
    )
    try:
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", ports["good"])).close()
                break
            except ConnectionRefusedError:
                assert process.poll() is None, (folder / "nginx.log").read_text()
                assert time.monotonic() < give_up
                time.sleep(0.05)
        yield Street(workspace, server, ports, folder / "root.pem")
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
        server.close()


def test_a_healthy_server_has_nothing_wrong_and_is_left_as_it_was(street: Street) -> None:
    builds = street.server.ci.get("/builds").json()["data"]["totalDocs"]
    code, found = street.examine("good")
    assert code == 0, found
    assert {one["name"] for one in found.values() if one["level"] != "ok"} == {"mail"}
    assert set(found) >= {
        "data_dir", "keys", "disk", "disk_write", "storage", "database", "migrations", "workers", "public_url", "tls",
        "proxy_headers", "upload_buffering", "body_limit", "manifest", "range", "download_buffering", "clock",
    }  # fmt: skip
    assert street.server.ci.get("/builds").json()["data"]["totalDocs"] == builds
    assert not list((street.server.data_dir / "blobs").rglob("doctor*"))


@pytest.mark.parametrize(
    ("door", "name", "level", "fix"),
    [
        ("small", "body_limit", "error", "client_max_body_size 0"),
        ("collecting", "upload_buffering", "warning", "proxy_request_buffering off"),
        ("silent", "proxy_headers", "error", "X-Forwarded-Proto $scheme"),
        ("unheard", "proxy_headers", "error", "SEATRIAL_TRUSTED_PROXIES"),
        ("whole", "range", "error", "Range"),
        ("retyping", "manifest", "error", "plist"),
        ("stranger", "public_url", "error", "lead to this server"),
        ("open", "metrics", "error", "X-Forwarded-For"),
        ("expired", "tls", "error", "Renew"),
        ("soon", "tls", "warning", "renewed"),
        ("misnamed", "tls", "error", "SEATRIAL_PUBLIC_URL"),
        ("self_signed", "tls", "error", "authority"),
        ("headless", "tls", "error", "fullchain.pem"),
    ],
)
def test_what_is_wrong_with_the_street_is_found(street: Street, door: str, name: str, level: str, fix: str) -> None:
    code, found = street.examine(door)
    assert found[name]["level"] == level, found
    assert fix in found[name]["fix"]
    assert code == (1 if level == "error" or door == "open" else 0)
    others = {one["name"] for one in found.values() if one["level"] == "error"} - {name}
    assert others <= ({"proxy_headers"} if door == "open" else set()), found


def copied(street: Street, folder: Path) -> Workspace:
    """Give the folder and the database of a server that does not run, with files on the disk: to be broken."""
    idle = street.workspace.on_disk().copied_to(folder)
    shutil.copytree(street.server.data_dir / "keys", idle.data_dir / "keys", dirs_exist_ok=True)
    (idle.data_dir / "blobs").mkdir(exist_ok=True)
    return idle


def test_what_is_wrong_inside_is_found(street: Street, tmp_path: Path) -> None:
    """Everything that can be broken in one folder at once; each has its own finding."""
    idle = copied(street, tmp_path)
    data_dir = idle.data_dir
    _, before = examine(data_dir, idle.settings)
    assert {name for name, one in before.items() if one["level"] == "error"} == {"workers"}, before
    assert before["public_url"]["fix"].startswith("Set SEATRIAL_PUBLIC_URL")
    data_dir.chmod(0o755)
    (data_dir / "keys/url-signing").chmod(0o644)
    (data_dir / "keys/encryption").unlink()
    (data_dir / "seatrial.toml").write_text('log_level = "INFO"\n')
    (data_dir / "seatrial.toml").chmod(0o644)
    shutil.rmtree(data_dir / "blobs")
    rows(data_dir, idle.database_url, "UPDATE schema_version SET version_num = '0007'")
    closed = free_ports(1)[0]
    _, found = examine(
        data_dir,
        idle.settings | {
            "SEATRIAL_PUBLIC_URL": f"http://127.0.0.1:{closed}",
            "SEATRIAL_MAIL__HOST": "127.0.0.1", "SEATRIAL_MAIL__PORT": str(closed),
            "SEATRIAL_MAIL__SENDER": "builds@example.com", "SEATRIAL_BUNDLETOOL__JAR": str(tmp_path / "none.jar"),
        },
    )  # fmt: skip
    for name, level, fix in (
        ("data_dir", "warning", "chmod 700"),
        ("keys", "error", "backup"),
        ("settings_file", "warning", "chmod 600"),
        ("storage", "error", "folder"),
        ("migrations", "error", "seatrial migrate"),
        ("public_url", "error", "run"),
        ("tls", "warning", "certificate"),
        ("mail", "error", "SEATRIAL_MAIL__HOST"),
        ("bundletool", "error", "SEATRIAL_BUNDLETOOL__JAR"),
    ):
        assert (found[name]["level"], fix in found[name]["fix"]) == (level, True), found[name]


@pytest.mark.parametrize(
    ("settings", "name", "fix"),
    [
        ({"SEATRIAL_STORAGE__RESERVE": "999TiB"}, "disk", "SEATRIAL_STORAGE__RESERVE"),
        ({"SEATRIAL_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, "database", "SEATRIAL_DATABASE_URL"),
        ({"SEATRIAL_DATABASE_URL": "oracle://x"}, "database", "SEATRIAL_DATABASE_URL"),
        ({"SEATRIAL_WORKER__CONCURRENCY": "many"}, "settings", "settings.md"),
    ],
)
def test_a_setting_that_breaks_things_is_found(street: Street, settings: dict[str, str], name: str, fix: str) -> None:
    code, found = examine(street.server.data_dir, street.on_disk() | settings)
    assert code == 1
    assert found[name]["level"] == "error"
    assert fix in found[name]["fix"]


def test_a_folder_that_is_not_there_is_said_and_not_made(tmp_path: Path) -> None:
    code, found = examine(tmp_path / "nothing")
    assert code == 1
    assert found["data_dir"]["level"] == "error"
    assert not (tmp_path / "nothing").exists()


def test_jobs_that_nobody_takes_are_found(street: Street, tmp_path: Path) -> None:
    idle = Server(copied(street, tmp_path), tmp_path / "idle.log", arguments=["--no-worker"])
    try:
        idle.upload()
        idle.write("UPDATE workflow_status SET created_at = created_at - 3600000 WHERE status = 'ENQUEUED'")
        _, found = examine(idle.data_dir, idle.settings)
    finally:
        idle.close()
    assert found["workers"]["level"] == "error"
    assert "seatrial worker" in found["workers"]["fix"]
    assert found["queue"]["level"] == "error"
    assert "60 minutes" in found["queue"]["says"]


def test_the_mail_server_is_asked_and_gets_no_mail(street: Street, tmp_path: Path) -> None:
    post, (context, pem) = Post(), certificate(tmp_path)
    with serving(post, tls_context=context, authenticator=with_password, auth_required=True) as port:
        settings = street.server.settings | {
            "SEATRIAL_MAIL__HOST": "127.0.0.1", "SEATRIAL_MAIL__PORT": str(port), "SEATRIAL_MAIL__USER": USER,
            "SEATRIAL_MAIL__SENDER": "builds@example.com", "SEATRIAL_MAIL__CA_FILE": str(pem),
        }  # fmt: skip
        _, found = examine(street.server.data_dir, settings | {"SEATRIAL_MAIL__PASSWORD": PASSWORD})
        assert found["mail"]["level"] == "ok", found["mail"]
        _, found = examine(street.server.data_dir, settings | {"SEATRIAL_MAIL__PASSWORD": "another"})
        assert found["mail"]["level"] == "error"
        assert "SEATRIAL_MAIL__" in found["mail"]["fix"]
        assert not post.taken


def test_whatever_the_doctor_may_say_to_do_can_be_done() -> None:
    """Also of what no test can break here."""
    for module in (doctor_house, doctor_street, bootstrap_doctor, cli_doctor):
        tree = ast.parse(Path(str(module.__file__)).read_text())
        said = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        for text in said:
            assert not [*unknown_settings(text), *unknown_commands(text)], text


def test_nobody_else_is_answered_as_the_doctor(server: Server) -> None:
    for query in ("", "?nonce=a&expires=9999999999&signature=x", "?nonce=&expires=%F0&signature="):
        assert server.anyone.get(f"/v1/doctor/hello{query}").status_code == 404
        assert server.anyone.post(f"/v1/doctor/upload{query}", content=b"x" * 100).status_code == 404


def test_the_system_page_shows_the_same_to_who_may_know(street: Street) -> None:
    slug = street.server.organization["slug"]
    admin = signed_in(street.server, "admin", "doctors-friend")
    seen = admin.send(admin.open(f"/dashboard/{slug}/system"), "Check now")
    assert seen.status == 200
    assert "The storage took a file, gave it back and forgot it." in seen.text
    assert "Set SEATRIAL_PUBLIC_URL to the address that people use." in seen.text
    admin.language = "es"
    seen = admin.send(admin.open(f"/dashboard/{slug}/system"), "Revisar ahora")
    assert "El almacenamiento ha aceptado un archivo, lo ha devuelto y lo ha borrado." in seen.text
    assert "Define SEATRIAL_PUBLIC_URL con la dirección que usa la gente." in seen.text
    assert "The " not in seen.text.partition("Procesos")[0]
    viewer = signed_in(street.server, "viewer", "doctors-stranger")
    assert viewer.open(f"/dashboard/{slug}/system").status == 403


def test_for_people_it_is_one_line_each_with_what_to_do(street: Street) -> None:
    command = ["doctor", "--data-dir", str(street.server.data_dir), "--url", street.server.base_url]
    done = CliRunner().invoke(app, command, env=street.server.settings, catch_exceptions=False)
    assert done.exit_code == 0
    assert re.search(r"^ok +storage +The storage took a file", done.stdout, re.MULTILINE)
    assert re.search(
        r"^warning +mail +No mail server is set: mails are kept\.\n +Set SEATRIAL_MAIL__HOST", done.stdout, re.MULTILINE
    )
